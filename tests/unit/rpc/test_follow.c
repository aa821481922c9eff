/* SPDX-License-Identifier: Apache-2.0 */
/* Filters that are polled and subscriptions that are pumped: nothing is lost or told twice. */
#include "box.h"
#include "test.h"

/* --- filters ---------------------------------------------------------------------------------- */

static void make_filter(struct box *b, const char *method, const char *params, char id[80])
{
    slice text;
    struct json r = box_result(b, method, params);
    assert_status(json_str(r, &text, NULL), OK);
    (void)snprintf(id, 80, "[\"%.*s\"]", (int)text.n, (const char *)text.p);
}

static size_t changes(struct box *b, const char *id)
{
    return json_count(box_result(b, "eth_getFilterChanges", id));
}

static void filters_tell_what_is_new_and_only_once(void **state)
{
    struct box b;
    char logs[80];
    char blocks[80];
    char pending[80];
    (void)state;
    box_up(&b, 0);
    make_filter(&b, "eth_newFilter", "[{\"address\":\"" BOX_LOGGER "\"}]", logs);
    make_filter(&b, "eth_newBlockFilter", "[]", blocks);
    make_filter(&b, "eth_newPendingTransactionFilter", "[]", pending);
    assert_int_equal(changes(&b, logs), 0);
    box_send_word(&b, BOX_LOGGER, 3, NULL);
    box_send_word(&b, BOX_LOGGER, 2, NULL);
    assert_int_equal(changes(&b, pending), 2);
    assert_int_equal(changes(&b, pending), 0);
    assert_int_equal(changes(&b, blocks), 0);
    box_mine(&b, 2);
    assert_int_equal(changes(&b, blocks), 2);
    assert_int_equal(changes(&b, blocks), 0);
    assert_int_equal(changes(&b, logs), 5);
    assert_int_equal(changes(&b, logs), 0);
    box_refused(&b, "eth_getFilterLogs", blocks, -32000, "filter not found");
    assert_true(json_type(box_result(&b, "eth_uninstallFilter", logs)) == JSON_TRUE);
    assert_true(json_type(box_result(&b, "eth_uninstallFilter", logs)) == JSON_FALSE);
    box_refused(&b, "eth_getFilterChanges", logs, -32000, "filter not found");
    box_down(&b);
}

/* As of a server whose answers are no longer than this. */
static void answers_within(struct box *b, size_t cap)
{
    buf_done(&b->reply);
    buf_init(&b->reply, cap);
}

static void logs_of_a_filter_outlast_an_answer_that_did_not_fit(void **state)
{
    struct box b;
    char logs[80];
    (void)state;
    box_up(&b, 0);
    make_filter(&b, "eth_newFilter", "[{\"address\":\"" BOX_LOGGER "\"}]", logs);
    for (size_t i = 0; i < 3; i++) {
        box_send_word(&b, BOX_LOGGER, (const uint64_t[]){3, 200, 5}[i], NULL);
        box_mine(&b, 1);
    }
    answers_within(&b, 16384);
    assert_int_equal(changes(&b, logs), 3);
    box_refused(&b, "eth_getFilterChanges", logs, -32003, "the logs of block 2 are more than");
    assert_int_equal(changes(&b, logs), 5);
    assert_int_equal(changes(&b, logs), 0);
    box_down(&b);
}

static void a_batch_that_is_full_takes_no_logs_of_a_filter(void **state)
{
    struct box b;
    char logs[80];
    char text[800];
    (void)state;
    box_up(&b, 0);
    make_filter(&b, "eth_newFilter", "[{\"address\":\"" BOX_LOGGER "\"}]", logs);
    box_send_word(&b, BOX_LOGGER, 12, NULL);
    box_mine(&b, 1);
    answers_within(&b, 12000);
    (void)snprintf(text, sizeof text,
                   "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getLogs\",\"params\":["
                   "{\"fromBlock\":\"0x1\"}]},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":"
                   "\"eth_getFilterChanges\",\"params\":%s}]",
                   logs);
    assert_non_null(strstr(box_text(&b, NULL, text), "response too large"));
    assert_int_equal(changes(&b, logs), 12);
    box_down(&b);
}

