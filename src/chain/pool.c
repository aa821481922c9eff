/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables by open addressing (hashes are random already), a list of arrivals, and per sender an
 * array by nonce. */
#include "chain/pool.h"

#include <stdlib.h>

#include "base/status.h"

#define TABLE_MIN 64u
#define REPLACE_PERCENT 110u /* as geth: both fees by a tenth at least */

void pool_init(struct pool *p, const struct pool_caps *caps)
{
    *p = (struct pool){.caps = *caps};
}

/* --- tables ---------------------------------------------------------------------------------- */

static size_t word_of(const uint8_t *b)
{
    uint64_t v;
    memcpy(&v, b, sizeof v);
    return (size_t)v;
}

static size_t hash_place(const struct pool *p, const hash32 *hash)
{
    size_t i = word_of(hash->b) & (p->hash_max - 1);
    while (p->by_hash[i] != NULL && !hash32_eq(p->by_hash[i]->hash, *hash))
        i = (i + 1) & (p->hash_max - 1);
    return i;
}

/* Addresses can be chosen, so all of their bytes count. */
static size_t sender_start(const struct pool *p, const addr20 *a)
{
    uint64_t x = word_of(a->b) ^ word_of(a->b + 8) * 0x9e3779b97f4a7c15u ^ word_of(a->b + 12);
    x *= 0xbf58476d1ce4e5b9u;
    return (size_t)(x ^ x >> 29) & (p->senders_max - 1);
}

static size_t sender_place(const struct pool *p, const addr20 *a)
{
    size_t i = sender_start(p, a);
    while (p->senders[i] != NULL && !addr20_eq(p->senders[i]->addr, *a))
        i = (i + 1) & (p->senders_max - 1);
    return i;
}

static status grow_hashes(struct pool *p)
{
    size_t max = p->hash_max > 0 ? 2 * p->hash_max : TABLE_MIN;
    if (2 * (p->n + 1) <= p->hash_max)
        return OK;
    struct pool_tx **t = calloc(max, sizeof(struct pool_tx *));
    if (t == NULL)
        return E_NOMEM;
    free(p->by_hash);
    p->by_hash = t;
    p->hash_max = max;
    for (struct pool_tx *x = p->first; x != NULL; x = x->next)
        t[hash_place(p, &x->hash)] = x;
    return OK;
}

static status grow_senders(struct pool *p)
{
    size_t old_max = p->senders_max;
    struct pool_sender **old = p->senders;
    size_t max = old_max > 0 ? 2 * old_max : TABLE_MIN;
    if (2 * (p->n_senders + 1) <= old_max)
        return OK;
    struct pool_sender **t = calloc(max, sizeof(struct pool_sender *));
    if (t == NULL)
        return E_NOMEM;
    p->senders = t;
    p->senders_max = max;
    for (size_t i = 0; i < old_max; i++)
        if (old[i] != NULL)
            t[sender_place(p, &old[i]->addr)] = old[i];
    free(old);
    return OK;
}

struct pool_tx *pool_find(const struct pool *p, const hash32 *hash)
{
    return p->hash_max > 0 ? p->by_hash[hash_place(p, hash)] : NULL;
}

struct pool_sender *pool_sender_find(const struct pool *p, const addr20 *a)
{
    return p->senders_max > 0 ? p->senders[sender_place(p, a)] : NULL;
}

static void unhash(struct pool *p, const struct pool_tx *t)
{
    size_t hole = hash_place(p, &t->hash);
    p->by_hash[hole] = NULL;
    for (size_t i = (hole + 1) & (p->hash_max - 1); p->by_hash[i] != NULL;
         i = (i + 1) & (p->hash_max - 1)) {
        struct pool_tx *x = p->by_hash[i];
        p->by_hash[i] = NULL;
        p->by_hash[hash_place(p, &x->hash)] = x;
    }
}

static void drop_sender(struct pool *p, struct pool_sender *s)
{
    size_t hole = sender_place(p, &s->addr);
    p->senders[hole] = NULL;
    for (size_t i = (hole + 1) & (p->senders_max - 1); p->senders[i] != NULL;
         i = (i + 1) & (p->senders_max - 1)) {
        struct pool_sender *x = p->senders[i];
        p->senders[i] = NULL;
        p->senders[sender_place(p, &x->addr)] = x;
    }
    p->n_senders--;
    free(s->tx);
    free(s);
}

static struct pool_sender *sender_make(struct pool *p, const addr20 *a, uint64_t nonce)
{
    struct pool_sender *s = pool_sender_find(p, a);
    if (s != NULL)
        return s;
    s = grow_senders(p) == OK ? calloc(1, sizeof *s) : NULL;
    if (s == NULL)
        return NULL;
    s->addr = *a;
    s->nonce = nonce;
    p->senders[sender_place(p, a)] = s;
    p->n_senders++;
    return s;
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
    unhash(p, t);
    unlink_tx(p, t);
    (void)u256_sub(t->sender->cost, t->cost, &t->sender->cost);
    p->n--;
    p->bytes -= t->raw.n;
    free(t);
}

static void drop_if_empty(struct pool *p, struct pool_sender *s)
{
    count_ready(p, s);
    if (s->n == 0)
        drop_sender(p, s);
}

