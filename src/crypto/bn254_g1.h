/* SPDX-License-Identifier: Apache-2.0 */
/* Points of bn254's G1, as the pairing takes them. */
#ifndef EHRD_CRYPTO_BN254_G1_H
#define EHRD_CRYPTO_BN254_G1_H

#include "base/status.h"
#include "crypto/bn254_fp.h"

struct bn254_g1_affine {
    bn254_fp x, y; /* 0, 0 for infinity */
    bool infinity;
};

/* x || y, zeros for infinity. Every point of the curve is in the group. OK | E_RANGE. */
status bn254_g1_read(const uint8_t in[64], struct bn254_g1_affine *ret) MUST_USE;

#endif
