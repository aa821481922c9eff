/* SPDX-License-Identifier: Apache-2.0 */
/* ChaCha20-Poly1305 and AES-128-CTR over OpenSSL's EVP; contexts are kept between chunks. */
#include "crypto/aead.h"

#include <openssl/evp.h>

#include "base/wipe.h"

#define ONE_CALL_MAX ((size_t)1 << 30)

status aead_init(struct aead *a, const uint8_t key[32])
{
    a->seal = NULL;
    a->open = NULL;
    memcpy(a->key, key, sizeof a->key);
    a->aad = SLICE_EMPTY;
    return OK;
}

void aead_done(struct aead *a)
{
    EVP_CIPHER_CTX_free(a->seal);
    EVP_CIPHER_CTX_free(a->open);
    wipe(a, sizeof *a);
}

/* The context for one direction with the key set; enc is 1 to seal, 0 to open. */
static status context(void **slot, const uint8_t *key, int enc, EVP_CIPHER_CTX **ret)
{
    if (*slot == NULL) {
        EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
        if (c == NULL)
            return E_NOMEM;
        if (EVP_CipherInit_ex(c, EVP_chacha20_poly1305(), NULL, key, NULL, enc) != 1) {
            EVP_CIPHER_CTX_free(c);
            return E_INTERNAL;
        }
        *slot = c;
    }
    *ret = *slot;
    return OK;
}

/* Give the associated data to a context whose nonce is set. */
static bool feed_aad(EVP_CIPHER_CTX *c, slice aad)
{
    int n = 0;
    return aad.n == 0 ||
           (aad.n <= ONE_CALL_MAX && EVP_CipherUpdate(c, NULL, &n, aad.p, (int)aad.n) == 1);
}

status aead_seal(struct aead *a, const uint8_t nonce[12], slice in, uint8_t *out)
{
    EVP_CIPHER_CTX *c;
    int n = 0;
    int tail = 0;
    if (in.n > ONE_CALL_MAX)
        return E_RANGE;
    status st = context(&a->seal, a->key, 1, &c);
    if (st != OK)
        return st;
    if (EVP_EncryptInit_ex(c, NULL, NULL, NULL, nonce) != 1 || !feed_aad(c, a->aad) ||
        (in.n > 0 && EVP_EncryptUpdate(c, out, &n, in.p, (int)in.n) != 1) ||
        EVP_EncryptFinal_ex(c, out + n, &tail) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, out + in.n) != 1)
        return E_INTERNAL;
    return OK;
}

status aead_open(struct aead *a, const uint8_t nonce[12], slice in, uint8_t *out)
{
    EVP_CIPHER_CTX *c;
    int n = 0;
    int tail = 0;
    uint8_t tag[AEAD_TAG];
    if (in.n < AEAD_TAG)
        return E_TRUNCATED;
    size_t len = in.n - AEAD_TAG;
    if (len > ONE_CALL_MAX)
        return E_RANGE;
    status st = context(&a->open, a->key, 0, &c);
    if (st != OK)
        return st;
    memcpy(tag, in.p + len, sizeof tag);
    if (EVP_DecryptInit_ex(c, NULL, NULL, NULL, nonce) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, tag) != 1 || !feed_aad(c, a->aad) ||
        (len > 0 && EVP_DecryptUpdate(c, out, &n, in.p, (int)len) != 1))
        return E_INTERNAL;
    uint8_t end[16];
    return EVP_DecryptFinal_ex(c, end, &tail) == 1 ? OK : E_DECRYPT;
}

status aes128_ctr(const uint8_t key[16], const uint8_t iv[16], slice in, uint8_t *out)
{
    int n = 0;
    if (in.n > ONE_CALL_MAX)
        return E_RANGE;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    if (c == NULL)
        return E_NOMEM;
    bool ok = EVP_EncryptInit_ex(c, EVP_aes_128_ctr(), NULL, key, iv) == 1 &&
              EVP_EncryptUpdate(c, out, &n, in.p, (int)in.n) == 1 && (size_t)n == in.n;
    EVP_CIPHER_CTX_free(c);
    return ok ? OK : E_INTERNAL;
}
