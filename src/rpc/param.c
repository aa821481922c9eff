/* SPDX-License-Identifier: Apache-2.0 */
/* Hex of all kinds, with geth's words for what is wrong with it. */
#include "rpc/param.h"

#include <inttypes.h>

#include "base/hex.h"

#define BAD_TYPE "json: cannot unmarshal %s into Go value of type %s"
#define KEY_SHOWN 80u /* bytes of a storage key that is too long */

bool rpc_given(struct json v)
{
    return !json_is_absent(v) && json_type(v) != JSON_NULL;
}

bool rpc_param_given(const struct rpc_req *q, size_t i)
{
    return i < q->n_params && rpc_given(q->param[i]);
}

static status wrong(struct rpc_req *q, size_t i, const char *why, const char *type)
{
    return rpc_bad_param(q, i, BAD_TYPE, why, type);
}

/* What is wrong with the digits of a DATA or QUANTITY, or NULL; *ret: the digits without 0x. */
static const char *digits_of(slice text, slice *ret)
{
    if (text.n == 0)
        return "empty hex string";
    if (text.n < 2 || text.p[0] != '0' || (text.p[1] | 0x20) != 'x')
        return "hex string without 0x prefix";
    *ret = slice_after(text, 2);
    return NULL;
}

static bool all_hex(slice digits)
{
    for (size_t i = 0; i < digits.n; i++) {
        uint8_t c = digits.p[i] | 0x20;
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

static bool text_of(struct json v, slice *ret)
{
    return json_type(v) == JSON_STRING && json_str(v, ret, NULL) == OK;
}

/* --- DATA ------------------------------------------------------------------------------------- */

static const char *data_fault(slice text, slice *ret_digits)
{
    const char *why = digits_of(text, ret_digits);
    if (why == NULL && ret_digits->n % 2 != 0)
        why = "hex string of odd length";
    if (why == NULL && !all_hex(*ret_digits))
        why = "invalid hex string";
    return why;
}

static status read_fixed(struct rpc_req *q, size_t i, struct json v, uint8_t *out, size_t n,
                         const char *type)
{
    slice text;
    slice digits = SLICE_EMPTY;
    if (!text_of(v, &text))
        return wrong(q, i, "non-string", type);
    const char *why = data_fault(text, &digits);
    if (why != NULL)
        return wrong(q, i, why, type);
    if (digits.n != 2 * n)
        return rpc_bad_param(q, i, "hex string has length %zu, want %zu for %s", digits.n, 2 * n,
                             type);
    return hex_read(digits, out, n);
}

status rpc_read_addr(struct rpc_req *q, size_t i, struct json v, addr20 *ret)
{
    return read_fixed(q, i, v, ret->b, sizeof ret->b, "common.Address");
}

status rpc_read_hash(struct rpc_req *q, size_t i, struct json v, hash32 *ret)
{
    return read_fixed(q, i, v, ret->b, sizeof ret->b, "common.Hash");
}

status rpc_read_bytes(struct rpc_req *q, size_t i, struct json v, slice *ret)
{
    slice text;
    slice digits = SLICE_EMPTY;
    if (!text_of(v, &text))
        return wrong(q, i, "non-string", "hexutil.Bytes");
    const char *why = data_fault(text, &digits);
    if (why != NULL)
        return wrong(q, i, why, "hexutil.Bytes");
    uint8_t *p = arena_alloc(q->a, digits.n / 2);
    if (p == NULL)
        return E_NOMEM;
    status s = hex_read(digits, p, digits.n / 2);
    if (s == OK)
        *ret = slice_of(p, digits.n / 2);
    return s;
}

status rpc_read_slot(struct rpc_req *q, size_t i, struct json v, u256 *ret)
{
    slice text;
    slice digits = SLICE_EMPTY;
    uint8_t be[32] = {0};
    char padded[64];
    if (!text_of(v, &text))
        return wrong(q, i, "non-string", "string");
    digits = text;
    if (text.n >= 2 && text.p[0] == '0' && (text.p[1] | 0x20) == 'x')
        digits = slice_after(text, 2);
    if (digits.n > sizeof padded)
        return rpc_fail(q, RPC_INVALID_PARAMS,
                        "storage key too long (want at most 32 bytes): \"%.*s\"",
                        (int)(text.n < KEY_SHOWN ? text.n : KEY_SHOWN), (const char *)text.p);
    memset(padded, '0', sizeof padded);
    if (digits.n > 0)
        memcpy(padded + sizeof padded - digits.n, digits.p, digits.n);
    if (hex_read(slice_of(padded, sizeof padded), be, sizeof be) != OK || !all_hex(digits))
        return rpc_fail(q, RPC_INVALID_PARAMS, "invalid hex in storage key: \"%.*s\"", (int)text.n,
                        (const char *)text.p);
    *ret = u256_from_be(be);
    return OK;
}

/* --- QUANTITY --------------------------------------------------------------------------------- */

static const char *number_fault(slice text, u256 *ret)
{
    slice digits = SLICE_EMPTY;
    const char *why = digits_of(text, &digits);
    if (why != NULL)
        return why;
    if (digits.n == 0)
        return "hex string \"0x\"";
    if (!all_hex(digits))
        return "invalid hex string";
    if (digits.n > 1 && digits.p[0] == '0')
        return "hex number with leading zero digits";
    if (digits.n > 64)
        return "hex number > 256 bits";
    char padded[64];
    uint8_t be[32];
    memset(padded, '0', sizeof padded);
    memcpy(padded + sizeof padded - digits.n, digits.p, digits.n);
    if (hex_read(slice_of(padded, sizeof padded), be, sizeof be) != OK)
        return "invalid hex string";
    *ret = u256_from_be(be);
    return NULL;
}

status rpc_read_u256(struct rpc_req *q, size_t i, struct json v, u256 *ret)
{
    slice text;
    if (!text_of(v, &text))
        return wrong(q, i, "non-string", "*hexutil.Big");
    const char *why = number_fault(text, ret);
    return why == NULL ? OK : wrong(q, i, why, "*hexutil.Big");
}

status rpc_read_u64(struct rpc_req *q, size_t i, struct json v, uint64_t *ret)
{
    slice text;
    u256 n = {{0}};
    if (!text_of(v, &text))
        return wrong(q, i, "non-string", "hexutil.Uint64");
    const char *why = number_fault(text, &n);
    if (why == NULL && !u256_fits_u64(n))
        why = "hex number > 64 bits";
    if (why != NULL)
        return wrong(q, i, why, "hexutil.Uint64");
    *ret = n.w[0];
    return OK;
}

status rpc_read_bool(struct rpc_req *q, size_t i, struct json v, bool *ret)
{
    if (json_bool(v, ret, NULL) == OK)
        return OK;
    return wrong(q, i, json_type(v) == JSON_STRING ? "string" : "value", "bool");
}

/* --- members ---------------------------------------------------------------------------------- */

#define MEMBER(name, type)                                                                         \
    status rpc_member_##name(struct rpc_req *q, size_t i, struct json v, const char *key,          \
                             type *ret, bool *ret_given)                                           \
    {                                                                                              \
        struct json m = json_get(v, key);                                                          \
        if (ret_given != NULL)                                                                     \
            *ret_given = rpc_given(m);                                                             \
        return rpc_given(m) ? rpc_read_##name(q, i, m, ret) : OK;                                  \
    }
MEMBER(addr, addr20)
MEMBER(hash, hash32)
MEMBER(u64, uint64_t)
MEMBER(u256, u256)
MEMBER(bytes, slice)
MEMBER(bool, bool)
#undef MEMBER

/* --- blocks ----------------------------------------------------------------------------------- */

static bool read_tag(slice text, struct rpc_at *ret)
{
    *ret = (struct rpc_at){.kind = RPC_AT_LATEST};
    if (slice_eq_str(text, "latest") || slice_eq_str(text, "safe") ||
        slice_eq_str(text, "finalized"))
        return true;
    if (slice_eq_str(text, "pending"))
        ret->kind = RPC_AT_PENDING;
    else if (slice_eq_str(text, "earliest"))
        ret->kind = RPC_AT_NUMBER;
    else
        return false;
    return true;
}

status rpc_read_number(struct rpc_req *q, size_t i, struct json v, struct rpc_at *ret)
{
    slice text;
    u256 n = {{0}};
    if (!text_of(v, &text))
        return wrong(q, i, "non-string", "rpc.BlockNumber");
    if (read_tag(text, ret))
        return OK;
    const char *why = number_fault(text, &n);
    if (why == NULL && !u256_fits_u64(n))
        why = "hex number > 64 bits";
    if (why != NULL)
        return rpc_bad_param(q, i, "%s", why);
    if (n.w[0] > INT64_MAX)
        return rpc_bad_param(q, i, "block number larger than int64");
    *ret = (struct rpc_at){.kind = RPC_AT_NUMBER, .number = n.w[0]};
    return OK;
}

status rpc_param_number(struct rpc_req *q, size_t i, struct rpc_at *ret)
{
    return rpc_read_number(q, i, q->param[i], ret);
}

/* EIP-1898 */
static status read_at_object(struct rpc_req *q, size_t i, struct json v, struct rpc_at *ret)
{
    struct json number = json_get(v, "blockNumber");
    struct json hash = json_get(v, "blockHash");
    if (rpc_given(number) && rpc_given(hash))
        return rpc_bad_param(
            q, i, "cannot specify both BlockHash and BlockNumber, choose one or the other");
    if (rpc_given(number))
        return rpc_read_number(q, i, number, ret);
    ret->kind = RPC_AT_HASH;
    if (rpc_given(hash))
        return rpc_read_hash(q, i, hash, &ret->hash);
    return rpc_bad_param(q, i, "neither BlockHash nor BlockNumber is given");
}

status rpc_param_at(struct rpc_req *q, size_t i, struct rpc_at *ret)
{
    slice text;
    *ret = (struct rpc_at){.kind = RPC_AT_LATEST};
    if (!rpc_param_given(q, i))
        return OK;
    struct json v = q->param[i];
    if (json_type(v) == JSON_OBJECT)
        return read_at_object(q, i, v, ret);
    if (!text_of(v, &text) || text.n != 66)
        return rpc_read_number(q, i, v, ret);
    ret->kind = RPC_AT_HASH;
    return rpc_read_hash(q, i, v, &ret->hash);
}

status rpc_at_find(struct rpc_req *q, const struct rpc_at *at, uint64_t *ret)
{
    status s = rpc_view(q);
    if (s != OK)
        return s;
    switch (at->kind) {
    case RPC_AT_HASH:
        return chain_view_number(&q->view, &at->hash, ret, NULL);
    case RPC_AT_NUMBER:
        *ret = at->number;
        return at->number <= q->view.head ? OK : E_NOT_FOUND;
    default:
        *ret = q->view.head;
        return OK;
    }
}

status rpc_at_need(struct rpc_req *q, const struct rpc_at *at, uint64_t *ret)
{
    status s = rpc_at_find(q, at, ret);
    if (s != E_NOT_FOUND)
        return s;
    if (at->kind == RPC_AT_HASH)
        return rpc_fail(q, RPC_SERVER_ERROR, "header for hash not found");
    return rpc_fail(q, RPC_SERVER_ERROR, "header not found");
}
