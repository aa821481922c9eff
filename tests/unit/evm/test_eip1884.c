/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-1884: what reads the state costs more, and SELFBALANCE */
#include "frames.h"

static void reads_cost_more(void **state)
{
    (void)state;
    struct code balance = {0};
    struct code slot = {0};
    put_addr(&balance, other);
    put_op(&balance, OP_BALANCE);
    CODE(&slot, N(5), OP_SLOAD);
    assert_int_equal(gas_of(EVM_PETERSBURG, &balance, EVM_SUCCESS), 3 + 400);
    assert_int_equal(gas_of(EVM_ISTANBUL, &balance, EVM_SUCCESS), 3 + 700);
    assert_int_equal(gas_of(EVM_PETERSBURG, &slot, EVM_SUCCESS), 3 + 200);
    assert_int_equal(gas_of(EVM_ISTANBUL, &slot, EVM_SUCCESS), 3 + 800);
}

static void own_balance_is_cheap(void **state)
{
    (void)state;
    struct memhost *m = world(EVM_ISTANBUL);
    struct code read = {0};
    struct code c = {0};
    CODE(&read, OP_SELFBALANCE, RETURN_TOP);
    assert_word(run_word(m, &read), u256_from_u64(555));
    put_op(&c, OP_SELFBALANCE);
    assert_int_equal(gas_of(EVM_PETERSBURG, &c, EVM_UNDEFINED), 1000000);
    assert_int_equal(gas_of(EVM_ISTANBUL, &c, EVM_SUCCESS), 5);
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_cost_more),
        cmocka_unit_test(own_balance_is_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
