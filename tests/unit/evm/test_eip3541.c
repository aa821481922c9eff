/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-3541: no new code begins with 0xef */
#include "frames.h"

static void code_does_not_begin_with_ef_from_london_on(void **state)
{
    (void)state;
    struct code init = init_returning(0xef, 1);
    assert_false(u256_is_zero(created(EVM_BERLIN, &init, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_LONDON, &init, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_LONDON, &init, OP_CREATE2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_does_not_begin_with_ef_from_london_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
