/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the key-value store: rows, order, stamps, locks, crashes, copies. */
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/checked.h"
#include "kv/kv.h"
#include "tmpdir.h"

struct store {
    char dir[128];
    struct kv *kv;
    struct kv_table t;
    struct err e;
};

static struct kv_options options = {.app = "kv-test", .schema = 2, .map_bytes = 64 << 20};

static int setup(void **state)
{
    struct store *st = calloc(1, sizeof *st);
    tmpdir_make(st->dir, sizeof st->dir);
    assert_ok(kv_open(st->dir, &options, &st->kv, &st->e), &st->e);
    assert_ok(kv_table_open(st->kv, "rows", &st->t, &st->e), &st->e);
    *state = st;
    return 0;
}

static int teardown(void **state)
{
    struct store *st = *state;
    kv_close(st->kv);
    tmpdir_remove(st->dir);
    free(st);
    return 0;
}

static void put_keys(struct store *st, const char *const *keys)
{
    struct kv_txn *w = NULL;
    assert_ok(kv_write_begin(st->kv, &w, &st->e), &st->e);
    for (; *keys != NULL; keys++)
        assert_ok(kv_put(w, st->t, slice_str(*keys), slice_str(*keys), &st->e), &st->e);
    assert_ok(kv_commit(w, &st->e), &st->e);
}

static void finds_what_was_committed_after_reopening(void **state)
{
    struct store *st = *state;
    put_keys(st, (const char *[]){"a", "b", NULL});
    kv_close(st->kv);
    assert_ok(kv_open(st->dir, &options, &st->kv, &st->e), &st->e);
    assert_ok(kv_table_open(st->kv, "rows", &st->t, &st->e), &st->e);
    struct kv_txn *r = NULL;
    slice v;
    uint64_t n = 0;
    assert_ok(kv_read_begin(st->kv, &r, &st->e), &st->e);
    assert_ok(kv_get(r, st->t, SLICE_LIT("b"), &v, &st->e), &st->e);
    assert_slice(v, SLICE_LIT("b"));
    assert_ok(kv_count(r, st->t, &n, &st->e), &st->e);
    assert_int_equal(n, 2);
    assert_status(kv_get(r, st->t, SLICE_LIT("c"), &v, &st->e), E_NOT_FOUND);
    kv_abort(r);
}

static void keeps_nothing_of_an_aborted_transaction(void **state)
{
    struct store *st = *state;
    struct kv_txn *w = NULL;
    assert_ok(kv_write_begin(st->kv, &w, &st->e), &st->e);
    assert_ok(kv_put(w, st->t, SLICE_LIT("x"), SLICE_LIT("1"), &st->e), &st->e);
    kv_abort(w);
    assert_ok(kv_read_begin(st->kv, &w, &st->e), &st->e);
    assert_false(kv_has(w, st->t, SLICE_LIT("x")));
    kv_abort(w);
}

static void answers_conflict_and_order_without_ending_the_transaction(void **state)
{
    struct store *st = *state;
    struct kv_txn *w = NULL;
    slice v;
    uint8_t *room = NULL;
    uint8_t longkey[KV_KEY_MAX + 1] = {1};
    assert_ok(kv_write_begin(st->kv, &w, &st->e), &st->e);
    assert_ok(kv_put_new(w, st->t, SLICE_LIT("k"), SLICE_LIT("1"), &st->e), &st->e);
    assert_status(kv_put_new(w, st->t, SLICE_LIT("k"), SLICE_LIT("2"), &st->e), E_CONFLICT);
    assert_status(kv_append(w, st->t, SLICE_LIT("a"), SLICE_LIT("3"), &st->e), E_RANGE);
    assert_ok(kv_append(w, st->t, SLICE_LIT("z"), SLICE_EMPTY, &st->e), &st->e);
    assert_status(kv_put(w, st->t, SLICE_EMPTY, SLICE_LIT("1"), &st->e), E_RANGE);
    assert_status(kv_put(w, st->t, slice_of(longkey, sizeof longkey), v = SLICE_LIT("1"), &st->e),
                  E_RANGE);
    assert_ok(kv_put_room(w, st->t, SLICE_LIT("room"), 3, &room, &st->e), &st->e);
    memcpy(room, "abc", 3);
    assert_status(kv_delete(w, st->t, SLICE_LIT("none"), &st->e), E_NOT_FOUND);
    assert_ok(kv_commit(w, &st->e), &st->e);
    assert_ok(kv_read_begin(st->kv, &w, &st->e), &st->e);
    assert_ok(kv_get(w, st->t, SLICE_LIT("k"), &v, &st->e), &st->e);
    assert_slice(v, SLICE_LIT("1"));
    assert_ok(kv_get(w, st->t, SLICE_LIT("room"), &v, &st->e), &st->e);
    assert_slice(v, SLICE_LIT("abc"));
    kv_abort(w);
}

