/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-2537's encodings around blst. */
#include "crypto/bls12.h"

#include <blst.h>
#include <stdlib.h>

#include "base/checked.h"

#define FP_BYTES 48u
#define FP_PAD (BLS12_FP - FP_BYTES)
#define PAIR_BATCH 8u /* pairs whose Miller loops share their squarings */

/* p, big-endian. */
static const uint8_t modulus[FP_BYTES] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
};

bool bls12_is_present(void)
{
    return true;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

static bool fp_read(const uint8_t in[BLS12_FP], blst_fp *ret)
{
    if (!is_zero(in, FP_PAD) || memcmp(in + FP_PAD, modulus, FP_BYTES) >= 0)
        return false;
    blst_fp_from_bendian(ret, in + FP_PAD);
    return true;
}

static bool fp2_read(const uint8_t in[BLS12_FP2], blst_fp2 *ret)
{
    return fp_read(in, &ret->fp[0]) && fp_read(in + BLS12_FP, &ret->fp[1]);
}

static void fp_write(const blst_fp *a, uint8_t ret[BLS12_FP])
{
    memset(ret, 0, FP_PAD);
    blst_bendian_from_fp(ret + FP_PAD, a);
}

static void fp2_write(const blst_fp2 *a, uint8_t ret[BLS12_FP2])
{
    fp_write(&a->fp[0], ret);
    fp_write(&a->fp[1], ret + BLS12_FP);
}

/* blst takes and gives (0, 0) for infinity as the EIP does. */
static bool g1_read(const uint8_t in[BLS12_G1], blst_p1_affine *ret)
{
    if (!fp_read(in, &ret->x) || !fp_read(in + BLS12_FP, &ret->y))
        return false;
    return is_zero(in, BLS12_G1) || blst_p1_affine_on_curve(ret);
}

static bool g2_read(const uint8_t in[BLS12_G2], blst_p2_affine *ret)
{
    if (!fp2_read(in, &ret->x) || !fp2_read(in + BLS12_FP2, &ret->y))
        return false;
    return is_zero(in, BLS12_G2) || blst_p2_affine_on_curve(ret);
}

static bool g1_read_member(const uint8_t in[BLS12_G1], blst_p1_affine *ret)
{
    return g1_read(in, ret) && (is_zero(in, BLS12_G1) || blst_p1_affine_in_g1(ret));
}

static bool g2_read_member(const uint8_t in[BLS12_G2], blst_p2_affine *ret)
{
    return g2_read(in, ret) && (is_zero(in, BLS12_G2) || blst_p2_affine_in_g2(ret));
}

static void g1_write(const blst_p1 *p, uint8_t ret[BLS12_G1])
{
    blst_p1_affine a;
    memset(ret, 0, BLS12_G1);
    if (blst_p1_is_inf(p))
        return;
    blst_p1_to_affine(&a, p);
    fp_write(&a.x, ret);
    fp_write(&a.y, ret + BLS12_FP);
}

static void g2_write(const blst_p2 *p, uint8_t ret[BLS12_G2])
{
    blst_p2_affine a;
    memset(ret, 0, BLS12_G2);
    if (blst_p2_is_inf(p))
        return;
    blst_p2_to_affine(&a, p);
    fp2_write(&a.x, ret);
    fp2_write(&a.y, ret + BLS12_FP2);
}

status bls12_g1_add(const uint8_t a[BLS12_G1], const uint8_t b[BLS12_G1], uint8_t ret[BLS12_G1])
{
    blst_p1_affine pa, pb;
    blst_p1 sum;
    if (!g1_read(a, &pa) || !g1_read(b, &pb))
        return E_RANGE;
    blst_p1_from_affine(&sum, &pa);
    blst_p1_add_or_double_affine(&sum, &sum, &pb);
    g1_write(&sum, ret);
    return OK;
}

status bls12_g2_add(const uint8_t a[BLS12_G2], const uint8_t b[BLS12_G2], uint8_t ret[BLS12_G2])
{
    blst_p2_affine pa, pb;
    blst_p2 sum;
    if (!g2_read(a, &pa) || !g2_read(b, &pb))
        return E_RANGE;
    blst_p2_from_affine(&sum, &pa);
    blst_p2_add_or_double_affine(&sum, &sum, &pb);
    g2_write(&sum, ret);
    return OK;
}

/* The terms of a sum that count, as blst wants them, in one allocation. */
struct terms {
    void *points;
    blst_scalar *scalars;
    void *scratch;
    size_t n;
};

static status terms_init(struct terms *t, size_t n, size_t point_size, size_t scratch_size)
{
    size_t points, scalars, all;
    if (!size_mul(n, point_size, &points) || !size_mul(n, sizeof(blst_scalar), &scalars) ||
        !size_add(points, scalars, &all) || !size_add(all, scratch_size, &all))
        return E_NOMEM;
    uint8_t *p = malloc(all + 1);
    if (p == NULL)
        return E_NOMEM;
    /* points and scratch first: they are made of 64-bit limbs, scalars of bytes */
    *t = (struct terms){.points = p, .scratch = p + points};
    t->scalars = (blst_scalar *)(void *)(p + points + scratch_size);
    return OK;
}

/* The points are in the subgroup, so that scalars may be taken modulo its order. False: zero. */
static bool scalar_read(const uint8_t in[32], blst_scalar *ret)
{
    return blst_scalar_from_be_bytes(ret, in, 32);
}

/* Infinity must not reach blst's tables; terms of zero add nothing. */
static status g1_terms_read(struct terms *t, const uint8_t *in, size_t n)
{
    blst_p1_affine *points = t->points;
    for (size_t i = 0; i < n; i++, in += BLS12_G1_TERM) {
        if (!g1_read_member(in, &points[t->n]))
            return E_RANGE;
        if (!is_zero(in, BLS12_G1) && scalar_read(in + BLS12_G1, &t->scalars[t->n]))
            t->n++;
    }
    return OK;
}

static status g2_terms_read(struct terms *t, const uint8_t *in, size_t n)
{
    blst_p2_affine *points = t->points;
    for (size_t i = 0; i < n; i++, in += BLS12_G2_TERM) {
        if (!g2_read_member(in, &points[t->n]))
            return E_RANGE;
        if (!is_zero(in, BLS12_G2) && scalar_read(in + BLS12_G2, &t->scalars[t->n]))
            t->n++;
    }
    return OK;
}

status bls12_g1_msm(const uint8_t *terms, size_t n, uint8_t ret[BLS12_G1])
{
    struct terms t;
    blst_p1 sum = {0};
    size_t scratch = blst_p1s_mult_pippenger_scratch_sizeof(n);
    status st = terms_init(&t, n, sizeof(blst_p1_affine), scratch);
    if (st != OK)
        return st;
    st = g1_terms_read(&t, terms, n);
    if (st == OK && t.n > 0) {
        const blst_p1_affine *const points[2] = {t.points, NULL};
        const uint8_t *const scalars[2] = {t.scalars->b, NULL};
        blst_p1s_mult_pippenger(&sum, points, t.n, scalars, 255, t.scratch);
    }
    if (st == OK)
        g1_write(&sum, ret);
    free(t.points);
    return st;
}

status bls12_g2_msm(const uint8_t *terms, size_t n, uint8_t ret[BLS12_G2])
{
    struct terms t;
    blst_p2 sum = {0};
    size_t scratch = blst_p2s_mult_pippenger_scratch_sizeof(n);
    status st = terms_init(&t, n, sizeof(blst_p2_affine), scratch);
    if (st != OK)
        return st;
    st = g2_terms_read(&t, terms, n);
    if (st == OK && t.n > 0) {
        const blst_p2_affine *const points[2] = {t.points, NULL};
        const uint8_t *const scalars[2] = {t.scalars->b, NULL};
        blst_p2s_mult_pippenger(&sum, points, t.n, scalars, 255, t.scratch);
    }
    if (st == OK)
        g2_write(&sum, ret);
    free(t.points);
    return st;
}

struct batch {
    blst_p1_affine p[PAIR_BATCH];
    blst_p2_affine q[PAIR_BATCH];
    size_t n;
};

/* acc *= the Miller loops of b, which becomes empty. */
static void batch_flush(struct batch *b, blst_fp12 *acc)
{
    const blst_p1_affine *const ps[2] = {b->p, NULL};
    const blst_p2_affine *const qs[2] = {b->q, NULL};
    blst_fp12 f;
    if (b->n == 0)
        return;
    blst_miller_loop_n(&f, qs, ps, b->n);
    blst_fp12_mul(acc, acc, &f);
    b->n = 0;
}

status bls12_pairing_check(const uint8_t *pairs, size_t n, bool *ret)
{
    struct batch b = {.n = 0};
    blst_fp12 acc = *blst_fp12_one();
    for (size_t i = 0; i < n; i++, pairs += BLS12_PAIR) {
        if (!g1_read_member(pairs, &b.p[b.n]) || !g2_read_member(pairs + BLS12_G1, &b.q[b.n]))
            return E_RANGE;
        if (is_zero(pairs, BLS12_G1) || is_zero(pairs + BLS12_G1, BLS12_G2))
            continue;
        b.n++;
        if (b.n == PAIR_BATCH)
            batch_flush(&b, &acc);
    }
    batch_flush(&b, &acc);
    blst_final_exp(&acc, &acc);
    *ret = blst_fp12_is_one(&acc);
    return OK;
}

status bls12_map_to_g1(const uint8_t fp[BLS12_FP], uint8_t ret[BLS12_G1])
{
    blst_fp u;
    blst_p1 p;
    if (!fp_read(fp, &u))
        return E_RANGE;
    blst_map_to_g1(&p, &u, NULL);
    g1_write(&p, ret);
    return OK;
}

status bls12_map_to_g2(const uint8_t fp2[BLS12_FP2], uint8_t ret[BLS12_G2])
{
    blst_fp2 u;
    blst_p2 p;
    if (!fp2_read(fp2, &u))
        return E_RANGE;
    blst_map_to_g2(&p, &u, NULL);
    g2_write(&p, ret);
    return OK;
}
