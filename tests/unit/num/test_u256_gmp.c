/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic modulo 2^256 against GMP, on random numbers rich in borders. */
#include "test.h"

#include <gmp.h>

#include "num/u256_alu.h"

#define ROUNDS 200000

static uint64_t seed = 0x9e3779b97f4a7c15u;

/* splitmix64 */
static uint64_t next(void)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Words of all zeros, all ones, single bits or noise; numbers of every length. */
static u256 pick(void)
{
    u256 a;
    uint64_t kinds = next();
    for (int i = 0; i < 4; i++, kinds >>= 4) {
        switch (kinds & 7) {
        case 0:
        case 1:
            a.w[i] = 0;
            break;
        case 2:
            a.w[i] = UINT64_MAX;
            break;
        case 3:
            a.w[i] = 1ull << (next() & 63);
            break;
        case 4:
            a.w[i] = UINT64_MAX << (next() & 63);
            break;
        default:
            a.w[i] = next();
        }
    }
    return (kinds & 3) == 0 ? u256_shr_small(a, (unsigned)(next() & 255)) : a;
}

static void put(mpz_t z, u256 a)
{
    mpz_import(z, 4, -1, 8, 0, 0, a.w);
}

static void put_signed(mpz_t z, u256 a)
{
    put(z, a);
    if (u256_is_negative(a)) {
        put(z, u256_wneg(a));
        mpz_neg(z, z);
    }
}

/* z modulo 2^256 */
static u256 take(const mpz_t z)
{
    u256 a = {{0}};
    mpz_t t;
    mpz_init(t);
    mpz_fdiv_r_2exp(t, z, 256);
    mpz_export(a.w, NULL, -1, 8, 0, 0, t);
    mpz_clear(t);
    return a;
}

static void same(const char *op, u256 got, const mpz_t want, u256 a, u256 b, u256 c)
{
    u256 w = take(want);
    char t[5][U256_HEX_MAX];
    if (u256_eq(got, w))
        return;
    (void)u256_hex(got, t[0]);
    (void)u256_hex(w, t[1]);
    (void)u256_hex(a, t[2]);
    (void)u256_hex(b, t[3]);
    (void)u256_hex(c, t[4]);
    fail_msg("%s(%s, %s, %s) = %s, want %s", op, t[2], t[3], t[4], t[0], t[1]);
}

/* The functions that take pointers, called by value; the result lands in an operand. */
#define BY_VALUE2(name)                                                                            \
    static u256 name##_v2(u256 a, u256 b)                                                          \
    {                                                                                              \
        u256 r;                                                                                    \
        u256_##name(&a, &b, &r);                                                                   \
        u256_##name(&a, &b, &b);                                                                   \
        assert_true(u256_eq(r, b));                                                                \
        return r;                                                                                  \
    }
#define BY_VALUE3(name)                                                                            \
    static u256 name##_v3(u256 a, u256 b, u256 m)                                                  \
    {                                                                                              \
        u256 r;                                                                                    \
        u256_##name(&a, &b, &m, &r);                                                               \
        u256_##name(&a, &b, &m, &m);                                                               \
        assert_true(u256_eq(r, m));                                                                \
        return r;                                                                                  \
    }
BY_VALUE2(div)
BY_VALUE2(mod)
BY_VALUE2(sdiv)
BY_VALUE2(smod)
BY_VALUE2(exp)
BY_VALUE3(addmod)
BY_VALUE3(mulmod)

struct numbers {
    mpz_t a, b, m, r;
};

static int setup(void **state)
{
    static struct numbers n;
    mpz_inits(n.a, n.b, n.m, n.r, NULL);
    *state = &n;
    return 0;
}

static int teardown(void **state)
{
    struct numbers *n = *state;
    mpz_clears(n->a, n->b, n->m, n->r, NULL);
    return 0;
}

static void sums_and_products(void **state)
{
    struct numbers *n = *state;
    const u256 none = {{0}};
    for (int i = 0; i < ROUNDS; i++) {
        u256 a = pick();
        u256 b = pick();
        put(n->a, a);
        put(n->b, b);
        mpz_add(n->r, n->a, n->b);
        same("add", u256_wadd(a, b), n->r, a, b, none);
        mpz_sub(n->r, n->a, n->b);
        same("sub", u256_wsub(a, b), n->r, a, b, none);
        mpz_mul(n->r, n->a, n->b);
        same("mul", u256_wmul(a, b), n->r, a, b, none);
        assert_int_equal(u256_lt(a, b), mpz_cmp(n->a, n->b) < 0);
        put_signed(n->a, a);
        put_signed(n->b, b);
        assert_int_equal(u256_slt(a, b), mpz_cmp(n->a, n->b) < 0);
    }
}

static void quotients_and_remainders(void **state)
{
    struct numbers *n = *state;
    const u256 none = {{0}};
    for (int i = 0; i < ROUNDS; i++) {
        u256 a = pick();
        u256 b = pick();
        if (u256_is_zero(b))
            continue;
        put(n->a, a);
        put(n->b, b);
        mpz_tdiv_q(n->r, n->a, n->b);
        same("div", div_v2(a, b), n->r, a, b, none);
        mpz_tdiv_r(n->r, n->a, n->b);
        same("mod", mod_v2(a, b), n->r, a, b, none);
        put_signed(n->a, a);
        put_signed(n->b, b);
        mpz_tdiv_q(n->r, n->a, n->b);
        same("sdiv", sdiv_v2(a, b), n->r, a, b, none);
        mpz_tdiv_r(n->r, n->a, n->b);
        same("smod", smod_v2(a, b), n->r, a, b, none);
    }
}

