/* SPDX-License-Identifier: Apache-2.0 */
/* Logs begun, records appended, files removed. */
#include "kv/wal_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/sysio.h"
#include "crypto/sha2.h"

#define FILL_BYTES ((uint64_t)256 << 10) /* a file grows by zeros of this size: see fill */
#define LOG_NAME "write-ahead log"

static status sync_error(const char *what, struct err *reterr)
{
    return ERR(reterr, E_IO, LOG_NAME ": %s: %s", what, strerror(errno));
}

static int fd_of(const struct wal *w)
{
    return w->fd[wal_slot(w->head.number)];
}

/* Zeros up to `to`, once: a sync of bytes written over others has nothing to tell about the file
 * itself, and takes half the time. */
static status fill(struct wal *w, size_t slot, uint64_t to, struct err *reterr)
{
    static const uint8_t zeros[65536];
    to = (to + FILL_BYTES - 1) / FILL_BYTES * FILL_BYTES;
    while (w->filled[slot] < to) {
        uint64_t left = to - w->filled[slot];
        size_t n = left < sizeof zeros ? (size_t)left : sizeof zeros;
        status s =
            file_write_at(w->fd[slot], LOG_NAME, slice_of(zeros, n), w->filled[slot], reterr);
        if (s != OK)
            return s;
        w->filled[slot] += n;
    }
    return OK;
}

static status make_file(const struct wal *w, size_t slot, int *fd, struct err *reterr)
{
    char name[16];
    if (*fd >= 0)
        return OK;
    (void)snprintf(name, sizeof name, "wal.%zu", slot);
    *fd = openat(w->dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd >= 0)
        return OK;
    return errno == ENOSPC || errno == EDQUOT
               ? ERR(reterr, E_NO_SPACE, "%s: %s", name, strerror(errno))
               : sync_error(name, reterr);
}

/* All files, with room for what begins a log: so none of it fails for want of space later. They are
 * made for the first log, which is alone. */
static status make_files(struct wal *w, uint32_t page, bool alone, struct err *reterr)
{
    status s = OK;
    for (size_t slot = 0; slot < WAL_FILES && s == OK; slot++) {
        s = make_file(w, slot, &w->fd[slot], reterr);
        if (s == OK)
            s = make_file(w, slot, &w->settle_fd[slot], reterr);
        if (s == OK)
            s = fill(w, slot, wal_records_at(page), reterr);
    }
    if (s == OK && alone && fsync(w->dir_fd) != 0)
        return sync_error("the folder", reterr);
    return s;
}

/* The head and the base, both in what fill has written, with one sync: whichever of them reaches
 * the disk first, the base's hash in the head tells whether both did. */
static status put_log(struct wal *w, const struct wal_head *h, slice base, struct err *reterr)
{
    uint8_t sector[WAL_SECTOR];
    int fd = w->fd[wal_slot(h->number)];
    status s = wal_head_write(h, sector);
    if (s == OK)
        s = file_write_at(fd, LOG_NAME, base, WAL_BASE_AT, reterr);
    if (s == OK)
        s = file_write_at(fd, LOG_NAME, slice_of(sector, sizeof sector), 0, reterr);
    if (s == OK && fdatasync(fd) != 0)
        s = sync_error("sync", reterr);
    return s == OK ? OK : E_IO;
}

status wal_begin(struct wal *w, slice base, uint64_t txn, bool alone, struct err *reterr)
{
    struct wal_head h = {.number = w->head.number + 1, .txn = txn, .before = w->count};
    h.page = (uint32_t)(base.n / 2);
    h.floor = alone ? h.number : h.number - 1;
    status s = make_files(w, h.page, alone, reterr);
    if (s == OK)
        s = random_fill(&random_system, h.salt, sizeof h.salt);
    if (s == OK)
        s = sha256(base, &h.base);
    if (s != OK)
        return s;
    s = put_log(w, &h, base, reterr);
    if (s != OK)
        return s;
    w->head = h;
    w->count = 0;
    w->at = w->last = wal_records_at(h.page);
    return OK;
}

