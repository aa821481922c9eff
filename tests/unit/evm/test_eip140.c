/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-140: REVERT */
#include "asm.h"

static void revert_keeps_gas_and_gives_data(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct evm_result r;
    struct code c = {0};
    CODE(&c, N(0x77), N(0), OP_MSTORE8, N(1), N(0), OP_REVERT);
    run(m, &c, &r);
    assert_ends(r, EVM_REVERT);
    assert_int_equal(r.output.n, 1);
    assert_int_equal(r.output.p[0], 0x77);
    assert_int_equal(1000000 - r.gas_left, 3 * 4 + 3 + 3);
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(revert_keeps_gas_and_gives_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