static void hashes_of_filters_outlast_an_answer_that_did_not_fit(void **state)
{
    struct box b;
    char blocks[80];
    char pending[80];
    (void)state;
    box_up(&b, 0);
    make_filter(&b, "eth_newBlockFilter", "[]", blocks);
    make_filter(&b, "eth_newPendingTransactionFilter", "[]", pending);
    for (size_t i = 0; i < 20; i++)
        box_send_word(&b, BOX_STORE, i, NULL);
    box_mine(&b, 20);
    answers_within(&b, 1000);
    box_refused(&b, "eth_getFilterChanges", blocks, -32003, "response too large");
    box_refused(&b, "eth_getFilterChanges", pending, -32003, "response too large");
    answers_within(&b, 10000);
    assert_int_equal(changes(&b, blocks), 20);
    assert_int_equal(changes(&b, pending), 20);
    box_down(&b);
}

static void whole_pending_transactions_come_in_parts(void **state)
{
    struct box b;
    char pending[80];
    (void)state;
    box_up(&b, 0);
    b.cfg.batch_reply = 12000;
    box_new_rpc(&b);
    make_filter(&b, "eth_newPendingTransactionFilter", "[true]", pending);
    for (size_t i = 0; i < 20; i++)
        box_send_word(&b, BOX_STORE, i, NULL);
    size_t part = changes(&b, pending);
    assert_in_range(part, 1, 19);
    for (size_t all = part; all < 20; all += part) {
        part = changes(&b, pending);
        assert_in_range(part, 1, 20 - all);
    }
    assert_int_equal(changes(&b, pending), 0);
    box_down(&b);
}

static void filters_end_when_nobody_asks(void **state)
{
    struct box b;
    char id[80];
    (void)state;
    box_up(&b, 0);
    make_filter(&b, "eth_newBlockFilter", "[]", id);
    b.now_ms += RPC_FILTER_MS;
    assert_int_equal(changes(&b, id), 0);
    b.now_ms += RPC_FILTER_MS + 1;
    box_refused(&b, "eth_getFilterChanges", id, -32000, "filter not found");
    box_down(&b);
}

#define NEW_FILTER(params)                                                                         \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_newFilter\",\"params\":[" params "]}"

/* What a client at this address is answered. */
static const char *answer_to(struct box *b, const char *remote, const char *text)
{
    const struct rpc_caller who = {.remote = remote};
    buf_clear(&b->reply);
    assert_status(rpc_serve_as(b->rpc, &who, slice_str(text), &b->reply, NULL), OK);
    return buf_cstr(&b->reply);
}

static bool is_refused(const char *answer, const char *why)
{
    return strstr(answer, "\"code\":-32005") != NULL && strstr(answer, why) != NULL;
}

static void filters_are_capped(void **state)
{
    struct box b;
    char remote[32];
    (void)state;
    box_up(&b, 0);
    for (size_t i = 0; i < RPC_FILTERS_MAX; i++) {
        (void)snprintf(remote, sizeof remote, "10.0.0.%zu", i / RPC_FILTERS_CLIENT);
        assert_non_null(strstr(answer_to(&b, remote, NEW_FILTER("{}")), "\"result\""));
    }
    box_refused(&b, "eth_newBlockFilter", "[]", -32005, "too many filters (");
    b.now_ms += RPC_FILTER_MS + 1;
    (void)box_result(&b, "eth_newBlockFilter", "[]");
    box_down(&b);
}

