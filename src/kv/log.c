/* SPDX-License-Identifier: Apache-2.0 */
/* Commits through the log, and checkpoints. */
#include "kv/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "kv/kv_priv.h"

_Static_assert(CHANGES_MAX <= WAL_BODY_MAX, "what is kept of a transaction fits into a record");

#define WAIT_BYTES (WAL_BYTES_MAX - 2 * (uint64_t)WAL_BODY_MAX) /* a commit waits for the disk */

/* What failed first is told to whoever comes after it. */
static status fail(struct kv_log *l, status s, struct err *reterr)
{
    pthread_mutex_lock(&l->lock);
    if (!atomic_load(&l->failed) && reterr != NULL)
        l->why = *reterr;
    else if (!atomic_load(&l->failed))
        (void)ERR(&l->why, s, "%s", status_text(s));
    atomic_store(&l->failed, true);
    pthread_mutex_unlock(&l->lock);
    kv_stop();
    return s == E_IO ? E_IO : ERR(reterr, E_IO, "write-ahead log");
}

status log_check(struct kv_log *l, struct err *reterr)
{
    if (!atomic_load(&l->failed))
        return OK;
    pthread_mutex_lock(&l->lock);
    struct err why = l->why;
    pthread_mutex_unlock(&l->lock);
    return ERR(reterr, E_IO, "the store takes nothing more after a failed write: %s", why.msg);
}

/* --- checkpoints ---------------------------------------------------------------------------- */

/* The two meta pages as they are: no write transaction is open. */
static status read_base(MDB_env *env, uint8_t **ret, size_t *ret_n, struct err *reterr)
{
    MDB_stat st;
    mdb_filehandle_t fd;
    int rc = mdb_env_stat(env, &st);
    if (rc == 0)
        rc = mdb_env_get_fd(env, &fd);
    if (rc != 0)
        return kv_status(rc, "data file", reterr);
    size_t want = (size_t)2 * st.ms_psize;
    uint8_t *p = malloc(want);
    if (p == NULL)
        return ERR(reterr, E_NOMEM, "write-ahead log");
    status s = file_read_at(fd, "data file", p, want, 0, ret_n, reterr);
    if (s == OK && *ret_n == want) {
        *ret = p;
        return OK;
    }
    free(p);
    return s != OK ? s : ERR(reterr, E_CORRUPT, "data file: no meta pages");
}

status log_checkpoint_begin(struct kv_log *l, bool alone, struct err *reterr)
{
    uint8_t *base = NULL;
    size_t n = 0;
    MDB_txn *snapshot = NULL;
    int rc = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &snapshot);
    if (rc != 0)
        return kv_status(rc, "checkpoint", reterr);
    status s = read_base(l->env, &base, &n, reterr);
    if (s == OK)
        s = wal_begin(&l->wal, slice_of(base, n), mdb_txn_id(snapshot), alone, reterr);
    free(base);
    if (s != OK) {
        mdb_txn_abort(snapshot);
        return s == E_IO ? fail(l, s, reterr) : s;
    }
    pthread_mutex_lock(&l->lock);
    l->next = snapshot;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    return OK;
}

status log_checkpoint_end(struct kv_log *l, struct err *reterr)
{
    status s = kv_status(mdb_env_sync(l->env, 1), "sync of the data file", reterr);
    if (s == OK)
        s = wal_settle(&l->wal, reterr);
    if (s != OK)
        s = fail(l, s, reterr);
    pthread_mutex_lock(&l->lock);
    if (s == OK) { /* else the base's pages stay as they are */
        if (l->base != NULL)
            mdb_txn_abort(l->base);
        l->base = l->next;
        l->next = NULL;
    }
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    return s;
}

