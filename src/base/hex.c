/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal text. */
#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

void hex_write(slice s, char *out)
{
    for (size_t i = 0; i < s.n; i++) {
        out[2 * i] = digits[s.p[i] >> 4];
        out[2 * i + 1] = digits[s.p[i] & 15];
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

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static slice without_0x(slice text)
{
    bool has = text.n >= 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X');
    return has ? slice_after(text, 2) : text;
}

static status read_pairs(slice text, uint8_t *out)
{
    for (size_t i = 0; i + 1 < text.n; i += 2) {
        int hi = digit(text.p[i]);
        int lo = digit(text.p[i + 1]);
        if (hi < 0 || lo < 0)
            return E_SYNTAX;
        out[i / 2] = (uint8_t)(hi << 4 | lo);
    }
    return OK;
}

status hex_read(slice text, uint8_t *out, size_t n)
{
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
