/* SPDX-License-Identifier: Apache-2.0 */
/* eth_call and eth_estimateGas. */
#include "rpc/call.h"
#include "rpc/methods.h"

#define GAS_PLAIN 21000u
#define GAS_STIPEND 2300u
#define GAS_TX_MAX 16777216u /* EIP-7825 */

status rpc_call_begin(struct rpc_req *q, struct rpc_call_args *args, struct rpc_exec *x)
{
    struct rpc_at at;
    status s = rpc_read_call(q, 0, q->param[0], args);
    if (s == OK)
        s = rpc_param_at(q, 1, &at);
    if (s == OK)
        s = rpc_exec_begin(q, &at, x);
    if (s == OK && rpc_param_given(q, 2))
        s = rpc_override_state(q, 2, q->param[2], x);
    if (s == OK && rpc_param_given(q, 3))
        s = rpc_override_block(q, 3, q->param[3], x);
    return s;
}

status rpc_fail_run(struct rpc_req *q, const struct tx_outcome *o)
{
    if (o->status == EVM_REVERT)
        return rpc_fail_reverted(q, o->output);
    return rpc_fail(q, RPC_SERVER_ERROR, "%s", rpc_vm_text(o->status));
}

status rpc_eth_call(struct rpc_req *q)
{
    struct rpc_call_args args;
    struct rpc_exec *x = arena_alloc(q->a, sizeof *x);
    struct rpc_result r;
    if (x == NULL)
        return E_NOMEM;
    status s = rpc_call_begin(q, &args, x);
    struct rpc_run run = {.args = &args, .gas = rpc_call_gas(q, &args)};
    if (s == OK)
        s = rpc_run(q, x, &run, &r);
    if (s == OK && r.out.status != EVM_SUCCESS)
        s = rpc_fail_run(q, &r.out);
    if (s == OK)
        jw_hex(q->w, r.out.output);
    rpc_exec_done(x);
    return s;
}

/* --- estimates -------------------------------------------------------------------------------- */

struct estimate {
    struct rpc_req *q;
    struct rpc_exec *x;
    const struct rpc_call_args *args;
    struct rpc_result r; /* of the last run */
};

/* Does it succeed with this much gas? Too little for it to begin at all is a no, too. */
static status try_gas(struct estimate *e, uint64_t gas, bool *ret)
{
    struct state *st = &e->x->x.state;
    struct state_mark mark = state_mark(st);
    struct rpc_run run = {.args = e->args, .gas = gas};
    status s = rpc_run(e->q, e->x, &run, &e->r);
    state_revert(st, mark);
    *ret = s == OK && e->r.out.status == EVM_SUCCESS;
    if (s != OK && run.too_little_gas) {
        e->q->error = (struct rpc_error){.code = 0};
        e->r.out = (struct tx_outcome){.status = EVM_OUT_OF_GAS};
        return OK;
    }
    return s;
}

/* The most gas that the sender could pay for; its balance less the value. */
static status affordable(const struct estimate *e, uint64_t *hi)
{
    const struct rpc_call_args *a = e->args;
    u256 price = a->has_gas_price ? a->gas_price : a->max_fee;
    u256 rest = state_account(&e->x->x.state, &a->from)->head.balance;
    u256 blobs = u256_from_u64(0);
    uint64_t n = a->blob_hashes.n / TX_BLOB_HASH_ITEM;
    if (u256_is_zero(price))
        return OK;
    if (u256_cmp(rest, a->value) < 0 || !u256_sub(rest, a->value, &rest))
        return rpc_fail(e->q, RPC_SERVER_ERROR, "insufficient funds for transfer");
    if (!u256_mul_u64(a->max_blob_fee, n * GAS_PER_BLOB, &blobs) || !u256_sub(rest, blobs, &rest))
        return rpc_fail(e->q, RPC_SERVER_ERROR, "insufficient funds for gas * price + value");
    uint64_t most = 0; /* rest / price by halving: prices may have more than 64 bits */
    for (int bit = 62; bit >= 0; bit--) {
        u256 cost;
        uint64_t next = most | (uint64_t)1 << bit;
        if (u256_mul_u64(price, next, &cost) && u256_cmp(cost, rest) <= 0)
            most = next;
    }
    if (most < *hi)
        *hi = most;
    return OK;
}

