/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-4399: PREVRANDAO in place of DIFFICULTY */
#include "frames.h"

static void the_same_byte_tells_the_randomness(void **state)
{
    (void)state;
    static const enum evm_rev revs[] = {EVM_LONDON, EVM_PARIS, EVM_OSAKA};
    for (size_t i = 0; i < sizeof revs / sizeof revs[0]; i++) {
        struct memhost *m = world(revs[i]); /* the host says which of them it is */
        struct code c = {0};
        CODE(&c, 0x44, RETURN_TOP);
        assert_word(run_word(m, &c), (u256){{11, 0, 0, 7}});
        memhost_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_byte_tells_the_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
