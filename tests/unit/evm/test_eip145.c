/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-145: SHL, SHR, SAR: the cases that the EIP lists */
#include "frames.h"

#define ONE 0, 1
#define TOP_BIT 1, 0

/* Bits 255 and 0 of a word, or all of them. */
static u256 word(int top, int low)
{
    static const u256 all = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    return top == 2 ? all : (u256){{(uint64_t)low, 0, 0, top == 1 ? 1ull << 63 : 0}};
}

static void check(int op, u256 a, int by, u256 want)
{
    struct memhost *m = memhost_new(EVM_CONSTANTINOPLE);
    struct code c = {0};
    put_push(&c, a);
    CODE(&c, N(by), op, RETURN_TOP);
    assert_word(run_word(m, &c), want);
    memhost_free(m);
}

static void shifts_to_the_left(void **state)
{
    (void)state;
    check(OP_SHL, word(ONE), 0, word(ONE));
    check(OP_SHL, word(ONE), 1, u256_from_u64(2));
    check(OP_SHL, word(ONE), 255, word(TOP_BIT));
    check(OP_SHL, word(ONE), 256, u256_from_u64(0));
    check(OP_SHL, word(2, 0), 255, word(TOP_BIT));
    check(OP_SHL, word(2, 0), 256, u256_from_u64(0));
    check(OP_SHL, word(ONE), 64, (u256){{0, 1, 0, 0}});
}

static void shifts_to_the_right(void **state)
{
    (void)state;
    check(OP_SHR, word(ONE), 0, word(ONE));
    check(OP_SHR, word(ONE), 1, u256_from_u64(0));
    check(OP_SHR, word(TOP_BIT), 255, word(ONE));
    check(OP_SHR, word(TOP_BIT), 256, u256_from_u64(0));
    check(OP_SHR, word(2, 0), 255, word(ONE));
    check(OP_SHR, word(TOP_BIT), 64, (u256){{0, 0, 1ull << 63, 0}});
}

static void an_arithmetic_shift_keeps_the_sign(void **state)
{
    (void)state;
    check(OP_SAR, word(ONE), 1, u256_from_u64(0));
    check(OP_SAR, word(TOP_BIT), 1, (u256){{0, 0, 0, 3ull << 62}});
    check(OP_SAR, word(TOP_BIT), 255, word(2, 0));
    check(OP_SAR, word(TOP_BIT), 256, word(2, 0));
    check(OP_SAR, word(2, 0), 1, word(2, 0));
    check(OP_SAR, u256_from_u64(16), 3, u256_from_u64(2));
}

static void they_come_with_constantinople_for_3_gas(void **state)
{
    (void)state;
    static const int ops[] = {OP_SHL, OP_SHR, OP_SAR};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        struct code c = {0};
        CODE(&c, N(1), N(1), ops[i]);
        assert_int_equal(gas_of(EVM_BYZANTIUM, &c, EVM_UNDEFINED), 1000000);
        assert_int_equal(gas_of(EVM_CONSTANTINOPLE, &c, EVM_SUCCESS), 6 + 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shifts_to_the_left),
        cmocka_unit_test(shifts_to_the_right),
        cmocka_unit_test(an_arithmetic_shift_keeps_the_sign),
        cmocka_unit_test(they_come_with_constantinople_for_3_gas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
