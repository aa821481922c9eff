/* SPDX-License-Identifier: Apache-2.0 */
/* The controls of `ehrd dev`, and what a client sees of a chain that they changed. */
#include "box.h"
#include "test.h"

#define NOBODY "0x00000000000000000000000000000000000000ab"
#define SINK "0x0000000000000000000000000000000000000123"
#define SEVEN "0x0000000000000000000000000000000000000000000000000000000000000007"
#define CALL_TRACER ",{\"tracer\":\"callTracer\"}]"

/* The result must be this JSON. */
static void assert_result(struct box *b, const char *method, const char *params, const char *want)
{
    slice raw = json_raw(box_result(b, method, params));
    if (!slice_eq_str(raw, want))
        fail_msg("%s %s: %.*s, not %s", method, params, (int)raw.n, (const char *)raw.p, want);
}

/* A transfer by somebody without a key, in a block; its hash as ["0x…" without the end. */
static void send_as_nobody(struct box *b, char ret[80])
{
    slice hash;
    struct json r = box_result(b, "eth_sendTransaction",
                               "[{\"from\":\"" NOBODY "\",\"to\":\"" SINK
                               "\",\"value\":\"0x1\",\"gas\":\"0x5208\"}]");
    assert_status(json_str(r, &hash, NULL), OK);
    (void)snprintf(ret, 80, "[\"%.*s\"", (int)hash.n, (const char *)hash.p);
    box_mine(b, 1);
}

/* --- traces ----------------------------------------------------------------------------------- */

static void what_nobody_signed_is_traced(void **state)
{
    struct box b;
    char hash[80];
    char params[160];
    (void)state;
    box_up_dev(&b, RPC_DEBUG);
    (void)box_result(&b, "anvil_setBalance", "[\"" NOBODY "\",\"0xde0b6b3a7640000\"]");
    (void)box_result(&b, "anvil_impersonateAccount", "[\"" NOBODY "\"]");
    send_as_nobody(&b, hash);
    (void)snprintf(params, sizeof params, "%s" CALL_TRACER, hash);
    struct json trace = box_result(&b, "debug_traceTransaction", params);
    assert_true(json_eq(json_get(trace, "from"), NOBODY));
    assert_true(json_eq(json_get(trace, "value"), "0x1"));
    trace = box_result(&b, "debug_traceBlockByNumber", "[\"0x1\"" CALL_TRACER);
    assert_int_equal(json_count(trace), 1);
    box_mine(&b, 1); /* blocks after it change nothing of that */
    (void)box_result(&b, "debug_traceTransaction", params);
    box_down(&b);
}

static void a_trace_sees_the_code_that_was_set_before_the_block(void **state)
{
    struct box b;
    char hash[67];
    char params[160];
    (void)state;
    box_up_dev(&b, RPC_DEBUG);
    /* it answers with 7, then another code with 8 */
    (void)box_result(&b, "anvil_setCode", "[\"" NOBODY "\",\"0x60075f5260205ff3\"]");
    box_send(&b, NOBODY, SLICE_EMPTY, 0, hash);
    box_mine(&b, 1);
    (void)box_result(&b, "anvil_setCode", "[\"" NOBODY "\",\"0x60085f5260205ff3\"]");
    box_mine(&b, 1);
    (void)snprintf(params, sizeof params, "[\"%s\"" CALL_TRACER, hash);
    struct json trace = box_result(&b, "debug_traceTransaction", params);
    assert_true(json_eq(json_get(trace, "output"),
                        "0x0000000000000000000000000000000000000000000000000000000000000007"));
    box_down(&b);
}

static void what_cannot_be_executed_again_is_refused_in_words(void **state)
{
    struct box b;
    char hash[80];
    char params[160];
    (void)state;
    box_up_dev(&b, RPC_DEBUG);
    (void)box_result(&b, "anvil_setBalance", "[\"" NOBODY "\",\"0xde0b6b3a7640000\"]");
    (void)box_result(&b, "anvil_impersonateAccount", "[\"" NOBODY "\"]");
    send_as_nobody(&b, hash);
    box_reopen(&b);
    (void)snprintf(params, sizeof params, "%s" CALL_TRACER, hash);
    box_refused(&b, "debug_traceTransaction", params, -32000, "cannot be executed again");
    box_down(&b);
}

