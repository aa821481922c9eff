/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, batches and what is wrong with them; every method with hostile parameters. */
#include "box.h"
#include "test.h"

#define BAD(id, code, text)                                                                        \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ",\"message\":\"" text "\"}}"

static void refuses_what_is_no_request(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_GROUPS_DEFAULT);
    static const char *const cases[][2] = {
        {"", BAD("null", "-32700", "parse error")},
        {"{\"jsonrpc\":\"2.0\",", BAD("null", "-32700", "parse error")},
        {"[]", BAD("null", "-32600", "empty batch")},
        {"5", BAD("null", "-32600", "invalid request")},
        {"[5]", "[" BAD("null", "-32600", "invalid request") "]"},
        {"{\"id\":1,\"method\":\"eth_chainId\"}", BAD("1", "-32600", "invalid request")},
        {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"eth_chainId\"}",
         BAD("null", "-32600", "invalid request")},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", BAD("1", "-32600", "invalid request")},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":{}}",
         BAD("1", "-32602", "non-array args")},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":[1]}",
         BAD("1", "-32602", "too many arguments, want at most 0")},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBalance\"}",
         BAD("1", "-32602", "missing value for required argument 0")},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBalance\",\"params\":[null]}",
         BAD("1", "-32602", "missing value for required argument 0")},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_foo\"}",
         BAD("1", "-32601", "the method eth_foo does not exist/is not available")},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"testing_buildBlockV1\"}",
         BAD("1", "-32601", "the method testing_buildBlockV1 does not exist/is not available")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(box_text(&b, NULL, cases[i][0]), cases[i][1]);
    box_down(&b);
}

static void answers_batches_and_carries_out_notifications(void **state)
{
    struct box b;
    struct buf raw;
    struct buf text;
    struct chain_pool_count count;
    (void)state;
    box_up(&b, 0);
    assert_string_equal(
        box_text(&b, NULL,
                 "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"eth_chainId\"},"
                 "{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"},"
                 "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"txpool_status\"},"
                 "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"net_version\",\"params\":[]}]"),
        "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":\"0x1234\"}," BAD(
            "null", "-32601",
            "the method txpool_status does not exist/is not "
            "available") ",{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"4660\"}]");
    assert_string_equal(box_text(&b, NULL, "[{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"}]"),
                        "");
    buf_init(&raw, 1 << 16);
    buf_init(&text, 1 << 16);
    box_raw(&b, BOX_STORE, SLICE_EMPTY, 0, 0, &raw);
    assert_status(buf_put_str(&text, "{\"jsonrpc\":\"2.0\",\"method\":\"eth_sendRawTransaction\","
                                     "\"params\":[\"0x"),
                  OK);
    assert_status(buf_put_hex(&text, buf_slice(&raw)), OK);
    assert_status(buf_put_str(&text, "\"]}"), OK);
    assert_string_equal(box_text(&b, NULL, buf_cstr(&text)), "");
    chain_pool_status(b.chain, &count);
    assert_int_equal(count.pending, 1);
    buf_done(&raw);
    buf_done(&text);
    box_down(&b);
}

static void caps_batches_and_replies(void **state)
{
    struct box b;
    struct buf text;
    (void)state;
    box_up(&b, 0);
    b.cfg.batch_requests = 3;
    b.cfg.batch_reply = 100;
    box_new_rpc(&b);
#define CALL "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"web3_clientVersion\"}"
    assert_string_equal(box_text(&b, NULL, "[" CALL "," CALL "," CALL "," CALL "]"),
                        "[" BAD("4", "-32600", "batch too large") "]");
#define GOOD "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":\"box\"}"
    assert_string_equal(box_text(&b, NULL, "[" CALL "," CALL "," CALL "]"),
                        "[" GOOD "," GOOD "," GOOD "]");
    b.cfg.batch_reply = 50;
    box_new_rpc(&b);
    assert_string_equal(box_text(&b, NULL, "[" CALL "," CALL "," CALL "]"),
                        "[" GOOD "," GOOD "," BAD("4", "-32003", "response too large") "]");
    buf_init(&text, 120); /* a reply that is too long for the caller's buffer */
    assert_status(rpc_serve(b.rpc, NULL,
                            SLICE_LIT("{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":"
                                      "\"eth_getBlockByNumber\",\"params\":[\"latest\",false]}"),
                            &text, NULL),
                  OK);
    assert_string_equal(buf_cstr(&text), BAD("4", "-32003", "response too large"));
    buf_clear(&text);
    buf_done(&text);
    buf_init(&text, 10);
    assert_status(rpc_serve(b.rpc, NULL, SLICE_LIT(CALL), &text, NULL), E_TOO_LONG);
    assert_int_equal(text.n, 0);
    buf_done(&text);
    box_down(&b);
}

/* Each look at it is 4 ms later. */
static uint64_t hurrying(void *ctx)
{
    return *(uint64_t *)ctx += 4;
}

