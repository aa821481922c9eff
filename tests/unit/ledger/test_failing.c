/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger that fails for a while: what waits for it goes on afterwards, and does not press it. */
#include "test.h"

#include "base/sysio.h"
#include "ledger/follow.h"

/* One block, 5, with a transaction; the clock goes on while one waits. */
struct failing {
    struct ledger base;
    status with;     /* how questions of this kind fail */
    unsigned left;   /* how often they still do */
    bool whole;      /* as whole batches */
    uint64_t now_ms; /* of its clock */
    uint64_t head;
};

static struct failing node;

static uint64_t now(void *ctx)
{
    (void)ctx;
    return node.now_ms;
}

static const struct clock_src slow = {.unix_s = now, .mono_ms = now};

static bool is_concerned(const struct ledger_req *q)
{
    return q->kind == LEDGER_RECEIPT || q->kind == LEDGER_LOGS;
}

static status run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                  struct err *reterr)
{
    (void)l;
    (void)a;
    bool fails = node.left > 0 && is_concerned(&reqs[0]);
    node.left -= fails ? 1 : 0;
    if (fails && node.whole)
        return ERR(reterr, node.with, "fake");
    for (size_t i = 0; i < n; i++) {
        reqs[i].st = OK;
        memset(&reqs[i].out, 0, sizeof reqs[i].out);
        if (fails && is_concerned(&reqs[i]))
            reqs[i].st = ERR(&reqs[i].err, node.with, "fake");
        else if (reqs[i].kind == LEDGER_RECEIPT)
            reqs[i].out.receipt.block_number = 5;
        else if (reqs[i].kind == LEDGER_NUMBER)
            reqs[i].out.number = node.head;
    }
    return OK;
}

static void wait_for_news(struct ledger *l, uint32_t ms)
{
    (void)l;
    node.now_ms += ms;
}

static const struct ledger_ops ops = {.run = run, .wait = wait_for_news};

static int set_up(void **state)
{
    (void)state;
    node = (struct failing){.base = {.ops = &ops, .clock = &slow}, .head = 5};
    return 0;
}

/* --- waiting for a receipt ---------------------------------------------------------------------
 */

static status wait_mined(struct err *e)
{
    struct arena a;
    struct ledger_receipt r;
    const hash32 tx = {{1}};
    arena_init(&a, 1 << 20, false);
    status s = ledger_wait(&node.base, &tx, 1, 2000, &a, &r, e);
    arena_done(&a);
    return s;
}

static void a_look_that_fails_does_not_end_the_wait_for_a_receipt(void **state)
{
    static const status passing[] = {E_NOT_FOUND, E_UNAVAILABLE, E_TIMEOUT, E_RATE};
    struct err e = {0};
    (void)state;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        for (int whole = 0; whole < 2; whole++) {
            node.with = passing[i];
            node.whole = whole != 0;
            node.left = 3;
            assert_ok(wait_mined(&e), &e);
            assert_int_equal(node.left, 0);
        }
}

static void its_time_does_with_what_was_seen_last(void **state)
{
    struct err e = {0};
    (void)state;
    node.with = E_UNAVAILABLE;
    node.left = UINT32_MAX;
    assert_status(wait_mined(&e), E_TIMEOUT);
    assert_status(e.code, E_TIMEOUT);
    assert_string_equal(e.msg, "no confirmed receipt in time: fake");
    assert_int_equal(node.now_ms, 2000);
}

static void other_failures_end_it_at_once(void **state)
{
    struct err e = {0};
    (void)state;
    node.with = E_CORRUPT;
    node.left = 1;
    assert_status(wait_mined(&e), E_CORRUPT);
    assert_int_equal(node.now_ms, 0);
}

/* --- following ---------------------------------------------------------------------------------
 */

static status on_rollback(void *ctx, uint64_t from, const struct ledger_cursor *cursor,
                          struct err *reterr)
{
    (void)ctx, (void)from, (void)cursor, (void)reterr;
    return OK;
}

static status on_block(void *ctx, const struct ledger_mark *block, const struct ledger_log *logs,
                       size_t n, const struct ledger_cursor *cursor, struct err *reterr)
{
    (void)ctx, (void)block, (void)logs, (void)n, (void)cursor, (void)reterr;
    return OK;
}

static status step(struct ledger_follow *f, bool *ret_more)
{
    const struct ledger_follow_sink sink = {on_rollback, on_block, NULL};
    struct err e;
    return ledger_follow_step(f, &sink, ret_more, &e);
}

static void a_follower_asks_for_less_at_once_when_that_is_too_much(void **state)
{
    struct ledger_follow f;
    bool more = false;
    (void)state;
    ledger_follow_init(&f, &node.base, (addr20){{1}}, 0, &(struct ledger_cursor){.next = 0});
    node.head = 10 * LEDGER_FOLLOW_SPAN;
    node.with = E_TOO_LONG;
    node.left = 1;
    assert_status(step(&f, &more), OK);
    assert_true(more);
    assert_int_equal(f.span, LEDGER_FOLLOW_SPAN / 2);
}

/* "limit exceeded" is what some nodes say of both: less, but later. */
static void a_follower_that_asks_too_often_is_told_to_wait(void **state)
{
    struct ledger_follow f;
    bool more = false;
    (void)state;
    ledger_follow_init(&f, &node.base, (addr20){{1}}, 0, &(struct ledger_cursor){.next = 0});
    node.head = 10 * LEDGER_FOLLOW_SPAN;
    node.with = E_RATE;
    node.left = 1;
    assert_status(step(&f, &more), E_RATE);
    assert_int_equal(f.span, LEDGER_FOLLOW_SPAN / 2);
    assert_status(step(&f, &more), OK);
    assert_int_equal(f.cursor.next, LEDGER_FOLLOW_SPAN / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_look_that_fails_does_not_end_the_wait_for_a_receipt, set_up),
        cmocka_unit_test_setup(its_time_does_with_what_was_seen_last, set_up),
        cmocka_unit_test_setup(other_failures_end_it_at_once, set_up),
        cmocka_unit_test_setup(a_follower_asks_for_less_at_once_when_that_is_too_much, set_up),
        cmocka_unit_test_setup(a_follower_that_asks_too_often_is_told_to_wait, set_up),
    };
    return cmocka_run_group_tests_name("failing ledger", tests, NULL, NULL);
}
