/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-3855: PUSH0 */
#include "frames.h"

static void it_is_zero(void **state)
{
    (void)state;
    struct memhost *m = world(EVM_SHANGHAI);
    struct code c = {0};
    CODE(&c, OP_PUSH0, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(0));
    memhost_free(m);
}

static void it_comes_with_its_fork_and_price(void **state)
{
    (void)state;
    struct code c = {0};
    CODE(&c, OP_PUSH0);
    assert_int_equal(gas_of(EVM_PARIS, &c, EVM_UNDEFINED), 1000000);
    assert_int_equal(gas_of(EVM_SHANGHAI, &c, EVM_SUCCESS), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_zero),
        cmocka_unit_test(it_comes_with_its_fork_and_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
