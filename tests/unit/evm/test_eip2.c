/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-2: a creation that cannot pay for its code fails */
#include "frames.h"

/* Before Homestead a creation that cannot pay for its code keeps its gas and has none. */
static void code_that_cannot_be_paid_fails_from_homestead_on(void **state)
{
    (void)state;
    struct code init = init_returning(0x60, 1000); /* 200,000 gas */
    struct code c = {0};
    struct evm_result r;
    put_create(&c, &init, OP_CREATE);
    CODE(&c, RETURN_TOP);
    struct memhost *m = memhost_new(EVM_FRONTIER);
    run_gas(m, &c, 150000, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_false(u256_is_zero(u256_from_be(r.output.p)));
    memhost_free(m);
    m = memhost_new(EVM_TANGERINE);
    run_gas(m, &c, 150000, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_true(u256_is_zero(u256_from_be(r.output.p)));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_that_cannot_be_paid_fails_from_homestead_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
