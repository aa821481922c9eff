/* SPDX-License-Identifier: Apache-2.0 */
/* What waits: a list of arrivals, and per sender an array by nonce. */
#include <stdlib.h>

#include "chain/pool_priv.h"

#define REPLACE_PERCENT 110u /* as geth: both fees by a tenth at least */

void pool_init(struct pool *p, const struct pool_caps *caps, uint64_t seed)
{
    *p = (struct pool){.caps = *caps, .seed = seed};
}

/* --- senders --------------------------------------------------------------------------------- */

/* Where a transaction of this nonce is, or would be. */
static size_t nonce_place(const struct pool_sender *s, uint64_t nonce)
{
    size_t lo = 0;
    size_t hi = s->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->tx[mid]->tx.nonce < nonce)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void count_ready(struct pool *p, struct pool_sender *s)
{
    size_t n = s->n_ready < s->n ? s->n_ready : s->n;
    while (n > 0 && s->tx[n - 1]->tx.nonce != s->nonce + (n - 1))
        n--;
    while (n < s->n && s->tx[n]->tx.nonce == s->nonce + n)
        n++;
    p->n_ready = p->n_ready - s->n_ready + n;
    s->n_ready = n;
}

bool pool_is_ready(const struct pool_tx *t)
{
    return t->tx.nonce < t->sender->nonce + t->sender->n_ready;
}

/* The least fees from the at-th on, up to where they stay as they were. */
static void count_low(struct pool_sender *s, size_t at)
{
    for (size_t i = at; i < s->n; i++) {
        struct pool_tx *t = s->tx[i];
        u256 fee = t->tx.max_fee;
        u256 tip = t->tx.max_priority;
        if (i > 0 && u256_cmp(s->tx[i - 1]->low_fee, fee) < 0)
            fee = s->tx[i - 1]->low_fee;
        if (i > 0 && u256_cmp(s->tx[i - 1]->low_tip, tip) < 0)
            tip = s->tx[i - 1]->low_tip;
        if (i > at && u256_eq(fee, t->low_fee) && u256_eq(tip, t->low_tip))
            return;
        t->low_fee = fee;
        t->low_tip = tip;
    }
}

static status sender_insert(struct pool_sender *s, size_t at, struct pool_tx *t)
{
    if (s->n == s->max) {
        size_t max = s->max > 0 ? 2 * s->max : 4;
        struct pool_tx **p = reallocarray(s->tx, max, sizeof(struct pool_tx *));
        if (p == NULL)
            return E_NOMEM;
        s->tx = p;
        s->max = max;
    }
    memmove(s->tx + at + 1, s->tx + at, (s->n - at) * sizeof *s->tx);
    s->tx[at] = t;
    s->n++;
    return OK;
}

/* --- taking out ------------------------------------------------------------------------------ */

static void unlink_tx(struct pool *p, struct pool_tx *t)
{
    *(t->prev != NULL ? &t->prev->next : &p->first) = t->next;
    *(t->next != NULL ? &t->next->prev : &p->last) = t->prev;
}

/* All but its place in the sender's array. */
static void forget(struct pool *p, struct pool_tx *t)
{
    pool_table_remove(p, t);
    unlink_tx(p, t);
    (void)u256_sub(t->sender->cost, t->cost, &t->sender->cost);
    t->sender->weight -= t->weight;
    p->n--;
    p->bytes -= t->raw.n;
    free(t);
}

/* Transactions of s went, the first of them before the at-th that is now there. */
static void settle(struct pool *p, struct pool_sender *s, size_t at)
{
    count_ready(p, s);
    count_low(s, at);
    if (s->n == 0)
        pool_sender_drop(p, s);
    else
        pool_rank_changed(p, s);
}

void pool_remove(struct pool *p, struct pool_tx *t)
{
    struct pool_sender *s = t->sender;
    size_t at = nonce_place(s, t->tx.nonce);
    memmove(s->tx + at, s->tx + at + 1, (s->n - at - 1) * sizeof *s->tx);
    s->n--;
    forget(p, t);
    settle(p, s, at);
}

