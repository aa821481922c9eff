/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic modulo 2^256 as the Ethereum virtual machine defines it, inlined where it is hot. */
#ifndef EHRD_NUM_U256_ALU_H
#define EHRD_NUM_U256_ALU_H

#include "num/u256.h"

__extension__ typedef unsigned __int128 u256_half;

static inline u256_half u256_lo(u256 a)
{
    return (u256_half)a.w[1] << 64 | a.w[0];
}

static inline u256_half u256_hi(u256 a)
{
    return (u256_half)a.w[3] << 64 | a.w[2];
}

static inline u256 u256_of_halves(u256_half hi, u256_half lo)
{
    return (u256){{(uint64_t)lo, (uint64_t)(lo >> 64), (uint64_t)hi, (uint64_t)(hi >> 64)}};
}

/* ---- sums and products, wrapping ---- */

static inline u256 u256_wadd(u256 a, u256 b)
{
    u256_half lo = u256_lo(a) + u256_lo(b);
    u256_half hi = u256_hi(a) + u256_hi(b) + (lo < u256_lo(a));
    return u256_of_halves(hi, lo);
}

static inline u256 u256_wsub(u256 a, u256 b)
{
    u256_half lo = u256_lo(a) - u256_lo(b);
    u256_half hi = u256_hi(a) - u256_hi(b) - (u256_lo(a) < u256_lo(b));
    return u256_of_halves(hi, lo);
}

static inline u256 u256_wneg(u256 a)
{
    return u256_wsub(u256_from_u64(0), a);
}

/* The ten products of the lower triangle. */
static inline u256 u256_wmul(u256 a, u256 b)
{
    u256 r;
    u256_half t = (u256_half)a.w[0] * b.w[0];
    r.w[0] = (uint64_t)t;
    t = (u256_half)a.w[1] * b.w[0] + (uint64_t)(t >> 64);
    r.w[1] = (uint64_t)t;
    t = (u256_half)a.w[2] * b.w[0] + (uint64_t)(t >> 64);
    r.w[2] = (uint64_t)t;
    r.w[3] = a.w[3] * b.w[0] + (uint64_t)(t >> 64);

    t = (u256_half)a.w[0] * b.w[1] + r.w[1];
    r.w[1] = (uint64_t)t;
    t = (u256_half)a.w[1] * b.w[1] + r.w[2] + (uint64_t)(t >> 64);
    r.w[2] = (uint64_t)t;
    r.w[3] += a.w[2] * b.w[1] + (uint64_t)(t >> 64);

    t = (u256_half)a.w[0] * b.w[2] + r.w[2];
    r.w[2] = (uint64_t)t;
    r.w[3] += a.w[1] * b.w[2] + a.w[0] * b.w[3] + (uint64_t)(t >> 64);
    return r;
}

/* Division by zero gives zero, as does its remainder. Signed forms are two's complement, truncate
 * toward zero, and the remainder has the sign of a. */
u256 u256_div(u256 a, u256 b);
u256 u256_mod(u256 a, u256 b);
u256 u256_sdiv(u256 a, u256 b);
u256 u256_smod(u256 a, u256 b);
/* Over the full sum or 512-bit product; 0 for m = 0. */
u256 u256_addmod(u256 a, u256 b, u256 m);
u256 u256_mulmod(u256 a, u256 b, u256 m);
u256 u256_exp(u256 base, u256 exponent);

/* ---- order ---- */

static inline bool u256_lt(u256 a, u256 b)
{
    unsigned below = u256_hi(a) < u256_hi(b);
    unsigned equal = u256_hi(a) == u256_hi(b);
    return (below | (equal & (unsigned)(u256_lo(a) < u256_lo(b)))) != 0; /* without branches */
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

/* n < 256 */
static inline u256 u256_shl_small(u256 a, unsigned n)
{
    u256_half lo = u256_lo(a);
    if (n >= 128)
        return u256_of_halves(lo << (n - 128), 0);
    /* Two steps, so that n = 0 does not shift by 128. */
    return u256_of_halves(u256_hi(a) << n | lo >> 1 >> (127 - n), lo << n);
}

static inline u256 u256_shr_small(u256 a, unsigned n)
{
    u256_half hi = u256_hi(a);
    if (n >= 128)
        return u256_of_halves(0, hi >> (n - 128));
    return u256_of_halves(hi >> n, u256_lo(a) >> n | hi << 1 << (127 - n));
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
