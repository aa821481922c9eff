/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas of headers with the numbers of their specifications, and blocks cut short. */
#include "test.h"

#include "chain/block.h"

static struct chain_rules rules(enum evm_rev rev)
{
    return (struct chain_rules){.rev = rev, .chain_id = 1, .blobs = blob_schedule_of(rev)};
}

static void the_base_fee_follows_the_gas_used(void **state)
{
    (void)state;
    struct chain_rules r = rules(EVM_LONDON);
    struct block_header p = {.fields = HEADER_LONDON, .gas_limit = 20000000};
    static const struct {
        uint64_t used;
        uint64_t fee;
    } expected[] = {{10000000, 1000000000},
                    {9000000, 987500000},
                    {11000000, 1012500000},
                    {20000000, 1125000000},
                    {0, 875000000}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        p.base_fee = u256_from_u64(1000000000);
        p.gas_used = expected[i].used;
        assert_true(u256_eq(block_base_fee(&r, &p), u256_from_u64(expected[i].fee)));
    }
    p.fields = HEADER_FRONTIER;
    assert_true(u256_eq(block_base_fee(&r, &p), u256_from_u64(1000000000)));
}

/* Cancun's target of three blobs leaves no excess; its price is 1 up to 2,314,057 of excess. */
static void blob_gas_and_its_price_follow_the_target(void **state)
{
    (void)state;
    struct chain_rules r = rules(EVM_CANCUN);
    struct block_header p = {.fields = HEADER_CANCUN, .blob_gas_used = 3 * GAS_PER_BLOB};
    assert_int_equal(block_excess_blob_gas(&r, &p), 0);
    p.blob_gas_used = 4 * GAS_PER_BLOB;
    assert_int_equal(block_excess_blob_gas(&r, &p), GAS_PER_BLOB);
    p.excess_blob_gas = UINT64_MAX;
    assert_true(block_excess_blob_gas(&r, &p) == UINT64_MAX);
    assert_true(u256_eq(blob_base_fee(&r.blobs, 2314057), u256_from_u64(1)));
    assert_true(u256_eq(blob_base_fee(&r.blobs, 2314058), u256_from_u64(2)));
    assert_true(u256_eq(blob_base_fee(&r.blobs, 10 << 20), u256_from_u64(23)));
    assert_true(u256_byte_len(blob_base_fee(&r.blobs, UINT64_MAX)) == 32);
    r.blobs.fraction = 0; /* no schedule, or a wrong one: nobody can pay, nothing is divided */
    assert_true(u256_byte_len(blob_base_fee(&r.blobs, 0)) == 32);
}

/* Osaka: while blobs are cheaper than what carries them, the excess does not fall to the target. */
static void the_reserve_price_keeps_the_excess_up(void **state)
{
    (void)state;
    struct chain_rules r = rules(EVM_OSAKA);
    struct block_header p = {.fields = HEADER_PRAGUE, .blob_gas_used = 9 * GAS_PER_BLOB};
    p.base_fee = u256_from_u64(1); /* 8192 < 131072 */
    assert_int_equal(block_excess_blob_gas(&r, &p), 3 * GAS_PER_BLOB);
    p.blob_gas_used = 6 * GAS_PER_BLOB;
    assert_int_equal(block_excess_blob_gas(&r, &p), 0);
    p.base_fee = u256_from_u64(17);
    assert_int_equal(block_excess_blob_gas(&r, &p), 2 * GAS_PER_BLOB);
}

/* Of the main network: block 1 from the genesis, and block 2,463,001 (Homestead). */
static void the_difficulty_is_that_of_the_main_network(void **state)
{
    (void)state;
    struct chain_rules r = rules(EVM_FRONTIER);
    struct block_header genesis = {.difficulty = u256_from_u64(17179869184)};
    assert_true(u256_eq(block_difficulty(&r, &genesis, 1438269988), u256_from_u64(17171480576)));
    r = rules(EVM_HOMESTEAD);
    genesis.timestamp = 100;
    assert_true(u256_eq(block_difficulty(&r, &genesis, 109),
                        u256_from_u64(17179869184 + 17179869184 / 2048)));
    assert_true(u256_eq(block_difficulty(&r, &genesis, 100000),
                        u256_from_u64(17179869184 - 99 * (17179869184 / 2048))));
}

