/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions, receipts and logs. */
#include "base/hex.h"
#include "codec/rlp.h"
#include "crypto/addr.h"
#include "rpc/put.h"

void rpc_put_addr(struct jw *w, const addr20 *a)
{
    jw_hex(w, slice_of(a->b, sizeof a->b));
}

void rpc_put_hash(struct jw *w, const hash32 *h)
{
    jw_hex(w, slice_of(h->b, sizeof h->b));
}

void rpc_put_word(struct jw *w, u256 v)
{
    uint8_t be[32];
    u256_to_be(v, be);
    jw_hex(w, slice_of(be, sizeof be));
}

void rpc_key_addr(struct jw *w, const addr20 *a)
{
    char text[ADDR_TEXT];
    jw_key_slice(w, slice_str(addr_text(*a, text)));
}

static void key_u64(struct jw *w, const char *key, uint64_t v)
{
    jw_key(w, key);
    jw_hex_u64(w, v);
}

static void key_u256(struct jw *w, const char *key, u256 v)
{
    jw_key(w, key);
    jw_hex_u256(w, v);
}

static void key_null(struct jw *w, const char *key)
{
    jw_key(w, key);
    jw_null(w);
}

static void put_place(struct jw *w, const struct rpc_place *p)
{
    if (p == NULL) {
        key_null(w, "blockHash");
        key_null(w, "blockNumber");
        key_null(w, "blockTimestamp");
        key_null(w, "transactionIndex");
        return;
    }
    jw_key(w, "blockHash");
    rpc_put_hash(w, &p->block);
    key_u64(w, "blockNumber", p->number);
    key_u64(w, "blockTimestamp", p->timestamp);
    key_u64(w, "transactionIndex", p->index);
}

static void put_to(struct jw *w, const struct tx *t)
{
    jw_key(w, "to");
    if (t->is_create)
        jw_null(w);
    else
        rpc_put_addr(w, &t->to);
}

/* --- lists ------------------------------------------------------------------------------------ */

static void put_access_entry(struct jw *w, struct rlp_list *entry)
{
    struct rlp_list keys = {SLICE_EMPTY};
    slice v;
    jw_object(w);
    jw_key(w, "address");
    if (rlp_next_bytes(entry, &v, NULL) == OK)
        jw_hex(w, v);
    jw_key(w, "storageKeys");
    jw_array(w);
    if (rlp_next_list(entry, &keys, NULL) == OK)
        while (rlp_next_bytes(&keys, &v, NULL) == OK)
            jw_hex(w, v);
    jw_end(w);
    jw_end(w);
}

static void put_access_list(struct jw *w, slice access_list)
{
    struct rlp_list list = {SLICE_EMPTY};
    struct rlp_list entry;
    jw_key(w, "accessList");
    jw_array(w);
    if (access_list.n > 0 && rlp_read_list(access_list, &list, NULL) == OK)
        while (rlp_next_list(&list, &entry, NULL) == OK)
            put_access_entry(w, &entry);
    jw_end(w);
}

static void put_blob_hashes(struct jw *w, const struct tx *t)
{
    jw_key(w, "blobVersionedHashes");
    jw_array(w);
    for (size_t i = 0; i < tx_blob_count(t); i++) {
        hash32 h = tx_blob_hash(t, i);
        rpc_put_hash(w, &h);
    }
    jw_end(w);
}

static void put_authorizations(struct jw *w, const struct tx *t)
{
    struct tx_auth a;
    slice rest = tx_auths(t);
    jw_key(w, "authorizationList");
    jw_array(w);
    while (rest.n > 0 && tx_auth_next(&rest, &a, NULL) == OK) {
        jw_object(w);
        key_u256(w, "chainId", a.chain_id);
        jw_key(w, "address");
        rpc_put_addr(w, &a.addr);
        key_u64(w, "nonce", a.nonce);
        key_u64(w, "yParity", a.y_parity);
        key_u256(w, "r", u256_from_be(a.r));
        key_u256(w, "s", u256_from_be(a.s));
        jw_end(w);
    }
    jw_end(w);
}

/* --- transactions ----------------------------------------------------------------------------- */

static void put_signature(struct jw *w, const struct tx *t)
{
    static const uint8_t none[32];
    u256 v = u256_from_u64(t->y_parity);
    bool is_signed = memcmp(t->r, none, sizeof none) != 0;
    if (t->type == TX_LEGACY && is_signed) { /* EIP-155 */
        u256 twice = u256_from_u64(0);
        if (t->has_chain_id)
            (void)u256_mul_u64(u256_from_u64(t->chain_id), 2, &twice);
        (void)u256_add(twice, u256_from_u64(t->y_parity + (t->has_chain_id ? 35 : 27)), &v);
    }
    key_u256(w, "v", v);
    key_u256(w, "r", u256_from_be(t->r));
    key_u256(w, "s", u256_from_be(t->s));
    if (t->type != TX_LEGACY)
        key_u64(w, "yParity", t->y_parity);
}