static void one_clients_filters_leave_room_for_others(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    b.cfg.filters_client = 2;
    box_new_rpc(&b);
    const char *mine[] = {"2001:db8:1:2::3", "2001:db8:1:2:ffff::4", "2001:db8:1:2::5"};
    for (size_t i = 0; i < 2; i++)
        assert_non_null(strstr(answer_to(&b, mine[i], NEW_FILTER("{}")), "\"result\""));
    assert_true(is_refused(answer_to(&b, mine[2], NEW_FILTER("{}")), "of one client (max 2)"));
    const char *others[] = {"2001:db8:1:3::3",  "192.0.2.1",         "192.0.2.2",
                            "192.0.2.2",        "::ffff:192.0.2.1",  "::ffff:192.0.2.3",
                            "::ffff:192.0.2.4", "fe80::1%eth0",      "2001:db8:1:3::4%lo",
                            "fe80::2",          "2001:db8:1:4::1%lo"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_non_null(strstr(answer_to(&b, others[i], NEW_FILTER("{}")), "\"result\""));
    const char *again[] = {"::ffff:192.0.2.1", "::ffff:192.0.2.2", "fe80::3%eth1"};
    for (size_t i = 0; i < sizeof again / sizeof *again; i++)
        assert_true(is_refused(answer_to(&b, again[i], NEW_FILTER("{}")), "of one client (max 2)"));
    box_down(&b);
}

/* A filter's criteria with so many addresses. */
static void put_addresses(struct buf *out, const char *before, size_t n, const char *after)
{
    buf_clear(out);
    assert_status(buf_put_str(out, before), OK);
    for (size_t i = 0; i < n; i++)
        assert_status(buf_printf(out, "%s\"0x%040zx\"", i > 0 ? "," : "", i), OK);
    assert_status(buf_put_str(out, after), OK);
}

static void criteria_are_kept_within_a_budget(void **state)
{
    struct box b;
    struct buf text;
    char first[80];
    (void)state;
    box_up(&b, 0);
    b.cfg.criteria_client = 60000;
    b.cfg.criteria_all = 100000;
    box_new_rpc(&b);
    buf_init(&text, 1 << 20);
    put_addresses(&text, "[{\"address\":[", 1000, "]}]"); /* 26 bytes each */
    make_filter(&b, "eth_newFilter", buf_cstr(&text), first);
    (void)box_result(&b, "eth_newFilter", buf_cstr(&text));
    box_refused(&b, "eth_newFilter", buf_cstr(&text), -32005, "of one client hold too much");
    put_addresses(&text,
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_newFilter\",\"params\":"
                  "[{\"address\":[",
                  1000, "]}]}");
    assert_non_null(strstr(answer_to(&b, "192.0.2.1", buf_cstr(&text)), "\"result\""));
    assert_true(is_refused(answer_to(&b, "192.0.2.2", buf_cstr(&text)), "subscriptions hold too"));
    assert_true(json_type(box_result(&b, "eth_uninstallFilter", first)) == JSON_TRUE);
    assert_non_null(strstr(answer_to(&b, "192.0.2.2", buf_cstr(&text)), "\"result\""));
    b.now_ms += RPC_FILTER_MS + 1; /* any request will do */
    (void)box_result(&b, "eth_chainId", "[]");
    b.now_ms = 2;
    for (size_t i = 0; i < 2; i++)
        assert_non_null(strstr(answer_to(&b, "192.0.2.3", buf_cstr(&text)), "\"result\""));
    buf_done(&text);
    box_down(&b);
}

/* A clock by which each look takes a second. */
static uint64_t hurry(void *ctx)
{
    return ((struct box *)ctx)->now_ms += 1000;
}

static void a_log_search_that_finds_nothing_ends_when_its_time_is_over(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    const struct clock_src fast = {b.clock.unix_s, hurry, &b};
    box_send_word(&b, BOX_LOGGER, 800, NULL);
    box_mine(&b, 1);
    b.cfg.clock = &fast;
    box_new_rpc(&b);
    /* A word of the second position, asked for in the first: the bloom has it, no log does. */
    box_refused(&b, "eth_getLogs",
                "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x1\",\"topics\":["
                "\"0x0000000000000000000000000000000000000000000000000000000000000004\"]}]",
                -32000, "log search aborted");
    box_down(&b);
}

static void log_searches_are_bounded(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    b.cfg.logs_max = 5;
    b.cfg.logs_blocks = 3;
    box_new_rpc(&b);
    box_send_word(&b, BOX_LOGGER, 5, NULL);
    box_mine(&b, 1);
    box_send_word(&b, BOX_LOGGER, 1, NULL);
    box_mine(&b, 3);
    struct json r = box_result(&b, "eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x1\"}]");
    assert_int_equal(json_count(r), 5);
    r = box_result(&b, "eth_getLogs",
                   "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x1\",\"topics\":[null,"
                   "[\"0x0000000000000000000000000000000000000000000000000000000000000004\"]]}]");
    assert_int_equal(json_count(r), 1);
    box_refused(&b, "eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x2\"}]", -32005,
                "more than 5 results");
    box_refused(&b, "eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x4\"}]", -32005,
                "maximum block range");
    box_refused(&b, "eth_getLogs", "[{\"fromBlock\":\"0x2\",\"toBlock\":\"0x1\"}]", -32602,
                "invalid block range params");
    box_refused(&b, "eth_getLogs", "[{\"fromBlock\":\"0x2\",\"toBlock\":\"0x99\"}]", -32602,
                "beyond current head");
    box_refused(&b, "eth_getLogs", "[{\"topics\":[[],[],[],[],[]]}]", -32602, "exceed max topics");
    box_down(&b);
}

/* --- subscriptions ---------------------------------------------------------------------------- */

/* A connection that takes so many texts before its queue is full. */
struct line {
    size_t room;
    size_t taken;
    uint64_t next_log;  /* what the next one's logIndex must be */
    uint64_t next_head; /* or the next one's number */
    bool broken;
};

static void check_order(struct line *l, struct json result)
{
    uint64_t n;
    if (json_hex_u64(json_get(result, "logIndex"), &n, NULL) == OK) {
        assert_int_equal(n, l->next_log % 100);
        l->next_log++;
    } else if (json_hex_u64(json_get(result, "number"), &n, NULL) == OK) {
        assert_int_equal(n, l->next_head++);
    }
}

static status take(void *ctx, slice text)
{
    struct line *l = ctx;
    struct arena a;
    struct json_doc doc;
    if (l->broken)
        return E_IO;
    if (l->room == 0)
        return E_BUSY;
    l->room--;
    l->taken++;
    arena_init(&a, 1 << 20, false);
    assert_status(json_read(text, &a, &doc, NULL), OK);
    struct json root = json_root(&doc);
    assert_true(json_eq(json_get(root, "method"), "eth_subscription"));
    check_order(l, json_get(json_get(root, "params"), "result"));
    arena_done(&a);
    return OK;
}

static struct rpc_session *connect_to(struct box *b, struct line *l)
{
    struct rpc_session *s;
    const struct rpc_sink sink = {take, l, NULL};
    assert_status(rpc_session_new(b->rpc, &sink, &s, NULL), OK);
    return s;
}

static void subscribe(struct box *b, struct rpc_session *s, const char *params, char id[80])
{
    char text[400];
    (void)snprintf(text, sizeof text,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[%s]}",
                   params);
    const char *reply = box_text(b, s, text);
    const char *at = strstr(reply, "\"result\":\"");
    assert_non_null(at);
    (void)snprintf(id, 80, "%.34s", at + 10);
}

