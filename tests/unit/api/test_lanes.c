/* SPDX-License-Identifier: Apache-2.0 */
/* On which of the server's lanes a JSON-RPC text is answered. */
#include "api/endpoint.h"
#include "api/endpoint_impl.h"
#include "test.h"

#define NAMES(method) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":[]}"

static void assert_lane(const char *text, enum http_lane want)
{
    assert_int_equal(endpoint_lane(slice_str(text)), want);
}

static void each_method_has_its_lane(void **state)
{
    (void)state;
    assert_lane("", HTTP_LANE_MAIN);
    assert_lane(NAMES("eth_blockNumber"), HTTP_LANE_MAIN);
    assert_lane(NAMES("eth_sendRawTransaction"), HTTP_LANE_MAIN);
    assert_lane(NAMES("eth_call"), HTTP_LANE_SLOW);
    assert_lane(NAMES("eth_getLogs"), HTTP_LANE_SLOW);
    assert_lane(NAMES("eth_getFilterChanges"), HTTP_LANE_SLOW);
    assert_lane(NAMES("debug_traceCall"), HTTP_LANE_HEAVY);
    assert_lane(NAMES("eth_createAccessList"), HTTP_LANE_HEAVY);
}

static void what_executes_the_pool_is_not_on_the_main_lane(void **state)
{
    (void)state;
    assert_lane("{\"method\":\"eth_getBlockByNumber\",\"params\":[\"pending\",true]}",
                HTTP_LANE_SLOW);
    assert_lane("{\"method\":\"eth_getBalance\",\"params\":[\"0x0\", \"pending\" ]}",
                HTTP_LANE_SLOW);
    assert_lane("{\"method\":\"eth_getBlockByNumber\",\"params\":[\"latest\",true]}",
                HTTP_LANE_MAIN);
}

static void what_sleeps_is_apart_from_what_works(void **state)
{
    (void)state;
    assert_lane(NAMES("eth_sendRawTransactionSync"), HTTP_LANE_WAIT);
    assert_lane("[" NAMES("eth_sendRawTransactionSync") "," NAMES("eth_chainId") "]",
                HTTP_LANE_WAIT);
    assert_lane("[" NAMES("eth_sendRawTransactionSync") "," NAMES("eth_call") "]", HTTP_LANE_SLOW);
    assert_lane("[" NAMES("debug_traceCall") "," NAMES("eth_sendRawTransactionSync") "]",
                HTTP_LANE_HEAVY);
}

static void a_name_behind_escapes_counts_as_heavy(void **state)
{
    (void)state;
    assert_lane(NAMES("eth_sendRawTransactionS\\u0079nc"), HTTP_LANE_HEAVY);
}

static status never_called(void *ctx, slice request, struct buf *ret, struct err *reterr)
{
    (void)ctx;
    (void)request;
    (void)ret;
    return ERR(reterr, E_INTERNAL, "passed on");
}

static void what_another_node_answers_keeps_nobody_else_waiting(void **state)
{
    struct endpoint *ep = NULL;
    struct err e = {0};
    const struct endpoint_config cfg = {.pass = never_called};
    (void)state;
    assert_ok(endpoint_new(&cfg, &ep, &e), &e);
    assert_int_equal(endpoint_lane_of(ep, SLICE_LIT(NAMES("eth_blockNumber"))), HTTP_LANE_WAIT);
    assert_int_equal(endpoint_lane_of(ep, SLICE_LIT(NAMES("eth_getLogs"))), HTTP_LANE_WAIT);
    endpoint_free(ep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_method_has_its_lane),
        cmocka_unit_test(what_executes_the_pool_is_not_on_the_main_lane),
        cmocka_unit_test(what_sleeps_is_apart_from_what_works),
        cmocka_unit_test(a_name_behind_escapes_counts_as_heavy),
        cmocka_unit_test(what_another_node_answers_keeps_nobody_else_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
