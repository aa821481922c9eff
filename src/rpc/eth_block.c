/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, headers, uncles and the receipts of a block. */
#include "crypto/keccak.h"
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/pending_block.h"
#include "rpc/put.h"

/* The block that parameter 0 names by number (or hash). E_NOT_FOUND: null is answered. */
static status find_block(struct rpc_req *q, bool by_hash, struct chain_block *ret)
{
    struct rpc_at at = {.kind = RPC_AT_HASH};
    uint64_t number;
    status s = by_hash ? rpc_read_hash(q, 0, q->param[0], &at.hash) : rpc_param_number(q, 0, &at);
    if (s == OK)
        s = rpc_at_find(q, &at, &number);
    return s == OK ? chain_view_block(&q->view, number, ret, NULL) : s;
}

/* null for what is not there. */
static status or_null(struct rpc_req *q, status s)
{
    if (s != E_NOT_FOUND)
        return s;
    jw_null(q->w);
    return OK;
}

static bool wants_pending(const struct rpc_req *q)
{
    return json_eq(q->param[0], "pending");
}

static status get_block(struct rpc_req *q, bool by_hash)
{
    struct chain_block b;
    bool full;
    status s = rpc_read_bool(q, 1, q->param[1], &full);
    if (s == OK && !by_hash && wants_pending(q))
        return rpc_put_pending_block(q, full);
    if (s == OK)
        s = find_block(q, by_hash, &b);
    return or_null(q, s == OK ? rpc_put_block(q, &b, full) : s);
}

status rpc_eth_get_block_by_number(struct rpc_req *q)
{
    return get_block(q, false);
}

status rpc_eth_get_block_by_hash(struct rpc_req *q)
{
    return get_block(q, true);
}

static status get_header(struct rpc_req *q, bool by_hash)
{
    struct chain_block b;
    status s = find_block(q, by_hash, &b);
    if (s == OK) {
        jw_object(q->w);
        rpc_put_header(q->w, &b.block.header, &b.block.hash, false);
        jw_end(q->w);
    }
    return or_null(q, s);
}

status rpc_eth_get_header_by_number(struct rpc_req *q)
{
    return get_header(q, false);
}

status rpc_eth_get_header_by_hash(struct rpc_req *q)
{
    return get_header(q, true);
}

static status put_count(struct rpc_req *q, status s, size_t n)
{
    if (s == OK)
        jw_hex_u64(q->w, n);
    return or_null(q, s);
}

static status count_txs(struct rpc_req *q, bool by_hash)
{
    struct chain_block b = {.n_txs = 0};
    if (!by_hash && wants_pending(q)) {
        struct chain_pool_count count;
        chain_pool_status(q->rpc->cfg.chain, &count);
        return put_count(q, OK, count.pending);
    }
    status s = find_block(q, by_hash, &b);
    return put_count(q, s, b.n_txs);
}

status rpc_eth_get_tx_count_by_number(struct rpc_req *q)
{
    return count_txs(q, false);
}

status rpc_eth_get_tx_count_by_hash(struct rpc_req *q)
{
    return count_txs(q, true);
}

/* --- uncles ----------------------------------------------------------------------------------- */

static status count_uncles(struct rpc_req *q, bool by_hash)
{
    struct chain_block b;
    struct rlp_item item;
    size_t n = 0;
    status s = find_block(q, by_hash, &b);
    if (s == OK)
        for (struct rlp_list l = {b.block.uncles}; rlp_next(&l, &item, NULL) == OK;)
            n++;
    return put_count(q, s, n);
}

status rpc_eth_get_uncle_count_by_number(struct rpc_req *q)
{
    return count_uncles(q, false);
}

status rpc_eth_get_uncle_count_by_hash(struct rpc_req *q)
{
    return count_uncles(q, true);
}

static status find_uncle(const struct chain_block *b, uint64_t index, slice *ret)
{
    struct rlp_item item;
    struct rlp_list l = {b->block.uncles};
    for (uint64_t i = 0; rlp_next(&l, &item, NULL) == OK; i++) {
        if (i != index)
            continue;
        *ret = item.raw;
        return OK;
    }
    return E_NOT_FOUND;
}

static status get_uncle(struct rpc_req *q, bool by_hash)
{
    struct chain_block b;
    struct block_header h;
    uint64_t index;
    slice raw = SLICE_EMPTY;
    status s = rpc_read_u64(q, 1, q->param[1], &index);
    if (s == OK)
        s = find_block(q, by_hash, &b);
    if (s == OK)
        s = find_uncle(&b, index, &raw);
    if (s == OK)
        s = header_read(raw, &h, NULL) == OK ? OK : E_CORRUPT;
    if (s != OK)
        return or_null(q, s);
    hash32 hash;
    keccak256(raw, &hash);
    jw_object(q->w);
    rpc_put_header(q->w, &h, &hash, false);
    jw_key(q->w, "uncles");
    jw_array(q->w);
    jw_end(q->w);
    jw_end(q->w);
    return OK;
}

status rpc_eth_get_uncle_by_number(struct rpc_req *q)
{
    return get_uncle(q, false);
}

status rpc_eth_get_uncle_by_hash(struct rpc_req *q)
{
    return get_uncle(q, true);
}

/* --- receipts --------------------------------------------------------------------------------- */

status rpc_eth_get_block_receipts(struct rpc_req *q)
{
    struct rpc_at at;
    struct chain_block b;
    struct chain_receipt *r;
    uint64_t number;
    size_t n;
    status s = rpc_param_at(q, 0, &at);
    if (s == OK)
        s = rpc_at_find(q, &at, &number);
    if (s == OK)
        s = chain_view_block(&q->view, number, &b, NULL);
    if (s == OK)
        s = chain_view_receipts(&q->view, number, q->a, &r, &n, NULL);
    if (s != OK)
        return or_null(q, s);
    jw_array(q->w);
    for (size_t i = 0; s == OK && i < n; i++) {
        const struct rpc_place place = {b.block.hash, number, b.block.header.timestamp, r[i].index};
        s = rpc_put_receipt(q->w, &r[i], &place);
    }
    jw_end(q->w);
    return s;
}
