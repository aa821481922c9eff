/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON-RPC pass-through between a caller and a node that this test plays. */
#include "test.h"

#include "rpc/passthrough.h"

/* The node: keeps what it was asked and answers with a text, or fails. */
struct fake {
    struct buf asked;
    const char *answer;
    status st;
    unsigned calls;
};

static status fake_post(void *ctx, slice request, struct buf *ret, struct err *reterr)
{
    struct fake *f = ctx;
    f->calls++;
    buf_clear(&f->asked);
    if (buf_put(&f->asked, request) != OK)
        abort();
    if (f->st != OK)
        return ERR(reterr, f->st, "fake");
    return buf_put_str(ret, f->answer);
}

static void check(const char *request, const char *answer, const char *want_asked,
                  const char *want_reply)
{
    struct fake f = {.answer = answer};
    const struct rpc_upstream up = {.post = fake_post, .ctx = &f};
    struct buf reply;
    struct err err;
    buf_init(&f.asked, 1 << 20);
    buf_init(&reply, 1 << 20);
    assert_ok(rpc_passthrough(&up, slice_str(request), &reply, &err), &err);
    assert_string_equal(reply.n > 0 ? buf_cstr(&reply) : "", want_reply);
    assert_int_equal(f.calls, want_asked != NULL ? 1 : 0);
    if (want_asked != NULL)
        assert_string_equal(buf_cstr(&f.asked), want_asked);
    buf_done(&f.asked);
    buf_done(&reply);
}

#define BAD(id, code, text)                                                                        \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ",\"message\":\"" text "\"}}"

static void forwards_an_allowed_request_and_keeps_its_id(void **state)
{
    (void)state;
    check("{\"method\":\"eth_chainId\",\"id\":\"a\\u0041\",\"jsonrpc\":\"2.0\",\"extra\":1}",
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":[]}",
          "{\"jsonrpc\":\"2.0\",\"id\":\"a\\u0041\",\"result\":\"0x1\"}");
    check("{\"jsonrpc\":\"2.0\",\"id\":12345678901234567890,\"method\":\"eth_call\","
          "\"params\":[{\"to\":\"0x00\"},\"latest\"]}",
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":3,\"message\":\"execution reverted\","
          "\"data\":\"0x01\"}}",
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":[{\"to\":\"0x00\"},"
          "\"latest\"]}",
          "{\"jsonrpc\":\"2.0\",\"id\":12345678901234567890,\"error\":{\"code\":3,\"message\":"
          "\"execution reverted\",\"data\":\"0x01\"}}");
}

static void answers_other_methods_itself(void **state)
{
    (void)state;
    static const char *const refused[] = {"eth_sendTransaction",
                                          "eth_accounts",
                                          "anvil_mine",
                                          "debug_traceCall",
                                          "eth_sign",
                                          "admin_peers",
                                          "personal_sign",
                                          "eth_chainid",
                                          "eth_chainId ",
                                          "eth_chainId\\u0000",
                                          "",
                                          "txpool_content"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char request[256];
        (void)snprintf(request, sizeof request,
                       "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\",\"params\":[]}",
                       refused[i]);
        check(request, NULL, NULL, BAD("7", "-32601", "method not available"));
    }
}

static void refuses_what_is_no_request(void **state)
{
    (void)state;
    check("", NULL, NULL, BAD("null", "-32700", "parse error"));
    check("{\"jsonrpc\":\"2.0\",", NULL, NULL, BAD("null", "-32700", "parse error"));
    check("{\"id\":1,\"id\":2}", NULL, NULL, BAD("null", "-32700", "parse error"));
    check("[]", NULL, NULL, BAD("null", "-32600", "empty batch"));
    check("5", NULL, NULL, BAD("null", "-32600", "invalid request"));
    check("[5]", NULL, NULL, "[" BAD("null", "-32600", "invalid request") "]");
    check("{\"id\":1,\"method\":\"eth_chainId\"}", NULL, NULL,
          BAD("1", "-32600", "invalid request"));
    check("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"eth_chainId\"}", NULL, NULL,
          BAD("null", "-32600", "invalid request"));
    check("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", NULL, NULL,
          BAD("1", "-32600", "invalid request"));
    check("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":{}}", NULL, NULL,
          BAD("1", "-32602", "params must be an array"));
}

static void puts_a_batch_together_again(void **state)
{
    (void)state;
    check("[{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"eth_gasPrice\"},"
          "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"eth_accounts\"},"
          "{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"},"
          "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"eth_syncing\"}]",
          "[{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":false},"
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x7\"},"
          "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"smuggled\"},"
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"again\"}]",
          "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_gasPrice\",\"params\":[]},"
          "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"eth_syncing\",\"params\":[]}]",
          "[{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":\"0x7\"}," BAD(
              "2", "-32601", "method not available") ","
                                                     "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":"
                                                     "false}]");
}

static void says_nothing_to_notifications(void **state)
{
    (void)state;
    check("{\"jsonrpc\":\"2.0\",\"method\":\"eth_sendRawTransaction\",\"params\":[\"0x\"]}", NULL,
          NULL, "");
    check("[{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"}]", NULL, NULL, "");
}

