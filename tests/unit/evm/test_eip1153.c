/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-1153: transient storage */
#include "asm.h"

static void transient_storage_lives_as_long_as_the_transaction(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_CANCUN);
    struct code set = {0};
    struct code get = {0};
    CODE(&set, N(9), N(1), OP_TSTORE, N(1), OP_TLOAD, RETURN_TOP);
    CODE(&get, N(1), OP_TLOAD, RETURN_TOP);
    assert_word(run_word(m, &set), u256_from_u64(9));
    assert_word(run_word(m, &get), u256_from_u64(0));
    assert_int_equal(gas_of(EVM_CANCUN, &set, EVM_SUCCESS), 2 * 3 + 100 + 3 + 100 + 15);
    assert_int_equal(gas_of(EVM_SHANGHAI, &set, EVM_UNDEFINED), 1000000);
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transient_storage_lives_as_long_as_the_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
