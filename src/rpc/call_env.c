/* SPDX-License-Identifier: Apache-2.0 */
/* The state and the block that a call runs in, and what the caller wants to be different there. */
#include "crypto/addr.h"
#include "evm/precompile.h"
#include "rpc/call.h"
#include "rpc/param.h"

void rpc_exec_env(struct rpc_exec *x)
{
    block_env(&x->x.rules, &x->x.header, &x->env);
    if (x->has_blob_base_fee)
        x->env.blob_base_fee = x->blob_base_fee;
}

status rpc_exec_begin(struct rpc_req *q, const struct rpc_at *at, struct rpc_exec *ret)
{
    struct err e;
    uint64_t number = 0;
    ret->open = false;
    ret->n_moved = 0;
    ret->has_blob_base_fee = false;
    status s = rpc_at_need(q, at, &number);
    if (s != OK)
        return s;
    if (at->kind == RPC_AT_PENDING)
        s = chain_exec_pending(&q->view, q->a, &ret->x, NULL, NULL, &e);
    else
        s = chain_exec_open(&q->view, number, NULL, &ret->x, &e);
    if (s == E_REMOVED)
        return rpc_fail(q, RPC_SERVER_ERROR, "historical state of block %llu is not available",
                        (unsigned long long)number);
    if (s != OK)
        return s;
    ret->open = true;
    rpc_exec_env(ret);
    return OK;
}

void rpc_exec_done(struct rpc_exec *x)
{
    if (x->open)
        chain_exec_close(&x->x);
    x->open = false;
}

/* --- accounts --------------------------------------------------------------------------------- */

/* One account of a state override. */
struct over {
    struct rpc_req *q;
    size_t i;
    struct rpc_exec *x;
    struct json all;
    struct json v;
    addr20 addr;
};

static status set_moved(const struct over *o, struct host_moved m)
{
    if (o->x->n_moved == RPC_MOVED_MAX)
        return rpc_fail(o->q, RPC_INVALID_PARAMS, "too many moved precompiles");
    o->x->moved[o->x->n_moved++] = m;
    return OK;
}

/* What is at addr now, after what was moved. */
static bool precompile_now(const struct rpc_exec *x, const addr20 *addr, addr20 *ret)
{
    *ret = *addr;
    for (size_t i = x->n_moved; i-- > 0;) {
        if (addr20_eq(x->moved[i].at, *addr)) {
            *ret = x->moved[i].is;
            return !x->moved[i].none;
        }
    }
    return precompile_is(x->x.rules.rev, addr);
}

/* Is the address overridden, too? */
static bool is_overridden(const struct over *o, const addr20 *addr)
{
    struct json_iter it = json_iter(o->all);
    while (json_next(&it)) {
        addr20 a;
        if (json_hex_addr(it.key, &a, NULL) == OK && addr20_eq(a, *addr))
            return true;
    }
    return false;
}

static status move_precompile(const struct over *o)
{
    char text[ADDR_TEXT];
    addr20 to;
    addr20 which;
    bool given;
    bool is_one = precompile_now(o->x, &o->addr, &which);
    status s = rpc_member_addr(o->q, o->i, o->v, "movePrecompileToAddress", &to, &given);
    if (s != OK)
        return s;
    if (given && !is_one)
        return rpc_fail(o->q, RPC_SERVER_ERROR, "account %s is not a precompile",
                        addr_text(o->addr, text));
    if (given && is_overridden(o, &to))
        return rpc_fail(o->q, RPC_SERVER_ERROR, "account %s is already overridden",
                        addr_text(to, text));
    if (given)
        s = set_moved(o, (struct host_moved){.at = to, .is = which});
    if (s == OK && is_one) /* an overridden account is a precompile no more */
        s = set_moved(o, (struct host_moved){.at = o->addr, .none = true});
    return s;
}

static status set_slots(const struct over *o, struct json slots)
{
    struct state *st = &o->x->x.state;
    struct json_iter it = json_iter(slots);
    if (json_type(slots) != JSON_OBJECT)
        return rpc_bad_param(o->q, o->i, "storage must be an object");
    while (json_next(&it)) {
        hash32 key;
        hash32 word;
        status s = rpc_read_hash(o->q, o->i, it.key, &key);
        if (s == OK)
            s = rpc_read_hash(o->q, o->i, it.value, &word);
        if (s != OK)
            return s;
        struct account *a = state_account(st, &o->addr);
        u256 k = u256_from_be(key.b);
        u256 v = u256_from_be(word.b);
        state_touch(st, a);
        state_set_slot(st, a, state_slot(st, a, &k), &v);
    }
    return OK;
}