/* All of a record but its hash and body. */
static void record_first(const struct wal *w, size_t body, uint8_t out[24])
{
    memcpy(out, WAL_RECORD_MAGIC, 4);
    be32_write(out + 4, (uint32_t)body);
    be64_write(out + 8, w->head.number);
    be64_write(out + 16, w->count);
}

/* The record's bytes before its body, and the body, without a copy of it. */
static status put_record(struct wal *w, slice body, struct err *reterr)
{
    uint8_t first[WAL_RECORD_BYTES];
    hash32 sum;
    record_first(w, body.n, first);
    status s = wal_record_hash(&w->head, first, body, &sum);
    if (s != OK)
        return ERR(reterr, s, LOG_NAME);
    memcpy(first + 24, sum.b, sizeof sum.b);
    s = file_write_at(fd_of(w), LOG_NAME, body, w->at + WAL_RECORD_BYTES, reterr);
    if (s == OK)
        s = file_write_at(fd_of(w), LOG_NAME, slice_of(first, sizeof first), w->at, reterr);
    return s;
}

status wal_append(struct wal *w, slice body, struct err *reterr)
{
    uint64_t n = wal_record_bytes(body.n);
    if (body.n == 0 || body.n > WAL_BODY_MAX)
        return ERR(reterr, E_RANGE, LOG_NAME ": a record of %zu bytes", body.n);
    if (w->at + n > WAL_BYTES_MAX)
        return ERR(reterr, E_NO_SPACE, LOG_NAME ": %llu bytes wait for the disk",
                   (unsigned long long)wal_bytes(w));
    status s = fill(w, wal_slot(w->head.number), w->at + n, reterr);
    if (s == OK)
        s = put_record(w, body, reterr);
    if (s != OK)
        return s;
    if (fdatasync(fd_of(w)) != 0)
        return sync_error("sync", reterr);
    w->last = w->at;
    w->at += n;
    w->count++;
    return OK;
}

status wal_take_back(struct wal *w, struct err *reterr)
{
    static const uint8_t zeros[WAL_SECTOR];
    status s = file_write_at(fd_of(w), LOG_NAME, slice_of(zeros, sizeof zeros), w->last, reterr);
    if (s != OK)
        return E_IO;
    if (fdatasync(fd_of(w)) != 0)
        return sync_error("sync", reterr);
    w->at = w->last;
    w->count--;
    return OK;
}

status wal_settle(struct wal *w, struct err *reterr)
{
    uint8_t sector[WAL_SECTOR];
    struct wal_head h = w->head;
    int fd = w->settle_fd[wal_slot(h.number)];
    h.floor = h.number;
    status s = wal_head_write(&h, sector);
    if (s == OK)
        s = file_write_at(fd, LOG_NAME, slice_of(sector, sizeof sector), 0, reterr);
    if (s != OK)
        return E_IO;
    if (fdatasync(fd) != 0)
        return sync_error("sync", reterr);
    w->head.floor = h.floor;
    return OK;
}

uint64_t wal_bytes(const struct wal *w)
{
    return w->at - wal_records_at(w->head.page);
}

bool wal_has_files(const struct wal *w)
{
    return w->fd[0] >= 0 || w->fd[1] >= 0 || w->fd[2] >= 0;
}

/* The last log goes after the others are gone for good: alone, they would seem to be needed. */
status wal_remove(struct wal *w, struct err *reterr)
{
    size_t last = wal_slot(w->head.number);
    for (size_t i = 1; i <= WAL_FILES; i++) {
        size_t slot = (last + i) % WAL_FILES;
        char name[16];
        (void)snprintf(name, sizeof name, "wal.%zu", slot);
        if (slot == last && fsync(w->dir_fd) != 0)
            return sync_error("the folder", reterr);
        if (unlinkat(w->dir_fd, name, 0) != 0 && errno != ENOENT)
            return sync_error(name, reterr);
    }
    return fsync(w->dir_fd) == 0 ? OK : sync_error("the folder", reterr);
}
