/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation: HKDF-SHA-256 (RFC 5869), scrypt (RFC 7914), PBKDF2 (RFC 8018) with
 * HMAC-SHA-256 and HMAC-SHA-512, by OpenSSL. */
#ifndef EHRD_CRYPTO_KDF_H
#define EHRD_CRYPTO_KDF_H

#include "base/slice.h"
#include "base/status.h"

/* out: n bytes, n <= 255 * 32. OK | E_RANGE | E_INTERNAL. */
status hkdf_sha256(slice ikm, slice salt, slice info, uint8_t *out, size_t n) MUST_USE;
/* N = 2^log_n; memory is about 128 * r * N bytes and must be <= max_mem.
 * OK | E_RANGE (parameters or memory) | E_INTERNAL. */
status scrypt_derive(slice password, slice salt, unsigned log_n, uint32_t r, uint32_t p,
                     uint64_t max_mem, uint8_t *out, size_t n) MUST_USE;
status pbkdf2_sha256(slice password, slice salt, uint32_t iterations, uint8_t *out,
                     size_t n) MUST_USE;
status pbkdf2_sha512(slice password, slice salt, uint32_t iterations, uint8_t *out,
                     size_t n) MUST_USE;

#endif
