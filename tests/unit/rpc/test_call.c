/* SPDX-License-Identifier: Apache-2.0 */
/* Calls, estimates, traces and simulations on a small chain. */
#include "base/hex.h"
#include "box.h"
#include "test.h"

#define WORD "00000000000000000000000000000000000000000000000000000000000000"
#define ZERO_ADDR "0x0000000000000000000000000000000000000000"

static bool is(struct json v, const char *text)
{
    return json_eq(v, text);
}

static void overrides_change_what_a_call_sees_and_nothing_else(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    const char *sload =
        "{\"code\":\"0x5f545f5260205ff3\",\"stateDiff\":{\"0x" WORD "00\":\"0x" WORD "2a\"}}";
    char params[800];
    (void)snprintf(params, sizeof params, "[{\"to\":\"%s\"},\"latest\",{\"%s\":%s}]", ZERO_ADDR,
                   ZERO_ADDR, sload);
    assert_true(is(box_result(&b, "eth_call", params), "0x" WORD "2a"));
    (void)snprintf(params, sizeof params, "[{\"to\":\"%s\"},\"latest\"]", ZERO_ADDR);
    assert_true(is(box_result(&b, "eth_call", params), "0x"));
    /* NUMBER, TIMESTAMP, BASEFEE with a price */
    assert_true(
        is(box_result(&b, "eth_call",
                      "[{\"data\":\"0x435f5260205ff3\"},\"latest\",null,{\"number\":\"0x63\"}]"),
           "0x" WORD "63"));
    assert_true(
        is(box_result(&b, "eth_call",
                      "[{\"data\":\"0x425f5260205ff3\"},\"latest\",null,{\"time\":\"0x64\"}]"),
           "0x" WORD "64"));
    box_refused(&b, "eth_call",
                "[{\"data\":\"0x00\"},\"latest\",{\"" ZERO_ADDR
                "\":{\"state\":{},\"stateDiff\":{}}}]",
                -32000, "has both 'state' and 'stateDiff'");
    box_refused(&b, "eth_call",
                "[{\"data\":\"0x00\"},\"latest\",{\"" ZERO_ADDR
                "\":{\"movePrecompileToAddress\":\"" BOX_STORE "\"}}]",
                -32000, "is not a precompile");
    box_down(&b);
}

static void reverts_come_with_code_reason_and_data(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    box_refused(&b, "eth_call", "[{\"to\":\"" BOX_REVERTER "\"},\"latest\"]", 3,
                "execution reverted: no");
    struct json data = json_get(json_get(json_root(&b.doc), "error"), "data");
    assert_int_equal(json_raw(data).n, 2 + 2 + 200);
    box_refused(&b, "eth_estimateGas", "[{\"to\":\"" BOX_REVERTER "\"}]", 3,
                "execution reverted: no");
    box_refused(&b, "eth_call", "[{\"data\":\"0xfe\"}]", -32000, "invalid opcode: INVALID");
    box_refused(&b, "eth_call", "[{\"data\":\"0x5b5f56\",\"gas\":\"0x10000\"}]", -32000,
                "out of gas");
    box_refused(&b, "eth_call", "[{\"to\":\"" BOX_STORE "\",\"gas\":\"0x5207\"}]", -32000,
                "intrinsic gas too low");
    box_refused(&b, "eth_call", "[{\"to\":\"" BOX_STORE "\",\"value\":\"0x1\"}]", -32000,
                "insufficient funds for gas * price + value");
    box_refused(&b, "eth_call", "[{\"gasPrice\":\"0x1\",\"maxFeePerGas\":\"0x1\"}]", -32000,
                "both gasPrice and");
    box_refused(&b, "eth_call", "[{\"chainId\":\"0x5\"}]", -32000, "chainId does not match");
    box_refused(&b, "eth_call", "[{\"data\":\"0x01\",\"input\":\"0x02\"}]", -32000,
                "set and not equal");
    box_down(&b);
}

