/* SPDX-License-Identifier: Apache-2.0 */
/* The base field of bn254, p = 36x^4 + 36x^3 + 24x^2 + 6x + 1 with x = 4965661367192848881.
 *
 * Elements are in Montgomery form (a * 2^256 mod p), four limbs, lowest first, always below p.
 * p has 254 bits: sums of two elements need no fifth limb, nor do products of sums 513 bits. Any
 * argument may be the result, except of the wide functions. */
#ifndef EHRD_CRYPTO_BN254_FP_H
#define EHRD_CRYPTO_BN254_FP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

typedef struct {
    uint64_t w[4];
} bn254_fp;

/* A product before its reduction, lowest limb first. */
typedef struct {
    uint64_t w[8];
} bn254_wide;

__extension__ typedef unsigned __int128 bn254_u128;

#define BN254_P0 0x3c208c16d87cfd47u
#define BN254_P1 0x97816a916871ca8du
#define BN254_P2 0xb85045b68181585du
#define BN254_P3 0x30644e72e131a029u
#define BN254_P_INV 0x87d20782e4866389u /* -1 / p mod 2^64 */

/* One, that is 2^256 mod p. */
#define BN254_ONE                                                                                  \
    {                                                                                              \
        {                                                                                          \
            0xd35d438dc58f0d9du, 0x0a78eb28f5c70b3du, 0x666ea36f7879462cu, 0x0e0a77c19a07df2fu     \
        }                                                                                          \
    }

/* big-endian; false if not below p. */
bool bn254_fp_read(const uint8_t in[32], bn254_fp *ret);
void bn254_fp_write(const bn254_fp *a, uint8_t ret[32]);
/* 1 / a; a must not be zero. */
void bn254_fp_inv(bn254_fp *ret, const bn254_fp *a);

/* Sum with carry, difference with borrow: *c is 0 or 1 before and after. The intrinsics because
 * compilers make several instructions a limb of anything else. */
#ifdef __x86_64__
static inline uint64_t bn254_adc(uint64_t a, uint64_t b, unsigned char *c)
{
    unsigned long long r;
    *c = _addcarry_u64(*c, a, b, &r);
    return r;
}

static inline uint64_t bn254_sbb(uint64_t a, uint64_t b, unsigned char *c)
{
    unsigned long long r;
    *c = _subborrow_u64(*c, a, b, &r);
    return r;
}
#else
static inline uint64_t bn254_adc(uint64_t a, uint64_t b, unsigned char *c)
{
    bn254_u128 t = (bn254_u128)a + b + *c;
    *c = (unsigned char)(t >> 64);
    return (uint64_t)t;
}

static inline uint64_t bn254_sbb(uint64_t a, uint64_t b, unsigned char *c)
{
    bn254_u128 t = (bn254_u128)a - b - *c;
    *c = (unsigned char)(t >> 64) & 1;
    return (uint64_t)t;
}
#endif

/* a + b * m + *c; *c is the high limb after. Cannot overflow. */
static inline uint64_t bn254_mac(uint64_t a, uint64_t b, uint64_t m, uint64_t *c)
{
    bn254_u128 t = (bn254_u128)b * m + a + *c;
    *c = (uint64_t)(t >> 64);
    return (uint64_t)t;
}

/* t - p if t >= p; t < 2p. */
static inline void bn254_fp_settle(bn254_fp *ret, uint64_t t0, uint64_t t1, uint64_t t2,
                                   uint64_t t3)
{
    unsigned char c = 0;
    uint64_t s0 = bn254_sbb(t0, BN254_P0, &c);
    uint64_t s1 = bn254_sbb(t1, BN254_P1, &c);
    uint64_t s2 = bn254_sbb(t2, BN254_P2, &c);
    uint64_t s3 = bn254_sbb(t3, BN254_P3, &c);
    ret->w[0] = c ? t0 : s0;
    ret->w[1] = c ? t1 : s1;
    ret->w[2] = c ? t2 : s2;
    ret->w[3] = c ? t3 : s3;
}

