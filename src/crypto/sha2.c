/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC over OpenSSL's EVP. */
#include "crypto/sha2.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/wipe.h"

status sha256_init(struct sha256_ctx *c)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (md == NULL)
        return E_NOMEM;
    if (EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(md);
        return E_INTERNAL;
    }
    c->md = md;
    return OK;
}

status sha256_update(struct sha256_ctx *c, slice in)
{
    return in.n == 0 || EVP_DigestUpdate(c->md, in.p, in.n) == 1 ? OK : E_INTERNAL;
}

status sha256_final(struct sha256_ctx *c, hash32 *ret)
{
    unsigned n = 0;
    return EVP_DigestFinal_ex(c->md, ret->b, &n) == 1 && n == sizeof ret->b ? OK : E_INTERNAL;
}

status sha256_reset(struct sha256_ctx *c)
{
    return EVP_DigestInit_ex(c->md, NULL, NULL) == 1 ? OK : E_INTERNAL;
}

void sha256_done(struct sha256_ctx *c)
{
    EVP_MD_CTX_free(c->md);
    c->md = NULL;
}

status sha256(slice in, hash32 *ret)
{
    hash32 h;
    unsigned n = 0;
    if (EVP_Digest(in.p, in.n, h.b, &n, EVP_sha256(), NULL) != 1 || n != sizeof h.b)
        return E_INTERNAL;
    *ret = h;
    return OK;
}

static status hmac(const EVP_MD *md, slice key, slice in, uint8_t *out, unsigned want)
{
    static const uint8_t none;
    unsigned n = 0;
    if (key.n > INT32_MAX)
        return E_INTERNAL;
    const void *k = key.n > 0 ? key.p : &none;
    bool ok = HMAC(md, k, (int)key.n, in.p, in.n, out, &n) != NULL && n == want;
    return ok ? OK : E_INTERNAL;
}

status hmac_sha256(slice key, slice in, hash32 *ret)
{
    hash32 h;
    status st = hmac(EVP_sha256(), key, in, h.b, sizeof h.b);
    if (st == OK)
        *ret = h;
    wipe(&h, sizeof h);
    return st;
}

status hmac_sha512(slice key, slice in, uint8_t ret[64])
{
    uint8_t h[64];
    status st = hmac(EVP_sha512(), key, in, h, sizeof h);
    if (st == OK)
        memcpy(ret, h, sizeof h);
    wipe(h, sizeof h);
    return st;
}
