/* SPDX-License-Identifier: Apache-2.0 */
/* The twist y^2 = x^3 + 3 / (9 + i) over Fp2 on which bn254's G2 lies. */
#ifndef EHRD_CRYPTO_BN254_G2_H
#define EHRD_CRYPTO_BN254_G2_H

#include "crypto/bn254_fp2.h"

struct bn254_g2_affine {
    bn254_fp2 x, y; /* never infinity, which has no such coordinates */
};

/* 3 / (9 + i) */
extern const bn254_fp2 bn254_twist_b;

bool bn254_g2_on_curve(const struct bn254_g2_affine *q);
/* Is q, a point of the twist, in the subgroup of order r? */
bool bn254_g2_in_subgroup(const struct bn254_g2_affine *q);
/* The p-power map of the curve seen on the twist. */
void bn254_g2_frobenius(struct bn254_g2_affine *ret, const struct bn254_g2_affine *q);

#endif
