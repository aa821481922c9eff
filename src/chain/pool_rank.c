/* SPDX-License-Identifier: Apache-2.0 */
/* Who has to give way when the pool is full: a heap of senders by the claim of their last
 * transaction, which is the one to go, so that nothing else of theirs falls behind a gap.
 *
 * From the least claim to the greatest: behind a gap; below the base fee; less tip; no standing in
 * the state; more weight of the sender's; later arrival. What is taken by the block that is being
 * made cannot go, so whoever's last one it is comes after all others, but for the node's own, which
 * gives way to nobody. Price comes before standing as in every pool; on a chain where everything is
 * free it decides nothing, and whoever has or had something on the chain stands before senders that
 * anybody can make up.
 *
 * The heap is put in order when the pool is full for the first time after a change of the base fee,
 * and kept so at O(log n) a change; a pool that is never full pays nothing. */
#include "chain/pool_priv.h"

#define WEIGHT_BYTES 4096u /* caps: 256 MiB / 65,536 */
#define WEIGHT_GAS (1u << 20)
#define SHARE 16u /* what an account that exists has a claim to, as geth's AccountSlots */

uint32_t pool_weight(const struct tx *t, size_t bytes)
{
    uint64_t gas = t->gas / WEIGHT_GAS;
    return (uint32_t)(1 + bytes / WEIGHT_BYTES + (gas < UINT16_MAX ? gas : UINT16_MAX));
}

bool pool_tip(u256 max_fee, u256 max_priority, u256 base_fee, u256 *ret)
{
    if (!u256_sub(max_fee, base_fee, ret)) {
        *ret = u256_from_u64(0);
        return false;
    }
    if (u256_cmp(max_priority, *ret) < 0)
        *ret = max_priority;
    return true;
}

unsigned pool_class(enum pool_standing standing, uint64_t weight)
{
    return standing == POOL_FUNDED ? 2 : standing == POOL_KNOWN && weight <= SHARE ? 1 : 0;
}

/* < 0: a's price is below b's. */
static int price_cmp(const struct pool *p, const struct pool_tx *a, const struct pool_tx *b)
{
    u256 tip_a;
    u256 tip_b;
    bool pays_a = pool_tip(a->low_fee, a->low_tip, p->base_fee, &tip_a);
    bool pays_b = pool_tip(b->low_fee, b->low_tip, p->base_fee, &tip_b);
    return pays_a != pays_b ? pays_a - pays_b : u256_cmp(tip_a, tip_b);
}

/* Has a to give way before b? A sender without transactions has just been made, or goes. */
static bool before(const struct pool *p, const struct pool_sender *a, const struct pool_sender *b)
{
    if (a->local != b->local)
        return b->local;
    if (a->n == 0 || b->n == 0)
        return a->n > b->n;
    const struct pool_tx *ta = a->tx[a->n - 1];
    const struct pool_tx *tb = b->tx[b->n - 1];
    if (ta->taken != tb->taken)
        return tb->taken;
    if ((a->n > a->n_ready) != (b->n > b->n_ready))
        return a->n > a->n_ready;
    int c = price_cmp(p, ta, tb);
    if (c != 0)
        return c < 0;
    unsigned class_a = pool_class(a->standing, a->weight);
    unsigned class_b = pool_class(b->standing, b->weight);
    if (class_a != class_b)
        return class_a < class_b;
    return a->weight != b->weight ? a->weight > b->weight : ta->seq > tb->seq;
}

/* --- the heap -------------------------------------------------------------------------------- */

static void set(struct pool *p, size_t i, struct pool_sender *s)
{
    p->heap[i] = s;
    s->place = i;
}

static void up(struct pool *p, size_t i)
{
    struct pool_sender *s = p->heap[i];
    for (; i > 0 && before(p, s, p->heap[(i - 1) / 2]); i = (i - 1) / 2)
        set(p, i, p->heap[(i - 1) / 2]);
    set(p, i, s);
}

static void down(struct pool *p, size_t i)
{
    struct pool_sender *s = p->heap[i];
    for (size_t c = 2 * i + 1; c < p->n_senders; i = c, c = 2 * i + 1) {
        if (c + 1 < p->n_senders && before(p, p->heap[c + 1], p->heap[c]))
            c++;
        if (!before(p, p->heap[c], s))
            break;
        set(p, i, p->heap[c]);
    }
    set(p, i, s);
}

void pool_rank_changed(struct pool *p, struct pool_sender *s)
{
    if (!p->in_order)
        return;
    up(p, s->place);
    down(p, s->place);
}

void pool_rank_add(struct pool *p, struct pool_sender *s)
{
    set(p, p->n_senders++, s);
    pool_rank_changed(p, s);
}

void pool_rank_remove(struct pool *p, struct pool_sender *s)
{
    struct pool_sender *last = p->heap[--p->n_senders];
    if (last == s)
        return;
    set(p, s->place, last);
    pool_rank_changed(p, last);
}

struct pool_sender *pool_rank_last(struct pool *p)
{
    for (size_t i = p->n_senders / 2; !p->in_order && i-- > 0;)
        down(p, i);
    p->in_order = true;
    return p->n_senders > 0 ? p->heap[0] : NULL;
}

void pool_set_base_fee(struct pool *p, u256 base_fee)
{
    if (u256_eq(p->base_fee, base_fee))
        return;
    p->base_fee = base_fee;
    p->in_order = false;
}
