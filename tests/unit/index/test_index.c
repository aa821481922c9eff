/* SPDX-License-Identifier: Apache-2.0 */
/* The read model: decoding of logs, lists, history and undoing of blocks. */
#include "test.h"

#include <ftw.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/checked.h"
#include "contract/registry_abi.h"
#include "index/index_impl.h"

static hash32 id(uint8_t n)
{
    hash32 h = {{0}};
    h.b[0] = n;
    h.b[31] = n;
    return h;
}

struct model {
    char dir[32];
    struct index ix;
    struct arena a;
};

static int remove_one(const char *path, const struct stat *sb, int flag, struct FTW *ftw)
{
    (void)sb;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int setup(void **state)
{
    struct model *m = calloc(1, sizeof *m);
    struct err e = {0};
    assert_non_null(m);
    (void)snprintf(m->dir, sizeof m->dir, "/tmp/ehrd-index-XXXXXX");
    assert_non_null(mkdtemp(m->dir));
    assert_ok(rows_open(&m->ix.rows, m->dir, &e), &e);
    arena_init(&m->a, 1 << 20, false);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct model *m = *state;
    arena_done(&m->a);
    rows_close(&m->ix.rows);
    (void)nftw(m->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(m);
    return 0;
}

static void put(struct model *m, struct event e)
{
    struct err err = {0};
    struct kv_txn *w = NULL;
    assert_ok(kv_write_begin(m->ix.rows.kv, &w, &err), &err);
    assert_ok(rows_put(&m->ix.rows, w, &e, &err), &err);
    assert_ok(kv_commit(w, &err), &err);
}

static struct event record_event(enum event_kind kind, uint8_t record, uint32_t version,
                                 uint64_t block)
{
    struct event e = {
        .kind = kind, .folder = id(1), .second = id(record), .version = version, .epoch = 1};
    e.when.block = block;
    e.when.time = 1000 + block;
    e.commitment[0] = (uint8_t)version;
    e.commitment[1] = record;
    return e;
}

static void undo(struct model *m, uint64_t from)
{
    struct err err = {0};
    struct kv_txn *w = NULL;
    assert_ok(kv_write_begin(m->ix.rows.kv, &w, &err), &err);
    assert_ok(rows_undo(&m->ix.rows, w, from, &err), &err);
    assert_ok(kv_commit(w, &err), &err);
}

static void history_has_every_version_and_the_last_status(void **state)
{
    struct model *m = *state;
    struct err e = {0};
    struct index_record r;
    put(m, record_event(EVENT_RECORD_ADDED, 7, 1, 10));
    put(m, record_event(EVENT_RECORD_AMENDED, 7, 2, 11));
    struct event gone = record_event(EVENT_RECORD_STATUS, 7, 2, 12);
    gone.code = INDEX_REC_REMOVED;
    put(m, gone);
    hash32 folder = id(1), record = id(7);
    assert_ok(index_record(&m->ix, &folder, &record, &m->a, &r, &e), &e);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.versions[1].version, 2);
    assert_int_equal(r.versions[1].when.time, 1011);
    assert_int_equal(r.status, INDEX_REC_REMOVED);
    record = id(8);
    assert_status(index_record(&m->ix, &folder, &record, &m->a, &r, &e), E_NOT_FOUND);
}

/* Rows that begin amid a record's history: the model was told a first block behind its add. */
static void a_status_alone_is_no_record_and_not_the_next_ones(void **state)
{
    struct model *m = *state;
    struct err e = {0};
    struct index_record r;
    struct index_record *list;
    size_t n;
    bool more;
    struct event gone = record_event(EVENT_RECORD_STATUS, 7, 2, 12);
    gone.code = INDEX_REC_REMOVED;
    put(m, gone);
    put(m, record_event(EVENT_RECORD_RESEALED, 8, 1, 13));
    hash32 folder = id(1), record = id(8);
    assert_ok(index_record(&m->ix, &folder, &record, &m->a, &r, &e), &e);
    assert_int_equal(r.status, INDEX_REC_ACTIVE);
    assert_ok(index_records(&m->ix, &folder, NULL, 10, &m->a, &list, &n, &more, &e), &e);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].status, INDEX_REC_ACTIVE);
}

