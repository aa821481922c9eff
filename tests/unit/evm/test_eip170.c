/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-170: code of at most 24,576 bytes */
#include "frames.h"

static void code_is_at_most_24576_bytes_from_spurious_on(void **state)
{
    (void)state;
    struct code fits = init_returning(0x60, EVM_CODE_MAX);
    struct code large = init_returning(0x60, EVM_CODE_MAX + 1);
    assert_false(u256_is_zero(created(EVM_OSAKA, &fits, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_OSAKA, &large, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_SPURIOUS, &large, OP_CREATE)));
    assert_false(u256_is_zero(created(EVM_TANGERINE, &large, OP_CREATE)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_at_most_24576_bytes_from_spurious_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
