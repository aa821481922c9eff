/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of bn254's extension fields, by Karatsuba's trick at every level. */
#include "crypto/bn254_fp12.h"

const bn254_fp2 bn254_frobenius[6] = {
    {BN254_ONE, {{0, 0, 0, 0}}},
    {{{0xaf9ba69633144907u, 0xca6b1d7387afb78au, 0x11bded5ef08a2087u, 0x02f34d751a1f3a7cu}},
     {{0xa222ae234c492d72u, 0xd00f02a4565de15bu, 0xdc2ff3a253dfc926u, 0x10a75716b3899551u}}},
    {{{0xb5773b104563ab30u, 0x347f91c8a9aa6454u, 0x7a007127242e0991u, 0x1956bcd8118214ecu}},
     {{0x6e849f1ea0aa4757u, 0xaa1c7b6d89f89141u, 0xb6e713cdfae0ca3au, 0x26694fbb4e82ebc3u}}},
    {{{0xe4bbdd0c2936b629u, 0xbb30f162e133bacbu, 0x31a9d1b6f9645366u, 0x253570bea500f8ddu}},
     {{0xa1d77ce45ffe77c7u, 0x07affd117826d1dbu, 0x6d16bd27bb7edc6bu, 0x2c87200285defeccu}}},
    {{{0x7361d77f843abe92u, 0xa5bb2bd3273411fbu, 0x9c941f314b3e2399u, 0x15df9cddbb9fd3ecu}},
     {{0x5dddfd154bd8c949u, 0x62cb29a5a4445b60u, 0x37bc870a0c7dd2b9u, 0x24830a9d3171f0fdu}}},
    {{{0xc970692f41690fe7u, 0xe240342127694b0bu, 0x32bee66b83c459e8u, 0x12aabced0ab08841u}},
     {{0x0d485d2340aebfa9u, 0x05193418ab2fcc57u, 0xd3b0a40b8a4910f5u, 0x2f21ebb535d2925au}}},
};
const bn254_fp bn254_frobenius2[6] = {
    BN254_ONE,
    {{0xca8d800500fa1bf2u, 0xf0c5d61468b39769u, 0x0e201271ad0d4418u, 0x04290f65bad856e6u}},
    {{0x3350c88e13e80b9cu, 0x7dce557cdb5e56b9u, 0x6001b4b8b615564au, 0x2682e617020217e0u}},
    {{0x68c3488912edefaau, 0x8d087f6872aabf4fu, 0x51e1a24709081231u, 0x2259d6b14729c0fau}},
    {{0x71930c11d782e155u, 0xa6bb947cffbe3323u, 0xaa303344d4741444u, 0x2c3b3f0d26594943u}},
    {{0x08cfc388c494f1abu, 0x19b315148d1373d4u, 0x584e90fdcb6c0213u, 0x09e1685bdf2f8849u}},
};

/* c0 = a0 b0 - a1 b1, c1 = (a0 + a1)(b0 + b1) - a0 b0 - a1 b1, each reduced once. */
void bn254_fp2_mul(bn254_fp2 *ret, const bn254_fp2 *a, const bn254_fp2 *b)
{
    bn254_wide lo, hi, mix;
    bn254_fp sa = bn254_fp_sum(&a->c0, &a->c1), sb = bn254_fp_sum(&b->c0, &b->c1);
    bn254_wide_mul(&mix, &sa, &sb);
    bn254_wide_mul(&lo, &a->c0, &b->c0);
    bn254_wide_mul(&hi, &a->c1, &b->c1);
    (void)bn254_wide_sub(&mix, &lo);
    (void)bn254_wide_sub(&mix, &hi);
    bn254_wide_lift(&lo, bn254_wide_sub(&lo, &hi));
    bn254_wide_reduce(&ret->c0, &lo);
    bn254_wide_reduce(&ret->c1, &mix);
}

/* c0 = (a0 + a1)(a0 - a1), c1 = 2 a0 a1 */
void bn254_fp2_sqr(bn254_fp2 *ret, const bn254_fp2 *a)
{
    bn254_fp sum, diff, twice;
    bn254_fp_add(&sum, &a->c0, &a->c1);
    bn254_fp_sub(&diff, &a->c0, &a->c1);
    bn254_fp_dbl(&twice, &a->c0);
    bn254_fp_mul(&ret->c1, &twice, &a->c1);
    bn254_fp_mul(&ret->c0, &sum, &diff);
}