static void a_reorganisation_leaves_only_the_blocks_below(void **state)
{
    struct model *m = *state;
    struct err e = {0};
    struct index_record r;
    hash32 folder = id(1), record = id(7);
    put(m, record_event(EVENT_RECORD_ADDED, 7, 1, 10));
    put(m, record_event(EVENT_RECORD_AMENDED, 7, 2, 11));
    uint8_t second[26] = {2, 7};
    assert_status(index_has_commitment(&m->ix, &folder, second), OK);
    undo(m, 11);
    assert_ok(index_record(&m->ix, &folder, &record, &m->a, &r, &e), &e);
    assert_int_equal(r.n, 1);
    assert_status(index_has_commitment(&m->ix, &folder, second), E_NOT_FOUND);
    undo(m, 0);
    assert_status(index_record(&m->ix, &folder, &record, &m->a, &r, &e), E_NOT_FOUND);
}

static void pages_hold_each_record_once(void **state)
{
    struct model *m = *state;
    struct err e = {0};
    for (uint8_t i = 1; i <= 5; i++) {
        put(m, record_event(EVENT_RECORD_ADDED, i, 1, i));
        put(m, record_event(EVENT_RECORD_AMENDED, i, 2, (uint64_t)i + 10));
    }
    hash32 folder = id(1), after = {{0}};
    bool more = true;
    size_t seen = 0;
    for (size_t page = 0; more; page++) {
        struct index_record *list;
        size_t n;
        assert_true(page < 3);
        assert_ok(index_records(&m->ix, &folder, page == 0 ? NULL : &after, 2, &m->a, &list, &n,
                                &more, &e),
                  &e);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(list[i].record_id.b[0], ++seen);
            assert_int_equal(list[i].n, 2);
            after = list[i].record_id;
        }
    }
    assert_int_equal(seen, 5);
}

static void other_folders_are_not_listed(void **state)
{
    struct model *m = *state;
    struct err e = {0};
    struct index_record *list;
    size_t n;
    bool more;
    struct event other = record_event(EVENT_RECORD_ADDED, 9, 1, 3);
    other.folder = id(2);
    put(m, other);
    hash32 folder = id(1);
    assert_ok(index_records(&m->ix, &folder, NULL, 10, &m->a, &list, &n, &more, &e), &e);
    assert_int_equal(n, 0);
    assert_false(more);
}

static void a_revoke_keeps_what_was_granted(void **state)
{
    struct model *m = *state;
    struct err e = {0};
    struct event g = {
        .kind = EVENT_GRANT_SET, .folder = id(1), .code = 3, .not_after = 99, .version = 1};
    g.who.b[19] = 5;
    g.when.block = 4;
    put(m, g);
    g.kind = EVENT_GRANT_REVOKED;
    g.version = 2;
    g.when.block = 5;
    put(m, g);
    struct index_grant *list;
    size_t n;
    hash32 folder = id(1);
    assert_ok(index_grants(&m->ix, &folder, &m->a, &list, &n, &e), &e);
    assert_int_equal(n, 1);
    assert_true(list[0].revoked);
    assert_int_equal(list[0].generation, 2);
    assert_int_equal(list[0].permissions, 3);
    assert_int_equal(list[0].holder.b[19], 5);
}

static void put_topic(struct ledger_log *log, size_t i, const uint8_t *topic)
{
    memcpy(log->topics[i].b, topic, 32);
    log->topics_n = i + 1;
}

static void logs_are_decoded_and_truncated_ones_refused(void **state)
{
    (void)state;
    struct err err = {0};
    struct event e;
    uint8_t data[128] = {0};
    hash32 folder = id(1), record = id(2);
    struct ledger_log log = {
        .data = slice_of(data, sizeof data), .block_number = 8, .log_index = 3};
    put_topic(&log, 0, registry_topic_RecordAdded);
    put_topic(&log, 1, folder.b);
    put_topic(&log, 2, record.b);
    data[31] = 1;    /* version */
    data[63] = 4;    /* epoch */
    data[95] = 0xaa; /* author */
    data[96] = 0xcc; /* commitment */
    assert_ok(event_from_log(&log, &e, &err), &err);
    assert_int_equal(e.kind, EVENT_RECORD_ADDED);
    assert_int_equal(e.epoch, 4);
    assert_int_equal(e.who.b[19], 0xaa);
    assert_int_equal(e.commitment[0], 0xcc);
    uint8_t row[EVENT_ROW];
    struct event back;
    event_row_write(&e, row);
    assert_status(event_row_read(slice_of(row, sizeof row), &back), OK);
    assert_int_equal(back.when.block, 8);
    assert_int_equal(back.version, 1);
    for (size_t n = 0; n < sizeof data; n += 8) {
        log.data = slice_of(data, n);
        assert_status(event_from_log(&log, &e, &err), E_CORRUPT);
    }
    for (size_t n = 0; n < sizeof row; n++)
        assert_status(event_row_read(slice_of(row, n), &back), E_CORRUPT);
    log.topics_n = 0;
    assert_ok(event_from_log(&log, &e, &err), &err);
    assert_int_equal(e.kind, EVENT_OTHER);
}

