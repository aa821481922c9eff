/* SPDX-License-Identifier: Apache-2.0 */
/* Tips of blocks, without their logs, in memory of their own. */
#include "rpc/tips.h"

#include <pthread.h>
#include <stdlib.h>

#define SAMPLE_BLOCKS 20u     /* that a tip is suggested from (geth's) */
#define SAMPLE_PERCENTILE 60u /* (geth's) */
#define KEPT 32u              /* blocks: those of the sample, and some of a branch given up */

struct least {
    hash32 block; /* zero: none is kept here */
    bool paid;    /* it has transactions */
    u256 wei;
};

struct rpc_tips {
    pthread_mutex_t lock;
    struct least kept[KEPT]; /* by number */
};

status rpc_tips_new(struct rpc_tips **ret)
{
    struct rpc_tips *t = calloc(1, sizeof *t);
    if (t == NULL || pthread_mutex_init(&t->lock, NULL) != 0) {
        free(t);
        return E_NOMEM;
    }
    *ret = t;
    return OK;
}

void rpc_tips_free(struct rpc_tips *t)
{
    if (t == NULL)
        return;
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}

static int tip_cmp(const void *a, const void *b)
{
    return u256_cmp(((const struct rpc_tip *)a)->wei, ((const struct rpc_tip *)b)->wei);
}

status rpc_block_tips(struct rpc_req *q, const struct block_header *h, struct arena *a,
                      struct rpc_tip **ret, size_t *ret_n)
{
    struct chain_payment *paid;
    size_t n;
    status s = chain_view_payments(&q->view, h->number, a, &paid, &n, NULL);
    if (s != OK)
        return s;
    struct rpc_tip *tips = arena_array(a, n, sizeof *tips);
    if (tips == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        tips[i] = (struct rpc_tip){.wei = paid[i].price, .gas = paid[i].gas_used};
        if (h->fields >= HEADER_LONDON)
            (void)u256_sub(paid[i].price, h->base_fee, &tips[i].wei);
    }
    if (n > 1)
        qsort(tips, n, sizeof *tips, tip_cmp);
    *ret = tips;
    *ret_n = n;
    return OK;
}

static status read_least(struct rpc_req *q, uint64_t number, struct least *ret)
{
    struct chain_block b;
    struct rpc_tip *tips;
    struct arena a;
    size_t n = 0;
    status s = chain_view_block(&q->view, number, &b, NULL);
    if (s != OK || b.n_txs == 0)
        return s;
    arena_init(&a, RPC_MEMORY, false);
    s = rpc_block_tips(q, &b.block.header, &a, &tips, &n);
    if (s == OK && n > 0) {
        ret->paid = true;
        ret->wei = tips[0].wei;
    }
    arena_done(&a);
    return s;
}

static status find_least(struct rpc_req *q, uint64_t number, struct least *ret)
{
    struct rpc_tips *t = q->rpc->tips;
    struct least *kept = &t->kept[number % KEPT];
    struct least found = {.block = chain_view_hash(&q->view, number)};
    (void)pthread_mutex_lock(&t->lock);
    *ret = *kept;
    (void)pthread_mutex_unlock(&t->lock);
    if (hash32_eq(ret->block, found.block))
        return OK;
    status s = read_least(q, number, &found);
    if (s != OK)
        return s;
    (void)pthread_mutex_lock(&t->lock);
    *kept = found;
    (void)pthread_mutex_unlock(&t->lock);
    *ret = found;
    return OK;
}

static int wei_cmp(const void *a, const void *b)
{
    return u256_cmp(*(const u256 *)a, *(const u256 *)b);
}

status rpc_tips_suggest(struct rpc_req *q, u256 *ret, bool *ret_paid)
{
    u256 wei[SAMPLE_BLOCKS];
    size_t n = 0;
    status s = rpc_view(q);
    for (uint64_t i = 0; s == OK && i < SAMPLE_BLOCKS && i < q->view.head; i++) {
        struct least l;
        s = find_least(q, q->view.head - i, &l);
        if (s == OK && l.paid)
            wei[n++] = l.wei;
    }
    if (s != OK)
        return s;
    if (n > 1)
        qsort(wei, n, sizeof *wei, wei_cmp);
    *ret = n > 0 ? wei[(n - 1) * SAMPLE_PERCENTILE / 100] : u256_from_u64(0);
    *ret_paid = n > 0;
    return OK;
}
