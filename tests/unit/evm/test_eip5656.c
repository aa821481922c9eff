/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-5656: MCOPY */
#include "asm.h"

/* Its own examples of overlap among them */
static void mcopy_moves_overlapping_ranges(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code up = {0};
    struct code down = {0};
    u256 word = u256_from_be((const uint8_t *)"0123456789abcdefghijklmnopqrstuv");
    put_push(&up, word);
    CODE(&up, N(0), OP_MSTORE, N(8), N(0), N(1), OP_MCOPY, N(0), OP_MLOAD, RETURN_TOP);
    put_push(&down, word);
    CODE(&down, N(0), OP_MSTORE, N(8), N(1), N(0), OP_MCOPY, N(0), OP_MLOAD, RETURN_TOP);
    assert_word(run_word(m, &up),
                u256_from_be((const uint8_t *)"0012345679abcdefghijklmnopqrstuv" + 0));
    assert_word(run_word(m, &down),
                u256_from_be((const uint8_t *)"1234567889abcdefghijklmnopqrstuv" + 0));
    memhost_free(m);
}

static void mcopy_pays_for_the_farther_end(void **state)
{
    (void)state;
    struct code c = {0};
    CODE(&c, N(32), N(64), N(0), OP_MCOPY); /* reads words 2: three words of memory */
    assert_int_equal(gas_of(EVM_CANCUN, &c, EVM_SUCCESS), 9 + 3 + 3 + 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mcopy_moves_overlapping_ranges),
        cmocka_unit_test(mcopy_pays_for_the_farther_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
