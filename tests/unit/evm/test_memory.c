/* SPDX-License-Identifier: Apache-2.0 */
/* Memory, copies, return data: growth, prices, and offsets no machine has. */
#include "asm.h"

#include "crypto/keccak.h"
#include "num/u256_alu.h"

static void memory_costs_linear_and_squared_words(void **state)
{
    (void)state;
    struct code one = {0};
    struct code straddle = {0};
    struct code big = {0};
    CODE(&one, N(0), OP_MLOAD);
    CODE(&straddle, N(1), OP_MLOAD);
    CODE(&big, N(32 * 1023), OP_MLOAD); /* 1024 words: 3 * 1024 + 2 * 1024 */
    assert_int_equal(gas_of(EVM_OSAKA, &one, EVM_SUCCESS), 6 + 3);
    assert_int_equal(gas_of(EVM_OSAKA, &straddle, EVM_SUCCESS), 6 + 6);
    assert_int_equal(gas_of(EVM_OSAKA, &big, EVM_SUCCESS), 6 + 5120);
}

/* Each with an offset or size of 2^32, 2^64 or 2^256 - 1, and a size of at least one. */
static void far_offsets_run_out_of_gas(void **state)
{
    (void)state;
    static const struct {
        int op;
        int words;
    } ops[] = {{OP_MLOAD, 1},        {OP_MSTORE, 2},   {OP_MSTORE8, 2},     {OP_KECCAK256, 2},
               {OP_CALLDATACOPY, 3}, {OP_CODECOPY, 3}, {OP_EXTCODECOPY, 4}, {OP_MCOPY, 3},
               {OP_RETURN, 2},       {OP_REVERT, 2},   {OP_LOG0, 2},        {OP_CREATE, 3},
               {OP_CREATE2, 4},      {OP_CALL, 7},     {OP_STATICCALL, 6}};
    const u256 one = u256_from_u64(1);
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        for (unsigned bits = 32; bits <= 256; bits += 32) {
            struct code c = {0};
            u256 far = bits == 256 ? u256_not(u256_from_u64(0)) : u256_shl_small(one, bits);
            for (int w = 0; w < ops[i].words; w++)
                put_push(&c, far);
            put_op(&c, (unsigned)ops[i].op);
            assert_int_equal(gas_of(EVM_OSAKA, &c, EVM_OUT_OF_GAS), 1000000);
        }
}

static void empty_ranges_touch_nothing_wherever_they_are(void **state)
{
    (void)state;
    struct code c = {0};
    CODE(&c, N(0), N(0), OP_NOT, OP_KECCAK256, OP_POP);     /* offset 2^256 - 1 */
    CODE(&c, N(0), N(0), OP_NOT, OP_DUP1, OP_CALLDATACOPY); /* both */
    CODE(&c, N(0), N(0), OP_NOT, OP_DUP1, OP_MCOPY, OP_MSIZE, RETURN_TOP);
    struct memhost *m = memhost_new(EVM_OSAKA);
    assert_word(run_word(m, &c), u256_from_u64(0));
    memhost_free(m);
}

static void frames_start_with_zero_memory(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code dirty = {0};
    struct code read = {0};
    struct evm_result r;
    CODE(&dirty, N(0), OP_NOT, N(64), OP_MSTORE);
    CODE(&read, N(64), OP_MLOAD, RETURN_TOP);
    run(m, &dirty, &r);
    assert_word(run_word(m, &read), u256_from_u64(0));
    memhost_free(m);
}

static void hashes_memory(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    hash32 want;
    keccak256(SLICE_LIT("\x61"), &want);
    CODE(&c, N(0x61), N(0), OP_MSTORE8, N(1), N(0), OP_KECCAK256, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_be(want.b));
    memhost_free(m);
}

static void calldata_past_its_end_is_zero(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    uint8_t input[33];
    struct evm_result r;
    memset(input, 0x11, sizeof input);
    CODE(&c, N(32), OP_CALLDATALOAD, N(0), OP_NOT, OP_CALLDATALOAD, OP_ADD, N(0), OP_MSTORE, N(4),
         N(31), N(32), OP_CALLDATACOPY, N(64), N(0), OP_RETURN);
    struct evm_msg msg = {.gas = 1000000,
                          .recipient = self,
                          .code_addr = self,
                          .sender = caller,
                          .input = slice_of(input, sizeof input)};
    (void)memhost_put(m, self, u256_from_u64(0), code_slice(&c));
    memhost_run(m, &msg, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_int_equal(r.output.p[0], 0x11);
    assert_int_equal(r.output.p[1], 0);
    assert_memory_equal(r.output.p + 32, "\x11\x11\x00\x00", 4);
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_costs_linear_and_squared_words),
        cmocka_unit_test(far_offsets_run_out_of_gas),
        cmocka_unit_test(empty_ranges_touch_nothing_wherever_they_are),
        cmocka_unit_test(frames_start_with_zero_memory),
        cmocka_unit_test(hashes_memory),
        cmocka_unit_test(calldata_past_its_end_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
