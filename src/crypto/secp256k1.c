/* SPDX-License-Identifier: Apache-2.0 */
/* Thin layer over libsecp256k1 with the recovery and ECDH modules. */
#include "crypto/secp256k1.h"

#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_recovery.h>

#include "base/wipe.h"
#include "crypto/keccak.h"

static secp256k1_context *g_ctx; /* set by secp_init, read-only afterwards */

/* (N - 1) / 2: the largest low s (EIP-2). */
static const uint8_t half_order[32] = {
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

status secp_init(const struct random_src *rnd)
{
    uint8_t seed[32];
    status s = random_fill(rnd, seed, sizeof seed);
    if (s != OK)
        return s;
    if (g_ctx == NULL)
        g_ctx = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    if (g_ctx == NULL)
        s = E_NOMEM;
    else if (!secp256k1_context_randomize(g_ctx, seed))
        s = E_INTERNAL;
    wipe(seed, sizeof seed);
    return s;
}

void secp_done(void)
{
    if (g_ctx != NULL)
        secp256k1_context_destroy(g_ctx);
    g_ctx = NULL;
}

status secp_key_generate(const struct random_src *rnd, struct secp_key *ret)
{
    struct secp_key key;
    for (int tries = 0; tries < 64; tries++) {
        status s = random_fill(rnd, key.b, sizeof key.b);
        if (s != OK)
            return s;
        if (secp_key_is_valid(&key)) {
            *ret = key;
            secp_key_done(&key);
            return OK;
        }
    }
    return E_IO; /* 64 invalid draws: the source is broken */
}

bool secp_key_is_valid(const struct secp_key *key)
{
    int ok = secp256k1_ec_seckey_verify(secp256k1_context_static, key->b);
    ct_public(&ok, sizeof ok);
    return ok == 1;
}

void secp_key_done(struct secp_key *key)
{
    wipe(key, sizeof *key);
}

/* g_ctx is there. False: no valid key. */
static bool public_of(const struct secp_key *key, secp256k1_pubkey *ret)
{
    int ok = secp256k1_ec_pubkey_create(g_ctx, ret, key->b);
    ct_public(&ok, sizeof ok);
    ct_public(ret, sizeof *ret);
    return ok == 1;
}

static status public_put(const struct secp_key *key, uint8_t *out, size_t n, unsigned flags)
{
    secp256k1_pubkey pub;
    if (g_ctx == NULL)
        return E_INTERNAL;
    if (!public_of(key, &pub))
        return E_RANGE;
    (void)secp256k1_ec_pubkey_serialize(g_ctx, out, &n, &pub, flags);
    return OK;
}

status secp_public33(const struct secp_key *key, uint8_t ret[SECP_PUB33])
{
    return public_put(key, ret, SECP_PUB33, SECP256K1_EC_COMPRESSED);
}

status secp_public65(const struct secp_key *key, uint8_t ret[SECP_PUB65])
{
    return public_put(key, ret, SECP_PUB65, SECP256K1_EC_UNCOMPRESSED);
}

static void point_addr(const secp256k1_pubkey *pub, addr20 *ret)
{
    uint8_t xy[SECP_PUB65];
    size_t n = sizeof xy;
    hash32 h;
    (void)secp256k1_ec_pubkey_serialize(secp256k1_context_static, xy, &n, pub,
                                        SECP256K1_EC_UNCOMPRESSED);
    keccak256(slice_of(xy + 1, 64), &h);
    memcpy(ret->b, h.b + 12, sizeof ret->b);
}

status secp_key_addr(const struct secp_key *key, addr20 *ret)
{
    secp256k1_pubkey pub;
    if (g_ctx == NULL)
        return E_INTERNAL;
    if (!public_of(key, &pub))
        return E_RANGE;
    point_addr(&pub, ret);
    return OK;
}

status secp_pub_addr(slice pub, addr20 *ret)
{
    secp256k1_pubkey point;
    /* The library also takes the hybrid forms 06 and 07; Ethereum does not. */
    bool form_ok = (pub.n == SECP_PUB33 && (pub.p[0] == 2 || pub.p[0] == 3)) ||
                   (pub.n == SECP_PUB65 && pub.p[0] == 4);
    if (!form_ok || !secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, pub.p, pub.n))
        return E_RANGE;
    point_addr(&point, ret);
    return OK;
}

status secp_key_add(struct secp_key *key, const hash32 *tweak)
{
    struct secp_key sum = *key;
    status st = E_RANGE;
    int ok = secp256k1_ec_seckey_tweak_add(secp256k1_context_static, sum.b, tweak->b);
    ct_public(&ok, sizeof ok);
    if (ok) {
        *key = sum;
        st = OK;
    }
    secp_key_done(&sum);
    return st;
}

