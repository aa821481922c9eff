/* SPDX-License-Identifier: Apache-2.0 */
/* The pool's tables, by hash and by sender: open addressing. */
#include <stdlib.h>

#include "chain/pool_priv.h"

#define TABLE_MIN 64u

__extension__ typedef unsigned __int128 u128;

/* Hashes and addresses can be ground by anybody until they fall on one place, but for the seed. */
static size_t mix(const struct pool *p, const uint8_t *b, size_t n)
{
    uint64_t h = p->seed;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t w = 0;
        memcpy(&w, b + i, n - i < 8 ? n - i : 8);
        u128 m = (u128)(h ^ w) * 0xa0761d6478bd642fu;
        h = (uint64_t)m ^ (uint64_t)(m >> 64) ^ (h << 1);
    }
    return (size_t)h;
}

static size_t hash_place(const struct pool *p, const hash32 *hash)
{
    size_t i = mix(p, hash->b, sizeof hash->b) & (p->hash_max - 1);
    while (p->by_hash[i] != NULL && !hash32_eq(p->by_hash[i]->hash, *hash))
        i = (i + 1) & (p->hash_max - 1);
    return i;
}

static size_t sender_place(const struct pool *p, const addr20 *a)
{
    size_t i = mix(p, a->b, sizeof a->b) & (p->senders_max - 1);
    while (p->senders[i] != NULL && !addr20_eq(p->senders[i]->addr, *a))
        i = (i + 1) & (p->senders_max - 1);
    return i;
}

struct pool_tx *pool_find(const struct pool *p, const hash32 *hash)
{
    return p->hash_max > 0 ? p->by_hash[hash_place(p, hash)] : NULL;
}

struct pool_sender *pool_sender_find(const struct pool *p, const addr20 *a)
{
    return p->senders_max > 0 ? p->senders[sender_place(p, a)] : NULL;
}

/* --- transactions ---------------------------------------------------------------------------- */

status pool_table_grow(struct pool *p)
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

void pool_table_put(struct pool *p, struct pool_tx *t)
{
    p->by_hash[hash_place(p, &t->hash)] = t;
}

void pool_table_remove(struct pool *p, const struct pool_tx *t)
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

/* --- senders --------------------------------------------------------------------------------- */

/* The heap has room for as many as the table takes. */
static status grow_heap(struct pool *p, size_t n)
{
    struct pool_sender **heap = reallocarray(p->heap, n, sizeof *heap);
    if (heap == NULL)
        return E_NOMEM;
    p->heap = heap;
    struct pool_sender **turn = reallocarray(p->turn, n, sizeof *turn);
    if (turn == NULL)
        return E_NOMEM;
    p->turn = turn;
    return OK;
}

static status grow_senders(struct pool *p)
{
    size_t old_max = p->senders_max;
    struct pool_sender **old = p->senders;
    size_t max = old_max > 0 ? 2 * old_max : TABLE_MIN;
    if (2 * (p->n_senders + 1) <= old_max)
        return OK;
    struct pool_sender **t =
        grow_heap(p, max / 2) == OK ? calloc(max, sizeof(struct pool_sender *)) : NULL;
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

struct pool_sender *pool_sender_make(struct pool *p, const addr20 *a, uint64_t nonce)
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
    pool_rank_add(p, s);
    return s;
}

void pool_sender_drop(struct pool *p, struct pool_sender *s)
{
    size_t hole = sender_place(p, &s->addr);
    p->senders[hole] = NULL;
    for (size_t i = (hole + 1) & (p->senders_max - 1); p->senders[i] != NULL;
         i = (i + 1) & (p->senders_max - 1)) {
        struct pool_sender *x = p->senders[i];
        p->senders[i] = NULL;
        p->senders[sender_place(p, &x->addr)] = x;
    }
    pool_rank_remove(p, s);
    free(s->tx);
    free(s);
}
