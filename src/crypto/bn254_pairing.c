/* SPDX-License-Identifier: Apache-2.0 */
/* The optimal ate pairing (Vercauteren 2010) of bn254. */
#include "crypto/bn254.h"
#include "crypto/bn254_fp12.h"
#include "crypto/bn254_g1.h"
#include "crypto/bn254_g2.h"

#define BATCH 8u /* pairs whose Miller loops share their squarings */
#define X 4965661367192848881u
#define LOOP 66

/* 6x + 2 in digits -1, 0, 1, no two neighbours of which are not 0; lowest first. */
static const int8_t loop_digit[LOOP] = {
    0,  0, 0, 1,  0, 1, 0, -1, 0,  0, -1, 0,  0, 0,  1, 0, 0, -1, 0, -1, 0, 0,
    0,  1, 0, -1, 0, 0, 0, 0,  -1, 0, 0,  1,  0, -1, 0, 0, 1, 0,  0, 0,  0, 0,
    -1, 0, 0, -1, 0, 1, 0, -1, 0,  0, 0,  -1, 0, -1, 0, 0, 0, 1,  0, -1, 0, 1,
};

/* A point of the twist on its way through the loop: x = X / Z, y = Y / Z. */
struct traveller {
    bn254_fp2 x, y, z;
};

struct pair {
    struct bn254_g1_affine p;
    struct bn254_g2_affine q;
    struct traveller t;
};

struct batch {
    struct pair pair[BATCH];
    size_t n;
};

/* f *= l0 yP + l1 xP w + l3 w^3 */
static void line(bn254_fp12 *f, const struct bn254_g1_affine *p, bn254_fp2 *l0, bn254_fp2 *l1,
                 const bn254_fp2 *l3)
{
    bn254_fp2_scale(l0, l0, &p->y);
    bn254_fp2_scale(l1, l1, &p->x);
    bn254_fp12_mul_line(f, f, l0, l1, l3);
}

/* f *= the tangent at t, seen from p; t = 2t. The tangent at (x, y), taken through the map
 * (x, y) -> (x w^2, y w^3) onto the curve and multiplied by 2yZ^2, is
 *     2YZ yP - 3X^2 xP w + (Y^2 - 3bZ^2) w^3. */
static void step_double(bn254_fp12 *f, struct pair *pr)
{
    struct traveller *t = &pr->t;
    bn254_fp2 a, b, c, e, g, h, j, l3;
    bn254_fp2_mul(&a, &t->x, &t->y);
    bn254_fp2_halve(&a, &a);
    bn254_fp2_sqr(&b, &t->y);
    bn254_fp2_sqr(&c, &t->z);
    bn254_fp2_triple(&e, &c);
    bn254_fp2_mul(&e, &e, &bn254_twist_b);
    bn254_fp2_mul(&h, &t->y, &t->z);
    bn254_fp2_dbl(&h, &h);
    bn254_fp2_sqr(&j, &t->x);
    bn254_fp2_sub(&l3, &b, &e);
    bn254_fp2_mul(&t->z, &b, &h);
    /* X = XY/2 (Y^2 - 3e), Y = ((Y^2 + 3e) / 2)^2 - 3e^2 with e = 3bZ^2 */
    bn254_fp2_triple(&c, &e);
    bn254_fp2_add(&g, &b, &c);
    bn254_fp2_halve(&g, &g);
    bn254_fp2_sub(&b, &b, &c);
    bn254_fp2_mul(&t->x, &a, &b);
    bn254_fp2_sqr(&g, &g);
    bn254_fp2_sqr(&e, &e);
    bn254_fp2_triple(&e, &e);
    bn254_fp2_sub(&t->y, &g, &e);
    bn254_fp2_triple(&j, &j);
    bn254_fp2_neg(&j, &j);
    line(f, &pr->p, &h, &j, &l3);
}

/* f *= the line through t and q, seen from p; t += q. With u = Y - yZ, v = X - xZ the line is
 *     v yP - u xP w + (ux - vy) w^3.
 * t is never q or its inverse: it is a smaller multiple of a point of order r. */
static void step_add(bn254_fp12 *f, struct pair *pr, const struct bn254_g2_affine *q)
{
    struct traveller *t = &pr->t;
    bn254_fp2 u, v, vv, vvv, xvv, h, l3, s;
    bn254_fp2_mul(&u, &q->y, &t->z);
    bn254_fp2_sub(&u, &t->y, &u);
    bn254_fp2_mul(&v, &q->x, &t->z);
    bn254_fp2_sub(&v, &t->x, &v);
    bn254_fp2_mul(&l3, &u, &q->x);
    bn254_fp2_mul(&s, &v, &q->y);
    bn254_fp2_sub(&l3, &l3, &s);
    bn254_fp2_sqr(&vv, &v);
    bn254_fp2_mul(&vvv, &vv, &v);
    bn254_fp2_mul(&xvv, &t->x, &vv);
    bn254_fp2_sqr(&h, &u);
    bn254_fp2_mul(&h, &h, &t->z);
    bn254_fp2_add(&h, &h, &vvv);
    bn254_fp2_sub(&h, &h, &xvv);
    bn254_fp2_sub(&h, &h, &xvv);
    bn254_fp2_mul(&t->x, &v, &h);
    bn254_fp2_mul(&s, &vvv, &t->y);
    bn254_fp2_sub(&xvv, &xvv, &h);
    bn254_fp2_mul(&t->y, &u, &xvv);
    bn254_fp2_sub(&t->y, &t->y, &s);
    bn254_fp2_mul(&t->z, &t->z, &vvv);
    bn254_fp2_neg(&u, &u);
    line(f, &pr->p, &v, &u, &l3);
}

