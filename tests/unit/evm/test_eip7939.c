/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-7939: CLZ */
#include "frames.h"

static u256 leading_zeros(u256 a)
{
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    put_push(&c, a);
    CODE(&c, OP_CLZ, RETURN_TOP);
    u256 n = run_word(m, &c);
    memhost_free(m);
    return n;
}

static void counts_zeros_before_each_bit(void **state)
{
    (void)state;
    assert_word(leading_zeros(u256_from_u64(0)), u256_from_u64(256));
    for (unsigned bit = 0; bit < 256; bit++) {
        u256 a = {{bit > 64 ? UINT64_MAX : 0}}; /* what is below does not count */
        a.w[bit / 64] |= 1ull << bit % 64;
        assert_word(leading_zeros(a), u256_from_u64(255 - bit));
    }
}

static void it_comes_with_osaka_for_5_gas(void **state)
{
    (void)state;
    struct code c = {0};
    CODE(&c, N(1), OP_CLZ);
    assert_int_equal(gas_of(EVM_PRAGUE, &c, EVM_UNDEFINED), 1000000);
    assert_int_equal(gas_of(EVM_OSAKA, &c, EVM_SUCCESS), 3 + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_zeros_before_each_bit),
        cmocka_unit_test(it_comes_with_osaka_for_5_gas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
