/* SPDX-License-Identifier: Apache-2.0 */
/* Strict base 64. */
#include "codec/base64.h"

#define BAD 0xff

static const char alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of each character plus one; 0, and so BAD from value_of, for those outside the alphabet. */
#define ROW(c, v) [c] = (v) + 1
static const uint8_t values[256] = {
    ROW('A', 0),  ROW('B', 1),  ROW('C', 2),  ROW('D', 3),  ROW('E', 4),  ROW('F', 5),
    ROW('G', 6),  ROW('H', 7),  ROW('I', 8),  ROW('J', 9),  ROW('K', 10), ROW('L', 11),
    ROW('M', 12), ROW('N', 13), ROW('O', 14), ROW('P', 15), ROW('Q', 16), ROW('R', 17),
    ROW('S', 18), ROW('T', 19), ROW('U', 20), ROW('V', 21), ROW('W', 22), ROW('X', 23),
    ROW('Y', 24), ROW('Z', 25), ROW('a', 26), ROW('b', 27), ROW('c', 28), ROW('d', 29),
    ROW('e', 30), ROW('f', 31), ROW('g', 32), ROW('h', 33), ROW('i', 34), ROW('j', 35),
    ROW('k', 36), ROW('l', 37), ROW('m', 38), ROW('n', 39), ROW('o', 40), ROW('p', 41),
    ROW('q', 42), ROW('r', 43), ROW('s', 44), ROW('t', 45), ROW('u', 46), ROW('v', 47),
    ROW('w', 48), ROW('x', 49), ROW('y', 50), ROW('z', 51), ROW('0', 52), ROW('1', 53),
    ROW('2', 54), ROW('3', 55), ROW('4', 56), ROW('5', 57), ROW('6', 58), ROW('7', 59),
    ROW('8', 60), ROW('9', 61), ROW('+', 62), ROW('/', 63),
};
#undef ROW

static uint8_t value_of(uint8_t c)
{
    return (uint8_t)(values[c] - 1);
}

size_t base64_len(size_t n, enum base64_pad pad)
{
    size_t tail = n % 3;
    size_t rest = tail == 0 ? 0 : pad == BASE64_PADDED ? 4 : tail + 1;
    return n / 3 * 4 + rest;
}

static void write_tail(const uint8_t *p, size_t n, enum base64_pad pad, char *out)
{
    uint32_t w = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0);
    out[0] = alphabet[w >> 18];
    out[1] = alphabet[w >> 12 & 63];
    if (n > 1)
        out[2] = alphabet[w >> 6 & 63];
    else if (pad == BASE64_PADDED)
        out[2] = '=';
    if (pad == BASE64_PADDED)
        out[3] = '=';
}

void base64_write(slice in, enum base64_pad pad, char *out)
{
    const uint8_t *p = in.p;
    size_t n = in.n;
    for (; n >= 3; n -= 3, p += 3, out += 4) {
        uint32_t w = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        out[0] = alphabet[w >> 18];
        out[1] = alphabet[w >> 12 & 63];
        out[2] = alphabet[w >> 6 & 63];
        out[3] = alphabet[w & 63];
    }
    if (n > 0)
        write_tail(p, n, pad, out);
}

status base64_put(struct buf *out, slice in, enum base64_pad pad)
{
    if (in.n > SIZE_MAX / 2)
        return E_TOO_LONG;
    size_t n = base64_len(in.n, pad);
    status st = buf_reserve(out, n);
    if (st != OK)
        return st;
    if (n > 0)
        base64_write(in, pad, (char *)out->p + out->n);
    out->n += n;
    return OK;
}

/* Check the padding and cut it off. */
static status strip_padding(slice *text, enum base64_pad pad)
{
    if (pad == BASE64_RAW)
        return text->n % 4 == 1 ? E_SYNTAX : OK;
    if (text->n % 4 != 0)
        return E_SYNTAX;
    for (int i = 0; i < 2 && text->n > 0 && text->p[text->n - 1] == '='; i++)
        text->n--;
    return text->n % 4 == 1 ? E_SYNTAX : OK;
}

/* Two or three characters give one or two bytes; the bits left over must be zero. */
static status read_tail(slice t, uint8_t *out)
{
    uint8_t a = value_of(t.p[0]);
    uint8_t b = value_of(t.p[1]);
    uint8_t c = t.n > 2 ? value_of(t.p[2]) : 0;
    if (a == BAD || b == BAD || c == BAD)
        return E_SYNTAX;
    uint32_t w = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6;
    if ((w & (t.n > 2 ? 0xffu : 0xffffu)) != 0)
        return E_NOT_CANONICAL;
    out[0] = (uint8_t)(w >> 16);
    if (t.n > 2)
        out[1] = (uint8_t)(w >> 8);
    return OK;
}

status base64_read(slice text, enum base64_pad pad, uint8_t *out, size_t cap, size_t *ret_n)
{
    status st = strip_padding(&text, pad);
    if (st != OK)
        return st;
    size_t tail = text.n % 4;
    size_t n = text.n / 4 * 3 + (tail > 0 ? tail - 1 : 0);
    if (n > cap)
        return E_RANGE;
    for (; text.n >= 4; text.p += 4, text.n -= 4, out += 3) {
        uint8_t a = value_of(text.p[0]);
        uint8_t b = value_of(text.p[1]);
        uint8_t c = value_of(text.p[2]);
        uint8_t d = value_of(text.p[3]);
        if ((a | b | c | d) > 63)
            return E_SYNTAX;
        uint32_t w = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | d;
        out[0] = (uint8_t)(w >> 16);
        out[1] = (uint8_t)(w >> 8);
        out[2] = (uint8_t)w;
    }
    if (tail > 0 && (st = read_tail(text, out)) != OK)
        return st;
    *ret_n = n;
    return OK;
}

status base64_read_exact(slice text, enum base64_pad pad, uint8_t *out, size_t n)
{
    size_t got;
    status st = base64_read(text, pad, out, n, &got);
    return st == OK && got != n ? E_RANGE : st;
}

status base64_read_buf(slice text, enum base64_pad pad, struct buf *out)
{
    size_t cap = text.n / 4 * 3 + 2;
    size_t room = out->cap - out->n;
    if (cap > room)
        cap = room;
    status st = buf_reserve(out, cap);
    if (st != OK)
        return st;
    size_t n;
    uint8_t none;
    st = base64_read(text, pad, cap > 0 ? out->p + out->n : &none, cap, &n);
    if (st != OK)
        return st == E_RANGE ? E_TOO_LONG : st;
    out->n += n;
    return OK;
}
