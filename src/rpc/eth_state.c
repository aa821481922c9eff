/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts and their storage at a block. */
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"

#define SLOTS_MAX 1024u /* of one eth_getProof or eth_getStorageValues (geth's) */

/* What a block that can no longer be read means to the caller. */
static status state_status(struct rpc_req *q, status s, uint64_t number)
{
    if (s != E_REMOVED)
        return s;
    return rpc_fail(q, RPC_SERVER_ERROR, "historical state of block %llu is not available",
                    (unsigned long long)number);
}

/* Address of parameter 0, block of parameter at_i. */
static status read_place(struct rpc_req *q, size_t at_i, addr20 *ret, uint64_t *ret_number)
{
    struct rpc_at at;
    status s = rpc_read_addr(q, 0, q->param[0], ret);
    if (s == OK)
        s = rpc_param_at(q, at_i, &at);
    return s == OK ? rpc_at_need(q, &at, ret_number) : s;
}

static status read_account(struct rpc_req *q, struct trie_account *ret)
{
    addr20 a;
    uint64_t number;
    bool exists;
    status s = read_place(q, 1, &a, &number);
    if (s == OK)
        s = state_status(q, chain_view_account(&q->view, number, &a, &exists, ret, NULL), number);
    return s;
}

status rpc_eth_get_balance(struct rpc_req *q)
{
    struct trie_account acc;
    status s = read_account(q, &acc);
    if (s == OK)
        jw_hex_u256(q->w, acc.balance);
    return s;
}

status rpc_eth_get_transaction_count(struct rpc_req *q)
{
    struct trie_account acc;
    struct rpc_at at;
    addr20 a;
    uint64_t nonce;
    status s = rpc_param_at(q, 1, &at);
    if (s == OK && at.kind == RPC_AT_PENDING) {
        s = rpc_read_addr(q, 0, q->param[0], &a);
        if (s == OK)
            s = chain_pending_nonce(q->rpc->cfg.chain, &a, &nonce, NULL);
    } else if (s == OK) {
        s = read_account(q, &acc);
        nonce = acc.nonce;
    }
    if (s == OK)
        jw_hex_u64(q->w, nonce);
    return s;
}

status rpc_eth_get_code(struct rpc_req *q)
{
    addr20 a;
    uint64_t number;
    slice code;
    status s = read_place(q, 1, &a, &number);
    if (s == OK)
        s = state_status(q, chain_view_code(&q->view, number, &a, q->a, &code, NULL), number);
    if (s == OK)
        jw_hex(q->w, code);
    return s;
}

status rpc_eth_get_storage_at(struct rpc_req *q)
{
    addr20 a;
    uint64_t number;
    u256 key;
    u256 word;
    status s = rpc_read_slot(q, 1, q->param[1], &key);
    if (s == OK)
        s = read_place(q, 2, &a, &number);
    if (s == OK)
        s = state_status(q, chain_view_slot(&q->view, number, &a, &key, &word, NULL), number);
    if (s == OK)
        rpc_put_word(q->w, word);
    return s;
}

/* The slots of one account of eth_getStorageValues. */
static status put_values(struct rpc_req *q, uint64_t number, struct json_iter *account)
{
    struct json_iter keys = json_iter(account->value);
    slice name;
    addr20 a;
    status s = rpc_read_addr(q, 0, account->key, &a);
    if (s == OK && json_type(account->value) != JSON_ARRAY)
        s = rpc_bad_param(q, 0, "slots must be an array");
    if (s == OK)
        s = json_str(account->key, &name, NULL);
    if (s != OK)
        return s;
    jw_key_slice(q->w, name);
    jw_array(q->w);
    while (s == OK && json_next(&keys)) {
        u256 key;
        u256 word;
        s = rpc_read_slot(q, 0, keys.value, &key);
        if (s == OK)
            s = state_status(q, chain_view_slot(&q->view, number, &a, &key, &word, NULL), number);
        if (s == OK)
            rpc_put_word(q->w, word);
    }
    jw_end(q->w);
    return s;
}

