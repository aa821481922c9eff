/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the content port over the local store. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "content/local.h"
#include "fakeclock.h"
#include "tmpdir.h"

#define MAP ((uint64_t)512 << 20)
#define MIB ((size_t)1 << 20)

struct fix {
    char dir[128];
    uint64_t now;
    struct clock_src clock;
    struct content *c;
    uint8_t *big; /* 80 MiB without equal chunks: more than two batches */
    struct err e;
};

#define BIG (80 * MIB + 12345)

static const hash32 alice = {{1}};
static const hash32 bob = {{2}};

static void open_store(struct fix *f)
{
    assert_ok(content_local_open(f->dir, MAP, &f->clock, &f->c, &f->e), &f->e);
}

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    uint64_t x = 88172645463325252u;
    tmpdir_make(f->dir, sizeof f->dir);
    f->now = 1000000;
    f->clock = fakeclock(&f->now);
    f->big = malloc(BIG + 8);
    assert_non_null(f->big);
    for (size_t i = 0; i < BIG; i += 8) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(f->big + i, &x, 8);
    }
    open_store(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    content_close(f->c);
    tmpdir_remove(f->dir);
    free(f->big);
    free(f);
    return 0;
}

static struct content_info put(struct fix *f, slice bytes)
{
    struct content_info info;
    assert_ok(content_put(f->c, bytes, &info, &f->e), &f->e);
    assert_int_equal(info.size, bytes.n);
    return info;
}

static uint64_t sweep(struct fix *f, uint64_t age)
{
    struct content_swept swept;
    assert_ok(content_sweep(f->c, age, &swept, &f->e), &f->e);
    return swept.blocks;
}

/* Compares what arrives with what is due. */
struct due {
    slice left;
    size_t calls;
};

static status compare(void *ctx, slice bytes, struct err *reterr)
{
    struct due *d = ctx;
    d->calls++;
    if (!slice_has_prefix(d->left, bytes))
        return ERR(reterr, E_INTERNAL, "other bytes came");
    d->left = slice_after(d->left, bytes.n);
    return OK;
}

static void expect_range(struct fix *f, const struct cid *c, slice all, uint64_t from, uint64_t len)
{
    struct due d = {slice_first(slice_after(all, from), len), 0};
    struct content_sink sink = {compare, &d};
    assert_ok(content_get(f->c, c, from, len, &sink, &f->e), &f->e);
    assert_int_equal(d.left.n, 0);
}

static void segment_path(const struct fix *f, char *out, size_t n)
{
    (void)snprintf(out, n, "%s/segments/seg-00000001", f->dir);
}

