/* SPDX-License-Identifier: Apache-2.0 */
/* Nested frames: what they see, what they pay from fork to fork, and the depth of 1024. What one
 * EIP says of them is in its own file. */
#include "frames.h"

#include "num/u256_alu.h"

static void a_call_costs_what_its_revision_says(void **state)
{
    (void)state;
    static const struct {
        enum evm_rev rev;
        int op;
        const addr20 *to;
        int value;
        int64_t gas;
    } rows[] = {
        {EVM_FRONTIER, OP_CALL, &other, 0, 40},
        {EVM_FRONTIER, OP_CALL, &third, 0, 25040}, /* any call makes an account */
        {EVM_TANGERINE, OP_CALL, &third, 0, 25700},
        {EVM_SPURIOUS, OP_CALL, &third, 0, 700}, /* EIP-161 */
        {EVM_SPURIOUS, OP_CALL, &third, 1, 700 + 9000 + 25000 - 2300},
        {EVM_SPURIOUS, OP_CALL, &other, 1, 700 + 9000 - 2300},
        {EVM_SPURIOUS, OP_CALLCODE, &third, 1, 700 + 9000 - 2300},
        {EVM_SPURIOUS, OP_DELEGATECALL, &third, 0, 700},
        {EVM_BYZANTIUM, OP_STATICCALL, &third, 0, 700},
        {EVM_BERLIN, OP_CALL, &other, 0, 2600}, /* EIP-2929 */
        {EVM_BERLIN, OP_CALL, &self, 0, 100},
        {EVM_BERLIN, OP_STATICCALL, &third, 0, 2600},
        {EVM_OSAKA, OP_CALL, &third, 1, 2600 + 9000 + 25000 - 2300},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(call_gas(rows[i].rev, rows[i].op, *rows[i].to, rows[i].value, EVM_SUCCESS),
                         rows[i].gas);
}

static void a_value_brings_a_stipend(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    struct evm_result r;
    put_call(&c, OP_CALL, other, 1, 0);
    (void)memhost_put(m, self, u256_from_u64(5), SLICE_EMPTY);
    (void)memhost_put(m, other, u256_from_u64(1), SLICE_EMPTY);
    run(m, &c, &r);
    assert_int_equal(m->last.gas, 2300);
    assert_word(memhost_find(m, &other)->balance, u256_from_u64(2));
    memhost_free(m);
}

static void a_call_beyond_the_balance_fails_and_gives_its_gas_back(void **state)
{
    (void)state;
    assert_int_equal(call_gas(EVM_SPURIOUS, OP_CALL, other, 1001, EVM_SUCCESS), 700 + 9000 - 2300);
}

/* Each kind: what the callee sees as ADDRESS, CALLER and CALLVALUE. */
static void frames_see_their_own_context(void **state)
{
    (void)state;
    static const struct {
        int op;
        const addr20 *address;
        const addr20 *from;
        uint64_t value;
    } rows[] = {{OP_CALL, &other, &self, 3},
                {OP_CALLCODE, &self, &self, 3},
                {OP_DELEGATECALL, &self, &caller, 0},
                {OP_STATICCALL, &other, &self, 0}};
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code callee = {0};
    CODE(&callee, OP_ADDRESS, N(0), OP_MSTORE, OP_CALLER, N(32), OP_MSTORE, OP_CALLVALUE, N(64),
         OP_MSTORE, N(96), N(0), OP_RETURN);
    (void)memhost_put(m, other, u256_from_u64(0), code_slice(&callee));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct code c = {0};
        struct evm_result r;
        (void)memhost_put(m, self, u256_from_u64(1000), SLICE_EMPTY);
        put_call(&c, rows[i].op, other, 3, 100000);
        CODE(&c, N(96), N(0), N(0), OP_RETURNDATACOPY, N(96), N(0), OP_RETURN);
        run(m, &c, &r);
        assert_ends(r, EVM_SUCCESS);
        assert_word(u256_from_be(r.output.p), addr_word(*rows[i].address));
        assert_word(u256_from_be(r.output.p + 32), addr_word(*rows[i].from));
        assert_word(u256_from_be(r.output.p + 64), u256_from_u64(rows[i].value));
    }
    memhost_free(m);
}

static void a_failed_frame_is_undone(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code callee = {0};
    struct code c = {0};
    CODE(&callee, N(5), N(1), OP_SSTORE, N(0), N(0), OP_REVERT);
    (void)memhost_put(m, other, u256_from_u64(0), code_slice(&callee));
    put_call(&c, OP_CALL, other, 0, 100000);
    CODE(&c, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(0));
    assert_word(memhost_storage(m, other, u256_from_u64(1)), u256_from_u64(0));
    memhost_free(m);
}

/* A contract that calls itself with all its gas: 1024 calls deep, before EIP-150 and without its
 * limit. The C stack holds them. */
static void depth_ends_at_1024(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    struct evm_result r;
    CODE(&c, N(0), N(0), N(0), N(0), N(0), OP_ADDRESS, OP_GAS, OP_CALL, RETURN_TOP);
    run_gas(m, &c, INT64_MAX / 2, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_int_equal(m->deepest, 1024);
    assert_word(u256_from_be(r.output.p), u256_from_u64(1));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_costs_what_its_revision_says),
        cmocka_unit_test(a_value_brings_a_stipend),
        cmocka_unit_test(a_call_beyond_the_balance_fails_and_gives_its_gas_back),
        cmocka_unit_test(frames_see_their_own_context),
        cmocka_unit_test(a_failed_frame_is_undone),
        cmocka_unit_test(depth_ends_at_1024),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
