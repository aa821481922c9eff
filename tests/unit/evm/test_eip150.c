/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-150: prices of what reads or calls other accounts, and all but one 64th */
#include "frames.h"

static void the_callee_gets_at_most_all_but_one_64th(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_TANGERINE);
    struct code c = {0};
    struct evm_result r;
    CODE(&c, N(0), N(0), N(0), N(0), N(0));
    put_addr(&c, other);
    CODE(&c, N(0), OP_NOT, OP_CALL);
    (void)memhost_put(m, other, u256_from_u64(1), SLICE_EMPTY);
    run_gas(m, &c, 8 * 3 + 700 + 6400, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_int_equal(m->last.gas, 6300);
    memhost_rev(m, EVM_HOMESTEAD, NULL); /* before, asking too much was a fault */
    run_gas(m, &c, 100000, &r);
    assert_ends(r, EVM_OUT_OF_GAS);
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_callee_gets_at_most_all_but_one_64th),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