static void ten_thousand_logs_reach_a_slow_reader_in_order(void **state)
{
    struct box b;
    struct line l = {.next_head = 1};
    char logs[80];
    char heads[80];
    bool more = true;
    size_t rounds = 0;
    (void)state;
    box_up(&b, 0);
    struct rpc_session *s = connect_to(&b, &l);
    assert_false(rpc_session_is_active(s));
    subscribe(&b, s, "\"logs\",{\"address\":\"" BOX_LOGGER "\"}", logs);
    subscribe(&b, s, "\"newHeads\"", heads);
    assert_true(rpc_session_is_active(s));
    for (unsigned i = 0; i < 100; i++) {
        box_send_word(&b, BOX_LOGGER, 100, NULL);
        box_mine(&b, 1);
    }
    while (l.taken < 10100) {
        l.room = 37;
        status st = rpc_session_pump(s, &more, NULL);
        assert_true(st == E_BUSY || st == OK);
        rounds++;
        assert_true(rounds < 1000);
    }
    l.room = 10;
    assert_status(rpc_session_pump(s, &more, NULL), OK);
    assert_int_equal(l.taken, 10100);
    assert_int_equal(l.next_log, 10000);
    assert_false(more);
    rpc_session_free(s);
    box_down(&b);
}

static void subscriptions_end_when_asked_to(void **state)
{
    struct box b;
    struct line l = {.room = 1000, .next_head = 1};
    char id[80];
    char text[200];
    bool more;
    (void)state;
    box_up(&b, 0);
    struct rpc_session *s = connect_to(&b, &l);
    subscribe(&b, s, "\"newPendingTransactions\"", id);
    box_send_word(&b, BOX_STORE, 1, NULL);
    assert_status(rpc_session_pump(s, &more, NULL), OK);
    assert_int_equal(l.taken, 1);
    (void)snprintf(
        text, sizeof text,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_unsubscribe\",\"params\":[\"%s\"]}", id);
    assert_string_equal(box_text(&b, s, text), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true}");
    assert_non_null(strstr(box_text(&b, s, text), "subscription not found"));
    box_send_word(&b, BOX_STORE, 2, NULL);
    assert_status(rpc_session_pump(s, &more, NULL), OK);
    assert_int_equal(l.taken, 1);
    rpc_session_free(s);
    box_down(&b);
}

