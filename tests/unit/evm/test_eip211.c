/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-211: RETURNDATASIZE and RETURNDATACOPY */
#include "frames.h"

static void return_data_has_hard_bounds(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code callee = {0};
    CODE(&callee, N(0x1234), N(0), OP_MSTORE, N(32), N(0), OP_RETURN);
    (void)memhost_put(m, other, u256_from_u64(0), code_slice(&callee));
    static const struct {
        int at;
        int n;
        enum evm_status want;
    } rows[] = {{0, 32, EVM_SUCCESS},           {32, 0, EVM_SUCCESS},
                {31, 1, EVM_SUCCESS},           {0, 33, EVM_RETURNDATA_BOUNDS},
                {33, 0, EVM_RETURNDATA_BOUNDS}, {32, 1, EVM_RETURNDATA_BOUNDS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct code c = {0};
        struct evm_result r;
        CODE(&c, N(0), N(0), N(0), N(0));
        put_addr(&c, other);
        CODE(&c, OP_GAS, OP_STATICCALL, N(rows[i].n), N(rows[i].at), N(0), OP_RETURNDATACOPY);
        run(m, &c, &r);
        assert_ends(r, rows[i].want);
    }
    memhost_free(m);
}

static void return_data_is_that_of_the_last_call(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code callee = {0};
    struct code c = {0};
    CODE(&callee, N(7), N(0), OP_REVERT);
    (void)memhost_put(m, other, u256_from_u64(0), code_slice(&callee));
    CODE(&c, OP_RETURNDATASIZE, N(0), N(0), N(0), N(0), N(0));
    put_addr(&c, other);
    CODE(&c, OP_GAS, OP_CALL, OP_POP, OP_RETURNDATASIZE);                     /* 7 */
    CODE(&c, N(0), N(0), N(0), N(0), N(1), N(0xff), OP_GAS, OP_CALL, OP_POP); /* no balance */
    CODE(&c, OP_RETURNDATASIZE, OP_ADD, OP_ADD, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(7));
    memhost_free(m);
}

static void return_data_of_a_creation_is_empty_unless_it_reverts(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code init = init_returning(0x60, 9);
    struct code c = {0};
    put_create(&c, &init, OP_CREATE);
    CODE(&c, OP_RETURNDATASIZE, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(0));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(return_data_has_hard_bounds),
        cmocka_unit_test(return_data_is_that_of_the_last_call),
        cmocka_unit_test(return_data_of_a_creation_is_empty_unless_it_reverts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
