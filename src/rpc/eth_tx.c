/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions and receipts: by hash, by place, from the pool; handing in raw ones. */
#include "rpc/dev_impl.h"
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"

#define SYNC_MS_MAX 60000u     /* longest wait of eth_sendRawTransactionSync (geth's) */
#define SYNC_MS_DEFAULT 20000u /* (geth's) */

static status or_null(struct rpc_req *q, status s)
{
    if (s != E_NOT_FOUND)
        return s;
    jw_null(q->w);
    return OK;
}

/* One transaction of a block, with its receipt. */
static status load(struct rpc_req *q, uint64_t number, uint32_t index, struct chain_receipt *ret,
                   struct rpc_place *ret_place)
{
    struct chain_block b;
    status s = chain_view_block(&q->view, number, &b, NULL);
    if (s == OK)
        s = chain_view_receipt(&q->view, number, index, q->a, ret, NULL);
    if (s == OK)
        *ret_place = (struct rpc_place){b.block.hash, number, b.block.header.timestamp, index};
    return s;
}

static status find_mined(struct rpc_req *q, const hash32 *hash, struct chain_receipt *ret,
                         struct rpc_place *ret_place)
{
    uint64_t number;
    uint32_t index;
    status s = rpc_view(q);
    if (s == OK)
        s = chain_view_tx(&q->view, hash, &number, &index, NULL);
    return s == OK ? load(q, number, index, ret, ret_place) : s;
}

/* The place that parameters 0 (block) and 1 (index) name. */
static status find_at(struct rpc_req *q, bool by_hash, struct chain_receipt *ret,
                      struct rpc_place *ret_place)
{
    struct rpc_at at = {.kind = RPC_AT_HASH};
    uint64_t number;
    uint64_t index;
    status s = rpc_read_u64(q, 1, q->param[1], &index);
    if (s == OK)
        s = by_hash ? rpc_read_hash(q, 0, q->param[0], &at.hash) : rpc_param_number(q, 0, &at);
    if (s == OK)
        s = rpc_at_find(q, &at, &number);
    if (s == OK && index > UINT32_MAX)
        s = E_NOT_FOUND;
    return s == OK ? load(q, number, (uint32_t)index, ret, ret_place) : s;
}

static void put_mined(struct rpc_req *q, const struct chain_receipt *r, const struct rpc_place *p)
{
    rpc_put_tx(q->w, &r->tx, &r->tx_hash, &r->sender, p, r->price);
}

static void put_waiting(struct rpc_req *q, const struct chain_pool_tx *t)
{
    rpc_put_tx(q->w, &t->tx, &t->hash, &t->sender, NULL, t->tx.max_fee);
}

status rpc_eth_get_tx_by_hash(struct rpc_req *q)
{
    hash32 hash;
    struct chain_receipt r;
    struct rpc_place place;
    struct chain_pool_tx waiting;
    status s = rpc_read_hash(q, 0, q->param[0], &hash);
    if (s == OK) {
        s = find_mined(q, &hash, &r, &place);
        if (s == OK)
            put_mined(q, &r, &place);
    }
    if (s == E_NOT_FOUND) {
        s = chain_pool_get(q->rpc->cfg.chain, &hash, q->a, &waiting, NULL);
        if (s == OK)
            put_waiting(q, &waiting);
    }
    return or_null(q, s);
}

static status get_tx_at(struct rpc_req *q, bool by_hash)
{
    struct chain_receipt r;
    struct rpc_place place;
    status s = find_at(q, by_hash, &r, &place);
    if (s == OK)
        put_mined(q, &r, &place);
    return or_null(q, s);
}

status rpc_eth_get_tx_by_number(struct rpc_req *q)
{
    return get_tx_at(q, false);
}

status rpc_eth_get_tx_by_block_hash(struct rpc_req *q)
{
    return get_tx_at(q, true);
}

/* --- raw -------------------------------------------------------------------------------------- */

