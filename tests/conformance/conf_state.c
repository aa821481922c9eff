/* SPDX-License-Identifier: Apache-2.0 */
/* Reading states and values. */
#include "conf_state.h"

#include <stdio.h>

#include "base/hex.h"

status conf_u256(struct json v, u256 *ret, struct err *reterr)
{
    char digits[3 + 64] = "0x";
    slice text;
    status s = json_str(v, &text, reterr);
    if (s != OK)
        return s;
    if (slice_has_prefix(text, SLICE_LIT("0x")))
        text = slice_after(text, 2);
    while (text.n > 0 && text.p[0] == '0')
        text = slice_after(text, 1);
    if (text.n > 64)
        return json_err(reterr, E_RANGE, v, "above 2^256");
    if (text.n == 0)
        text = SLICE_LIT("0");
    memcpy(digits + 2, text.p, text.n);
    s = u256_read_hex(slice_of(digits, 2 + text.n), ret);
    return s == OK ? OK : json_err(reterr, s, v, "no number");
}

status conf_u64(struct json v, uint64_t *ret, struct err *reterr)
{
    u256 n;
    status s = conf_u256(v, &n, reterr);
    if (s != OK)
        return s;
    if (!u256_fits_u64(n))
        return json_err(reterr, E_RANGE, v, "above 2^64");
    *ret = n.w[0];
    return OK;
}

status conf_u256_or(struct json v, u256 def, u256 *ret, struct err *reterr)
{
    if (!json_is_absent(v))
        return conf_u256(v, ret, reterr);
    *ret = def;
    return OK;
}

status conf_u64_or(struct json v, uint64_t def, uint64_t *ret, struct err *reterr)
{
    if (!json_is_absent(v))
        return conf_u64(v, ret, reterr);
    *ret = def;
    return OK;
}

status conf_addr(slice text, addr20 *ret, struct err *reterr)
{
    if (hex_read_addr(text, ret) != OK)
        return ERR(reterr, E_SYNTAX, "%.*s: no address", (int)text.n, (const char *)text.p);
    return OK;
}

static status member_addr(struct json key, addr20 *ret, struct err *reterr)
{
    slice text;
    status s = json_str(key, &text, reterr);
    return s == OK ? conf_addr(text, ret, reterr) : s;
}

static status load_storage(struct state *st, struct account *a, struct json storage,
                           struct err *reterr)
{
    status s = OK;
    for (struct json_iter it = json_iter(storage); s == OK && json_next(&it);) {
        u256 key;
        u256 value;
        s = conf_u256(it.key, &key, reterr);
        if (s == OK)
            s = conf_u256(it.value, &value, reterr);
        if (s == OK)
            state_set_slot(st, a, state_slot(st, a, &key), &value);
    }
    return s;
}

static status load_account(struct state *st, struct json key, struct json v, struct err *reterr)
{
    addr20 addr;
    u256 balance;
    uint64_t nonce;
    slice code;
    status s = member_addr(key, &addr, reterr);
    if (s == OK)
        s = conf_u256(json_get(v, "balance"), &balance, reterr);
    if (s == OK)
        s = conf_u64(json_get(v, "nonce"), &nonce, reterr);
    if (s == OK)
        s = json_hex_bytes(json_get(v, "code"), &code, reterr);
    if (s != OK)
        return s;
    struct account *a = state_account(st, &addr);
    state_set_balance(st, a, balance);
    state_set_nonce(st, a, nonce);
    state_set_code(st, a, code);
    return load_storage(st, a, json_get(v, "storage"), reterr);
}

status conf_state_load(struct state *st, struct json alloc, struct err *reterr)
{
    status s = json_want_object(alloc, reterr);
    for (struct json_iter it = json_iter(alloc); s == OK && json_next(&it);)
        s = load_account(st, it.key, it.value, reterr);
    if (s == OK)
        s = state_failure(st);
    state_begin_tx(st);
    state_keep(st);
    return s;
}

/* --- differences ---------------------------------------------------------------------------- */

