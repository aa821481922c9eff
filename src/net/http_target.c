/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets: cutting, strict percent decoding, query lookup. */
#include "net/http_target.h"

#include "base/limits.h"
#include "base/utf8.h"

status http_target_read(slice raw, struct http_target *ret, struct err *reterr)
{
    if (raw.n > LIMIT_HTTP_TARGET)
        return ERR(reterr, E_TOO_LONG, "request target: %zu bytes", raw.n);
    if (raw.n == 0 || raw.p[0] != '/')
        return ERR(reterr, E_SYNTAX, "request target: only origin form (/…) is served");
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] <= 0x20 || raw.p[i] >= 0x7f || raw.p[i] == '#')
            return ERR(reterr, E_SYNTAX, "request target: byte 0x%02x at %zu", raw.p[i], i);
    const uint8_t *mark = memchr(raw.p, '?', raw.n);
    size_t path_len = mark != NULL ? (size_t)(mark - raw.p) : raw.n;
    ret->raw = raw;
    ret->path = slice_first(raw, path_len);
    ret->query = slice_after(raw, path_len + 1);
    return OK;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool text_ok(slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return utf8_is_valid(s);
}

/* Decodes one character at raw[*i] and moves *i behind it; -1 for a bad escape. */
static int decode_one(slice raw, size_t *i, bool plus_is_space)
{
    uint8_t c = raw.p[(*i)++];
    if (c == '+' && plus_is_space)
        return ' ';
    if (c != '%')
        return c;
    if (raw.n - *i < 2)
        return -1;
    int hi = hex_digit(raw.p[*i]);
    int lo = hex_digit(raw.p[*i + 1]);
    *i += 2;
    return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

status http_percent_decode(slice raw, bool plus_is_space, struct arena *a, slice *ret)
{
    slice out = raw;
    bool plain = raw.n == 0 || (memchr(raw.p, '%', raw.n) == NULL &&
                                !(plus_is_space && memchr(raw.p, '+', raw.n) != NULL));
    if (!plain) {
        uint8_t *p = arena_alloc(a, raw.n);
        size_t n = 0;
        if (p == NULL)
            return E_NOMEM;
        for (size_t i = 0; i < raw.n;) {
            int c = decode_one(raw, &i, plus_is_space);
            if (c < 0)
                return E_SYNTAX;
            p[n++] = (uint8_t)c;
        }
        out = slice_of(p, n);
    }
    if (!text_ok(out))
        return E_SYNTAX;
    *ret = out;
    return OK;
}

static status segment_read(slice raw, struct arena *a, slice *ret)
{
    slice s;
    status st = http_percent_decode(raw, false, a, &s);
    if (st != OK)
        return st;
    if (s.n == 0 || slice_eq_str(s, ".") || slice_eq_str(s, "..") || memchr(s.p, '/', s.n) != NULL)
        return E_SYNTAX;
    *ret = s;
    return OK;
}

status http_path_read(slice path, struct arena *a, struct http_path *ret, struct err *reterr)
{
    struct http_path out = {.n = 0};
    if (path.n == 0 || path.p[0] != '/')
        return ERR(reterr, E_SYNTAX, "path: does not begin with /");
    slice rest = slice_after(path, 1);
    while (rest.n > 0) {
        const uint8_t *end = memchr(rest.p, '/', rest.n);
        slice raw = slice_first(rest, end != NULL ? (size_t)(end - rest.p) : rest.n);
        if (out.n == HTTP_PATH_SEGMENTS_MAX)
            return ERR(reterr, E_TOO_LONG, "path: more than %u segments", HTTP_PATH_SEGMENTS_MAX);
        status s = segment_read(raw, a, &out.seg[out.n]);
        if (s != OK)
            return ERR(reterr, s, "path: segment %zu", out.n);
        out.n++;
        out.trailing_slash = end != NULL;
        rest = slice_after(rest, raw.n + 1);
    }
    *ret = out;
    return OK;
}

bool http_path_is(const struct http_path *p, size_t i, const char *text)
{
    return i < p->n && slice_eq_str(p->seg[i], text);
}

bool http_query_next(slice *rest, slice *ret_name, slice *ret_value)
{
    while (rest->n > 0 && rest->p[0] == '&')
        *rest = slice_after(*rest, 1);
    if (rest->n == 0)
        return false;
    const uint8_t *amp = memchr(rest->p, '&', rest->n);
    slice pair = slice_first(*rest, amp != NULL ? (size_t)(amp - rest->p) : rest->n);
    const uint8_t *eq = memchr(pair.p, '=', pair.n);
    *ret_name = slice_first(pair, eq != NULL ? (size_t)(eq - pair.p) : pair.n);
    *ret_value = slice_after(pair, ret_name->n + 1);
    *rest = slice_after(*rest, pair.n + 1);
    return true;
}

status http_query_find(slice query, const char *name, struct arena *a, slice *ret,
                       struct err *reterr)
{
    slice n;
    slice v;
    slice found = SLICE_EMPTY;
    size_t times = 0;
    while (http_query_next(&query, &n, &v)) {
        slice decoded;
        status s = http_percent_decode(n, true, a, &decoded);
        if (s != OK)
            return ERR(reterr, s, "query: a parameter name is malformed");
        if (!slice_eq_str(decoded, name))
            continue;
        if (++times > 1)
            return ERR(reterr, E_DUPLICATE, "query: %s is given twice", name);
        s = http_percent_decode(v, true, a, &found);
        if (s != OK)
            return ERR(reterr, s, "query: %s is malformed", name);
    }
    if (times == 0)
        return ERR(reterr, E_NOT_FOUND, "query: %s is missing", name);
    *ret = found;
    return OK;
}
