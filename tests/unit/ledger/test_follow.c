/* SPDX-License-Identifier: Apache-2.0 */
/* The follower against a live node: order, confirmations, rollback, restart, and a refusing sink.
 */
#include "test.h"

#include "ledger/follow.h"
#include "ledger/remote.h"
#include "store_contract.h"
#include "test_node.h"

/* What a read model would keep: values in order, with the block they came from. */
struct model {
    uint64_t block[256];
    uint64_t value[256];
    size_t n;
    size_t rollbacks;
    uint64_t rolled_from;
    uint64_t last_block;
    bool refuse; /* the next block */
    struct ledger_cursor cursor;
};

static struct test_node node;
static struct ledger *ledger;
static struct arena arena;
static addr20 store;

static int set_up(void **state)
{
    (void)state;
    if (!test_node_start(&node, NULL))
        return 0;
    ledger = node.ledger;
    arena_init(&arena, (size_t)64 << 20, false);
    store = store_deploy(ledger, &arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (node.up) {
        arena_done(&arena);
        test_node_stop(&node);
    }
    return 0;
}

#define NEED_ANVIL()                                                                               \
    do {                                                                                           \
        if (!node.up) {                                                                            \
            print_message("SKIPPED %s: no anvil\n", __func__);                                     \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

static status on_rollback(void *ctx, uint64_t from, const struct ledger_cursor *cursor,
                          struct err *reterr)
{
    struct model *m = ctx;
    (void)reterr;
    m->rollbacks++;
    m->rolled_from = from;
    while (m->n > 0 && m->block[m->n - 1] >= from)
        m->n--;
    m->cursor = *cursor;
    return OK;
}

static status on_block(void *ctx, const struct ledger_mark *block, const struct ledger_log *logs,
                       size_t n, const struct ledger_cursor *cursor, struct err *reterr)
{
    struct model *m = ctx;
    if (m->refuse) {
        m->refuse = false;
        return ERR(reterr, E_NO_SPACE, "the store is full");
    }
    assert_true(block->number >= m->last_block || m->rollbacks > 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(logs[i].block_number, block->number);
        assert_true(m->n < 256);
        m->block[m->n] = block->number;
        m->value[m->n++] = logs[i].data.p[31];
    }
    m->last_block = block->number;
    m->cursor = *cursor;
    return OK;
}

static void run_to_end(struct ledger_follow *f, struct model *m)
{
    const struct ledger_follow_sink sink = {on_rollback, on_block, m};
    struct err err;
    bool more = true;
    for (int i = 0; more; i++) {
        assert_true(i < 1000);
        assert_ok(ledger_follow_step(f, &sink, &more, &err), &err);
    }
}

static void put(uint64_t slot, uint64_t value)
{
    struct store_data d = store_data(slot, value);
    assert_true(store_send(ledger, store, slice_of(d.b, 64), &arena).ok);
}

static void start(struct ledger_follow *f, uint32_t confirmations)
{
    const struct ledger_cursor fresh = {0};
    ledger_follow_init(f, ledger, store, confirmations, &fresh);
}

static void delivers_logs_in_order_and_only_once(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {0};
    struct ledger_follow f;
    start(&f, 0);
    f.span = 2;
    for (uint64_t i = 1; i <= 5; i++)
        put(i, i);
    run_to_end(&f, &m);
    anvil_do(ledger, "anvil_mine", "[\"0x14\"]");
    put(6, 6);
    run_to_end(&f, &m);
    run_to_end(&f, &m);
    assert_int_equal(m.n, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(m.value[i], i + 1);
    assert_int_equal(m.rollbacks, 0);
    struct ledger_block head;
    assert_int_equal(ledger_head(ledger, &head, NULL), OK);
    assert_int_equal(f.cursor.next, head.number + 1);
}

static void holds_back_what_is_not_confirmed(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {0};
    struct ledger_follow f;
    start(&f, 3);
    put(1, 1);
    run_to_end(&f, &m);
    assert_int_equal(m.n, 0);
    anvil_do(ledger, "anvil_mine", "[\"0x2\"]");
    run_to_end(&f, &m);
    assert_int_equal(m.n, 0);
    anvil_do(ledger, "anvil_mine", "[\"0x1\"]");
    run_to_end(&f, &m);
    assert_int_equal(m.n, 1);
}

static void rolls_back_when_blocks_leave_the_chain(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {0};
    struct ledger_follow f;
    start(&f, 0);
    for (uint64_t i = 1; i <= 6; i++) {
        put(i, i);
        run_to_end(&f, &m);
    }
    assert_int_equal(m.n, 6);
    uint64_t kept = m.block[3];
    anvil_do(ledger, "anvil_reorg", "[2, []]"); /* values 5 and 6 are gone, two empty blocks */
    put(7, 7);
    run_to_end(&f, &m);
    assert_int_equal(m.rollbacks, 1);
    assert_int_equal(m.rolled_from, kept + 1);
    assert_int_equal(m.n, 5);
    static const uint64_t want[] = {1, 2, 3, 4, 7};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(m.value[i], want[i]);
}

static void rolls_back_to_the_start_when_the_chain_began_anew(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {0};
    struct ledger_follow f;
    ledger_follow_init(&f, ledger, store, 0, &(struct ledger_cursor){.first = 1, .next = 1});
    put(1, 1);
    put(2, 2);
    run_to_end(&f, &m);
    assert_int_equal(m.n, 2);
    anvil_do(ledger, "anvil_reorg", "[3, []]");
    run_to_end(&f, &m);
    assert_int_equal(m.rollbacks, 1);
    assert_int_equal(m.rolled_from, 1);
    assert_int_equal(m.n, 0);
}

static void says_conflict_when_no_mark_is_left_on_the_chain(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {0};
    struct ledger_follow f;
    struct err err;
    bool more = false;
    start(&f, 0);
    put(1, 1);
    run_to_end(&f, &m);
    f.cursor.dropped = true;
    for (size_t i = 0; i < f.cursor.marks_n; i++)
        f.cursor.marks[i].hash.b[0] ^= 1;
    const struct ledger_follow_sink sink = {on_rollback, on_block, &m};
    assert_status(ledger_follow_step(&f, &sink, &more, &err), E_CONFLICT);
    assert_int_equal(m.rollbacks, 0);
}

static void goes_on_from_a_stored_cursor(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {0};
    struct ledger_follow f;
    struct buf stored;
    struct err err;
    struct ledger_cursor c;
    start(&f, 0);
    put(1, 1);
    run_to_end(&f, &m);
    buf_init(&stored, 1 << 16);
    assert_ok(ledger_cursor_put(&m.cursor, &stored), &err);
    assert_ok(ledger_cursor_read(buf_slice(&stored), &c, &err), &err);
    for (size_t n = 0; n < stored.n; n++)
        assert_int_not_equal(ledger_cursor_read(slice_first(buf_slice(&stored), n), &c, &err), OK);
    assert_ok(buf_put_u8(&stored, 0), &err);
    assert_status(ledger_cursor_read(buf_slice(&stored), &c, &err), E_TRAILING);
    put(2, 2);
    ledger_follow_init(&f, ledger, store, 0, &m.cursor);
    run_to_end(&f, &m);
    assert_int_equal(m.n, 2);
    assert_int_equal(m.value[1], 2);
    buf_done(&stored);
}

static void repeats_what_the_sink_refused(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {.refuse = true};
    struct ledger_follow f;
    struct err err;
    bool more = false;
    const struct ledger_follow_sink sink = {on_rollback, on_block, &m};
    start(&f, 0);
    put(1, 1);
    assert_status(ledger_follow_step(&f, &sink, &more, &err), E_NO_SPACE);
    assert_int_equal(f.cursor.marks_n, 0);
    run_to_end(&f, &m);
    assert_int_equal(m.n, 1);
}

static void keeps_the_last_marks_only(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct model m = {0};
    struct ledger_follow f;
    start(&f, 0);
    f.span = 1;
    anvil_do(ledger, "anvil_mine", "[\"0xc8\"]");
    const struct ledger_follow_sink sink = {on_rollback, on_block, &m};
    struct err err;
    bool more = true;
    while (more) {
        f.span = 1;
        assert_ok(ledger_follow_step(&f, &sink, &more, &err), &err);
    }
    assert_int_equal(f.cursor.marks_n, LEDGER_FOLLOW_HASHES);
    assert_true(f.cursor.dropped);
    anvil_do(ledger, "anvil_reorg", "[100, []]");
    run_to_end(&f, &m);
    assert_int_equal(m.rollbacks, 1);
}

#define LIVE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE(delivers_logs_in_order_and_only_once),
        LIVE(holds_back_what_is_not_confirmed),
        LIVE(rolls_back_when_blocks_leave_the_chain),
        LIVE(rolls_back_to_the_start_when_the_chain_began_anew),
        LIVE(says_conflict_when_no_mark_is_left_on_the_chain),
        LIVE(goes_on_from_a_stored_cursor),
        LIVE(repeats_what_the_sink_refused),
        LIVE(keeps_the_last_marks_only),
    };
    return cmocka_run_group_tests_name("ledger follow", tests, NULL, NULL);
}
