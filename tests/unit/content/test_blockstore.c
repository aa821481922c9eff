/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the block store: blocks, pins counted per owner, sweeping. */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/dagpb.h"
#include "fakeclock.h"
#include "ipfs/blockstore.h"
#include "tmpdir.h"

#define MAP ((uint64_t)64 << 20)

struct fix {
    char dir[128];
    uint64_t now;
    struct clock_src clock;
    struct blockstore *bs;
    struct err e;
};

static const hash32 alice = {{1}};
static const hash32 bob = {{2}};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    tmpdir_make(f->dir, sizeof f->dir);
    f->now = 1000000;
    f->clock = fakeclock(&f->now);
    assert_ok(blockstore_open(f->dir, MAP, &f->clock, &f->bs, &f->e), &f->e);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    blockstore_close(f->bs);
    tmpdir_remove(f->dir);
    free(f);
    return 0;
}

static struct cid put(struct fix *f, uint64_t codec, slice block)
{
    struct cid c;
    assert_status(cid_of_content(codec, block, &c), OK);
    assert_ok(blockstore_put(f->bs, &c, block, &f->e), &f->e);
    return c;
}

/* A dag-pb node over the children given. */
static struct cid put_node(struct fix *f, const struct cid *children, size_t n)
{
    struct buf b;
    buf_init(&b, 10000);
    for (size_t i = 0; i < n; i++) {
        struct dagpb_link link = {.cid = children[i], .name = SLICE_EMPTY};
        assert_status(dagpb_put_link(&b, &link), OK);
    }
    struct cid c = put(f, CID_DAG_PB, buf_slice(&b));
    buf_done(&b);
    return c;
}

static bool has(struct fix *f, const struct cid *c)
{
    status s = blockstore_has(f->bs, c, &f->e);
    assert_true(s == OK || s == E_NOT_FOUND);
    return s == OK;
}

static uint64_t sweep(struct fix *f, uint64_t age)
{
    struct blockstore_swept swept;
    assert_ok(blockstore_sweep(f->bs, age, &swept, &f->e), &f->e);
    return swept.blocks;
}

static void gives_back_what_was_put(void **state)
{
    struct fix *f = *state;
    struct buf b;
    buf_init(&b, 100);
    struct cid c = put(f, CID_RAW, SLICE_LIT("hello"));
    assert_ok(blockstore_get(f->bs, &c, &b, &f->e), &f->e);
    assert_slice(buf_slice(&b), SLICE_LIT("hello"));
    struct cid empty = put(f, CID_RAW, SLICE_EMPTY);
    assert_ok(blockstore_get(f->bs, &empty, &b, &f->e), &f->e);
    assert_int_equal(b.n, 0);
    b.cap = 4;
    assert_status(blockstore_get(f->bs, &c, &b, &f->e), E_TOO_LONG);
    assert_ok(blockstore_delete(f->bs, &c, &f->e), &f->e);
    assert_status(blockstore_get(f->bs, &c, &b, &f->e), E_NOT_FOUND);
    assert_status(blockstore_delete(f->bs, &c, &f->e), E_NOT_FOUND);
    buf_done(&b);
}

static void refuses_what_it_cannot_check(void **state)
{
    struct fix *f = *state;
    struct cid c;
    assert_status(cid_of_content(CID_RAW, SLICE_LIT("a"), &c), OK);
    assert_status(blockstore_put(f->bs, &c, SLICE_LIT("b"), &f->e), E_MISMATCH);
    c.codec = 0x71;
    assert_status(blockstore_put(f->bs, &c, SLICE_LIT("a"), &f->e), E_UNSUPPORTED);
    assert_status(blockstore_has(f->bs, &c, &f->e), E_UNSUPPORTED);
}

