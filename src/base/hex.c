/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal text. */
#include "base/hex.h"

#include "base/wipe.h"

/* Keys are written and read here, too: no branch and no table depends on a digit's value. */
static char digit_char(unsigned v)
{
    return (char)('0' + v + ((9u - v) >> 8 & ('a' - '9' - 1u)));
}

void hex_write(slice s, char *out)
{
    for (size_t i = 0; i < s.n; i++) {
        out[2 * i] = digit_char(s.p[i] >> 4);
        out[2 * i + 1] = digit_char(s.p[i] & 15u);
    }
}

char *hex_0x(slice s, char *out)
{
    out[0] = '0';
    out[1] = 'x';
    hex_write(s, out + 2);
    out[2 + 2 * s.n] = 0;
    return out;
}

/* 0 to 15; NO_DIGIT and more for a character that is none. */
#define NO_DIGIT 16u
static unsigned digit(uint8_t c)
{
    unsigned d = (unsigned)c - '0';
    unsigned l = (unsigned)(c | 32) - 'a';
    unsigned is_d = (d - 10u) >> 31 & ~d >> 31;
    unsigned is_l = (l - 6u) >> 31 & ~l >> 31;
    return (d & (0u - is_d)) | ((l + 10u) & (0u - is_l)) | ((1u ^ is_d ^ is_l) * NO_DIGIT);
}

static slice without_0x(slice text)
{
    bool has = text.n >= 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X');
    return has ? slice_after(text, 2) : text;
}

static status read_pairs(slice text, uint8_t *out)
{
    unsigned bad = 0;
    for (size_t i = 0; i + 1 < text.n; i += 2) {
        unsigned hi = digit(text.p[i]);
        unsigned lo = digit(text.p[i + 1]);
        bad |= hi | lo;
        out[i / 2] = (uint8_t)(hi << 4 | (lo & 15u));
    }
    bad &= NO_DIGIT;
    ct_public(&bad, sizeof bad);
    return bad == 0 ? OK : E_SYNTAX;
}

status hex_read(slice text, uint8_t *out, size_t n)
{
    if (text.n / 2 != n) /* by its length: whether a key begins with 0 is not looked at */
        text = without_0x(text);
    if (text.n / 2 != n || text.n % 2 != 0)
        return E_RANGE;
    return read_pairs(text, out);
}

status hex_read_buf(slice text, struct buf *ret)
{
    text = without_0x(text);
    if (text.n % 2 != 0)
        return E_RANGE;
    status st = buf_reserve(ret, text.n / 2);
    if (st == OK)
        st = read_pairs(text, ret->p + ret->n);
    if (st == OK)
        ret->n += text.n / 2;
    return st;
}

status hex_read_addr(slice text, addr20 *ret)
{
    addr20 a;
    status st = hex_read(text, a.b, sizeof a.b);
    if (st == OK)
        *ret = a;
    return st;
}

status hex_read_hash(slice text, hash32 *ret)
{
    hash32 h;
    status st = hex_read(text, h.b, sizeof h.b);
    if (st == OK)
        *ret = h;
    return st;
}
