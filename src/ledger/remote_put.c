/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of the ledger port as JSON-RPC calls. */
#include "ledger/remote_int.h"

#define FEE_BLOCKS 4u /* blocks of eth_feeHistory */

size_t remote_put_count(const struct ledger_req *req)
{
    if (req->kind == LEDGER_FEES)
        return 3;
    return req->kind == LEDGER_PROOF ? 2 : 1;
}

static void put_addr(struct jw *w, const addr20 *a)
{
    jw_hex(w, slice_of(a->b, sizeof a->b));
}

static void put_hash(struct jw *w, const hash32 *h)
{
    jw_hex(w, slice_of(h->b, sizeof h->b));
}

/* A block as a parameter; hashes as of EIP-1898. */
static void put_at(struct jw *w, struct ledger_at at)
{
    switch (at.kind) {
    case LEDGER_AT_LATEST:
        jw_cstr(w, "latest");
        return;
    case LEDGER_AT_PENDING:
        jw_cstr(w, "pending");
        return;
    case LEDGER_AT_NUMBER:
        jw_hex_u64(w, at.number);
        return;
    case LEDGER_AT_HASH:
        jw_object(w);
        jw_key(w, "blockHash");
        put_hash(w, &at.hash);
        jw_end(w);
        return;
    }
}

static void put_message(struct jw *w, const struct ledger_call *c)
{
    jw_object(w);
    if (!addr20_is_zero(c->from)) {
        jw_key(w, "from");
        put_addr(w, &c->from);
    }
    if (!c->create) {
        jw_key(w, "to");
        put_addr(w, &c->to);
    }
    jw_key(w, "data");
    jw_hex(w, c->data);
    if (!u256_is_zero(c->value)) {
        jw_key(w, "value");
        jw_hex_u256(w, c->value);
    }
    if (c->gas != 0) {
        jw_key(w, "gas");
        jw_hex_u64(w, c->gas);
    }
    jw_end(w);
}

static void put_topics(struct jw *w, const struct ledger_filter *f)
{
    size_t last = f->topic0_n > 0 ? 1 : 0;
    for (size_t i = 1; i < LEDGER_TOPICS_MAX; i++)
        last = f->has_topic[i] ? i + 1 : last;
    jw_key(w, "topics");
    jw_array(w);
    for (size_t i = 0; i < last; i++) {
        if (i == 0 && f->topic0_n > 0) {
            jw_array(w);
            for (size_t k = 0; k < f->topic0_n; k++)
                put_hash(w, &f->topic0[k]);
            jw_end(w);
        } else if (i > 0 && f->has_topic[i]) {
            put_hash(w, &f->topic[i]);
        } else {
            jw_null(w);
        }
    }
    jw_end(w);
}

static void put_filter(struct jw *w, const struct ledger_filter *f)
{
    jw_object(w);
    if (f->by_hash) {
        jw_key(w, "blockHash");
        put_hash(w, &f->block_hash);
    } else {
        jw_key(w, "fromBlock");
        jw_hex_u64(w, f->from);
        jw_key(w, "toBlock");
        jw_hex_u64(w, f->to);
    }
    if (f->addresses_n > 0) {
        jw_key(w, "address");
        jw_array(w);
        for (size_t i = 0; i < f->addresses_n; i++)
            put_addr(w, &f->addresses[i]);
        jw_end(w);
    }
    put_topics(w, f);
    jw_end(w);
}

/* Method names by kind; those with two are chosen in method_name. */
static const char *const methods[] = {
    [LEDGER_CHAIN_ID] = "eth_chainId",        [LEDGER_NUMBER] = "eth_blockNumber",
    [LEDGER_SYNCING] = "eth_syncing",         [LEDGER_CALL] = "eth_call",
    [LEDGER_ESTIMATE] = "eth_estimateGas",    [LEDGER_NONCE] = "eth_getTransactionCount",
    [LEDGER_BALANCE] = "eth_getBalance",      [LEDGER_CODE] = "eth_getCode",
    [LEDGER_SEND] = "eth_sendRawTransaction", [LEDGER_RECEIPT] = "eth_getTransactionReceipt",
    [LEDGER_TX] = "eth_getTransactionByHash", [LEDGER_LOGS] = "eth_getLogs",
    [LEDGER_PROOF] = "eth_getProof",
};

/* The block that a call asks for as such: of LEDGER_BLOCK, and the first call of a proof. */
static bool asks_block(const struct ledger_req *req, size_t part, struct ledger_at *ret)
{
    *ret = req->kind == LEDGER_FEES ? LEDGER_LATEST : req->at;
    return req->kind == LEDGER_BLOCK || (req->kind == LEDGER_PROOF && part == 0) ||
           (req->kind == LEDGER_FEES && part == 1);
}

static const char *method_name(const struct ledger_req *req, size_t part)
{
    struct ledger_at at;
    if (asks_block(req, part, &at))
        return at.kind == LEDGER_AT_HASH ? "eth_getBlockByHash" : "eth_getBlockByNumber";
    if (req->kind == LEDGER_FEES)
        return part == 0 ? "eth_gasPrice" : "eth_feeHistory";
    return methods[req->kind];
}

static void put_block_params(struct jw *w, struct ledger_at at)
{
    if (at.kind == LEDGER_AT_HASH)
        put_hash(w, &at.hash);
    else
        put_at(w, at);
    jw_bool(w, false);
}

static void put_proof_params(struct jw *w, const struct ledger_req *req)
{
    put_addr(w, &req->in.proof.address);
    jw_array(w);
    for (size_t i = 0; i < req->in.proof.slots_n; i++)
        put_hash(w, &req->in.proof.slots[i]);
    jw_end(w);
    put_at(w, req->at);
}

static void put_history_params(struct jw *w)
{
    jw_hex_u64(w, FEE_BLOCKS);
    jw_cstr(w, "latest");
    jw_array(w);
    jw_u64(w, 50);
    jw_end(w);
}

static void put_params(struct jw *w, const struct ledger_req *req, size_t part)
{
    struct ledger_at at;
    if (asks_block(req, part, &at)) {
        put_block_params(w, at);
        return;
    }
    switch (req->kind) {
    case LEDGER_CHAIN_ID:
    case LEDGER_NUMBER:
    case LEDGER_SYNCING:
    case LEDGER_BLOCK:
        break;
    case LEDGER_CALL:
        put_message(w, &req->in.call);
        put_at(w, req->at);
        break;
    case LEDGER_ESTIMATE:
        put_message(w, &req->in.call);
        break;
    case LEDGER_NONCE:
    case LEDGER_BALANCE:
    case LEDGER_CODE:
        put_addr(w, &req->in.address);
        put_at(w, req->at);
        break;
    case LEDGER_FEES:
        if (part == 2)
            put_history_params(w);
        break;
    case LEDGER_SEND:
        jw_hex(w, req->in.raw);
        break;
    case LEDGER_RECEIPT:
    case LEDGER_TX:
        put_hash(w, &req->in.hash);
        break;
    case LEDGER_LOGS:
        put_filter(w, &req->in.filter);
        break;
    case LEDGER_PROOF:
        put_proof_params(w, req);
        break;
    }
}

void remote_put_call(struct jw *w, const struct ledger_req *req, size_t part, uint64_t id)
{
    jw_object(w);
    jw_key(w, "jsonrpc");
    jw_cstr(w, "2.0");
    jw_key(w, "id");
    jw_u64(w, id);
    jw_key(w, "method");
    jw_cstr(w, method_name(req, part));
    jw_key(w, "params");
    jw_array(w);
    put_params(w, req, part);
    jw_end(w);
    jw_end(w);
}
