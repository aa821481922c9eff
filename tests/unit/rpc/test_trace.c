/* SPDX-License-Identifier: Apache-2.0 */
/* Tracers on calls to code that is given with them. */
#include "box.h"
#include "test.h"

#define ADDR(two) "0x00000000000000000000000000000000000000" two
#define CODE(two, code) "\"" ADDR(two) "\":{\"code\":\"0x" code "\"}"
/* PUSH0 n times, the address, GAS, the instruction. */
#define CALL_OF(zeros, two, op)                                                                    \
    zeros "73"                                                                                     \
          "00000000000000000000000000000000000000" two "5a" op
#define ZEROS_4 "5f5f5f5f"
#define ZEROS_5 "5f5f5f5f5f"
#define DELEGATION(two)                                                                            \
    "ef0100"                                                                                       \
    "00000000000000000000000000000000000000" two

/* debug_traceCall of `to` (two digits) with more of the call, options of the tracer and code. */
static struct json trace(struct box *b, const char *tracer, const char *to, const char *more,
                         const char *options, const char *code)
{
    char params[2048];
    (void)snprintf(
        params, sizeof params,
        "[{\"from\":\"%s\",\"to\":\"" ADDR("%s") "\"%s},\"latest\",{\"tracer\":\"%s\","
                                                 "\"tracerConfig\":{%s},\"stateOverrides\":{%s}}]",
        b->who_hex, to, more, tracer, options, code);
    return box_result(b, "debug_traceCall", params);
}

static bool has(struct json list, const char *two)
{
    char key[43];
    (void)snprintf(key, sizeof key, ADDR("%s"), two);
    return !json_is_absent(json_get(list, key));
}

/* A proxy's top frame: what its library logs is not its own. */
static void logs_of_the_top_call_are_its_own_frames(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    const char *code =
        CODE("a1", "5f5fa0") "," CODE("a2", CALL_OF(ZEROS_4, "a1", "f4") "600160015fa100");
    struct json logs = json_get(
        trace(&b, "callTracer", "a2", "", "\"onlyTopCall\":true,\"withLog\":true", code), "logs");
    assert_int_equal(json_count(logs), 1);
    assert_int_equal(json_count(json_get(json_at(logs, 0), "topics")), 1);
    code = CODE("a1", "5f5fa05f5ffd") "," CODE("a2", CALL_OF(ZEROS_4, "a1", "f4") "00");
    assert_true(json_is_absent(json_get(
        trace(&b, "callTracer", "a2", "", "\"onlyTopCall\":true,\"withLog\":true", code), "logs")));
    box_down(&b);
}

#define DELEGATED CODE("e1", DELEGATION("f1")) "," CODE("f1", "00")

static void the_target_of_a_delegation_is_looked_at(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    struct json r = trace(&b, "prestateTracer", "e1", "", "", DELEGATED);
    assert_true(has(r, "e1") && has(r, "f1"));
    r = trace(&b, "prestateTracer", "c1", "", "",
              DELEGATED "," CODE("c1", CALL_OF(ZEROS_4, "e1", "fa") "00"));
    assert_true(has(r, "c1") && has(r, "e1") && has(r, "f1"));
    box_down(&b);
}