/* Bytes the segments occupy on the disk. */
static uint64_t occupied(const struct fix *f)
{
    char path[192];
    struct stat st;
    segment_path(f, path, sizeof path);
    return stat(path, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

static void files_of_all_sizes_come_back(void **state)
{
    struct fix *f = *state;
    const size_t sizes[] = {0, 1, 5000, MIB - 1, MIB, MIB + 1, 3 * MIB + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        slice all = slice_of(f->big, sizes[i]);
        struct content_info info = put(f, all);
        struct content_info st;
        struct buf b;
        buf_init(&b, 4 * MIB);
        assert_ok(content_get_buf(f->c, &info.cid, &b, &f->e), &f->e);
        assert_slice(buf_slice(&b), all);
        assert_ok(content_stat(f->c, &info.cid, &st, &f->e), &f->e);
        assert_int_equal(st.size, info.size);
        assert_int_equal(st.block_size, info.block_size);
        buf_done(&b);
    }
}

static void a_file_of_several_batches_comes_back_in_whole_and_ranges(void **state)
{
    struct fix *f = *state;
    slice all = slice_of(f->big, BIG);
    struct content_info info = put(f, all);
    expect_range(f, &info.cid, all, 0, CONTENT_TO_END);
    expect_range(f, &info.cid, all, BIG - 5, 100);
    expect_range(f, &info.cid, all, BIG, 100);
    expect_range(f, &info.cid, all, 33 * MIB - 3, 6);
    expect_range(f, &info.cid, all, 100, 3 * MIB);
    struct due d = {all, 0};
    struct content_sink sink = {compare, &d};
    assert_status(content_get(f->c, &info.cid, BIG + 1, 1, &sink, &f->e), E_RANGE);
    struct buf b;
    buf_init(&b, MIB);
    assert_status(content_get_buf(f->c, &info.cid, &b, &f->e), E_TOO_LONG);
    assert_int_equal(b.n, 0);
    buf_done(&b);
}

static void pieces_of_any_size_make_the_same_file(void **state)
{
    struct fix *f = *state;
    slice all = slice_of(f->big, 5 * MIB + 3);
    struct content_info whole = put(f, all);
    const size_t pieces[] = {1000, MIB - 1, MIB + 1, 3 * MIB};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct content_upload *u = NULL;
        struct content_info info;
        assert_ok(content_put_begin(f->c, &u, &f->e), &f->e);
        for (size_t at = 0; at < all.n; at += pieces[i]) {
            slice part = slice_first(slice_after(all, at), pieces[i]);
            assert_ok(content_put_write(u, part, &f->e), &f->e);
        }
        assert_ok(content_put_finish(u, &info, &f->e), &f->e);
        assert_true(cid_eq(&info.cid, &whole.cid));
    }
    f->now += 1;
    assert_int_equal(sweep(f, 0), 7); /* six leaves and a root: nothing was stored twice */
}

static void what_is_stored_survives_reopening(void **state)
{
    struct fix *f = *state;
    struct content_info info = put(f, SLICE_LIT("text"));
    content_close(f->c);
    open_store(f);
    expect_range(f, &info.cid, SLICE_LIT("text"), 0, CONTENT_TO_END);
}

static void pins_are_counted_per_owner(void **state)
{
    struct fix *f = *state;
    struct content_info info = put(f, slice_of(f->big, 2 * MIB));
    assert_ok(content_pin(f->c, &alice, &info.cid, &f->e), &f->e);
    assert_ok(content_pin(f->c, &bob, &info.cid, &f->e), &f->e);
    assert_ok(content_unpin(f->c, &alice, &info.cid, &f->e), &f->e);
    f->now += 7200;
    assert_int_equal(sweep(f, 3600), 0);
    assert_status(content_unpin(f->c, &alice, &info.cid, &f->e), E_NOT_FOUND);
    assert_ok(content_unpin(f->c, &bob, &info.cid, &f->e), &f->e);
    assert_int_equal(sweep(f, 3600), 3);
    struct content_info st;
    assert_status(content_stat(f->c, &info.cid, &st, &f->e), E_NOT_FOUND);
    assert_status(content_pin(f->c, &bob, &info.cid, &f->e), E_NOT_FOUND);
}

static void a_slow_upload_is_not_swept_while_it_lasts_nor_soon_after(void **state)
{
    struct fix *f = *state;
    struct content_upload *u = NULL;
    struct content_info info;
    slice all = slice_of(f->big, BIG);
    assert_ok(content_put_begin(f->c, &u, &f->e), &f->e);
    assert_ok(content_put_write(u, slice_first(all, 70 * MIB), &f->e), &f->e);
    f->now += 7200;
    assert_int_equal(sweep(f, 3600), 0);
    assert_ok(content_put_write(u, slice_after(all, 70 * MIB), &f->e), &f->e);
    assert_ok(content_put_finish(u, &info, &f->e), &f->e);
    f->now += 3599;
    assert_int_equal(sweep(f, 3600), 0);
    expect_range(f, &info.cid, all, 0, CONTENT_TO_END);
    f->now += 1;
    assert_int_equal(sweep(f, 3600), 82);
}

static void an_aborted_upload_leaves_only_what_sweep_takes(void **state)
{
    struct fix *f = *state;
    struct content_upload *u = NULL;
    struct content_info kept = put(f, slice_of(f->big, 2 * MIB));
    assert_ok(content_pin(f->c, &alice, &kept.cid, &f->e), &f->e);
    assert_ok(content_put_begin(f->c, &u, &f->e), &f->e);
    assert_ok(content_put_write(u, slice_of(f->big, 70 * MIB), &f->e), &f->e);
    content_put_abort(u);
    content_put_abort(NULL);
    f->now += 3600;
    assert_int_equal(sweep(f, 3600), 0); /* nothing was committed, and its space is free */
    assert_true(occupied(f) < 3 * MIB);
    expect_range(f, &kept.cid, slice_of(f->big, 2 * MIB), 0, CONTENT_TO_END);
}

static void a_killed_process_keeps_what_it_finished_and_nothing_else(void **state)
{
    struct fix *f = *state;
    struct content_info kept = put(f, slice_of(f->big, 2 * MIB));
    assert_ok(content_pin(f->c, &alice, &kept.cid, &f->e), &f->e);
    slice finished = slice_of(f->big + 75 * MIB, MIB);
    struct cid cid;
    assert_status(cid_of_content(CID_RAW, finished, &cid), OK);
    content_close(f->c);
    f->c = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        struct content_upload *u = NULL;
        struct content_info info;
        if (content_local_open(f->dir, MAP, &f->clock, &f->c, &f->e) != OK ||
            content_put(f->c, finished, &info, &f->e) != OK ||
            content_put_begin(f->c, &u, &f->e) != OK ||
            content_put_write(u, slice_of(f->big, 70 * MIB), &f->e) != OK)
            _exit(1);
        (void)kill(getpid(), SIGKILL);
    }
    int ws = 0;
    assert_int_equal(waitpid(pid, &ws, 0), pid);
    assert_true(WIFSIGNALED(ws));
    assert_true(occupied(f) > 60 * MIB);
    open_store(f);
    assert_true(occupied(f) < 4 * MIB);
    expect_range(f, &cid, finished, 0, CONTENT_TO_END);
    f->now += 3600;
    assert_int_equal(sweep(f, 3600), 1);
    assert_true(occupied(f) < 3 * MIB);
    expect_range(f, &kept.cid, slice_of(f->big, 2 * MIB), 0, CONTENT_TO_END);
}

