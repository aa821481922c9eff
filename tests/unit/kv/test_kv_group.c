/* SPDX-License-Identifier: Apache-2.0 */
/* Writes of many threads in shared transactions: each is durable or has failed when it is told. */
#include "test.h"

#include "kv/group.h"
#include "kv/kv.h"
#include "tmpdir.h"

#define THREADS 8u
#define WRITES 40u

struct store {
    char dir[128];
    struct kv *kv;
    struct kv_table rows;
    struct kv_txn *txn;
    struct kv_group group;
    unsigned commits;
    bool fail_commit;
};

static status begin(void *ctx, struct err *reterr)
{
    struct store *s = ctx;
    return kv_write_begin(s->kv, &s->txn, reterr);
}

static status commit(void *ctx, struct err *reterr)
{
    struct store *s = ctx;
    s->commits++;
    if (s->fail_commit) {
        kv_abort(s->txn);
        return ERR(reterr, E_NO_SPACE, "the disk is full");
    }
    return kv_commit(s->txn, reterr);
}

static void abort_txn(void *ctx)
{
    struct store *s = ctx;
    kv_abort(s->txn);
}

static void open_store(struct store *s)
{
    const struct kv_options o = {.app = "test", .schema = 1, .map_bytes = 64u << 20};
    *s = (struct store){.commits = 0};
    tmpdir_make(s->dir, sizeof s->dir);
    assert_int_equal(kv_open(s->dir, &o, &s->kv, NULL), OK);
    assert_int_equal(kv_table_open(s->kv, "rows", &s->rows, NULL), OK);
    kv_group_init(&s->group, &(struct kv_group_ops){begin, commit, abort_txn, s});
}

static void close_store(struct store *s)
{
    kv_group_done(&s->group);
    kv_close(s->kv);
    tmpdir_remove(s->dir);
}

static uint64_t rows(struct store *s)
{
    struct kv_txn *r;
    uint64_t n = 0;
    assert_int_equal(kv_read_begin(s->kv, &r, NULL), OK);
    assert_int_equal(kv_count(r, s->rows, &n, NULL), OK);
    kv_abort(r);
    return n;
}

static status put(void *ctx, void *arg, struct err *reterr)
{
    struct store *s = ctx;
    return kv_put_new(s->txn, s->rows, slice_of(arg, 8), SLICE_EMPTY, reterr);
}

static status fail_hard(void *ctx, void *arg, struct err *reterr)
{
    status st = put(ctx, arg, reterr);
    return st == OK ? ERR(reterr, E_IO, "broken") : st;
}

struct writer {
    struct store *s;
    unsigned number;
    unsigned ok;
    unsigned conflicts;
};

/* Every second key is one that all writers want: one of them gets it. */
static void *write_many(void *arg)
{
    struct writer *w = arg;
    for (unsigned i = 0; i < WRITES; i++) {
        uint8_t key[8] = {(uint8_t)i, i % 2 == 0 ? (uint8_t)(w->number + 1) : 0};
        status st = kv_group_run(&w->s->group, i % 5 == 0 ? KV_GROUP_BYTES : 100, put, key, NULL);
        w->ok += st == OK;
        w->conflicts += st == E_CONFLICT;
    }
    return NULL;
}

static void writes_of_many_threads_are_all_answered(void **state)
{
    (void)state;
    struct store s;
    pthread_t t[THREADS];
    struct writer w[THREADS];
    unsigned ok = 0;
    unsigned conflicts = 0;
    open_store(&s);
    for (unsigned i = 0; i < THREADS; i++) {
        w[i] = (struct writer){.s = &s, .number = i};
        assert_int_equal(pthread_create(&t[i], NULL, write_many, &w[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(t[i], NULL), 0);
        ok += w[i].ok;
        conflicts += w[i].conflicts;
    }
    assert_int_equal(ok, THREADS * WRITES / 2 + WRITES / 2);
    assert_int_equal(ok + conflicts, THREADS * WRITES);
    assert_int_equal(rows(&s), ok);
    assert_true(s.commits <= THREADS * WRITES);
    close_store(&s);
}

static void a_failure_of_ours_undoes_the_transaction(void **state)
{
    (void)state;
    struct store s;
    uint8_t key[8] = {1};
    open_store(&s);
    assert_int_equal(kv_group_run(&s.group, 1, fail_hard, key, NULL), E_IO);
    assert_int_equal(rows(&s), 0);
    s.fail_commit = true;
    assert_int_equal(kv_group_run(&s.group, 1, put, key, NULL), E_NO_SPACE);
    s.fail_commit = false;
    assert_int_equal(kv_group_run(&s.group, 1, put, key, NULL), OK);
    assert_int_equal(kv_group_run(&s.group, 1, put, key, NULL), E_CONFLICT);
    assert_int_equal(rows(&s), 1);
    close_store(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_of_many_threads_are_all_answered),
        cmocka_unit_test(a_failure_of_ours_undoes_the_transaction),
    };
    return cmocka_run_group_tests_name("kv_group", tests, NULL, NULL);
}