static inline void bn254_fp_add(bn254_fp *ret, const bn254_fp *a, const bn254_fp *b)
{
    unsigned char c = 0;
    uint64_t t0 = bn254_adc(a->w[0], b->w[0], &c);
    uint64_t t1 = bn254_adc(a->w[1], b->w[1], &c);
    uint64_t t2 = bn254_adc(a->w[2], b->w[2], &c);
    uint64_t t3 = bn254_adc(a->w[3], b->w[3], &c);
    bn254_fp_settle(ret, t0, t1, t2, t3);
}

static inline void bn254_fp_sub(bn254_fp *ret, const bn254_fp *a, const bn254_fp *b)
{
    unsigned char c = 0;
    uint64_t t0 = bn254_sbb(a->w[0], b->w[0], &c);
    uint64_t t1 = bn254_sbb(a->w[1], b->w[1], &c);
    uint64_t t2 = bn254_sbb(a->w[2], b->w[2], &c);
    uint64_t t3 = bn254_sbb(a->w[3], b->w[3], &c);
    uint64_t below = 0 - (uint64_t)c;
    c = 0;
    ret->w[0] = bn254_adc(t0, BN254_P0 & below, &c);
    ret->w[1] = bn254_adc(t1, BN254_P1 & below, &c);
    ret->w[2] = bn254_adc(t2, BN254_P2 & below, &c);
    ret->w[3] = bn254_adc(t3, BN254_P3 & below, &c);
}

static inline bool bn254_fp_is_zero(const bn254_fp *a)
{
    return (a->w[0] | a->w[1] | a->w[2] | a->w[3]) == 0;
}