static void an_estimate_is_enough_and_not_much_more(void **state)
{
    struct box b;
    uint64_t gas;
    char params[400];
    (void)state;
    box_up(&b, 0);
    assert_true(is(box_result(&b, "eth_estimateGas", "[{\"to\":\"" ZERO_ADDR "\"}]"), "0x5208"));
    struct json r = box_result(&b, "eth_estimateGas",
                               "[{\"to\":\"" BOX_CALLER "\",\"data\":\"0x" WORD "05\"}]");
    assert_status(json_hex_u64(r, &gas, NULL), OK);
    (void)snprintf(params, sizeof params,
                   "[{\"to\":\"" BOX_CALLER "\",\"data\":\"0x" WORD "05\",\"gas\":\"0x%llx\"}]",
                   (unsigned long long)gas);
    (void)box_result(&b, "eth_call", params);
    assert_true(gas > 40000 && gas < 80000);
    box_refused(&b, "eth_estimateGas", "[{\"data\":\"0x5b5f56\"}]", -32000,
                "gas required exceeds allowance (16777216)");
    box_down(&b);
}

static void calls_stop_when_their_gas_is_used_up(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    b.cfg.call_gas = 100000;
    box_new_rpc(&b);
    box_refused(&b, "eth_call", "[{\"data\":\"0x5b5f56\"}]", -32000, "out of gas");
    box_down(&b);
}

static void the_tree_of_calls_is_traced(void **state)
{
    struct box b;
    char hash[67];
    char params[300];
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    box_send_word(&b, BOX_CALLER, 5, hash);
    box_mine(&b, 1);
    (void)snprintf(params, sizeof params, "[\"%s\",{\"tracer\":\"callTracer\"}]", hash);
    struct json r = box_result(&b, "debug_traceTransaction", params);
    assert_true(is(json_get(r, "type"), "CALL") && is(json_get(r, "to"), BOX_CALLER));
    assert_true(is(json_get(r, "gas"), "0x2dc6c0"));
    struct json calls = json_get(r, "calls");
    assert_int_equal(json_count(calls), 2);
    assert_true(is(json_get(json_at(calls, 0), "error"), "execution reverted"));
    assert_true(is(json_get(json_at(calls, 0), "revertReason"), "no"));
    assert_true(is(json_get(json_at(calls, 1), "to"), BOX_STORE));
    assert_true(is(json_get(json_at(calls, 1), "output"), "0x" WORD "05"));
    (void)snprintf(params, sizeof params,
                   "[\"%s\",{\"tracer\":\"callTracer\",\"tracerConfig\":{\"onlyTopCall\":true}}]",
                   hash);
    assert_true(
        json_is_absent(json_get(box_result(&b, "debug_traceTransaction", params), "calls")));
    (void)snprintf(params, sizeof params, "[\"%s\",{\"tracer\":\"js\"}]", hash);
    box_refused(&b, "debug_traceTransaction", params, -32000, "tracer not found");
    box_down(&b);
}

static void differences_name_what_a_transaction_changed(void **state)
{
    struct box b;
    char hash[67];
    char params[300];
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    box_send_word(&b, BOX_STORE, 5, NULL);
    box_mine(&b, 1);
    box_send_word(&b, BOX_STORE, 6, hash);
    box_mine(&b, 1);
    (void)snprintf(params, sizeof params,
                   "[\"%s\",{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}]",
                   hash);
    struct json r = box_result(&b, "debug_traceTransaction", params);
    struct json pre = json_get(json_get(r, "pre"), BOX_STORE);
    struct json post = json_get(json_get(r, "post"), BOX_STORE);
    assert_true(is(json_get(json_get(pre, "storage"), "0x" WORD "00"), "0x" WORD "05"));
    assert_true(is(json_get(json_get(post, "storage"), "0x" WORD "00"), "0x" WORD "06"));
    struct json who = json_get(json_get(r, "post"), b.who_hex);
    assert_true(slice_eq_str(json_raw(json_get(who, "nonce")), "2"));
    box_down(&b);
}