/* A compressed point; the hybrid and the long form have another length. */
static bool pub33_parse(const uint8_t pub[SECP_PUB33], secp256k1_pubkey *ret)
{
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, ret, pub, SECP_PUB33) == 1;
}

status secp_pub_add(const uint8_t pub[SECP_PUB33], const hash32 *tweak, uint8_t ret[SECP_PUB33])
{
    secp256k1_pubkey point;
    size_t n = SECP_PUB33;
    if (g_ctx == NULL)
        return E_INTERNAL;
    if (!pub33_parse(pub, &point))
        return E_RANGE;
    int ok = secp256k1_ec_pubkey_tweak_add(g_ctx, &point, tweak->b); /* not in constant time */
    ct_public(&ok, sizeof ok);
    if (!ok)
        return E_RANGE;
    (void)secp256k1_ec_pubkey_serialize(g_ctx, ret, &n, &point, SECP256K1_EC_COMPRESSED);
    return OK;
}

/* The form of secp256k1_ecdh_hash_function: keccak256(02 or 03 || x). */
static int shared_hash(unsigned char *output, const unsigned char *x32, const unsigned char *y32,
                       void *data)
{
    uint8_t point[SECP_PUB33];
    hash32 h;
    (void)data;
    point[0] = (uint8_t)(2 | (y32[31] & 1));
    memcpy(point + 1, x32, 32);
    keccak256(slice_of(point, sizeof point), &h);
    memcpy(output, h.b, sizeof h.b);
    wipe(point, sizeof point);
    wipe(&h, sizeof h);
    return 1;
}

status secp_shared_keccak(const struct secp_key *key, const uint8_t pub[SECP_PUB33], hash32 *ret)
{
    secp256k1_pubkey point;
    hash32 h;
    if (g_ctx == NULL)
        return E_INTERNAL;
    if (!pub33_parse(pub, &point))
        return E_RANGE;
    int ok = secp256k1_ecdh(g_ctx, h.b, &point, key->b, shared_hash, NULL);
    ct_public(&ok, sizeof ok);
    if (!ok)
        return E_RANGE;
    *ret = h;
    wipe(&h, sizeof h);
    return OK;
}

status secp_sign(const struct secp_key *key, const hash32 *digest, uint8_t ret_sig65[SECP_SIG])
{
    secp256k1_ecdsa_recoverable_signature sig;
    int recid = 0;
    if (g_ctx == NULL)
        return E_INTERNAL;
    int ok = secp256k1_ecdsa_sign_recoverable(g_ctx, &sig, digest->b, key->b, NULL, NULL);
    ct_public(&ok, sizeof ok);
    ct_public(&sig, sizeof sig);
    if (!ok)
        return E_RANGE;
    uint8_t rs[64];
    (void)secp256k1_ecdsa_recoverable_signature_serialize_compact(g_ctx, rs, &recid, &sig);
    if (recid > 1) /* r >= N: one chance in 2^127, and Ethereum cannot express it */
        return E_INTERNAL;
    memcpy(ret_sig65, rs, sizeof rs);
    ret_sig65[64] = (uint8_t)(27 + recid);
    return OK;
}

status secp_recover_parity(const hash32 *digest, const uint8_t r[32], const uint8_t s[32],
                           unsigned parity, bool high_s_ok, addr20 *ret)
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature sig;
    secp256k1_pubkey pub;
    uint8_t rs[64];
    if (parity > 1 || (!high_s_ok && memcmp(s, half_order, sizeof half_order) > 0))
        return E_SIGNATURE;
    memcpy(rs, r, 32);
    memcpy(rs + 32, s, 32);
    if (!secp256k1_ecdsa_recoverable_signature_parse_compact(ctx, &sig, rs, (int)parity) ||
        !secp256k1_ecdsa_recover(ctx, &pub, &sig, digest->b))
        return E_SIGNATURE;
    point_addr(&pub, ret);
    return OK;
}

status secp_recover(const hash32 *digest, const uint8_t sig65[SECP_SIG], addr20 *ret)
{
    if (sig65[64] != 27 && sig65[64] != 28)
        return E_SIGNATURE;
    return secp_recover_parity(digest, sig65, sig65 + 32, sig65[64] - 27u, false, ret);
}

status secp_verify_addr(const hash32 *digest, slice sig65, addr20 want)
{
    addr20 got;
    if (sig65.n != SECP_SIG)
        return E_SIGNATURE;
    status s = secp_recover(digest, sig65.p, &got);
    if (s != OK)
        return s;
    return addr20_eq(got, want) ? OK : E_SIGNATURE;
}
