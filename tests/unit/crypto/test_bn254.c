/* SPDX-License-Identifier: Apache-2.0 */
/* The field of bn254 against GMP, at the edges of carries and at random; its upper fields and
 * groups against their own laws. (Points and pairings against another implementation:
 * tests/unit/evm/precompile_vectors.txt.) */
#include "test.h"

#include <gmp.h>

#include "crypto/bn254.h"
#include "crypto/bn254_fp12.h"
#include "crypto/bn254_g2.h"

#define EDGES 12
#define RANDOM 400

static mpz_t p, edge[EDGES];
static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint64_t next64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static int setup(void **state)
{
    (void)state;
    /* as plain numbers: few and many bits, single high limbs, neighbours of p and of p / 2 */
    static const char *const text[EDGES] = {
        "0x0",
        "0x1",
        "0x2",
        "0xffffffffffffffff",
        "0x10000000000000000",
        "0xffffffffffffffffffffffffffffffffffffffffffffffff",
        "0x1000000000000000000000000000000000000000000000000",
        "0x2fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0x30644e72e131a029000000000000000000000000000000000000000000000000",
        "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45",
        "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd46",
        "0x183227397098d014dc2822db40c0ac2ecbc0b548b438e5469e10460b6c3e7ea3"};
    mpz_init_set_str(p, "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 0);
    for (int i = 0; i < EDGES; i++)
        mpz_init_set_str(edge[i], text[i], 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mpz_clear(p);
    for (int i = 0; i < EDGES; i++)
        mpz_clear(edge[i]);
    return 0;
}

/* The limbs of z are taken as they are: Montgomery form or not is the caller's affair. */
static bn254_fp of_mpz(const mpz_t z)
{
    bn254_fp a = {{0, 0, 0, 0}};
    (void)mpz_export(a.w, NULL, -1, 8, 0, 0, z);
    return a;
}

static void assert_is(const bn254_fp *a, mpz_t want)
{
    mpz_mod(want, want, p);
    bn254_fp w = of_mpz(want);
    assert_memory_equal(a->w, w.w, 32);
}

static void random_mpz(mpz_t z)
{
    uint64_t w[4] = {next64(), next64(), next64(), next64()};
    mpz_import(z, 4, -1, 8, 0, 0, w);
    mpz_mod(z, z, p);
}

static void check_pair(const mpz_t a, const mpz_t b)
{
    mpz_t z, r_inv;
    bn254_fp fa = of_mpz(a), fb = of_mpz(b), f;
    mpz_init(z);
    mpz_init(r_inv);
    mpz_setbit(r_inv, 256);
    (void)mpz_invert(r_inv, r_inv, p);

    bn254_fp_add(&f, &fa, &fb);
    mpz_add(z, a, b);
    assert_is(&f, z);
    bn254_fp_sub(&f, &fa, &fb);
    mpz_sub(z, a, b);
    assert_is(&f, z);
    bn254_fp_neg(&f, &fa);
    mpz_neg(z, a);
    assert_is(&f, z);
    bn254_fp_halve(&f, &fa);
    bn254_fp_dbl(&f, &f);
    assert_memory_equal(f.w, fa.w, 32);
    bn254_fp_mul(&f, &fa, &fb);
    mpz_mul(z, a, b);
    mpz_mul(z, z, r_inv);
    assert_is(&f, z);

    /* (a + b i)(b + a i) = i (a^2 + b^2), (a + b i)^2 = a^2 - b^2 + 2ab i */
    bn254_fp2 x = {fa, fb}, y = {fb, fa}, q;
    bn254_fp2_mul(&q, &x, &y);
    assert_true(bn254_fp_is_zero(&q.c0));
    mpz_mul(z, a, a);
    mpz_addmul(z, b, b);
    mpz_mul(z, z, r_inv);
    assert_is(&q.c1, z);
    bn254_fp2_sqr(&q, &x);
    mpz_mul(z, a, a);
    mpz_submul(z, b, b);
    mpz_mul(z, z, r_inv);
    assert_is(&q.c0, z);
    bn254_fp2 same;
    bn254_fp2_mul(&same, &x, &x);
    assert_true(bn254_fp2_eq(&same, &q));
    mpz_clear(z);
    mpz_clear(r_inv);
}

static void field_agrees_with_gmp(void **state)
{
    (void)state;
    mpz_t a, b;
    mpz_init(a);
    mpz_init(b);
    for (int i = 0; i < EDGES; i++)
        for (int k = 0; k < EDGES; k++)
            check_pair(edge[i], edge[k]);
    for (int i = 0; i < RANDOM; i++) {
        random_mpz(a);
        random_mpz(b);
        check_pair(a, b);
        check_pair(a, edge[i % EDGES]);
    }
    mpz_clear(a);
    mpz_clear(b);
}

static void inverse_times_itself_is_one(void **state)
{
    (void)state;
    const bn254_fp one = BN254_ONE;
    mpz_t z;
    mpz_init(z);
    for (int i = 1; i < EDGES + RANDOM; i++) {
        if (i < EDGES)
            mpz_set(z, edge[i]);
        else
            random_mpz(z);
        bn254_fp a = of_mpz(z), inv;
        bn254_fp_inv(&inv, &a);
        bn254_fp_mul(&inv, &inv, &a);
        assert_true(bn254_fp_eq(&inv, &one));
    }
    mpz_clear(z);
}

static bn254_fp12 random_fp12(void)
{
    bn254_fp12 f;
    mpz_t z;
    mpz_init(z);
    for (int i = 0; i < 12; i++) {
        random_mpz(z);
        bn254_fp2 *c = &f.c[i / 6].c[i / 2 % 3];
        *(i % 2 == 0 ? &c->c0 : &c->c1) = of_mpz(z);
    }
    mpz_clear(z);
    return f;
}

static void assert_same(const bn254_fp12 *a, const bn254_fp12 *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

static void upper_field_keeps_its_laws(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        bn254_fp12 a = random_fp12(), b = random_fp12(), c = random_fp12(), l, r;
        bn254_fp12_mul(&l, &a, &b);
        bn254_fp12_mul(&l, &l, &c);
        bn254_fp12_mul(&r, &b, &c);
        bn254_fp12_mul(&r, &r, &a);
        assert_same(&l, &r);
        bn254_fp12_mul(&l, &a, &a);
        bn254_fp12_sqr(&r, &a);
        assert_same(&l, &r);
        bn254_fp12_inv(&r, &a);
        bn254_fp12_mul(&r, &r, &a);
        assert_true(bn254_fp12_is_one(&r));
        /* a line is the element with the other places zero */
        bn254_fp12 line = {0};
        line.c[0].c[0] = b.c[0].c[0];
        line.c[1].c[0] = b.c[1].c[0];
        line.c[1].c[1] = b.c[1].c[1];
        bn254_fp12_mul(&l, &a, &line);
        bn254_fp12_mul_line(&r, &a, &b.c[0].c[0], &b.c[1].c[0], &b.c[1].c[1]);
        assert_same(&l, &r);
    }
}

static void power_maps_are_powers(void **state)
{
    (void)state;
    bn254_fp12 a = random_fp12(), power, f;
    bn254_fp12_one(&power);
    for (size_t i = mpz_sizeinbase(p, 2); i-- > 0;) {
        bn254_fp12_sqr(&power, &power);
        if (mpz_tstbit(p, i))
            bn254_fp12_mul(&power, &power, &a);
    }
    bn254_fp12_frobenius(&f, &a);
    assert_same(&f, &power);
    bn254_fp12_frobenius(&f, &f);
    bn254_fp12_frobenius2(&power, &a);
    assert_same(&f, &power);
    for (int i = 0; i < 4; i++)
        bn254_fp12_frobenius(&f, &f);
    bn254_fp12_conj(&power, &a);
    assert_same(&f, &power);
}

static void cyclotomic_square_is_the_square(void **state)
{
    (void)state;
    bn254_fp12 a = random_fp12(), t, l, r;
    bn254_fp12_inv(&t, &a);
    bn254_fp12_conj(&a, &a);
    bn254_fp12_mul(&a, &a, &t); /* a^(p^6 - 1) */
    bn254_fp12_frobenius2(&t, &a);
    bn254_fp12_mul(&a, &a, &t); /* ^(p^2 + 1) */
    bn254_fp12_sqr(&l, &a);
    bn254_fp12_cyclotomic_sqr(&r, &a);
    assert_same(&l, &r);
    bn254_fp12_cyclotomic_sqr(&a, &a); /* in place */
    assert_same(&l, &a);
}

/* k G + l G = (k + l) G for random k, l and edges of the digit windows. */
static void multiples_add_up(void **state)
{
    (void)state;
    uint8_t g[BN254_G1] = {0}, a[BN254_G1], b[BN254_G1], sum[BN254_G1], want[BN254_G1];
    g[31] = 1;
    g[63] = 2;
    for (unsigned i = 0; i < 100; i++) {
        uint8_t k[32] = {0}, l[32] = {0}, m[32];
        for (unsigned j = i < 50 ? 31 - i % 31 : 1; j < 32; j++) {
            k[j] = i % 5 == 0 ? 0xff : (uint8_t)next64();
            l[j] = (uint8_t)next64();
        }
        unsigned carry = 0;
        for (unsigned j = 32; j-- > 0;) {
            carry += (unsigned)k[j] + l[j];
            m[j] = (uint8_t)carry;
            carry >>= 8;
        }
        assert_status(bn254_mul(g, k, a), OK);
        assert_status(bn254_mul(g, l, b), OK);
        assert_status(bn254_mul(g, m, want), OK);
        assert_status(bn254_add(a, b, sum), OK);
        assert_memory_equal(sum, want, sizeof sum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_agrees_with_gmp),
        cmocka_unit_test(inverse_times_itself_is_one),
        cmocka_unit_test(upper_field_keeps_its_laws),
        cmocka_unit_test(power_maps_are_powers),
        cmocka_unit_test(cyclotomic_square_is_the_square),
        cmocka_unit_test(multiples_add_up),
    };
    return cmocka_run_group_tests_name("bn254", tests, setup, teardown);
}