static status get_raw(struct rpc_req *q, slice *ret)
{
    hash32 hash;
    struct chain_receipt r;
    struct rpc_place place;
    struct chain_pool_tx waiting;
    status s = rpc_read_hash(q, 0, q->param[0], &hash);
    if (s != OK)
        return s;
    s = find_mined(q, &hash, &r, &place);
    if (s == OK)
        *ret = r.raw;
    if (s != E_NOT_FOUND)
        return s;
    s = chain_pool_get(q->rpc->cfg.chain, &hash, q->a, &waiting, NULL);
    if (s == OK)
        *ret = waiting.raw;
    return s;
}

status rpc_eth_get_raw_tx_by_hash(struct rpc_req *q)
{
    slice raw;
    status s = get_raw(q, &raw);
    if (s == OK)
        jw_hex(q->w, raw);
    return or_null(q, s);
}

status rpc_debug_raw_tx(struct rpc_req *q)
{
    slice raw = SLICE_EMPTY;
    status s = get_raw(q, &raw);
    if (s == OK || s == E_NOT_FOUND)
        jw_hex(q->w, raw);
    return s == E_NOT_FOUND ? OK : s;
}

static status get_raw_at(struct rpc_req *q, bool by_hash)
{
    struct chain_receipt r;
    struct rpc_place place;
    status s = find_at(q, by_hash, &r, &place);
    if (s == OK)
        jw_hex(q->w, r.raw);
    return or_null(q, s);
}

status rpc_eth_get_raw_tx_by_number(struct rpc_req *q)
{
    return get_raw_at(q, false);
}

status rpc_eth_get_raw_tx_by_block_hash(struct rpc_req *q)
{
    return get_raw_at(q, true);
}

/* --- receipts --------------------------------------------------------------------------------- */

static status put_receipt_of(struct rpc_req *q, const hash32 *hash)
{
    struct chain_receipt r;
    struct rpc_place place;
    status s = find_mined(q, hash, &r, &place);
    return s == OK ? rpc_put_receipt(q->w, &r, &place) : s;
}

status rpc_eth_get_tx_receipt(struct rpc_req *q)
{
    hash32 hash;
    status s = rpc_read_hash(q, 0, q->param[0], &hash);
    return or_null(q, s == OK ? put_receipt_of(q, &hash) : s);
}

/* --- handing in ------------------------------------------------------------------------------- */

static status submit(struct rpc_req *q, hash32 *ret)
{
    slice raw;
    struct err e;
    status s = rpc_read_bytes(q, 0, q->param[0], &raw);
    if (s != OK)
        return s;
    s = chain_submit(q->rpc->cfg.chain, raw, ret, &e);
    return s == OK ? OK : rpc_refuse(q, s, &e);
}

status rpc_eth_send_raw(struct rpc_req *q)
{
    hash32 hash;
    status s = submit(q, &hash);
    if (s == OK)
        rpc_dev_await(q, &hash);
    if (s == OK)
        rpc_put_hash(q->w, &hash);
    return s;
}

/* Milliseconds to wait, a number or a QUANTITY. */
static status read_wait(struct rpc_req *q, uint64_t *ret)
{
    *ret = SYNC_MS_DEFAULT;
    if (!rpc_param_given(q, 1))
        return OK;
    status s = json_type(q->param[1]) == JSON_NUMBER ? json_u64(q->param[1], ret, NULL)
                                                     : rpc_read_u64(q, 1, q->param[1], ret);
    if (s != OK && q->error.code == 0)
        s = rpc_bad_param(q, 1, "timeout is no whole number");
    if (s == OK && *ret > SYNC_MS_MAX)
        *ret = SYNC_MS_MAX;
    return s;
}

/* A place among those that wait for long, to be given back. */
static bool wait_begin(struct rpc *r)
{
    if (atomic_fetch_add(&r->waits, 1) < r->cfg.waits_max)
        return true;
    atomic_fetch_sub(&r->waits, 1);
    return false;
}

/* Everybody may wait briefly, which is enough where blocks are made at once; of those who wait on
 * there are few, so that they never hold all workers. *wait_ms: what was waited at most. */