static void modular_sums_and_products(void **state)
{
    struct numbers *n = *state;
    for (int i = 0; i < ROUNDS; i++) {
        u256 a = pick();
        u256 b = pick();
        u256 m = pick();
        if (u256_is_zero(m))
            continue;
        put(n->a, a);
        put(n->b, b);
        put(n->m, m);
        mpz_add(n->r, n->a, n->b);
        mpz_mod(n->r, n->r, n->m);
        same("addmod", addmod_v3(a, b, m), n->r, a, b, m);
        mpz_mul(n->r, n->a, n->b);
        mpz_mod(n->r, n->r, n->m);
        same("mulmod", mulmod_v3(a, b, m), n->r, a, b, m);
    }
}

/* From its second use in a row on, a modulus is met by its reciprocal. */
static void products_by_the_same_modulus_again_and_again(void **state)
{
    struct numbers *n = *state;
    for (int i = 0; i < ROUNDS / 16; i++) {
        u256 m = pick();
        m.w[3] |= i % 2 == 0 ? (uint64_t)1 << (i / 2 % 64) : 1;
        put(n->m, m);
        for (int k = 0; k < 16; k++) {
            u256 a = k == 5 ? m : pick();
            u256 b = k == 6 ? m : pick();
            put(n->a, a);
            put(n->b, b);
            mpz_mul(n->r, n->a, n->b);
            mpz_mod(n->r, n->r, n->m);
            same("mulmod", mulmod_v3(a, b, m), n->r, a, b, m);
        }
    }
}

static void shifts_and_powers(void **state)
{
    struct numbers *n = *state;
    const u256 none = {{0}};
    mpz_set_ui(n->m, 1);
    mpz_mul_2exp(n->m, n->m, 256);
    for (int i = 0; i < ROUNDS / 4; i++) {
        u256 a = pick();
        u256 s = u256_from_u64(next() % 260);
        put(n->a, a);
        mpz_mul_2exp(n->r, n->a, s.w[0]);
        same("shl", u256_shl(a, s), n->r, a, s, none);
        mpz_fdiv_q_2exp(n->r, n->a, s.w[0]);
        same("shr", u256_shr(a, s), n->r, a, s, none);
        put_signed(n->b, a);
        mpz_fdiv_q_2exp(n->r, n->b, s.w[0]);
        same("sar", u256_sar(a, s), n->r, a, s, none);
        put(n->b, s);
        mpz_powm(n->r, n->a, n->b, n->m);
        same("exp", exp_v2(a, s), n->r, a, s, none);
        mpz_powm(n->r, n->b, n->a, n->m);
        same("exp", exp_v2(s, a), n->r, s, a, none);
        assert_int_equal(u256_clz(a), u256_is_zero(a) ? 256 : 256 - mpz_sizeinbase(n->a, 2));
    }
}

static void bytes_and_signs(void **state)
{
    struct numbers *n = *state;
    const u256 none = {{0}};
    for (int i = 0; i < ROUNDS / 4; i++) {
        u256 a = pick();
        u256 k = u256_from_u64(next() % 34);
        uint8_t be[32];
        u256_to_be(a, be);
        assert_int_equal(u256_byte(a, k).w[0], k.w[0] < 32 ? be[k.w[0]] : 0);
        put(n->a, a);
        if (k.w[0] < 31) {
            mp_bitcnt_t bits = 8 * (k.w[0] + 1);
            mpz_fdiv_r_2exp(n->a, n->a, bits);
            if (mpz_tstbit(n->a, bits - 1)) {
                mpz_set_ui(n->b, 1);
                mpz_mul_2exp(n->b, n->b, bits);
                mpz_sub(n->a, n->a, n->b);
            }
        }
        same("signextend", u256_signextend(a, k), n->a, a, k, none);
    }
}

static void zero_divisors_give_zero_and_the_lowest_number_by_minus_one_wraps(void **state)
{
    (void)state;
    const u256 zero = {{0}};
    const u256 minus1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    const u256 lowest = {{0, 0, 0, 1ull << 63}};
    assert_true(u256_is_zero(div_v2(minus1, zero)));
    assert_true(u256_is_zero(mod_v2(minus1, zero)));
    assert_true(u256_is_zero(sdiv_v2(lowest, zero)));
    assert_true(u256_is_zero(smod_v2(lowest, zero)));
    assert_true(u256_is_zero(addmod_v3(minus1, minus1, zero)));
    assert_true(u256_is_zero(mulmod_v3(minus1, minus1, zero)));
    assert_true(u256_eq(sdiv_v2(lowest, minus1), lowest));
    assert_true(u256_is_zero(smod_v2(lowest, minus1)));
    assert_true(u256_eq(exp_v2(zero, zero), u256_from_u64(1)));
    assert_true(u256_is_zero(u256_shl(minus1, minus1)));
    assert_true(u256_eq(u256_sar(lowest, minus1), minus1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_and_products, setup, teardown),
        cmocka_unit_test_setup_teardown(quotients_and_remainders, setup, teardown),
        cmocka_unit_test_setup_teardown(modular_sums_and_products, setup, teardown),
        cmocka_unit_test_setup_teardown(products_by_the_same_modulus_again_and_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(shifts_and_powers, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_and_signs, setup, teardown),
        cmocka_unit_test(zero_divisors_give_zero_and_the_lowest_number_by_minus_one_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