static void struct_logs_tell_each_step(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    struct json r = box_result(&b, "debug_traceCall",
                               "[{\"to\":\"" BOX_STORE "\",\"data\":\"0x" WORD
                               "05\"},\"latest\",{\"enableMemory\":true}]");
    struct json logs = json_get(r, "structLogs");
    assert_int_equal(json_count(logs), 11);
    assert_true(is(json_get(json_at(logs, 3), "op"), "SSTORE"));
    assert_true(
        is(json_get(json_get(json_at(logs, 3), "storage"), "0x" WORD "00"), "0x" WORD "05"));
    assert_true(slice_eq_str(json_raw(json_get(json_at(logs, 3), "gasCost")), "22100"));
    assert_true(json_type(json_get(r, "failed")) == JSON_FALSE);
    r = box_result(&b, "debug_traceCall",
                   "[{\"to\":\"" BOX_STORE "\"},\"latest\",{\"limit\":2,\"disableStack\":true}]");
    assert_int_equal(json_count(json_get(r, "structLogs")), 2);
    assert_true(json_is_absent(json_get(json_at(json_get(r, "structLogs"), 0), "stack")));
    box_refused(&b, "debug_traceBlockByNumber", "[\"0x0\"]", -32000, "genesis is not traceable");
    box_down(&b);
}

static void a_deep_tree_of_calls_is_written_whole(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    /* calls itself with all its gas: some hundred levels deep */
    struct json r = box_result(
        &b, "debug_traceCall",
        "[{\"to\":\"0x00000000000000000000000000000000000000ee\",\"gas\":\"0x2faf080\"},"
        "\"latest\",{\"tracer\":\"noopTracer\",\"stateOverrides\":{\"0x"
        "00000000000000000000000000000000000000ee\":{\"code\":\"0x5f5f5f5f5f305af100\"}}}]");
    assert_int_equal(json_count(r), 0);
    buf_clear(&b.reply);
    assert_status(
        rpc_serve(
            b.rpc, NULL,
            SLICE_LIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"debug_traceCall\",\"params\":"
                      "[{\"to\":\"0x00000000000000000000000000000000000000ee\"},\"latest\","
                      "{\"tracer\":\"callTracer\",\"stateOverrides\":{\"0x"
                      "00000000000000000000000000000000000000ee\":{\"code\":"
                      "\"0x5f5f5f5f5f305af100\"}}}]}"),
            &b.reply, NULL),
        OK);
    size_t opened = 0;
    size_t closed = 0;
    for (size_t i = 0; i < b.reply.n; i++) {
        opened += b.reply.p[i] == '{' ? 1 : 0;
        closed += b.reply.p[i] == '}' ? 1 : 0;
    }
    assert_int_equal(opened, closed);
    assert_true(opened > 100);
    box_down(&b);
}

/* A transaction that waits stores 5 with one wei. */
static void pending_values_are_after_what_waits(void **state)
{
    const char *five = "0x" WORD "05";
    struct box b;
    uint8_t word[32] = {[31] = 5};
    (void)state;
    box_up(&b, 0);
    box_send(&b, BOX_STORE, slice_of(word, sizeof word), 1, NULL);
    /* a creation whose code is one byte, 0 */
    box_send(&b, NULL, SLICE_LIT("\x60\x01\x5f\xf3"), 0, NULL);
    struct json r = box_result(&b, "eth_getBalance", "[\"" BOX_STORE "\",\"pending\"]");
    assert_true(is(r, "0x1"));
    assert_true(is(box_result(&b, "eth_getBalance", "[\"" BOX_STORE "\",\"latest\"]"), "0x0"));
    r = box_result(&b, "eth_getStorageAt", "[\"" BOX_STORE "\",\"0x0\",\"pending\"]");
    assert_true(is(r, five));
    r = box_result(&b, "eth_getStorageValues", "[{\"" BOX_STORE "\":[\"0x0\"]},\"pending\"]");
    assert_true(is(json_at(json_get(r, BOX_STORE), 0), five));
    addr20 made;
    char params[80];
    char hex[43];
    host_create_address(&b.who, 1, &made);
    (void)snprintf(params, sizeof params, "[\"%s\",\"pending\"]",
                   hex_0x(slice_of(made.b, 20), hex));
    assert_true(is(box_result(&b, "eth_getCode", params), "0x00"));
    box_down(&b);
}

