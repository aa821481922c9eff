/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a write-ahead log (docs/formats.md, 16): up to three in a folder, wal.0 to wal.2.
 *
 * A log begins with a base, bytes that its owner gives, and holds the records appended since. One
 * log takes records; the one before it is needed, too, until wal_settle.
 *
 * Threads: one thread at a time calls these functions, but wal_settle may run beside wal_append.
 * It has descriptors of its own: the system tells an error of writing back once for each opened
 * file, so of two syncs of one descriptor the other could end well without what it asked for.
 *
 * E_IO of wal_begin, wal_append and wal_settle leaves it unknown what is on the disk: nothing may
 * be appended afterwards, and the folder is to be opened anew. */
#ifndef EHRD_KV_WAL_H
#define EHRD_KV_WAL_H

#include "base/slice.h"
#include "base/status.h"

#define WAL_FILES 3u
#define WAL_BODY_MAX ((size_t)8 << 20)     /* bytes of a record's body, at least 1 */
#define WAL_BYTES_MAX ((uint64_t)64 << 20) /* of one log: no more is appended, or read */

struct wal_head {
    uint64_t number;  /* of the log, from 1; 0: there is none */
    uint64_t floor;   /* the first log that is needed: number or number - 1 */
    uint64_t before;  /* records of the log before */
    uint64_t txn;     /* the owner's: what the base belongs to */
    uint32_t page;    /* the base has two of these */
    uint8_t salt[16]; /* of the records' hashes */
    hash32 base;      /* SHA-256 of the base */
};

struct wal {
    int dir_fd;
    int fd[WAL_FILES];
    int settle_fd[WAL_FILES];   /* the same files, opened once more */
    struct wal_head head;       /* of the log that takes records */
    uint64_t count;             /* records in it */
    uint64_t at;                /* where the next one goes */
    uint64_t last;              /* where the last one stands */
    uint64_t filled[WAL_FILES]; /* bytes of each file that have been written once */
};

/* Open the log files of dir, which may have none; nothing is written but what is found is synced,
 * since a program that was killed may not have come to it. If logs are needed, w->head is that of
 * the last one. To be closed by wal_close. OK | E_CORRUPT | E_UNSUPPORTED (a later
 * version) | E_IO | E_NOMEM. */
status wal_open(const char *dir, struct wal *w, struct err *reterr) MUST_USE;
void wal_close(struct wal *w);

/* The head of log `number`. ret_base: page bytes twice, malloc'ed, or NULL if not wanted.
 * OK | E_NOT_FOUND (no such log, or one whose base is not whole) | E_CORRUPT | E_IO | E_NOMEM. */
status wal_head_read(struct wal *w, uint64_t number, struct wal_head *ret, uint8_t **ret_base,
                     struct err *reterr) MUST_USE;

/* Called with each record in order. */
typedef status wal_take(void *ctx, slice body, struct err *reterr);
/* All records of log h, from the disk. ret_n: how many. OK | E_CORRUPT | E_IO | E_NOMEM | what take
 * returned. */
status wal_read(struct wal *w, const struct wal_head *h, wal_take *take, void *ctx, uint64_t *ret_n,
                struct err *reterr) MUST_USE;

/* Begin the next log, synced. base: two pages of `page` bytes. alone: no log before it is needed.
 * OK | E_NO_SPACE (nothing has changed) | E_IO. */
status wal_begin(struct wal *w, slice base, uint64_t txn, bool alone, struct err *reterr) MUST_USE;
/* Append a record, synced. OK | E_RANGE (size of body) | E_NO_SPACE (the disk, or WAL_BYTES_MAX;
 * nothing has changed) | E_IO. */
status wal_append(struct wal *w, slice body, struct err *reterr) MUST_USE;
/* Take the last record back, synced: once, after wal_append. OK | E_IO. */
status wal_take_back(struct wal *w, struct err *reterr) MUST_USE;
/* The log before is not needed any more. OK | E_IO. */
status wal_settle(struct wal *w, struct err *reterr) MUST_USE;
/* Bytes of records in the log. */
uint64_t wal_bytes(const struct wal *w);
bool wal_has_files(const struct wal *w);
/* Remove all files: what they tell is settled elsewhere. OK | E_IO. */
status wal_remove(struct wal *w, struct err *reterr) MUST_USE;

#endif
