/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 validation (RFC 3629, section 4). */
#include "base/utf8.h"

/* Length of the sequence that begins at p (n bytes left), 0 if it is malformed. */
static size_t sequence(const uint8_t *p, size_t n)
{
    uint8_t c = p[0];
    if (c < 0x80)
        return 1;
    size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || n < len)
        return 0;
    uint8_t lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < lo || p[1] > hi)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

bool utf8_is_valid(slice s)
{
    while (s.n > 0) {
        size_t len = sequence(s.p, s.n);
        if (len == 0)
            return false;
        s = slice_after(s, len);
    }
    return true;
}

static uint32_t code_point(const uint8_t *p, size_t len)
{
    static const uint8_t lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = p[0] & lead[len];
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (p[i] & 0x3fu);
    return c;
}

static bool is_direction(uint32_t c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

size_t utf8_first(slice s, bool *ret_plain)
{
    size_t len = sequence(s.p, s.n);
    uint32_t c = len > 0 ? code_point(s.p, len) : 0;
    bool is_control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    bool is_separator = c == 0x2028 || c == 0x2029;
    *ret_plain = len > 0 && !is_control && !is_separator && !is_direction(c);
    return len > 0 ? len : 1;
}

size_t utf8_cut(slice s, size_t max)
{
    size_t n = s.n < max ? s.n : max;
    while (n > 0 && n < s.n && (s.p[n] & 0xc0) == 0x80)
        n--;
    return n;
}

bool utf8_is_plain(slice s)
{
    bool plain = true;
    while (plain && s.n > 0)
        s = slice_after(s, utf8_first(s, &plain));
    return plain;
}
