/* SPDX-License-Identifier: Apache-2.0 */
/* Append-only files for large blocks. */
#include "ipfs/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

#define ALIGN ((uint64_t)4096)
#define NAME_BYTES 32
#define NAME_FORMAT "seg-%08llx"

struct segments {
    int dir_fd;
    _Atomic uint64_t tail;
};

static uint64_t aligned(uint64_t n)
{
    return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static uint64_t number_of(uint64_t at)
{
    return at / SEGMENT_BYTES;
}

static status os_err(const char *what, struct err *reterr)
{
    int e = errno;
    bool full = e == ENOSPC || e == EDQUOT || e == EFBIG;
    return ERR(reterr, full ? E_NO_SPACE : E_IO, "block segment: %s: %s", what, strerror(e));
}

static int open_segment(const struct segments *sg, uint64_t number, int flags)
{
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof name, NAME_FORMAT, (unsigned long long)number);
    return openat(sg->dir_fd, name, flags | O_CLOEXEC, 0600);
}

status segments_open(const char *dir, uint64_t tail, struct segments **ret, struct err *reterr)
{
    status s = file_mkdirs(dir, 0700, reterr);
    if (s != OK)
        return s;
    struct segments *sg = calloc(1, sizeof *sg);
    if (sg == NULL)
        return ERR(reterr, E_NOMEM, "block segments");
    sg->tail = tail;
    sg->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sg->dir_fd < 0) {
        s = os_err(dir, reterr);
        free(sg);
        return s;
    }
    *ret = sg;
    return OK;
}

void segments_close(struct segments *sg)
{
    if (sg == NULL)
        return;
    (void)close(sg->dir_fd);
    free(sg);
}

uint64_t segments_tail(const struct segments *sg)
{
    return atomic_load(&sg->tail);
}

/* Take the next len bytes that lie within one segment. */
static uint64_t take(struct segments *sg, uint64_t len)
{
    uint64_t old = atomic_load(&sg->tail);
    uint64_t at;
    do {
        at = old;
        if (at % SEGMENT_BYTES + len > SEGMENT_BYTES)
            at = (number_of(at) + 1) * SEGMENT_BYTES;
    } while (!atomic_compare_exchange_weak(&sg->tail, &old, at + aligned(len)));
    return at;
}

status segment_append(struct segments *sg, slice block, struct extent *ret, struct err *reterr)
{
    struct extent x = {take(sg, block.n), block.n};
    int fd = open_segment(sg, number_of(x.at), O_WRONLY | O_CREAT);
    if (fd < 0)
        return os_err("open", reterr);
    status s = file_write_at(fd, "block segment", block, x.at % SEGMENT_BYTES, reterr);
    /* Let the disk begin while the next block is hashed; segments_sync waits and reports. */
    int rc =
        sync_file_range(fd, (off_t)(x.at % SEGMENT_BYTES), (off_t)x.len, SYNC_FILE_RANGE_WRITE);
    (void)rc;
    if (close(fd) != 0 && s == OK)
        s = os_err("close", reterr);
    if (s == OK)
        *ret = x;
    else
        segment_free(sg, &x);
    return s;
}

status segments_sync(struct segments *sg, uint64_t first, uint64_t last, struct err *reterr)
{
    for (uint64_t n = number_of(first); n <= number_of(last); n++) {
        int fd = open_segment(sg, n, O_WRONLY);
        if (fd < 0 && errno == ENOENT)
            continue; /* passed over: nothing of it was taken */
        if (fd < 0)
            return os_err("open", reterr);
        int rc = fdatasync(fd);
        status s = rc == 0 ? OK : os_err("sync", reterr);
        (void)close(fd);
        if (s != OK)
            return s;
    }
    return fsync(sg->dir_fd) == 0 ? OK : os_err("sync of the folder", reterr);
}

static status read_all(int fd, uint8_t *p, uint64_t len, uint64_t at, struct err *reterr)
{
    size_t got;
    status s = file_read_at(fd, "block segment", p, (size_t)len, at, &got, reterr);
    if (s == OK && got < len)
        return ERR(reterr, E_CORRUPT, "block segment ends too early");
    return s;
}

status segment_read(struct segments *sg, const struct extent *x, struct buf *ret,
                    struct err *reterr)
{
    status s = buf_reserve(ret, x->len);
    if (s != OK)
        return ERR(reterr, s, "block of %llu bytes", (unsigned long long)x->len);
    int fd = open_segment(sg, number_of(x->at), O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? ERR(reterr, E_CORRUPT, "a block segment is missing")
                               : os_err("open", reterr);
    s = read_all(fd, ret->p + ret->n, x->len, x->at % SEGMENT_BYTES, reterr);
    (void)close(fd);
    if (s == OK)
        ret->n += x->len;
    return s;
}

/* Make a hole of the positions from..to, all of one segment. */
static void punch(struct segments *sg, uint64_t from, uint64_t to)
{
    int fd = from < to ? open_segment(sg, number_of(from), O_WRONLY) : -1;
    if (fd < 0)
        return;
    int rc = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                       (off_t)(from % SEGMENT_BYTES), (off_t)(to - from));
    (void)rc; /* only space is lost */
    (void)close(fd);
}

void segment_free(struct segments *sg, const struct extent *x)
{
    punch(sg, x->at, x->at + aligned(x->len));
}

static int by_position(const void *a, const void *b)
{
    const struct extent *x = a;
    const struct extent *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Punch from..to, which may span segments. */
static void punch_gap(struct segments *sg, uint64_t from, uint64_t to)
{
    while (from < to) {
        uint64_t end = (number_of(from) + 1) * SEGMENT_BYTES;
        punch(sg, from, end < to ? end : to);
        from = end;
    }
}

/* Is any of the n extents, sorted by position, in that segment? */
static bool is_needed(const struct extent *live, size_t n, uint64_t number)
{
    size_t from = 0;
    for (size_t to = n; from < to;) {
        size_t mid = from + (to - from) / 2;
        if (number_of(live[mid].at) < number)
            from = mid + 1;
        else
            to = mid;
    }
    return from < n && number_of(live[from].at) == number;
}

/* Remove the files without an extent, which are those behind the tail, too; cut the last at the
 * tail. What a file system says that a file takes is no sign: some always say nothing. */
static status tidy_files(struct segments *sg, const struct extent *live, size_t n, uint64_t tail,
                         struct err *reterr)
{
    int fd = openat(sg->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d == NULL)
        return os_err("list", reterr);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strncmp(e->d_name, "seg-", 4) == 0 &&
            !is_needed(live, n, strtoull(e->d_name + 4, NULL, 16)))
            (void)unlinkat(sg->dir_fd, e->d_name, 0);
    }
    (void)closedir(d);
    fd = open_segment(sg, number_of(tail), O_WRONLY);
    if (fd < 0)
        return OK;
    int rc = ftruncate(fd, (off_t)(tail % SEGMENT_BYTES));
    status s = rc == 0 ? OK : os_err("cut", reterr);
    (void)close(fd);
    return s;
}

status segments_trim(struct segments *sg, struct extent *live, size_t n, struct err *reterr)
{
    uint64_t at = SEGMENT_BYTES;
    if (n > 0)
        qsort(live, n, sizeof *live, by_position);
    for (size_t i = 0; i < n; i++) {
        punch_gap(sg, at, live[i].at);
        at = live[i].at + aligned(live[i].len);
    }
    atomic_store(&sg->tail, at);
    return tidy_files(sg, live, n, at, reterr);
}
