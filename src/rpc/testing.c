/* SPDX-License-Identifier: Apache-2.0 */
/* testing_buildBlockV1, for conformance suites: a block that is made and shown, never kept. */
#include "crypto/keccak.h"
#include "rpc/methods.h"
#include "rpc/put.h"
#include "rpc/simulate.h"
#include "trie/root.h"

#define GAS_LIMIT_WANTED 60000000u /* (geth's) */
#define GAS_LIMIT_STEP 1024u       /* parts of the parent's limit that a block may differ by */
#define ITEMS_BYTES ((size_t)1 << 20)

struct building {
    struct rpc_req *q;
    struct chain_exec x;
    struct block_run run;
    struct block_header parent;
    slice *raw;
    size_t n;
    u256 value; /* tips, wei */
    struct buf withdrawals;
};

static uint64_t next_gas_limit(uint64_t parent)
{
    uint64_t step = parent / GAS_LIMIT_STEP - 1;
    if (parent < GAS_LIMIT_WANTED)
        return parent + step < GAS_LIMIT_WANTED ? parent + step : GAS_LIMIT_WANTED;
    return parent - step > GAS_LIMIT_WANTED ? parent - step : GAS_LIMIT_WANTED;
}

static status read_header(struct building *b, struct block_header *h)
{
    struct rpc_req *q = b->q;
    struct json v = q->param[1];
    if (json_type(v) != JSON_OBJECT)
        return rpc_bad_param(q, 1, "payload attributes must be an object");
    status s = rpc_member_u64(q, 1, v, "timestamp", &h->timestamp, NULL);
    if (s == OK)
        s = rpc_member_hash(q, 1, v, "prevRandao", &h->mix, NULL);
    if (s == OK)
        s = rpc_member_addr(q, 1, v, "suggestedFeeRecipient", &h->coinbase, NULL);
    if (s == OK)
        s = rpc_member_hash(q, 1, v, "parentBeaconBlockRoot", &h->beacon_root, NULL);
    if (s == OK && rpc_param_given(q, 3))
        s = rpc_read_bytes(q, 3, q->param[3], &h->extra);
    if (s == OK)
        s = rpc_read_withdrawals(q, json_get(v, "withdrawals"), &b->withdrawals);
    if (s == OK && h->timestamp <= b->parent.timestamp)
        s = rpc_fail(q, RPC_INVALID_PARAMS, "invalid timestamp");
    return s;
}

static status begin(struct building *b, const hash32 *parent_hash)
{
    struct rpc_req *q = b->q;
    struct chain_block parent;
    struct block_header *h = &b->x.header;
    uint64_t number;
    status s = rpc_view(q);
    if (s == OK)
        s = chain_view_number(&q->view, parent_hash, &number, NULL);
    if (s == E_NOT_FOUND)
        return rpc_fail(q, RPC_SERVER_ERROR, "unknown parent block");
    if (s == OK)
        s = chain_view_block(&q->view, number, &parent, NULL);
    if (s == OK)
        s = chain_exec_open(&q->view, number, NULL, &b->x, NULL);
    if (s != OK)
        return s;
    b->parent = parent.block.header;
    *h = (struct block_header){.parent = *parent_hash,
                               .number = number + 1,
                               .gas_limit = next_gas_limit(b->parent.gas_limit)};
    s = read_header(b, h);
    if (s != OK)
        return s;
    chain_exec_rules(&b->x);
    h->fields = block_fields(b->x.rules.rev);
    h->base_fee = block_base_fee(&b->x.rules, &b->parent);
    h->excess_blob_gas = block_excess_blob_gas(&b->x.rules, &b->parent);
    return OK;
}

static status add_tx(struct building *b, size_t i, slice raw)
{
    struct tx t;
    struct tx_outcome o;
    addr20 sender;
    u256 part;
    struct err e;
    if (tx_read(raw, &t, &e) != OK || tx_sender_at(&t, b->x.rules.rev, &sender) != OK)
        return rpc_bad_param(b->q, 2, "transaction %zu cannot be read", i);
    status s = block_tx(&b->run, &t, &sender, &o, &e);
    if (s > 0)
        return rpc_fail(b->q, RPC_SERVER_ERROR, "%s", tx_fault_text(b->run.tx_fault));
    if (s != OK)
        return s;
    if (u256_sub(b->run.host.tx.gas_price, b->x.header.base_fee, &part) &&
        u256_mul_u64(part, o.gas_used, &part))
        (void)u256_add(b->value, part, &b->value);
    b->raw[b->n++] = raw;
    return OK;
}

/* The transactions given. */
static status add_txs(struct building *b)
{
    struct rpc_req *q = b->q;
    struct json_iter it = json_iter(q->param[2]);
    size_t n = json_count(q->param[2]);
    status s = OK;
    b->raw = arena_array(q->a, n, sizeof *b->raw);
    if (b->raw == NULL)
        return E_NOMEM;
    for (size_t i = 0; s == OK && json_next(&it); i++) {
        slice raw = SLICE_EMPTY;
        s = rpc_read_bytes(q, 2, it.value, &raw);
        if (s == OK)
            s = add_tx(b, i, raw);
    }
    return s;
}