/* --- going back ------------------------------------------------------------------------------- */

static uint64_t head_time(struct box *b)
{
    uint64_t at;
    struct json r = box_result(b, "eth_getBlockByNumber", "[\"latest\",false]");
    assert_status(json_hex_u64(json_get(r, "timestamp"), &at, NULL), OK);
    return at;
}

static void a_reset_leaves_nothing_of_what_was_set(void **state)
{
    struct box b;
    (void)state;
    box_up_dev(&b, 0);
    (void)box_result(&b, "anvil_setBalance", "[\"" NOBODY "\",\"0x5\"]");
    (void)box_result(&b, "evm_increaseTime", "[100000]");
    (void)box_result(&b, "anvil_setNextBlockBaseFeePerGas", "[\"0x7777\"]");
    assert_result(&b, "anvil_reset", "[]", "true");
    assert_result(&b, "eth_getBalance", "[\"" NOBODY "\",\"latest\"]", "\"0x0\"");
    box_mine(&b, 1);
    assert_result(&b, "eth_getBalance", "[\"" NOBODY "\",\"latest\"]", "\"0x0\"");
    assert_int_equal(head_time(&b), b.now_s);
    struct json block = box_result(&b, "eth_getBlockByNumber", "[\"latest\",false]");
    assert_true(json_eq(json_get(block, "baseFeePerGas"), "0x7"));
    box_down(&b);
}

static void snapshots_above_the_head_are_gone(void **state)
{
    struct box b;
    (void)state;
    box_up_dev(&b, 0);
    assert_result(&b, "evm_snapshot", "[]", "\"0x1\"");
    box_mine(&b, 2);
    assert_result(&b, "evm_snapshot", "[]", "\"0x2\"");
    (void)box_result(&b, "hardhat_reset", "[]");
    assert_result(&b, "evm_revert", "[\"0x2\"]", "false");
    assert_result(&b, "evm_revert", "[\"0x1\"]", "false");
    assert_result(&b, "eth_blockNumber", "[]", "\"0x0\"");
    box_mine(&b, 3); /* other blocks of those numbers are not what was taken */
    assert_result(&b, "evm_revert", "[\"0x2\"]", "false");
    box_down(&b);
}

static void a_rollback_takes_later_snapshots_along(void **state)
{
    struct box b;
    (void)state;
    box_up_dev(&b, 0);
    box_mine(&b, 1);
    assert_result(&b, "evm_snapshot", "[]", "\"0x1\"");
    box_mine(&b, 1);
    assert_result(&b, "evm_snapshot", "[]", "\"0x2\"");
    assert_status(chain_rollback(b.chain, 1, NULL), OK);
    assert_result(&b, "evm_revert", "[\"0x2\"]", "false");
    box_mine(&b, 4);
    assert_result(&b, "evm_revert", "[\"0x1\"]", "true");
    assert_result(&b, "eth_blockNumber", "[]", "\"0x1\"");
    box_down(&b);
}

struct watcher {
    struct chain *chain;
    addr20 who;
    uint64_t wei; /* what there was when a rollback was told */
};

static void on_head(void *ctx, uint64_t number, const hash32 *hash)
{
    (void)ctx, (void)number, (void)hash;
}

static void on_pending(void *ctx, const hash32 *tx)
{
    (void)ctx, (void)tx;
}

static void on_rollback(void *ctx, uint64_t number)
{
    struct watcher *w = ctx;
    struct chain_view v;
    struct trie_account a;
    bool exists;
    assert_status(chain_view_open(w->chain, &v, NULL), OK);
    assert_status(chain_view_account(&v, number, &w->who, &exists, &a, NULL), OK);
    w->wei = a.balance.w[0];
    chain_view_close(&v);
}