static void the_address_called_is_told_and_not_the_target_of_its_delegation(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    struct json calls = json_get(
        trace(&b, "callTracer", "c1", "", "",
              DELEGATED "," CODE("c1", CALL_OF(ZEROS_4, "e1", "f4") CALL_OF(ZEROS_5, "e1", "f2")
                                           CALL_OF(ZEROS_5, "e1", "f1"))),
        "calls");
    assert_int_equal(json_count(calls), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(json_eq(json_get(json_at(calls, i), "to"), ADDR("e1")));
    box_down(&b);
}

/* CALLCODE of the delegated account with one wei. */
static void simulated_transfers_name_the_address_called(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    struct json blocks = box_result(
        &b, "eth_simulateV1",
        "[{\"traceTransfers\":true,\"blockStateCalls\":[{\"stateOverrides\":{" DELEGATED
        ",\"" ADDR("c1") "\":{\"balance\":\"0x1\",\"code\":\"0x" CALL_OF(
            "5f5f5f5f6001", "e1", "f2") "00\"}},\"calls\":[{\"to\":\"" ADDR("c1") "\"}]}]}]");
    struct json logs = json_get(json_at(json_get(json_at(blocks, 0), "calls"), 0), "logs");
    assert_int_equal(json_count(logs), 1);
    assert_true(json_eq(json_at(json_get(json_at(logs, 0), "topics"), 2),
                        "0x000000000000000000000000"
                        "00000000000000000000000000000000000000e1"));
    box_down(&b);
}

static void calls_of_precompiles_have_no_selectors(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    /* STATICCALL with four bytes: of the identity, of an account */
    struct json r =
        trace(&b, "4byteTracer", "c1", "", "",
              CODE("c1", CALL_OF("5f5f60045f", "04", "fa") CALL_OF("5f5f60045f", "e1", "fa") "00"));
    assert_true(slice_eq_str(json_raw(r), "{\"0x00000000-0\":1}"));
    box_down(&b);
}

static void accounts_that_were_empty_are_left_out(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    const char *wei = ",\"value\":\"0x1\"";
    assert_false(has(trace(&b, "prestateTracer", "99", wei, "", ""), "99"));
    assert_true(has(trace(&b, "prestateTracer", "99", wei, "\"includeEmpty\":true", ""), "99"));
    struct json r = trace(&b, "prestateTracer", "99", wei, "\"diffMode\":true", "");
    assert_false(has(json_get(r, "pre"), "99"));
    assert_true(has(json_get(r, "post"), "99"));
    box_refused(&b, "debug_traceCall",
                "[{},\"latest\",{\"tracer\":\"prestateTracer\",\"tracerConfig\":{"
                "\"diffMode\":true,\"includeEmpty\":true}}]",
                -32000, "cannot use diffMode with includeEmpty");
    box_down(&b);
}

/* 21,000 gas, 3 of PUSH1 and not enough for what follows; then enough. */
static void what_could_not_be_paid_was_not_looked_at(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    const char *code = CODE("c1", "60e131") "," CODE("e1", "00");
    const char *empty = "\"includeEmpty\":true";
    assert_false(has(trace(&b, "prestateTracer", "c1", ",\"gas\":\"0x5270\"", "", code), "e1"));
    assert_true(has(trace(&b, "prestateTracer", "c1", ",\"gas\":\"0x6000\"", "", code), "e1"));
    code = "\"" ADDR("c1") "\":{\"code\":\"0x600154\",\"stateDiff\":{\"0x00000000000000000000000000"
                           "00000000000000000000000000000000000001\":"
                           "\"0x00000000000000000000000000000000000000000"
                           "00000000000000000000005\"}}";
    struct json r = trace(&b, "prestateTracer", "c1", ",\"gas\":\"0x5270\"", empty, code);
    assert_true(json_is_absent(json_get(json_get(r, ADDR("c1")), "storage")));
    r = trace(&b, "prestateTracer", "c1", ",\"gas\":\"0x6000\"", empty, code);
    assert_int_equal(json_count(json_get(json_get(r, ADDR("c1")), "storage")), 1);
    box_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_of_the_top_call_are_its_own_frames),
        cmocka_unit_test(the_target_of_a_delegation_is_looked_at),
        cmocka_unit_test(the_address_called_is_told_and_not_the_target_of_its_delegation),
        cmocka_unit_test(simulated_transfers_name_the_address_called),
        cmocka_unit_test(calls_of_precompiles_have_no_selectors),
        cmocka_unit_test(accounts_that_were_empty_are_left_out),
        cmocka_unit_test(what_could_not_be_paid_was_not_looked_at),
    };
    return cmocka_run_group_tests_name("rpc trace", tests, NULL, NULL);
}