/* The keys of an iteration, each followed by a space. */
static const char *walk(struct store *st, slice prefix, const char *from, enum kv_order order)
{
    static char out[256];
    struct kv_txn *r = NULL;
    struct kv_iter it;
    slice k;
    out[0] = 0;
    assert_ok(kv_read_begin(st->kv, &r, &st->e), &st->e);
    status s = kv_iter_init(&it, r, st->t, prefix, slice_str(from), order, &st->e);
    while (s == OK && (s = kv_iter_next(&it, &k, NULL, &st->e)) == OK) {
        size_t n = strlen(out);
        (void)snprintf(out + n, sizeof out - n, "%.*s ", (int)k.n, (const char *)k.p);
    }
    assert_status(s, E_NOT_FOUND);
    kv_iter_done(&it);
    kv_abort(r);
    return out;
}

static void walks_a_prefix_in_both_directions(void **state)
{
    struct store *st = *state;
    assert_string_equal(walk(st, SLICE_EMPTY, "", KV_FORWARD), "");
    assert_string_equal(walk(st, SLICE_LIT("a"), "", KV_BACKWARD), "");
    put_keys(st, (const char *[]){"a", "b1", "b2", "b3", "c", "\xff", "\xff\xff", NULL});
    assert_string_equal(walk(st, SLICE_LIT("b"), "", KV_FORWARD), "b1 b2 b3 ");
    assert_string_equal(walk(st, SLICE_LIT("b"), "", KV_BACKWARD), "b3 b2 b1 ");
    assert_string_equal(walk(st, SLICE_LIT("b"), "b2", KV_FORWARD), "b2 b3 ");
    assert_string_equal(walk(st, SLICE_LIT("b"), "b2", KV_BACKWARD), "b2 b1 ");
    assert_string_equal(walk(st, SLICE_LIT("b"), "b22", KV_FORWARD), "b3 ");
    assert_string_equal(walk(st, SLICE_LIT("b"), "b22", KV_BACKWARD), "b2 b1 ");
    assert_string_equal(walk(st, SLICE_LIT("b"), "a", KV_FORWARD), "b1 b2 b3 ");
    assert_string_equal(walk(st, SLICE_LIT("b"), "a", KV_BACKWARD), "");
    assert_string_equal(walk(st, SLICE_LIT("b"), "c", KV_FORWARD), "");
    assert_string_equal(walk(st, SLICE_LIT("b"), "c", KV_BACKWARD), "b3 b2 b1 ");
    assert_string_equal(walk(st, SLICE_LIT("\xff"), "", KV_BACKWARD), "\xff\xff \xff ");
    assert_string_equal(walk(st, SLICE_EMPTY, "c", KV_BACKWARD), "c b3 b2 b1 a ");
}

static void deletes_while_walking(void **state)
{
    struct store *st = *state;
    struct kv_txn *w = NULL;
    struct kv_iter it;
    slice k;
    put_keys(st, (const char *[]){"a", "b1", "b2", "b3", "c", NULL});
    assert_ok(kv_write_begin(st->kv, &w, &st->e), &st->e);
    status s = kv_iter_init(&it, w, st->t, SLICE_LIT("b"), SLICE_EMPTY, KV_FORWARD, &st->e);
    while (s == OK && (s = kv_iter_next(&it, &k, NULL, &st->e)) == OK)
        if (!slice_eq_str(k, "b2"))
            assert_ok(kv_iter_delete(&it, &st->e), &st->e);
    assert_status(s, E_NOT_FOUND);
    kv_iter_done(&it);
    assert_ok(kv_commit(w, &st->e), &st->e);
    assert_string_equal(walk(st, SLICE_EMPTY, "", KV_FORWARD), "a b2 c ");
}

