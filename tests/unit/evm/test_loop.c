/* SPDX-License-Identifier: Apache-2.0 */
/* The loop itself: stack limits, jumps, gas, push data, ends; every byte of every revision. */
#include "asm.h"

#include "num/u256_alu.h"

static void adds_and_returns(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    CODE(&c, N(3), N(4), OP_ADD, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(7));
    memhost_free(m);
}

static void running_off_the_end_is_stop(void **state)
{
    (void)state;
    struct code c = {0};
    assert_int_equal(gas_of(EVM_OSAKA, &c, EVM_SUCCESS), 0);
    put_op(&c, OP_PUSH32);
    assert_int_equal(gas_of(EVM_OSAKA, &c, EVM_SUCCESS), 3);
}

static void every_push_reads_its_bytes(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    for (unsigned n = 1; n <= 32; n++) {
        struct code c = {0};
        uint8_t be[32] = {0};
        put_op(&c, OP_PUSH1 + n - 1);
        for (unsigned i = 0; i < n; i++) {
            put_op(&c, 0xa0 + i);
            be[32 - n + i] = (uint8_t)(0xa0 + i);
        }
        CODE(&c, RETURN_TOP);
        assert_word(run_word(m, &c), u256_from_be(be));
    }
    memhost_free(m);
}

static void every_dup_and_swap_reaches_its_word(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    for (int n = 1; n <= 16; n++) {
        struct code c = {0};
        struct code s = {0};
        for (int i = 20; i > 0; i--) {
            CODE(&c, N(i));
            CODE(&s, N(i));
        }
        CODE(&c, OP_DUP1 + n - 1, RETURN_TOP);
        CODE(&s, OP_SWAP1 + n - 1, RETURN_TOP);
        assert_word(run_word(m, &c), u256_from_u64((uint64_t)n));
        assert_word(run_word(m, &s), u256_from_u64((uint64_t)n + 1));
    }
    memhost_free(m);
}

static void stack_holds_1024_words_and_no_more(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct evm_result r;
    struct code c = {0};
    CODE(&c, OP_JUMPDEST, OP_PC, OP_PC, OP_PC, OP_GAS, N(0), OP_JUMP);
    run(m, &c, &r); /* four words more in each round */
    assert_ends(r, EVM_STACK_OVERFLOW);
    struct code full = {0};
    for (int i = 0; i < 1023; i++)
        put_op(&full, OP_PC);
    put_op(&full, OP_DUP1);
    run(m, &full, &r);
    assert_ends(r, EVM_SUCCESS);
    full.b[1022] = OP_DUP1;
    full.b[1023] = OP_DUP16;
    run(m, &full, &r);
    assert_ends(r, EVM_SUCCESS);
    memhost_free(m);
}

static void jumps_only_to_a_jumpdest_that_is_no_push_data(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct evm_result r;
    struct code good = {0};
    struct code data = {0};
    struct code plain = {0};
    struct code far = {0};
    CODE(&good, N(4), OP_JUMP, OP_INVALID, OP_JUMPDEST);
    CODE(&data, N(4), OP_JUMP, OP_PUSH1, OP_JUMPDEST);
    CODE(&plain, N(3), OP_JUMP, OP_STOP);
    CODE(&far, N(1 << 20), OP_JUMP);
    run(m, &good, &r);
    assert_ends(r, EVM_SUCCESS);
    run(m, &data, &r);
    assert_ends(r, EVM_BAD_JUMP);
    run(m, &plain, &r);
    assert_ends(r, EVM_BAD_JUMP);
    run(m, &far, &r);
    assert_ends(r, EVM_BAD_JUMP);
    assert_int_equal(r.gas_left, 0);
    memhost_free(m);
}

static void jump_targets_are_256_bit_numbers(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct evm_result r;
    struct code c = {0};
    u256 to = u256_shl_small(u256_from_u64(1), 64);
    to.w[0] = 11;
    put_push(&c, to);
    CODE(&c, OP_JUMP, OP_JUMPDEST);
    assert_int_equal(c.b[11], OP_JUMPDEST);
    run(m, &c, &r);
    assert_ends(r, EVM_BAD_JUMP);
    memhost_free(m);
}

static void conditional_jump_looks_at_the_target_only_when_taken(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    CODE(&c, N(0), N(999), OP_JUMPI, N(1), N(13), OP_JUMPI, OP_INVALID, OP_INVALID, OP_JUMPDEST,
         N(5), RETURN_TOP);
    assert_int_equal(c.b[13], OP_JUMPDEST);
    assert_word(run_word(m, &c), u256_from_u64(5));
    memhost_free(m);
}

