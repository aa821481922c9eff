/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions and rows, and what of them the log is told. */
#include "kv/kv_priv.h"

static struct kv *kv_of(MDB_txn *txn)
{
    return mdb_env_get_userctx(mdb_txn_env(txn));
}

struct changes *kv_changes(MDB_txn *w)
{
    struct kv *kv = kv_of(w);
    if (kv->log == NULL || !kv->log->runs)
        return NULL;
    changes_settle(&kv->log->changes);
    return &kv->log->changes;
}

struct changes_table kv_changes_table(MDB_txn *w, MDB_dbi id)
{
    return (struct changes_table){(uint8_t)id, slice_str(kv_of(w)->names[id])};
}

static status begin(struct kv *kv, unsigned flags, struct kv_txn **ret, struct err *reterr)
{
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(kv->env, NULL, flags, &txn);
    if (rc != 0)
        return kv_status(rc, "begin", reterr);
    *ret = (struct kv_txn *)txn;
    return OK;
}

status kv_read_begin(struct kv *kv, struct kv_txn **ret, struct err *reterr)
{
    status s = kv->log != NULL ? log_check(kv->log, reterr) : OK;
    return s == OK ? begin(kv, MDB_RDONLY, ret, reterr) : s;
}

status kv_write_begin(struct kv *kv, struct kv_txn **ret, struct err *reterr)
{
    if (kv->log == NULL)
        return begin(kv, 0, ret, reterr);
    pthread_mutex_lock(&kv->log->writer);
    status s = log_check(kv->log, reterr);
    if (s == OK)
        s = begin(kv, 0, ret, reterr);
    if (s == OK)
        kv->log->txn = kv_mdb(*ret);
    else
        pthread_mutex_unlock(&kv->log->writer);
    return s;
}

/* Is txn the write transaction of a store with a log? Others have another address. */
static struct kv_log *log_of(MDB_txn *txn)
{
    struct kv_log *l = kv_of(txn)->log;
    return l != NULL && atomic_load(&l->txn) == txn ? l : NULL;
}

static void writer_done(struct kv_log *l)
{
    atomic_store(&l->txn, NULL);
    changes_clear(&l->changes);
    pthread_mutex_unlock(&l->writer);
}

status kv_commit(struct kv_txn *txn, struct err *reterr)
{
    struct kv_log *l = log_of(kv_mdb(txn));
    if (l == NULL)
        return kv_status(mdb_txn_commit(kv_mdb(txn)), "commit", reterr);
    status s = log_commit(l, kv_mdb(txn), reterr);
    writer_done(l);
    return s;
}

void kv_abort(struct kv_txn *txn)
{
    if (txn == NULL)
        return;
    struct kv_log *l = log_of(kv_mdb(txn));
    mdb_txn_abort(kv_mdb(txn));
    if (l != NULL)
        writer_done(l);
}

status kv_get(struct kv_txn *txn, struct kv_table t, slice key, slice *ret, struct err *reterr)
{
    MDB_val k = kv_val(key);
    MDB_val v;
    int rc = mdb_get(kv_mdb(txn), t.id, &k, &v);
    if (rc != 0)
        return kv_status(rc, "get", reterr);
    *ret = slice_of(v.mv_data, v.mv_size);
    return OK;
}

bool kv_has(struct kv_txn *txn, struct kv_table t, slice key)
{
    MDB_val k = kv_val(key);
    MDB_val v;
    return mdb_get(kv_mdb(txn), t.id, &k, &v) == 0;
}

static status put(struct kv_txn *w, struct kv_table t, slice key, slice value, unsigned flags,
                  struct err *reterr)
{
    MDB_val k = kv_val(key);
    MDB_val v = kv_val(value);
    struct changes *c = kv_changes(kv_mdb(w));
    status s = kv_status(mdb_put(kv_mdb(w), t.id, &k, &v, flags), "put", reterr);
    if (s == OK && c != NULL)
        s = changes_put(c, kv_changes_table(kv_mdb(w), t.id), key, value, reterr);
    return s;
}

status kv_put(struct kv_txn *w, struct kv_table t, slice key, slice value, struct err *reterr)
{
    return put(w, t, key, value, 0, reterr);
}

status kv_put_new(struct kv_txn *w, struct kv_table t, slice key, slice value, struct err *reterr)
{
    return put(w, t, key, value, MDB_NOOVERWRITE, reterr);
}

status kv_append(struct kv_txn *w, struct kv_table t, slice key, slice value, struct err *reterr)
{
    status s = put(w, t, key, value, MDB_APPEND, reterr);
    return s == E_CONFLICT ? ERR(reterr, E_RANGE, "append: not after the last key") : s;
}

status kv_put_room(struct kv_txn *w, struct kv_table t, slice key, size_t n, uint8_t **ret,
                   struct err *reterr)
{
    MDB_val k = kv_val(key);
    MDB_val v = {n, NULL};
    struct changes *c = kv_changes(kv_mdb(w));
    int rc = mdb_put(kv_mdb(w), t.id, &k, &v, MDB_RESERVE);
    if (rc != 0)
        return kv_status(rc, "put", reterr);
    *ret = v.mv_data;
    return c == NULL ? OK
                     : changes_put_room(c, kv_changes_table(kv_mdb(w), t.id), key, *ret, n, reterr);
}

status kv_tell_delete(MDB_txn *w, MDB_dbi id, slice key, struct err *reterr)
{
    struct changes *c = kv_changes(w);
    return c == NULL ? OK : changes_delete(c, kv_changes_table(w, id), key, reterr);
}

status kv_delete(struct kv_txn *w, struct kv_table t, slice key, struct err *reterr)
{
    MDB_val k = kv_val(key);
    status s = kv_tell_delete(kv_mdb(w), t.id, key, reterr);
    return s == OK ? kv_status(mdb_del(kv_mdb(w), t.id, &k, NULL), "delete", reterr) : s;
}

status kv_count(struct kv_txn *txn, struct kv_table t, uint64_t *ret, struct err *reterr)
{
    MDB_stat st;
    int rc = mdb_stat(kv_mdb(txn), t.id, &st);
    if (rc != 0)
        return kv_status(rc, "count", reterr);
    *ret = st.ms_entries;
    return OK;
}
