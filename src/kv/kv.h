/* SPDX-License-Identifier: Apache-2.0 */
/* An ordered, crash-safe key-value store in a folder, over LMDB 0.9.
 *
 * Caveats first:
 * - One process at a time: kv_open takes a lock on DIR/LOCK; a second opener gets E_BUSY.
 * - Threads: any number of read transactions at once, each used by one thread at a time and free to
 *   move between threads. One write transaction at a time: kv_write_begin waits for the one before.
 *   A write transaction is begun and ended by the same thread, and a thread that holds one begins
 * no second one (it would wait for itself).
 * - Borrowed data: a slice from kv_get or kv_iter_next points into the map. It is valid until the
 *   read transaction ends; in a write transaction until the next put or delete in it, or its end.
 *   Do not put a borrowed slice of the same write transaction: copy it first.
 * - A read transaction kept open for long keeps pages of deleted rows from being used again.
 * - A write transaction holds its changed pages in memory: keep it below KV_TXN_BYTES.
 * - Every commit is synced to the disk before it returns. Commit or nothing: after a crash the
 * store holds exactly the committed transactions.
 * - With a log (options.log; kv/log.h) what is synced is the log, wal.* in the folder, and kv_open
 * redoes it. The folder is one thing: data.mdb alone, copied or put back, is not the store.
 * kv_backup makes a copy without a log. A store that had a log opens without one, too.
 * - After kv_open a thread reads the file into the page cache, unless it is larger than half of the
 *   machine's memory; the map itself is without read-ahead (kv/warm.h).
 * - LMDB does not overwrite deleted rows; who needs bytes destroyed encrypts rows under keys kept
 *   elsewhere.
 *
 * Any failure inside a write transaction leaves only one sane step: kv_abort. E_NOT_FOUND,
 * E_CONFLICT and E_RANGE are answers, not failures; the transaction goes on. */
#ifndef EHRD_KV_KV_H
#define EHRD_KV_KV_H

#include "base/slice.h"
#include "base/status.h"

#define KV_KEY_MAX 511u /* bytes of a key, at least 1 */
#define KV_MAP_DEFAULT                                                                             \
    ((uint64_t)64 << 30) /* address space and largest file; the file is sparse                     \
                          */
#define KV_TABLES_MAX 200u
#define KV_TXN_BYTES ((size_t)64 << 20) /* wanted bound of changed bytes in one transaction */

struct kv;     /* one open folder; shared by all threads */
struct kv_txn; /* one transaction */

struct kv_table {
    unsigned id;
};

struct kv_options {
    const char *app;     /* name of the application that owns the folder, 1..64 bytes */
    uint32_t schema;     /* the schema version this program writes, >= 1 */
    uint64_t map_bytes;  /* 0 = KV_MAP_DEFAULT; raising it later is fine */
    unsigned max_tables; /* 0 = 32; at most KV_TABLES_MAX */
    bool log; /* commit through a write-ahead log: for a large store with small commits */
};

/* Open dir, making it (mode 0700) if absent. A new folder is stamped with app and schema.
 * ret: to be closed by kv_close.
 * OK | E_BUSY (another process or handle has it open) | E_MISMATCH (another application's folder) |
 * E_UNSUPPORTED (its schema is newer than ours) | E_CORRUPT | E_NO_SPACE | E_IO | E_NOMEM. */
status kv_open(const char *dir, const struct kv_options *o, struct kv **ret,
               struct err *reterr) MUST_USE;
/* True once a write to a store's head failed (disk full, device error). Which of its pages reached
 * the disk cannot be told then, so LMDB refuses everything until the folder is opened anew, and so
 * does each call here, with E_IO: the process should end and be started again. */
bool kv_has_stopped(void);
/* Transactions that kv_open took from the log of a crashed program. */
uint64_t kv_redone(const struct kv *kv);
/* All transactions must have ended. NULL is fine. */
void kv_close(struct kv *kv);

/* The schema version stamped in the folder: lower than options.schema when rows are to be migrated;
 * kv_schema_set stamps the new one in the transaction that migrates. */
uint32_t kv_schema(const struct kv *kv);
status kv_schema_set(struct kv *kv, struct kv_txn *w, uint32_t schema, struct err *reterr) MUST_USE;

/* Open the table called name (1..64 bytes, not "meta"), making it if absent. Call it at start-up,
 * before other threads use kv and outside any transaction. OK | E_RANGE (name) | E_NO_SPACE
 * (max_tables reached) | E_IO. */
status kv_table_open(struct kv *kv, const char *name, struct kv_table *ret,
                     struct err *reterr) MUST_USE;