static void refuses_a_second_opener(void **state)
{
    struct store *st = *state;
    struct kv *again = NULL;
    assert_status(kv_open(st->dir, &options, &again, &st->e), E_BUSY);
    assert_null(again);
}

static void refuses_a_foreign_or_newer_folder(void **state)
{
    struct store *st = *state;
    struct kv *other = NULL;
    kv_close(st->kv);
    st->kv = NULL;
    struct kv_options o = options;
    o.app = "other";
    assert_status(kv_open(st->dir, &o, &other, &st->e), E_MISMATCH);
    o = options;
    o.schema = 1;
    assert_status(kv_open(st->dir, &o, &other, &st->e), E_UNSUPPORTED);
}

static void tells_and_raises_an_older_schema(void **state)
{
    struct store *st = *state;
    struct kv_txn *w = NULL;
    struct kv_options o = options;
    o.schema = 3;
    kv_close(st->kv);
    st->kv = NULL;
    assert_ok(kv_open(st->dir, &o, &st->kv, &st->e), &st->e);
    assert_int_equal(kv_schema(st->kv), 2);
    assert_ok(kv_write_begin(st->kv, &w, &st->e), &st->e);
    assert_ok(kv_schema_set(st->kv, w, 3, &st->e), &st->e);
    assert_ok(kv_commit(w, &st->e), &st->e);
    kv_close(st->kv);
    st->kv = NULL;
    assert_status(kv_open(st->dir, &options, &st->kv, &st->e), E_UNSUPPORTED);
}

static void drops_a_table_in_the_transaction_or_not_at_all(void **state)
{
    struct store *st = *state;
    struct kv_table t;
    struct kv_txn *w = NULL;
    uint64_t n = 0;
    put_keys(st, (const char *[]){"a", "b", NULL});
    for (int commit = 0; commit < 2; commit++) {
        kv_close(st->kv);
        assert_ok(kv_open(st->dir, &options, &st->kv, &st->e), &st->e);
        assert_ok(kv_write_begin(st->kv, &w, &st->e), &st->e);
        assert_ok(kv_table_drop(w, "rows", &st->e), &st->e);
        assert_ok(kv_table_drop(w, "rows that never were", &st->e), &st->e);
        assert_status(kv_table_drop(w, "meta", &st->e), E_RANGE);
        if (commit)
            assert_ok(kv_commit(w, &st->e), &st->e);
        else
            kv_abort(w);
        kv_close(st->kv);
        assert_ok(kv_open(st->dir, &options, &st->kv, &st->e), &st->e);
        assert_ok(kv_table_open(st->kv, "rows", &t, &st->e), &st->e);
        assert_ok(kv_read_begin(st->kv, &w, &st->e), &st->e);
        assert_ok(kv_count(w, t, &n, &st->e), &st->e);
        kv_abort(w);
        assert_int_equal(n, commit ? 0 : 2);
    }
}

static void a_full_map_is_no_space_and_loses_nothing(void **state)
{
    struct store *st = *state;
    struct kv_txn *w = NULL;
    uint8_t *room = NULL;
    put_keys(st, (const char *[]){"kept", NULL});
    assert_ok(kv_write_begin(st->kv, &w, &st->e), &st->e);
    status s = kv_put_room(w, st->t, SLICE_LIT("big"), (size_t)65 << 20, &room, &st->e);
    assert_status(s, E_NO_SPACE);
    kv_abort(w);
    assert_string_equal(walk(st, SLICE_EMPTY, "", KV_FORWARD), "kept ");
}

static void a_killed_writer_leaves_the_last_commit(void **state)
{
    struct store *st = *state;
    kv_close(st->kv);
    st->kv = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        struct store child = *st;
        struct kv_txn *w = NULL;
        if (kv_open(child.dir, &options, &child.kv, &child.e) != OK ||
            kv_table_open(child.kv, "rows", &child.t, &child.e) != OK ||
            kv_write_begin(child.kv, &w, &child.e) != OK ||
            kv_put(w, child.t, SLICE_LIT("done"), SLICE_EMPTY, &child.e) != OK ||
            kv_commit(w, &child.e) != OK || kv_write_begin(child.kv, &w, &child.e) != OK ||
            kv_put(w, child.t, SLICE_LIT("half"), SLICE_EMPTY, &child.e) != OK)
            _exit(1);
        (void)kill(getpid(), SIGKILL);
    }
    int ws = 0;
    assert_int_equal(waitpid(pid, &ws, 0), pid);
    assert_true(WIFSIGNALED(ws));
    assert_ok(kv_open(st->dir, &options, &st->kv, &st->e), &st->e);
    assert_ok(kv_table_open(st->kv, "rows", &st->t, &st->e), &st->e);
    assert_string_equal(walk(st, SLICE_EMPTY, "", KV_FORWARD), "done ");
}

