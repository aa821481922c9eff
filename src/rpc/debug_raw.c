/* SPDX-License-Identifier: Apache-2.0 */
/* debug_getRaw*: the bytes as they are hashed. */
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"

static status find_block(struct rpc_req *q, struct chain_block *ret)
{
    struct rpc_at at;
    uint64_t number;
    status s = rpc_param_at(q, 0, &at);
    if (s == OK)
        s = rpc_at_find(q, &at, &number);
    if (s == OK)
        s = chain_view_block(&q->view, number, ret, NULL);
    if (s == E_NOT_FOUND && at.kind == RPC_AT_HASH)
        return rpc_fail(q, RPC_SERVER_ERROR, "block not found");
    if (s == E_NOT_FOUND)
        return rpc_fail(q, RPC_SERVER_ERROR, "block #%llu not found",
                        (unsigned long long)at.number);
    return s;
}

status rpc_debug_raw_block(struct rpc_req *q)
{
    struct chain_block b;
    status s = find_block(q, &b);
    if (s == OK)
        jw_hex(q->w, b.block.raw);
    return s;
}

status rpc_debug_raw_header(struct rpc_req *q)
{
    struct chain_block b;
    struct buf raw;
    status s = find_block(q, &b);
    buf_init(&raw, (size_t)1 << 20);
    if (s == OK)
        s = header_put(&b.block.header, &raw);
    if (s == OK)
        jw_hex(q->w, buf_slice(&raw));
    buf_done(&raw);
    return s;
}

status rpc_debug_raw_receipts(struct rpc_req *q)
{
    struct chain_block b;
    struct chain_receipt *r;
    struct buf raw;
    size_t n = 0;
    uint8_t bloom[BLOOM_BYTES] = {0};
    status s = find_block(q, &b);
    if (s == OK)
        s = chain_view_receipts(&q->view, b.block.header.number, q->a, &r, &n, NULL);
    if (s != OK)
        return s;
    buf_init(&raw, LIMIT_RPC_ANSWER);
    jw_array(q->w);
    for (size_t i = 0; s == OK && i < n; i++) {
        buf_clear(&raw);
        s = receipt_put(&r[i].receipt, bloom, &raw);
        if (s == OK)
            jw_hex(q->w, buf_slice(&raw));
    }
    jw_end(q->w);
    buf_done(&raw);
    return s;
}

status rpc_debug_bad_blocks(struct rpc_req *q)
{
    jw_array(q->w); /* what is not valid is not kept */
    jw_end(q->w);
    return OK;
}