/* Change one byte of the stored block that holds content, behind the store's back. */
static void damage(struct fix *f, slice content)
{
    char path[192];
    struct buf b;
    buf_init(&b, 512 * MIB);
    segment_path(f, path, sizeof path);
    assert_ok(file_read(path, &b, &f->e), &f->e);
    const uint8_t *at = memmem(b.p, b.n, content.p, content.n);
    assert_non_null(at);
    uint8_t other = *at ^ 1;
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &other, 1, at - b.p), 1);
    (void)close(fd);
    buf_done(&b);
}

static status count_damage(void *ctx, const struct cid *cid, const char *why)
{
    int *n = ctx;
    (void)cid;
    assert_true(strlen(why) > 0);
    (*n)++;
    return OK;
}

static void a_flipped_bit_is_never_delivered_and_a_new_upload_mends_it(void **state)
{
    struct fix *f = *state;
    slice all = slice_of(f->big, 3 * MIB);
    struct content_info info = put(f, all);
    struct content_verified v;
    int reported = 0;
    struct content_report report = {count_damage, &reported};
    damage(f, slice_of(f->big + MIB, MIB));
    struct due d = {all, 0};
    struct content_sink sink = {compare, &d};
    assert_status(content_get(f->c, &info.cid, 0, CONTENT_TO_END, &sink, &f->e), E_MISMATCH);
    assert_int_equal(d.left.n, 2 * MIB); /* the first block, which is whole, and no more */
    expect_range(f, &info.cid, all, 2 * MIB, MIB);
    assert_ok(content_local_verify(f->c, NULL, &report, &v, &f->e), &f->e);
    assert_int_equal(v.bad, 1);
    assert_int_equal(v.blocks, 4);
    assert_ok(content_local_verify(f->c, &info.cid, &report, &v, &f->e), &f->e);
    assert_int_equal(v.bad, 1);
    assert_int_equal(reported, 2);
    (void)put(f, all);
    expect_range(f, &info.cid, all, 0, CONTENT_TO_END);
    assert_ok(content_local_verify(f->c, NULL, NULL, &v, &f->e), &f->e);
    assert_int_equal(v.bad, 0);
    assert_ok(content_local_verify(f->c, &info.cid, NULL, &v, &f->e), &f->e);
    assert_int_equal(v.blocks, 4);
    assert_int_equal(v.bytes, info.block_size);
}

