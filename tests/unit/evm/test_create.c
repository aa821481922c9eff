/* SPDX-License-Identifier: Apache-2.0 */
/* CREATE and CREATE2, and what SELFDESTRUCT costs from fork to fork. */
#include "frames.h"

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
        cmocka_unit_test(init_code_has_no_calldata_and_sees_itself),
        cmocka_unit_test(selfdestruct_costs_what_its_revision_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