static void turns_the_nodes_failures_into_errors(void **state)
{
    (void)state;
    static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"eth_chainId\"}";
    static const char asked[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":[]}";
    static const char *const answers[] = {
        "no JSON",
        "[]",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"text\"}",
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        check(request, answers[i], asked, BAD("9", "-32603", "the node's answer is not usable"));
}

/* Nobody who asks for the chain is told that something here is damaged, or that he may not. */
static void tells_exchanges_that_failed_as_the_nodes(void **state)
{
    static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"eth_chainId\"}";
    static const char away[] = BAD("9", "-32603", "a service that is needed does not answer");
    static const struct {
        status st;
        const char *want;
    } cases[] = {{E_UNAVAILABLE, away},
                 {E_CORRUPT, away},
                 {E_AUTH, away},
                 {E_USAGE, away},
                 {E_TIMEOUT, BAD("9", "-32603", "took too long")},
                 {E_RATE, BAD("9", "-32005", "too many requests")}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake f = {.st = cases[i].st};
        const struct rpc_upstream up = {.post = fake_post, .ctx = &f};
        struct buf reply;
        buf_init(&f.asked, 1 << 20);
        buf_init(&reply, 1 << 20);
        assert_int_equal(rpc_passthrough(&up, slice_str(request), &reply, NULL), OK);
        assert_string_equal(buf_cstr(&reply), cases[i].want);
        buf_done(&f.asked);
        buf_done(&reply);
    }
}

static void caps_batches_ids_sizes_and_replies(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 22);
    assert_int_equal(buf_put_str(&b, "["), OK);
    for (size_t i = 0; i <= RPC_BATCH_MAX; i++)
        assert_int_equal(buf_printf(&b, "%s{}", i > 0 ? "," : ""), OK);
    assert_int_equal(buf_put_str(&b, "]"), OK);
    check(buf_cstr(&b), NULL, NULL, BAD("null", "-32600", "batch too large"));
    buf_clear(&b);
    assert_int_equal(
        buf_printf(&b, "{\"jsonrpc\":\"2.0\",\"id\":\"%0200d\",\"method\":\"eth_chainId\"}", 1),
        OK);
    check(buf_cstr(&b), NULL, NULL, BAD("null", "-32600", "invalid request"));
    buf_clear(&b);
    assert_int_equal(buf_put_zero(&b, RPC_REQUEST_BYTES + 1), OK);
    memset(b.p, ' ', b.n);
    check(buf_cstr(&b), NULL, NULL, BAD("null", "-32600", "request too large"));
    struct fake f = {.answer =
                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0123456789012345678901234"
                         "5678901234567890123456789012345678901234567890123456789\"}"};
    const struct rpc_upstream up = {.post = fake_post, .ctx = &f};
    struct buf small;
    buf_init(&f.asked, 1 << 20);
    buf_init(&small, 100);
    assert_int_equal(
        rpc_passthrough(&up, SLICE_LIT("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"eth_chainId\"}"),
                        &small, NULL),
        OK);
    assert_string_equal(buf_cstr(&small), BAD("null", "-32603", "the answer is too long"));
    buf_done(&small);
    buf_done(&f.asked);
    buf_done(&b);
}

/* Knows eth_getLogs with one parameter "own", refuses it with "bad". */
static status own(void *ctx, slice method, struct json params, bool *ret_mine, struct buf *ret,
                  struct err *reterr)
{
    (void)ctx;
    if (slice_eq_str(method, "eth_getLogs") && json_eq(json_at(params, 0), "bad"))
        return ERR(reterr, E_RANGE, "own");
    *ret_mine = slice_eq_str(method, "eth_getLogs") && json_eq(json_at(params, 0), "own");
    return *ret_mine ? buf_put_str(ret, "[7]") : OK;
}

static void answers_itself_what_the_node_cannot_know(void **state)
{
    struct fake f = {.answer = "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"0x1\"}"};
    const struct rpc_upstream up = {fake_post, &f, own, NULL};
    struct buf reply;
    struct err err;
    (void)state;
    buf_init(&f.asked, 1 << 20);
    buf_init(&reply, 1 << 20);
    assert_ok(rpc_passthrough(&up,
                              SLICE_LIT("[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"eth_getLogs\","
                                        "\"params\":[\"own\"]},{\"jsonrpc\":\"2.0\",\"id\":8,"
                                        "\"method\":\"eth_chainId\"},{\"jsonrpc\":\"2.0\",\"id\":9,"
                                        "\"method\":\"eth_getLogs\",\"params\":[\"bad\"]}]"),
                              &reply, &err),
              &err);
    assert_int_equal(f.calls, 1);
    assert_string_equal(buf_cstr(&f.asked), "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":"
                                            "\"eth_chainId\",\"params\":[]}");
    assert_non_null(strstr(buf_cstr(&reply), "[{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":[7]},"
                                             "{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":\"0x1\"},"
                                             "{\"jsonrpc\":\"2.0\",\"id\":9,\"error\":{"));
    buf_done(&f.asked);
    buf_done(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forwards_an_allowed_request_and_keeps_its_id),
        cmocka_unit_test(answers_other_methods_itself),
        cmocka_unit_test(refuses_what_is_no_request),
        cmocka_unit_test(puts_a_batch_together_again),
        cmocka_unit_test(says_nothing_to_notifications),
        cmocka_unit_test(turns_the_nodes_failures_into_errors),
        cmocka_unit_test(tells_exchanges_that_failed_as_the_nodes),
        cmocka_unit_test(caps_batches_ids_sizes_and_replies),
        cmocka_unit_test(answers_itself_what_the_node_cannot_know),
    };
    return cmocka_run_group_tests_name("rpc passthrough", tests, NULL, NULL);
}