static void a_batch_ends_in_time(void **state)
{
    struct box b;
    uint64_t now = 0;
    const struct clock_src clock = {.mono_ms = hurrying, .ctx = &now};
    (void)state;
    box_up(&b, 0);
    b.cfg.clock = &clock;
    b.cfg.batch_ms = 10;
    box_new_rpc(&b);
    const char *text = box_text(&b, NULL, "[" CALL "," CALL "," CALL "," CALL "]");
    assert_non_null(strstr(text, "[" GOOD ","));
    assert_non_null(strstr(text, BAD("4", "-32002", "request timed out") "]"));
    box_down(&b);
}

static void lists_the_modules_that_are_on(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, RPC_DEBUG);
    struct json r = box_result(&b, "rpc_modules", "[]");
    assert_int_equal(json_count(r), 5);
    assert_true(json_eq(json_get(r, "eth"), "1.0") && json_eq(json_get(r, "debug"), "1.0") &&
                json_is_absent(json_get(r, "txpool")));
    box_down(&b);
}

/* Values that no parameter is, and some that many are. */
static const char *const hostile[] = {
    "null",
    "true",
    "-1",
    "1e400",
    "123456789012345678901234567890",
    "\"\"",
    "\"0x\"",
    "\"0x0\"",
    "\"0x00\"",
    "\"0xg\"",
    "\"latest\"",
    "\"pending\"",
    "\"earliest\"",
    "\"0x7fffffffffffffff\"",
    "\"0xffffffffffffffff\"",
    "\"0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"",
    "\"0x00000000000000000000000000000000000000aa\"",
    "\"0x0000000000000000000000000000000000000000000000000000000000000001\"",
    "\"\\u0000\\ud83d\\ude00\"",
    "[]",
    "[null]",
    "[[[[[[[[[[]]]]]]]]]]",
    "{}",
    "{\"to\":\"0x00000000000000000000000000000000000000dd\",\"data\":\"0x01\"}",
    "{\"fromBlock\":\"0x0\",\"toBlock\":\"latest\",\"topics\":[[null,\"0x\"],5]}",
    "{\"blockHash\":5,\"blockNumber\":[]}",
    "{\"blockStateCalls\":[{\"calls\":[{}],\"stateOverrides\":{\"0x1\":5},\"blockOverrides\":7}]}",
    "{\"blockStateCalls\":[{\"blockOverrides\":{\"number\":\"0xffffffffffffffff\"}}]}",
    "{\"tracer\":\"callTracer\",\"tracerConfig\":5,\"stateOverrides\":[],\"blockOverrides\":{}}",
    "{\"gasPrice\":\"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"}",
    "{\"accessList\":[{}],\"authorizationList\":[{}],\"blobVersionedHashes\":[\"0x\"]}",
    "{\"timestamp\":\"0xffff\",\"withdrawals\":[{\"index\":{}}]}",
};

extern const char *rpc_method_name(size_t i, unsigned *ret_group);

/* One parameter of each kind in each place, the others being there. */
static void answers_every_method_whatever_its_parameters_are(void **state)
{
    struct box b;
    const char *name;
    unsigned group;
    size_t n = sizeof hostile / sizeof *hostile;
    (void)state;
    box_up(&b, ~0u & ~(unsigned)RPC_DEV);
    box_send_word(&b, BOX_CALLER, 5, NULL);
    box_mine(&b, 2);
    box_send_word(&b, BOX_STORE, 5, NULL);
    for (size_t i = 0; (name = rpc_method_name(i, &group)) != NULL; i++) {
        if (group == RPC_DEV)
            continue;
        for (size_t k = 0; k < n; k++) {
            char params[1200];
            (void)snprintf(params, sizeof params, "[%s]", hostile[k]);
            (void)box_ask(&b, name, params);
            (void)snprintf(params, sizeof params, "[%s,%s]", hostile[k], hostile[(k * 7 + i) % n]);
            (void)box_ask(&b, name, params);
            (void)snprintf(params, sizeof params, "[%s,%s,%s]", hostile[(k + i) % n], hostile[k],
                           hostile[(k * 5 + 3) % n]);
            (void)box_ask(&b, name, params);
        }
    }
    assert_true(json_eq(box_result(&b, "eth_chainId", "[]"), "0x1234"));
    box_down(&b);
}

static void a_storage_key_that_is_too_long_is_told_and_nothing_behind_it(void **state)
{
    struct box b;
    struct json e;
    (void)state;
    box_up(&b, 0);
    e = json_get(box_ask(&b, "eth_getStorageAt",
                         "[\"" BOX_LOGGER
                         "\",\"0x00000000000000000000000000000000000000000000000000"
                         "000000000000007\",\"latest\"]"),
                 "error");
    assert_true(json_eq(json_get(e, "message"),
                        "storage key too long (want at most 32 bytes): \"0x0000000000000000000000"
                        "0000000000000000000000000000000000000000007\""));
    box_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_storage_key_that_is_too_long_is_told_and_nothing_behind_it),
        cmocka_unit_test(refuses_what_is_no_request),
        cmocka_unit_test(answers_batches_and_carries_out_notifications),
        cmocka_unit_test(caps_batches_and_replies),
        cmocka_unit_test(a_batch_ends_in_time),
        cmocka_unit_test(lists_the_modules_that_are_on),
        cmocka_unit_test(answers_every_method_whatever_its_parameters_are),
    };
    return cmocka_run_group_tests_name("rpc serve", tests, NULL, NULL);
}
