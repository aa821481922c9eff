/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of a chain: what comes in, what comes to its turn, who keeps whom out. */
#include "test.h"

#include "base/checked.h"
#include "chainnode.h"
#include "codec/rlp.h"
#include "crypto/keccak.h"

static void the_pool_refuses_in_geths_words(void **state)
{
    struct node n;
    struct err e = {0};
    hash32 hash;
    uint64_t nonce;
    struct chain_pool_count count;
    static const uint8_t blob[] = {3, 0xc0};
    (void)state;
    node_up(&n, false);
    assert_ok(submit(&n, 0, 0, &friend, &hash, &e), &e);
    assert_ok(chain_wait_tx(n.chain, &hash, WAIT_MS, NULL, NULL, &e), &e);
    assert_int_equal(submit(&n, 0, 0, &friend, &hash, &e), E_REPLAY);
    assert_string_equal(e.msg, "nonce too low: next nonce 1, tx nonce 0");
    assert_ok(submit(&n, 2, 10, &friend, &hash, &e), &e);
    assert_int_equal(submit(&n, 2, 10, &friend, &hash, &e), E_DUPLICATE);
    assert_string_equal(e.msg, "already known");
    assert_int_equal(submit(&n, 2, 10, &contract, &hash, &e), E_CONFLICT);
    assert_string_equal(e.msg, "replacement transaction underpriced");
    assert_ok(submit(&n, 2, 11, &contract, &hash, &e), &e);
    assert_int_equal(submit(&n, 3, 100000000000000, &friend, &hash, &e), E_FORBIDDEN);
    chain_pool_status(n.chain, &count);
    assert_int_equal(count.queued, 1);
    assert_ok(chain_pending_nonce(n.chain, &n.who, &nonce, &e), &e);
    assert_int_equal(nonce, 1);
    assert_int_equal(chain_submit(n.chain, slice_of(blob, 2), &hash, &e), E_UNSUPPORTED);
    assert_ok(submit(&n, 1, 0, &friend, NULL, &e), &e);
    assert_int_equal(submit(&n, 2, 0, &friend, &hash, &e) == OK, false);
    node_down(&n);
}

/* An authorization (EIP-7702) of the node's account to act by the code of `by`. */
static void put_authorization(const struct node *n, uint64_t nonce, const addr20 *by,
                              struct buf *list)
{
    static const uint8_t magic = 5;
    uint8_t sig[SECP_SIG];
    struct buf fields;
    struct buf text;
    hash32 digest;
    size_t all;
    size_t one;
    buf_init(&fields, 256);
    buf_init(&text, 256);
    assert_int_equal(rlp_put_u64(&fields, 1234), OK);
    assert_int_equal(rlp_put_bytes(&fields, slice_of(by->b, 20)), OK);
    assert_int_equal(rlp_put_u64(&fields, nonce), OK);
    assert_int_equal(buf_put_mem(&text, &magic, 1), OK);
    assert_int_equal(rlp_put_list_begin(&text, &one), OK);
    assert_int_equal(buf_put(&text, buf_slice(&fields)), OK);
    assert_int_equal(rlp_put_list_end(&text, one), OK);
    keccak256(buf_slice(&text), &digest);
    assert_int_equal(secp_sign(&n->key, &digest, sig), OK);
    assert_int_equal(rlp_put_list_begin(list, &all), OK);
    assert_int_equal(rlp_put_list_begin(list, &one), OK);
    assert_int_equal(buf_put(list, buf_slice(&fields)), OK);
    assert_int_equal(rlp_put_u64(list, sig[64] - 27u), OK);
    assert_int_equal(rlp_put_u256(list, u256_from_be(sig)), OK);
    assert_int_equal(rlp_put_u256(list, u256_from_be(sig + 32)), OK);
    assert_int_equal(rlp_put_list_end(list, one), OK);
    assert_int_equal(rlp_put_list_end(list, all), OK);
    buf_done(&fields);
    buf_done(&text);
}

static void an_authorization_brings_the_next_transaction_to_its_turn(void **state)
{
    struct node n;
    struct err e = {0};
    struct buf list;
    struct buf raw;
    hash32 waits;
    (void)state;
    node_up(&n, false);
    assert_ok(submit(&n, 2, 0, &friend, &waits, &e), &e);
    buf_init(&list, 512);
    buf_init(&raw, 4096);
    put_authorization(&n, 1, &contract, &list);
    struct tx t = {.type = TX_SET_CODE,
                   .has_chain_id = true,
                   .chain_id = 1234,
                   .gas = 100000,
                   .to = friend,
                   .authorizations = buf_slice(&list)};
    assert_int_equal(tx_sign(&t, &n.key), OK);
    assert_int_equal(tx_put_raw(&t, &raw), OK);
    assert_ok(chain_submit(n.chain, buf_slice(&raw), NULL, &e), &e);
    assert_ok(chain_wait_tx(n.chain, &waits, 5000, NULL, NULL, &e), &e);
    buf_done(&list);
    buf_done(&raw);
    node_down(&n);
}

