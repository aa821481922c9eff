/* SPDX-License-Identifier: Apache-2.0 */
/* A store's write-ahead log. A commit writes its changes to the log, in one piece, and syncs that;
 * the pages of the data file, which lie all over it, are synced later by a thread of the log's own,
 * for many commits at once (a checkpoint). After a crash the log is redone.
 *
 * Why this is safe: a log begins with the data file's meta pages. Until the next log's are known to
 * be on the disk, a read transaction of that moment is kept open, and LMDB writes to no page that
 * it leads to. So whatever else of the file reached the disk or not: with the meta pages put back
 * it is the store of that moment. */
#ifndef EHRD_KV_LOG_H
#define EHRD_KV_LOG_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "kv/changes.h"
#include "kv/wal.h"

/* A checkpoint begins when the log has so many bytes. What LMDB frees after the last one it cannot
 * use again before the next one is done: this bounds by how much the data file is larger. */
#define LOG_STEP_BYTES ((uint64_t)512 << 10)

struct kv_log {
    struct wal wal;
    MDB_env *env; /* NULL until log_redo was done: then no log is needed, until log_start */
    struct changes changes; /* of the write transaction */
    pthread_mutex_t writer; /* held by the write transaction */
    _Atomic(MDB_txn *) txn; /* that one, or NULL */
    MDB_txn *base;          /* snapshot that the first needed log began with */
    uint64_t redone;        /* transactions, when it was opened */

    pthread_t thread;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t changed;
    bool runs;          /* commits go through the log */
    bool threaded;      /* there is a thread that ends checkpoints */
    bool stop;          /* it is to end */
    MDB_txn *next;      /* snapshot that the last log began with; its checkpoint is going on */
    atomic_bool failed; /* what is on the disk is not known: nothing more is written */
    struct err why;     /* the first failure */
};

/* Before LMDB opens the data file of dir: open the log's files and, where a log is to be redone,
 * put its base back. ret: to be closed by log_close. OK | E_CORRUPT | E_MISMATCH (the data file is
 * not the log's) | E_UNSUPPORTED | E_IO | E_NOMEM. */
status log_open(const char *dir, struct kv_log **ret, struct err *reterr) MUST_USE;
/* Redo what the log has in env, by synced transactions. OK | E_CORRUPT | E_NO_SPACE | E_IO |
 * E_NOMEM. */
status log_redo(struct kv_log *l, MDB_env *env, struct err *reterr) MUST_USE;
/* After log_redo: begin a new log. From now on commits of env go through log_commit.
 * OK | E_NO_SPACE | E_IO | E_NOMEM. */
status log_start(struct kv_log *l, struct err *reterr) MUST_USE;
/* E_IO once a write of the log or a sync of the data file failed, as LMDB says after one of its
 * own: what readers would see is not what a crash leaves. */
status log_check(struct kv_log *l, struct err *reterr) MUST_USE;
/* Commit txn, durable on return; ends it whatever it returns. The writer's lock is held.
 * OK | E_NO_SPACE | E_IO | E_NOMEM. */
status log_commit(struct kv_log *l, MDB_txn *txn, struct err *reterr) MUST_USE;
/* All transactions have ended, env is open still. Everything into the data file, and the log's
 * files are gone; if that fails they stay, to be redone, and nothing may be written without them.
 * NULL is fine. OK | E_NO_SPACE | E_IO | E_NOMEM. */
status log_close(struct kv_log *l, struct err *reterr) MUST_USE;

/* --- for log.c and tests --------------------------------------------------------------------- */

/* Begin the next log with the store as it is. The writer's lock is held, no write transaction is
 * open, no checkpoint is going on. */
status log_checkpoint_begin(struct kv_log *l, bool alone, struct err *reterr) MUST_USE;
/* Sync the data file; then only the last log is needed. */
status log_checkpoint_end(struct kv_log *l, struct err *reterr) MUST_USE;
/* End the thread: from now on whoever begins a checkpoint ends it, too. */
void log_thread_end(struct kv_log *l);

#endif
