/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-4844: BLOBHASH */
#include "frames.h"

static void blob_hashes_past_the_last_are_zero(void **state)
{
    (void)state;
    struct memhost *m = world(EVM_CANCUN);
    for (int i = 0; i < 3; i++) {
        struct code c = {0};
        uint8_t be[32] = {1, [31] = (uint8_t)(0xb0 + i)};
        CODE(&c, N(i), OP_BLOBHASH, RETURN_TOP);
        assert_word(run_word(m, &c), i < 2 ? u256_from_be(be) : u256_from_u64(0));
    }
    struct code far = {0};
    CODE(&far, N(0), OP_NOT, OP_BLOBHASH, RETURN_TOP);
    assert_word(run_word(m, &far), u256_from_u64(0));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blob_hashes_past_the_last_are_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
