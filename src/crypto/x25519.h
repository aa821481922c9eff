/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 (RFC 7748), by OpenSSL. */
#ifndef EHRD_CRYPTO_X25519_H
#define EHRD_CRYPTO_X25519_H

#include "base/slice.h"
#include "base/status.h"

/* OK | E_INTERNAL. */
status x25519_public(const uint8_t secret[32], uint8_t ret_public[32]) MUST_USE;
/* OK | E_RANGE (the shared secret is all zero: a low-order point) | E_INTERNAL. */
status x25519_shared(const uint8_t secret[32], const uint8_t peer[32],
                     uint8_t ret_shared[32]) MUST_USE;

#endif