/* False: one of those below it is taken; who made the block still holds it, and will tell the
 * nonce. */
static bool set_nonce(struct pool *p, struct pool_sender *s, uint64_t nonce)
{
    size_t n = nonce_place(s, nonce);
    for (size_t i = 0; i < n; i++)
        if (s->tx[i]->taken)
            return false;
    for (size_t i = 0; i < n; i++)
        forget(p, s->tx[i]);
    memmove(s->tx, s->tx + n, (s->n - n) * sizeof *s->tx);
    s->n -= n;
    s->nonce = nonce;
    p->n_ready -= s->n_ready;
    s->n_ready = 0;
    return true;
}

static enum pool_standing standing_of(bool exists, u256 balance)
{
    return !u256_is_zero(balance) ? POOL_FUNDED : exists ? POOL_KNOWN : POOL_STRANGER;
}

void pool_set_account(struct pool *p, const addr20 *a, bool exists, uint64_t nonce, u256 balance)
{
    struct pool_sender *s = pool_sender_find(p, a);
    if (s == NULL || (s->nonce != nonce && !set_nonce(p, s, nonce)))
        return;
    s->standing = standing_of(exists, balance);
    while (s->n > 0 && !s->tx[s->n - 1]->taken && u256_cmp(s->cost, balance) > 0)
        forget(p, s->tx[--s->n]);
    settle(p, s, 0);
}

void pool_expire(struct pool *p, uint64_t before_s)
{
    struct pool_tx *next;
    for (struct pool_tx *t = p->first; t != NULL && t->since_s < before_s; t = next) {
        next = t->next;
        bool pays = u256_cmp(t->tx.max_fee, p->base_fee) >= 0;
        if (!t->taken && (!pool_is_ready(t) || !pays))
            pool_remove(p, t);
    }
}

void pool_done(struct pool *p)
{
    struct pool_tx *next;
    for (struct pool_tx *t = p->first; t != NULL; t = next) {
        next = t->next;
        free(t);
    }
    for (size_t i = 0; i < p->senders_max; i++)
        if (p->senders[i] != NULL) {
            free(p->senders[i]->tx);
            free(p->senders[i]);
        }
    free(p->by_hash);
    free(p->senders);
    free(p->heap);
    free(p->turn);
    *p = (struct pool){.caps = p->caps, .seed = p->seed, .base_fee = p->base_fee, .seq = p->seq};
}

/* --- putting in ------------------------------------------------------------------------------ */

static bool beats(u256 old, u256 now)
{
    u256 want;
    u256 hundredfold;
    if (u256_cmp(now, old) <= 0)
        return false;
    if (!u256_mul_u64(old, REPLACE_PERCENT, &want) || !u256_mul_u64(now, 100, &hundredfold))
        return false;
    return u256_cmp(hundredfold, want) >= 0;
}

static status no_funds(const struct pool_offer *o, u256 queued, struct err *reterr)
{
    char balance[U256_DEC_MAX];
    char waits[U256_DEC_MAX];
    char cost[U256_DEC_MAX];
    char over[U256_DEC_MAX];
    u256 all;
    u256 missing;
    (void)u256_add(queued, o->cost, &all);
    (void)u256_sub(all, o->balance, &missing);
    (void)u256_dec(o->balance, balance);
    (void)u256_dec(queued, waits);
    (void)u256_dec(o->cost, cost);
    (void)u256_dec(missing, over);
    if (u256_is_zero(queued))
        return ERR(reterr, E_FORBIDDEN,
                   "insufficient funds for gas * price + value: balance %s, tx cost %s, "
                   "overshot %s",
                   balance, cost, over);
    return ERR(reterr, E_FORBIDDEN,
               "insufficient funds for gas * price + value: balance %s, queued cost %s, "
               "tx cost %s, overshot %s",
               balance, waits, cost, over);
}