static void gas_runs_out_at_the_instruction_that_cannot_pay(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct evm_result r;
    struct code c = {0};
    CODE(&c, N(1), N(2), OP_ADD);
    run_gas(m, &c, 9, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_int_equal(r.gas_left, 0);
    run_gas(m, &c, 8, &r);
    assert_ends(r, EVM_OUT_OF_GAS);
    memhost_free(m);
}

/* Each opcode with too few words fails as an underflow, and one not yet defined as undefined; none
 * does anything else. */
static void every_byte_checks_definition_and_stack(void **state)
{
    (void)state;
    static const struct {
        int in;
        bool defined;
    } rows[256] = {
#define OP(code, name, in, out, cost, kind, n) [code] = {in, true},
#define NONE(code)
#include "evm/opcodes.def"
    };
    for (enum evm_rev rev = EVM_FRONTIER; rev < EVM_REV_COUNT; rev++) {
        struct memhost *m = memhost_new(rev);
        for (unsigned op = 0; op < 256; op++) {
            struct code c = {0};
            struct evm_result r;
            for (int i = 0; i + 1 < rows[op].in; i++)
                put_op(&c, OP_PC);
            put_op(&c, op);
            run(m, &c, &r);
            assert_int_equal(evm_op_name((uint8_t)op) != NULL, rows[op].defined);
            if (!rows[op].defined)
                assert_ends(r, EVM_UNDEFINED);
            else if (rows[op].in > 0 && r.status != EVM_UNDEFINED)
                assert_ends(r, EVM_STACK_UNDERFLOW);
        }
        memhost_free(m);
    }
}

/* The number of opcodes of each revision, as its EIPs say; 0xfe counts. */
static void each_revision_defines_its_opcodes(void **state)
{
    (void)state;
    static const unsigned defined[EVM_REV_COUNT] = {
        [EVM_FRONTIER] = 130,   [EVM_HOMESTEAD] = 131, [EVM_TANGERINE] = 131,
        [EVM_SPURIOUS] = 131,   [EVM_BYZANTIUM] = 135, [EVM_CONSTANTINOPLE] = 140,
        [EVM_PETERSBURG] = 140, [EVM_ISTANBUL] = 142,  [EVM_BERLIN] = 142,
        [EVM_LONDON] = 143,     [EVM_PARIS] = 143,     [EVM_SHANGHAI] = 144,
        [EVM_CANCUN] = 149,     [EVM_PRAGUE] = 149,    [EVM_OSAKA] = 150,
    };
    for (enum evm_rev rev = EVM_FRONTIER; rev < EVM_REV_COUNT; rev++) {
        struct memhost *m = memhost_new(rev);
        unsigned n = 0;
        for (unsigned op = 0; op < 256; op++) {
            struct code c = {0};
            struct evm_result r;
            put_op(&c, op);
            run(m, &c, &r);
            n += r.status != EVM_UNDEFINED;
        }
        assert_int_equal(n, defined[rev]);
        memhost_free(m);
    }
}

static void no_step(void *ctx, const struct evm_step *s)
{
    (void)ctx;
    (void)s;
}

static void no_cost(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault)
{
    (void)ctx;
    (void)depth;
    (void)gas_cost;
    (void)fault;
}

static void ends_alike(const uint8_t *code, size_t n, int64_t gas)
{
    static const struct evm_tracer tracer = {.step = no_step, .cost = no_cost};
    const struct evm_msg msg = {.gas = gas, .recipient = self, .code_addr = self};
    struct evm_result plain;
    struct evm_result traced;
    struct memhost *m = memhost_new(EVM_OSAKA);
    (void)memhost_put(m, self, u256_from_u64(0), slice_of(code, n));
    memhost_run(m, &msg, &plain);
    memhost_rev(m, EVM_OSAKA, &tracer);
    memhost_run(m, &msg, &traced);
    assert_int_equal(plain.status, traced.status);
    assert_int_equal(plain.gas_left, traced.gas_left);
    memhost_free(m);
}

/* The plain loop does some sequences in one step; the traced one never does. */
static void merged_instructions_fail_where_single_ones_do(void **state)
{
    (void)state;
    static const uint8_t tails[][8] = {
        {OP_PUSH1, 7, OP_ADD, OP_STOP},
        {OP_SWAP1, OP_POP, OP_STOP},
        {OP_SWAP1 + 15, OP_POP, OP_STOP},
        {OP_ISZERO, OP_PUSH2, 0, 0, OP_JUMPI, OP_STOP},
        {OP_ISZERO, OP_PUSH2, 0xff, 0xff, OP_JUMPI, OP_STOP},
        {OP_ISZERO, OP_ISZERO, OP_PUSH2, 0, 0, OP_JUMPI, OP_STOP},
        {OP_PUSH2, 0, 0, OP_JUMPI, OP_STOP},
        {OP_PUSH2, 0, 0, OP_JUMP},
    };
    static const size_t heights[] = {0, 1, 2, 16, 17, 1022, 1023, 1024};
    for (size_t t = 0; t < sizeof tails / sizeof *tails; t++)
        for (size_t h = 0; h < sizeof heights / sizeof *heights; h++)
            for (int64_t gas = 0; gas < 24; gas++)
                for (unsigned first = OP_PC; first <= OP_GAS; first += OP_GAS - OP_PC) {
                    uint8_t code[1100] = {OP_JUMPDEST};
                    memset(code + 1, (int)first, heights[h]); /* numbers that are not zero */
                    memcpy(code + 1 + heights[h], tails[t], sizeof tails[t]);
                    ends_alike(code, 1 + heights[h] + sizeof tails[t],
                               1 + 2 * (int64_t)heights[h] + gas);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_returns),
        cmocka_unit_test(running_off_the_end_is_stop),
        cmocka_unit_test(every_push_reads_its_bytes),
        cmocka_unit_test(every_dup_and_swap_reaches_its_word),
        cmocka_unit_test(stack_holds_1024_words_and_no_more),
        cmocka_unit_test(jumps_only_to_a_jumpdest_that_is_no_push_data),
        cmocka_unit_test(jump_targets_are_256_bit_numbers),
        cmocka_unit_test(conditional_jump_looks_at_the_target_only_when_taken),
        cmocka_unit_test(merged_instructions_fail_where_single_ones_do),
        cmocka_unit_test(gas_runs_out_at_the_instruction_that_cannot_pay),
        cmocka_unit_test(every_byte_checks_definition_and_stack),
        cmocka_unit_test(each_revision_defines_its_opcodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
