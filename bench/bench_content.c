/* SPDX-License-Identifier: Apache-2.0 */
/* bench_content [MIB [DIR]]: GB/s of adding a file with a null sink, into a store below DIR, and of
 * reading it back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sysio.h"
#include "content/local.h"
#include "ipfs/import.h"
#include "kv/kv.h"

#define PIECE ((size_t)16 << 20)
#define MIB ((size_t)1 << 20)
#define RUNS 3

struct bench {
    uint64_t bytes;
    uint8_t *piece; /* PIECE bytes, changed before each use, so that no two chunks are equal */
    uint64_t x;
    char dir[256];
    struct err e;
};

static void check(const struct bench *b, status s)
{
    if (s == OK)
        return;
    fprintf(stderr, "%s: %s\n", status_name(s), b->e.msg);
    exit(1);
}

/* One number in each chunk is enough to make the chunks differ. */
static slice next_piece(struct bench *b, uint64_t left)
{
    size_t n = left < PIECE ? (size_t)left : PIECE;
    for (size_t at = 0; at < n; at += MIB) {
        b->x++;
        memcpy(b->piece + at, &b->x, sizeof b->x);
    }
    return slice_of(b->piece, n);
}

static void print_rate(const char *what, uint64_t bytes, uint64_t ms)
{
    printf("%-28s %8.3f s %6.2f GB/s\n", what, (double)ms / 1e3,
           (double)bytes / 1e6 / (double)(ms > 0 ? ms : 1));
}

static void add_null(struct bench *b)
{
    const struct block_sink nowhere = {0};
    struct import *im = NULL;
    struct import_result r;
    uint64_t t0 = clock_mono_ms(&clock_system);
    check(b, import_new(&import_v1_2025, &nowhere, &im, &b->e));
    for (uint64_t left = b->bytes; left > 0;) {
        slice piece = next_piece(b, left);
        check(b, import_write(im, piece, &b->e));
        left -= piece.n;
    }
    check(b, import_finish(im, &r, &b->e));
    import_free(im);
    print_rate("add, null sink", b->bytes, clock_mono_ms(&clock_system) - t0);
}

static struct cid add_store(struct bench *b, struct content *c)
{
    struct content_upload *u = NULL;
    struct content_info info;
    uint64_t t0 = clock_mono_ms(&clock_system);
    check(b, content_put_begin(c, &u, &b->e));
    for (uint64_t left = b->bytes; left > 0;) {
        slice piece = next_piece(b, left);
        check(b, content_put_write(u, piece, &b->e));
        left -= piece.n;
    }
    check(b, content_put_finish(u, &info, &b->e));
    print_rate("add, into the store, synced", b->bytes, clock_mono_ms(&clock_system) - t0);
    return info.cid;
}

static status count(void *ctx, slice bytes, struct err *reterr)
{
    uint64_t *n = ctx;
    (void)reterr;
    *n += bytes.n;
    return OK;
}

static void read_back(struct bench *b, struct content *c, const struct cid *cid)
{
    uint64_t n = 0;
    struct content_sink sink = {count, &n};
    uint64_t t0 = clock_mono_ms(&clock_system);
    check(b, content_get(c, cid, 0, CONTENT_TO_END, &sink, &b->e));
    print_rate("read back, verified", n, clock_mono_ms(&clock_system) - t0);
    if (n != b->bytes)
        check(b, ERR(&b->e, E_INTERNAL, "%llu bytes came back", (unsigned long long)n));
}

/* The same bytes by hand, in the two ways a store could keep them. */
static void raw_lmdb(struct bench *b, const char *dir)
{
    const struct kv_options o = {.app = "bench", .schema = 1};
    struct kv *kv = NULL;
    struct kv_table t;
    check(b, kv_open(dir, &o, &kv, &b->e));
    check(b, kv_table_open(kv, "blocks", &t, &b->e));
    uint64_t t0 = clock_mono_ms(&clock_system);
    for (uint64_t at = 0; at < b->bytes;) {
        struct kv_txn *w = NULL;
        check(b, kv_write_begin(kv, &w, &b->e));
        for (int i = 0; i < 32 && at < b->bytes; i++, at += MIB) {
            uint64_t key = at * 0x9e3779b97f4a7c15u;
            slice block = slice_of(b->piece, MIB);
            check(b, kv_put(w, t, slice_of(&key, sizeof key), block, &b->e));
        }
        check(b, kv_commit(w, &b->e));
    }
    print_rate("raw: LMDB, 32 MiB a commit", b->bytes, clock_mono_ms(&clock_system) - t0);
    kv_close(kv);
}

static void raw_segment(struct bench *b, const char *path)
{
    FILE *f = fopen(path, "wb");
    check(b, f != NULL ? OK : ERR(&b->e, E_IO, "%s", path));
    uint64_t t0 = clock_mono_ms(&clock_system);
    for (uint64_t at = 0; at < b->bytes; at += MIB)
        if (write(fileno(f), b->piece, MIB) != (ssize_t)MIB)
            check(b, ERR(&b->e, E_IO, "%s", path));
    if (fdatasync(fileno(f)) != 0)
        check(b, ERR(&b->e, E_IO, "%s", path));
    print_rate("raw: append and fdatasync", b->bytes, clock_mono_ms(&clock_system) - t0);
    (void)fclose(f);
    (void)unlink(path);
}

static void remove_store(const char *dir)
{
    const char *names[] = {"data.mdb", "lock.mdb", "LOCK"};
    char path[512];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static void run(struct bench *b, int n)
{
    char dir[320];
    struct content *c = NULL;
    (void)snprintf(dir, sizeof dir, "%s/store%d", b->dir, n);
    add_null(b);
    check(b, content_local_open(dir, 0, &clock_system, &c, &b->e));
    struct cid cid = add_store(b, c);
    read_back(b, c, &cid);
    content_close(c);
    remove_store(dir);
    raw_lmdb(b, dir);
    remove_store(dir);
    (void)snprintf(dir, sizeof dir, "%s/segment", b->dir);
    raw_segment(b, dir);
}

int main(int argc, char **argv)
{
    struct bench b = {.bytes = (uint64_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 1024) * MIB};
    (void)snprintf(b.dir, sizeof b.dir, "%s/bench-content-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    b.piece = malloc(PIECE);
    if (b.piece == NULL || mkdtemp(b.dir) == NULL)
        return 1;
    memset(b.piece, 0x5a, PIECE);
    for (int i = 0; i < RUNS; i++)
        run(&b, i);
    (void)rmdir(b.dir);
    free(b.piece);
    return 0;
}