static status await(struct rpc_req *q, const hash32 *hash, uint64_t *wait_ms)
{
    struct chain *c = q->rpc->cfg.chain;
    uint64_t brief = *wait_ms < RPC_WAIT_BRIEF_MS ? *wait_ms : RPC_WAIT_BRIEF_MS;
    uint64_t rest = *wait_ms - brief;
    status s = chain_wait_tx(c, hash, (uint32_t)brief, NULL, NULL, NULL);
    *wait_ms = brief;
    if (s != E_TIMEOUT || rest == 0 || q->brief || !wait_begin(q->rpc))
        return s;
    s = chain_wait_tx(c, hash, (uint32_t)rest, NULL, NULL, NULL);
    atomic_fetch_sub(&q->rpc->waits, 1);
    *wait_ms += rest;
    return s;
}

/* The error of a transaction that stays in the pool: its hash is the data. */
static status put_hash_error(struct rpc_req *q, const hash32 *hash)
{
    q->error.data = arena_dup(q->a, slice_of(hash->b, sizeof hash->b));
    q->error.has_data = q->error.data.p != NULL;
    return q->error.has_data ? E_RANGE : E_NOMEM;
}

/* One that cannot be in the next block is not waited for (EIP-7966, "unreadiness error"; geth waits
 * for it until the time is over). */
status rpc_eth_send_raw_sync(struct rpc_req *q)
{
    hash32 hash;
    uint64_t wait_ms;
    status s = read_wait(q, &wait_ms);
    if (s == OK)
        s = submit(q, &hash);
    if (s != OK)
        return s;
    if (chain_pool_is_stuck(q->rpc->cfg.chain, &hash)) {
        (void)rpc_fail(q, RPC_SYNC_UNREADY,
                       "The transaction was added to the transaction pool but cannot be processed "
                       "yet: a nonce before it is missing or its fee is below the base fee");
        return put_hash_error(q, &hash);
    }
    s = await(q, &hash, &wait_ms);
    if (s == E_TIMEOUT || s == E_NOT_FOUND) {
        (void)rpc_fail(q, RPC_SYNC_TIMEOUT,
                       "The transaction was added to the transaction pool but wasn't processed in "
                       "%llums",
                       (unsigned long long)wait_ms);
        return put_hash_error(q, &hash);
    }
    return s == OK ? put_receipt_of(q, &hash) : s;
}

/* The head must be within the bounds that the sender names. */
static status check_conditions(struct rpc_req *q, struct json v)
{
    struct chain_block b;
    uint64_t least = 0;
    uint64_t most = UINT64_MAX;
    uint64_t from = 0;
    uint64_t until = UINT64_MAX;
    if (json_type(v) != JSON_OBJECT)
        return rpc_bad_param(q, 1, "conditions must be an object");
    status s = rpc_member_u64(q, 1, v, "blockNumberMin", &least, NULL);
    if (s == OK)
        s = rpc_member_u64(q, 1, v, "blockNumberMax", &most, NULL);
    if (s == OK)
        s = rpc_member_u64(q, 1, v, "timestampMin", &from, NULL);
    if (s == OK)
        s = rpc_member_u64(q, 1, v, "timestampMax", &until, NULL);
    if (s == OK && rpc_given(json_get(v, "knownAccounts")))
        s = rpc_fail(q, RPC_INVALID_PARAMS, "knownAccounts is not supported");
    if (s == OK)
        s = rpc_view(q);
    if (s == OK)
        s = chain_view_block(&q->view, q->view.head, &b, NULL);
    if (s != OK)
        return s;
    uint64_t t = b.block.header.timestamp;
    if (q->view.head < least || q->view.head > most || t < from || t > until)
        return rpc_fail(q, RPC_TOO_LARGE, "transaction conditional: the head is out of bounds");
    return OK;
}

status rpc_eth_send_raw_conditional(struct rpc_req *q)
{
    status s = check_conditions(q, q->param[1]);
    return s == OK ? rpc_eth_send_raw(q) : s;
}

status rpc_eth_pending_transactions(struct rpc_req *q)
{
    jw_array(q->w); /* of accounts that the node signs for: it has none */
    jw_end(q->w);
    return OK;
}