void bn254_fp2_inv(bn254_fp2 *ret, const bn254_fp2 *a)
{
    bn254_fp n, t;
    bn254_fp_sqr(&n, &a->c0);
    bn254_fp_sqr(&t, &a->c1);
    bn254_fp_add(&n, &n, &t);
    bn254_fp_inv(&n, &n);
    bn254_fp2_conj(ret, a);
    bn254_fp2_scale(ret, ret, &n);
}

static void fp6_add(bn254_fp6 *ret, const bn254_fp6 *a, const bn254_fp6 *b)
{
    for (int i = 0; i < 3; i++)
        bn254_fp2_add(&ret->c[i], &a->c[i], &b->c[i]);
}

static void fp6_sub(bn254_fp6 *ret, const bn254_fp6 *a, const bn254_fp6 *b)
{
    for (int i = 0; i < 3; i++)
        bn254_fp2_sub(&ret->c[i], &a->c[i], &b->c[i]);
}

static void fp6_neg(bn254_fp6 *ret, const bn254_fp6 *a)
{
    for (int i = 0; i < 3; i++)
        bn254_fp2_neg(&ret->c[i], &a->c[i]);
}

/* v a */
static void fp6_mul_v(bn254_fp6 *ret, const bn254_fp6 *a)
{
    bn254_fp2 t;
    bn254_fp2_mul_xi(&t, &a->c[2]);
    ret->c[2] = a->c[1];
    ret->c[1] = a->c[0];
    ret->c[0] = t;
}

/* (a + b)(c + d) - ac - bd */
static void cross(bn254_fp2 *ret, const bn254_fp2 *a, const bn254_fp2 *b, const bn254_fp2 *c,
                  const bn254_fp2 *d, const bn254_fp2 *ac, const bn254_fp2 *bd)
{
    bn254_fp2 s, t;
    bn254_fp2_add(&s, a, b);
    bn254_fp2_add(&t, c, d);
    bn254_fp2_mul(&s, &s, &t);
    bn254_fp2_sub(&s, &s, ac);
    bn254_fp2_sub(ret, &s, bd);
}

static void fp6_mul(bn254_fp6 *ret, const bn254_fp6 *a, const bn254_fp6 *b)
{
    bn254_fp2 p0, p1, p2, x01, x02, x12;
    bn254_fp2_mul(&p0, &a->c[0], &b->c[0]);
    bn254_fp2_mul(&p1, &a->c[1], &b->c[1]);
    bn254_fp2_mul(&p2, &a->c[2], &b->c[2]);
    cross(&x12, &a->c[1], &a->c[2], &b->c[1], &b->c[2], &p1, &p2);
    cross(&x01, &a->c[0], &a->c[1], &b->c[0], &b->c[1], &p0, &p1);
    cross(&x02, &a->c[0], &a->c[2], &b->c[0], &b->c[2], &p0, &p2);
    bn254_fp2_mul_xi(&x12, &x12);
    bn254_fp2_add(&ret->c[0], &p0, &x12);
    bn254_fp2_add(&ret->c[2], &x02, &p1);
    bn254_fp2_mul_xi(&p2, &p2);
    bn254_fp2_add(&ret->c[1], &x01, &p2);
}

/* a (b0 + b1 v) */
static void fp6_mul_01(bn254_fp6 *ret, const bn254_fp6 *a, const bn254_fp2 *b0, const bn254_fp2 *b1)
{
    bn254_fp2 p0, p1, x01, t, s;
    bn254_fp2_mul(&p0, &a->c[0], b0);
    bn254_fp2_mul(&p1, &a->c[1], b1);
    cross(&x01, &a->c[0], &a->c[1], b0, b1, &p0, &p1);
    bn254_fp2_mul(&t, &a->c[2], b1);
    bn254_fp2_mul_xi(&t, &t);
    bn254_fp2_mul(&s, &a->c[2], b0);
    bn254_fp2_add(&ret->c[0], &p0, &t);
    ret->c[1] = x01;
    bn254_fp2_add(&ret->c[2], &p1, &s);
}

