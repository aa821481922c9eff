/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-1052: EXTCODEHASH */
#include "asm.h"

#include "crypto/keccak.h"

static void code_hash_of_nothing_is_zero_and_of_no_code_is_not(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code nobody = {0};
    struct code plain = {0};
    hash32 empty;
    keccak256(SLICE_EMPTY, &empty);
    (void)memhost_put(m, other, u256_from_u64(1), SLICE_EMPTY);
    put_addr(&nobody, third);
    CODE(&nobody, OP_EXTCODEHASH, RETURN_TOP);
    put_addr(&plain, other);
    CODE(&plain, OP_EXTCODEHASH, RETURN_TOP);
    assert_word(run_word(m, &nobody), u256_from_u64(0));
    assert_word(run_word(m, &plain), u256_from_be(empty.b));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_hash_of_nothing_is_zero_and_of_no_code_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