static status check_funds(const struct pool_offer *o, const struct pool_sender *s,
                          const struct pool_tx *old, struct err *reterr)
{
    u256 queued = s != NULL ? s->cost : u256_from_u64(0);
    u256 all;
    if (old != NULL)
        (void)u256_sub(queued, old->cost, &queued);
    if (!u256_add(queued, o->cost, &all) || u256_cmp(all, o->balance) > 0)
        return no_funds(o, queued, reterr);
    return OK;
}

/* The sender's own share. */
static status check_share(const struct pool *p, const struct pool_offer *o,
                          const struct pool_sender *s, struct err *reterr)
{
    if (o->raw.n > p->caps.bytes)
        return ERR(reterr, E_RATE, "txpool is full");
    if (s != NULL && s->n >= p->caps.per_sender)
        return ERR(reterr, E_RATE, "account limit exceeded");
    if (o->tx->nonce > (s != NULL ? s->nonce + s->n_ready : o->nonce) &&
        (s != NULL ? s->n - s->n_ready : 0) >= p->caps.queued)
        return ERR(reterr, E_RATE, "account limit exceeded: too many queued transactions");
    return OK;
}

static status check(const struct pool *p, const struct pool_offer *o, const struct pool_sender *s,
                    struct pool_tx **ret_old, struct err *reterr)
{
    struct pool_tx *old = NULL;
    uint64_t nonce = s != NULL && s->nonce > o->nonce ? s->nonce : o->nonce;
    if (pool_find(p, &o->hash) != NULL)
        return ERR(reterr, E_DUPLICATE, "already known");
    if (o->tx->nonce < nonce)
        return ERR(reterr, E_REPLAY, "nonce too low: next nonce %llu, tx nonce %llu",
                   (unsigned long long)nonce, (unsigned long long)o->tx->nonce);
    if (s != NULL) {
        size_t at = nonce_place(s, o->tx->nonce);
        if (at < s->n && s->tx[at]->tx.nonce == o->tx->nonce)
            old = s->tx[at];
    }
    if (old != NULL && (old->taken || !beats(old->tx.max_fee, o->tx->max_fee) ||
                        !beats(old->tx.max_priority, o->tx->max_priority)))
        return ERR(reterr, E_CONFLICT, "replacement transaction underpriced");
    *ret_old = old;
    status st = check_funds(o, s, old, reterr);
    return st == OK && old == NULL ? check_share(p, o, s, reterr) : st;
}

static struct pool_tx *copy_of(const struct pool_offer *o)
{
    struct pool_tx *t = malloc(sizeof *t + o->raw.n);
    if (t == NULL)
        return NULL;
    uint8_t *raw = (uint8_t *)(t + 1);
    memcpy(raw, o->raw.p, o->raw.n);
    *t = (struct pool_tx){.hash = o->hash,
                          .tx = *o->tx,
                          .raw = slice_of(raw, o->raw.n),
                          .from = o->from,
                          .cost = o->cost,
                          .weight = pool_weight(o->tx, o->raw.n),
                          .since_s = o->now_s};
    slice *parts[] = {&t->tx.data, &t->tx.access_list, &t->tx.blob_hashes, &t->tx.authorizations};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]->n > 0)
            parts[i]->p = raw + (parts[i]->p - o->raw.p);
    return t;
}

static void link_tx(struct pool *p, struct pool_tx *t)
{
    t->seq = ++p->seq;
    t->prev = p->last;
    *(p->last != NULL ? &p->last->next : &p->first) = t;
    p->last = t;
    pool_table_put(p, t);
    p->n++;
    p->bytes += t->raw.n;
}

/* Let others go until the pool is within its limits. False: then it would be t's turn, or that of
 * one who cannot go. When all others are taken the node's own is over the limits until the block is
 * made, by which time there is room. */
