/* SPDX-License-Identifier: Apache-2.0 */
/* What the error texts of geth, Besu, anvil and their kin mean.
 *
 * JSON-RPC has no codes for most of it, so the texts are looked at, in lower case. A text that is
 * not known stays in the message and the status says only that the node refused. */
#include "ledger/remote_int.h"

#include <string.h>

#include "base/hex.h"

#define TEXT_MAX 200u /* bytes of a node's text that are kept */

struct rule {
    const char *text; /* lower case */
    status meaning;
};

/* Refusals of a transaction; the first match counts. */
static const struct rule send_rules[] = {
    {"nonce too low", E_REPLAY},
    {"nonce is too low", E_REPLAY},
    {"nonce too distant", E_CONFLICT},
    {"replacement transaction underpriced", E_CONFLICT},
    {"could not replace existing", E_CONFLICT},
    {"transaction underpriced", E_CONFLICT},
    {"gas price below configured minimum", E_CONFLICT},
    {"gas price below current base fee", E_CONFLICT},
    {"less than block base fee", E_CONFLICT},
    {"max fee per gas less than", E_CONFLICT},
    {"feetoolow", E_CONFLICT},
    {"fee too low", E_CONFLICT},
    {"insufficient funds", E_FORBIDDEN},
    {"insufficient balance", E_FORBIDDEN},
    {"upfront cost exceeds account balance", E_FORBIDDEN},
};

static const char *const known_texts[] = {"already known", "known transaction", "already imported",
                                          "alreadyknown"};

/* Executions that ended without revert data. */
static const char *const failed_texts[] = {
    "revert",          "out of gas",          "invalid opcode",      "invalidfeopcode",
    "evm error",       "stack under",         "stack over",          "invalid jump",
    "bad instruction", "invalid instruction", "gas required exceeds"};

static const char *const absent_texts[] = {
    "header not found",  "unknown block",           "block not found",
    "blocknotfound",     "blockoutofrange",         "block requested not found",
    "missing trie node", "world state unavailable", "not available"};

static const char *const rate_texts[] = {"rate limit",    "rate-limit", "request count",
                                         "compute units", "per second", "too many requests"};

/* Logs of too many blocks, and what says so even where the code is that of a rate. */
static const char *const too_long_texts[] = {"exceed",   "more than", "too large",
                                             "too many", "limit",     "too wide"};
static const char *const results_texts[] = {"results", "block range", "too large", "too wide"};

/* Printable ASCII of the node's text, lower-cased for comparison; safe for terminals and logs. */
static void clean_text(slice in, char out[TEXT_MAX + 1], bool lower)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n && n < TEXT_MAX; i++) {
        char c = (char)in.p[i];
        if (c < ' ' || c > '~')
            c = '?';
        if (lower && c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        out[n++] = c;
    }
    out[n] = '\0';
}

static bool any_of(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(text, list[i]) != NULL)
            return true;
    return false;
}

#define ANY_OF(text, list) any_of((text), (list), sizeof(list) / sizeof *(list))

/* "0x…" or "Reverted 0x…" as bytes; false for anything else. */
static bool hex_text(struct json v, slice *ret)
{
    slice text;
    if (json_type(v) != JSON_STRING || json_str(v, &text, NULL) != OK)
        return false;
    if (slice_has_prefix(text, SLICE_LIT("Reverted ")))
        text = slice_after(text, sizeof "Reverted " - 1);
    if (!slice_has_prefix(text, SLICE_LIT("0x")) || text.n % 2 != 0)
        return false;
    uint8_t *bytes = arena_alloc(v.doc->arena, text.n / 2);
    size_t n = text.n / 2 - 1;
    if (bytes == NULL || hex_read(slice_after(text, 2), bytes, n) != OK)
        return false;
    *ret = slice_of(bytes, n);
    return true;
}

/* Revert data stands in error.data, or one or two objects below it, under these names. */
static bool revert_data(struct json data, slice *ret)
{
    static const char *const names[] = {"data", "return", "result", "output"};
    if (hex_text(data, ret))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct json inner = json_get(data, names[i]);
        if (hex_text(inner, ret) || hex_text(json_get(inner, "data"), ret))
            return true;
    }
    return false;
}

static status execution_meaning(struct json error, int64_t code, const char *text,
                                slice *ret_revert, status otherwise)
{
    slice data = SLICE_EMPTY;
    bool has_data = revert_data(json_get(error, "data"), &data);
    if (code == 3 || ANY_OF(text, failed_texts)) {
        *ret_revert = has_data ? data : SLICE_EMPTY;
        return E_REVERTED;
    }
    return otherwise;
}

/* Fewer blocks at once help against too many results; against a rate only waiting does. */
static status logs_meaning(const char *text, status otherwise)
{
    if (otherwise == E_UNSUPPORTED || ANY_OF(text, rate_texts))
        return otherwise;
    bool is_long = otherwise == E_RATE ? ANY_OF(text, results_texts) : ANY_OF(text, too_long_texts);
    return is_long ? E_TOO_LONG : otherwise;
}

static status send_meaning(const char *text, bool *ret_known, status otherwise)
{
    for (size_t i = 0; i < sizeof send_rules / sizeof *send_rules; i++)
        if (strstr(text, send_rules[i].text) != NULL)
            return send_rules[i].meaning;
    if (ANY_OF(text, known_texts)) {
        *ret_known = true;
        return OK;
    }
    return strstr(text, "revert") != NULL ? E_REVERTED : otherwise;
}

/* What the code says, and the texts that count for every kind. */
static status code_meaning(int64_t code, const char *text)
{
    if (code == -32601 || code == -32004)
        return E_UNSUPPORTED;
    if (code == -32005 || code == 429 || ANY_OF(text, rate_texts))
        return E_RATE;
    if (ANY_OF(text, absent_texts))
        return E_NOT_FOUND;
    return code == -32603 ? E_UNAVAILABLE : E_RANGE;
}

/* Codes are small; anything else counts as none. */
static int64_t read_code(struct json v)
{
    slice text;
    if (json_type(v) != JSON_NUMBER || json_num(v, &text, NULL) != OK || text.n > 12)
        return 0;
    bool minus = text.n > 0 && text.p[0] == '-';
    int64_t n = 0;
    for (size_t i = minus ? 1 : 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return 0;
        n = n * 10 + (text.p[i] - '0');
    }
    return minus ? -n : n;
}

status remote_error_read(struct json error, enum ledger_kind kind, slice *ret_revert,
                         bool *ret_known, struct err *reterr)
{
    slice message;
    char lower[TEXT_MAX + 1];
    char shown[TEXT_MAX + 1];
    *ret_revert = SLICE_EMPTY;
    *ret_known = false;
    if (json_str(json_get(error, "message"), &message, NULL) != OK)
        message = SLICE_LIT("error without a message");
    clean_text(message, lower, true);
    clean_text(message, shown, false);
    int64_t code = read_code(json_get(error, "code"));
    status s = code_meaning(code, lower);
    if (kind == LEDGER_SEND)
        s = send_meaning(lower, ret_known, s);
    else if (kind == LEDGER_CALL || kind == LEDGER_ESTIMATE)
        s = execution_meaning(error, code, lower, ret_revert, s);
    else if (kind == LEDGER_LOGS)
        s = logs_meaning(lower, s);
    return s == OK ? OK : ERR(reterr, s, "node: %s (%lld)", shown, (long long)code);
}
