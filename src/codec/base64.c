/* SPDX-License-Identifier: Apache-2.0 */
/* Strict base 64. */
#include "codec/base64.h"

#define BAD 0xff

static const char alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of each character plus one; 0, and so BAD from value_of, for those outside the alphabet. */
static const uint8_t values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

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
