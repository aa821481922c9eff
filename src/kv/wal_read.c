/* SPDX-License-Identifier: Apache-2.0 */
/* Heads and records of a write-ahead log, read and checked. */
#include "kv/wal_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/file.h"
#include "crypto/sha2.h"

#define PAGE_MAX 65536u
#define LOG_NAME "write-ahead log"

status wal_head_write(const struct wal_head *h, uint8_t out[WAL_SECTOR])
{
    hash32 sum;
    memset(out, 0, WAL_SECTOR);
    memcpy(out, WAL_HEAD_MAGIC, 8);
    be32_write(out + 8, WAL_VERSION);
    be32_write(out + 12, h->page);
    be64_write(out + 16, h->number);
    be64_write(out + 24, h->floor);
    be64_write(out + 32, h->before);
    be64_write(out + 40, h->txn);
    memcpy(out + 48, h->salt, sizeof h->salt);
    memcpy(out + 64, h->base.b, sizeof h->base.b);
    status s = sha256(slice_of(out, WAL_HEAD_BYTES), &sum);
    if (s == OK)
        memcpy(out + WAL_HEAD_BYTES, sum.b, sizeof sum.b);
    return s;
}

static bool all_zero(const uint8_t *p, size_t n)
{
    while (n > 0 && p[n - 1] == 0)
        n--;
    return n == 0;
}

/* OK | E_NOT_FOUND (nothing was ever written here) | E_CORRUPT | E_UNSUPPORTED. */
static status head_parse(const uint8_t in[WAL_SECTOR], size_t slot, struct wal_head *ret,
                         struct err *reterr)
{
    struct wal_head h;
    hash32 sum;
    if (all_zero(in, WAL_SECTOR))
        return E_NOT_FOUND;
    status s = sha256(slice_of(in, WAL_HEAD_BYTES), &sum);
    if (s != OK)
        return ERR(reterr, s, LOG_NAME);
    if (memcmp(in, WAL_HEAD_MAGIC, 8) != 0 || memcmp(in + WAL_HEAD_BYTES, sum.b, 32) != 0)
        return ERR(reterr, E_CORRUPT, "wal.%zu: its head is damaged", slot);
    if (be32_read(in + 8) != WAL_VERSION)
        return ERR(reterr, E_UNSUPPORTED, "wal.%zu: version %u of a later program", slot,
                   (unsigned)be32_read(in + 8));
    h = (struct wal_head){.page = be32_read(in + 12),
                          .number = be64_read(in + 16),
                          .floor = be64_read(in + 24),
                          .before = be64_read(in + 32),
                          .txn = be64_read(in + 40)};
    memcpy(h.salt, in + 48, sizeof h.salt);
    memcpy(h.base.b, in + 64, sizeof h.base.b);
    if (h.number == 0 || wal_slot(h.number) != slot || h.floor > h.number ||
        h.number - h.floor > 1 || h.page < WAL_SECTOR || h.page > PAGE_MAX)
        return ERR(reterr, E_CORRUPT, "wal.%zu: its head contradicts itself", slot);
    *ret = h;
    return OK;
}

static status sector_read(const struct wal *w, size_t slot, struct wal_head *ret,
                          struct err *reterr)
{
    uint8_t sector[WAL_SECTOR] = {0};
    size_t n;
    if (w->fd[slot] < 0)
        return E_NOT_FOUND;
    status s = file_read_at(w->fd[slot], LOG_NAME, sector, sizeof sector, 0, &n, reterr);
    return s == OK ? head_parse(sector, slot, ret, reterr) : s;
}

/* The two pages of the base, malloc'ed; E_NOT_FOUND when they are not whole. */
static status base_read(const struct wal *w, const struct wal_head *h, uint8_t **ret,
                        struct err *reterr)
{
    size_t want = (size_t)2 * h->page;
    size_t n;
    hash32 sum;
    uint8_t *p = malloc(want);
    if (p == NULL)
        return ERR(reterr, E_NOMEM, LOG_NAME);
    status s = file_read_at(w->fd[wal_slot(h->number)], LOG_NAME, p, want, WAL_BASE_AT, &n, reterr);
    if (s == OK)
        s = sha256(slice_of(p, n), &sum);
    if (s == OK && (n != want || !hash32_eq(sum, h->base)))
        s = E_NOT_FOUND;
    if (s == OK)
        *ret = p;
    else
        free(p);
    return s;
}