static void step_digit(bn254_fp12 *f, struct pair *pr, int digit)
{
    struct bn254_g2_affine q = pr->q;
    if (digit < 0)
        bn254_fp2_neg(&q.y, &q.y);
    step_add(f, pr, &q);
}

/* The two last lines: through the p-power of q, and through the inverse of its p^2-power. */
static void step_last(bn254_fp12 *f, struct pair *pr)
{
    struct bn254_g2_affine q;
    bn254_g2_frobenius(&q, &pr->q);
    step_add(f, pr, &q);
    bn254_fp2_scale(&q.x, &pr->q.x, &bn254_frobenius2[2]);
    q.y = pr->q.y; /* its p^2-power is -y */
    step_add(f, pr, &q);
}

/* acc *= the Miller functions of the batch, which is empty afterwards. */
static void batch_flush(struct batch *b, bn254_fp12 *acc)
{
    const bn254_fp2 one = {BN254_ONE, {{0, 0, 0, 0}}};
    bn254_fp12 f;
    if (b->n == 0)
        return;
    for (size_t k = 0; k < b->n; k++)
        b->pair[k].t = (struct traveller){b->pair[k].q.x, b->pair[k].q.y, one};
    bn254_fp12_one(&f);
    for (int i = LOOP - 2; i >= 0; i--) {
        bn254_fp12_sqr(&f, &f);
        for (size_t k = 0; k < b->n; k++) {
            step_double(&f, &b->pair[k]);
            if (loop_digit[i] != 0)
                step_digit(&f, &b->pair[k], loop_digit[i]);
        }
    }
    for (size_t k = 0; k < b->n; k++)
        step_last(&f, &b->pair[k]);
    bn254_fp12_mul(acc, acc, &f);
    b->n = 0;
}

/* a^x in the cyclotomic subgroup. */
static void power_x(bn254_fp12 *ret, const bn254_fp12 *a)
{
    bn254_fp12 r = *a;
    for (int i = 61; i >= 0; i--) {
        bn254_fp12_cyclotomic_sqr(&r, &r);
        if (X >> i & 1)
            bn254_fp12_mul(&r, &r, a);
    }
    *ret = r;
}

/* f^((p^6 - 1)(p^2 + 1)) */
static void easy_part(bn254_fp12 *f)
{
    bn254_fp12 t, inv;
    bn254_fp12_inv(&inv, f);
    bn254_fp12_conj(&t, f);
    bn254_fp12_mul(&t, &t, &inv);
    bn254_fp12_frobenius2(f, &t);
    bn254_fp12_mul(f, f, &t);
}

/* f^(c (p^4 - p^2 + 1) / r) with c = 2x(6x^2 + 3x + 1), which is prime to r (Fuentes-Castaneda,
 * Knapp, Rodriguez-Henriquez 2011): the exponent is
 *     (a + 6x^2 + 1) + b p + a p^2 + (b - 1) p^3, a = 12x^3 + 6x^2 + 6x, b = a - 2x. */
static void hard_part(bn254_fp12 *f)
{
    bn254_fp12 x2, x6, xx6, a, b, t;
    power_x(&x2, f);
    bn254_fp12_cyclotomic_sqr(&x2, &x2);
    bn254_fp12_cyclotomic_sqr(&x6, &x2);
    bn254_fp12_mul(&x6, &x6, &x2);
    power_x(&xx6, &x6);
    bn254_fp12_cyclotomic_sqr(&a, &xx6);
    power_x(&a, &a);
    bn254_fp12_mul(&a, &a, &xx6);
    bn254_fp12_mul(&a, &a, &x6);
    bn254_fp12_conj(&t, &x2);
    bn254_fp12_mul(&b, &a, &t);
    bn254_fp12_conj(&t, f);
    bn254_fp12_mul(f, f, &a);
    bn254_fp12_mul(f, f, &xx6);
    bn254_fp12_mul(&t, &t, &b);
    bn254_fp12_frobenius2(&t, &t);
    bn254_fp12_mul(&t, &t, &b);
    bn254_fp12_frobenius(&t, &t);
    bn254_fp12_mul(f, f, &t);
    bn254_fp12_frobenius2(&a, &a);
    bn254_fp12_mul(f, f, &a);
}

/* Points of G2 write the imaginary part first. */
static bool fp2_read(const uint8_t in[64], bn254_fp2 *ret)
{
    return bn254_fp_read(in, &ret->c1) && bn254_fp_read(in + 32, &ret->c0);
}

/* Check a pair and put it into b, unless its pairing is one for a point at infinity. */
static status pair_read(const uint8_t in[BN254_PAIR], struct batch *b)
{
    struct pair *pr = &b->pair[b->n];
    if (bn254_g1_read(in, &pr->p) != OK || !fp2_read(in + BN254_G1, &pr->q.x) ||
        !fp2_read(in + BN254_G1 + 64, &pr->q.y))
        return E_RANGE;
    if (bn254_fp2_is_zero(&pr->q.x) && bn254_fp2_is_zero(&pr->q.y))
        return OK;
    if (!bn254_g2_on_curve(&pr->q) || !bn254_g2_in_subgroup(&pr->q))
        return E_RANGE;
    if (!pr->p.infinity)
        b->n++;
    return OK;
}

status bn254_pairing_check(const uint8_t *pairs, size_t n, bool *ret)
{
    struct batch b = {.n = 0};
    bn254_fp12 acc;
    bn254_fp12_one(&acc);
    for (size_t i = 0; i < n; i++) {
        status s = pair_read(pairs + i * BN254_PAIR, &b);
        if (s != OK)
            return s;
        if (b.n == BATCH)
            batch_flush(&b, &acc);
    }
    batch_flush(&b, &acc);
    easy_part(&acc);
    hard_part(&acc);
    *ret = bn254_fp12_is_one(&acc);
    return OK;
}
