/* SPDX-License-Identifier: Apache-2.0 */
/* 256-bit numbers: text, bytes, arithmetic at the borders. */
#include "test.h"

#include "num/u256.h"

static const char max_dec[] =
    "115792089237316195423570985008687907853269984665640564039457584007913129639935";
static const char max_hex[] = "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
static const u256 max = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

static u256 dec(const char *s)
{
    u256 v;
    assert_status(u256_read_dec(slice_str(s), &v), OK);
    return v;
}

static void reads_and_writes_both_texts(void **state)
{
    (void)state;
    static const struct {
        const char *dec;
        const char *hex;
    } rows[] = {{"0", "0x0"},
                {"1", "0x1"},
                {"18446744073709551616", "0x10000000000000000"},
                {"1000000000000000000", "0xde0b6b3a7640000"},
                {max_dec, max_hex}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char d[U256_DEC_MAX];
        char h[U256_HEX_MAX];
        u256 v;
        assert_int_equal(u256_dec(dec(rows[i].dec), d), strlen(rows[i].dec));
        assert_string_equal(d, rows[i].dec);
        (void)u256_hex(dec(rows[i].dec), h);
        assert_string_equal(h, rows[i].hex);
        assert_status(u256_read_hex(slice_str(rows[i].hex), &v), OK);
        assert_true(u256_eq(v, dec(rows[i].dec)));
    }
}

static void refuses_other_texts(void **state)
{
    (void)state;
    u256 v;
    static const char *const bad_dec[] = {"", "01", "-1", "+1", " 1", "1 ", "1.0", "0x1", "00"};
    static const char *const bad_hex[] = {"", "0x", "1", "0x01", "0X1", "0x00", "0xg", "0x 1"};
    for (size_t i = 0; i < sizeof bad_dec / sizeof bad_dec[0]; i++)
        assert_status(u256_read_dec(slice_str(bad_dec[i]), &v), E_SYNTAX);
    for (size_t i = 0; i < sizeof bad_hex / sizeof bad_hex[0]; i++)
        assert_status(u256_read_hex(slice_str(bad_hex[i]), &v), E_SYNTAX);
    assert_status(
        u256_read_dec(
            SLICE_LIT(
                "115792089237316195423570985008687907853269984665640564039457584007913129639936"),
            &v),
        E_RANGE);
    assert_status(
        u256_read_hex(
            SLICE_LIT("0x10000000000000000000000000000000000000000000000000000000000000000"), &v),
        E_RANGE);
}

static void arithmetic_tells_overflow(void **state)
{
    (void)state;
    u256 r;
    assert_false(u256_add(max, u256_from_u64(1), &r));
    assert_true(u256_is_zero(r));
    assert_false(u256_sub(u256_from_u64(0), u256_from_u64(1), &r));
    assert_true(u256_eq(r, max));
    assert_true(u256_sub(dec("18446744073709551616"), u256_from_u64(1), &r));
    assert_true(u256_eq(r, u256_from_u64(UINT64_MAX)));
    assert_false(u256_mul_u64(max, 2, &r));
    assert_true(u256_mul_u64(dec("1000000000000000000"), 1000000007, &r));
    assert_true(u256_eq(r, dec("1000000007000000000000000000")));
}

static void division_gives_quotient_and_remainder(void **state)
{
    (void)state;
    uint64_t rem;
    u256 q = u256_div_u64(max, 1000000007, &rem);
    u256 back;
    assert_true(u256_mul_u64(q, 1000000007, &back));
    assert_true(u256_add(back, u256_from_u64(rem), &back));
    assert_true(u256_eq(back, max));
    assert_true(rem < 1000000007);
}

static void bytes_compare_and_lengths(void **state)
{
    (void)state;
    uint8_t be[32];
    u256 v = dec("340282366920938463463374607431768211456"); /* 2^128 */
    u256_to_be(v, be);
    assert_int_equal(be[15], 1);
    assert_true(u256_eq(u256_from_be(be), v));
    assert_int_equal(u256_byte_len(v), 17);
    assert_int_equal(u256_byte_len(u256_from_u64(0)), 0);
    assert_int_equal(u256_byte_len(u256_from_u64(255)), 1);
    assert_int_equal(u256_byte_len(u256_from_u64(256)), 2);
    assert_int_equal(u256_byte_len(max), 32);
    assert_true(u256_cmp(v, u256_from_u64(7)) > 0);
    assert_true(u256_cmp(u256_from_u64(7), v) < 0);
    assert_int_equal(u256_cmp(v, v), 0);
    assert_false(u256_fits_u64(v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_both_texts),
        cmocka_unit_test(refuses_other_texts),
        cmocka_unit_test(arithmetic_tells_overflow),
        cmocka_unit_test(division_gives_quotient_and_remainder),
        cmocka_unit_test(bytes_compare_and_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