/* Remove the table called name with all its rows in w; fine when it is not there. Not for a table
 * that is open in this process. OK | E_RANGE (name) | E_NO_SPACE | E_IO. */
status kv_table_drop(struct kv_txn *w, const char *name, struct err *reterr) MUST_USE;

/* OK | E_BUSY (over 1000 readers) | E_NOMEM | E_IO. */
status kv_read_begin(struct kv *kv, struct kv_txn **ret, struct err *reterr) MUST_USE;
status kv_write_begin(struct kv *kv, struct kv_txn **ret, struct err *reterr) MUST_USE;
/* Ends txn whatever it returns. On failure nothing of it is stored. OK | E_NO_SPACE | E_IO. */
status kv_commit(struct kv_txn *txn, struct err *reterr) MUST_USE;
/* Ends a write transaction without effect, or a read transaction. NULL is fine. */
void kv_abort(struct kv_txn *txn);

/* ret borrows from txn. OK | E_NOT_FOUND | E_RANGE (key length) | E_CORRUPT. */
status kv_get(struct kv_txn *txn, struct kv_table t, slice key, slice *ret,
              struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND, and no message is made. */
bool kv_has(struct kv_txn *txn, struct kv_table t, slice key);
/* Insert or overwrite. OK | E_RANGE (key length) | E_NO_SPACE | E_IO. */
status kv_put(struct kv_txn *w, struct kv_table t, slice key, slice value,
              struct err *reterr) MUST_USE;
/* E_CONFLICT when the key is there already; its value stays. */
status kv_put_new(struct kv_txn *w, struct kv_table t, slice key, slice value,
                  struct err *reterr) MUST_USE;
/* Insert a key greater than all others of the table, faster than kv_put. E_RANGE when it is not. */
status kv_append(struct kv_txn *w, struct kv_table t, slice key, slice value,
                 struct err *reterr) MUST_USE;
/* Insert or overwrite with n bytes that the caller fills at *ret before its next call on w. */
status kv_put_room(struct kv_txn *w, struct kv_table t, slice key, size_t n, uint8_t **ret,
                   struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND. */
status kv_delete(struct kv_txn *w, struct kv_table t, slice key, struct err *reterr) MUST_USE;
/* Number of rows. */
status kv_count(struct kv_txn *txn, struct kv_table t, uint64_t *ret, struct err *reterr) MUST_USE;

/* Rows whose key begins with a prefix, in order of the keys' bytes.
 *
 *     struct kv_iter it;
 *     s = kv_iter_init(&it, txn, table, prefix, SLICE_EMPTY, KV_FORWARD, reterr);
 *     while (s == OK && (s = kv_iter_next(&it, &key, &value, reterr)) == OK)
 *         ...
 *     kv_iter_done(&it);
 *     if (s != E_NOT_FOUND) -> a failure
 *
 * from: forward, the first key is >= from; backward, it is <= from. Empty: begin at the prefix's
 * first or last key. The iterator ends before its transaction. */
enum kv_order { KV_FORWARD, KV_BACKWARD };

struct kv_iter {
    void *cursor;
    enum kv_order order;
    bool started;
    size_t prefix_n;
    size_t from_n;
    uint8_t prefix[KV_KEY_MAX];
    uint8_t from[KV_KEY_MAX];
};

/* OK | E_RANGE (prefix or from longer than KV_KEY_MAX) | E_NOMEM. kv_iter_done is fine after any.
 */
status kv_iter_init(struct kv_iter *it, struct kv_txn *txn, struct kv_table t, slice prefix,
                    slice from, enum kv_order order, struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND (no more rows; no message is made) | E_CORRUPT. Either ret may be NULL. */
status kv_iter_next(struct kv_iter *it, slice *ret_key, slice *ret_value,
                    struct err *reterr) MUST_USE;
/* Delete the row last returned (write transactions); kv_iter_next then goes on after it. */
status kv_iter_delete(struct kv_iter *it, struct err *reterr) MUST_USE;
void kv_iter_done(struct kv_iter *it);

/* Write a compact, consistent copy of the store to dir, which must not exist, while others read and
 * write; synced. kv_open opens the copy. OK | E_CONFLICT (dir exists) | E_NO_SPACE | E_IO. */
status kv_backup(struct kv *kv, const char *dir, struct err *reterr) MUST_USE;

/* Bytes of the data file in use and the most it may hold. */
struct kv_usage {
    uint64_t used_bytes;
    uint64_t map_bytes;
};
status kv_usage(struct kv *kv, struct kv_usage *ret, struct err *reterr) MUST_USE;

#endif
