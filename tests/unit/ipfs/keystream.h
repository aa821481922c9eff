/* SPDX-License-Identifier: Apache-2.0 */
/* The content of the UnixFS vectors: the ChaCha20 keystream (RFC 8439, counter 0, zero nonce) under
 * SHA-256(seed). */
#ifndef EHRD_TESTS_KEYSTREAM_H
#define EHRD_TESTS_KEYSTREAM_H

#include <openssl/evp.h>

#include "crypto/sha2.h"
#include "test.h"

struct keystream {
    EVP_CIPHER_CTX *ctx;
};

static inline void keystream_init(struct keystream *k, const char *seed)
{
    hash32 key;
    const uint8_t iv[16] = {0};
    assert_status(sha256(slice_str(seed), &key), OK);
    k->ctx = EVP_CIPHER_CTX_new();
    assert_non_null(k->ctx);
    assert_int_equal(EVP_EncryptInit_ex(k->ctx, EVP_chacha20(), NULL, key.b, iv), 1);
}

/* The next n bytes, at most 16 MiB. */
static inline void keystream_fill(struct keystream *k, uint8_t *out, size_t n)
{
    int got = 0;
    memset(out, 0, n);
    assert_int_equal(EVP_EncryptUpdate(k->ctx, out, &got, out, (int)n), 1);
    assert_int_equal(got, n);
}

static inline void keystream_done(struct keystream *k)
{
    EVP_CIPHER_CTX_free(k->ctx);
}

#endif