status wal_head_read(struct wal *w, uint64_t number, struct wal_head *ret, uint8_t **ret_base,
                     struct err *reterr)
{
    struct wal_head h;
    uint8_t *base = NULL;
    status s = sector_read(w, wal_slot(number), &h, reterr);
    if (s == OK && h.number != number)
        s = E_NOT_FOUND;
    if (s == OK)
        s = base_read(w, &h, &base, reterr);
    if (s != OK)
        return s;
    *ret = h;
    if (ret_base != NULL)
        *ret_base = base;
    else
        free(base);
    return OK;
}

/* --- records -------------------------------------------------------------------------------- */

status wal_record_hash(const struct wal_head *h, const uint8_t first[24], slice body, hash32 *ret)
{
    struct sha256_ctx c;
    status s = sha256_init(&c);
    if (s != OK)
        return s;
    s = sha256_update(&c, slice_of(h->salt, sizeof h->salt));
    if (s == OK)
        s = sha256_update(&c, slice_of(first, 24));
    if (s == OK)
        s = sha256_update(&c, body);
    if (s == OK)
        s = sha256_final(&c, ret);
    sha256_done(&c);
    return s;
}

/* The record at `at`, its body in buf (WAL_BODY_MAX bytes). E_NOT_FOUND when no whole record of
 * this log stands there. */
static status record_read(const struct wal *w, const struct wal_head *h, uint64_t at, uint8_t *buf,
                          uint64_t *ret_index, slice *ret_body, struct err *reterr)
{
    uint8_t first[WAL_RECORD_BYTES];
    int fd = w->fd[wal_slot(h->number)];
    size_t n;
    hash32 sum;
    status s = file_read_at(fd, LOG_NAME, first, sizeof first, at, &n, reterr);
    if (s != OK)
        return s;
    if (n < sizeof first || memcmp(first, WAL_RECORD_MAGIC, 4) != 0 ||
        be64_read(first + 8) != h->number)
        return E_NOT_FOUND;
    size_t body = be32_read(first + 4);
    if (body == 0 || body > WAL_BODY_MAX)
        return E_NOT_FOUND;
    s = file_read_at(fd, LOG_NAME, buf, body, at + WAL_RECORD_BYTES, &n, reterr);
    if (s == OK && n < body)
        return E_NOT_FOUND;
    if (s == OK)
        s = wal_record_hash(h, first, slice_of(buf, body), &sum);
    if (s != OK)
        return s;
    if (memcmp(sum.b, first + 24, sizeof sum.b) != 0)
        return E_NOT_FOUND;
    *ret_index = be64_read(first + 16);
    *ret_body = slice_of(buf, body);
    return OK;
}

/* What ends the log at `at` is its end only if no later record of it follows: each was synced
 * before the next one was written. */
static status check_end(const struct wal *w, const struct wal_head *h, uint64_t at, uint64_t count,
                        uint8_t *buf, struct err *reterr)
{
    uint64_t index;
    slice body;
    off_t end = lseek(w->fd[wal_slot(h->number)], 0, SEEK_END);
    if (end < 0)
        return ERR(reterr, E_IO, LOG_NAME ": %s", strerror(errno));
    for (; at < (uint64_t)end && at < WAL_BYTES_MAX + WAL_BODY_MAX; at += WAL_ALIGN) {
        status s = record_read(w, h, at, buf, &index, &body, reterr);
        if (s == OK && index >= count)
            return ERR(reterr, E_CORRUPT, "wal.%zu: record %llu is damaged, %llu is there",
                       wal_slot(h->number), (unsigned long long)count, (unsigned long long)index);
        if (s != OK && s != E_NOT_FOUND)
            return s;
    }
    return OK;
}

status wal_read(struct wal *w, const struct wal_head *h, wal_take *take, void *ctx, uint64_t *ret_n,
                struct err *reterr)
{
    uint64_t at = wal_records_at(h->page);
    uint64_t count = 0;
    uint64_t index = 0;
    slice body = SLICE_EMPTY;
    uint8_t *buf = malloc(WAL_BODY_MAX);
    if (buf == NULL)
        return ERR(reterr, E_NOMEM, LOG_NAME);
    status s = OK;
    while (s == OK && (s = record_read(w, h, at, buf, &index, &body, reterr)) == OK &&
           index == count) {
        at += wal_record_bytes(body.n);
        count++;
        s = take(ctx, body, reterr);
    }
    if (s == OK || s == E_NOT_FOUND)
        s = check_end(w, h, at, count, buf, reterr);
    free(buf);
    *ret_n = count;
    return s;
}

