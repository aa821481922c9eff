/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA verification step by step (FIPS 186-5, section 6.4.2): signatures come as bare numbers, so
 * that DER, providers and fetches would only cost time. */
#include "crypto/p256.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

struct work {
    BN_CTX *ctx;
    EC_GROUP *group;
    EC_POINT *point;
};

static void work_done(struct work *w)
{
    EC_POINT_free(w->point);
    EC_GROUP_free(w->group);
    BN_CTX_end(w->ctx);
    BN_CTX_free(w->ctx);
}

static status work_init(struct work *w)
{
    *w = (struct work){.ctx = BN_CTX_new()};
    if (w->ctx == NULL)
        return E_NOMEM;
    BN_CTX_start(w->ctx);
    w->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    w->point = w->group == NULL ? NULL : EC_POINT_new(w->group);
    if (w->point != NULL)
        return OK;
    work_done(w);
    return E_NOMEM;
}

static BIGNUM *number(struct work *w, const uint8_t be[32])
{
    BIGNUM *n = BN_CTX_get(w->ctx);
    return n == NULL ? NULL : BN_bin2bn(be, 32, n);
}

static bool in_order(const BIGNUM *n, const BIGNUM *order)
{
    return !BN_is_zero(n) && BN_cmp(n, order) < 0;
}

/* Set w->point to the public key. EC_POINT_set_affine_coordinates checks the curve but takes
 * coordinates modulo p. */
static status set_key(struct work *w, const uint8_t x[32], const uint8_t y[32])
{
    BIGNUM *bx = number(w, x), *by = number(w, y);
    if (bx == NULL || by == NULL)
        return E_NOMEM;
    const BIGNUM *p = EC_GROUP_get0_field(w->group);
    if (BN_cmp(bx, p) >= 0 || BN_cmp(by, p) >= 0 ||
        !EC_POINT_set_affine_coordinates(w->group, w->point, bx, by, w->ctx))
        return E_SIGNATURE;
    return OK;
}

static status verify(struct work *w, const hash32 *digest, const uint8_t r32[32],
                     const uint8_t s32[32])
{
    const BIGNUM *order = EC_GROUP_get0_order(w->group);
    BIGNUM *r = number(w, r32), *s = number(w, s32), *e = number(w, digest->b);
    BIGNUM *inv = BN_CTX_get(w->ctx), *u1 = BN_CTX_get(w->ctx), *u2 = BN_CTX_get(w->ctx);
    if (r == NULL || s == NULL || e == NULL || u2 == NULL)
        return E_NOMEM;
    if (!in_order(r, order) || !in_order(s, order))
        return E_SIGNATURE;
    if (BN_mod_inverse(inv, s, order, w->ctx) == NULL || !BN_mod_mul(u1, e, inv, order, w->ctx) ||
        !BN_mod_mul(u2, r, inv, order, w->ctx) ||
        !EC_POINT_mul(w->group, w->point, u1, w->point, u2, w->ctx))
        return E_NOMEM;
    if (EC_POINT_is_at_infinity(w->group, w->point))
        return E_SIGNATURE;
    if (!EC_POINT_get_affine_coordinates(w->group, w->point, u1, NULL, w->ctx) ||
        !BN_nnmod(u1, u1, order, w->ctx))
        return E_NOMEM;
    return BN_cmp(u1, r) == 0 ? OK : E_SIGNATURE;
}

status p256_verify(const hash32 *digest, const uint8_t r[32], const uint8_t s[32],
                   const uint8_t x[32], const uint8_t y[32])
{
    struct work w;
    status st = work_init(&w);
    if (st != OK)
        return st;
    (void)ERR_set_mark(); /* a point off the curve leaves an error in the thread's queue */
    st = set_key(&w, x, y);
    if (st == OK)
        st = verify(&w, digest, r, s);
    (void)ERR_pop_to_mark();
    work_done(&w);
    return st;
}
