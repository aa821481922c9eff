/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of logs that cannot be trusted: damaged, missing, made up, of another file. */
#include "log_world.h"

#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sha2.h"

static status open_crash(struct world *w)
{
    struct kv *kv = NULL;
    status s = kv_open(w->crash, &lw_options, &kv, &w->e);
    if (s == OK)
        kv_close(kv);
    return s;
}

/* n committed transactions in the log, with no checkpoint since. */
static void fill_log(struct world *w, size_t n)
{
    lw_begin_checkpoint(w);
    lw_end_checkpoint(w);
    while (w->kv->log->wal.count < n)
        lw_run_txn(w);
}

static void a_damaged_record_before_a_whole_one_is_refused(void **state)
{
    struct world *w = *state;
    fill_log(w, 5);
    const char *name = lw_logs[w->kv->log->wal.head.number % WAL_FILES];
    uint64_t first = w->kv->log->wal.at - wal_bytes(&w->kv->log->wal);
    for (int i = 0; i < 20; i++) {
        lw_make_crash(w);
        struct bytes f = lw_get_file(w->crash, name);
        f.p[first + (size_t)lw_rnd(w, w->kv->log->wal.last - first) / 4096 * 4096 +
            lw_rnd(w, 56)] ^= 0x10;
        lw_put_file(w->crash, name, f);
        free(f.p);
        assert_status(open_crash(w), E_CORRUPT);
    }
}

static void a_damaged_head_is_refused(void **state)
{
    struct world *w = *state;
    fill_log(w, 2);
    const char *name = lw_logs[w->kv->log->wal.head.number % WAL_FILES];
    for (size_t at = 0; at < 128; at++) {
        lw_make_crash(w);
        struct bytes f = lw_get_file(w->crash, name);
        f.p[at] ^= 1;
        lw_put_file(w->crash, name, f);
        free(f.p);
        assert_status(open_crash(w), E_CORRUPT);
    }
    for (size_t i = 0; i < 8; i++) { /* the base of a log that has records */
        lw_make_crash(w);
        struct bytes f = lw_get_file(w->crash, name);
        f.p[4096 + lw_rnd(w, 8192)] ^= 1;
        lw_put_file(w->crash, name, f);
        free(f.p);
        assert_status(open_crash(w), E_CORRUPT);
    }
}

static void a_log_that_is_needed_and_missing_is_refused(void **state)
{
    struct world *w = *state;
    char path[200];
    fill_log(w, 2);
    uint64_t first = w->kv->log->wal.head.number;
    lw_begin_checkpoint(w);
    lw_run_txn(w);
    lw_make_crash(w);
    (void)snprintf(path, sizeof path, "%s/%s", w->crash, lw_logs[first % WAL_FILES]);
    assert_int_equal(unlink(path), 0);
    assert_status(open_crash(w), E_CORRUPT);
    lw_end_checkpoint(w);
    lw_make_crash(w);
    assert_int_equal(unlink(path), 0); /* it was not needed any more */
    assert_status(open_crash(w), OK);
}

static void another_data_file_is_refused(void **state)
{
    struct world *w = *state;
    char copy[200];
    (void)snprintf(copy, sizeof copy, "%s/copy", w->dir);
    fill_log(w, 3);
    assert_ok(kv_backup(w->kv, copy, &w->e), &w->e);
    lw_make_crash(w);
    struct bytes f = lw_get_file(copy, "data.mdb");
    lw_put_file(w->crash, "data.mdb", f);
    free(f.p);
    assert_status(open_crash(w), E_MISMATCH);
    (void)snprintf(copy, sizeof copy, "%s/data.mdb", w->crash);
    assert_int_equal(unlink(copy), 0);
    assert_status(open_crash(w), E_MISMATCH);
    assert_int_equal(access(copy, F_OK), -1);
}

static void a_log_of_a_later_version_is_refused(void **state)
{
    struct world *w = *state;
    uint8_t sector[512];
    hash32 sum;
    fill_log(w, 1);
    lw_make_crash(w);
    const char *name = lw_logs[w->kv->log->wal.head.number % WAL_FILES];
    struct bytes f = lw_get_file(w->crash, name);
    memcpy(sector, f.p, sizeof sector);
    be32_write(sector + 8, 2);
    assert_int_equal(sha256(slice_of(sector, 96), &sum), OK);
    memcpy(sector + 96, sum.b, 32);
    memcpy(f.p, sector, sizeof sector);
    lw_put_file(w->crash, name, f);
    free(f.p);
    assert_status(open_crash(w), E_UNSUPPORTED);
}

