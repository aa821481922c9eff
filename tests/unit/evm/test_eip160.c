/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-160: EXP */
#include "asm.h"

static int64_t exp_gas(enum evm_rev rev, uint64_t exponent)
{
    struct code c = {0};
    put_num(&c, exponent);
    CODE(&c, N(2), OP_EXP);
    return gas_of(rev, &c, EVM_SUCCESS) - 6;
}

static void exponents_cost_by_the_byte(void **state)
{
    (void)state;
    assert_int_equal(exp_gas(EVM_TANGERINE, 0), 10);
    assert_int_equal(exp_gas(EVM_TANGERINE, 255), 20);
    assert_int_equal(exp_gas(EVM_TANGERINE, 256), 30);
    assert_int_equal(exp_gas(EVM_SPURIOUS, 0), 10);
    assert_int_equal(exp_gas(EVM_SPURIOUS, 255), 60);
    assert_int_equal(exp_gas(EVM_OSAKA, UINT64_MAX), 410);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponents_cost_by_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
