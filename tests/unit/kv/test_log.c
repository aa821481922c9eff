/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the store's write-ahead log: whatever of its files a loss of power left, the store opens
 * with exactly what was committed. EHRD_TEST_ROUNDS: how many losses. */
#include "log_world.h"

#include <errno.h>

static void a_loss_of_power_leaves_what_was_committed(void **state)
{
    struct world *w = *state;
    const char *rounds = getenv("EHRD_TEST_ROUNDS");
    size_t n = rounds != NULL ? strtoul(rounds, NULL, 10) : 60;
    for (size_t round = 0; round < n; round++) {
        for (uint64_t k = 1 + lw_rnd(w, 8); k > 0; k--)
            lw_run_txn(w);
        if (lw_rnd(w, 4) == 0)
            lw_begin_checkpoint(w);
        if (lw_rnd(w, 4) == 0)
            lw_end_checkpoint(w);
        if (lw_rnd(w, 2) == 0)
            lw_run_txn(w);
        lw_make_crash(w);
        bool torn = lw_rnd(w, 2) == 0 && lw_tear_last_record(w);
        lw_check_crash(w, torn ? &w->before : &w->now);
    }
    lw_check_rows(w, &w->now);
}

static void a_large_transaction_is_durable_without_a_record(void **state)
{
    struct world *w = *state;
    static uint8_t big[3u << 20];
    lw_run_txn(w);
    struct kv_txn *txn = NULL;
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    for (int i = 0; i < 4; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "large %d", i);
        memset(big, 'a' + i, sizeof big);
        assert_ok(kv_put(txn, w->t[0], slice_str(key), slice_of(big, sizeof big), &w->e), &w->e);
    }
    assert_ok(kv_commit(txn, &w->e), &w->e);
    assert_int_equal(w->kv->log->wal.count, 0);
    lw_run_txn(w);
    lw_make_crash(w);
    struct world c = {0};
    slice v;
    lw_open_at(&c, w->crash);
    assert_int_equal(kv_redone(c.kv), w->kv->log->wal.count);
    assert_ok(kv_read_begin(c.kv, &txn, &c.e), &c.e);
    assert_ok(kv_get(txn, c.t[0], SLICE_LIT("large 3"), &v, &c.e), &c.e);
    assert_int_equal(v.n, sizeof big);
    assert_memory_equal(v.p, big, sizeof big);
    kv_abort(txn);
    kv_close(c.kv);
}

static void a_checkpoint_begins_by_itself_and_bounds_the_log(void **state)
{
    struct world *w = *state;
    kv_close(w->kv);
    lw_open_at(w, w->dir);
    uint64_t first = w->kv->log->wal.head.number;
    for (int i = 0; i < 400; i++) {
        lw_run_txn(w);
        assert_true(wal_bytes(&w->kv->log->wal) < WAL_BYTES_MAX);
    }
    lw_lock(w);
    assert_true(w->kv->log->wal.head.number > first + 1);
    lw_unlock(w);
    lw_check_rows(w, &w->now);
    kv_close(w->kv);
    lw_open_at(w, w->dir);
    assert_int_equal(kv_redone(w->kv), 0);
    lw_check_rows(w, &w->now);
}

static void a_dropped_table_stays_dropped(void **state)
{
    struct world *w = *state;
    struct kv_txn *txn = NULL;
    struct kv_table t;
    uint64_t n = 1;
    assert_ok(kv_table_open(w->kv, "third", &t, &w->e), &w->e);
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_put(txn, t, SLICE_LIT("a"), SLICE_LIT("b"), &w->e), &w->e);
    assert_ok(kv_commit(txn, &w->e), &w->e);
    kv_close(w->kv);
    lw_open_at(w, w->dir);
    log_thread_end(w->kv->log);
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_table_drop(txn, "third", &w->e), &w->e);
    assert_ok(kv_commit(txn, &w->e), &w->e);
    lw_make_crash(w);
    struct world c = {0};
    lw_open_at(&c, w->crash);
    assert_ok(kv_table_open(c.kv, "third", &t, &c.e), &c.e);
    assert_ok(kv_read_begin(c.kv, &txn, &c.e), &c.e);
    assert_ok(kv_count(txn, t, &n, &c.e), &c.e);
    kv_abort(txn);
    assert_int_equal(n, 0);
    kv_close(c.kv);
}