status rpc_eth_get_storage_values(struct rpc_req *q)
{
    struct rpc_at at;
    uint64_t number;
    size_t n = 0;
    struct json_iter it = json_iter(q->param[0]);
    if (json_type(q->param[0]) != JSON_OBJECT)
        return rpc_bad_param(q, 0, "accounts and their slots must be an object");
    while (json_next(&it))
        n += json_count(it.value);
    if (n == 0)
        return rpc_fail(q, RPC_INVALID_PARAMS, "empty request");
    if (n > SLOTS_MAX)
        return rpc_fail(q, RPC_INVALID_PARAMS, "too many slots (max %u)", SLOTS_MAX);
    status s = rpc_param_at(q, 1, &at);
    if (s == OK)
        s = rpc_at_need(q, &at, &number);
    jw_object(q->w);
    it = json_iter(q->param[0]);
    while (s == OK && json_next(&it))
        s = put_values(q, number, &it);
    jw_end(q->w);
    return s;
}

/* --- proofs ----------------------------------------------------------------------------------- */

static status read_slots(struct rpc_req *q, u256 **ret, size_t *ret_n)
{
    struct json_iter it = json_iter(q->param[1]);
    size_t n = json_count(q->param[1]);
    if (json_type(q->param[1]) != JSON_ARRAY)
        return rpc_bad_param(q, 1,
                             "json: cannot unmarshal non-array into Go value of type []string");
    if (n > SLOTS_MAX)
        return rpc_fail(q, RPC_INVALID_PARAMS, "too many slots (max %u)", SLOTS_MAX);
    u256 *slots = arena_array(q->a, n, sizeof *slots);
    if (slots == NULL)
        return E_NOMEM;
    status s = OK;
    for (size_t i = 0; s == OK && json_next(&it); i++)
        s = rpc_read_slot(q, 1, it.value, &slots[i]);
    *ret = slots;
    *ret_n = n;
    return s;
}

static void put_nodes(struct jw *w, const char *key, const slice *nodes, size_t n)
{
    jw_key(w, key);
    jw_array(w);
    for (size_t i = 0; i < n; i++)
        jw_hex(w, nodes[i]);
    jw_end(w);
}

/* The key as it was asked for: 32 bytes stay 32 bytes, others are quantities (geth's way). */
static void put_slot_key(struct rpc_req *q, size_t i, u256 slot)
{
    slice text = SLICE_EMPTY;
    jw_key(q->w, "key");
    if (json_str(json_at(q->param[1], i), &text, NULL) == OK && text.n >= 66)
        rpc_put_word(q->w, slot);
    else
        jw_hex_u256(q->w, slot);
}

static void put_proof(struct rpc_req *q, const addr20 *a, const u256 *slots,
                      const struct store_proof *p)
{
    struct jw *w = q->w;
    jw_object(w);
    jw_key(w, "address");
    rpc_put_addr(w, a);
    put_nodes(w, "accountProof", p->nodes, p->nodes_n);
    jw_key(w, "balance");
    jw_hex_u256(w, p->account.balance);
    jw_key(w, "codeHash");
    rpc_put_hash(w, &p->account.code_hash);
    jw_key(w, "nonce");
    jw_hex_u64(w, p->account.nonce);
    jw_key(w, "storageHash");
    rpc_put_hash(w, &p->account.storage_root);
    jw_key(w, "storageProof");
    jw_array(w);
    for (size_t i = 0; i < p->slots_n; i++) {
        jw_object(w);
        put_slot_key(q, i, slots[i]);
        jw_key(w, "value");
        jw_hex_u256(w, p->slots[i].word);
        put_nodes(w, "proof", p->slots[i].nodes, p->slots[i].nodes_n);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

status rpc_eth_get_proof(struct rpc_req *q)
{
    addr20 a;
    uint64_t number;
    u256 *slots = NULL;
    size_t n = 0;
    struct store_proof proof;
    status s = read_slots(q, &slots, &n);
    if (s == OK)
        s = read_place(q, 2, &a, &number);
    if (s == OK)
        s = state_status(q, chain_view_prove(&q->view, number, &a, slots, n, q->a, &proof, NULL),
                         number);
    if (s == OK)
        put_proof(q, &a, slots, &proof);
    return s;
}
