/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of what happened lately. */
#include "rpc/pending.h"

#include <pthread.h>
#include <stdlib.h>

#define ROLLBACKS_KEPT 64u

struct rpc_pending {
    pthread_mutex_t lock;
    uint64_t n; /* transactions so far */
    uint64_t rollbacks;
    uint64_t rolled_to[ROLLBACKS_KEPT];
    hash32 tx[RPC_PENDING_KEPT];
};

status rpc_pending_new(struct rpc_pending **ret)
{
    struct rpc_pending *p = calloc(1, sizeof *p);
    if (p == NULL || pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p);
        return E_NOMEM;
    }
    *ret = p;
    return OK;
}

void rpc_pending_free(struct rpc_pending *p)
{
    if (p == NULL)
        return;
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

void rpc_pending_add(struct rpc_pending *p, const hash32 *tx)
{
    (void)pthread_mutex_lock(&p->lock);
    p->tx[p->n++ % RPC_PENDING_KEPT] = *tx;
    (void)pthread_mutex_unlock(&p->lock);
}

uint64_t rpc_pending_place(struct rpc_pending *p)
{
    (void)pthread_mutex_lock(&p->lock);
    uint64_t n = p->n;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

size_t rpc_pending_read(struct rpc_pending *p, uint64_t *place, hash32 *ret, size_t max)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&p->lock);
    if (p->n - *place > RPC_PENDING_KEPT)
        *place = p->n - RPC_PENDING_KEPT;
    while (n < max && *place < p->n)
        ret[n++] = p->tx[(*place)++ % RPC_PENDING_KEPT];
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

void rpc_rollback_add(struct rpc_pending *p, uint64_t number)
{
    (void)pthread_mutex_lock(&p->lock);
    p->rolled_to[p->rollbacks++ % ROLLBACKS_KEPT] = number;
    (void)pthread_mutex_unlock(&p->lock);
}

uint64_t rpc_rollback_place(struct rpc_pending *p)
{
    (void)pthread_mutex_lock(&p->lock);
    uint64_t n = p->rollbacks;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

void rpc_rollback_read(struct rpc_pending *p, uint64_t *place, uint64_t *next)
{
    (void)pthread_mutex_lock(&p->lock);
    if (p->rollbacks - *place > ROLLBACKS_KEPT)
        *place = p->rollbacks - ROLLBACKS_KEPT;
    for (; *place < p->rollbacks; (*place)++) {
        uint64_t to = p->rolled_to[*place % ROLLBACKS_KEPT];
        if (*next > to + 1)
            *next = to + 1;
    }
    (void)pthread_mutex_unlock(&p->lock);
}
