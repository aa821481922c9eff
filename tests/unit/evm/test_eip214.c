/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-214: STATICCALL */
#include "frames.h"

/* With the instructions that later forks added; one call deeper too. */
static void static_frames_change_nothing(void **state)
{
    (void)state;
    static const int ops[] = {OP_SSTORE,  OP_LOG0,   OP_LOG4,         OP_CREATE,
                              OP_CREATE2, OP_TSTORE, OP_SELFDESTRUCT, OP_CALL};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        struct memhost *m = memhost_new(EVM_OSAKA);
        struct code bad = {0};
        struct code c = {0};
        for (int k = 0; k < 7; k++)
            CODE(&bad, N(1)); /* for CALL a value of 1 */
        put_op(&bad, (unsigned)ops[i]);
        (void)memhost_put(m, other, u256_from_u64(9), code_slice(&bad));
        put_call(&c, OP_STATICCALL, other, 0, 200000);
        CODE(&c, RETURN_TOP);
        assert_word(run_word(m, &c), u256_from_u64(0));
        assert_int_equal(m->n_logs, 0);
        memhost_free(m);
    }
}

static void static_is_inherited(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code store = {0};
    struct code middle = {0};
    struct code c = {0};
    CODE(&store, N(1), N(1), OP_SSTORE);
    put_call(&middle, OP_CALL, third, 0, 100000);
    CODE(&middle, RETURN_TOP);
    (void)memhost_put(m, third, u256_from_u64(0), code_slice(&store));
    (void)memhost_put(m, other, u256_from_u64(0), code_slice(&middle));
    put_call(&c, OP_STATICCALL, other, 0, 200000);
    CODE(&c, OP_POP, N(32), N(0), N(0), OP_RETURNDATACOPY, N(0), OP_MLOAD, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(0));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_frames_change_nothing),
        cmocka_unit_test(static_is_inherited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