static bool storage_differs(struct state *st, struct account *a, struct json storage, char *out,
                            size_t n)
{
    char got[U256_HEX_MAX];
    char want[U256_HEX_MAX];
    size_t words = 0;
    for (struct json_iter it = json_iter(storage); json_next(&it);) {
        u256 key;
        u256 value;
        if (conf_u256(it.key, &key, NULL) != OK || conf_u256(it.value, &value, NULL) != OK)
            continue;
        words += u256_is_zero(value) ? 0 : 1;
        const struct slot *s = state_slot(st, a, &key);
        (void)u256_hex(s->v.current, got);
        (void)u256_hex(value, want);
        if (strcmp(got, want) == 0)
            continue;
        (void)u256_hex(key, want);
        size_t len = (size_t)snprintf(out, n, "slot %s is %s, want ", want, got);
        (void)u256_hex(value, want);
        (void)snprintf(out + len, n - len, "%s", want);
        return true;
    }
    for (uint32_t i = 0; i < a->slots.max; i++)
        if (a->slots.slot[i] != NULL && !u256_is_zero(a->slots.slot[i]->v.current))
            words--;
    (void)snprintf(out, n, "more slots than expected");
    return words != 0;
}

static bool account_differs(struct state *st, struct account *a, struct json v, char *out, size_t n)
{
    u256 balance = {{0}};
    uint64_t nonce = 0;
    slice code = SLICE_EMPTY;
    char got[U256_DEC_MAX];
    char want[U256_DEC_MAX];
    if (conf_u256(json_get(v, "balance"), &balance, NULL) != OK ||
        conf_u64(json_get(v, "nonce"), &nonce, NULL) != OK ||
        json_hex_bytes(json_get(v, "code"), &code, NULL) != OK)
        return false;
    (void)u256_dec(a->head.balance, got);
    (void)u256_dec(balance, want);
    if (!a->head.exists)
        (void)snprintf(out, n, "is not there");
    else if (strcmp(got, want) != 0)
        (void)snprintf(out, n, "balance is %s, want %s", got, want);
    else if (a->head.nonce != nonce)
        (void)snprintf(out, n, "nonce is %llu, want %llu", (unsigned long long)a->head.nonce,
                       (unsigned long long)nonce);
    else if (!slice_eq(state_code(st, a)->bytes, code))
        (void)snprintf(out, n, "code of %zu bytes, want %zu", state_code(st, a)->bytes.n, code.n);
    else
        return storage_differs(st, a, json_get(v, "storage"), out, n);
    return true;
}

bool conf_state_differs(struct state *st, struct json alloc, char *out, size_t n)
{
    for (struct json_iter it = json_iter(alloc); json_next(&it);) {
        addr20 addr;
        char text[256];
        char hex[64];
        if (member_addr(it.key, &addr, NULL) != OK)
            continue;
        struct account *a = state_account(st, &addr);
        if (!account_differs(st, a, it.value, text, sizeof text))
            continue;
        (void)snprintf(out, n, "%s %s", hex_0x(slice_of(addr.b, 20), hex), text);
        return true;
    }
    for (size_t i = 0; i < st->max; i++) {
        char hex[64];
        if (st->account[i] == NULL || !st->account[i]->head.exists)
            continue;
        (void)hex_0x(slice_of(st->account[i]->addr.b, 20), hex);
        if (!json_is_absent(json_get(alloc, hex)))
            continue;
        (void)snprintf(out, n, "%s should not be there", hex);
        return true;
    }
    return false;
}

/* --- rules ---------------------------------------------------------------------------------- */

/* "config" of a state test names forks as the posts do. */
static status read_schedule(struct json v, struct blob_schedule *ret, struct err *reterr)
{
    status s = conf_u64(json_get(v, "target"), &ret->target, reterr);
    if (s == OK)
        s = conf_u64(json_get(v, "max"), &ret->max, reterr);
    if (s == OK)
        s = conf_u64(json_get(v, "baseFeeUpdateFraction"), &ret->fraction, reterr);
    return s;
}

status conf_rules(struct json config, slice fork, enum evm_rev rev, struct chain_rules *ret,
                  struct err *reterr)
{
    *ret = (struct chain_rules){.rev = rev, .blobs = blob_schedule_of(rev)};
    status s = conf_u64_or(json_get(config, "chainid"), 1, &ret->chain_id, reterr);
    for (struct json_iter it = json_iter(json_get(config, "blobSchedule"));
         s == OK && json_next(&it);) {
        slice name;
        s = json_str(it.key, &name, reterr);
        if (s == OK && slice_eq(name, fork))
            s = read_schedule(it.value, &ret->blobs, reterr);
    }
    return s;
}

/* --- exceptions ----------------------------------------------------------------------------- */