static bool make_room(struct pool *p, const struct pool_tx *t)
{
    for (;;) {
        bool full = p->n > p->caps.txs || p->bytes > p->caps.bytes;
        if (!full && p->n - p->n_ready <= p->caps.queued_all)
            return true;
        struct pool_sender *s = pool_rank_last(p);
        if (!full && (s->local || s->n == s->n_ready))
            return true; /* what is queued is the node's own */
        struct pool_tx *last = s->tx[s->n - 1];
        if (last == t || s->local)
            return false;
        if (last->taken)
            return t->sender->local;
        pool_remove(p, last);
    }
}

/* An offer may know an older state than the pool does, so it never lowers the nonce. */
static void hear_of(struct pool *p, const struct pool_offer *o)
{
    const struct pool_sender *s = pool_sender_find(p, &o->from);
    if (s != NULL && o->nonce >= s->nonce)
        pool_set_account(p, &o->from, o->exists, o->nonce, o->balance);
}

/* OK | E_RATE (t is gone, its sender too if it has no others) */
static status add(struct pool *p, struct pool_sender *s, size_t at, struct pool_tx *t)
{
    (void)u256_add(s->cost, t->cost, &s->cost);
    s->weight += t->weight;
    link_tx(p, t);
    count_ready(p, s);
    count_low(s, at);
    pool_rank_changed(p, s);
    if (make_room(p, t))
        return OK;
    pool_remove(p, t);
    return E_RATE;
}

/* Room is made before, so that the old one stays if there is none. */
static status replace(struct pool *p, struct pool_tx *old, struct pool_tx *t)
{
    struct pool_sender *s = old->sender;
    size_t more = t->raw.n > old->raw.n ? t->raw.n - old->raw.n : 0;
    s->weight = s->weight - old->weight + t->weight;
    p->bytes += more;
    pool_rank_changed(p, s);
    bool room = more == 0 || make_room(p, old);
    s->weight = s->weight - t->weight + old->weight;
    p->bytes -= more;
    pool_rank_changed(p, s);
    if (!room)
        return E_RATE;
    s->tx[nonce_place(s, t->tx.nonce)] = t;
    forget(p, old);
    (void)u256_add(s->cost, t->cost, &s->cost);
    s->weight += t->weight;
    link_tx(p, t);
    count_low(s, nonce_place(s, t->tx.nonce));
    pool_rank_changed(p, s);
    return OK;
}

static status put_copy(struct pool *p, const struct pool_offer *o, struct pool_tx *old,
                       struct pool_tx **ret)
{
    struct pool_sender *s = pool_sender_make(p, &o->from, o->nonce);
    struct pool_tx *t = s != NULL && pool_table_grow(p) == OK ? copy_of(o) : NULL;
    size_t at = s != NULL ? nonce_place(s, o->tx->nonce) : 0;
    status st = t != NULL ? OK : E_NOMEM;
    if (st == OK && old == NULL)
        st = sender_insert(s, at, t);
    if (st != OK) {
        free(t);
        if (s != NULL && s->n == 0)
            pool_sender_drop(p, s);
        return st;
    }
    t->sender = s;
    s->local = s->local || o->local;
    if (s->n == 1)
        s->standing = standing_of(o->exists, o->balance);
    st = old != NULL ? replace(p, old, t) : add(p, s, at, t);
    if (st == OK)
        *ret = t;
    else if (old != NULL)
        free(t);
    return st;
}

status pool_put(struct pool *p, const struct pool_offer *o, struct pool_tx **ret,
                struct err *reterr)
{
    struct pool_tx *old = NULL;
    hear_of(p, o);
    status st = check(p, o, pool_sender_find(p, &o->from), &old, reterr);
    if (st != OK)
        return st;
    st = put_copy(p, o, old, ret);
    return st == OK       ? OK
           : st == E_RATE ? ERR(reterr, st, "txpool is full")
                          : ERR(reterr, st, "transaction pool");
}
