/* SPDX-License-Identifier: Apache-2.0 */
/* What waits to be sealed. */
#include <stdio.h>

#include "crypto/addr.h"
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"

static void put_waiting(struct rpc_req *q, const struct chain_pool_tx *t)
{
    rpc_put_tx(q->w, &t->tx, &t->hash, &t->sender, NULL, t->tx.max_fee);
}

static void put_plain(struct rpc_req *q, const struct chain_pool_tx *t)
{
    char to[ADDR_TEXT];
    char value[U256_DEC_MAX];
    char price[U256_DEC_MAX];
    (void)u256_dec(t->tx.value, value);
    (void)u256_dec(t->tx.max_fee, price);
    jw_printf(q->w, "%s: %s wei + %llu gas × %s wei",
              t->tx.is_create ? "contract creation" : addr_text(t->tx.to, to), value,
              (unsigned long long)t->tx.gas, price);
}

/* {nonce: transaction} of the sender of all[i]; returns where the next one begins. */
static size_t put_sender(struct rpc_req *q, const struct chain_pool_tx *all, size_t n, size_t i,
                         bool queued, bool plain)
{
    const addr20 sender = all[i].sender;
    char nonce[24];
    jw_object(q->w);
    for (; i < n && addr20_eq(all[i].sender, sender); i++) {
        if (all[i].queued != queued)
            continue;
        (void)snprintf(nonce, sizeof nonce, "%llu", (unsigned long long)all[i].tx.nonce);
        jw_key(q->w, nonce);
        if (plain)
            put_plain(q, &all[i]);
        else
            put_waiting(q, &all[i]);
    }
    jw_end(q->w);
    return i;
}

static bool has_any(const struct chain_pool_tx *all, size_t n, size_t i, bool queued)
{
    for (size_t k = i; k < n && addr20_eq(all[k].sender, all[i].sender); k++)
        if (all[k].queued == queued)
            return true;
    return false;
}

static size_t skip_sender(const struct chain_pool_tx *all, size_t n, size_t i)
{
    size_t k = i;
    while (k < n && addr20_eq(all[k].sender, all[i].sender))
        k++;
    return k;
}

static void put_group(struct rpc_req *q, const struct chain_pool_tx *all, size_t n, bool queued,
                      bool plain)
{
    jw_key(q->w, queued ? "queued" : "pending");
    jw_object(q->w);
    for (size_t i = 0; i < n;) {
        if (!has_any(all, n, i, queued)) {
            i = skip_sender(all, n, i);
            continue;
        }
        rpc_key_addr(q->w, &all[i].sender);
        i = put_sender(q, all, n, i, queued, plain);
    }
    jw_end(q->w);
}

static status put_pool(struct rpc_req *q, bool plain)
{
    struct chain_pool_tx *all;
    size_t n;
    status s = chain_pool_list(q->rpc->cfg.chain, NULL, q->a, &all, &n, NULL);
    if (s != OK)
        return s;
    jw_object(q->w);
    put_group(q, all, n, false, plain);
    put_group(q, all, n, true, plain);
    jw_end(q->w);
    return OK;
}

status rpc_txpool_content(struct rpc_req *q)
{
    return put_pool(q, false);
}

status rpc_txpool_inspect(struct rpc_req *q)
{
    return put_pool(q, true);
}

status rpc_txpool_content_from(struct rpc_req *q)
{
    struct chain_pool_tx *all;
    addr20 sender;
    size_t n = 0;
    status s = rpc_read_addr(q, 0, q->param[0], &sender);
    if (s == OK)
        s = chain_pool_list(q->rpc->cfg.chain, &sender, q->a, &all, &n, NULL);
    if (s != OK)
        return s;
    jw_object(q->w);
    for (int queued = 0; queued < 2; queued++) {
        jw_key(q->w, queued != 0 ? "queued" : "pending");
        if (n > 0) {
            (void)put_sender(q, all, n, 0, queued != 0, false);
        } else {
            jw_object(q->w);
            jw_end(q->w);
        }
    }
    jw_end(q->w);
    return OK;
}

status rpc_txpool_status(struct rpc_req *q)
{
    struct chain_pool_count c;
    chain_pool_status(q->rpc->cfg.chain, &c);
    jw_object(q->w);
    jw_key(q->w, "pending");
    jw_hex_u64(q->w, c.pending);
    jw_key(q->w, "queued");
    jw_hex_u64(q->w, c.queued);
    jw_end(q->w);
    return OK;
}
