/* SPDX-License-Identifier: Apache-2.0 */
/* CREATE and CREATE2: EIP-2, 150, 170, 211, 1014, 3541, 3860, and SELFDESTRUCT. */
#include "asm.h"

/* Code that creates from init code (at most 32 bytes) and returns what CREATE left. */
static void put_create(struct code *c, const struct code *init, int op)
{
    uint8_t word[32] = {0};
    memcpy(word, init->b, init->n);
    put_push(c, u256_from_be(word));
    CODE(c, N(0), OP_MSTORE);
    if (op == OP_CREATE2)
        CODE(c, N(0x55));
    CODE(c, N((int)init->n), N(0), N(0), op);
}

/* Init code that returns n bytes, the first being this. */
static struct code init_returning(int first, int n)
{
    struct code c = {0};
    CODE(&c, N(first), N(0), OP_MSTORE8, N(n), N(0), OP_RETURN);
    return c;
}

static u256 created(enum evm_rev rev, const struct code *init, int op)
{
    struct memhost *m = memhost_new(rev);
    struct code c = {0};
    put_create(&c, init, op);
    CODE(&c, RETURN_TOP);
    (void)memhost_put(m, self, u256_from_u64(1), SLICE_EMPTY);
    struct evm_result r;
    run_gas(m, &c, 10000000, &r);
    assert_ends(r, EVM_SUCCESS);
    u256 a = u256_from_be(r.output.p);
    memhost_free(m);
    return a;
}

static void deploys_the_code_that_init_code_returns(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code init = init_returning(0x60, 2);
    struct code c = {0};
    put_create(&c, &init, OP_CREATE);
    CODE(&c, OP_EXTCODESIZE, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(2));
    memhost_free(m);
}

static void code_is_at_most_24576_bytes_from_spurious_on(void **state)
{
    (void)state;
    struct code fits = init_returning(0x60, EVM_CODE_MAX);
    struct code large = init_returning(0x60, EVM_CODE_MAX + 1);
    assert_false(u256_is_zero(created(EVM_OSAKA, &fits, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_OSAKA, &large, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_SPURIOUS, &large, OP_CREATE)));
    assert_false(u256_is_zero(created(EVM_TANGERINE, &large, OP_CREATE)));
}

/* EIP-3541 */
static void code_does_not_begin_with_ef_from_london_on(void **state)
{
    (void)state;
    struct code init = init_returning(0xef, 1);
    assert_false(u256_is_zero(created(EVM_BERLIN, &init, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_LONDON, &init, OP_CREATE)));
    assert_true(u256_is_zero(created(EVM_LONDON, &init, OP_CREATE2)));
}

