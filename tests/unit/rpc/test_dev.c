/* SPDX-License-Identifier: Apache-2.0 */
/* The controls of `ehrd dev`, and what a client sees of a chain that they changed. */
#include "box.h"
#include "test.h"

#define NOBODY "0x00000000000000000000000000000000000000ab"
#define SINK "0x0000000000000000000000000000000000000123"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_signed_is_traced),
        cmocka_unit_test(a_trace_sees_the_code_that_was_set_before_the_block),
        cmocka_unit_test(what_cannot_be_executed_again_is_refused_in_words),
        cmocka_unit_test(a_reset_leaves_nothing_of_what_was_set),
        cmocka_unit_test(snapshots_above_the_head_are_gone),
        cmocka_unit_test(a_rollback_takes_later_snapshots_along),
    };
    return cmocka_run_group_tests_name("rpc dev", tests, NULL, NULL);
}