/* --- opening -------------------------------------------------------------------------------- */

/* A log whose base is not whole was cut off while it began; if it has a record, this was not so. */
static status check_unborn(const struct wal *w, const struct wal_head *h, struct err *reterr)
{
    uint64_t index;
    slice body;
    uint8_t *buf = malloc(WAL_BODY_MAX);
    if (buf == NULL)
        return ERR(reterr, E_NOMEM, LOG_NAME);
    status s = record_read(w, h, wal_records_at(h->page), buf, &index, &body, reterr);
    free(buf);
    if (s == OK)
        return ERR(reterr, E_CORRUPT, "wal.%zu: its base is damaged", wal_slot(h->number));
    return s == E_NOT_FOUND ? OK : s;
}

/* The last log: the greatest number whose head and base are whole. Later ones must be unborn; what
 * is damaged of earlier ones is their file's next use, which was cut off before its head. */
static status find_last(struct wal *w, struct err *reterr)
{
    struct wal_head h[WAL_FILES] = {{0}};
    w->head.number = 0;
    for (size_t slot = 0; slot < WAL_FILES; slot++) {
        uint8_t *base = NULL;
        status s = sector_read(w, slot, &h[slot], reterr);
        if (s == E_NOT_FOUND)
            continue;
        if (s == OK)
            s = base_read(w, &h[slot], &base, reterr);
        free(base);
        if (s == OK && h[slot].number > w->head.number)
            w->head = h[slot];
        if (s != OK && s != E_NOT_FOUND)
            return s;
    }
    for (size_t slot = 0; slot < WAL_FILES; slot++) {
        status s = h[slot].number > w->head.number ? check_unborn(w, &h[slot], reterr) : OK;
        if (s != OK)
            return s;
    }
    return OK;
}

static const struct wal no_files = {.dir_fd = -1, .fd = {-1, -1, -1}, .settle_fd = {-1, -1, -1}};

static status open_files(struct wal *w, struct err *reterr)
{
    for (size_t slot = 0; slot < WAL_FILES; slot++) {
        char name[16];
        (void)snprintf(name, sizeof name, "wal.%zu", slot);
        w->fd[slot] = openat(w->dir_fd, name, O_RDWR | O_CLOEXEC);
        off_t end = w->fd[slot] < 0 ? 0 : lseek(w->fd[slot], 0, SEEK_END);
        if ((w->fd[slot] < 0 && errno != ENOENT) || end < 0)
            return ERR(reterr, E_IO, "%s: %s", name, strerror(errno));
        w->filled[slot] = (uint64_t)end / WAL_ALIGN * WAL_ALIGN;
    }
    return OK;
}

/* What a killed program wrote, or removed, is seen here before it is on the disk. A head that says
 * which log is needed, or a log that is gone, is built upon at once: pages that an earlier base
 * leads to are used again. After a loss of power that base must not be the one which counts. */
static status make_durable(const struct wal *w, struct err *reterr)
{
    for (size_t slot = 0; slot < WAL_FILES; slot++)
        if (w->fd[slot] >= 0 && fdatasync(w->fd[slot]) != 0)
            return ERR(reterr, E_IO, "wal.%zu: sync: %s", slot, strerror(errno));
    return fsync(w->dir_fd) == 0 ? OK : ERR(reterr, E_IO, "sync: %s", strerror(errno));
}

status wal_open(const char *dir, struct wal *w, struct err *reterr)
{
    *w = no_files;
    w->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->dir_fd < 0)
        return ERR(reterr, E_IO, "%s: %s", dir, strerror(errno));
    status s = open_files(w, reterr);
    if (s == OK)
        s = make_durable(w, reterr);
    if (s != OK)
        s = err_prefix(reterr, s, dir);
    if (s == OK)
        s = find_last(w, reterr);
    if (s != OK)
        wal_close(w);
    return s;
}

static void close_all(const int fd[WAL_FILES])
{
    for (size_t slot = 0; slot < WAL_FILES; slot++)
        if (fd[slot] >= 0)
            (void)close(fd[slot]);
}

void wal_close(struct wal *w)
{
    close_all(w->fd);
    close_all(w->settle_fd);
    if (w->dir_fd >= 0)
        (void)close(w->dir_fd);
    *w = no_files;
}