/* By the adjoint: the norm to Fp2 is a0 t0 + xi (a2 t1 + a1 t2). */
static void fp6_inv(bn254_fp6 *ret, const bn254_fp6 *a)
{
    bn254_fp2 t[3], n, s;
    bn254_fp2_sqr(&t[0], &a->c[0]);
    bn254_fp2_mul(&s, &a->c[1], &a->c[2]);
    bn254_fp2_mul_xi(&s, &s);
    bn254_fp2_sub(&t[0], &t[0], &s);
    bn254_fp2_sqr(&t[1], &a->c[2]);
    bn254_fp2_mul_xi(&t[1], &t[1]);
    bn254_fp2_mul(&s, &a->c[0], &a->c[1]);
    bn254_fp2_sub(&t[1], &t[1], &s);
    bn254_fp2_sqr(&t[2], &a->c[1]);
    bn254_fp2_mul(&s, &a->c[0], &a->c[2]);
    bn254_fp2_sub(&t[2], &t[2], &s);
    bn254_fp2_mul(&n, &a->c[2], &t[1]);
    bn254_fp2_mul(&s, &a->c[1], &t[2]);
    bn254_fp2_add(&n, &n, &s);
    bn254_fp2_mul_xi(&n, &n);
    bn254_fp2_mul(&s, &a->c[0], &t[0]);
    bn254_fp2_add(&n, &n, &s);
    bn254_fp2_inv(&n, &n);
    for (int i = 0; i < 3; i++)
        bn254_fp2_mul(&ret->c[i], &t[i], &n);
}

void bn254_fp12_one(bn254_fp12 *ret)
{
    const bn254_fp one = BN254_ONE;
    memset(ret, 0, sizeof *ret);
    ret->c[0].c[0].c0 = one;
}

bool bn254_fp12_is_one(const bn254_fp12 *a)
{
    bn254_fp12 one;
    bn254_fp12_one(&one);
    return memcmp(a, &one, sizeof one) == 0;
}

void bn254_fp12_mul(bn254_fp12 *ret, const bn254_fp12 *a, const bn254_fp12 *b)
{
    bn254_fp6 p0, p1, s, t;
    fp6_mul(&p0, &a->c[0], &b->c[0]);
    fp6_mul(&p1, &a->c[1], &b->c[1]);
    fp6_add(&s, &a->c[0], &a->c[1]);
    fp6_add(&t, &b->c[0], &b->c[1]);
    fp6_mul(&s, &s, &t);
    fp6_sub(&s, &s, &p0);
    fp6_sub(&ret->c[1], &s, &p1);
    fp6_mul_v(&p1, &p1);
    fp6_add(&ret->c[0], &p0, &p1);
}

/* c0 = (a0 + a1)(a0 + v a1) - m - v m, c1 = 2m with m = a0 a1 */
void bn254_fp12_sqr(bn254_fp12 *ret, const bn254_fp12 *a)
{
    bn254_fp6 m, s, t;
    fp6_mul(&m, &a->c[0], &a->c[1]);
    fp6_add(&s, &a->c[0], &a->c[1]);
    fp6_mul_v(&t, &a->c[1]);
    fp6_add(&t, &a->c[0], &t);
    fp6_mul(&s, &s, &t);
    fp6_sub(&s, &s, &m);
    fp6_add(&ret->c[1], &m, &m);
    fp6_mul_v(&m, &m);
    fp6_sub(&ret->c[0], &s, &m);
}

void bn254_fp12_inv(bn254_fp12 *ret, const bn254_fp12 *a)
{
    bn254_fp6 n, t;
    fp6_mul(&n, &a->c[0], &a->c[0]);
    fp6_mul(&t, &a->c[1], &a->c[1]);
    fp6_mul_v(&t, &t);
    fp6_sub(&n, &n, &t);
    fp6_inv(&n, &n);
    fp6_mul(&ret->c[0], &a->c[0], &n);
    fp6_neg(&n, &n);
    fp6_mul(&ret->c[1], &a->c[1], &n);
}

void bn254_fp12_conj(bn254_fp12 *ret, const bn254_fp12 *a)
{
    ret->c[0] = a->c[0];
    fp6_neg(&ret->c[1], &a->c[1]);
}

