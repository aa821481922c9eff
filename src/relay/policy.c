/* SPDX-License-Identifier: Apache-2.0 */
/* The relayer's rules over the bytes of a request. */
#include "relay/policy.h"

#include "codec/abi.h"
#include "codec/eip712.h"
#include "contract/registry_abi.h"

/* What patients and practitioners may call without gas. Registrars' functions and the role and
 * proxy administration are not here: administrators pay for themselves. All arguments are static.
 */
static const struct user_function {
    const uint8_t *selector;
    size_t words; /* of its arguments */
} user_functions[] = {
    {registry_sel_setKeyCard, 1},   {registry_sel_openFolder, 2},
    {registry_sel_rotateFolder, 3}, {registry_sel_transferFolder, 2},
    {registry_sel_grant, 7},        {registry_sel_revoke, 3},
    {registry_sel_addRecord, 4},    {registry_sel_amendRecord, 5},
    {registry_sel_resealRecord, 5}, {registry_sel_setRecordStatus, 4},
};

static const struct user_function *user_function_find(slice call)
{
    for (size_t i = 0; i < sizeof user_functions / sizeof user_functions[0]; i++) {
        if (memcmp(call.p, user_functions[i].selector, 4) == 0)
            return &user_functions[i];
    }
    return NULL;
}

/* The contract would not look at bytes behind the arguments, but the payer pays for each. */
static status check_call(slice call, struct err *reterr)
{
    if (call.n < 4)
        return ERR(reterr, E_RANGE, "data: a call without a selector");
    const struct user_function *f = user_function_find(call);
    if (f == NULL)
        return ERR(reterr, E_FORBIDDEN, "data: function 0x%02x%02x%02x%02x is not relayed",
                   call.p[0], call.p[1], call.p[2], call.p[3]);
    if (call.n - 4 != f->words * ABI_WORD)
        return ERR(reterr, E_RANGE, "data: %zu bytes of arguments, the function takes %zu",
                   call.n - 4, f->words * ABI_WORD);
    return OK;
}

/* The offset in head word i is the one that an encoder without gaps writes. */
static bool is_at(slice data, size_t i, size_t want)
{
    uint64_t at = 0;
    return abi_read_u64(data, i, &at) == OK && at == want;
}

/* multicall(bytes[]): the elements are dynamic, so each is read through its own offset; they lie
 * one behind the other, with nothing between or behind them. */
static status check_multicall(slice args, struct err *reterr)
{
    size_t n = 0;
    slice elems;
    if (!is_at(args, 0, ABI_WORD) || abi_read_array(args, 0, 1, &n, &elems) != OK)
        return ERR(reterr, E_RANGE, "data: malformed multicall");
    if (n == 0 || n > POLICY_CALLS_MAX)
        return ERR(reterr, E_RANGE, "data: %zu calls in a multicall, 1 to %u are allowed", n,
                   POLICY_CALLS_MAX);
    size_t end = n * ABI_WORD;
    for (size_t i = 0; i < n; i++) {
        slice call;
        if (!is_at(elems, i, end) || abi_read_bytes(elems, i, &call) != OK)
            return ERR(reterr, E_RANGE, "data: call %zu of the multicall is malformed", i);
        status st = check_call(call, reterr);
        if (st != OK)
            return st;
        end += ABI_WORD + (call.n + ABI_WORD - 1) / ABI_WORD * ABI_WORD;
    }
    if (end != elems.n)
        return ERR(reterr, E_RANGE, "data: %zu bytes behind the multicall", elems.n - end);
    return OK;
}

status policy_check_data(slice data, struct err *reterr)
{
    if (data.n > POLICY_DATA_MAX)
        return ERR(reterr, E_RANGE, "data: %zu bytes, at most %zu are allowed", data.n,
                   POLICY_DATA_MAX);
    if (data.n >= 4 && memcmp(data.p, registry_sel_multicall, 4) == 0)
        return check_multicall(slice_after(data, 4), reterr);
    return check_call(data, reterr);
}

static status check_fields(const struct policy *p, const struct relay_request *req,
                           struct err *reterr)
{
    if (!addr20_eq(req->to, p->proxy))
        return ERR(reterr, E_FORBIDDEN, "to: only the registry is called");
    if (!u256_is_zero(req->value))
        return ERR(reterr, E_RANGE, "value: must be 0");
    if (req->gas < POLICY_GAS_MIN || req->gas > RELAY_GAS_MAX)
        return ERR(reterr, E_RANGE, "gas: must be %u to %u", POLICY_GAS_MIN, RELAY_GAS_MAX);
    if (req->deadline <= p->now)
        return ERR(reterr, E_EXPIRED, "deadline: has passed");
    if (req->deadline - p->now > p->max_ahead_s)
        return ERR(reterr, E_RANGE, "deadline: more than %llu s ahead",
                   (unsigned long long)p->max_ahead_s);
    return OK;
}

static status check_signature(const struct policy *p, const struct relay_request *req,
                              struct err *reterr)
{
    const struct eip712_forward_request typed = {
        .from = req->from,
        .to = req->to,
        .value = req->value,
        .gas = u256_from_u64(req->gas),
        .nonce = u256_from_u64(req->nonce),
        .deadline = req->deadline,
        .data = req->data,
    };
    hash32 digest;
    eip712_forward_request_digest(p->chain_id, p->forwarder, &typed, &digest);
    if (secp_verify_addr(&digest, slice_of(req->sig65, sizeof req->sig65), req->from) != OK)
        return ERR(reterr, E_SIGNATURE, "signature: not by from over this request");
    return OK;
}

status policy_check(const struct policy *p, const struct relay_request *req, struct err *reterr)
{
    status st = check_fields(p, req, reterr);
    if (st == OK)
        st = policy_check_data(req->data, reterr);
    return st == OK ? check_signature(p, req, reterr) : st;
}
