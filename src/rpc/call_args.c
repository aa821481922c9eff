/* SPDX-License-Identifier: Apache-2.0 */
/* Transaction objects. */
#include "codec/rlp.h"
#include "rpc/call.h"
#include "rpc/param.h"

#define LIST_BYTES ((size_t)16 << 20) /* an access list or authorization list as RLP */

/* data and input mean the same; input is the newer name. */
static status read_data(struct rpc_req *q, size_t i, struct json v, struct rpc_call_args *ret)
{
    slice data = SLICE_EMPTY;
    slice input = SLICE_EMPTY;
    bool has_data;
    bool has_input;
    status s = rpc_member_bytes(q, i, v, "data", &data, &has_data);
    if (s == OK)
        s = rpc_member_bytes(q, i, v, "input", &input, &has_input);
    if (s != OK)
        return s;
    if (has_data && has_input && !slice_eq(data, input))
        return rpc_fail(q, RPC_SERVER_ERROR,
                        "both \"data\" and \"input\" are set and not equal. Please use \"input\" "
                        "to pass transaction call data");
    ret->has_data = has_data || has_input;
    ret->data = has_input ? input : data;
    return OK;
}

static status read_fees(struct rpc_req *q, size_t i, struct json v, struct rpc_call_args *ret)
{
    status s = rpc_member_u256(q, i, v, "gasPrice", &ret->gas_price, &ret->has_gas_price);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "maxFeePerGas", &ret->max_fee, &ret->has_max_fee);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "maxPriorityFeePerGas", &ret->tip, &ret->has_tip);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "maxFeePerBlobGas", &ret->max_blob_fee, &ret->has_blob_fee);
    if (s == OK && ret->has_gas_price && (ret->has_max_fee || ret->has_tip))
        s = rpc_fail(q, RPC_SERVER_ERROR,
                     "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
    return s;
}

/* --- lists as RLP ----------------------------------------------------------------------------- */

static status take(struct rpc_req *q, struct buf *b, status s, slice *ret)
{
    if (s == OK) {
        *ret = arena_dup(q->a, buf_slice(b));
        s = ret->p != NULL || b->n == 0 ? OK : E_NOMEM;
    }
    buf_done(b);
    return s;
}

static status put_access_entry(struct rpc_req *q, size_t i, struct json v, struct buf *b)
{
    addr20 a;
    hash32 key;
    size_t entry;
    size_t keys;
    struct json_iter it = json_iter(json_get(v, "storageKeys"));
    status s = rpc_read_addr(q, i, json_get(v, "address"), &a);
    if (s == OK)
        s = rlp_put_list_begin(b, &entry);
    if (s == OK)
        s = rlp_put_bytes(b, slice_of(a.b, sizeof a.b));
    if (s == OK)
        s = rlp_put_list_begin(b, &keys);
    while (s == OK && json_next(&it)) {
        s = rpc_read_hash(q, i, it.value, &key);
        if (s == OK)
            s = rlp_put_bytes(b, slice_of(key.b, sizeof key.b));
    }
    if (s == OK)
        s = rlp_put_list_end(b, keys);
    return s == OK ? rlp_put_list_end(b, entry) : s;
}

static status read_access_list(struct rpc_req *q, size_t i, struct json v,
                               struct rpc_call_args *ret)
{
    struct json list = json_get(v, "accessList");
    struct json_iter it = json_iter(list);
    struct buf b;
    size_t mark;
    ret->has_access_list = rpc_given(list);
    if (!ret->has_access_list)
        return OK;
    if (json_type(list) != JSON_ARRAY)
        return rpc_bad_param(q, i, "accessList must be an array");
    buf_init(&b, LIST_BYTES);
    status s = rlp_put_list_begin(&b, &mark);
    while (s == OK && json_next(&it))
        s = put_access_entry(q, i, it.value, &b);
    if (s == OK)
        s = rlp_put_list_end(&b, mark);
    return take(q, &b, s, &ret->access_list);
}

static status read_blobs(struct rpc_req *q, size_t i, struct json v, struct rpc_call_args *ret)
{
    struct json list = json_get(v, "blobVersionedHashes");
    struct json_iter it = json_iter(list);
    struct buf b;
    status s = OK;
    ret->has_blobs = rpc_given(list);
    if (!ret->has_blobs)
        return OK;
    if (json_count(list) == 0)
        return rpc_fail(q, RPC_SERVER_ERROR, "need at least 1 blob for a blob transaction");
    if (!ret->has_to)
        return rpc_fail(q, RPC_SERVER_ERROR, "missing \"to\" in blob transaction");
    buf_init(&b, LIST_BYTES);
    while (s == OK && json_next(&it)) {
        hash32 h;
        s = rpc_read_hash(q, i, it.value, &h);
        if (s == OK)
            s = rlp_put_bytes(&b, slice_of(h.b, sizeof h.b));
    }
    return take(q, &b, s, &ret->blob_hashes);
}

