/* SPDX-License-Identifier: Apache-2.0 */
/* BLS12-381 as EIP-2537 encodes it, by blst.
 *
 * A field element is 64 bytes big-endian, below p (so 16 zero bytes lead); Fp2 is c0 || c1; a point
 * is x || y, all zero for infinity. Every function refuses other encodings and points off the curve
 * with E_RANGE. In a build without blst all answer E_UNSUPPORTED. Not for secrets. */
#ifndef EHRD_CRYPTO_BLS12_H
#define EHRD_CRYPTO_BLS12_H

#include "base/slice.h"
#include "base/status.h"

#define BLS12_FP 64u
#define BLS12_FP2 128u
#define BLS12_G1 128u
#define BLS12_G2 256u
#define BLS12_G1_TERM 160u /* a point and a scalar of 32 bytes, big-endian, any value */
#define BLS12_G2_TERM 288u
#define BLS12_PAIR 384u /* a point of G1 and one of G2 */

bool bls12_is_present(void);

/* Sum of two points of the curve, which need not be in the subgroup. ret may overlap nothing. */
status bls12_g1_add(const uint8_t a[BLS12_G1], const uint8_t b[BLS12_G1],
                    uint8_t ret[BLS12_G1]) MUST_USE;
status bls12_g2_add(const uint8_t a[BLS12_G2], const uint8_t b[BLS12_G2],
                    uint8_t ret[BLS12_G2]) MUST_USE;

/* Sum of n terms point * scalar, terms being n times BLS12_Gx_TERM bytes. Points outside the
 * subgroup are refused. OK | E_RANGE | E_NOMEM. */
status bls12_g1_msm(const uint8_t *terms, size_t n, uint8_t ret[BLS12_G1]) MUST_USE;
status bls12_g2_msm(const uint8_t *terms, size_t n, uint8_t ret[BLS12_G2]) MUST_USE;

/* Is the product of the pairings of n pairs one? Points outside the subgroups are refused. */
status bls12_pairing_check(const uint8_t *pairs, size_t n, bool *ret) MUST_USE;

/* RFC 9380: simplified SWU, isogeny, cofactor cleared. */
status bls12_map_to_g1(const uint8_t fp[BLS12_FP], uint8_t ret[BLS12_G1]) MUST_USE;
status bls12_map_to_g2(const uint8_t fp2[BLS12_FP2], uint8_t ret[BLS12_G2]) MUST_USE;

#endif