static void conditions_and_waits_of_raw_transactions(void **state)
{
    struct box b;
    struct buf raw;
    struct buf params;
    (void)state;
    box_up(&b, 0);
    buf_init(&raw, 1 << 16);
    buf_init(&params, 1 << 16);
    box_raw(&b, BOX_STORE, SLICE_EMPTY, 0, 0, &raw);
    assert_status(buf_put_str(&params, "[\"0x"), OK);
    assert_status(buf_put_hex(&params, buf_slice(&raw)), OK);
    size_t n = params.n;
    assert_status(buf_put_str(&params, "\",{\"blockNumberMin\":\"0x5\"}]"), OK);
    box_refused(&b, "eth_sendRawTransactionConditional", buf_cstr(&params), -32003, NULL);
    params.n = n;
    assert_status(buf_put_str(&params, "\",1]"), OK);
    box_refused(&b, "eth_sendRawTransactionSync", buf_cstr(&params), 4, "wasn't processed");
    params.n = n;
    assert_status(buf_put_str(&params, "\"]"), OK);
    box_refused(&b, "eth_sendRawTransaction", buf_cstr(&params), -32000, "already known");
    box_refused(&b, "eth_sendRawTransaction", "[\"0x02c0\"]", -32000, NULL);
    buf_done(&raw);
    buf_done(&params);
    box_down(&b);
}

/* --- access lists ----------------------------------------------------------------------------- */

#define PROBED "0x00000000000000000000000000000000000000ee"
/* eth_createAccessList of a call of this code. */
#define PROBE(code)                                                                                \
    "[{\"to\":\"" PROBED "\"},\"latest\",{\"" PROBED "\":{\"code\":\"0x" code "\"}}]"
/* SLOAD of 0, 1, ... up to the number before this one. */
#define LOADS_UP_TO(number) "5f5b8054506001018061" number "11600157"

static void an_access_list_holds_each_key_once_in_order(void **state)
{
    struct box b;
    char want[72];
    slice key;
    (void)state;
    box_up(&b, 0);
    /* twice the same keys, and their address: BALANCE of itself */
    struct json r = box_result(&b, "eth_createAccessList",
                               PROBE(LOADS_UP_TO("0100") "5f5450600154503031505f545000"));
    struct json list = json_get(r, "accessList");
    assert_int_equal(json_count(list), 1);
    struct json keys = json_get(json_at(list, 0), "storageKeys");
    assert_int_equal(json_count(keys), 256);
    for (size_t i = 0; i < 256; i++) {
        (void)snprintf(want, sizeof want, "0x%064zx", i);
        assert_status(json_str(json_at(keys, i), &key, NULL), OK);
        assert_true(slice_eq_str(key, want));
    }
    r = box_result(&b, "eth_createAccessList", PROBE(LOADS_UP_TO("1000") "00"));
    assert_int_equal(json_count(json_get(json_at(json_get(r, "accessList"), 0), "storageKeys")),
                     4096);
    box_refused(&b, "eth_createAccessList", PROBE(LOADS_UP_TO("1001") "00"), -32005,
                "more than 4096 entries");
    box_down(&b);
}

/* A clock by which each look takes a second. */
static uint64_t hurry(void *ctx)
{
    return ((struct box *)ctx)->now_ms += 1000;
}

