/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-1344: CHAINID */
#include "frames.h"

static void it_is_the_chain_id(void **state)
{
    (void)state;
    struct memhost *m = world(EVM_ISTANBUL);
    struct code c = {0};
    CODE(&c, OP_CHAINID, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(1337));
    memhost_free(m);
}

static void it_comes_with_its_fork_and_price(void **state)
{
    (void)state;
    struct code c = {0};
    CODE(&c, OP_CHAINID);
    assert_int_equal(gas_of(EVM_PETERSBURG, &c, EVM_UNDEFINED), 1000000);
    assert_int_equal(gas_of(EVM_ISTANBUL, &c, EVM_SUCCESS), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_chain_id),
        cmocka_unit_test(it_comes_with_its_fork_and_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
