/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts and their storage at a block. */
#include "rpc/call.h"
#include "rpc/methods.h"
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

/* Where values are read: a block, or for "pending" the head with the pool on top. */
struct place {
    struct rpc_req *q;
    uint64_t number;
    struct rpc_exec *pending; /* NULL: the block `number` */
};

static status place_open(struct rpc_req *q, const struct rpc_at *at, struct place *ret)
{
    *ret = (struct place){.q = q};
    if (at->kind != RPC_AT_PENDING)
        return rpc_at_need(q, at, &ret->number);
    struct rpc_exec *x = arena_alloc(q->a, sizeof *x);
    status s = x != NULL ? rpc_exec_begin(q, at, x) : E_NOMEM;
    if (s == OK)
        ret->pending = x;
    return s;
}

static void place_close(struct place *p)
{
    if (p->pending != NULL)
        rpc_exec_done(p->pending);
}

/* Address of parameter 0, block of parameter at_i. After OK: place_close. */
static status read_place(struct rpc_req *q, size_t at_i, addr20 *ret, struct place *ret_place)
{
    struct rpc_at at;
    status s = rpc_read_addr(q, 0, q->param[0], ret);
    if (s == OK)
        s = rpc_param_at(q, at_i, &at);
    return s == OK ? place_open(q, &at, ret_place) : s;
}

static status account_at(struct place *p, const addr20 *a, struct trie_account *ret)
{
    bool exists;
    if (p->pending == NULL)
        return state_status(p->q, chain_view_account(&p->q->view, p->number, a, &exists, ret, NULL),
                            p->number);
    struct state *st = &p->pending->x.state;
    const struct account *acc = state_account(st, a);
    *ret = (struct trie_account){.balance = acc->head.balance, .nonce = acc->head.nonce};
    return state_failure(st);
}

static status code_at(struct place *p, const addr20 *a, slice *ret)
{
    struct rpc_req *q = p->q;
    if (p->pending == NULL)
        return state_status(q, chain_view_code(&q->view, p->number, a, q->a, ret, NULL), p->number);
    struct state *st = &p->pending->x.state;
    *ret = arena_dup(q->a, state_code(st, state_account(st, a))->bytes);
    return state_failure(st);
}

static status slot_at(struct place *p, const addr20 *a, const u256 *key, u256 *ret)
{
    if (p->pending == NULL)
        return state_status(p->q, chain_view_slot(&p->q->view, p->number, a, key, ret, NULL),
                            p->number);
    struct state *st = &p->pending->x.state;
    *ret = state_slot(st, state_account(st, a), key)->v.current;
    return state_failure(st);
}

static status read_account(struct rpc_req *q, struct trie_account *ret)
{
    struct place p;
    addr20 a;
    status s = read_place(q, 1, &a, &p);
    if (s != OK)
        return s;
    s = account_at(&p, &a, ret);
    place_close(&p);
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
    struct place p;
    addr20 a;
    slice code;
    status s = read_place(q, 1, &a, &p);
    if (s != OK)
        return s;
    s = code_at(&p, &a, &code);
    if (s == OK)
        jw_hex(q->w, code);
    place_close(&p);
    return s;
}

status rpc_eth_get_storage_at(struct rpc_req *q)
{
    struct place p;
    addr20 a;
    u256 key;
    u256 word;
    status s = rpc_read_slot(q, 1, q->param[1], &key);
    if (s == OK)
        s = read_place(q, 2, &a, &p);
    if (s != OK)
        return s;
    s = slot_at(&p, &a, &key, &word);
    if (s == OK)
        rpc_put_word(q->w, word);
    place_close(&p);
    return s;
}

/* The slots of one account of eth_getStorageValues. */
static status put_values(struct place *p, struct json_iter *account)
{
    struct rpc_req *q = p->q;
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
            s = slot_at(p, &a, &key, &word);
        if (s == OK)
            rpc_put_word(q->w, word);
    }
    jw_end(q->w);
    return s;
}

status rpc_eth_get_storage_values(struct rpc_req *q)
{
    struct place p;
    struct rpc_at at;
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
        s = place_open(q, &at, &p);
    if (s != OK)
        return s;
    jw_object(q->w);
    it = json_iter(q->param[0]);
    while (s == OK && json_next(&it))
        s = put_values(&p, &it);
    jw_end(q->w);
    place_close(&p);
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
    struct rpc_at at;
    uint64_t number;
    u256 *slots = NULL;
    size_t n = 0;
    struct store_proof proof;
    status s = read_slots(q, &slots, &n);
    if (s == OK)
        s = rpc_read_addr(q, 0, q->param[0], &a);
    if (s == OK)
        s = rpc_param_at(q, 2, &at);
    if (s == OK)
        s = rpc_at_need(q, &at, &number);
    if (s == OK)
        s = state_status(q, chain_view_prove(&q->view, number, &a, slots, n, q->a, &proof, NULL),
                         number);
    if (s == OK)
        put_proof(q, &a, slots, &proof);
    return s;
}