static void an_access_list_ends_when_its_time_is_over(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    const struct clock_src fast = {b.clock.unix_s, hurry, &b};
    b.cfg.clock = &fast;
    box_new_rpc(&b);
    box_refused(&b, "eth_createAccessList", PROBE("5b5f54505f56"), -32000, "access list aborted");
    box_down(&b);
}

/* BALANCE of who the authorization is by: it is warm without the list (EIP-7702). */
static void an_access_list_leaves_authorities_out(void **state)
{
    struct tx_auth auth = {.chain_id = u256_from_u64(4660), .y_parity = 1};
    struct box b;
    addr20 who;
    char hex[43];
    char params[1024];
    (void)state;
    box_up(&b, 0);
    auth.r[31] = 1;
    auth.s[31] = 1;
    assert_status(tx_auth_signer(&auth, &who), OK);
    (void)hex_0x(slice_of(who.b, 20), hex);
    (void)snprintf(params, sizeof params,
                   "[{\"to\":\"" PROBED "\",\"authorizationList\":[{\"chainId\":\"0x1234\","
                   "\"address\":\"" ZERO_ADDR "\",\"nonce\":\"0x0\",\"yParity\":\"0x1\","
                   "\"r\":\"0x1\",\"s\":\"0x1\"}]},\"latest\",{\"" PROBED "\":{\"code\":"
                   "\"0x73%s3100\"}}]",
                   hex + 2);
    struct json r = box_result(&b, "eth_createAccessList", params);
    assert_int_equal(json_count(json_get(r, "accessList")), 0);
    box_down(&b);
}

static void simulations_have_codes_of_their_own(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    box_refused(&b, "eth_simulateV1", "[{\"blockStateCalls\":[]}]", -32602, "empty input");
    box_refused(&b, "eth_simulateV1",
                "[{\"blockStateCalls\":[{\"blockOverrides\":{\"number\":\"0x0\"}}]}]", -38020,
                "block numbers must be in order");
    box_refused(&b, "eth_simulateV1",
                "[{\"blockStateCalls\":[{\"blockOverrides\":{\"number\":\"0x1000\"}}]}]", -38026,
                "too many blocks");
    box_refused(&b, "eth_simulateV1",
                "[{\"blockStateCalls\":[{\"calls\":[{\"gas\":\"0xffffffffff\"}]}]}]", -38015,
                "block gas limit reached");
    box_refused(&b, "eth_simulateV1",
                "[{\"blockStateCalls\":[{\"calls\":[{\"nonce\":\"0x5\",\"to\":\"" ZERO_ADDR
                "\"}]}],\"validation\":true}]",
                -38011, "nonce too high");
    box_refused(&b, "eth_simulateV1",
                "[{\"blockStateCalls\":[{\"blockOverrides\":{\"time\":\"0xffffffffffffffff\"}},"
                "{}]}]",
                -38021, "block timestamps must be in order");
    box_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overrides_change_what_a_call_sees_and_nothing_else),
        cmocka_unit_test(reverts_come_with_code_reason_and_data),
        cmocka_unit_test(an_estimate_is_enough_and_not_much_more),
        cmocka_unit_test(calls_stop_when_their_gas_is_used_up),
        cmocka_unit_test(the_tree_of_calls_is_traced),
        cmocka_unit_test(differences_name_what_a_transaction_changed),
        cmocka_unit_test(struct_logs_tell_each_step),
        cmocka_unit_test(a_deep_tree_of_calls_is_written_whole),
        cmocka_unit_test(pending_values_are_after_what_waits),
        cmocka_unit_test(conditions_and_waits_of_raw_transactions),
        cmocka_unit_test(an_access_list_holds_each_key_once_in_order),
        cmocka_unit_test(an_access_list_ends_when_its_time_is_over),
        cmocka_unit_test(an_access_list_leaves_authorities_out),
        cmocka_unit_test(simulations_have_codes_of_their_own),
    };
    return cmocka_run_group_tests_name("rpc call", tests, NULL, NULL);
}