static void a_pin_of_one_owner_survives_the_others_unpin(void **state)
{
    struct fix *f = *state;
    struct cid leaf = put(f, CID_RAW, SLICE_LIT("leaf"));
    struct cid root = put_node(f, &leaf, 1);
    struct buf owners;
    buf_init(&owners, 1000);
    assert_ok(blockstore_pin(f->bs, &alice, &root, &f->e), &f->e);
    assert_ok(blockstore_pin(f->bs, &alice, &root, &f->e), &f->e);
    assert_ok(blockstore_pin(f->bs, &bob, &root, &f->e), &f->e);
    assert_ok(blockstore_pins(f->bs, &root, &owners, &f->e), &f->e);
    assert_int_equal(owners.n, 64);
    assert_ok(blockstore_unpin(f->bs, &alice, &root, &f->e), &f->e);
    assert_status(blockstore_unpin(f->bs, &alice, &root, &f->e), E_NOT_FOUND);
    f->now += 10000;
    assert_int_equal(sweep(f, 3600), 0);
    assert_status(blockstore_delete(f->bs, &leaf, &f->e), E_CONFLICT);
    assert_ok(blockstore_unpin(f->bs, &bob, &root, &f->e), &f->e);
    assert_int_equal(sweep(f, 3600), 2);
    assert_false(has(f, &leaf) || has(f, &root));
    buf_done(&owners);
}

static void shared_blocks_stay_as_long_as_one_root_needs_them(void **state)
{
    struct fix *f = *state;
    struct cid kids[3] = {put(f, CID_RAW, SLICE_LIT("a")), put(f, CID_RAW, SLICE_LIT("b")),
                          put(f, CID_RAW, SLICE_LIT("c"))};
    struct cid ab = put_node(f, kids, 2);
    struct cid bc = put_node(f, kids + 1, 2);
    struct cid twice[] = {kids[1], ab, kids[1], ab};
    struct cid top = put_node(f, twice, 4);
    assert_ok(blockstore_pin(f->bs, &alice, &top, &f->e), &f->e);
    assert_ok(blockstore_pin(f->bs, &alice, &bc, &f->e), &f->e);
    assert_ok(blockstore_pin(f->bs, &bob, &kids[0], &f->e), &f->e);
    f->now += 10;
    assert_int_equal(sweep(f, 0), 0);
    assert_ok(blockstore_unpin(f->bs, &alice, &top, &f->e), &f->e);
    assert_int_equal(sweep(f, 0), 2); /* top and ab */
    assert_true(has(f, &kids[0]) && has(f, &kids[1]) && has(f, &kids[2]) && has(f, &bc));
    assert_ok(blockstore_unpin(f->bs, &alice, &bc, &f->e), &f->e);
    assert_int_equal(sweep(f, 0), 3);
    assert_true(has(f, &kids[0]));
}

static void a_dag_with_a_missing_block_is_not_pinned(void **state)
{
    struct fix *f = *state;
    struct cid kids[2] = {put(f, CID_RAW, SLICE_LIT("a")), put(f, CID_RAW, SLICE_LIT("b"))};
    struct cid root = put_node(f, kids, 2);
    struct buf owners;
    buf_init(&owners, 1000);
    assert_ok(blockstore_delete(f->bs, &kids[1], &f->e), &f->e);
    assert_status(blockstore_pin(f->bs, &alice, &root, &f->e), E_NOT_FOUND);
    assert_ok(blockstore_pins(f->bs, &root, &owners, &f->e), &f->e);
    assert_int_equal(owners.n, 0);
    assert_int_equal(sweep(f, 0), 2); /* no count was left behind */
    buf_done(&owners);
}

static void a_doubling_dag_is_walked_once_per_block(void **state)
{
    struct fix *f = *state;
    struct cid c = put(f, CID_RAW, SLICE_LIT("x"));
    for (int i = 0; i < 60; i++) {
        struct cid two[2] = {c, c};
        c = put_node(f, two, 2);
    }
    assert_ok(blockstore_pin(f->bs, &alice, &c, &f->e), &f->e);
    assert_int_equal(sweep(f, 0), 0);
    assert_ok(blockstore_unpin(f->bs, &alice, &c, &f->e), &f->e);
    assert_int_equal(sweep(f, 0), 61);
}

