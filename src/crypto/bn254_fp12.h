/* SPDX-License-Identifier: Apache-2.0 */
/* Fp6 = Fp2[v] / (v^3 - xi) and Fp12 = Fp6[w] / (w^2 - v), where bn254's pairing takes its values.
 * Any argument may be the result. */
#ifndef EHRD_CRYPTO_BN254_FP12_H
#define EHRD_CRYPTO_BN254_FP12_H

#include "crypto/bn254_fp2.h"

typedef struct {
    bn254_fp2 c[3]; /* c0 + c1 v + c2 v^2 */
} bn254_fp6;

typedef struct {
    bn254_fp6 c[2]; /* c0 + c1 w */
} bn254_fp12;

/* xi^(i (p - 1) / 6), i = 0 to 5: what the p-power map makes of w^i. */
extern const bn254_fp2 bn254_frobenius[6];
/* xi^(i (p^2 - 1) / 6), which lie in Fp: the same of the p^2-power map. */
extern const bn254_fp bn254_frobenius2[6];

void bn254_fp12_one(bn254_fp12 *ret);
bool bn254_fp12_is_one(const bn254_fp12 *a);
void bn254_fp12_mul(bn254_fp12 *ret, const bn254_fp12 *a, const bn254_fp12 *b);
void bn254_fp12_sqr(bn254_fp12 *ret, const bn254_fp12 *a);
void bn254_fp12_inv(bn254_fp12 *ret, const bn254_fp12 *a);
/* a^(p^6): the inverse, where the norm to Fp6 is one. */
void bn254_fp12_conj(bn254_fp12 *ret, const bn254_fp12 *a);
/* a^p and a^(p^2) */
void bn254_fp12_frobenius(bn254_fp12 *ret, const bn254_fp12 *a);
void bn254_fp12_frobenius2(bn254_fp12 *ret, const bn254_fp12 *a);
/* a (l0 + l1 w + l3 w^3): a line. */
void bn254_fp12_mul_line(bn254_fp12 *ret, const bn254_fp12 *a, const bn254_fp2 *l0,
                         const bn254_fp2 *l1, const bn254_fp2 *l3);
/* a^2, only for a^(p^4 - p^2 + 1) = 1 (Granger, Scott 2010). */
void bn254_fp12_cyclotomic_sqr(bn254_fp12 *ret, const bn254_fp12 *a);

#endif
