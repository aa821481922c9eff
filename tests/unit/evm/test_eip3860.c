/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-3860: init code is limited and costs by the word */
#include "asm.h"

/* 1,000,000 gas; init code of n zero bytes, which is STOP */
static int64_t create_gas(enum evm_rev rev, int op, int n, enum evm_status want)
{
    struct code c = {0};
    if (op == OP_CREATE2)
        CODE(&c, N(0));
    CODE(&c, N(n), N(0), N(0), op);
    return gas_of(rev, &c, want) - (op == OP_CREATE2 ? 12 : 9);
}

static void init_code_costs_by_the_word(void **state)
{
    (void)state;
    assert_int_equal(create_gas(EVM_PARIS, OP_CREATE, 33, EVM_SUCCESS), 32000 + 6);
    assert_int_equal(create_gas(EVM_SHANGHAI, OP_CREATE, 33, EVM_SUCCESS), 32000 + 6 + 4);
    assert_int_equal(create_gas(EVM_PARIS, OP_CREATE2, 33, EVM_SUCCESS), 32000 + 6 + 12);
    assert_int_equal(create_gas(EVM_SHANGHAI, OP_CREATE2, 33, EVM_SUCCESS), 32000 + 6 + 16);
    (void)create_gas(EVM_PARIS, OP_CREATE, EVM_INITCODE_MAX + 1, EVM_SUCCESS);
    (void)create_gas(EVM_SHANGHAI, OP_CREATE, EVM_INITCODE_MAX, EVM_SUCCESS);
    (void)create_gas(EVM_SHANGHAI, OP_CREATE, EVM_INITCODE_MAX + 1, EVM_OUT_OF_GAS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_code_costs_by_the_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
