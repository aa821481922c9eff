/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields: lookup and the character rules of RFC 9110. */
#include "net/http.h"

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool http_name_eq(slice a, const char *b)
{
    size_t i = 0;
    for (; i < a.n && b[i] != '\0'; i++)
        if (lower(a.p[i]) != lower((uint8_t)b[i]))
            return false;
    return i == a.n && b[i] == '\0';
}

const struct http_header *http_header_find(const struct http_header *h, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (http_name_eq(h[i].name, name))
            return &h[i];
    return NULL;
}

size_t http_header_count(const struct http_header *h, size_t n, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += http_name_eq(h[i].name, name) ? 1 : 0;
    return found;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_tchar(uint8_t c)
{
    if (is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool http_is_token(slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_tchar(s.p[i]))
            return false;
    return s.n > 0;
}

bool http_is_field_value(slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
            return false;
    return true;
}

status http_length_read(slice text, uint64_t *ret)
{
    uint64_t v = 0;
    if (text.n == 0)
        return E_SYNTAX;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i]))
            return E_SYNTAX;
        if (i == 18)
            return E_RANGE;
        v = v * 10 + (uint64_t)(text.p[i] - '0');
    }
    *ret = v;
    return OK;
}

static status range_suffix(slice last, uint64_t total, uint64_t *ret_first, uint64_t *ret_n)
{
    uint64_t n;
    status s = http_length_read(last, &n);
    if (s != OK)
        return s;
    if (n == 0 || total == 0)
        return E_RANGE;
    *ret_n = n < total ? n : total;
    *ret_first = total - *ret_n;
    return OK;
}

status http_range_read(slice text, uint64_t total, uint64_t *ret_first, uint64_t *ret_n)
{
    uint64_t first;
    uint64_t last = UINT64_MAX;
    if (!slice_has_prefix(text, SLICE_LIT("bytes=")))
        return E_SYNTAX;
    slice spec = slice_after(text, 6);
    const uint8_t *dash = spec.n > 0 ? memchr(spec.p, '-', spec.n) : NULL;
    if (dash == NULL)
        return E_SYNTAX;
    slice left = slice_first(spec, (size_t)(dash - spec.p));
    slice right = slice_after(spec, left.n + 1);
    if (left.n == 0)
        return range_suffix(right, total, ret_first, ret_n);
    status s = http_length_read(left, &first);
    if (s == OK && right.n > 0)
        s = http_length_read(right, &last);
    if (s != OK || last < first)
        return s != OK ? s : E_SYNTAX;
    if (first >= total)
        return E_RANGE;
    *ret_first = first;
    *ret_n = (last < total ? last : total - 1) - first + 1;
    return OK;
}
