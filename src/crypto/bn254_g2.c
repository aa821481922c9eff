/* SPDX-License-Identifier: Apache-2.0 */
/* Points of bn254's twist in Jacobian coordinates (x = X / Z^2, y = Y / Z^3; Z = 0: infinity), as
 * far as the subgroup check needs them. */
#include "crypto/bn254_g2.h"

#include "crypto/bn254_fp12.h"

const bn254_fp2 bn254_twist_b = {
    {{0x3bf938e377b802a8u, 0x020b1b273633535du, 0x26b7edf049755260u, 0x2514c6324384a86du}},
    {{0x38e7ecccd1dcff67u, 0x65f0b37d93ce0d3eu, 0xd749d0dd22ac00aau, 0x0141b9ce4a688d4du}}};

struct jacobian {
    bn254_fp2 x, y, z;
};

bool bn254_g2_on_curve(const struct bn254_g2_affine *q)
{
    bn254_fp2 l, r;
    bn254_fp2_sqr(&l, &q->y);
    bn254_fp2_sqr(&r, &q->x);
    bn254_fp2_mul(&r, &r, &q->x);
    bn254_fp2_add(&r, &r, &bn254_twist_b);
    return bn254_fp2_eq(&l, &r);
}

void bn254_g2_frobenius(struct bn254_g2_affine *ret, const struct bn254_g2_affine *q)
{
    bn254_fp2 t;
    bn254_fp2_conj(&t, &q->x);
    bn254_fp2_mul(&ret->x, &t, &bn254_frobenius[2]);
    bn254_fp2_conj(&t, &q->y);
    bn254_fp2_mul(&ret->y, &t, &bn254_frobenius[3]);
}

static void frobenius(struct jacobian *p)
{
    bn254_fp2_conj(&p->x, &p->x);
    bn254_fp2_mul(&p->x, &p->x, &bn254_frobenius[2]);
    bn254_fp2_conj(&p->y, &p->y);
    bn254_fp2_mul(&p->y, &p->y, &bn254_frobenius[3]);
    bn254_fp2_conj(&p->z, &p->z);
}

/* Also right for infinity; the twist has no points with y = 0. */
static void dbl(struct jacobian *p)
{
    bn254_fp2 a, b, c, d, e;
    bn254_fp2_mul(&p->z, &p->z, &p->y);
    bn254_fp2_dbl(&p->z, &p->z);
    bn254_fp2_sqr(&a, &p->x);
    bn254_fp2_sqr(&b, &p->y);
    bn254_fp2_sqr(&c, &b);
    bn254_fp2_mul(&d, &p->x, &b);
    bn254_fp2_dbl(&d, &d);
    bn254_fp2_dbl(&d, &d);
    bn254_fp2_triple(&e, &a);
    bn254_fp2_sqr(&p->x, &e);
    bn254_fp2_sub(&p->x, &p->x, &d);
    bn254_fp2_sub(&p->x, &p->x, &d);
    bn254_fp2_sub(&d, &d, &p->x);
    bn254_fp2_mul(&p->y, &e, &d);
    bn254_fp2_dbl(&c, &c);
    bn254_fp2_dbl(&c, &c);
    bn254_fp2_dbl(&c, &c);
    bn254_fp2_sub(&p->y, &p->y, &c);
}

/* p += q */
static void add(struct jacobian *p, const struct jacobian *q)
{
    bn254_fp2 pz2, qz2, u, s, h, r, hh, hhh, v;
    if (bn254_fp2_is_zero(&q->z))
        return;
    if (bn254_fp2_is_zero(&p->z)) {
        *p = *q;
        return;
    }
    bn254_fp2_sqr(&pz2, &p->z);
    bn254_fp2_sqr(&qz2, &q->z);
    bn254_fp2_mul(&u, &p->x, &qz2);
    bn254_fp2_mul(&h, &q->x, &pz2);
    bn254_fp2_sub(&h, &h, &u);
    bn254_fp2_mul(&s, &p->y, &qz2);
    bn254_fp2_mul(&s, &s, &q->z);
    bn254_fp2_mul(&r, &q->y, &pz2);
    bn254_fp2_mul(&r, &r, &p->z);
    bn254_fp2_sub(&r, &r, &s);
    if (bn254_fp2_is_zero(&h) && bn254_fp2_is_zero(&r)) {
        dbl(p);
        return;
    }
    bn254_fp2_sqr(&hh, &h);
    bn254_fp2_mul(&hhh, &hh, &h);
    bn254_fp2_mul(&v, &u, &hh);
    bn254_fp2_mul(&p->z, &p->z, &q->z);
    bn254_fp2_mul(&p->z, &p->z, &h);
    bn254_fp2_sqr(&p->x, &r);
    bn254_fp2_sub(&p->x, &p->x, &hhh);
    bn254_fp2_sub(&p->x, &p->x, &v);
    bn254_fp2_sub(&p->x, &p->x, &v);
    bn254_fp2_sub(&v, &v, &p->x);
    bn254_fp2_mul(&p->y, &r, &v);
    bn254_fp2_mul(&s, &s, &hhh);
    bn254_fp2_sub(&p->y, &p->y, &s);
}

static bool same(const struct jacobian *p, const struct jacobian *q)
{
    bn254_fp2 pz, qz, l, r;
    if (bn254_fp2_is_zero(&p->z) || bn254_fp2_is_zero(&q->z))
        return bn254_fp2_is_zero(&p->z) && bn254_fp2_is_zero(&q->z);
    bn254_fp2_sqr(&pz, &p->z);
    bn254_fp2_sqr(&qz, &q->z);
    bn254_fp2_mul(&l, &p->x, &qz);
    bn254_fp2_mul(&r, &q->x, &pz);
    if (!bn254_fp2_eq(&l, &r))
        return false;
    bn254_fp2_mul(&pz, &pz, &p->z);
    bn254_fp2_mul(&qz, &qz, &q->z);
    bn254_fp2_mul(&l, &p->y, &qz);
    bn254_fp2_mul(&r, &q->y, &pz);
    return bn254_fp2_eq(&l, &r);
}

/* [x]q for the parameter x of the curve, 63 bits. */
static struct jacobian mul_x(const struct jacobian *q)
{
    const uint64_t x = 4965661367192848881u;
    struct jacobian p = *q;
    for (int i = 61; i >= 0; i--) {
        dbl(&p);
        if (x >> i & 1)
            add(&p, q);
    }
    return p;
}

/* With f the p-power map, which satisfies f^2 - [t]f + [p] = 0, the test is
 *     [x + 1]q + f([x]q) + f^2([x]q) = f^3([2x]q)
 * (El Housni, Guillevic, Piellard 2022). It holds where f is [p], and the resultant of the two
 * polynomials has no other common factor with the order of the twist than r, so nowhere else. */
bool bn254_g2_in_subgroup(const struct bn254_g2_affine *q)
{
    const bn254_fp2 one = {BN254_ONE, {{0, 0, 0, 0}}};
    struct jacobian p = {q->x, q->y, one};
    struct jacobian xp = mul_x(&p), left = p, right = xp;
    add(&left, &xp);
    dbl(&right);
    frobenius(&xp);
    add(&left, &xp);
    frobenius(&xp);
    add(&left, &xp);
    for (int i = 0; i < 3; i++)
        frobenius(&right);
    return same(&left, &right);
}