/* Of a row in the body of a record, which begins at a multiple of 4096: after the record's head,
 * the name of its table, and its key. */
#define ROW_AT (56u + 3 + 5 + 4 + 4 + 4)

/* A row may hold what looks like a record of the next log at a place where one could stand. */
static void a_row_that_looks_like_a_record_is_not_one(void **state)
{
    struct world *w = *state;
    static uint8_t row[64u << 10];
    struct kv_txn *txn = NULL;
    fill_log(w, 1);
    const struct wal *log = &w->kv->log->wal;
    struct wal_head guess = log->head;
    guess.number += WAL_FILES;
    memset(guess.salt, 0, sizeof guess.salt);
    for (size_t at = 4096 - ROW_AT; at + 4096 <= sizeof row; at += 4096) {
        hash32 sum;
        memcpy(row + at, "ehwr", 4);
        be32_write(row + at + 4, 7);
        be64_write(row + at + 8, guess.number);
        be64_write(row + at + 16, 1);
        memcpy(row + at + 56,
               "\x04\x05"
               "first",
               7);
        assert_int_equal(wal_record_hash(&guess, row + at, slice_of(row + at + 56, 7), &sum), OK);
        memcpy(row + at + 24, sum.b, 32);
    }
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_put(txn, w->t[0], SLICE_LIT("evil"), slice_of(row, sizeof row), &w->e), &w->e);
    assert_ok(kv_commit(txn, &w->e), &w->e);
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_delete(txn, w->t[0], SLICE_LIT("evil"), &w->e), &w->e);
    assert_ok(kv_commit(txn, &w->e), &w->e);
    while (log->head.number < guess.number)
        lw_begin_checkpoint(w), lw_end_checkpoint(w);
    while (log->count == 0)
        lw_run_txn(w);
    lw_make_crash(w);
    lw_check_crash(w, &w->now);
}

/* A write that LMDB refuses at its end is in the log already: it is taken back. */
static void what_failed_after_its_record_is_not_redone(void **state)
{
    struct world *w = *state;
    fill_log(w, 1);
    lw_lock(w);
    assert_ok(wal_append(&w->kv->log->wal,
                         SLICE_LIT("\x04\x05"
                                   "first"),
                         &w->e),
              &w->e);
    assert_ok(wal_take_back(&w->kv->log->wal, &w->e), &w->e);
    lw_unlock(w);
    lw_make_crash(w);
    lw_check_crash(w, &w->now);
}

static void garbage_in_a_record_is_corruption(void **state)
{
    struct world *w = *state;
    static const char *const bodies[] = {"\x05",
                                         "\x01",
                                         "\x01\x07\x05\x66our",
                                         "\x02\x07\x00\x01k\x00\x00\x00\x01v",
                                         "\x03\x07\x00\x09key",
                                         "\x02"};
    static const size_t n[] = {1, 1, 7, 10, 7, 1};
    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        fill_log(w, 1);
        lw_lock(w);
        assert_ok(wal_append(&w->kv->log->wal, slice_of(bodies[i], n[i]), &w->e), &w->e);
        lw_unlock(w);
        lw_make_crash(w);
        assert_status(open_crash(w), E_CORRUPT);
        assert_status(open_crash(w), E_CORRUPT); /* and nothing was settled by the attempt */
        lw_lock(w);
        assert_ok(wal_take_back(&w->kv->log->wal, &w->e), &w->e);
        lw_unlock(w);
    }
}
int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, lw_setup, lw_teardown)
    const struct CMUnitTest tests[] = {
        T(a_damaged_record_before_a_whole_one_is_refused),
        T(a_damaged_head_is_refused),
        T(a_log_that_is_needed_and_missing_is_refused),
        T(another_data_file_is_refused),
        T(a_log_of_a_later_version_is_refused),
        T(a_row_that_looks_like_a_record_is_not_one),
        T(what_failed_after_its_record_is_not_redone),
        T(garbage_in_a_record_is_corruption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