static inline bool bn254_fp_eq(const bn254_fp *a, const bn254_fp *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static inline void bn254_fp_dbl(bn254_fp *ret, const bn254_fp *a)
{
    bn254_fp_add(ret, a, a);
}

static inline void bn254_fp_neg(bn254_fp *ret, const bn254_fp *a)
{
    bn254_fp zero = {{0, 0, 0, 0}};
    bn254_fp_sub(ret, &zero, a);
}

/* a / 2 */
static inline void bn254_fp_halve(bn254_fp *ret, const bn254_fp *a)
{
    uint64_t odd = 0 - (a->w[0] & 1);
    unsigned char c = 0;
    uint64_t t0 = bn254_adc(a->w[0], BN254_P0 & odd, &c);
    uint64_t t1 = bn254_adc(a->w[1], BN254_P1 & odd, &c);
    uint64_t t2 = bn254_adc(a->w[2], BN254_P2 & odd, &c);
    uint64_t t3 = bn254_adc(a->w[3], BN254_P3 & odd, &c);
    ret->w[0] = t0 >> 1 | t1 << 63;
    ret->w[1] = t1 >> 1 | t2 << 63;
    ret->w[2] = t2 >> 1 | t3 << 63;
    ret->w[3] = t3 >> 1;
}

/* One step of Montgomery's product: t = (t + a * b + m * p) / 2^64 with m chosen to divide. The
 * top limb of p is below 2^62, so t stays within four limbs. */
static inline __attribute__((always_inline)) void bn254_fp_step(uint64_t t[4], const uint64_t a[4],
                                                                uint64_t b)
{
    uint64_t hi = 0, c = 0;
    uint64_t t0 = bn254_mac(t[0], a[0], b, &hi);
    uint64_t m = t0 * BN254_P_INV;
    (void)bn254_mac(t0, BN254_P0, m, &c);
    uint64_t t1 = bn254_mac(t[1], a[1], b, &hi);
    t[0] = bn254_mac(t1, BN254_P1, m, &c);
    uint64_t t2 = bn254_mac(t[2], a[2], b, &hi);
    t[1] = bn254_mac(t2, BN254_P2, m, &c);
    uint64_t t3 = bn254_mac(t[3], a[3], b, &hi);
    t[2] = bn254_mac(t3, BN254_P3, m, &c);
    t[3] = hi + c;
}

static inline void bn254_fp_mul(bn254_fp *ret, const bn254_fp *a, const bn254_fp *b)
{
    uint64_t t[4] = {0, 0, 0, 0};
    bn254_fp_step(t, a->w, b->w[0]);
    bn254_fp_step(t, a->w, b->w[1]);
    bn254_fp_step(t, a->w, b->w[2]);
    bn254_fp_step(t, a->w, b->w[3]);
    bn254_fp_settle(ret, t[0], t[1], t[2], t[3]);
}

static inline void bn254_fp_sqr(bn254_fp *ret, const bn254_fp *a)
{
    bn254_fp_mul(ret, a, a);
}

/* Sum without reduction: below 2p. */
static inline bn254_fp bn254_fp_sum(const bn254_fp *a, const bn254_fp *b)
{
    bn254_fp r;
    unsigned char c = 0;
    r.w[0] = bn254_adc(a->w[0], b->w[0], &c);
    r.w[1] = bn254_adc(a->w[1], b->w[1], &c);
    r.w[2] = bn254_adc(a->w[2], b->w[2], &c);
    r.w[3] = bn254_adc(a->w[3], b->w[3], &c);
    return r;
}

static inline __attribute__((always_inline)) void bn254_wide_row(uint64_t t[5], const uint64_t a[4],
                                                                 uint64_t b)
{
    uint64_t c = 0;
    t[0] = bn254_mac(t[0], a[0], b, &c);
    t[1] = bn254_mac(t[1], a[1], b, &c);
    t[2] = bn254_mac(t[2], a[2], b, &c);
    t[3] = bn254_mac(t[3], a[3], b, &c);
    t[4] = c;
}

static inline void bn254_wide_mul(bn254_wide *ret, const bn254_fp *a, const bn254_fp *b)
{
    uint64_t t[8] = {0};
    bn254_wide_row(t, a->w, b->w[0]);
    bn254_wide_row(t + 1, a->w, b->w[1]);
    bn254_wide_row(t + 2, a->w, b->w[2]);
    bn254_wide_row(t + 3, a->w, b->w[3]);
    memcpy(ret->w, t, sizeof t);
}

/* a -= b; returns the borrow. */
static inline unsigned char bn254_wide_sub(bn254_wide *a, const bn254_wide *b)
{
    unsigned char c = 0;
    a->w[0] = bn254_sbb(a->w[0], b->w[0], &c);
    a->w[1] = bn254_sbb(a->w[1], b->w[1], &c);
    a->w[2] = bn254_sbb(a->w[2], b->w[2], &c);
    a->w[3] = bn254_sbb(a->w[3], b->w[3], &c);
    a->w[4] = bn254_sbb(a->w[4], b->w[4], &c);
    a->w[5] = bn254_sbb(a->w[5], b->w[5], &c);
    a->w[6] = bn254_sbb(a->w[6], b->w[6], &c);
    a->w[7] = bn254_sbb(a->w[7], b->w[7], &c);
    return c;
}

/* a += p * 2^256 after a borrow: makes the difference positive again. */
static inline void bn254_wide_lift(bn254_wide *a, unsigned char borrow)
{
    uint64_t below = 0 - (uint64_t)borrow;
    unsigned char c = 0;
    a->w[4] = bn254_adc(a->w[4], BN254_P0 & below, &c);
    a->w[5] = bn254_adc(a->w[5], BN254_P1 & below, &c);
    a->w[6] = bn254_adc(a->w[6], BN254_P2 & below, &c);
    a->w[7] = bn254_adc(a->w[7], BN254_P3 & below, &c);
}

/* t[0..4] += m * p with m chosen so that t[0] becomes 0. Returns the carry out of t[4]. */
static inline __attribute__((always_inline)) unsigned char bn254_wide_cancel(uint64_t *t,
                                                                             unsigned char carry)
{
    uint64_t m = t[0] * BN254_P_INV, c = 0;
    (void)bn254_mac(t[0], BN254_P0, m, &c);
    t[1] = bn254_mac(t[1], BN254_P1, m, &c);
    t[2] = bn254_mac(t[2], BN254_P2, m, &c);
    t[3] = bn254_mac(t[3], BN254_P3, m, &c);
    t[4] = bn254_adc(t[4], c, &carry);
    return carry;
}

/* a / 2^256 mod p; a < p * 2^256. Destroys a. */
static inline void bn254_wide_reduce(bn254_fp *ret, bn254_wide *a)
{
    unsigned char carry = bn254_wide_cancel(a->w, 0);
    carry = bn254_wide_cancel(a->w + 1, carry);
    carry = bn254_wide_cancel(a->w + 2, carry);
    (void)bn254_wide_cancel(a->w + 3, carry);
    bn254_fp_settle(ret, a->w[4], a->w[5], a->w[6], a->w[7]);
}

#endif
