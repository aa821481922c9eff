/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic modulo 2^256 as the Ethereum virtual machine defines it, inlined where it is hot. */
#ifndef EHRD_NUM_U256_ALU_H
#define EHRD_NUM_U256_ALU_H

#include "num/u256.h"

__extension__ typedef unsigned __int128 u256_wide; /* of two words */

/* *ret = a + b + carry (0 or 1); the carry out. What compilers make one instruction of differs. */
static inline unsigned char u256_addc(unsigned char carry, uint64_t a, uint64_t b, uint64_t *ret)
{
#if defined __clang__
    unsigned long long out;
    *ret = __builtin_addcll(a, b, carry, &out);
    return (unsigned char)out;
#elif defined __x86_64__
    unsigned long long r;
    carry = __builtin_ia32_addcarryx_u64(carry, a, b, &r);
    *ret = r;
    return carry;
#else
    bool first = __builtin_add_overflow(a, b, &a);
    return (unsigned char)(first | __builtin_add_overflow(a, (uint64_t)carry, ret));
#endif
}

/* *ret = a - b - borrow; the borrow out. */
static inline unsigned char u256_subb(unsigned char borrow, uint64_t a, uint64_t b, uint64_t *ret)
{
#if defined __clang__
    unsigned long long out;
    *ret = __builtin_subcll(a, b, borrow, &out);
    return (unsigned char)out;
#elif defined __x86_64__
    unsigned long long r;
    borrow = __builtin_ia32_sbb_u64(borrow, a, b, &r);
    *ret = r;
    return borrow;
#else
    bool first = __builtin_sub_overflow(a, b, &a);
    return (unsigned char)(first | __builtin_sub_overflow(a, (uint64_t)borrow, ret));
#endif
}

/* The low word of a * b; the high one goes to *hi. */
static inline uint64_t u256_mul64(uint64_t a, uint64_t b, uint64_t *hi)
{
    u256_wide t = (u256_wide)a * b;
    *hi = (uint64_t)(t >> 64);
    return (uint64_t)t;
}

/* ---- sums and products, wrapping ---- */

static inline u256 u256_wadd(u256 a, u256 b)
{
    u256 r;
    unsigned char c = u256_addc(0, a.w[0], b.w[0], &r.w[0]);
    c = u256_addc(c, a.w[1], b.w[1], &r.w[1]);
    c = u256_addc(c, a.w[2], b.w[2], &r.w[2]);
    (void)u256_addc(c, a.w[3], b.w[3], &r.w[3]);
    return r;
}

static inline u256 u256_wsub(u256 a, u256 b)
{
    u256 r;
    unsigned char c = u256_subb(0, a.w[0], b.w[0], &r.w[0]);
    c = u256_subb(c, a.w[1], b.w[1], &r.w[1]);
    c = u256_subb(c, a.w[2], b.w[2], &r.w[2]);
    (void)u256_subb(c, a.w[3], b.w[3], &r.w[3]);
    return r;
}

static inline u256 u256_wneg(u256 a)
{
    return u256_wsub(u256_from_u64(0), a);
}

/* The ten products of the lower triangle, row by row. */
static inline u256 u256_wmul(u256 a, u256 b)
{
    uint64_t r0, r1, r2, r3, h0, h1, h2;
    r0 = u256_mul64(a.w[0], b.w[0], &h0);
    r1 = u256_mul64(a.w[1], b.w[0], &h1);
    r2 = u256_mul64(a.w[2], b.w[0], &h2);
    r3 = a.w[3] * b.w[0];
    unsigned char c = u256_addc(0, r1, h0, &r1);
    c = u256_addc(c, r2, h1, &r2);
    (void)u256_addc(c, r3, h2, &r3);

    uint64_t l0 = u256_mul64(a.w[0], b.w[1], &h0);
    uint64_t l1 = u256_mul64(a.w[1], b.w[1], &h1);
    c = u256_addc(0, r1, l0, &r1);
    c = u256_addc(c, r2, l1, &r2);
    (void)u256_addc(c, r3, a.w[2] * b.w[1], &r3);
    c = u256_addc(0, r2, h0, &r2);
    (void)u256_addc(c, r3, h1, &r3);

    l0 = u256_mul64(a.w[0], b.w[2], &h0);
    c = u256_addc(0, r2, l0, &r2);
    (void)u256_addc(c, r3, a.w[1] * b.w[2] + h0 + a.w[0] * b.w[3], &r3);
    return (u256){{r0, r1, r2, r3}};
}

/* Division by zero gives zero, as does its remainder. Signed forms are two's complement, truncate
 * toward zero, and the remainder has the sign of a. ret may be one of the operands. */
void u256_div(const u256 *a, const u256 *b, u256 *ret);
void u256_mod(const u256 *a, const u256 *b, u256 *ret);
void u256_sdiv(const u256 *a, const u256 *b, u256 *ret);
void u256_smod(const u256 *a, const u256 *b, u256 *ret);
/* Over the full sum or 512-bit product; 0 for m = 0. */
void u256_addmod(const u256 *a, const u256 *b, const u256 *m, u256 *ret);
void u256_mulmod(const u256 *a, const u256 *b, const u256 *m, u256 *ret);
void u256_exp(const u256 *base, const u256 *exponent, u256 *ret);