static void forks_begin_at_number_time_or_difficulty(void **state)
{
    (void)state;
    struct chain_config c = {.chain_id = 5,
                             .n_forks = 3,
                             .fork = {{.rev = EVM_LONDON},
                                      {FORK_DIFFICULTY, 1000, EVM_PARIS, {0}, 0},
                                      {FORK_TIME, 50, EVM_SHANGHAI, {0}, 0}}};
    struct chain_rules r;
    chain_rules_at(&c, 7, 10, u256_from_u64(999), &r);
    assert_int_equal(r.rev, EVM_LONDON);
    chain_rules_at(&c, 7, 10, u256_from_u64(1000), &r);
    assert_int_equal(r.rev, EVM_PARIS);
    chain_rules_at(&c, 7, 50, u256_from_u64(1000), &r);
    assert_int_equal(r.rev, EVM_SHANGHAI);
    assert_int_equal(r.chain_id, 5);
}

/* The first addresses that the account of EIP-1014's neighbours, 0x6ac7…, makes. */
static void contract_addresses_come_from_creator_and_nonce(void **state)
{
    (void)state;
    static const struct {
        uint64_t nonce;
        const char *addr;
    } expected[] = {{0, "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"},
                    {1, "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"},
                    {2, "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91"}};
    addr20 creator;
    assert_int_equal(
        hex_read_addr(slice_str("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"), &creator), OK);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        addr20 got;
        addr20 want;
        host_create_address(&creator, expected[i].nonce, &got);
        assert_int_equal(hex_read_addr(slice_str(expected[i].addr), &want), OK);
        assert_memory_equal(got.b, want.b, 20);
    }
}

static void put_block(struct buf *b)
{
    const struct block_header h = {.fields = HEADER_SHANGHAI, .extra = SLICE_LIT("x")};
    size_t block;
    assert_int_equal(rlp_put_list_begin(b, &block), OK);
    assert_int_equal(header_put(&h, b), OK);
    assert_int_equal(buf_put(b, SLICE_LIT("\xc3\x02\x01\xc0")), OK); /* transactions, unread */
    assert_int_equal(buf_put(b, SLICE_LIT("\xc0")), OK);
    size_t list;
    size_t one;
    assert_int_equal(rlp_put_list_begin(b, &list), OK);
    assert_int_equal(rlp_put_list_begin(b, &one), OK);
    assert_int_equal(buf_put(b, SLICE_LIT("\x07\x08\x94")), OK);
    assert_int_equal(buf_put_zero(b, 20), OK);
    assert_int_equal(buf_put(b, SLICE_LIT("\x09")), OK);
    assert_int_equal(rlp_put_list_end(b, one), OK);
    assert_int_equal(rlp_put_list_end(b, list), OK);
    assert_int_equal(rlp_put_list_end(b, block), OK);
}

static void a_block_is_split_and_every_truncation_refused(void **state)
{
    (void)state;
    struct buf raw;
    struct block b;
    struct block_withdrawal w;
    struct err err;
    buf_init(&raw, 4096);
    put_block(&raw);
    assert_ok(block_read(buf_slice(&raw), &b, &err), &err);
    struct rlp_list l = {b.withdrawals};
    assert_ok(block_next_withdrawal(&l, &w, &err), &err);
    assert_int_equal(w.index, 7);
    assert_int_equal(w.validator, 8);
    assert_int_equal(w.gwei, 9);
    assert_true(rlp_list_is_empty(&l));
    for (size_t n = 0; n < raw.n; n++)
        assert_true(block_read(slice_of(raw.p, n), &b, NULL) > OK);
    buf_done(&raw);
}

static void a_string_in_the_list_must_hold_a_typed_transaction(void **state)
{
    (void)state;
    slice raw;
    struct rlp_list legacy = {SLICE_LIT("\xc1\x80")};
    struct rlp_list typed = {SLICE_LIT("\x82\x02\xc0")};
    struct rlp_list wrapped = {SLICE_LIT("\x82\xc1\x80")};
    struct rlp_list empty = {SLICE_LIT("\x80")};
    assert_int_equal(block_next_tx(&legacy, &raw, NULL), OK);
    assert_slice(raw, SLICE_LIT("\xc1\x80"));
    assert_int_equal(block_next_tx(&typed, &raw, NULL), OK);
    assert_slice(raw, SLICE_LIT("\x02\xc0"));
    assert_int_equal(block_next_tx(&wrapped, &raw, NULL), E_TYPE);
    assert_int_equal(block_next_tx(&empty, &raw, NULL), E_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_base_fee_follows_the_gas_used),
        cmocka_unit_test(blob_gas_and_its_price_follow_the_target),
        cmocka_unit_test(the_reserve_price_keeps_the_excess_up),
        cmocka_unit_test(the_difficulty_is_that_of_the_main_network),
        cmocka_unit_test(forks_begin_at_number_time_or_difficulty),
        cmocka_unit_test(contract_addresses_come_from_creator_and_nonce),
        cmocka_unit_test(a_block_is_split_and_every_truncation_refused),
        cmocka_unit_test(a_string_in_the_list_must_hold_a_typed_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
