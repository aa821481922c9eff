/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a block. What surely fits into it comes in the order of its arrival. Which that is, and
 * what is tried afterwards, goes by claim, so that nobody waits behind what strangers pile up for
 * nothing: the node's own, more tip, standing in the state, less weight of the sender's in this
 * block, earlier arrival. */
#include <stdlib.h>

#include "chain/pool_priv.h"

struct filling {
    const struct pool_room *room;
    struct pool_sender **turn; /* heap of senders with a next one, the first to be taken is [0] */
    size_t n_turn;
    size_t n;
    size_t bytes;
    uint64_t gas;
    bool sure; /* all up to here fit, whatever gas they use */
    size_t n_sure;
    struct pool_tx **out;
};

static bool before(const struct filling *f, const struct pool_sender *a,
                   const struct pool_sender *b)
{
    const struct pool_tx *ta = a->tx[a->at];
    const struct pool_tx *tb = b->tx[b->at];
    u256 tip_a;
    u256 tip_b;
    if (a->local != b->local)
        return a->local;
    (void)pool_tip(ta->tx.max_fee, ta->tx.max_priority, f->room->base_fee, &tip_a);
    (void)pool_tip(tb->tx.max_fee, tb->tx.max_priority, f->room->base_fee, &tip_b);
    int c = u256_cmp(tip_a, tip_b);
    if (c != 0)
        return c > 0;
    unsigned class_a = pool_class(a->standing, a->took + ta->weight);
    unsigned class_b = pool_class(b->standing, b->took + tb->weight);
    if (class_a != class_b)
        return class_a > class_b;
    if (a->took + ta->weight != b->took + tb->weight)
        return a->took + ta->weight < b->took + tb->weight;
    return ta->seq < tb->seq;
}

static void down(struct filling *f, size_t i)
{
    struct pool_sender *s = f->turn[i];
    for (size_t c = 2 * i + 1; c < f->n_turn; i = c, c = 2 * i + 1) {
        if (c + 1 < f->n_turn && before(f, f->turn[c + 1], f->turn[c]))
            c++;
        if (!before(f, f->turn[c], s))
            break;
        f->turn[i] = f->turn[c];
    }
    f->turn[i] = s;
}

/* May the sender's next one be taken? */
static bool has_next(const struct filling *f, const struct pool_sender *s)
{
    return s->at < s->n_ready && !s->tx[s->at]->taken &&
           u256_cmp(s->tx[s->at]->tx.max_fee, f->room->base_fee) >= 0;
}

static void line_up(struct filling *f, const struct pool *p)
{
    for (size_t i = 0; i < p->n_senders; i++) {
        struct pool_sender *s = p->heap[i];
        s->at = 0;
        s->took = 0;
        s->turn = 0;
        if (has_next(f, s))
            f->turn[f->n_turn++] = s;
    }
    for (size_t i = f->n_turn / 2; i-- > 0;)
        down(f, i);
}

static void take(struct filling *f, struct pool_tx *t)
{
    struct pool_sender *s = t->sender;
    t->taken = true;
    s->turn = t->seq > s->turn ? t->seq : s->turn;
    t->turn = s->turn;
    s->took += t->weight;
    s->at++;
    f->bytes -= t->raw.n;
    f->out[f->n++] = t;
    f->sure = f->sure && t->tx.gas <= f->gas;
    if (f->sure) {
        f->gas -= t->tx.gas;
        f->n_sure = f->n;
    }
}

/* A sender's own are in the order of their nonces: one that came early waits for those before it.
 */
static int by_turn(const void *a, const void *b)
{
    const struct pool_tx *x = *(struct pool_tx *const *)a;
    const struct pool_tx *y = *(struct pool_tx *const *)b;
    if (x->turn != y->turn)
        return x->turn < y->turn ? -1 : 1;
    return x->tx.nonce < y->tx.nonce ? -1 : x->tx.nonce > y->tx.nonce;
}

size_t pool_take(struct pool *p, const struct pool_room *room, struct pool_tx **out)
{
    struct filling f = {.room = room,
                        .turn = p->turn,
                        .bytes = room->bytes,
                        .gas = room->gas,
                        .sure = true,
                        .out = out};
    line_up(&f, p);
    while (f.n_turn > 0 && f.n < room->txs) {
        struct pool_sender *s = f.turn[0];
        bool fits = s->tx[s->at]->raw.n <= f.bytes;
        if (fits) {
            take(&f, s->tx[s->at]);
            pool_rank_changed(p, s);
        }
        if (!fits || !has_next(&f, s))
            f.turn[0] = f.turn[--f.n_turn];
        if (f.n_turn > 0)
            down(&f, 0);
    }
    if (f.n_sure > 1)
        qsort(out, f.n_sure, sizeof *out, by_turn);
    return f.n;
}

void pool_untake(struct pool *p, struct pool_tx *const *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        t[i]->taken = false;
        pool_rank_changed(p, t[i]->sender);
    }
}