/* ---- order ---- */

static inline bool u256_lt(u256 a, u256 b)
{
    uint64_t r;
    unsigned char c = u256_subb(0, a.w[0], b.w[0], &r);
    c = u256_subb(c, a.w[1], b.w[1], &r);
    c = u256_subb(c, a.w[2], b.w[2], &r);
    return u256_subb(c, a.w[3], b.w[3], &r) != 0;
}

static inline bool u256_is_negative(u256 a)
{
    return a.w[3] >> 63 != 0;
}

static inline bool u256_slt(u256 a, u256 b)
{
    a.w[3] ^= 1ull << 63;
    b.w[3] ^= 1ull << 63;
    return u256_lt(a, b);
}

/* ---- bits ---- */

static inline u256 u256_and(u256 a, u256 b)
{
    return (u256){{a.w[0] & b.w[0], a.w[1] & b.w[1], a.w[2] & b.w[2], a.w[3] & b.w[3]}};
}

static inline u256 u256_or(u256 a, u256 b)
{
    return (u256){{a.w[0] | b.w[0], a.w[1] | b.w[1], a.w[2] | b.w[2], a.w[3] | b.w[3]}};
}

static inline u256 u256_xor(u256 a, u256 b)
{
    return (u256){{a.w[0] ^ b.w[0], a.w[1] ^ b.w[1], a.w[2] ^ b.w[2], a.w[3] ^ b.w[3]}};
}

static inline u256 u256_not(u256 a)
{
    return (u256){{~a.w[0], ~a.w[1], ~a.w[2], ~a.w[3]}};
}

/* n < 256. The word part of the shift is an offset into a copy with zeros before or after it; the
 * shift by 63 and 1 in two steps lets the bit part be 0. */
static inline u256 u256_shl_small(u256 a, unsigned n)
{
    const uint64_t w[8] = {0, 0, 0, 0, a.w[0], a.w[1], a.w[2], a.w[3]};
    const uint64_t *p = w + 4 - n / 64;
    unsigned up = n % 64;
    unsigned down = 63 - up;
    return (u256){{p[0] << up, p[1] << up | p[0] >> 1 >> down, p[2] << up | p[1] >> 1 >> down,
                   p[3] << up | p[2] >> 1 >> down}};
}

static inline u256 u256_shr_small(u256 a, unsigned n)
{
    const uint64_t w[8] = {a.w[0], a.w[1], a.w[2], a.w[3], 0, 0, 0, 0};
    const uint64_t *p = w + n / 64;
    unsigned down = n % 64;
    unsigned up = 63 - down;
    return (u256){{p[0] >> down | p[1] << 1 << up, p[1] >> down | p[2] << 1 << up,
                   p[2] >> down | p[3] << 1 << up, p[3] >> down}};
}

static inline u256 u256_shl(u256 a, u256 n)
{
    if (!u256_fits_u64(n) || n.w[0] > 255)
        return u256_from_u64(0);
    return u256_shl_small(a, (unsigned)n.w[0]);
}

static inline u256 u256_shr(u256 a, u256 n)
{
    if (!u256_fits_u64(n) || n.w[0] > 255)
        return u256_from_u64(0);
    return u256_shr_small(a, (unsigned)n.w[0]);
}

/* Arithmetic shift: the sign comes in from the left. */
static inline u256 u256_sar(u256 a, u256 n)
{
    if (!u256_is_negative(a))
        return u256_shr(a, n);
    return u256_not(u256_shr(u256_not(a), n));
}

/* Byte i counted from the highest; 0 for i > 31. */
static inline u256 u256_byte(u256 a, u256 i)
{
    if (!u256_fits_u64(i) || i.w[0] > 31)
        return u256_from_u64(0);
    unsigned at = 31u - (unsigned)i.w[0];
    return u256_from_u64(a.w[at / 8] >> (8 * (at % 8)) & 0xff);
}

/* a is a number of i + 1 bytes with sign; unchanged for i > 30. */
static inline u256 u256_signextend(u256 a, u256 i)
{
    if (!u256_fits_u64(i) || i.w[0] > 30)
        return a;
    unsigned shift = 248u - 8 * (unsigned)i.w[0];
    a = u256_shl_small(a, shift);
    return u256_is_negative(a) ? u256_not(u256_shr_small(u256_not(a), shift))
                               : u256_shr_small(a, shift);
}

/* Leading zero bits, 256 for 0 (EIP-7939). */
static inline unsigned u256_clz(u256 a)
{
    for (unsigned i = 0; i < 4; i++)
        if (a.w[3 - i] != 0)
            return 64 * i + (unsigned)__builtin_clzll(a.w[3 - i]);
    return 256;
}

#endif