/* EIP-2: before Homestead a creation that cannot pay for its code keeps its gas and has none. */
static void code_that_cannot_be_paid_fails_from_homestead_on(void **state)
{
    (void)state;
    struct code init = init_returning(0x60, 1000); /* 200,000 gas */
    struct code c = {0};
    struct evm_result r;
    put_create(&c, &init, OP_CREATE);
    CODE(&c, RETURN_TOP);
    struct memhost *m = memhost_new(EVM_FRONTIER);
    run_gas(m, &c, 150000, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_false(u256_is_zero(u256_from_be(r.output.p)));
    memhost_free(m);
    m = memhost_new(EVM_TANGERINE);
    run_gas(m, &c, 150000, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_true(u256_is_zero(u256_from_be(r.output.p)));
    memhost_free(m);
}

/* 1,000,000 gas; init code of n zero bytes, which is STOP */
static int64_t create_gas(enum evm_rev rev, int op, int n, enum evm_status want)
{
    struct code c = {0};
    if (op == OP_CREATE2)
        CODE(&c, N(0));
    CODE(&c, N(n), N(0), N(0), op);
    return gas_of(rev, &c, want) - (op == OP_CREATE2 ? 12 : 9);
}

/* EIP-3860, 1014 */
static void init_code_costs_by_the_word(void **state)
{
    (void)state;
    assert_int_equal(create_gas(EVM_PARIS, OP_CREATE, 33, EVM_SUCCESS), 32000 + 6);
    assert_int_equal(create_gas(EVM_SHANGHAI, OP_CREATE, 33, EVM_SUCCESS), 32000 + 6 + 4);
    assert_int_equal(create_gas(EVM_PARIS, OP_CREATE2, 33, EVM_SUCCESS), 32000 + 6 + 12);
    assert_int_equal(create_gas(EVM_SHANGHAI, OP_CREATE2, 33, EVM_SUCCESS), 32000 + 6 + 16);
    (void)create_gas(EVM_PARIS, OP_CREATE, EVM_INITCODE_MAX + 1, EVM_SUCCESS);
    (void)create_gas(EVM_SHANGHAI, OP_CREATE, EVM_INITCODE_MAX, EVM_SUCCESS);
    (void)create_gas(EVM_SHANGHAI, OP_CREATE, EVM_INITCODE_MAX + 1, EVM_OUT_OF_GAS);
}

static void init_code_has_no_calldata_and_sees_itself(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code init = {0};
    struct code c = {0};
    CODE(&init, OP_CALLDATASIZE, OP_CODESIZE, OP_ADD, N(0), OP_MSTORE, N(32), N(0), OP_REVERT);
    put_create(&c, &init, OP_CREATE);
    CODE(&c, OP_POP, N(32), N(0), N(0), OP_RETURNDATACOPY, N(0), OP_MLOAD, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(init.n));
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

static int64_t destroy_gas(enum evm_rev rev, addr20 to, uint64_t balance, int64_t *ret_refund)
{
    struct memhost *m = memhost_new(rev);
    struct code c = {0};
    struct evm_result r;
    put_addr(&c, to);
    put_op(&c, OP_SELFDESTRUCT);
    (void)memhost_put(m, self, u256_from_u64(balance), SLICE_EMPTY);
    (void)memhost_put(m, other, u256_from_u64(1), SLICE_EMPTY);
    run(m, &c, &r);
    assert_ends(r, EVM_SUCCESS);
    *ret_refund = r.gas_refund;
    int64_t gas = 1000000 - r.gas_left - 3;
    assert_word(memhost_find(m, &to)->balance,
                u256_from_u64(balance + (addr20_eq(to, other) ? 1 : 0)));
    memhost_free(m);
    return gas;
}

/* EIP-150, 161, 2929, 3529 */
static void selfdestruct_costs_what_its_revision_says(void **state)
{
    (void)state;
    static const struct {
        enum evm_rev rev;
        const addr20 *to;
        uint64_t balance;
        int64_t gas;
        int64_t refund;
    } rows[] = {
        {EVM_FRONTIER, &third, 5, 0, 24000},      {EVM_TANGERINE, &other, 0, 5000, 24000},
        {EVM_TANGERINE, &third, 0, 30000, 24000}, {EVM_SPURIOUS, &third, 0, 5000, 24000},
        {EVM_SPURIOUS, &third, 5, 30000, 24000},  {EVM_BERLIN, &other, 5, 7600, 24000},
        {EVM_LONDON, &other, 5, 7600, 0},         {EVM_OSAKA, &third, 5, 32600, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t refund;
        assert_int_equal(destroy_gas(rows[i].rev, *rows[i].to, rows[i].balance, &refund),
                         rows[i].gas);
        assert_int_equal(refund, rows[i].refund);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deploys_the_code_that_init_code_returns),
        cmocka_unit_test(code_is_at_most_24576_bytes_from_spurious_on),
        cmocka_unit_test(code_does_not_begin_with_ef_from_london_on),
        cmocka_unit_test(code_that_cannot_be_paid_fails_from_homestead_on),
        cmocka_unit_test(init_code_costs_by_the_word),
        cmocka_unit_test(init_code_has_no_calldata_and_sees_itself),
        cmocka_unit_test(return_data_of_a_creation_is_empty_unless_it_reverts),
        cmocka_unit_test(selfdestruct_costs_what_its_revision_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
