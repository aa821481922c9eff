/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as text in any base. */
#include "codec/radix.h"

#include <ctype.h>

#define NO_DIGIT 0xff

/* Characters of a padded group: base32 has 8, base64 has 4. */
static size_t group_chars(unsigned bits)
{
    return bits == 5 ? 8 : 4;
}

static status put_bits(struct buf *b, const struct radix *r, slice in)
{
    uint32_t acc = 0;
    unsigned have = 0;
    size_t chars = 0;
    uint32_t mask = (1u << r->bits) - 1;
    status s = OK;
    for (size_t i = 0; i < in.n && s == OK; i++) {
        acc = acc << 8 | in.p[i];
        for (have += 8; have >= r->bits && s == OK; chars++) {
            have -= r->bits;
            s = buf_put_u8(b, (uint8_t)r->alphabet[acc >> have & mask]);
        }
    }
    if (have > 0 && s == OK) {
        s = buf_put_u8(b, (uint8_t)r->alphabet[acc << (r->bits - have) & mask]);
        chars++;
    }
    for (; r->pad && chars % group_chars(r->bits) != 0 && s == OK; chars++)
        s = buf_put_u8(b, '=');
    return s;
}

static status put_int(struct buf *b, const struct radix *r, slice in)
{
    uint8_t digits[RADIX_INT_CHARS];
    size_t n = 0;
    size_t zeros = 0;
    unsigned base = (unsigned)strlen(r->alphabet);
    if (in.n > RADIX_INT_BYTES)
        return E_TOO_LONG;
    while (zeros < in.n && in.p[zeros] == 0)
        zeros++;
    for (size_t i = zeros; i < in.n; i++) {
        unsigned carry = in.p[i];
        for (size_t k = 0; k < n; k++) {
            carry += (unsigned)digits[k] << 8;
            digits[k] = (uint8_t)(carry % base);
            carry /= base;
        }
        for (; carry > 0; carry /= base)
            digits[n++] = (uint8_t)(carry % base);
    }
    status s = OK;
    for (size_t i = 0; i < zeros && s == OK; i++)
        s = buf_put_u8(b, (uint8_t)r->alphabet[0]);
    while (n > 0 && s == OK)
        s = buf_put_u8(b, (uint8_t)r->alphabet[digits[--n]]);
    return s;
}

status radix_put(struct buf *b, const struct radix *r, slice in)
{
    return r->bits > 0 ? put_bits(b, r, in) : put_int(b, r, in);
}

/* The value of every character, NO_DIGIT for others. */
static void digit_table(const struct radix *r, uint8_t table[256])
{
    memset(table, NO_DIGIT, 256);
    for (uint8_t i = 0; r->alphabet[i] != 0; i++) {
        uint8_t c = (uint8_t)r->alphabet[i];
        table[c] = i;
        if (r->fold_case) {
            table[toupper(c)] = i;
            table[tolower(c)] = i;
        }
    }
}

/* text without its padding, which must be exactly what the length asks for. */
static status strip_padding(slice text, unsigned bits, slice *ret)
{
    size_t n = text.n;
    if (n % group_chars(bits) != 0)
        return E_SYNTAX;
    while (n > 0 && text.n - n < group_chars(bits) && text.p[n - 1] == '=')
        n--;
    if (text.n - n == group_chars(bits))
        return E_SYNTAX;
    *ret = slice_first(text, n);
    return OK;
}

static status read_bits(slice text, const struct radix *r, struct buf *ret)
{
    uint8_t table[256];
    uint32_t acc = 0;
    unsigned have = 0;
    status s = r->pad ? strip_padding(text, r->bits, &text) : OK;
    digit_table(r, table);
    for (size_t i = 0; i < text.n && s == OK; i++) {
        uint8_t d = table[text.p[i]];
        if (d == NO_DIGIT)
            return E_SYNTAX;
        acc = (acc << r->bits | d) & 0xffff;
        have += r->bits;
        if (have >= 8) {
            have -= 8;
            s = buf_put_u8(ret, (uint8_t)(acc >> have));
        }
    }
    if (s != OK)
        return s;
    if (have >= r->bits)
        return E_SYNTAX; /* a character too many */
    return (acc & ((1u << have) - 1)) == 0 ? OK : E_NOT_CANONICAL;
}

static status read_int(slice text, const struct radix *r, struct buf *ret)
{
    uint8_t table[256];
    uint8_t bytes[RADIX_INT_CHARS]; /* least significant first; a character is at most 6 bits */
    size_t n = 0;
    size_t zeros = 0;
    unsigned base = (unsigned)strlen(r->alphabet);
    if (text.n > RADIX_INT_CHARS)
        return E_TOO_LONG;
    digit_table(r, table);
    while (zeros < text.n && table[text.p[zeros]] == 0)
        zeros++;
    for (size_t i = zeros; i < text.n; i++) {
        unsigned carry = table[text.p[i]];
        if (carry == NO_DIGIT)
            return E_SYNTAX;
        for (size_t k = 0; k < n; k++) {
            carry += bytes[k] * base;
            bytes[k] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry > 0)
            bytes[n++] = (uint8_t)carry;
    }
    status s = buf_put_zero(ret, zeros);
    while (n > 0 && s == OK)
        s = buf_put_u8(ret, bytes[--n]);
    return s;
}

status radix_read(slice text, const struct radix *r, struct buf *ret)
{
    size_t before = ret->n;
    status s = r->bits > 0 ? read_bits(text, r, ret) : read_int(text, r, ret);
    if (s != OK)
        ret->n = before;
    return s;
}
