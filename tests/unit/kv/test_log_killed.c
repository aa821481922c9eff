/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what a killed program leaves: all that it wrote is seen by the next one, but is not on
 * the disk before somebody syncs it. Power fails while the next one works. */
#include "log_world.h"

#include <unistd.h>

static struct bytes *disk_of_log(struct world *w, uint64_t number)
{
    return &w->durable[1 + number % WAL_FILES];
}

/* The data file is synced and the last log's head says that it alone is needed; then the program
 * was killed, in the sync of that head. */
static void kill_while_settling(struct world *w, struct world *ret)
{
    uint64_t number = w->kv->log->wal.head.number;
    struct bytes before = lw_get_file(w->dir, lw_logs[number % WAL_FILES]);
    lw_end_checkpoint(w);
    struct bytes *disk = disk_of_log(w, number);
    free(disk->p);
    *disk = before;
    lw_copy_killed(w, ret);
}

/* Redo the log of w, up to where the next log would begin. */
static void redo(struct world *w)
{
    struct kv_log *l = NULL;
    MDB_env *env = NULL;
    lw_watch(w);
    assert_ok(log_open(w->dir, &l, &w->e), &w->e);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_mapsize(env, FILE_MAX), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
    assert_int_equal(mdb_env_open(env, w->dir, MDB_NOTLS, 0600), 0);
    assert_ok(log_redo(l, env, &w->e), &w->e);
    lw_watch(NULL);
    l->env = NULL; /* so it goes as it is */
    assert_ok(log_close(l, &w->e), &w->e);
    mdb_env_close(env);
}

static void a_head_is_on_the_disk_before_it_is_built_upon(void **state)
{
    struct world *w = *state;
    struct world k;
    for (int i = 0; i < 11; i++) {
        lw_run_txn(w);
        lw_begin_checkpoint(w);
        lw_end_checkpoint(w);
    }
    for (int i = 0; i < 20; i++)
        lw_run_txn(w);
    lw_begin_checkpoint(w);
    for (int i = 0; i < 20; i++)
        lw_run_txn(w);
    kill_while_settling(w, &k);
    redo(&k);
    for (int i = 0; i < 12; i++) {
        lw_make_crash(&k);
        lw_open_at(&k, k.crash);
        lw_check_rows(&k, &w->now);
        kv_close(k.kv);
    }
    lw_watch(w);
    lw_drop_killed(&k);
}

/* All is in the data file and the log's files are removed; the folder was not synced after the
 * last one. */
static void kill_while_removing(struct world *w, struct world *ret)
{
    uint64_t number = w->kv->log->wal.head.number;
    lw_copy_killed(w, ret);
    for (size_t i = 0; i < WAL_FILES; i++) {
        char path[200];
        (void)snprintf(path, sizeof path, "%s/%s", ret->dir, lw_logs[i]);
        assert_int_equal(unlink(path), 0);
        ret->listed[1 + i] = i == number % WAL_FILES;
    }
}

static void put_plainly(struct world *w, uint8_t n)
{
    struct kv_txn *txn = NULL;
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_put(txn, w->t[0], SLICE_LIT("plain"), slice_of(&n, 1), &w->e), &w->e);
    assert_ok(kv_commit(txn, &w->e), &w->e);
}

static void check_plain(struct world *w, uint8_t want)
{
    struct kv_txn *txn = NULL;
    slice v;
    assert_ok(kv_read_begin(w->kv, &txn, &w->e), &w->e);
    assert_ok(kv_get(txn, w->t[0], SLICE_LIT("plain"), &v, &w->e), &w->e);
    assert_slice(v, slice_of(&want, 1));
    kv_abort(txn);
}

static void a_removed_log_is_gone_before_anything_is_written(void **state)
{
    struct world *w = *state;
    struct kv_options plain = lw_options;
    plain.log = false;
    for (int round = 0; round < 8; round++) {
        struct world k;
        lw_run_txn(w);
        lw_begin_checkpoint(w);
        lw_end_checkpoint(w);
        kill_while_removing(w, &k);
        lw_watch(&k);
        assert_ok(kv_open(k.dir, &plain, &k.kv, &k.e), &k.e);
        assert_ok(kv_table_open(k.kv, "first", &k.t[0], &k.e), &k.e);
        for (uint8_t i = 0; i < 9; i++)
            put_plainly(&k, i);
        assert_int_equal(mdb_env_sync(k.kv->env, 1), 0); /* its head has a descriptor that syncs */
        lw_make_crash(&k);
        lw_watch(w);
        kv_close(k.kv);
        lw_open_at(&k, k.crash);
        check_plain(&k, 8);
        kv_close(k.kv);
        lw_drop_killed(&k);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, lw_setup, lw_teardown)
    const struct CMUnitTest tests[] = {
        T(a_head_is_on_the_disk_before_it_is_built_upon),
        T(a_removed_log_is_gone_before_anything_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