static status set_storage(const struct over *o)
{
    char text[ADDR_TEXT];
    struct json state = json_get(o->v, "state");
    struct json diff = json_get(o->v, "stateDiff");
    if (rpc_given(state) && rpc_given(diff))
        return rpc_fail(o->q, RPC_SERVER_ERROR, "account %s has both 'state' and 'stateDiff'",
                        addr_text(o->addr, text));
    if (rpc_given(state)) {
        struct account *a = state_account(&o->x->x.state, &o->addr);
        state_clear_storage(&o->x->x.state, a);
        return set_slots(o, state);
    }
    return rpc_given(diff) ? set_slots(o, diff) : OK;
}

static status set_account(const struct over *o)
{
    struct state *st = &o->x->x.state;
    uint64_t nonce;
    u256 balance;
    slice code;
    bool has_nonce;
    bool has_code;
    bool has_balance;
    status s = rpc_member_u64(o->q, o->i, o->v, "nonce", &nonce, &has_nonce);
    if (s == OK)
        s = rpc_member_bytes(o->q, o->i, o->v, "code", &code, &has_code);
    if (s == OK)
        s = rpc_member_u256(o->q, o->i, o->v, "balance", &balance, &has_balance);
    if (s == OK)
        s = move_precompile(o);
    if (s != OK)
        return s;
    struct account *a = state_account(st, &o->addr);
    if (has_nonce)
        state_set_nonce(st, a, nonce);
    if (has_code)
        state_set_code(st, a, code);
    if (has_balance)
        state_set_balance(st, a, balance);
    return set_storage(o);
}

status rpc_override_state(struct rpc_req *q, size_t i, struct json v, struct rpc_exec *x)
{
    struct over o = {.q = q, .i = i, .x = x, .all = v};
    struct json_iter it = json_iter(v);
    status s = OK;
    if (!rpc_given(v))
        return OK;
    if (json_type(v) != JSON_OBJECT)
        return rpc_bad_param(q, i, "state override must be an object");
    state_begin_tx(&x->x.state);
    while (s == OK && json_next(&it)) {
        o.v = it.value;
        s = rpc_read_addr(q, i, it.key, &o.addr);
        if (s == OK && json_type(it.value) != JSON_OBJECT)
            s = rpc_bad_param(q, i, "override of an account must be an object");
        if (s == OK)
            s = set_account(&o);
    }
    state_end_tx(&x->x.state, false);
    return s;
}

/* --- blocks ----------------------------------------------------------------------------------- */

static status override_numbers(struct rpc_req *q, size_t i, struct json v, struct block_header *h)
{
    status s = rpc_member_u64(q, i, v, "number", &h->number, NULL);
    if (s == OK)
        s = rpc_member_u64(q, i, v, "time", &h->timestamp, NULL);
    if (s == OK)
        s = rpc_member_u64(q, i, v, "gasLimit", &h->gas_limit, NULL);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "difficulty", &h->difficulty, NULL);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "baseFeePerGas", &h->base_fee, NULL);
    return s;
}

status rpc_override_block(struct rpc_req *q, size_t i, struct json v, struct rpc_exec *x)
{
    static const char *const never[] = {"beaconRoot", "withdrawals"};
    struct block_header *h = &x->x.header;
    if (!rpc_given(v))
        return OK;
    if (json_type(v) != JSON_OBJECT)
        return rpc_bad_param(q, i, "block override must be an object");
    for (size_t k = 0; k < sizeof never / sizeof *never; k++)
        if (rpc_given(json_get(v, never[k])))
            return rpc_fail(q, RPC_SERVER_ERROR,
                            "block override \"%s\" is not supported for this RPC method", never[k]);
    status s = override_numbers(q, i, v, h);
    if (s == OK)
        s = rpc_member_addr(q, i, v, "feeRecipient", &h->coinbase, NULL);
    if (s == OK)
        s = rpc_member_hash(q, i, v, "prevRandao", &h->mix, NULL);
    if (s == OK)
        s = rpc_member_u256(q, i, v, "blobBaseFee", &x->blob_base_fee, &x->has_blob_base_fee);
    if (s != OK)
        return s;
    chain_exec_rules(&x->x);
    rpc_exec_env(x);
    return OK;
}