/* --- a full pool ----------------------------------------------------------------------------- */

/* What anybody can make without a key: some address that signed it is always found. */
static status submit_from_nobody(struct node *n, uint64_t nonce, uint64_t gas, struct err *e)
{
    struct buf raw;
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = NODE_CHAIN_ID,
                   .nonce = nonce,
                   .gas = gas,
                   .to = friend};
    status s = E_SIGNATURE;
    while (s == E_SIGNATURE) { /* not each r is on the curve */
        buf_init(&raw, 4096);
        assert_int_equal(random_fill(&random_system, t.r, sizeof t.r), OK);
        assert_int_equal(random_fill(&random_system, t.s, sizeof t.s), OK);
        t.r[0] &= 0x7f;
        t.s[0] &= 0x3f;
        assert_int_equal(tx_put_raw(&t, &raw), OK);
        s = chain_submit(n->chain, buf_slice(&raw), NULL, e);
        buf_done(&raw);
    }
    return s;
}

/* By an account that nobody has heard of, as the node's own or as anybody's. */
static status submit_new(struct node *n, bool local, uint8_t who, hash32 *hash, struct err *e)
{
    struct buf raw;
    struct secp_key key;
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = NODE_CHAIN_ID,
                   .gas = 3000000,
                   .to = friend};
    memset(key.b, who, sizeof key.b);
    buf_init(&raw, 4096);
    assert_int_equal(tx_sign(&t, &key), OK);
    assert_int_equal(tx_put_raw(&t, &raw), OK);
    status s = local ? chain_submit_local(n->chain, buf_slice(&raw), hash, e)
                     : chain_submit(n->chain, buf_slice(&raw), hash, e);
    buf_done(&raw);
    return s;
}

static void fill_from_nobody(struct node *n, uint64_t nonce, uint64_t gas)
{
    struct err e = {0};
    status s;
    while ((s = submit_from_nobody(n, nonce, gas, &e)) == OK)
        ;
    assert_status(s, E_RATE);
    assert_string_equal(e.msg, "txpool is full");
}

static void a_pool_filled_by_nobody_takes_the_nodes_own_and_the_funded(void **state)
{
    for (uint64_t nonce = 0; nonce < 2; nonce++) {
        struct node n = {.options = {.sealing = CHAIN_SEAL_MANUAL, .pool.txs = 64}};
        struct err e = {0};
        hash32 funded;
        hash32 own;
        hash32 strange;
        uint32_t index;
        (void)state;
        node_up_with(&n);
        fill_from_nobody(&n, nonce, 16777216);
        assert_ok(submit(&n, 0, 0, &friend, &funded, &e), &e);
        assert_ok(submit_new(&n, true, 9, &own, &e), &e);
        assert_ok(submit_new(&n, false, 10, &strange, &e), &e); /* it takes less gas than they */
        for (size_t i = 0; i < 100; i++)
            (void)!submit_from_nobody(&n, 0, 16777216, &e);
        assert_ok(chain_mine(n.chain, 1, 0, NULL, &e), &e);
        assert_ok(chain_wait_tx(n.chain, &own, 0, NULL, &index, &e), &e);
        assert_ok(chain_wait_tx(n.chain, &funded, 0, NULL, &index, &e), &e);
        assert_ok(chain_wait_tx(n.chain, &strange, 0, NULL, &index, &e), &e);
        node_down(&n);
    }
}

static void a_chain_with_a_base_fee_takes_nothing_that_offers_nothing(void **state)
{
    struct node n = {.base_fee = "0x7", .options = {.sealing = CHAIN_SEAL_MANUAL, .pool.txs = 64}};
    struct err e = {0};
    hash32 hash;
    (void)state;
    node_up_with(&n);
    for (uint64_t nonce = 0; nonce < 2; nonce++) {
        assert_status(submit_from_nobody(&n, nonce, 21000, &e), E_RANGE);
        assert_string_equal(e.msg,
                            "transaction gas price below minimum: gas fee cap 0, minimum needed 1");
    }
    for (uint64_t i = 0; i < 60; i++) /* what waits for a lower base fee */
        assert_ok(submit(&n, i, 6, &friend, NULL, &e), &e);
    assert_ok(submit(&n, 0, 7, &friend, &hash, &e), &e);
    assert_ok(chain_mine(n.chain, 1, 0, NULL, &e), &e);
    assert_ok(chain_wait_tx(n.chain, &hash, 0, NULL, NULL, &e), &e);
    node_down(&n);
}

/* --- the pending block ----------------------------------------------------------------------- */

/* A clock that goes on by step_ms whenever it is looked at. */
struct hasty {
    uint64_t now_ms;
    uint64_t step_ms;
};

static uint64_t hasty_unix(void *ctx)
{
    const struct hasty *h = ctx;
    return 1800000000 + h->now_ms / 1000;
}

static uint64_t hasty_mono(void *ctx)
{
    struct hasty *h = ctx;
    return h->now_ms += h->step_ms;
}

