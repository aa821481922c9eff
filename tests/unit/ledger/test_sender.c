/* SPDX-License-Identifier: Apache-2.0 */
/* The sender against a live node: transfers, contract calls, many threads, foreign use of the
 * account, chains without a base fee. */
#include "test.h"

#include <pthread.h>

#include "ledger/remote.h"
#include "ledger/sender.h"
#include "store_contract.h"
#include "test_node.h"

#define WAIT_MS 20000u

/* One node with a ledger, a sender of anvil's account 1, and the contract. */
struct bench {
    struct test_node node;
    struct ledger *ledger;
    struct ledger_sender *sender;
    struct arena arena;
    addr20 store;
    struct err err;
};

static bool bench_init(struct bench *b, const char *const *extra)
{
    struct secp_key key = anvil_key(1);
    if (!test_node_start(&b->node, extra))
        return false;
    arena_init(&b->arena, (size_t)64 << 20, false);
    b->ledger = b->node.ledger;
    assert_ok(ledger_sender_new(b->ledger, &key, &b->sender, &b->err), &b->err);
    return true;
}

static void bench_done(struct bench *b)
{
    ledger_sender_free(b->sender);
    arena_done(&b->arena);
    test_node_stop(&b->node);
}

#define BENCH(b, extra)                                                                            \
    do {                                                                                           \
        if (!bench_init((b), (extra))) {                                                           \
            print_message("SKIPPED %s: no anvil\n", __func__);                                     \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

static void transfers_ether(void **state)
{
    (void)state;
    struct bench b;
    BENCH(&b, NULL);
    struct ledger_order order = {.to = {{0xaa, 1}}, .value = u256_from_u64(12345)};
    struct ledger_receipt r;
    u256 got;
    assert_ok(ledger_sender_run(b.sender, &order, 0, WAIT_MS, &b.arena, &r, NULL, &b.err), &b.err);
    assert_true(r.ok && r.gas_used == 21000);
    assert_true(addr20_eq(r.from, ledger_sender_address(b.sender)));
    assert_ok(ledger_balance(b.ledger, &order.to, LEDGER_LATEST, &got, &b.err), &b.err);
    assert_true(u256_eq(got, order.value));
    bench_done(&b);
}

static void tells_why_a_call_would_revert_and_sends_nothing(void **state)
{
    (void)state;
    struct bench b;
    BENCH(&b, NULL);
    addr20 store = store_deploy(b.ledger, &b.arena);
    struct store_data bad = store_data(1, 0);
    struct ledger_order order = {.to = store, .data = slice_of(bad.b, 64)};
    struct ledger_receipt r;
    struct buf revert;
    uint64_t nonce = 9;
    addr20 self = ledger_sender_address(b.sender);
    buf_init(&revert, 4096);
    assert_status(ledger_sender_run(b.sender, &order, 0, WAIT_MS, &b.arena, &r, &revert, &b.err),
                  E_REVERTED);
    assert_slice(buf_slice(&revert), SLICE_LIT("\x11\x22\x33\x44"));
    assert_ok(ledger_nonce(b.ledger, &self, LEDGER_PENDING, &nonce, &b.err), &b.err);
    assert_int_equal(nonce, 0);
    order.gas = 100000; /* not estimated: it is mined and fails */
    assert_status(ledger_sender_run(b.sender, &order, 0, WAIT_MS, &b.arena, &r, &revert, &b.err),
                  E_REVERTED);
    assert_false(r.ok);
    buf_done(&revert);
    bench_done(&b);
}

struct job {
    struct bench *bench;
    uint64_t from;
    bool ok;
};

static void *send_ten(void *ctx)
{
    struct job *j = ctx;
    struct arena a;
    arena_init(&a, (size_t)16 << 20, false);
    j->ok = true;
    for (uint64_t i = 0; i < 10; i++) {
        struct store_data d = store_data(j->from + i, 1 + i);
        struct ledger_order order = {.to = j->bench->store, .data = slice_of(d.b, 64)};
        struct ledger_receipt r = {0};
        status s = ledger_sender_run(j->bench->sender, &order, 0, WAIT_MS, &a, &r, NULL, NULL);
        j->ok = j->ok && s == OK && r.ok;
    }
    arena_done(&a);
    return NULL;
}

static void serves_four_threads_without_a_nonce_gap(void **state)
{
    (void)state;
    struct bench b;
    BENCH(&b, NULL);
    b.store = store_deploy(b.ledger, &b.arena);
    pthread_t threads[4];
    struct job jobs[4];
    for (uint64_t i = 0; i < 4; i++) {
        jobs[i] = (struct job){.bench = &b, .from = 100 * i};
        assert_int_equal(pthread_create(&threads[i], NULL, send_ten, &jobs[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(jobs[i].ok);
    }
    uint64_t nonce = 0;
    addr20 self = ledger_sender_address(b.sender);
    assert_ok(ledger_nonce(b.ledger, &self, LEDGER_LATEST, &nonce, &b.err), &b.err);
    assert_int_equal(nonce, 40);
    bench_done(&b);
}

static void goes_on_after_foreign_use_of_its_account(void **state)
{
    (void)state;
    struct bench b;
    BENCH(&b, NULL);
    struct secp_key key = anvil_key(1);
    struct ledger_sender *other = NULL;
    struct ledger_order order = {.to = {{0xaa, 1}}, .value = u256_from_u64(1)};
    struct ledger_receipt r;
    assert_ok(ledger_sender_new(b.ledger, &key, &other, &b.err), &b.err);
    for (int i = 0; i < 3; i++) {
        assert_ok(ledger_sender_run(b.sender, &order, 0, WAIT_MS, &b.arena, &r, NULL, &b.err),
                  &b.err);
        assert_ok(ledger_sender_run(other, &order, 0, WAIT_MS, &b.arena, &r, NULL, &b.err), &b.err);
    }
    ledger_sender_free(other);
    bench_done(&b);
}

static void maps_the_nodes_refusals(void **state)
{
    (void)state;
    struct bench b;
    BENCH(&b, NULL);
    struct ledger_order order = {.to = {{0xaa, 1}}, .value = u256_from_u64(1)};
    struct ledger_fees fees;
    struct buf raw;
    hash32 hash;
    hash32 sent;
    buf_init(&raw, 4096);
    assert_ok(ledger_fees(b.ledger, &fees, &b.err), &b.err);
    anvil_do(b.ledger, "evm_setAutomine", "[false]");
    assert_ok(ledger_sender_build(b.sender, &order, 21000, 0, &fees, &raw, &hash, &b.err), &b.err);
    assert_ok(ledger_send_raw(b.ledger, buf_slice(&raw), &sent, &b.err), &b.err);
    assert_true(hash32_eq(hash, sent));
    assert_ok(ledger_send_raw(b.ledger, buf_slice(&raw), &sent, &b.err), &b.err); /* known */
    order.value = u256_from_u64(2);
    buf_clear(&raw);
    assert_ok(ledger_sender_build(b.sender, &order, 21000, 0, &fees, &raw, &hash, &b.err), &b.err);
    assert_status(ledger_send_raw(b.ledger, buf_slice(&raw), &sent, &b.err), E_CONFLICT);
    anvil_do(b.ledger, "anvil_mine", "[]");
    assert_status(ledger_send_raw(b.ledger, buf_slice(&raw), &sent, &b.err), E_REPLAY);
    order.value = (u256){{0, 0, 0, 1}};
    buf_clear(&raw);
    assert_ok(ledger_sender_build(b.sender, &order, 21000, 1, &fees, &raw, &hash, &b.err), &b.err);
    assert_status(ledger_send_raw(b.ledger, buf_slice(&raw), &sent, &b.err), E_FORBIDDEN);
    assert_status(ledger_send_raw(b.ledger, SLICE_LIT("\x02\xc0"), &sent, &b.err), E_RANGE);
    assert_non_null(strstr(b.err.msg, "node: "));
    buf_done(&raw);
    bench_done(&b);
}

static void pays_nothing_where_the_base_fee_is_zero(void **state)
{
    (void)state;
    static const char *const extra[] = {
        "--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee", NULL};
    struct bench b;
    BENCH(&b, extra);
    struct ledger_order order = {.to = {{0xaa, 1}}};
    struct ledger_receipt r;
    struct ledger_fees fees;
    assert_ok(ledger_fees(b.ledger, &fees, &b.err), &b.err);
    assert_true(fees.has_base_fee);
    assert_true(u256_is_zero(fees.base_fee));
    assert_ok(ledger_sender_run(b.sender, &order, 0, WAIT_MS, &b.arena, &r, NULL, &b.err), &b.err);
    assert_true(r.ok);
    print_message("effective gas price on a free chain: %llu wei\n",
                  (unsigned long long)r.gas_price.w[0]);
    bench_done(&b);
}

static void sends_nothing_that_may_cost_more_than_it_may(void **state)
{
    (void)state;
    struct bench b;
    BENCH(&b, NULL);
    struct ledger_order order = {.to = {{0xaa, 1}}};
    struct ledger_receipt r;
    u256 before;
    u256 after;
    addr20 me = ledger_sender_address(b.sender);
    assert_ok(ledger_balance(b.ledger, &me, LEDGER_LATEST, &before, &b.err), &b.err);
    ledger_sender_set_cost_max(b.sender, 1);
    assert_status(ledger_sender_run(b.sender, &order, 0, WAIT_MS, &b.arena, &r, NULL, &b.err),
                  E_UNAVAILABLE);
    assert_non_null(strstr(b.err.msg, "more than 1 gwei"));
    assert_ok(ledger_balance(b.ledger, &me, LEDGER_PENDING, &after, &b.err), &b.err);
    assert_true(u256_eq(before, after));
    ledger_sender_set_cost_max(b.sender, LEDGER_COST_MAX);
    assert_ok(ledger_sender_run(b.sender, &order, 0, WAIT_MS, &b.arena, &r, NULL, &b.err), &b.err);
    assert_true(r.ok);
    bench_done(&b);
}

static void builds_legacy_transactions_without_a_base_fee(void **state)
{
    (void)state;
    struct bench b;
    BENCH(&b, NULL);
    struct ledger_order order = {.to = {{0xaa, 1}}, .value = u256_from_u64(7)};
    struct ledger_fees fees;
    struct ledger_receipt r;
    struct buf raw;
    hash32 hash;
    buf_init(&raw, 4096);
    assert_ok(ledger_fees(b.ledger, &fees, &b.err), &b.err);
    fees.has_base_fee = false;
    assert_ok(ledger_sender_build(b.sender, &order, 21000, 0, &fees, &raw, &hash, &b.err), &b.err);
    assert_true(raw.p[0] >= 0xc0); /* a bare list: type 0 */
    assert_ok(ledger_send_raw(b.ledger, buf_slice(&raw), NULL, &b.err), &b.err);
    assert_ok(ledger_wait(b.ledger, &hash, 0, WAIT_MS, &b.arena, &r, &b.err), &b.err);
    assert_true(r.ok && u256_eq(r.gas_price, fees.gas_price));
    buf_done(&raw);
    bench_done(&b);
}

static int start_curve(void **state)
{
    (void)state;
    return secp_init(&random_system) == OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transfers_ether),
        cmocka_unit_test(tells_why_a_call_would_revert_and_sends_nothing),
        cmocka_unit_test(serves_four_threads_without_a_nonce_gap),
        cmocka_unit_test(goes_on_after_foreign_use_of_its_account),
        cmocka_unit_test(maps_the_nodes_refusals),
        cmocka_unit_test(pays_nothing_where_the_base_fee_is_zero),
        cmocka_unit_test(sends_nothing_that_may_cost_more_than_it_may),
        cmocka_unit_test(builds_legacy_transactions_without_a_base_fee),
    };
    return cmocka_run_group_tests_name("ledger sender", tests, start_curve, NULL);
}