struct counter {
    struct store *st;
    int failed;
};

/* Adds 1 to the row "n", fifty times. */
static void *count_up(void *arg)
{
    struct counter *c = arg;
    for (int i = 0; i < 50; i++) {
        struct err e;
        struct kv_txn *w = NULL;
        slice v = SLICE_EMPTY;
        uint8_t be[8];
        if (kv_write_begin(c->st->kv, &w, &e) != OK) {
            c->failed++;
            continue;
        }
        uint64_t n = kv_get(w, c->st->t, SLICE_LIT("n"), &v, &e) == OK ? be64_read(v.p) : 0;
        be64_write(be, n + 1);
        if (kv_put(w, c->st->t, SLICE_LIT("n"), slice_of(be, 8), &e) != OK) {
            c->failed++;
            kv_abort(w);
        } else if (kv_commit(w, &e) != OK) {
            c->failed++;
        }
    }
    return NULL;
}

static void writers_in_threads_take_turns(void **state)
{
    struct store *st = *state;
    struct counter c[4];
    pthread_t th[4];
    for (int i = 0; i < 4; i++) {
        c[i] = (struct counter){.st = st};
        assert_int_equal(pthread_create(&th[i], NULL, count_up, &c[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(th[i], NULL), 0);
        assert_int_equal(c[i].failed, 0);
    }
    struct kv_txn *r = NULL;
    slice v;
    assert_ok(kv_read_begin(st->kv, &r, &st->e), &st->e);
    assert_ok(kv_get(r, st->t, SLICE_LIT("n"), &v, &st->e), &st->e);
    assert_int_equal(be64_read(v.p), 200);
    kv_abort(r);
}

static void a_copy_made_in_use_opens_and_is_as_of_then(void **state)
{
    struct store *st = *state;
    char dir[160];
    struct kv_usage u;
    (void)snprintf(dir, sizeof dir, "%s/copy", st->dir);
    put_keys(st, (const char *[]){"a", NULL});
    assert_ok(kv_backup(st->kv, dir, &st->e), &st->e);
    assert_status(kv_backup(st->kv, dir, &st->e), E_CONFLICT);
    put_keys(st, (const char *[]){"b", NULL});
    assert_ok(kv_usage(st->kv, &u, &st->e), &st->e);
    assert_int_equal(u.map_bytes, 64 << 20);
    assert_true(u.used_bytes > 0);
    kv_close(st->kv);
    st->kv = NULL;
    assert_ok(kv_open(dir, &options, &st->kv, &st->e), &st->e);
    assert_ok(kv_table_open(st->kv, "rows", &st->t, &st->e), &st->e);
    assert_string_equal(walk(st, SLICE_EMPTY, "", KV_FORWARD), "a ");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(finds_what_was_committed_after_reopening),
        T(keeps_nothing_of_an_aborted_transaction),
        T(answers_conflict_and_order_without_ending_the_transaction),
        T(walks_a_prefix_in_both_directions),
        T(deletes_while_walking),
        T(refuses_a_second_opener),
        T(refuses_a_foreign_or_newer_folder),
        T(tells_and_raises_an_older_schema),
        T(drops_a_table_in_the_transaction_or_not_at_all),
        T(a_full_map_is_no_space_and_loses_nothing),
        T(a_killed_writer_leaves_the_last_commit),
        T(writers_in_threads_take_turns),
        T(a_copy_made_in_use_opens_and_is_as_of_then),
    };
    int failed = cmocka_run_group_tests_name("synced data file", tests, NULL, NULL);
    options.log = true;
    return failed + cmocka_run_group_tests_name("write-ahead log", tests, NULL, NULL);
}