/* What the suites call one of our reasons too. */
static const struct {
    const char *expected;
    const char *found;
} aliases[] = {
    {"TYPE_1_TX_PRE_FORK", "TYPE_NOT_SUPPORTED"},
    {"TYPE_2_TX_PRE_FORK", "TYPE_NOT_SUPPORTED"},
    {"TYPE_3_TX_PRE_FORK", "TYPE_NOT_SUPPORTED"},
    {"TYPE_4_TX_PRE_FORK", "TYPE_NOT_SUPPORTED"},
    {"TR_TypeNotSupported", "TYPE_NOT_SUPPORTED"},
    {"TR_NoFunds", "INSUFFICIENT_ACCOUNT_FUNDS"},
    {"TR_NoFundsX", "INSUFFICIENT_ACCOUNT_FUNDS"},
    {"TR_NoFundsX", "GASLIMIT_PRICE_PRODUCT_OVERFLOW"},
    {"TR_NoFundsOrGas", "INSUFFICIENT_ACCOUNT_FUNDS"},
    {"TR_NoFundsOrGas", "INTRINSIC_GAS_TOO_LOW"},
    {"SenderNotEOA", "SENDER_NOT_EOA"},
    {"IntrinsicGas", "INTRINSIC_GAS_TOO_LOW"},
    {"TR_IntrinsicGas", "INTRINSIC_GAS_TOO_LOW"},
    {"TR_RLP_WRONGVALUE", "RLP"},
    {"RLP_INVALID_VALUE", "RLP"},
    {"TR_FeeCapLessThanBlocks", "INSUFFICIENT_MAX_FEE_PER_GAS"},
    {"TR_GasLimitReached", "GAS_ALLOWANCE_EXCEEDED"},
    {"TR_TipGtFeeCap", "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"},
    {"TR_InitCodeLimitExceeded", "INITCODE_SIZE_EXCEEDED"},
    {"TR_BLOBCREATE", "TYPE_3_TX_CONTRACT_CREATION"},
    {"TR_BLOBVERSION_INVALID", "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH"},
    {"TR_EMPTYBLOB", "TYPE_3_TX_ZERO_BLOBS"},
    {"TR_BLOBLIST_OVERSIZE", "TYPE_3_TX_BLOB_COUNT_EXCEEDED"},
    {"IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS", "INVALID_UNCLES"},
    {"EXTRA_DATA_INVALID_DAO", "INVALID_UNCLES"}, /* of the uncle */
    {"UNKNOWN_PARENT_ZERO", "UNKNOWN_PARENT"},
    {"IMPORT_IMPOSSIBLE_SHANGHAI", "INCORRECT_BLOCK_FORMAT"},
    {"IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI", "INCORRECT_BLOCK_FORMAT"},
    {"RLP_WITHDRAWALS_NOT_READ", "INCORRECT_BLOCK_FORMAT"},
    {"INCORRECT_BLOCK_FORMAT", "RLP_STRUCTURES_ENCODING"}, /* a field left out shifts the others */
    {"IMPORT_IMPOSSIBLE_PARIS_WRONG_POS", "INVALID_DIFFICULTY"},
    {"IMPORT_IMPOSSIBLE_PARIS_WRONG_POW", "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS"},
    {"INVALID_DIFFICULTY", "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS"},
    {"GAS_ALLOWANCE_EXCEEDED",
     "INVALID_TRANSACTIONS_ROOT"}, /* these two blocks are wrong in both */
    {"INTRINSIC_GAS_TOO_LOW", "INVALID_TRANSACTIONS_ROOT"},
    {"TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED", "TYPE_3_TX_BLOB_COUNT_EXCEEDED"},
};

static bool name_matches(slice expected, const char *found)
{
    if (slice_eq_str(expected, found))
        return true;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (slice_eq_str(expected, aliases[i].expected) && strcmp(found, aliases[i].found) == 0)
            return true;
    return false;
}

bool conf_exception_matches(slice expected, const char *found)
{
    while (expected.n > 0) {
        const uint8_t *bar = memchr(expected.p, '|', expected.n);
        size_t n = bar != NULL ? (size_t)(bar - expected.p) : expected.n;
        slice one = slice_first(expected, n);
        const uint8_t *dot = memchr(one.p, '.', one.n);
        if (dot != NULL)
            one = slice_after(one, (size_t)(dot - one.p) + 1);
        if (name_matches(one, found))
            return true;
        expected = slice_after(expected, n + 1);
    }
    return false;
}
