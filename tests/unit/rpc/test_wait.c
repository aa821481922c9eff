/* SPDX-License-Identifier: Apache-2.0 */
/* eth_sendRawTransactionSync: who is waited for, how long, and how many at the same time. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/sysio.h"
#include "box.h"
#include "test.h"

struct sync_call {
    struct box *box;
    char text[1024];
    struct buf reply;
    bool brief;
    uint64_t took_ms;
};

/* A transfer of nothing by the box's sender with this nonce, to be waited for. */
static void call_init(struct sync_call *c, struct box *b, uint64_t nonce, unsigned wait_ms)
{
    struct buf raw;
    struct buf hex;
    *c = (struct sync_call){.box = b};
    buf_init(&c->reply, 1 << 20);
    buf_init(&raw, 1 << 16);
    buf_init(&hex, 1 << 16);
    box_raw(b, BOX_STORE, SLICE_EMPTY, 0, nonce, &raw);
    assert_status(buf_put_hex(&hex, buf_slice(&raw)), OK);
    (void)snprintf(c->text, sizeof c->text,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendRawTransactionSync\","
                   "\"params\":[\"0x%s\",%u]}",
                   buf_cstr(&hex), wait_ms);
    buf_done(&raw);
    buf_done(&hex);
}

static void *call_run(void *arg)
{
    struct sync_call *c = arg;
    uint64_t begun = clock_mono_ms(&clock_system);
    const struct rpc_caller who = {.brief = c->brief};
    status s = rpc_serve_as(c->box->rpc, &who, slice_str(c->text), &c->reply, NULL);
    c->took_ms = s == OK ? clock_mono_ms(&clock_system) - begun : UINT64_MAX;
    return NULL;
}

static bool call_says(const struct sync_call *c, const char *text)
{
    return memmem(c->reply.p, c->reply.n, text, strlen(text)) != NULL;
}

static void one_behind_a_gap_is_answered_at_once_with_its_hash(void **state)
{
    struct box b;
    struct sync_call c;
    (void)state;
    box_up(&b, RPC_TXPOOL);
    call_init(&c, &b, 5, 20000);
    call_run(&c);
    assert_true(c.took_ms < 10000);
    assert_true(call_says(&c, "\"code\":5"));
    assert_true(call_says(&c, "a nonce before it is missing"));
    assert_true(call_says(&c, "\"data\":\"0x"));
    struct json pool = box_result(&b, "txpool_status", "[]");
    assert_true(json_eq(json_get(pool, "queued"), "0x1"));
    buf_done(&c.reply);
    box_down(&b);
}

/* Until so many are pending: the next one has no gap before it then. */
static void await_pending(struct box *b, size_t n)
{
    struct chain_pool_count count = {0};
    uint64_t begun = clock_mono_ms(&clock_system);
    while (count.pending < n) {
        assert_true(clock_mono_ms(&clock_system) - begun < 30000);
        (void)usleep(1000);
        chain_pool_status(b->chain, &count);
    }
}

/* Which of them gets the place is for the scheduler to say. */
static void few_wait_for_long_and_the_rest_are_told_soon(void **state)
{
    struct box b;
    struct sync_call c[4];
    pthread_t t[4];
    unsigned n_long = 0;
    (void)state;
    box_up(&b, 0);
    b.cfg.waits_max = 1;
    box_new_rpc(&b);
    for (unsigned i = 0; i < 4; i++) {
        call_init(&c[i], &b, i, 5000);
        assert_int_equal(pthread_create(&t[i], NULL, call_run, &c[i]), 0);
        await_pending(&b, i + 1);
    }
    for (unsigned i = 0; i < 4; i++) {
        (void)pthread_join(t[i], NULL);
        bool is_long = call_says(&c[i], "in 5000ms");
        n_long += is_long;
        assert_true(call_says(&c[i], "\"code\":4"));
        assert_true(is_long ? c[i].took_ms > 3000 : call_says(&c[i], "in 1000ms"));
        buf_done(&c[i].reply);
    }
    assert_int_equal(n_long, 1);
    call_init(&c[0], &b, 4, 1500);
    call_run(&c[0]); /* the place is free again */
    assert_true(call_says(&c[0], "in 1500ms"));
    buf_done(&c[0].reply);
    box_down(&b);
}

static void nobody_waits_for_long_on_a_thread_that_others_need(void **state)
{
    struct box b;
    struct sync_call c;
    (void)state;
    box_up(&b, 0);
    call_init(&c, &b, 0, 30000);
    c.brief = true;
    call_run(&c);
    assert_true(c.took_ms < 15000);
    assert_true(call_says(&c, "in 1000ms"));
    buf_done(&c.reply);
    box_down(&b);
}

static void *mine_soon(void *arg)
{
    (void)usleep(1500000);
    box_mine(arg, 1);
    return NULL;
}

static void a_block_within_the_time_is_answered_with_the_receipt(void **state)
{
    struct box b;
    struct sync_call c;
    pthread_t t;
    (void)state;
    box_up(&b, 0);
    call_init(&c, &b, 0, 20000);
    assert_int_equal(pthread_create(&t, NULL, mine_soon, &b), 0);
    call_run(&c);
    (void)pthread_join(t, NULL);
    assert_true(c.took_ms < 15000);
    assert_true(call_says(&c, "\"blockNumber\":\"0x1\""));
    buf_done(&c.reply);
    box_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_behind_a_gap_is_answered_at_once_with_its_hash),
        cmocka_unit_test(few_wait_for_long_and_the_rest_are_told_soon),
        cmocka_unit_test(nobody_waits_for_long_on_a_thread_that_others_need),
        cmocka_unit_test(a_block_within_the_time_is_answered_with_the_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
