/* SPDX-License-Identifier: Apache-2.0 */
/* The follower against several nodes behind one address, some of which are behind: what they do not
 * have yet they answer as if nothing were in it. */
#include "test.h"

#include "base/sysio.h"
#include "chain/receipt.h"
#include "ledger/follow.h"

#define BLOCKS 64u

/* A chain with a log of ours in some blocks, and how far the node is that answers next. */
struct lagging {
    struct ledger base;
    uint64_t head;
    bool has_log[BLOCKS];
    bool looks_so[BLOCKS]; /* the bloom has our address all the same */
    uint64_t logs_up_to;   /* of a node that is behind: it has no block beyond */
    unsigned asked_for_logs;
    struct ledger_log logs[BLOCKS];
};

static const addr20 ours = {{0x0a}};
static struct lagging node;

static hash32 hash_of(uint64_t number)
{
    hash32 h = {{0x42}};
    h.b[31] = (uint8_t)number;
    return h;
}

static void block_make(uint64_t number, struct ledger_block *ret)
{
    struct state_log log = {.addr = ours};
    *ret = (struct ledger_block){.number = number, .hash = hash_of(number)};
    if (number > 0)
        ret->parent = hash_of(number - 1);
    if (node.has_log[number] || node.looks_so[number])
        logs_bloom(&log, 1, ret->bloom);
}

static void logs_answer(struct ledger_req *r)
{
    node.asked_for_logs++;
    r->out.logs.list = node.logs;
    r->out.logs.n = 0;
    for (uint64_t i = r->in.filter.from; i <= r->in.filter.to && i <= node.logs_up_to; i++)
        if (node.has_log[i])
            node.logs[r->out.logs.n++] =
                (struct ledger_log){.address = ours, .block_number = i, .block_hash = hash_of(i)};
}

static status run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                  struct err *reterr)
{
    (void)l;
    (void)a;
    (void)reterr;
    for (size_t i = 0; i < n; i++) {
        struct ledger_req *r = &reqs[i];
        r->st = OK;
        if (r->kind == LEDGER_NUMBER)
            r->out.number = node.head;
        else if (r->kind == LEDGER_LOGS)
            logs_answer(r);
        else if (r->kind == LEDGER_BLOCK && r->at.number <= node.head)
            block_make(r->at.number, &r->out.block);
        else
            r->st = ERR(&r->err, E_NOT_FOUND, "no such block");
    }
    return OK;
}

static const struct ledger_ops ops = {.run = run};

/* Blocks whose logs were delivered. */
struct got {
    uint64_t block[BLOCKS];
    size_t n;
};

static status on_rollback(void *ctx, uint64_t from, const struct ledger_cursor *cursor,
                          struct err *reterr)
{
    (void)ctx;
    (void)cursor;
    return ERR(reterr, E_CONFLICT, "back to %llu", (unsigned long long)from);
}

static status on_block(void *ctx, const struct ledger_mark *block, const struct ledger_log *logs,
                       size_t n, const struct ledger_cursor *cursor, struct err *reterr)
{
    struct got *g = ctx;
    (void)logs;
    (void)cursor;
    (void)reterr;
    if (n > 0)
        g->block[g->n++] = block->number;
    return OK;
}

static int set_up(void **state)
{
    (void)state;
    memset(&node, 0, sizeof node);
    node.base.ops = &ops;
    node.base.clock = &clock_system;
    return 0;
}

/* Steps until nothing more is asked for at once: what happens between two waits for news. */
static void look(struct ledger_follow *f, struct got *g)
{
    const struct ledger_follow_sink sink = {on_rollback, on_block, g};
    struct err err;
    bool more = true;
    for (int i = 0; more; i++) {
        assert_true(i < 1000);
        assert_ok(ledger_follow_step(f, &sink, &more, &err), &err);
    }
}

static void start(struct ledger_follow *f)
{
    const struct ledger_cursor fresh = {0};
    ledger_follow_init(f, &node.base, ours, 0, &fresh);
}

static void waits_for_logs_that_the_head_must_have(void **state)
{
    struct ledger_follow f;
    struct got g = {.n = 0};
    (void)state;
    start(&f);
    node.head = 20;
    node.has_log[20] = true;
    node.logs_up_to = 19;
    look(&f, &g);
    assert_int_equal(g.n, 0);
    assert_int_equal(f.cursor.next, 20);
    node.logs_up_to = 20;
    look(&f, &g);
    assert_int_equal(g.n, 1);
    assert_int_equal(g.block[0], 20);
    assert_int_equal(f.cursor.next, 21);
}

static void misses_nothing_behind_a_node_that_is_some_blocks_late(void **state)
{
    struct ledger_follow f;
    struct got g = {.n = 0};
    (void)state;
    start(&f);
    node.head = 60;
    node.has_log[10] = node.has_log[50] = node.has_log[58] = true;
    node.logs_up_to = 46; /* as far behind as is reckoned with */
    look(&f, &g);
    assert_int_equal(g.n, 1);
    node.logs_up_to = 60;
    look(&f, &g);
    assert_int_equal(g.n, 3);
    assert_int_equal(g.block[1], 50);
    assert_int_equal(g.block[2], 58);
    assert_int_equal(f.cursor.next, 61);
}

static void goes_on_where_a_bloom_only_looks_so(void **state)
{
    struct ledger_follow f;
    struct got g = {.n = 0};
    (void)state;
    start(&f);
    node.head = node.logs_up_to = 30;
    node.looks_so[29] = true;
    for (unsigned i = 0; i < LEDGER_FOLLOW_DOUBTS; i++) {
        look(&f, &g);
        assert_int_equal(f.cursor.next, 29);
    }
    look(&f, &g);
    assert_int_equal(f.cursor.next, 31);
    assert_int_equal(f.doubts, 0);
}

static void asks_for_no_logs_of_a_block_that_has_none(void **state)
{
    struct ledger_follow f;
    struct got g = {.n = 0};
    (void)state;
    start(&f);
    node.head = node.logs_up_to = 8;
    look(&f, &g);
    assert_int_equal(node.asked_for_logs, 0);
    assert_int_equal(f.cursor.next, 9);
    assert_int_equal(f.cursor.marks_n, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(waits_for_logs_that_the_head_must_have, set_up),
        cmocka_unit_test_setup(misses_nothing_behind_a_node_that_is_some_blocks_late, set_up),
        cmocka_unit_test_setup(goes_on_where_a_bloom_only_looks_so, set_up),
        cmocka_unit_test_setup(asks_for_no_logs_of_a_block_that_has_none, set_up),
    };
    return cmocka_run_group_tests_name("ledger follow, lagging nodes", tests, NULL, NULL);
}
