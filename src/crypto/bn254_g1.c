/* SPDX-License-Identifier: Apache-2.0 */
/* Points of y^2 = x^3 + 3: addition in affine, multiplication in Jacobian coordinates with signed
 * digits of five bits. */
#include "crypto/bn254_g1.h"

#include "crypto/bn254.h"

#define WINDOW 5
#define TABLE 8    /* odd multiples 1, 3 ... 15 */
#define DIGITS 257 /* of a number of 256 bits */

struct jacobian {
    bn254_fp x, y, z; /* x / z^2, y / z^3; z = 0: infinity */
};

/* 3 */
static const bn254_fp curve_b = {
    {0x7a17caa950ad28d7u, 0x1f6ac17ae15521b9u, 0x334bea4e696bd284u, 0x2a1f6744ce179d8eu}};
static const bn254_fp one = BN254_ONE;

status bn254_g1_read(const uint8_t in[BN254_G1], struct bn254_g1_affine *ret)
{
    bn254_fp l, r;
    if (!bn254_fp_read(in, &ret->x) || !bn254_fp_read(in + 32, &ret->y))
        return E_RANGE;
    ret->infinity = bn254_fp_is_zero(&ret->x) && bn254_fp_is_zero(&ret->y);
    if (ret->infinity)
        return OK;
    bn254_fp_sqr(&l, &ret->y);
    bn254_fp_sqr(&r, &ret->x);
    bn254_fp_mul(&r, &r, &ret->x);
    bn254_fp_add(&r, &r, &curve_b);
    return bn254_fp_eq(&l, &r) ? OK : E_RANGE;
}

static void affine_write(const struct bn254_g1_affine *p, uint8_t ret[BN254_G1])
{
    if (p->infinity) {
        memset(ret, 0, BN254_G1);
        return;
    }
    bn254_fp_write(&p->x, ret);
    bn254_fp_write(&p->y, ret + 32);
}

/* Slope of the line through a and b, which are finite and no inverses of each other. */
static void slope(const struct bn254_g1_affine *a, const struct bn254_g1_affine *b, bn254_fp *ret)
{
    bn254_fp n, d;
    if (bn254_fp_eq(&a->x, &b->x)) {
        bn254_fp_sqr(&d, &a->x);
        bn254_fp_dbl(&n, &d);
        bn254_fp_add(&n, &n, &d);
        bn254_fp_dbl(&d, &a->y);
    } else {
        bn254_fp_sub(&n, &b->y, &a->y);
        bn254_fp_sub(&d, &b->x, &a->x);
    }
    bn254_fp_inv(&d, &d);
    bn254_fp_mul(ret, &n, &d);
}

/* The curve has no point with y = 0, so that only a point and its inverse share x. */
static struct bn254_g1_affine affine_add(const struct bn254_g1_affine *a,
                                         const struct bn254_g1_affine *b)
{
    struct bn254_g1_affine r = {.infinity = false};
    bn254_fp m;
    if (a->infinity)
        return *b;
    if (b->infinity)
        return *a;
    if (bn254_fp_eq(&a->x, &b->x) && !bn254_fp_eq(&a->y, &b->y)) {
        r.infinity = true;
        return r;
    }
    slope(a, b, &m);
    bn254_fp_sqr(&r.x, &m);
    bn254_fp_sub(&r.x, &r.x, &a->x);
    bn254_fp_sub(&r.x, &r.x, &b->x);
    bn254_fp_sub(&r.y, &a->x, &r.x);
    bn254_fp_mul(&r.y, &r.y, &m);
    bn254_fp_sub(&r.y, &r.y, &a->y);
    return r;
}

status bn254_add(const uint8_t a[BN254_G1], const uint8_t b[BN254_G1], uint8_t ret[BN254_G1])
{
    struct bn254_g1_affine pa, pb;
    if (bn254_g1_read(a, &pa) != OK || bn254_g1_read(b, &pb) != OK)
        return E_RANGE;
    struct bn254_g1_affine sum = affine_add(&pa, &pb);
    affine_write(&sum, ret);
    return OK;
}

/* Also right for infinity. */
static void dbl(struct jacobian *p)
{
    bn254_fp a, b, c, d, e;
    bn254_fp_mul(&p->z, &p->z, &p->y);
    bn254_fp_dbl(&p->z, &p->z);
    bn254_fp_sqr(&a, &p->x);
    bn254_fp_sqr(&b, &p->y);
    bn254_fp_sqr(&c, &b);
    bn254_fp_mul(&d, &p->x, &b);
    bn254_fp_dbl(&d, &d);
    bn254_fp_dbl(&d, &d);
    bn254_fp_dbl(&e, &a);
    bn254_fp_add(&e, &e, &a);
    bn254_fp_sqr(&p->x, &e);
    bn254_fp_sub(&p->x, &p->x, &d);
    bn254_fp_sub(&p->x, &p->x, &d);
    bn254_fp_sub(&d, &d, &p->x);
    bn254_fp_mul(&p->y, &e, &d);
    bn254_fp_dbl(&c, &c);
    bn254_fp_dbl(&c, &c);
    bn254_fp_dbl(&c, &c);
    bn254_fp_sub(&p->y, &p->y, &c);
}

