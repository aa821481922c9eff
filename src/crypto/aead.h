/* SPDX-License-Identifier: Apache-2.0 */
/* ChaCha20-Poly1305 (RFC 8439) and AES-128-CTR, by OpenSSL. */
#ifndef EHRD_CRYPTO_AEAD_H
#define EHRD_CRYPTO_AEAD_H

#include "base/slice.h"
#include "base/status.h"

#define AEAD_TAG 16u

/* A key schedule that is used for many chunks. One thread owns it. */
struct aead {
    void *seal; /* EVP_CIPHER_CTX, made at first use */
    void *open;
    uint8_t key[32];
    slice aad; /* associated data of the next calls, borrowed; empty after aead_init */
};

status aead_init(struct aead *a, const uint8_t key[32]) MUST_USE;
void aead_done(struct aead *a); /* wipes */

/* out: in.n + 16 bytes; may be in.p itself. OK | E_RANGE (> 1 GiB) | E_INTERNAL. */
status aead_seal(struct aead *a, const uint8_t nonce[12], slice in, uint8_t *out) MUST_USE;
/* in: ciphertext and tag; out: in.n - 16 bytes, may be in.p itself; holds nothing useful on
 * failure. OK | E_TRUNCATED (in.n < 16) | E_DECRYPT (tag) | E_INTERNAL. */
status aead_open(struct aead *a, const uint8_t nonce[12], slice in, uint8_t *out) MUST_USE;

/* AES-128-CTR, for Web3 Secret Storage. out: in.n bytes. */
status aes128_ctr(const uint8_t key[16], const uint8_t iv[16], slice in, uint8_t *out) MUST_USE;

#endif