/* Schema 1 had no archive and other places; its rows are built anew from the chain. */
static void an_older_model_is_begun_again(void **state)
{
    struct err e = {0};
    struct kv *kv = NULL;
    struct kv_txn *w = NULL;
    struct kv_table t;
    char dir[] = "/tmp/ehrd-index-XXXXXX";
    const struct kv_options old = {.app = "ehrd-index", .schema = 1};
    struct rows rows;
    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_ok(kv_open(dir, &old, &kv, &e), &e);
    const char *const tables[] = {"record", "undo", "model"};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(kv_table_open(kv, tables[i], &t, &e), &e);
        assert_ok(kv_write_begin(kv, &w, &e), &e);
        assert_ok(kv_put(w, t, SLICE_LIT("cursor"), SLICE_LIT("old"), &e), &e);
        assert_ok(kv_commit(w, &e), &e);
    }
    kv_close(kv);
    assert_ok(rows_open(&rows, dir, &e), &e);
    assert_ok(kv_write_begin(rows.kv, &w, &e), &e);
    assert_false(kv_has(w, rows.table[ROWS_RECORD], SLICE_LIT("cursor")));
    assert_false(kv_has(w, rows.undo, SLICE_LIT("cursor")));
    assert_false(kv_has(w, rows.meta, SLICE_LIT("cursor")));
    kv_abort(w);
    assert_int_equal(kv_schema(rows.kv), 2);
    rows_close(&rows);
    (void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct busy {
    struct ledger base;
    atomic_uint asked;
};

static status too_busy(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                       struct err *reterr)
{
    (void)reqs, (void)n, (void)a;
    atomic_fetch_add(&((struct busy *)l)->asked, 1);
    return ERR(reterr, E_RATE, "fake");
}

/* As over HTTP: the wait for news is short, however long one would. */
static void short_wait(struct ledger *l, uint32_t ms)
{
    (void)l, (void)ms;
    (void)usleep(1000);
}

static void a_ledger_that_wants_fewer_requests_is_left_alone(void **state)
{
    static const struct ledger_ops ops = {.run = too_busy, .wait = short_wait};
    struct busy l = {.base = {.ops = &ops, .clock = &clock_system}};
    char dir[] = "/tmp/ehrd-index-XXXXXX";
    struct index *ix = NULL;
    struct err e = {0};
    (void)state;
    assert_non_null(mkdtemp(dir));
    const struct index_config cfg = {.dir = dir, .ledger = &l.base, .chain_id = 1};
    assert_ok(index_open(&cfg, &ix, &e), &e);
    assert_ok(index_start(ix, &e), &e);
    (void)usleep(900000);
    uint64_t before = clock_mono_ms(&clock_system);
    index_close(ix); /* in the middle of a wait of 800 ms */
    assert_true(clock_mono_ms(&clock_system) - before < 400);
    assert_in_range(atomic_load(&l.asked), 1, 5);
    (void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
#define WITH_MODEL(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(history_has_every_version_and_the_last_status),
        WITH_MODEL(a_status_alone_is_no_record_and_not_the_next_ones),
        WITH_MODEL(a_reorganisation_leaves_only_the_blocks_below),
        WITH_MODEL(pages_hold_each_record_once),
        WITH_MODEL(other_folders_are_not_listed),
        WITH_MODEL(a_revoke_keeps_what_was_granted),
        cmocka_unit_test(logs_are_decoded_and_truncated_ones_refused),
        cmocka_unit_test(an_older_model_is_begun_again),
        cmocka_unit_test(a_ledger_that_wants_fewer_requests_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
