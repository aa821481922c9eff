/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 over OpenSSL's EVP_PKEY. */
#include "crypto/x25519.h"

#include <openssl/evp.h>

#include "base/wipe.h"

status x25519_public(const uint8_t secret[32], uint8_t ret_public[32])
{
    size_t n = 32;
    EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    bool ok = k != NULL && EVP_PKEY_get_raw_public_key(k, ret_public, &n) == 1 && n == 32;
    EVP_PKEY_free(k);
    return ok ? OK : E_INTERNAL;
}

status x25519_shared(const uint8_t secret[32], const uint8_t peer[32], uint8_t ret_shared[32])
{
    static const uint8_t zero[32];
    uint8_t out[32];
    size_t n = sizeof out;
    status st = E_INTERNAL;
    EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    EVP_PKEY *p = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
    EVP_PKEY_CTX *c = k != NULL ? EVP_PKEY_CTX_new(k, NULL) : NULL;
    if (c == NULL || p == NULL || EVP_PKEY_derive_init(c) != 1 ||
        EVP_PKEY_derive_set_peer(c, p) != 1)
        goto out;
    /* OpenSSL refuses an all-zero result itself; the compare keeps that true for other versions. */
    if (EVP_PKEY_derive(c, out, &n) != 1 || n != sizeof out || ct_eq(out, zero, sizeof zero)) {
        st = E_RANGE;
        goto out;
    }
    memcpy(ret_shared, out, sizeof out);
    st = OK;
out:
    wipe(out, sizeof out);
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(p);
    EVP_PKEY_free(k);
    return st;
}