static void a_close_that_is_cut_off_loses_nothing(void **state)
{
    struct world *w = *state;
    for (int n = 0; n < 9; n++) {
        for (int i = 0; i < 6; i++) {
            lw_run_txn(w);
            lw_begin_checkpoint(w);
            lw_end_checkpoint(w);
        }
        lw_run_txn(w);
        lw_unlinks_left = n % 3;
        kv_close(w->kv);
        lw_unlinks_left = -1;
        lw_open_at(w, w->dir);
        log_thread_end(w->kv->log);
        lw_check_rows(w, &w->now);
    }
}

/* The next log takes the file of one that is not needed any more: what stands there then is of
 * both. */
static void a_log_cut_off_while_it_begins_is_not_there(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 12; i++) {
        lw_run_txn(w);
        lw_begin_checkpoint(w);
        if (i % 2 == 0)
            lw_end_checkpoint(w);
        lw_run_txn(w);
        if (i < 4)
            continue;
        lw_make_crash(w);
        const char *name = lw_logs[(w->kv->log->wal.head.number + 1) % WAL_FILES];
        struct bytes f = lw_get_file(w->crash, name);
        for (size_t at = 4096; at < 4096 + 8192; at += SECTOR)
            f.p[at] ^= (uint8_t)lw_rnd(w, 256);
        lw_put_file(w->crash, name, f);
        free(f.p);
        lw_check_crash(w, &w->now);
    }
}

static void a_loss_of_power_while_a_log_begins_leaves_all(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 12; i++) {
        lw_run_txn(w);
        lw_begin_checkpoint(w);
        lw_end_checkpoint(w);
        lw_run_txn(w);
        lw_lock(w);
        lw_syncs_fail = true; /* so its head and base may be there, in part or not */
        assert_status(log_checkpoint_begin(w->kv->log, false, &w->e), E_IO);
        lw_syncs_fail = false;
        lw_unlock(w);
        for (int k = 0; k < 4; k++) {
            lw_make_crash(w);
            lw_check_crash(w, &w->now);
        }
        kv_close(w->kv);
        lw_open_at(w, w->dir);
        log_thread_end(w->kv->log);
        lw_check_rows(w, &w->now);
    }
}

/* What the program did last may be in no record. */
static void a_loss_of_power_after_the_end_leaves_all(void **state)
{
    struct world *w = *state;
    struct kv_table t;
    struct world c = {.x = 1};
    for (int i = 0; i < 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "table %d", i);
        lw_run_txn(w);
        lw_begin_checkpoint(w);
        lw_end_checkpoint(w);
        assert_ok(kv_table_open(w->kv, name, &t, &w->e), &w->e);
        kv_close(w->kv);
        lw_make_crash(w);
        lw_open_at(&c, w->crash);
        lw_check_rows(&c, &w->now);
        kv_close(c.kv);
        lw_open_at(w, w->dir);
        log_thread_end(w->kv->log);
    }
}

static void put_x(struct kv *kv)
{
    struct err e;
    struct kv_table t;
    struct kv_txn *txn = NULL;
    assert_ok(kv_table_open(kv, "first", &t, &e), &e);
    assert_ok(kv_write_begin(kv, &txn, &e), &e);
    assert_ok(kv_put(txn, t, SLICE_LIT("x"), SLICE_EMPTY, &e), &e);
    assert_ok(kv_commit(txn, &e), &e);
}

static void remove_x(struct kv *kv, struct kv_table t)
{
    struct err e;
    struct kv_txn *txn = NULL;
    assert_ok(kv_write_begin(kv, &txn, &e), &e);
    assert_ok(kv_delete(txn, t, SLICE_LIT("x"), &e), &e);
    assert_ok(kv_commit(txn, &e), &e);
}

/* A program that wants no log redoes one that is there; where it cannot remove the files the store
 * is not open, since what it then wrote would be undone with the log. The next one does so again.
 */
