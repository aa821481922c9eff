/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, HMAC-SHA-256 and HMAC-SHA-512 (FIPS 180-4, RFC 2104), by OpenSSL. */
#ifndef EHRD_CRYPTO_SHA2_H
#define EHRD_CRYPTO_SHA2_H

#include "base/slice.h"
#include "base/status.h"

/* OK | E_NOMEM | E_INTERNAL (OpenSSL refuses). */
status sha256(slice in, hash32 *ret) MUST_USE;
status hmac_sha256(slice key, slice in, hash32 *ret) MUST_USE;
status hmac_sha512(slice key, slice in, uint8_t ret[64]) MUST_USE;

/* Incremental SHA-256. After sha256_init succeeded, sha256_done must be called. */
struct sha256_ctx {
    void *md; /* EVP_MD_CTX */
};
status sha256_init(struct sha256_ctx *c) MUST_USE;
status sha256_update(struct sha256_ctx *c, slice in) MUST_USE;
status sha256_final(struct sha256_ctx *c,
                    hash32 *ret) MUST_USE; /* the context may then be re-used after sha256_reset */
status sha256_reset(struct sha256_ctx *c) MUST_USE;
void sha256_done(struct sha256_ctx *c);

#endif