static void only_old_blocks_are_swept(void **state)
{
    struct fix *f = *state;
    struct cid old = put(f, CID_RAW, SLICE_LIT("old"));
    struct cid again = put(f, CID_RAW, SLICE_LIT("again"));
    f->now += 3000;
    struct cid young = put(f, CID_RAW, SLICE_LIT("young"));
    (void)put(f, CID_RAW, SLICE_LIT("again"));
    f->now += 600;
    assert_int_equal(sweep(f, 3600), 1);
    assert_false(has(f, &old));
    assert_true(has(f, &young) && has(f, &again));
}

/* Put n different blocks of size bytes into a batch. */
static void put_many(struct fix *f, struct blockstore_batch *b, uint32_t n, size_t size)
{
    uint8_t *block = calloc(1, size);
    assert_non_null(block);
    for (uint32_t i = 0; i < n; i++) {
        struct cid c;
        memcpy(block, &i, sizeof i);
        assert_status(cid_of_content(CID_RAW, slice_of(block, size), &c), OK);
        assert_ok(blockstore_batch_put(b, &c, slice_of(block, size), &f->e), &f->e);
    }
    free(block);
}

static uint64_t count_blocks(struct fix *f)
{
    struct blockstore_usage u;
    assert_ok(blockstore_usage(f->bs, &u, &f->e), &f->e);
    return u.blocks;
}

static void a_batch_of_many_blocks_is_spared_until_it_ends(void **state)
{
    struct fix *f = *state;
    struct blockstore_batch *b = NULL;
    assert_ok(blockstore_batch_new(f->bs, &b, &f->e), &f->e);
    put_many(f, b, 5000, 100);
    assert_int_equal(count_blocks(f), BLOCKSTORE_BATCH_BLOCKS);
    f->now += 7200;
    assert_int_equal(sweep(f, 3600), 0);
    assert_ok(blockstore_batch_finish(b, &f->e), &f->e);
    blockstore_batch_free(b);
    f->now += 3599;
    assert_int_equal(sweep(f, 3600), 0);
    f->now += 1;
    assert_int_equal(sweep(f, 3600), 5000);
}

static void an_abandoned_batch_is_swept(void **state)
{
    struct fix *f = *state;
    struct blockstore_batch *b = NULL;
    assert_ok(blockstore_batch_new(f->bs, &b, &f->e), &f->e);
    put_many(f, b, 5000, 100);
    blockstore_batch_free(b);
    assert_int_equal(count_blocks(f), BLOCKSTORE_BATCH_BLOCKS);
    f->now += 3600;
    assert_int_equal(sweep(f, 3600), BLOCKSTORE_BATCH_BLOCKS);
}

/* Bytes that the files of large blocks take on the disk. */
static uint64_t bytes_of_segments(const struct fix *f)
{
    char path[192];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/segments/seg-00000001", f->dir);
    return stat(path, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

static void a_commit_that_finds_no_room_gives_large_blocks_back(void **state)
{
    struct fix *f = *state;
    struct blockstore_batch *b = NULL;
    blockstore_close(f->bs);
    tmpdir_remove(f->dir);
    tmpdir_make(f->dir, sizeof f->dir);
    assert_ok(blockstore_open(f->dir, (uint64_t)1 << 20, &f->clock, &f->bs, &f->e), &f->e);
    assert_ok(blockstore_batch_new(f->bs, &b, &f->e), &f->e);
    put_many(f, b, 8, (size_t)1 << 20);
    put_many(f, b, 2000, 1000); /* more than the index takes */
    assert_true(bytes_of_segments(f) >= (uint64_t)8 << 20);
    assert_status(blockstore_batch_finish(b, &f->e), E_NO_SPACE);
    blockstore_batch_free(b);
    assert_int_equal(count_blocks(f), 0);
    assert_int_equal(bytes_of_segments(f), 0);
}

/* As a process that is killed leaves it: not in order. */
static void leave_zeros(struct fix *f, slice zeros)
{
    char path[192];
    assert_ok(blockstore_open(f->dir, MAP, &f->clock, &f->bs, &f->e), &f->e);
    (void)put(f, CID_RAW, zeros);
    (void)snprintf(path, sizeof path, "%s/segments/seg-00000001", f->dir);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1 << 20), 0);
    assert_int_equal(bytes_of_segments(f), 0);
}

