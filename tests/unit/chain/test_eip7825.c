/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-7825: from Osaka on a transaction has at most 2^24 gas. */
#include "test.h"

#include "chain/tx_exec.h"

static enum tx_fault judge(enum evm_rev rev, uint64_t gas)
{
    const struct tx t = {.type = TX_LEGACY, .gas = gas};
    const struct chain_rules r = {.rev = rev, .chain_id = 1};
    struct tx_gas ret;
    enum tx_fault fault;
    struct err e;
    status s = tx_check_alone(&r, &t, &ret, &fault, &e);
    assert_int_equal(s == OK, fault == TX_FINE);
    return fault;
}

static void the_cap_begins_with_osaka(void **state)
{
    (void)state;
    assert_int_equal(judge(EVM_PRAGUE, (1u << 24) + 1), TX_FINE);
    assert_int_equal(judge(EVM_OSAKA, 1u << 24), TX_FINE);
    assert_int_equal(judge(EVM_OSAKA, (1u << 24) + 1), TX_GAS_CAP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cap_begins_with_osaka),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
