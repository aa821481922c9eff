/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a JSON document and reading its values. */
#include "base/checked.h"
#include "base/hex.h"
#include "codec/json.h"
#include "codec/json_node.h"

static inline const struct json_node *row(struct json v)
{
    return &v.doc->node[v.i];
}

static inline struct json at_row(const struct json_doc *doc, uint32_t i)
{
    return (struct json){.doc = doc, .i = i};
}

struct json json_root(const struct json_doc *doc)
{
    return at_row(doc, 0);
}

enum json_type json_type(struct json v)
{
    return json_is_absent(v) ? JSON_ABSENT : node_type(row(v));
}

slice json_raw(struct json v)
{
    if (json_is_absent(v))
        return SLICE_EMPTY;
    return (slice){v.doc->text.p + row(v)->off, row(v)->end - row(v)->off};
}

size_t json_offset(struct json v)
{
    return json_is_absent(v) ? 0 : row(v)->off;
}

size_t json_count(struct json v)
{
    enum json_type t = json_type(v);
    return t == JSON_ARRAY || t == JSON_OBJECT ? node_count(row(v)) : 0;
}

static unsigned hex_value(uint8_t c)
{
    return c <= '9' ? c - (unsigned)'0' : (c | 0x20u) - 'a' + 10u;
}

static uint32_t unescape_u(const uint8_t **p)
{
    uint32_t v = 0;
    for (int i = 2; i < 6; i++)
        v = v << 4 | hex_value((*p)[i]);
    *p += 6;
    return v;
}

static size_t utf8_put(uint32_t c, uint8_t out[4])
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(lead[n] | c);
    return n;
}

size_t json_unescape(const uint8_t **p, uint8_t out[4])
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    if (**p != '\\') {
        out[0] = *(*p)++;
        return 1;
    }
    uint8_t c = (*p)[1];
    if (c != 'u') {
        out[0] = (uint8_t)values[strchr(names, c) - names];
        *p += 2;
        return 1;
    }
    uint32_t v = unescape_u(p);
    if (v >= 0xd800 && v <= 0xdbff)
        v = 0x10000 + ((v - 0xd800) << 10) + (unescape_u(p) - 0xdc00);
    return utf8_put(v, out);
}

bool json_decode(slice raw, struct arena *arena, slice *ret)
{
    uint8_t *out = arena_alloc(arena, raw.n); /* escapes are longer than what they mean */
    size_t n = 0;
    if (out == NULL)
        return false;
    for (const uint8_t *p = raw.p; p < raw.p + raw.n;) {
        uint8_t utf8[4];
        size_t len = json_unescape(&p, utf8);
        memcpy(out + n, utf8, len);
        n += len;
    }
    *ret = slice_of(out, n);
    return true;
}

/* True if the string row says want. */
static bool says(const struct json_doc *doc, const struct json_node *n, slice want)
{
    slice raw = node_str(doc->text, n);
    if ((n->info & NODE_ESCAPED) == 0)
        return slice_eq(raw, want);
    const uint8_t *p = raw.p;
    while (p < raw.p + raw.n) {
        uint8_t utf8[4];
        slice c = slice_of(utf8, json_unescape(&p, utf8));
        if (!slice_has_prefix(want, c))
            return false;
        want = slice_after(want, c.n);
    }
    return want.n == 0;
}

struct json json_get(struct json v, const char *key)
{
    if (json_is_absent(v))
        return v;
    if (node_type(row(v)) == JSON_OBJECT) {
        slice want = slice_str(key);
        const struct json_node *node = v.doc->node;
        for (uint32_t i = v.i + 1; i < row(v)->next; i = node[i + 1].next)
            if (says(v.doc, &node[i], want))
                return at_row(v.doc, i + 1);
    }
    return (struct json){.doc = v.doc, .key = key, .parent = v.i};
}

struct json json_at(struct json v, size_t i)
{
    if (json_is_absent(v))
        return v;
    if (node_type(row(v)) == JSON_ARRAY)
        for (uint32_t r = v.i + 1; r < row(v)->next; r = v.doc->node[r].next)
            if (i-- == 0)
                return at_row(v.doc, r);
    return (struct json){.doc = v.doc, .key = "[]", .parent = v.i};
}

struct json_iter json_iter(struct json v)
{
    struct json_iter it = {.doc = v.doc};
    enum json_type t = json_type(v);
    if (t == JSON_ARRAY || t == JSON_OBJECT) {
        it.is_object = t == JSON_OBJECT;
        it.next = v.i + 1;
        it.end = row(v)->next;
    }
    return it;
}

bool json_next(struct json_iter *it)
{
    if (it->next >= it->end)
        return false;
    if (it->is_object)
        it->key = at_row(it->doc, it->next++);
    it->value = at_row(it->doc, it->next);
    it->next = row(it->value)->next;
    return true;
}

static const char *type_name(enum json_type t)
{
    static const char *const names[] = {"null",     "a boolean", "a boolean", "a number",
                                        "a string", "an array",  "an object", "nothing"};
    return names[t];
}

static status want_type(struct json v, enum json_type want, struct err *reterr)
{
    enum json_type t = json_type(v);
    if (t == JSON_ABSENT)
        return json_err(reterr, E_MISSING, v, "missing");
    if (t != want)
        return json_err(reterr, E_TYPE, v, "%s where %s must be", type_name(t), type_name(want));
    return OK;
}

