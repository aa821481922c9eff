/* SPDX-License-Identifier: Apache-2.0 */
/* KZG commitments of blobs (EIP-4844): checking one evaluation, by blst. */
#ifndef EHRD_CRYPTO_KZG_H
#define EHRD_CRYPTO_KZG_H

#include "base/slice.h"
#include "base/status.h"

#define KZG_POINT 48u /* a compressed point of G1 */

/* Order of the scalar field, big-endian. */
extern const uint8_t kzg_modulus[32];

/* Does proof show that the polynomial of commitment has the value y at z (verify_kzg_proof of the
 * consensus specs)? z, y: big-endian.
 * OK | E_MISMATCH | E_RANGE (z or y not below kzg_modulus, no point of the subgroup)
 * | E_UNSUPPORTED (build without blst). */
status kzg_verify(const uint8_t commitment[KZG_POINT], const uint8_t z[32], const uint8_t y[32],
                  const uint8_t proof[KZG_POINT]) MUST_USE;

#endif
