/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF, scrypt and PBKDF2 over OpenSSL. */
#include "crypto/kdf.h"

#include <limits.h>
#include <openssl/evp.h>

#include "base/wipe.h"
#include "crypto/scrypt.h"
#include "crypto/sha2.h"

/* RFC 5869, section 2.3: T(i) = HMAC(prk, T(i-1) | info | i). */
static status expand_block(const hash32 *prk, const hash32 *prev, slice info, uint8_t counter,
                           hash32 *ret)
{
    uint8_t in[32 + 512 + 1];
    size_t n = 0;
    if (info.n > 512)
        return E_RANGE;
    if (prev != NULL) {
        memcpy(in, prev->b, sizeof prev->b);
        n = sizeof prev->b;
    }
    if (info.n > 0)
        memcpy(in + n, info.p, info.n);
    n += info.n;
    in[n++] = counter;
    status st = hmac_sha256(slice_of(prk->b, sizeof prk->b), slice_of(in, n), ret);
    wipe(in, sizeof in);
    return st;
}

status hkdf_sha256(slice ikm, slice salt, slice info, uint8_t *out, size_t n)
{
    static const hash32 zero;
    if (n > 255 * 32)
        return E_RANGE;
    hash32 prk;
    hash32 t = zero;
    slice key = salt.n > 0 ? salt : slice_of(zero.b, sizeof zero.b);
    status st = hmac_sha256(key, ikm, &prk);
    for (size_t off = 0, i = 1; st == OK && off < n; off += 32, i++) {
        st = expand_block(&prk, i == 1 ? NULL : &t, info, (uint8_t)i, &t);
        if (st == OK)
            memcpy(out + off, t.b, n - off < 32 ? n - off : 32);
    }
    wipe(&prk, sizeof prk);
    wipe(&t, sizeof t);
    return st;
}

status scrypt_derive(slice password, slice salt, unsigned log_n, uint32_t r, uint32_t p,
                     uint64_t max_mem, uint8_t *out, size_t n)
{
    if (log_n == 0 || log_n > 63 || r == 0 || p == 0 || r > 1024 || p > 1024)
        return E_RANGE;
    uint64_t need = 128ull * r;
    if (__builtin_mul_overflow(need, 1ull << log_n, &need) || need > max_mem)
        return E_RANGE;
    if (r < 4 && log_n >= 16 * r) /* outside RFC 7914, so refused by OpenSSL */
        return scrypt_plain(password, salt, log_n, r, p, out, n);
    uint64_t room = need + 128ull * r * p + 32ull * r + (1u << 20); /* OpenSSL counts B, V and T */
    int ok = EVP_PBE_scrypt((const char *)password.p, password.n, salt.p, salt.n, 1ull << log_n, r,
                            p, room, out, n);
    return ok == 1 ? OK : E_INTERNAL;
}

static status pbkdf2(const EVP_MD *md, slice password, slice salt, uint32_t iterations,
                     uint8_t *out, size_t n)
{
    if (iterations == 0 || iterations > INT_MAX || n > INT_MAX || password.n > INT_MAX ||
        salt.n > INT_MAX)
        return E_RANGE;
    int ok = PKCS5_PBKDF2_HMAC((const char *)password.p, (int)password.n, salt.p, (int)salt.n,
                               (int)iterations, md, (int)n, out);
    return ok == 1 ? OK : E_INTERNAL;
}

status pbkdf2_sha256(slice password, slice salt, uint32_t iterations, uint8_t *out, size_t n)
{
    return pbkdf2(EVP_sha256(), password, salt, iterations, out, n);
}

status pbkdf2_sha512(slice password, slice salt, uint32_t iterations, uint8_t *out, size_t n)
{
    return pbkdf2(EVP_sha512(), password, salt, iterations, out, n);
}
