/* SPDX-License-Identifier: Apache-2.0 */
/* The pairing-friendly curve alt_bn128 of EIP-196 and EIP-197, own arithmetic. Not for secrets:
 * time depends on them.
 *
 * Numbers are 32 bytes big-endian; coordinates must be below the field's order p. A point of G1 is
 * x || y; of G2 it is x || y with the imaginary part of each coordinate first; all zero is
 * infinity. Other encodings and points off the curve are refused with E_RANGE. */
#ifndef EHRD_CRYPTO_BN254_H
#define EHRD_CRYPTO_BN254_H

#include "base/slice.h"
#include "base/status.h"

#define BN254_G1 64u
#define BN254_G2 128u
#define BN254_PAIR (BN254_G1 + BN254_G2)

/* OK | E_RANGE. */
status bn254_add(const uint8_t a[BN254_G1], const uint8_t b[BN254_G1],
                 uint8_t ret[BN254_G1]) MUST_USE;
/* k: any number. OK | E_RANGE. */
status bn254_mul(const uint8_t a[BN254_G1], const uint8_t k[32], uint8_t ret[BN254_G1]) MUST_USE;
/* Is the product of the pairings of n pairs, a point of G1 and one of G2 each, one? Points of the
 * twist outside the subgroup of order r are refused. OK | E_RANGE. */
status bn254_pairing_check(const uint8_t *pairs, size_t n, bool *ret) MUST_USE;

#endif