static status seal(struct building *b, hash32 *ret_hash)
{
    struct block_header *h = &b->x.header;
    slice items[64];
    struct rlp_list l = {buf_slice(&b->withdrawals)};
    struct rlp_item item;
    size_t n = 0;
    static const uint8_t empty_list = 0xc0;
    while (n < sizeof items / sizeof *items && rlp_next(&l, &item, NULL) == OK)
        items[n++] = item.raw;
    keccak256(slice_of(&empty_list, 1), &h->uncles);
    h->gas_used = b->run.gas_used;
    h->blob_gas_used = b->run.blob_gas_used;
    memcpy(h->bloom, b->run.bloom, sizeof h->bloom);
    status s = state_root(&b->x.state, &h->state_root);
    if (s == OK)
        s = trie_root_list(items, n, &h->withdrawals_root);
    if (s == OK)
        s = trie_root_list(b->raw, b->n, &h->tx_root);
    if (s == OK)
        s = block_receipts_root(&b->run, &h->receipts_root);
    if (s == OK)
        s = block_requests_hash(&b->run, &h->requests_hash);
    return s == OK ? header_hash(h, ret_hash) : s;
}

static void key_hash(struct jw *w, const char *key, const hash32 *h)
{
    jw_key(w, key);
    rpc_put_hash(w, h);
}

static void key_u64(struct jw *w, const char *key, uint64_t v)
{
    jw_key(w, key);
    jw_hex_u64(w, v);
}

static void put_payload(const struct building *b, const hash32 *hash)
{
    const struct block_header *h = &b->x.header;
    struct jw *w = b->q->w;
    jw_object(w);
    key_hash(w, "parentHash", &h->parent);
    jw_key(w, "feeRecipient");
    rpc_put_addr(w, &h->coinbase);
    key_hash(w, "stateRoot", &h->state_root);
    key_hash(w, "receiptsRoot", &h->receipts_root);
    jw_key(w, "logsBloom");
    jw_hex(w, slice_of(h->bloom, sizeof h->bloom));
    key_hash(w, "prevRandao", &h->mix);
    key_u64(w, "blockNumber", h->number);
    key_u64(w, "gasLimit", h->gas_limit);
    key_u64(w, "gasUsed", h->gas_used);
    key_u64(w, "timestamp", h->timestamp);
    jw_key(w, "extraData");
    jw_hex(w, h->extra);
    jw_key(w, "baseFeePerGas");
    jw_hex_u256(w, h->base_fee);
    key_hash(w, "blockHash", hash);
    jw_key(w, "transactions");
    jw_array(w);
    for (size_t i = 0; i < b->n; i++)
        jw_hex(w, b->raw[i]);
    jw_end(w);
    rpc_put_withdrawals(w, buf_slice(&b->withdrawals));
    key_u64(w, "blobGasUsed", h->blob_gas_used);
    key_u64(w, "excessBlobGas", h->excess_blob_gas);
    jw_end(w);
}

static void put_requests(const struct building *b)
{
    struct jw *w = b->q->w;
    jw_key(w, "executionRequests");
    jw_array(w);
    for (size_t i = 0; i < 3; i++) {
        const struct buf *r = &b->run.requests[i];
        uint8_t *text = r->n > 0 ? arena_alloc(b->q->a, r->n + 1) : NULL;
        if (text == NULL)
            continue;
        text[0] = (uint8_t)i;
        memcpy(text + 1, r->p, r->n);
        jw_hex(w, slice_of(text, r->n + 1));
    }
    jw_end(w);
}

static void put_built(const struct building *b, const hash32 *hash)
{
    static const char *const empty[] = {"commitments", "proofs", "blobs"};
    struct jw *w = b->q->w;
    jw_object(w);
    jw_key(w, "executionPayload");
    put_payload(b, hash);
    jw_key(w, "blockValue");
    jw_hex_u256(w, b->value);
    jw_key(w, "blobsBundle");
    jw_object(w);
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        jw_key(w, empty[i]);
        jw_array(w);
        jw_end(w);
    }
    jw_end(w);
    put_requests(b);
    jw_key(w, "shouldOverrideBuilder");
    jw_bool(w, false);
    jw_end(w);
}

static status build(struct building *b)
{
    hash32 hash;
    status s = block_begin(&b->run, &b->x.rules, &b->x.header, &b->x.state, b->x.vm, NULL,
                           chain_view_hash, &b->q->view, NULL);
    if (s == OK)
        s = add_txs(b);
    if (s == OK)
        s = block_end(&b->run, SLICE_EMPTY, buf_slice(&b->withdrawals), NULL);
    if (s == OK)
        s = seal(b, &hash);
    if (s == OK)
        put_built(b, &hash);
    block_done(&b->run);
    return s;
}

status rpc_testing_build_block(struct rpc_req *q)
{
    hash32 parent;
    struct building *b = arena_alloc(q->a, sizeof *b);
    if (b == NULL)
        return E_NOMEM;
    b->q = q;
    buf_init(&b->withdrawals, ITEMS_BYTES);
    status s = rpc_read_hash(q, 0, q->param[0], &parent);
    if (s == OK)
        s = begin(b, &parent);
    if (s == OK)
        s = build(b);
    if (b->x.machine != NULL)
        chain_exec_close(&b->x);
    buf_done(&b->withdrawals);
    return s;
}