static void *checkpoints(void *arg)
{
    struct kv_log *l = arg;
    bool fine = true;
    struct err e = {0};
    pthread_mutex_lock(&l->lock);
    while (fine && !l->stop) {
        if (l->next == NULL) {
            pthread_cond_wait(&l->changed, &l->lock);
            continue;
        }
        pthread_mutex_unlock(&l->lock);
        fine = log_checkpoint_end(l, &e) == OK;
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static bool is_going_on(struct kv_log *l)
{
    pthread_mutex_lock(&l->lock);
    bool ret = l->next != NULL;
    pthread_mutex_unlock(&l->lock);
    return ret;
}

/* Until no checkpoint is going on. */
static status settled(struct kv_log *l, struct err *reterr)
{
    if (!l->threaded && l->next != NULL)
        return log_checkpoint_end(l, reterr);
    pthread_mutex_lock(&l->lock);
    while (l->next != NULL && !atomic_load(&l->failed))
        pthread_cond_wait(&l->changed, &l->lock);
    pthread_mutex_unlock(&l->lock);
    return log_check(l, reterr);
}

static status thread_start(struct kv_log *l, struct err *reterr)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all); /* signals are for the program's own threads */
    int rc = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (rc == 0) {
        rc = pthread_create(&l->thread, NULL, checkpoints, l);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    l->runs = l->threaded = rc == 0;
    return rc == 0 ? OK : ERR(reterr, E_NOMEM, "thread of the write-ahead log: %s", strerror(rc));
}

status log_start(struct kv_log *l, struct err *reterr)
{
    status s = log_checkpoint_begin(l, true, reterr);
    if (s == OK)
        s = log_checkpoint_end(l, reterr);
    if (s == OK)
        s = kv_status(mdb_env_set_flags(l->env, MDB_NOSYNC, 1), "data file", reterr);
    return s == OK ? thread_start(l, reterr) : s;
}

/* --- commits -------------------------------------------------------------------------------- */

/* More than a record may have: into the data file, synced. In between readers see what is not
 * durable yet; if it does not become so, the store stops. */
static status commit_large(struct kv_log *l, MDB_txn *txn, struct err *reterr)
{
    status s = settled(l, reterr);
    if (s != OK) {
        mdb_txn_abort(txn);
        return s;
    }
    s = kv_status(mdb_txn_commit(txn), "commit", reterr);
    if (s != OK)
        return s;
    s = log_checkpoint_begin(l, false, reterr);
    if (s != OK)
        return fail(l, s, reterr);
    return settled(l, reterr);
}

/* A checkpoint that cannot begin now is tried again with the next commit. */
static void checkpoint_if_due(struct kv_log *l)
{
    if (wal_bytes(&l->wal) >= LOG_STEP_BYTES && !is_going_on(l)) {
        struct err e = {0};
        status s = log_checkpoint_begin(l, false, &e);
        (void)s;
    }
}

static status commit_logged(struct kv_log *l, MDB_txn *txn, slice body, struct err *reterr)
{
    status s = wal_bytes(&l->wal) < WAIT_BYTES ? OK : settled(l, reterr);
    if (s == OK)
        s = wal_append(&l->wal, body, reterr);
    if (s != OK) {
        mdb_txn_abort(txn);
        return s == E_IO ? fail(l, s, reterr) : s;
    }
    s = kv_status(mdb_txn_commit(txn), "commit", reterr);
    if (s != OK && wal_take_back(&l->wal, reterr) != OK)
        s = fail(l, E_IO, reterr);
    if (s == OK)
        checkpoint_if_due(l);
    return s;
}

status log_commit(struct kv_log *l, MDB_txn *txn, struct err *reterr)
{
    slice body = changes_body(&l->changes);
    status s = log_check(l, reterr);
    if (s == OK && l->changes.broken)
        s = ERR(reterr, E_NOMEM, "commit: a change of the transaction is not in its record");
    if (s != OK) {
        mdb_txn_abort(txn);
    } else if (l->changes.too_large) {
        s = commit_large(l, txn, reterr);
    } else if (body.n > 0) {
        s = commit_logged(l, txn, body, reterr);
    } else {
        s = kv_status(mdb_txn_commit(txn), "commit", reterr);
    }
    changes_clear(&l->changes);
    return s;
}

/* --- the end -------------------------------------------------------------------------------- */

void log_thread_end(struct kv_log *l)
{
    if (!l->threaded)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    (void)pthread_join(l->thread, NULL);
    l->threaded = false;
}

/* All in the data file, so that no log is needed. If this fails the files stay and are redone. */
static status all_settled(struct kv_log *l, struct err *reterr)
{
    status s = OK;
    bool was_redone = !l->runs && l->wal.head.number != 0; /* its base's pages are used again */
    if (l->next != NULL)
        s = log_checkpoint_end(l, reterr);
    if (s == OK && (l->wal.count > 0 || was_redone))
        s = log_checkpoint_begin(l, was_redone, reterr);
    if (s == OK && l->next != NULL)
        s = log_checkpoint_end(l, reterr);
    if (s == OK) /* tables that were made are in no record */
        s = kv_status(mdb_env_sync(l->env, 1), "data file", reterr);
    return s == OK ? wal_remove(&l->wal, reterr) : s;
}

status log_close(struct kv_log *l, struct err *reterr)
{
    if (l == NULL)
        return OK;
    log_thread_end(l);
    status s = log_check(l, reterr);
    if (s == OK && l->env != NULL && wal_has_files(&l->wal))
        s = all_settled(l, reterr);
    if (l->next != NULL)
        mdb_txn_abort(l->next);
    if (l->base != NULL)
        mdb_txn_abort(l->base);
    wal_close(&l->wal);
    changes_done(&l->changes);
    pthread_mutex_destroy(&l->writer);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->changed);
    free(l);
    return s;
}