static void put_fees(struct jw *w, const struct tx *t, u256 price)
{
    key_u256(w, "gasPrice", price);
    if (t->type < TX_FEE_MARKET)
        return;
    key_u256(w, "maxFeePerGas", t->max_fee);
    key_u256(w, "maxPriorityFeePerGas", t->max_priority);
    if (t->type == TX_BLOB)
        key_u256(w, "maxFeePerBlobGas", t->max_blob_fee);
}

void rpc_put_tx(struct jw *w, const struct tx *t, const hash32 *hash, const addr20 *sender,
                const struct rpc_place *place, u256 price)
{
    jw_object(w);
    put_place(w, place);
    jw_key(w, "from");
    rpc_put_addr(w, sender);
    key_u64(w, "gas", t->gas);
    put_fees(w, t, price);
    jw_key(w, "hash");
    rpc_put_hash(w, hash);
    jw_key(w, "input");
    jw_hex(w, t->data);
    key_u64(w, "nonce", t->nonce);
    put_to(w, t);
    key_u256(w, "value", t->value);
    key_u64(w, "type", t->type);
    if (t->type != TX_LEGACY)
        put_access_list(w, t->access_list);
    if (t->has_chain_id)
        key_u64(w, "chainId", t->chain_id);
    if (t->type == TX_BLOB)
        put_blob_hashes(w, t);
    if (t->type == TX_SET_CODE)
        put_authorizations(w, t);
    put_signature(w, t);
    jw_end(w);
}

/* --- receipts --------------------------------------------------------------------------------- */

void rpc_put_log(struct jw *w, const struct chain_log *log, bool removed)
{
    jw_object(w);
    jw_key(w, "address");
    rpc_put_addr(w, &log->log.addr);
    jw_key(w, "topics");
    jw_array(w);
    for (uint32_t i = 0; i < log->log.n_topics; i++)
        rpc_put_hash(w, &log->log.topic[i]);
    jw_end(w);
    jw_key(w, "data");
    jw_hex(w, log->log.data);
    key_u64(w, "blockNumber", log->number);
    jw_key(w, "transactionHash");
    rpc_put_hash(w, &log->tx_hash);
    key_u64(w, "transactionIndex", log->tx_index);
    jw_key(w, "blockHash");
    rpc_put_hash(w, &log->block_hash);
    key_u64(w, "blockTimestamp", log->timestamp);
    key_u64(w, "logIndex", log->index);
    jw_key(w, "removed");
    jw_bool(w, removed);
    jw_end(w);
}

static void put_logs(struct jw *w, const struct chain_receipt *r, const struct rpc_place *p)
{
    jw_key(w, "logs");
    jw_array(w);
    for (size_t i = 0; i < r->receipt.n_logs; i++) {
        const struct chain_log log = {.log = r->receipt.logs[i],
                                      .number = p->number,
                                      .timestamp = p->timestamp,
                                      .block_hash = p->block,
                                      .tx_hash = r->tx_hash,
                                      .tx_index = p->index,
                                      .index = r->first_log + (uint32_t)i};
        rpc_put_log(w, &log, false);
    }
    jw_end(w);
    uint8_t bloom[BLOOM_BYTES] = {0};
    logs_bloom(r->receipt.logs, r->receipt.n_logs, bloom);
    jw_key(w, "logsBloom");
    jw_hex(w, slice_of(bloom, sizeof bloom));
}

static void put_outcome(struct jw *w, const struct receipt *r)
{
    if (r->has_status) {
        key_u64(w, "status", r->success ? 1 : 0);
        return;
    }
    jw_key(w, "root");
    rpc_put_hash(w, &r->state_root);
}

status rpc_put_receipt(struct jw *w, const struct chain_receipt *r, const struct rpc_place *place)
{
    jw_object(w);
    jw_key(w, "blockHash");
    rpc_put_hash(w, &place->block);
    key_u64(w, "blockNumber", place->number);
    jw_key(w, "contractAddress");
    if (r->tx.is_create)
        rpc_put_addr(w, &r->created);
    else
        jw_null(w);
    key_u64(w, "cumulativeGasUsed", r->receipt.cumulative_gas);
    key_u256(w, "effectiveGasPrice", r->price);
    jw_key(w, "from");
    rpc_put_addr(w, &r->sender);
    key_u64(w, "gasUsed", r->gas_used);
    put_logs(w, r, place);
    put_outcome(w, &r->receipt);
    put_to(w, &r->tx);
    jw_key(w, "transactionHash");
    rpc_put_hash(w, &r->tx_hash);
    key_u64(w, "transactionIndex", place->index);
    key_u64(w, "type", r->tx.type);
    if (r->tx.type == TX_BLOB) {
        key_u64(w, "blobGasUsed", r->blob_gas);
        key_u256(w, "blobGasPrice", r->blob_price);
    }
    jw_end(w);
    return w->st;
}
