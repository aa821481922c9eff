/* SPDX-License-Identifier: Apache-2.0 */
/* Fp2 = Fp[i] / (i^2 + 1) over bn254's base field; xi = 9 + i, of which no square or cubic root
 * exists, builds the fields above. Any argument may be the result. */
#ifndef EHRD_CRYPTO_BN254_FP2_H
#define EHRD_CRYPTO_BN254_FP2_H

#include "crypto/bn254_fp.h"

typedef struct {
    bn254_fp c0, c1; /* c0 + c1 i */
} bn254_fp2;

static inline void bn254_fp2_add(bn254_fp2 *ret, const bn254_fp2 *a, const bn254_fp2 *b)
{
    bn254_fp_add(&ret->c0, &a->c0, &b->c0);
    bn254_fp_add(&ret->c1, &a->c1, &b->c1);
}

static inline void bn254_fp2_sub(bn254_fp2 *ret, const bn254_fp2 *a, const bn254_fp2 *b)
{
    bn254_fp_sub(&ret->c0, &a->c0, &b->c0);
    bn254_fp_sub(&ret->c1, &a->c1, &b->c1);
}

static inline void bn254_fp2_dbl(bn254_fp2 *ret, const bn254_fp2 *a)
{
    bn254_fp2_add(ret, a, a);
}

static inline void bn254_fp2_triple(bn254_fp2 *ret, const bn254_fp2 *a)
{
    bn254_fp2 d;
    bn254_fp2_dbl(&d, a);
    bn254_fp2_add(ret, &d, a);
}

static inline void bn254_fp2_neg(bn254_fp2 *ret, const bn254_fp2 *a)
{
    bn254_fp_neg(&ret->c0, &a->c0);
    bn254_fp_neg(&ret->c1, &a->c1);
}

static inline void bn254_fp2_conj(bn254_fp2 *ret, const bn254_fp2 *a)
{
    ret->c0 = a->c0;
    bn254_fp_neg(&ret->c1, &a->c1);
}

static inline void bn254_fp2_halve(bn254_fp2 *ret, const bn254_fp2 *a)
{
    bn254_fp_halve(&ret->c0, &a->c0);
    bn254_fp_halve(&ret->c1, &a->c1);
}

static inline bool bn254_fp2_is_zero(const bn254_fp2 *a)
{
    return bn254_fp_is_zero(&a->c0) && bn254_fp_is_zero(&a->c1);
}

static inline bool bn254_fp2_eq(const bn254_fp2 *a, const bn254_fp2 *b)
{
    return bn254_fp_eq(&a->c0, &b->c0) && bn254_fp_eq(&a->c1, &b->c1);
}

/* (9 + i) a */
static inline void bn254_fp2_mul_xi(bn254_fp2 *ret, const bn254_fp2 *a)
{
    bn254_fp2 t;
    bn254_fp2_dbl(&t, a);
    bn254_fp2_dbl(&t, &t);
    bn254_fp2_dbl(&t, &t);
    bn254_fp2_add(&t, &t, a);
    bn254_fp_sub(&t.c0, &t.c0, &a->c1);
    bn254_fp_add(&ret->c1, &t.c1, &a->c0);
    ret->c0 = t.c0;
}

static inline void bn254_fp2_scale(bn254_fp2 *ret, const bn254_fp2 *a, const bn254_fp *k)
{
    bn254_fp_mul(&ret->c0, &a->c0, k);
    bn254_fp_mul(&ret->c1, &a->c1, k);
}

void bn254_fp2_mul(bn254_fp2 *ret, const bn254_fp2 *a, const bn254_fp2 *b);
void bn254_fp2_sqr(bn254_fp2 *ret, const bn254_fp2 *a);
/* 1 / a; a must not be zero. */
void bn254_fp2_inv(bn254_fp2 *ret, const bn254_fp2 *a);

#endif
