/* SPDX-License-Identifier: Apache-2.0 */
/* The pending block: the next header with what waits in the pool. */
#include "rpc/pending_block.h"

#include "rpc/put.h"
#include "trie/root.h"

/* The header as far as it is known before the block is sealed. */
static status fill_header(const struct chain_pool_tx *txs, size_t n, struct arena *a,
                          struct block_header *h)
{
    slice *raw = arena_array(a, n, sizeof *raw);
    if (raw == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++)
        raw[i] = txs[i].raw;
    return trie_root_list(raw, n, &h->tx_root);
}

status rpc_put_pending_block(struct rpc_req *q, bool full)
{
    struct chain_exec *x = arena_alloc(q->a, sizeof *x);
    struct chain_pool_tx *txs;
    size_t n = 0;
    status s = x != NULL ? rpc_view(q) : E_NOMEM;
    if (s == OK)
        s = chain_exec_pending(&q->view, q->a, x, &txs, &n, NULL);
    if (s != OK)
        return s;
    s = fill_header(txs, n, q->a, &x->header);
    jw_object(q->w);
    rpc_put_header(q->w, &x->header, NULL, true);
    jw_key(q->w, "size");
    jw_hex_u64(q->w, 0);
    jw_key(q->w, "transactions");
    jw_array(q->w);
    for (size_t i = 0; i < n; i++) {
        if (full)
            rpc_put_tx(q->w, &txs[i].tx, &txs[i].hash, &txs[i].sender, NULL, txs[i].tx.max_fee);
        else
            rpc_put_hash(q->w, &txs[i].hash);
    }
    jw_end(q->w);
    jw_key(q->w, "uncles");
    jw_array(q->w);
    jw_end(q->w);
    if (x->header.fields >= HEADER_SHANGHAI)
        rpc_put_withdrawals(q->w, SLICE_EMPTY);
    jw_end(q->w);
    chain_exec_close(x);
    return s;
}