static void a_log_is_redone_for_whoever_wants_none(void **state)
{
    struct world *w = *state;
    struct kv_options plain = lw_options;
    plain.log = false;
    for (int n = -1; n < 3; n++) {
        struct world c = {.x = 1};
        lw_run_txn(w);
        lw_begin_checkpoint(w);
        lw_run_txn(w);
        lw_make_crash(w);
        lw_unlinks_left = n;
        status s = kv_open(w->crash, &plain, &c.kv, &c.e);
        lw_unlinks_left = -1;
        if (s != OK) {
            assert_status(s, E_IO);
            assert_true(n >= 0);
            assert_ok(kv_open(w->crash, &plain, &c.kv, &c.e), &c.e);
        }
        put_x(c.kv);
        kv_close(c.kv);
        lw_open_at(&c, w->crash);
        remove_x(c.kv, c.t[0]); /* it is there */
        lw_check_rows(&c, &w->now);
        kv_close(c.kv);
        lw_end_checkpoint(w);
    }
}

/* Nothing more is written or read, and when the folder is opened anew all is there that was
 * committed before. The transaction that failed may be there or not. */
static void check_stopped(struct world *w)
{
    struct kv_txn *txn = NULL;
    lw_syncs_fail = false;
    assert_true(kv_has_stopped());
    assert_status(kv_read_begin(w->kv, &txn, &w->e), E_IO);
    assert_non_null(strstr(w->e.msg, strerror(EIO)));
    assert_status(kv_write_begin(w->kv, &txn, &w->e), E_IO);
    kv_close(w->kv);
    lw_open_at(w, w->dir);
    log_thread_end(w->kv->log);
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    status s = kv_delete(txn, w->t[0], SLICE_LIT("x"), &w->e);
    if (s != E_NOT_FOUND)
        assert_ok(s, &w->e);
    assert_ok(kv_commit(txn, &w->e), &w->e);
    lw_check_rows(w, &w->now);
}

static void a_sync_that_fails_stops_the_store(void **state)
{
    struct world *w = *state;
    struct kv_txn *txn = NULL;
    lw_run_txn(w);
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_put(txn, w->t[0], SLICE_LIT("x"), SLICE_EMPTY, &w->e), &w->e);
    lw_syncs_fail = true;
    assert_status(kv_commit(txn, &w->e), E_IO);
    check_stopped(w);

    lw_run_txn(w);
    lw_begin_checkpoint(w);
    lw_syncs_fail = true;
    lw_lock(w);
    assert_status(log_checkpoint_end(w->kv->log, &w->e), E_IO);
    lw_unlock(w);
    lw_syncs_fail = false;
    lw_make_crash(w);
    lw_check_crash(w, &w->now);
    check_stopped(w);
}

/* The writer and the thread of the checkpoints sync the same file. */
static void both_are_told_that_writing_back_failed(void **state)
{
    struct world *w = *state;
    struct wal *log = &w->kv->log->wal;
    lw_run_txn(w);
    lw_begin_checkpoint(w);
    lw_fail_writing_back();
    assert_status(wal_settle(log, &w->e), E_IO);
    assert_status(wal_append(log, SLICE_LIT("x"), &w->e), E_IO);
}

/* A caller may go on where it should have given up: what the log does not know is not committed. */
static void a_change_that_is_not_in_the_record_is_not_committed(void **state)
{
    struct world *w = *state;
    struct kv_txn *txn = NULL;
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_put(txn, w->t[0], SLICE_LIT("x"), SLICE_EMPTY, &w->e), &w->e);
    w->kv->log->changes.broken = true; /* as when memory is short */
    assert_status(kv_commit(txn, &w->e), E_NOMEM);
    lw_check_rows(w, &w->now);
    lw_run_txn(w);
    lw_check_rows(w, &w->now);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, lw_setup, lw_teardown)
    const struct CMUnitTest tests[] = {
        T(a_loss_of_power_leaves_what_was_committed),
        T(a_large_transaction_is_durable_without_a_record),
        T(a_checkpoint_begins_by_itself_and_bounds_the_log),
        T(a_dropped_table_stays_dropped),
        T(a_close_that_is_cut_off_loses_nothing),
        T(a_log_cut_off_while_it_begins_is_not_there),
        T(a_loss_of_power_while_a_log_begins_leaves_all),
        T(a_loss_of_power_after_the_end_leaves_all),
        T(a_log_is_redone_for_whoever_wants_none),
        T(a_sync_that_fails_stops_the_store),
        T(both_are_told_that_writing_back_failed),
        T(a_change_that_is_not_in_the_record_is_not_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
