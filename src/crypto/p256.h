/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA over NIST P-256 without hashing, by OpenSSL's curve arithmetic. */
#ifndef EHRD_CRYPTO_P256_H
#define EHRD_CRYPTO_P256_H

#include "base/slice.h"
#include "base/status.h"

/* Is (r, s) a signature of digest by the public key (x, y)? All numbers big-endian. High s is
 * allowed (EIP-7951).
 * OK | E_SIGNATURE (also r or s zero or >= N, no point of the curve) | E_NOMEM. */
status p256_verify(const hash32 *digest, const uint8_t r[32], const uint8_t s[32],
                   const uint8_t x[32], const uint8_t y[32]) MUST_USE;

#endif