static void subscriptions_need_a_connection_and_are_capped(void **state)
{
    struct box b;
    struct line l = {.room = 0};
    char id[80];
    (void)state;
    box_up(&b, 0);
    box_refused(&b, "eth_subscribe", "[\"newHeads\"]", -32001, "notifications not supported");
    struct rpc_session *s = connect_to(&b, &l);
    for (unsigned i = 0; i < RPC_SUBSCRIPTIONS_MAX; i++)
        subscribe(&b, s, "\"newHeads\"", id);
    const char *one = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":"
                      "[\"newHeads\"]}";
    assert_non_null(strstr(box_text(&b, s, one), "too many subscriptions"));
    rpc_session_free(s);
    s = connect_to(&b, &l);
    assert_non_null(strstr(box_text(&b, s,
                                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\","
                                    "\"params\":[\"news\"]}"),
                           "no \\\"news\\\" subscription in eth namespace"));
    rpc_session_free(s);
    box_down(&b);
}

static void subscriptions_of_one_connection_have_a_budget(void **state)
{
    struct box b;
    struct line l = {.room = 100};
    struct buf text;
    char id[80];
    (void)state;
    box_up(&b, 0);
    b.cfg.criteria_session = 60000;
    box_new_rpc(&b);
    struct rpc_session *s = connect_to(&b, &l);
    buf_init(&text, 1 << 20);
    put_addresses(&text,
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"logs\","
                  "{\"address\":[",
                  1000, "]}]}");
    const char *answer = box_text(&b, s, buf_cstr(&text));
    (void)snprintf(id, sizeof id, "%.34s", strstr(answer, "\"result\":\"") + 10);
    assert_non_null(strstr(box_text(&b, s, buf_cstr(&text)), "\"result\""));
    assert_true(is_refused(box_text(&b, s, buf_cstr(&text)), "of one connection hold too much"));
    buf_clear(&text);
    assert_status(buf_printf(&text,
                             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_unsubscribe\","
                             "\"params\":[\"%s\"]}",
                             id),
                  OK);
    assert_non_null(strstr(box_text(&b, s, buf_cstr(&text)), "true"));
    subscribe(&b, s, "\"logs\",{}", id);
    buf_done(&text);
    rpc_session_free(s);
    box_down(&b);
}

#define WORD(digit) "\"0x000000000000000000000000000000000000000000000000000000000000000" digit "\""

static void kept_criteria_find_what_a_search_finds(void **state)
{
    static const char *const criteria[] = {
        "{\"topics\":[null,[" WORD("2") "," WORD("4") "]]}",
        "{\"address\":[\"" BOX_STORE "\",\"" BOX_LOGGER "\"],\"topics\":[[],[" WORD("1") "]]}",
        "{\"address\":\"" BOX_STORE "\"}",
        "{\"topics\":[[],[]]}",
    };
    const size_t want[] = {2, 1, 0, 6};
    struct box b;
    char id[4][80];
    char params[512];
    (void)state;
    box_up(&b, 0);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(params, sizeof params, "[%s]", criteria[i]);
        make_filter(&b, "eth_newFilter", params, id[i]);
    }
    box_send_word(&b, BOX_LOGGER, 6, NULL);
    box_mine(&b, 1);
    box_send_word(&b, BOX_STORE, 6, NULL);
    box_mine(&b, 1);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(params, sizeof params, "[{\"fromBlock\":\"0x0\",\"toBlock\":\"0x2\",%s]",
                       criteria[i] + 1);
        size_t found = json_count(box_result(&b, "eth_getLogs", params));
        assert_int_equal(changes(&b, id[i]), found);
        assert_int_equal(found, want[i]);
    }
    box_down(&b);
}

