/* SPDX-License-Identifier: Apache-2.0 */
/* What code sees of the message, the transaction, the block and other accounts; logs. */
#include "frames.h"

static void reads_block_and_transaction(void **state)
{
    (void)state;
    const struct {
        int op;
        u256 want;
        enum evm_rev since;
    } rows[] = {
        {OP_COINBASE, addr_word((addr20){{0xc0}}), EVM_FRONTIER},
        {OP_NUMBER, {{1000}}, EVM_FRONTIER},
        {OP_TIMESTAMP, {{1700000000}}, EVM_FRONTIER},
        {OP_GASLIMIT, {{30000000}}, EVM_FRONTIER},
        {OP_PREVRANDAO, {{11, 0, 0, 7}}, EVM_FRONTIER},
        {OP_ORIGIN, addr_word((addr20){{0x0a}}), EVM_FRONTIER},
        {OP_GASPRICE, {{12}}, EVM_FRONTIER},
        {OP_ADDRESS, addr_word(self), EVM_FRONTIER},
        {OP_CALLER, addr_word(caller), EVM_FRONTIER},
        {OP_CHAINID, {{1337}}, EVM_ISTANBUL},    /* EIP-1344 */
        {OP_SELFBALANCE, {{555}}, EVM_ISTANBUL}, /* EIP-1884 */
        {OP_BASEFEE, {{8}}, EVM_LONDON},         /* EIP-3198 */
        {OP_BLOBBASEFEE, {{9}}, EVM_CANCUN},     /* EIP-7516 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct memhost *m = world(rows[i].since);
        struct code c = {0};
        CODE(&c, rows[i].op, RETURN_TOP);
        assert_word(run_word(m, &c), rows[i].want);
        memhost_free(m);
    }
}

static void block_hashes_reach_back_256_blocks(void **state)
{
    (void)state;
    struct memhost *m = world(EVM_OSAKA);
    static const struct {
        int number;
        uint64_t want;
    } rows[] = {{999, 999}, {744, 744}, {743, 0}, {1000, 0}, {1001, 0}, {0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct code c = {0};
        CODE(&c, N(rows[i].number), OP_BLOCKHASH, RETURN_TOP);
        assert_word(run_word(m, &c), u256_from_u64(rows[i].want));
    }
    memhost_free(m);
}

/* Gas of the instruction on the account other, once and twice. */
static void account_reads_cost_what_their_revision_says(void **state)
{
    (void)state;
    static const struct {
        enum evm_rev rev;
        int op;
        int64_t once;
        int64_t twice;
    } rows[] = {
        {EVM_FRONTIER, OP_BALANCE, 20, 40},        {EVM_TANGERINE, OP_BALANCE, 400, 800},
        {EVM_ISTANBUL, OP_BALANCE, 700, 1400},     {EVM_BERLIN, OP_BALANCE, 2600, 2700},
        {EVM_FRONTIER, OP_EXTCODESIZE, 20, 40},    {EVM_TANGERINE, OP_EXTCODESIZE, 700, 1400},
        {EVM_BERLIN, OP_EXTCODESIZE, 2600, 2700},  {EVM_CONSTANTINOPLE, OP_EXTCODEHASH, 400, 800},
        {EVM_ISTANBUL, OP_EXTCODEHASH, 700, 1400}, {EVM_OSAKA, OP_EXTCODEHASH, 2600, 2700},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct code once = {0};
        struct code twice = {0};
        put_addr(&once, other);
        put_op(&once, (unsigned)rows[i].op);
        for (int k = 0; k < 2; k++) {
            put_addr(&twice, other);
            put_op(&twice, (unsigned)rows[i].op);
        }
        assert_int_equal(gas_of(rows[i].rev, &once, EVM_SUCCESS) - 3, rows[i].once);
        assert_int_equal(gas_of(rows[i].rev, &twice, EVM_SUCCESS) - 6, rows[i].twice);
    }
}

static void foreign_code_is_copied_with_zeros_after_it(void **state)
{
    (void)state;
    struct memhost *m = world(EVM_OSAKA);
    struct code c = {0};
    (void)memhost_put(m, other, u256_from_u64(1), SLICE_LIT("\x12\x34"));
    CODE(&c, N(0), OP_NOT, N(0), OP_MSTORE, N(32), N(1), N(0));
    put_addr(&c, other);
    CODE(&c, OP_EXTCODECOPY, N(0), OP_MLOAD, RETURN_TOP);
    const uint8_t want[32] = {0x34};
    assert_word(run_word(m, &c), u256_from_be(want));
    memhost_free(m);
}

static void logs_carry_topics_and_data(void **state)
{
    (void)state;
    struct memhost *m = world(EVM_OSAKA);
    for (unsigned n = 0; n <= 4; n++) {
        struct code c = {0};
        struct evm_result r;
        CODE(&c, N(0xd1), N(0), OP_MSTORE8);
        for (unsigned t = n; t > 0; t--)
            CODE(&c, N((int)t));
        CODE(&c, N(2), N(0), (int)(OP_LOG0 + n));
        run(m, &c, &r);
        assert_ends(r, EVM_SUCCESS);
        assert_int_equal(1000000 - r.gas_left, 12 + 3 + 3 + 3 * (int)n + 375 + 375 * (int)n + 16);
        assert_int_equal(m->n_logs, 1);
        assert_int_equal(m->logs[0].n_topics, n);
        assert_true(addr20_eq(m->logs[0].addr, self));
        assert_int_equal(m->logs[0].n, 2);
        assert_int_equal(m->logs[0].data[0], 0xd1);
        for (unsigned t = 0; t < n; t++)
            assert_int_equal(m->logs[0].topics[t].b[31], t + 1);
    }
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_block_and_transaction),
        cmocka_unit_test(block_hashes_reach_back_256_blocks),
        cmocka_unit_test(account_reads_cost_what_their_revision_says),
        cmocka_unit_test(foreign_code_is_copied_with_zeros_after_it),
        cmocka_unit_test(logs_carry_topics_and_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