status json_str(struct json v, slice *ret, struct err *reterr)
{
    status s = want_type(v, JSON_STRING, reterr);
    if (s != OK)
        return s;
    slice raw = node_str(v.doc->text, row(v));
    if ((row(v)->info & NODE_ESCAPED) == 0) {
        *ret = raw;
        return OK;
    }
    if (!json_decode(raw, v.doc->arena, ret))
        return json_err(reterr, E_NOMEM, v, "no memory for the text");
    return OK;
}

bool json_eq(struct json v, const char *text)
{
    return json_type(v) == JSON_STRING && says(v.doc, row(v), slice_str(text));
}

status json_num(struct json v, slice *ret, struct err *reterr)
{
    status s = want_type(v, JSON_NUMBER, reterr);
    if (s == OK)
        *ret = json_raw(v);
    return s;
}

status json_u64(struct json v, uint64_t *ret, struct err *reterr)
{
    slice text;
    uint64_t n = 0;
    status s = json_num(v, &text, reterr);
    if (s != OK)
        return s;
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned)text.p[i] - '0';
        if (digit > 9 || !u64_mul(n, 10, &n) || !u64_add(n, digit, &n))
            return json_err(reterr, E_RANGE, v, "must be a whole number below 2^64");
    }
    *ret = n;
    return OK;
}

status json_bool(struct json v, bool *ret, struct err *reterr)
{
    if (json_type(v) == JSON_FALSE) {
        *ret = false;
        return OK;
    }
    status s = want_type(v, JSON_TRUE, reterr);
    if (s == OK)
        *ret = true;
    return s;
}

status json_want_object(struct json v, struct err *reterr)
{
    return want_type(v, JSON_OBJECT, reterr);
}

status json_want_array(struct json v, struct err *reterr)
{
    return want_type(v, JSON_ARRAY, reterr);
}

status json_want_only(struct json v, const char *const *keys, size_t n, struct err *reterr)
{
    status s = json_want_object(v, reterr);
    if (s != OK)
        return s;
    for (struct json_iter it = json_iter(v); json_next(&it);) {
        bool is_known = false;
        for (size_t i = 0; i < n && !is_known; i++)
            is_known = json_eq(it.key, keys[i]);
        if (!is_known)
            return json_err(reterr, E_UNSUPPORTED, it.value, "unknown member");
    }
    return OK;
}

/* Digits of a string that begins with 0x. */
static status hex_digits(struct json v, slice *ret, struct err *reterr)
{
    slice text;
    status s = json_str(v, &text, reterr);
    if (s != OK)
        return s;
    if (!slice_has_prefix(text, SLICE_LIT("0x")) || (text.n > 3 && (text.p[3] | 0x20) == 'x'))
        return json_err(reterr, E_SYNTAX, v, "hex digits after 0x must be here");
    *ret = slice_after(text, 2);
    return OK;
}

status json_hex_fixed(struct json v, uint8_t *out, size_t n, struct err *reterr)
{
    slice digits;
    status s = hex_digits(v, &digits, reterr);
    if (s != OK)
        return s;
    if (digits.n != 2 * n)
        return json_err(reterr, E_RANGE, v, "%zu hex digits where %zu must be", digits.n, 2 * n);
    s = hex_read(digits, out, n);
    return s == OK ? OK : json_err(reterr, s, v, "no hex digit");
}

status json_hex_addr(struct json v, addr20 *ret, struct err *reterr)
{
    addr20 a;
    status s = json_hex_fixed(v, a.b, sizeof a.b, reterr);
    if (s == OK)
        *ret = a;
    return s;
}

status json_hex_hash(struct json v, hash32 *ret, struct err *reterr)
{
    hash32 h;
    status s = json_hex_fixed(v, h.b, sizeof h.b, reterr);
    if (s == OK)
        *ret = h;
    return s;
}

status json_hex_u256(struct json v, u256 *ret, struct err *reterr)
{
    slice text;
    status s = json_str(v, &text, reterr);
    if (s != OK)
        return s;
    s = u256_read_hex(text, ret);
    return s == OK ? OK : json_err(reterr, s, v, "no hex quantity");
}

status json_hex_u64(struct json v, uint64_t *ret, struct err *reterr)
{
    u256 n;
    status s = json_hex_u256(v, &n, reterr);
    if (s != OK)
        return s;
    if (!u256_fits_u64(n))
        return json_err(reterr, E_RANGE, v, "must be below 2^64");
    *ret = n.w[0];
    return OK;
}

status json_hex_bytes(struct json v, slice *ret, struct err *reterr)
{
    slice digits;
    status s = hex_digits(v, &digits, reterr);
    if (s != OK)
        return s;
    if (digits.n % 2 != 0)
        return json_err(reterr, E_RANGE, v, "odd number of hex digits");
    uint8_t *out = arena_alloc(v.doc->arena, digits.n / 2);
    if (out == NULL)
        return json_err(reterr, E_NOMEM, v, "no memory for the bytes");
    s = hex_read(digits, out, digits.n / 2);
    if (s != OK)
        return json_err(reterr, s, v, "no hex digit");
    *ret = slice_of(out, digits.n / 2);
    return OK;
}