static size_t count_pending(struct node *n)
{
    struct arena a;
    struct chain_view v;
    struct chain_exec x;
    struct chain_pool_tx *txs;
    struct err e = {0};
    size_t ret = 0;
    arena_init(&a, 1 << 20, false);
    assert_ok(chain_view_open(n->chain, &v, &e), &e);
    assert_ok(chain_exec_pending(&v, &a, &x, &txs, &ret, &e), &e);
    chain_exec_close(&x);
    chain_view_close(&v);
    arena_done(&a);
    return ret;
}

static void the_pending_block_ends_when_its_time_is_over(void **state)
{
    struct hasty h = {1000, 0};
    const struct clock_src clock = {hasty_unix, hasty_mono, &h};
    struct node n = {.options = {.sealing = CHAIN_SEAL_MANUAL, .clock = &clock}};
    struct err e = {0};
    (void)state;
    node_up_with(&n);
    for (uint64_t i = 0; i < 8; i++)
        assert_ok(submit(&n, i, 0, &friend, NULL, &e), &e);
    assert_int_equal(count_pending(&n), 8);
    h.step_ms = 500;
    assert_in_range(count_pending(&n), 2, 3);
    node_down(&n);
}

/* --- blocks that change too much ------------------------------------------------------------- */

/* Call a contract that fills `slots` slots. */
static hash32 submit_filling(struct node *n, uint8_t who, uint64_t nonce, uint32_t slots)
{
    struct buf raw;
    struct err e = {0};
    struct secp_key key;
    hash32 hash = {{0}};
    uint8_t word[32] = {0};
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = NODE_CHAIN_ID,
                   .nonce = nonce,
                   .gas = 100000 + 22300 * (uint64_t)slots,
                   .to = {.b = {who, (uint8_t)nonce}},
                   .data = slice_of(word, sizeof word)};
    static const uint8_t code[] = {0x5f, 0x35, 0x5b, 0x80, 0x80, 0x55, 0x60, 0x01,
                                   0x90, 0x03, 0x80, 0x60, 0x02, 0x57, 0x00};
    slice program = slice_of(code, sizeof code);
    struct chain_dev_account account = {.address = t.to, .code = &program};
    assert_ok(chain_dev_set(n->chain, &account, &e), &e);
    be32_write(word + 28, slots);
    memset(key.b, who, sizeof key.b);
    buf_init(&raw, 4096);
    assert_int_equal(tx_sign(&t, &key), OK);
    assert_int_equal(tx_put_raw(&t, &raw), OK);
    assert_ok(chain_submit(n->chain, buf_slice(&raw), &hash, &e), &e);
    buf_done(&raw);
    return hash;
}

static void a_block_that_changes_too_much_is_made_smaller(void **state)
{
    struct node n = {.cancun = true, .options = {.sealing = CHAIN_SEAL_MANUAL, .dev = true}};
    struct chain_dev_next next = {.has_gas_limit = true, .gas_limit = 20000000000};
    struct err e = {0};
    hash32 too_much;
    hash32 half[2];
    uint64_t block[2];
    (void)state;
    node_up_with(&n);
    assert_ok(chain_dev_next_set(n.chain, &next, &e), &e);
    too_much = submit_filling(&n, 1, 0, 262200);
    for (size_t i = 0; i < 2; i++)
        half[i] = submit_filling(&n, 2, i, 140000);
    assert_ok(chain_mine(n.chain, 2, 0, NULL, &e), &e);
    assert_status(chain_wait_tx(n.chain, &too_much, 0, NULL, NULL, &e), E_NOT_FOUND);
    for (size_t i = 0; i < 2; i++)
        assert_ok(chain_wait_tx(n.chain, &half[i], 0, &block[i], NULL, &e), &e);
    assert_true(block[0] == 1 && block[1] == 2);
    assert_ok(chain_health(n.chain, &e), &e);
    node_down(&n);
}

/* Also to execute again what is there, as "ehrd chain verify" does. */
static void a_genesis_with_gas_for_more_is_of_a_chain_that_works(void **state)
{
    static const char text[] =
        "{\"config\":{\"chainId\":1},\"gasLimit\":\"0x77359400\",\"alloc\":{}}";
    struct node n;
    struct err e = {0};
    char dir[200];
    (void)state;
    node_up(&n, false);
    (void)snprintf(dir, sizeof dir, "%s/other", n.dir);
    assert_ok(chain_create(dir, slice_str(text), false, NULL, &e), &e);
    node_down(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pool_refuses_in_geths_words),
        cmocka_unit_test(an_authorization_brings_the_next_transaction_to_its_turn),
        cmocka_unit_test(a_pool_filled_by_nobody_takes_the_nodes_own_and_the_funded),
        cmocka_unit_test(a_chain_with_a_base_fee_takes_nothing_that_offers_nothing),
        cmocka_unit_test(the_pending_block_ends_when_its_time_is_over),
        cmocka_unit_test(a_block_that_changes_too_much_is_made_smaller),
        cmocka_unit_test(a_genesis_with_gas_for_more_is_of_a_chain_that_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