static status put_auth(struct rpc_req *q, size_t i, struct json v, struct buf *b)
{
    u256 chain_id = u256_from_u64(0);
    u256 r = chain_id;
    u256 sig_s = chain_id;
    uint64_t nonce = 0;
    uint64_t y = 0;
    addr20 a = {{0}};
    size_t mark;
    status s = rpc_member_u256(q, i, v, "chainId", &chain_id, NULL);
    if (s == OK)
        s = rpc_member_addr(q, i, v, "address", &a, NULL);
    if (s == OK)
        s = rpc_member_u64(q, i, v, "nonce", &nonce, NULL);
    if (s == OK)
        s = rpc_member_u64(q, i, v, "yParity", &y, NULL);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "r", &r, NULL);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "s", &sig_s, NULL);
    if (s == OK && y > UINT8_MAX)
        s = rpc_bad_param(q, i, "yParity of an authorization");
    if (s == OK)
        s = rlp_put_list_begin(b, &mark);
    if (s == OK)
        s = rlp_put_u256(b, chain_id);
    if (s == OK)
        s = rlp_put_bytes(b, slice_of(a.b, sizeof a.b));
    if (s == OK)
        s = rlp_put_u64(b, nonce);
    if (s == OK)
        s = rlp_put_u64(b, y);
    if (s == OK)
        s = rlp_put_u256(b, r);
    if (s == OK)
        s = rlp_put_u256(b, sig_s);
    return s == OK ? rlp_put_list_end(b, mark) : s;
}

static status read_auths(struct rpc_req *q, size_t i, struct json v, struct rpc_call_args *ret)
{
    struct json list = json_get(v, "authorizationList");
    struct json_iter it = json_iter(list);
    struct buf b;
    size_t mark;
    ret->has_auths = rpc_given(list) && json_count(list) > 0;
    if (!ret->has_auths)
        return OK;
    buf_init(&b, LIST_BYTES);
    status s = rlp_put_list_begin(&b, &mark);
    while (s == OK && json_next(&it))
        s = put_auth(q, i, it.value, &b);
    if (s == OK)
        s = rlp_put_list_end(&b, mark);
    return take(q, &b, s, &ret->auths);
}

/* --- */

static status check_chain(struct rpc_req *q, size_t i, struct json v)
{
    u256 want = u256_from_u64(chain_id(q->rpc->cfg.chain));
    u256 have = want;
    status s = rpc_member_u256(q, i, v, "chainId", &have, NULL);
    if (s != OK || u256_eq(have, want))
        return s;
    char have_text[U256_DEC_MAX];
    char want_text[U256_DEC_MAX];
    (void)u256_dec(have, have_text);
    (void)u256_dec(want, want_text);
    return rpc_fail(q, RPC_SERVER_ERROR, "chainId does not match node's (have=%s, want=%s)",
                    have_text, want_text);
}

status rpc_read_call(struct rpc_req *q, size_t i, struct json v, struct rpc_call_args *ret)
{
    *ret = (struct rpc_call_args){.gas = 0};
    if (json_type(v) != JSON_OBJECT)
        return rpc_bad_param(q, i,
                             "json: cannot unmarshal value into Go value of type "
                             "ethapi.TransactionArgs");
    status s = rpc_member_addr(q, i, v, "from", &ret->from, &ret->has_from);
    if (s == OK)
        s = rpc_member_addr(q, i, v, "to", &ret->to, &ret->has_to);
    if (s == OK)
        s = rpc_member_u64(q, i, v, "gas", &ret->gas, &ret->has_gas);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "value", &ret->value, &ret->has_value);
    if (s == OK)
        s = rpc_member_u64(q, i, v, "nonce", &ret->nonce, &ret->has_nonce);
    if (s == OK)
        s = read_data(q, i, v, ret);
    if (s == OK)
        s = read_fees(q, i, v, ret);
    if (s == OK)
        s = read_access_list(q, i, v, ret);
    if (s == OK)
        s = read_blobs(q, i, v, ret);
    if (s == OK)
        s = read_auths(q, i, v, ret);
    return s == OK ? check_chain(q, i, v) : s;
}

void rpc_call_fees(const struct rpc_call_args *a, u256 base_fee, u256 *ret_price, u256 *ret_max_fee,
                   u256 *ret_tip)
{
    u256 price = a->has_gas_price ? a->gas_price : u256_from_u64(0);
    *ret_max_fee = a->has_gas_price ? price : a->max_fee;
    *ret_tip = a->has_gas_price ? price : a->tip;
    if (!a->has_gas_price && !(u256_is_zero(a->max_fee) && u256_is_zero(a->tip))) {
        if (!u256_add(base_fee, a->tip, &price) || u256_cmp(price, a->max_fee) > 0)
            price = a->max_fee;
    }
    *ret_price = price;
}

void rpc_call_tx(const struct rpc_call_args *a, uint64_t chain_id_, uint64_t nonce, uint64_t gas,
                 struct tx *ret)
{
    u256 price;
    *ret = (struct tx){
        .type = TX_FEE_MARKET,
        .has_chain_id = true,
        .chain_id = chain_id_,
        .nonce = nonce,
        .gas = gas,
        .is_create = !a->has_to,
        .to = a->to,
        .value = a->value,
        .data = a->data,
        .access_list = a->access_list,
        .max_blob_fee = a->max_blob_fee,
        .blob_hashes = a->blob_hashes,
        .authorizations = a->auths,
    };
    rpc_call_fees(a, u256_from_u64(0), &price, &ret->max_fee, &ret->max_priority);
    if (a->has_gas_price)
        ret->type = TX_LEGACY;
    else if (a->has_auths)
        ret->type = TX_SET_CODE;
    else if (a->has_blobs)
        ret->type = TX_BLOB;
}