/* p += q */
static void add(struct jacobian *p, const struct jacobian *q)
{
    bn254_fp pz2, qz2, u, s, h, r, hh, hhh, v;
    if (bn254_fp_is_zero(&q->z))
        return;
    if (bn254_fp_is_zero(&p->z)) {
        *p = *q;
        return;
    }
    bn254_fp_sqr(&pz2, &p->z);
    bn254_fp_sqr(&qz2, &q->z);
    bn254_fp_mul(&u, &p->x, &qz2);
    bn254_fp_mul(&h, &q->x, &pz2);
    bn254_fp_sub(&h, &h, &u);
    bn254_fp_mul(&s, &p->y, &qz2);
    bn254_fp_mul(&s, &s, &q->z);
    bn254_fp_mul(&r, &q->y, &pz2);
    bn254_fp_mul(&r, &r, &p->z);
    bn254_fp_sub(&r, &r, &s);
    if (bn254_fp_is_zero(&h) && bn254_fp_is_zero(&r)) {
        dbl(p);
        return;
    }
    bn254_fp_sqr(&hh, &h);
    bn254_fp_mul(&hhh, &hh, &h);
    bn254_fp_mul(&v, &u, &hh);
    bn254_fp_mul(&p->z, &p->z, &q->z);
    bn254_fp_mul(&p->z, &p->z, &h);
    bn254_fp_sqr(&p->x, &r);
    bn254_fp_sub(&p->x, &p->x, &hhh);
    bn254_fp_sub(&p->x, &p->x, &v);
    bn254_fp_sub(&p->x, &p->x, &v);
    bn254_fp_sub(&v, &v, &p->x);
    bn254_fp_mul(&p->y, &r, &v);
    bn254_fp_mul(&s, &s, &hhh);
    bn254_fp_sub(&p->y, &p->y, &s);
}

static struct bn254_g1_affine to_affine(const struct jacobian *p)
{
    struct bn254_g1_affine r = {.infinity = bn254_fp_is_zero(&p->z)};
    bn254_fp inv, inv2;
    if (r.infinity)
        return r;
    bn254_fp_inv(&inv, &p->z);
    bn254_fp_sqr(&inv2, &inv);
    bn254_fp_mul(&r.x, &p->x, &inv2);
    bn254_fp_mul(&inv2, &inv2, &inv);
    bn254_fp_mul(&r.y, &p->y, &inv2);
    return r;
}

/* Digits -15, -13 ... 15 or 0 with k = sum of digit[i] 2^i; after a digit four zeros follow.
 * Returns how many there are. */
static unsigned signed_digits(const uint8_t be[32], int8_t digit[DIGITS + WINDOW])
{
    uint8_t bit[DIGITS + WINDOW] = {0};
    unsigned n = 0;
    memset(digit, 0, DIGITS + WINDOW);
    for (unsigned i = 0; i < 256; i++)
        bit[i] = be[31 - i / 8] >> (i % 8) & 1;
    unsigned carry = 0;
    for (unsigned i = 0; i < DIGITS;) {
        if ((bit[i] ^ carry) == 0) {
            i++;
            continue;
        }
        unsigned v = carry;
        for (unsigned j = 0; j < WINDOW; j++)
            v += (unsigned)bit[i + j] << j;
        carry = v >> (WINDOW - 1);
        digit[i] = (int8_t)((int)v - (int)(carry << WINDOW));
        n = i + 1;
        i += WINDOW;
    }
    return n;
}

static struct jacobian multiply(const struct bn254_g1_affine *a, const uint8_t k[32])
{
    int8_t digit[DIGITS + WINDOW];
    struct jacobian table[TABLE], twice, acc = {.z = {{0}}};
    unsigned n = signed_digits(k, digit);
    table[0] = (struct jacobian){a->x, a->y, one};
    twice = table[0];
    dbl(&twice);
    for (unsigned i = 1; i < TABLE; i++) {
        table[i] = table[i - 1];
        add(&table[i], &twice);
    }
    while (n-- > 0) {
        dbl(&acc);
        if (digit[n] == 0)
            continue;
        struct jacobian t = table[(digit[n] < 0 ? -digit[n] : digit[n]) / 2];
        if (digit[n] < 0)
            bn254_fp_neg(&t.y, &t.y);
        add(&acc, &t);
    }
    return acc;
}

status bn254_mul(const uint8_t a[BN254_G1], const uint8_t k[32], uint8_t ret[BN254_G1])
{
    struct bn254_g1_affine p;
    if (bn254_g1_read(a, &p) != OK)
        return E_RANGE;
    if (!p.infinity) {
        struct jacobian product = multiply(&p, k);
        p = to_affine(&product);
    }
    affine_write(&p, ret);
    return OK;
}
