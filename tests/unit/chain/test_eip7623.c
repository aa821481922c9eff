/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-7623: a transaction pays at least 10 gas for each token of its data: one a zero byte, four
 * any other. */
#include "test.h"

#include "chain/tx_exec.h"

static struct tx_gas gas_of(enum evm_rev rev, slice data)
{
    const struct tx t = {.type = TX_LEGACY, .data = data};
    struct tx_gas gas;
    assert_int_equal(tx_gas_of(&t, rev, &gas, NULL), OK);
    return gas;
}

static void the_floor_counts_tokens(void **state)
{
    (void)state;
    assert_int_equal(gas_of(EVM_PRAGUE, SLICE_EMPTY).floor, 21000);
    assert_int_equal(gas_of(EVM_PRAGUE, SLICE_LIT("\0\0\0")).floor, 21000 + 3 * 10);
    assert_int_equal(gas_of(EVM_PRAGUE, SLICE_LIT("\0ab")).floor, 21000 + 10 + 2 * 40);
    assert_int_equal(gas_of(EVM_PRAGUE, SLICE_LIT("\0ab")).intrinsic, 21000 + 4 + 2 * 16);
}

static void there_is_none_before_prague(void **state)
{
    (void)state;
    assert_int_equal(gas_of(EVM_CANCUN, SLICE_LIT("ab")).floor, 0);
}

static void a_limit_below_the_floor_is_refused(void **state)
{
    (void)state;
    struct tx t = {.type = TX_LEGACY, .data = SLICE_LIT("ab"), .gas = 21000 + 80 - 1};
    const struct chain_rules prague = {.rev = EVM_PRAGUE, .chain_id = 1};
    const struct chain_rules cancun = {.rev = EVM_CANCUN, .chain_id = 1};
    struct tx_gas gas;
    enum tx_fault fault;
    struct err e;
    assert_int_equal(tx_check_alone(&prague, &t, &gas, &fault, &e), E_RANGE);
    assert_int_equal(fault, TX_FLOOR_GAS);
    assert_int_equal(tx_check_alone(&cancun, &t, &gas, &fault, &e), OK);
    t.gas++;
    assert_int_equal(tx_check_alone(&prague, &t, &gas, &fault, &e), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_floor_counts_tokens),
        cmocka_unit_test(there_is_none_before_prague),
        cmocka_unit_test(a_limit_below_the_floor_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