void pool_remove(struct pool *p, struct pool_tx *t)
{
    struct pool_sender *s = t->sender;
    size_t at = nonce_place(s, t->tx.nonce);
    memmove(s->tx + at, s->tx + at + 1, (s->n - at - 1) * sizeof *s->tx);
    s->n--;
    forget(p, t);
    drop_if_empty(p, s);
}

void pool_set_nonce(struct pool *p, const addr20 *a, uint64_t nonce)
{
    struct pool_sender *s = pool_sender_find(p, a);
    if (s == NULL || s->nonce == nonce)
        return;
    size_t n = nonce_place(s, nonce);
    for (size_t i = 0; i < n; i++)
        if (s->tx[i]->taken)
            return; /* the one who made the block still holds it, and will tell the nonce */
    for (size_t i = 0; i < n; i++)
        forget(p, s->tx[i]);
    memmove(s->tx, s->tx + n, (s->n - n) * sizeof *s->tx);
    s->n -= n;
    s->nonce = nonce;
    p->n_ready -= s->n_ready;
    s->n_ready = 0;
    drop_if_empty(p, s);
}

void pool_expire(struct pool *p, uint64_t before_s)
{
    struct pool_tx *next;
    for (struct pool_tx *t = p->first; t != NULL && t->since_s < before_s; t = next) {
        next = t->next;
        if (!t->taken && !pool_is_ready(t))
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
    *p = (struct pool){.caps = p->caps};
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

/* old: what it replaces, or NULL. */
static status check_room(const struct pool *p, const struct pool_offer *o,
                         const struct pool_sender *s, const struct pool_tx *old, struct err *reterr)
{
    size_t held = p->bytes - (old != NULL ? old->raw.n : 0);
    if (held > p->caps.bytes || o->raw.n > p->caps.bytes - held)
        return ERR(reterr, E_RATE, "txpool is full");
    if (old != NULL)
        return OK;
    if (p->n >= p->caps.txs)
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
    return st == OK ? check_room(p, o, s, old, reterr) : st;
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
    p->by_hash[hash_place(p, &t->hash)] = t;
    p->n++;
    p->bytes += t->raw.n;
}

/* An offer may know an older state than the pool does, so it never lowers the nonce. */
static void raise_nonce(struct pool *p, const struct pool_offer *o)
{
    const struct pool_sender *s = pool_sender_find(p, &o->from);
    if (s != NULL && o->nonce > s->nonce)
        pool_set_nonce(p, &o->from, o->nonce);
}

status pool_put(struct pool *p, const struct pool_offer *o, struct pool_tx **ret,
                struct err *reterr)
{
    struct pool_tx *old = NULL;
    raise_nonce(p, o);
    status st = check(p, o, pool_sender_find(p, &o->from), &old, reterr);
    if (st != OK)
        return st;
    struct pool_sender *s = sender_make(p, &o->from, o->nonce);
    struct pool_tx *t = s != NULL && grow_hashes(p) == OK ? copy_of(o) : NULL;
    st = t != NULL ? OK : E_NOMEM;
    size_t at = s != NULL ? nonce_place(s, o->tx->nonce) : 0;
    if (st == OK && old == NULL)
        st = sender_insert(s, at, t);
    if (st != OK) {
        free(t);
        if (s != NULL && s->n == 0)
            drop_sender(p, s);
        return ERR(reterr, st, "transaction pool");
    }
    t->sender = s;
    if (old != NULL) {
        s->tx[at] = t;
        forget(p, old);
    }
    (void)u256_add(s->cost, t->cost, &s->cost);
    link_tx(p, t);
    count_ready(p, s);
    *ret = t;
    return OK;
}

/* --- filling a block ------------------------------------------------------------------------- */

struct filling {
    u256 base_fee;
    size_t n;
    size_t max;
    size_t bytes_left;
    struct pool_tx **out;
};

/* Take t if it is its sender's next and fits. */
static bool take_one(struct filling *f, struct pool_tx *t)
{
    struct pool_sender *s = t->sender;
    if (t->taken || s->blocked || t->tx.nonce != s->next || f->n == f->max)
        return false;
    if (u256_cmp(t->tx.max_fee, f->base_fee) < 0 || t->raw.n > f->bytes_left) {
        s->blocked = true;
        return false;
    }
    t->taken = true;
    f->bytes_left -= t->raw.n;
    f->out[f->n++] = t;
    s->next++;
    return true;
}

size_t pool_take(struct pool *p, u256 base_fee, size_t max, size_t max_bytes, struct pool_tx **out)
{
    struct filling f = {.base_fee = base_fee, .max = max, .bytes_left = max_bytes, .out = out};
    for (size_t i = 0; i < p->senders_max; i++)
        if (p->senders[i] != NULL) {
            p->senders[i]->next = p->senders[i]->nonce;
            p->senders[i]->blocked = false;
        }
    for (struct pool_tx *t = p->first; t != NULL && f.n < max; t = t->next) {
        if (!take_one(&f, t))
            continue;
        struct pool_sender *s = t->sender; /* later nonces that came before it */
        for (size_t i = nonce_place(s, t->tx.nonce) + 1; i < s->n && s->tx[i]->seq < t->seq; i++)
            if (!take_one(&f, s->tx[i]))
                break;
    }
    return f.n;
}

void pool_untake(struct pool *p, struct pool_tx *const *t, size_t n)
{
    (void)p;
    for (size_t i = 0; i < n; i++)
        t[i]->taken = false;
}
