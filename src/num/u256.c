/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic and text of 256-bit numbers. */
#include "num/u256.h"

#include "base/checked.h"

__extension__ typedef unsigned __int128 u128;

int u256_cmp(u256 a, u256 b)
{
    for (int i = 3; i >= 0; i--)
        if (a.w[i] != b.w[i])
            return a.w[i] < b.w[i] ? -1 : 1;
    return 0;
}

u256 u256_from_be(const uint8_t in[32])
{
    u256 r;
    for (int i = 0; i < 4; i++)
        r.w[3 - i] = be64_read(in + (ptrdiff_t)8 * i);
    return r;
}

void u256_to_be(u256 a, uint8_t out[32])
{
    for (int i = 0; i < 4; i++)
        be64_write(out + (ptrdiff_t)8 * i, a.w[3 - i]);
}

size_t u256_byte_len(u256 a)
{
    for (size_t i = 4; i > 0; i--)
        if (a.w[i - 1] != 0)
            return 8 * i - (size_t)__builtin_clzll(a.w[i - 1]) / 8;
    return 0;
}

bool u256_add(u256 a, u256 b, u256 *ret)
{
    u128 carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (u128)a.w[i] + b.w[i];
        ret->w[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return carry == 0;
}

bool u256_sub(u256 a, u256 b, u256 *ret)
{
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        u128 d = (u128)a.w[i] - b.w[i] - borrow;
        ret->w[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
    return borrow == 0;
}

bool u256_mul_u64(u256 a, uint64_t b, u256 *ret)
{
    u128 carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (u128)a.w[i] * b;
        ret->w[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return carry == 0;
}

u256 u256_div_u64(u256 a, uint64_t d, uint64_t *ret_rem)
{
    u256 q;
    u128 rem = 0;
    for (int i = 3; i >= 0; i--) {
        rem = rem << 64 | a.w[i];
        q.w[i] = (uint64_t)(rem / d);
        rem %= d;
    }
    if (ret_rem != NULL)
        *ret_rem = (uint64_t)rem;
    return q;
}

status u256_read_dec(slice text, u256 *ret)
{
    if (text.n == 0 || (text.p[0] == '0' && text.n > 1))
        return E_SYNTAX;
    u256 v = {{0}};
    bool fits = true;
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned)text.p[i] - '0';
        if (digit > 9)
            return E_SYNTAX;
        fits = fits && u256_mul_u64(v, 10, &v) && u256_add(v, u256_from_u64(digit), &v);
    }
    if (!fits)
        return E_RANGE;
    *ret = v;
    return OK;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

status u256_read_hex(slice text, u256 *ret)
{
    if (text.n < 3 || text.p[0] != '0' || text.p[1] != 'x')
        return E_SYNTAX;
    if (text.p[2] == '0' && text.n > 3)
        return E_SYNTAX;
    u256 v = {{0}};
    for (size_t i = 2; i < text.n; i++) {
        int digit = hex_digit(text.p[i]);
        if (digit < 0)
            return E_SYNTAX;
        if (i >= 66)
            continue; /* too long, but a wrong character is worth telling first */
        for (int k = 3; k > 0; k--)
            v.w[k] = v.w[k] << 4 | v.w[k - 1] >> 60;
        v.w[0] = v.w[0] << 4 | (unsigned)digit;
    }
    if (text.n > 66)
        return E_RANGE;
    *ret = v;
    return OK;
}

size_t u256_dec(u256 a, char out[U256_DEC_MAX])
{
    char rev[U256_DEC_MAX];
    size_t n = 0;
    do {
        uint64_t digit;
        a = u256_div_u64(a, 10, &digit);
        rev[n++] = (char)('0' + digit);
    } while (!u256_is_zero(a));
    for (size_t i = 0; i < n; i++)
        out[i] = rev[n - 1 - i];
    out[n] = '\0';
    return n;
}

size_t u256_hex(u256 a, char out[U256_HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t be[32];
    u256_to_be(a, be);
    size_t n = 2;
    memcpy(out, "0x", 2);
    for (size_t i = 0; i < 64; i++) {
        unsigned d = i % 2 == 0 ? be[i / 2] >> 4 : be[i / 2] & 15u;
        if (n > 2 || d != 0 || i == 63)
            out[n++] = digits[d];
    }
    out[n] = '\0';
    return n;
}