static void a_broken_connection_ends_the_pump(void **state)
{
    struct box b;
    struct line l = {.broken = true};
    char id[80];
    bool more;
    (void)state;
    box_up(&b, 0);
    struct rpc_session *s = connect_to(&b, &l);
    subscribe(&b, s, "\"newHeads\"", id);
    box_mine(&b, 1);
    assert_status(rpc_session_pump(s, &more, NULL), E_IO);
    rpc_session_free(s);
    box_down(&b);
}

static void after_a_rollback_the_new_blocks_are_told(void **state)
{
    struct box b;
    struct line l = {.room = 100, .next_head = 1};
    char id[80];
    char blocks[80];
    bool more;
    (void)state;
    box_up(&b, 0);
    struct rpc_session *s = connect_to(&b, &l);
    subscribe(&b, s, "\"newHeads\"", id);
    make_filter(&b, "eth_newBlockFilter", "[]", blocks);
    box_mine(&b, 5);
    assert_status(rpc_session_pump(s, &more, NULL), OK);
    assert_int_equal(l.next_head, 6);
    assert_int_equal(changes(&b, blocks), 5);
    assert_status(chain_rollback(b.chain, 2, NULL), OK);
    b.now_s += 100;
    box_mine(&b, 2);
    l.next_head = 3;
    assert_status(rpc_session_pump(s, &more, NULL), OK);
    assert_int_equal(l.next_head, 5);
    assert_int_equal(changes(&b, blocks), 2);
    rpc_session_free(s);
    box_down(&b);
}

static void count_wakes(void *ctx)
{
    ++*(unsigned *)ctx;
}

static void whoever_pumps_is_woken(void **state)
{
    struct box b;
    unsigned woken = 0;
    (void)state;
    box_up(&b, 0);
    rpc_set_wake(b.rpc, count_wakes, &woken);
    box_send_word(&b, BOX_STORE, 1, NULL);
    assert_int_equal(woken, 1);
    box_mine(&b, 1);
    assert_int_equal(woken, 2);
    rpc_set_wake(b.rpc, NULL, NULL);
    box_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_tell_what_is_new_and_only_once),
        cmocka_unit_test(logs_of_a_filter_outlast_an_answer_that_did_not_fit),
        cmocka_unit_test(a_batch_that_is_full_takes_no_logs_of_a_filter),
        cmocka_unit_test(hashes_of_filters_outlast_an_answer_that_did_not_fit),
        cmocka_unit_test(whole_pending_transactions_come_in_parts),
        cmocka_unit_test(filters_end_when_nobody_asks),
        cmocka_unit_test(filters_are_capped),
        cmocka_unit_test(one_clients_filters_leave_room_for_others),
        cmocka_unit_test(criteria_are_kept_within_a_budget),
        cmocka_unit_test(subscriptions_of_one_connection_have_a_budget),
        cmocka_unit_test(kept_criteria_find_what_a_search_finds),
        cmocka_unit_test(a_log_search_that_finds_nothing_ends_when_its_time_is_over),
        cmocka_unit_test(log_searches_are_bounded),
        cmocka_unit_test(ten_thousand_logs_reach_a_slow_reader_in_order),
        cmocka_unit_test(subscriptions_end_when_asked_to),
        cmocka_unit_test(subscriptions_need_a_connection_and_are_capped),
        cmocka_unit_test(a_broken_connection_ends_the_pump),
        cmocka_unit_test(after_a_rollback_the_new_blocks_are_told),
        cmocka_unit_test(whoever_pumps_is_woken),
    };
    return cmocka_run_group_tests_name("rpc follow", tests, NULL, NULL);
}
