/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions on the stack alone: which operand is which, and what no arithmetic test sees. */
#include "asm.h"

#include "num/u256_alu.h"

#define TOP(...)                                                                                   \
    {                                                                                              \
        __VA_ARGS__, END                                                                           \
    }

static const struct row {
    int ops[8];
    uint64_t want;
} rows[] = {
    /* The last number pushed is the first operand. */
    {TOP(N(3), N(10), OP_ADD), 13},
    {TOP(N(3), N(10), OP_MUL), 30},
    {TOP(N(3), N(10), OP_SUB), 7},
    {TOP(N(3), N(10), OP_DIV), 3},
    {TOP(N(0), N(10), OP_DIV), 0},
    {TOP(N(3), N(10), OP_SDIV), 3},
    {TOP(N(3), N(10), OP_MOD), 1},
    {TOP(N(3), N(10), OP_SMOD), 1},
    {TOP(N(7), N(5), N(4), OP_ADDMOD), 2},
    {TOP(N(7), N(5), N(4), OP_MULMOD), 6},
    {TOP(N(3), N(2), OP_EXP), 8},
    {TOP(N(10), N(3), OP_LT), 1},
    {TOP(N(3), N(10), OP_LT), 0},
    {TOP(N(3), N(10), OP_GT), 1},
    {TOP(N(3), N(0), OP_NOT, OP_SLT), 1},
    {TOP(N(3), N(0), OP_NOT, OP_SGT), 0},
    {TOP(N(3), N(3), OP_EQ), 1},
    {TOP(N(0), OP_ISZERO), 1},
    {TOP(N(5), OP_ISZERO), 0},
    {TOP(N(6), N(3), OP_AND), 2},
    {TOP(N(6), N(3), OP_OR), 7},
    {TOP(N(6), N(3), OP_XOR), 5},
    {TOP(N(0xabcd), N(30), OP_BYTE), 0xab},
    {TOP(N(0xabcd), N(32), OP_BYTE), 0},
    {TOP(N(3), N(4), OP_SHL), 48},
    {TOP(N(48), N(4), OP_SHR), 3},
    {TOP(N(48), N(4), OP_SAR), 3},
    {TOP(N(0xff), N(0), OP_SIGNEXTEND, OP_NOT), 0},
    {TOP(N(0x17f), N(0), OP_SIGNEXTEND), 0x7f},
    {TOP(N(0), OP_CLZ), 256},
    {TOP(N(1), OP_CLZ), 255},
    {TOP(N(0), OP_NOT, OP_CLZ), 0},
    {TOP(OP_PUSH0), 0},
    {TOP(OP_PC, OP_PC, OP_ADD, OP_PC, OP_ADD), 4},
};

static void operands_come_in_the_order_of_the_yellow_paper(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct code c = {0};
        put_all(&c, rows[i].ops);
        CODE(&c, RETURN_TOP);
        assert_word(run_word(m, &c), u256_from_u64(rows[i].want));
    }
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands_come_in_the_order_of_the_yellow_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