/* Bisection; what is at most 1.5 % above the least is near enough (geth's). */
static status bisect(struct estimate *e, uint64_t lo, uint64_t hi, uint64_t *ret)
{
    status s = OK;
    while (s == OK && lo + 1 < hi && (hi - lo) * 1000 >= hi * 15) {
        bool fits;
        uint64_t mid = lo + (hi - lo) / 2;
        if (mid > lo * 2) /* most need little more than they use */
            mid = lo * 2;
        s = try_gas(e, mid, &fits);
        if (s == OK && fits)
            hi = mid;
        else
            lo = mid;
    }
    *ret = hi;
    return s;
}

static uint64_t first_limit(const struct estimate *e)
{
    uint64_t hi = e->args->gas >= GAS_PLAIN ? e->args->gas : e->x->env.gas_limit;
    uint64_t cap = e->q->rpc->cfg.call_gas;
    if (e->x->x.rules.rev >= EVM_OSAKA && hi > GAS_TX_MAX)
        hi = GAS_TX_MAX;
    return hi < cap ? hi : cap;
}

/* A transfer to an account without code costs what every transaction costs. */
static status try_plain(struct estimate *e, bool *ret)
{
    const struct rpc_call_args *a = e->args;
    struct state *st = &e->x->x.state;
    *ret = false;
    if (a->data.n > 0 || !a->has_to || a->has_access_list || a->has_auths ||
        state_code(st, state_account(st, &a->to))->bytes.n > 0)
        return OK;
    return try_gas(e, GAS_PLAIN, ret);
}

static status estimate(struct estimate *e, uint64_t *ret)
{
    uint64_t hi = first_limit(e);
    bool fits = false;
    status s = affordable(e, &hi);
    if (s == OK && hi >= GAS_PLAIN)
        s = try_plain(e, &fits);
    if (s == OK && fits) {
        *ret = GAS_PLAIN;
        return OK;
    }
    if (s == OK)
        s = try_gas(e, hi, &fits);
    if (s != OK)
        return s;
    if (!fits && e->r.out.status == EVM_OUT_OF_GAS)
        return rpc_fail(e->q, RPC_SERVER_ERROR, "gas required exceeds allowance (%llu)",
                        (unsigned long long)hi);
    if (!fits)
        return rpc_fail_run(e->q, &e->r.out);
    uint64_t lo = e->r.out.gas_used - 1;
    uint64_t likely = (e->r.out.gas_peak + GAS_STIPEND) * 64 / 63; /* what callees must have left */
    if (likely < hi) {
        s = try_gas(e, likely, &fits);
        hi = fits ? likely : hi;
        lo = fits ? lo : likely;
    }
    return s == OK ? bisect(e, lo, hi, ret) : s;
}

status rpc_estimate(struct rpc_req *q, const struct rpc_call_args *args, struct rpc_exec *x,
                    uint64_t *ret)
{
    struct estimate e = {.q = q, .x = x, .args = args};
    return estimate(&e, ret);
}

status rpc_eth_estimate_gas(struct rpc_req *q)
{
    struct rpc_call_args args;
    uint64_t gas = 0;
    struct rpc_exec *x = arena_alloc(q->a, sizeof *x);
    if (x == NULL)
        return E_NOMEM;
    status s = rpc_call_begin(q, &args, x);
    struct estimate e = {.q = q, .x = x, .args = &args};
    if (s == OK)
        s = estimate(&e, &gas);
    if (s == OK)
        jw_hex_u64(q->w, gas);
    rpc_exec_done(x);
    return s;
}