static void whoever_hears_of_a_revert_finds_the_snapshots_values(void **state)
{
    struct box b;
    struct err e;
    (void)state;
    box_up_dev(&b, 0);
    struct watcher w = {.chain = b.chain};
    struct chain_listener l = {on_head, on_rollback, on_pending, &w};
    w.who.b[19] = 0xab;
    (void)box_result(&b, "anvil_setBalance", "[\"" NOBODY "\",\"0x5\"]");
    assert_result(&b, "evm_snapshot", "[]", "\"0x1\"");
    box_mine(&b, 1);
    (void)box_result(&b, "anvil_setBalance", "[\"" NOBODY "\",\"0x7\"]");
    assert_ok(chain_listen(b.chain, &l, &e), &e);
    assert_result(&b, "evm_revert", "[\"0x1\"]", "true");
    chain_unlisten(b.chain, &l);
    assert_int_equal(w.wei, 5);
    box_down(&b);
}

static void a_revert_without_blocks_keeps_what_waits(void **state)
{
    struct box b;
    (void)state;
    box_up_dev(&b, RPC_TXPOOL);
    box_send_word(&b, BOX_STORE, 1, NULL);
    assert_result(&b, "evm_snapshot", "[]", "\"0x1\"");
    assert_result(&b, "evm_revert", "[\"0x1\"]", "true");
    assert_true(json_eq(json_get(box_result(&b, "txpool_status", "[]"), "pending"), "0x1"));
    box_mine(&b, 1);
    assert_true(json_eq(json_get(box_result(&b, "txpool_status", "[]"), "pending"), "0x0"));
    box_down(&b);
}

/* --- what is set ------------------------------------------------------------------------------ */

static void a_slot_of_an_account_with_nothing_else_lasts(void **state)
{
    struct box b;
    (void)state;
    box_up_dev(&b, 0);
    (void)box_result(&b, "hardhat_setStorageAt", "[\"" NOBODY "\",\"0x0\",\"" SEVEN "\"]");
    assert_result(&b, "eth_getStorageAt", "[\"" NOBODY "\",\"0x0\",\"latest\"]", "\"" SEVEN "\"");
    box_mine(&b, 1);
    assert_result(&b, "eth_getStorageAt", "[\"" NOBODY "\",\"0x0\",\"latest\"]", "\"" SEVEN "\"");
    box_down(&b);
}

static void a_time_that_is_refused_changes_nothing(void **state)
{
    struct box b;
    const uint64_t step = ((uint64_t)1 << 61) - 1;
    (void)state;
    box_up_dev(&b, 0);
    for (unsigned i = 0; i < 6; i++)
        (void)box_ask(&b, "evm_increaseTime", "[\"0x1fffffffffffffff\"]");
    box_mine(&b, 1);
    assert_int_equal(head_time(&b), b.now_s + 2 * step);
    box_refused(&b, "evm_setTime", "[\"0x7fffffffffffffff\"]", -32000, "out of range");
    box_mine(&b, 1);
    assert_int_equal(head_time(&b), b.now_s + 2 * step);
    box_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_signed_is_traced),
        cmocka_unit_test(a_trace_sees_the_code_that_was_set_before_the_block),
        cmocka_unit_test(what_cannot_be_executed_again_is_refused_in_words),
        cmocka_unit_test(a_reset_leaves_nothing_of_what_was_set),
        cmocka_unit_test(snapshots_above_the_head_are_gone),
        cmocka_unit_test(a_rollback_takes_later_snapshots_along),
        cmocka_unit_test(whoever_hears_of_a_revert_finds_the_snapshots_values),
        cmocka_unit_test(a_revert_without_blocks_keeps_what_waits),
        cmocka_unit_test(a_slot_of_an_account_with_nothing_else_lasts),
        cmocka_unit_test(a_time_that_is_refused_changes_nothing),
    };
    return cmocka_run_group_tests_name("rpc dev", tests, NULL, NULL);
}
