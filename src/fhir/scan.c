/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over a JSON frame. */
#include "fhir/scan.h"

slice scan_skip_space(slice in)
{
    size_t i = 0;
    while (i < in.n && (in.p[i] == ' ' || in.p[i] == '\t' || in.p[i] == '\r' || in.p[i] == '\n'))
        i++;
    return slice_after(in, i);
}

status scan_open(slice in, uint8_t open, struct scan *ret)
{
    in = scan_skip_space(in);
    if (in.n == 0)
        return E_TRUNCATED;
    if (in.p[0] != open)
        return E_TYPE;
    *ret = (struct scan){.rest = slice_after(in, 1), .close = open == '{' ? '}' : ']'};
    return OK;
}

/* Bytes of the string at the start of in, with its quotes; 0 if it does not end. */
static size_t string_len(slice in)
{
    size_t i = 1;
    while (i < in.n) {
        const uint8_t *quote = memchr(in.p + i, '"', in.n - i);
        if (quote == NULL)
            return 0;
        size_t end = (size_t)(quote - in.p);
        size_t back = end;
        while (in.p[back - 1] == '\\') /* ends at the opening quote at the latest */
            back--;
        i = end + 1;
        if ((end - back) % 2 == 0)
            return i;
    }
    return 0;
}

/* Bytes of the object or array at the start of in; 0 if it does not end. */
static size_t nested_len(slice in)
{
    size_t depth = 0;
    for (size_t i = 0; i < in.n;) {
        uint8_t c = in.p[i];
        if (c == '"') {
            size_t n = string_len(slice_after(in, i));
            if (n == 0)
                return 0;
            i += n;
            continue;
        }
        i++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return i;
    }
    return 0;
}

static size_t scalar_len(slice in)
{
    size_t i = 0;
    while (i < in.n && in.p[i] > ' ' && in.p[i] != ',' && in.p[i] != '}' && in.p[i] != ']')
        i++;
    return i;
}

static size_t value_len(slice in)
{
    if (in.n == 0)
        return 0;
    if (in.p[0] == '"')
        return string_len(in);
    return in.p[0] == '{' || in.p[0] == '[' ? nested_len(in) : scalar_len(in);
}

/* Take the key and the colon. */
static status take_key(struct scan *s, slice *ret_key)
{
    size_t n = s->rest.p[0] == '"' ? string_len(s->rest) : 0;
    if (n == 0 || memchr(s->rest.p, '\\', n) != NULL)
        return E_SYNTAX;
    *ret_key = slice_of(s->rest.p + 1, n - 2);
    s->rest = scan_skip_space(slice_after(s->rest, n));
    if (s->rest.n == 0 || s->rest.p[0] != ':')
        return s->rest.n == 0 ? E_TRUNCATED : E_SYNTAX;
    s->rest = scan_skip_space(slice_after(s->rest, 1));
    return OK;
}

static bool fail(struct scan *s, status st)
{
    s->st = st;
    return false;
}

bool scan_next(struct scan *s, slice *ret_key, slice *ret_value)
{
    s->rest = scan_skip_space(s->rest);
    if (s->rest.n == 0)
        return fail(s, E_TRUNCATED);
    if (s->rest.p[0] == s->close) {
        s->rest = slice_after(s->rest, 1);
        return fail(s, OK);
    }
    if (s->has_value) {
        if (s->rest.p[0] != ',')
            return fail(s, E_SYNTAX);
        s->rest = scan_skip_space(slice_after(s->rest, 1));
        if (s->rest.n == 0)
            return fail(s, E_TRUNCATED);
    }
    s->st = s->close == '}' ? take_key(s, ret_key) : OK;
    if (s->st != OK)
        return false;
    size_t n = value_len(s->rest);
    if (n == 0)
        return fail(s, s->rest.n == 0 ? E_TRUNCATED : E_SYNTAX);
    *ret_value = slice_first(s->rest, n);
    s->rest = slice_after(s->rest, n);
    s->has_value = true;
    return true;
}