/* c[j].c[k] stands at w^(j + 2k). */
void bn254_fp12_frobenius(bn254_fp12 *ret, const bn254_fp12 *a)
{
    for (int j = 0; j < 2; j++)
        for (int k = 0; k < 3; k++) {
            bn254_fp2 t;
            bn254_fp2_conj(&t, &a->c[j].c[k]);
            bn254_fp2_mul(&ret->c[j].c[k], &t, &bn254_frobenius[j + 2 * k]);
        }
}

void bn254_fp12_frobenius2(bn254_fp12 *ret, const bn254_fp12 *a)
{
    for (int j = 0; j < 2; j++)
        for (int k = 0; k < 3; k++)
            bn254_fp2_scale(&ret->c[j].c[k], &a->c[j].c[k], &bn254_frobenius2[j + 2 * k]);
}

void bn254_fp12_mul_line(bn254_fp12 *ret, const bn254_fp12 *a, const bn254_fp2 *l0,
                         const bn254_fp2 *l1, const bn254_fp2 *l3)
{
    bn254_fp6 p0, p1, s;
    bn254_fp2 sum;
    for (int i = 0; i < 3; i++)
        bn254_fp2_mul(&p0.c[i], &a->c[0].c[i], l0);
    fp6_mul_01(&p1, &a->c[1], l1, l3);
    fp6_add(&s, &a->c[0], &a->c[1]);
    bn254_fp2_add(&sum, l0, l1);
    fp6_mul_01(&s, &s, &sum, l3);
    fp6_sub(&s, &s, &p0);
    fp6_sub(&ret->c[1], &s, &p1);
    fp6_mul_v(&p1, &p1);
    fp6_add(&ret->c[0], &p0, &p1);
}

/* (a + b s)^2 = (a^2 + xi b^2) + 2ab s in Fp4 = Fp2[s] / (s^2 - xi) */
static void fp4_sqr(const bn254_fp2 *a, const bn254_fp2 *b, bn254_fp2 *ret0, bn254_fp2 *ret1)
{
    bn254_fp2 aa, bb, s;
    bn254_fp2_sqr(&aa, a);
    bn254_fp2_sqr(&bb, b);
    bn254_fp2_add(&s, a, b);
    bn254_fp2_sqr(&s, &s);
    bn254_fp2_sub(&s, &s, &aa);
    bn254_fp2_sub(ret1, &s, &bb);
    bn254_fp2_mul_xi(&bb, &bb);
    bn254_fp2_add(ret0, &aa, &bb);
}

/* 3t - 2z, 3t + 2z */
static void less_twice(bn254_fp2 *ret, const bn254_fp2 *t, const bn254_fp2 *z)
{
    bn254_fp2 d;
    bn254_fp2_sub(&d, t, z);
    bn254_fp2_dbl(&d, &d);
    bn254_fp2_add(ret, &d, t);
}

static void plus_twice(bn254_fp2 *ret, const bn254_fp2 *t, const bn254_fp2 *z)
{
    bn254_fp2 d;
    bn254_fp2_add(&d, t, z);
    bn254_fp2_dbl(&d, &d);
    bn254_fp2_add(ret, &d, t);
}

void bn254_fp12_cyclotomic_sqr(bn254_fp12 *ret, const bn254_fp12 *a)
{
    const bn254_fp2 *z0 = &a->c[0].c[0], *z4 = &a->c[0].c[1], *z3 = &a->c[0].c[2];
    const bn254_fp2 *z2 = &a->c[1].c[0], *z1 = &a->c[1].c[1], *z5 = &a->c[1].c[2];
    bn254_fp2 t0, t1, t2, t3, t4, t5;
    fp4_sqr(z0, z1, &t0, &t1);
    fp4_sqr(z2, z3, &t2, &t3);
    fp4_sqr(z4, z5, &t4, &t5);
    bn254_fp2_mul_xi(&t5, &t5);
    less_twice(&ret->c[0].c[0], &t0, z0);
    plus_twice(&ret->c[1].c[1], &t1, z1);
    less_twice(&ret->c[0].c[1], &t2, z4);
    plus_twice(&ret->c[1].c[2], &t3, z5);
    less_twice(&ret->c[0].c[2], &t4, z3);
    plus_twice(&ret->c[1].c[0], &t5, z2);
}