static void a_full_disk_refuses_and_keeps_what_is_there(void **state)
{
    struct fix *f = *state;
    struct rlimit old;
    struct content_info info = put(f, slice_of(f->big, 3 * MIB));
    struct content_info again;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct rlimit low = {20 * MIB + 12345, old.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    assert_status(content_put(f->c, slice_of(f->big, BIG), &again, &f->e), E_NO_SPACE);
    expect_range(f, &info.cid, slice_of(f->big, 3 * MIB), 0, CONTENT_TO_END);
    assert_true(occupied(f) < 4 * MIB);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    again = put(f, slice_of(f->big, BIG));
    expect_range(f, &again.cid, slice_of(f->big, BIG), 0, CONTENT_TO_END);
}

static void uploads_leave_the_last_of_the_disk(void **state)
{
    struct fix *f = *state;
    struct content_info info;
    content_local_reserve(f->c, UINT64_MAX);
    assert_status(content_put(f->c, SLICE_LIT("one more"), &info, &f->e), E_NO_SPACE);
    content_local_reserve(f->c, 1);
    assert_ok(content_put(f->c, SLICE_LIT("one more"), &info, &f->e), &f->e);
}

/* Many uploads may have begun while there was room. */
static void an_upload_under_way_ends_when_the_room_goes(void **state)
{
    struct fix *f = *state;
    struct content_info info;
    struct content_upload *u = NULL;
    assert_ok(content_put_begin(f->c, &u, &f->e), &f->e);
    assert_ok(content_put_write(u, slice_of(f->big, 2 * MIB), &f->e), &f->e);
    content_local_reserve(f->c, UINT64_MAX);
    assert_status(content_put_write(u, slice_of(f->big + 2 * MIB, 2 * MIB), &f->e), E_NO_SPACE);
    content_put_abort(u);
    content_local_reserve(f->c, 1);
    assert_ok(content_put_begin(f->c, &u, &f->e), &f->e);
    assert_ok(content_put_write(u, SLICE_LIT("less than a block"), &f->e), &f->e);
    content_local_reserve(f->c, UINT64_MAX);
    assert_status(content_put_finish(u, &info, &f->e), E_NO_SPACE);
    content_local_reserve(f->c, 1);
}

static void swept_files_give_their_space_back(void **state)
{
    struct fix *f = *state;
    struct content_info kept = put(f, slice_of(f->big, 5 * MIB));
    assert_ok(content_pin(f->c, &alice, &kept.cid, &f->e), &f->e);
    (void)put(f, slice_of(f->big, BIG));
    assert_true(occupied(f) > 79 * MIB);
    f->now += 1;
    assert_int_equal(sweep(f, 0), 77);
    assert_true(occupied(f) < 6 * MIB);
    content_close(f->c);
    open_store(f);
    expect_range(f, &kept.cid, slice_of(f->big, 5 * MIB), 0, CONTENT_TO_END);
    struct content_info more = put(f, slice_of(f->big + 5 * MIB, 3 * MIB));
    expect_range(f, &more.cid, slice_of(f->big + 5 * MIB, 3 * MIB), 0, CONTENT_TO_END);
    expect_range(f, &kept.cid, slice_of(f->big, 5 * MIB), 0, CONTENT_TO_END);
}

struct worker {
    struct fix *f;
    size_t at;
    int failed;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    for (int i = 0; i < 8; i++) {
        struct err e;
        struct content_info info;
        slice all = slice_of(w->f->big + w->at + (size_t)i * 1000, 2 * MIB);
        struct due d = {all, 0};
        struct content_sink sink = {compare, &d};
        if (content_put(w->f->c, all, &info, &e) != OK ||
            content_get(w->f->c, &info.cid, 0, CONTENT_TO_END, &sink, &e) != OK || d.left.n != 0 ||
            content_pin(w->f->c, &alice, &info.cid, &e) != OK ||
            content_unpin(w->f->c, &alice, &info.cid, &e) != OK)
            w->failed++;
    }
    return NULL;
}

static void threads_use_the_store_at_once(void **state)
{
    struct fix *f = *state;
    pthread_t th[4];
    struct worker w[4];
    for (size_t i = 0; i < 4; i++) {
        w[i] = (struct worker){f, i * 10 * MIB, 0};
        assert_int_equal(pthread_create(&th[i], NULL, work, &w[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(th[i], NULL), 0);
        assert_int_equal(w[i].failed, 0);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(files_of_all_sizes_come_back),
        T(a_file_of_several_batches_comes_back_in_whole_and_ranges),
        T(pieces_of_any_size_make_the_same_file),
        T(what_is_stored_survives_reopening),
        T(pins_are_counted_per_owner),
        T(a_slow_upload_is_not_swept_while_it_lasts_nor_soon_after),
        T(an_aborted_upload_leaves_only_what_sweep_takes),
        T(a_killed_process_keeps_what_it_finished_and_nothing_else),
        T(a_flipped_bit_is_never_delivered_and_a_new_upload_mends_it),
        T(a_full_disk_refuses_and_keeps_what_is_there),
        T(uploads_leave_the_last_of_the_disk),
        T(an_upload_under_way_ends_when_the_room_goes),
        T(swept_files_give_their_space_back),
        T(threads_use_the_store_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