/* Some file systems say of each file that it takes no space, and a block of zeros may take none. */
static void a_segment_that_takes_no_space_is_kept_while_it_is_needed(void **state)
{
    static const uint8_t bytes[40000];
    struct fix *f = *state;
    slice zeros = slice_of(bytes, sizeof bytes);
    struct cid c;
    struct buf b;
    int status_of_child = -1;
    buf_init(&b, sizeof bytes);
    assert_status(cid_of_content(CID_RAW, zeros, &c), OK);
    blockstore_close(f->bs);
    f->bs = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        leave_zeros(f, zeros);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status_of_child, 0), child);
    assert_int_equal(status_of_child, 0);
    assert_ok(blockstore_open(f->dir, MAP, &f->clock, &f->bs, &f->e), &f->e);
    assert_ok(blockstore_get(f->bs, &c, &b, &f->e), &f->e);
    assert_true(slice_eq(buf_slice(&b), zeros));
    buf_done(&b);
}

static status count_damage(void *ctx, const hash32 *digest, slice block)
{
    (void)ctx;
    (void)digest;
    (void)block;
    return E_INTERNAL;
}

static void small_and_large_blocks_are_all_verified(void **state)
{
    struct fix *f = *state;
    struct blockstore_batch *b = NULL;
    struct blockstore_verify v = {.damaged = count_damage};
    assert_ok(blockstore_batch_new(f->bs, &b, &f->e), &f->e);
    put_many(f, b, 600, 100);
    put_many(f, b, 50, 40000);
    assert_ok(blockstore_batch_finish(b, &f->e), &f->e);
    blockstore_batch_free(b);
    assert_ok(blockstore_verify_all(f->bs, &v, &f->e), &f->e);
    assert_int_equal(v.blocks, 650);
    assert_int_equal(v.bytes, 600 * 100 + 50 * 40000);
}

static void pins_outlive_the_process(void **state)
{
    struct fix *f = *state;
    struct cid c = put(f, CID_RAW, SLICE_LIT("kept"));
    struct blockstore_usage u;
    assert_ok(blockstore_pin(f->bs, &alice, &c, &f->e), &f->e);
    blockstore_close(f->bs);
    assert_ok(blockstore_open(f->dir, MAP, &f->clock, &f->bs, &f->e), &f->e);
    f->now += 10000;
    assert_int_equal(sweep(f, 3600), 0);
    assert_ok(blockstore_usage(f->bs, &u, &f->e), &f->e);
    assert_int_equal(u.blocks, 1);
    assert_int_equal(u.pins, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(gives_back_what_was_put),
        T(refuses_what_it_cannot_check),
        T(a_pin_of_one_owner_survives_the_others_unpin),
        T(shared_blocks_stay_as_long_as_one_root_needs_them),
        T(a_dag_with_a_missing_block_is_not_pinned),
        T(a_doubling_dag_is_walked_once_per_block),
        T(only_old_blocks_are_swept),
        T(a_batch_of_many_blocks_is_spared_until_it_ends),
        T(an_abandoned_batch_is_swept),
        T(a_commit_that_finds_no_room_gives_large_blocks_back),
        T(a_segment_that_takes_no_space_is_kept_while_it_is_needed),
        T(small_and_large_blocks_are_all_verified),
        T(pins_outlive_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
