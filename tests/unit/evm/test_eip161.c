/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-161: only what gets value makes an account */
#include "frames.h"

static void a_call_without_value_makes_none(void **state)
{
    (void)state;
    assert_int_equal(call_gas(EVM_TANGERINE, OP_CALL, third, 0, EVM_SUCCESS), 700 + 25000);
    assert_int_equal(call_gas(EVM_SPURIOUS, OP_CALL, third, 0, EVM_SUCCESS), 700);
    assert_int_equal(call_gas(EVM_SPURIOUS, OP_CALL, third, 1, EVM_SUCCESS),
                     700 + 9000 + 25000 - 2300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_without_value_makes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
