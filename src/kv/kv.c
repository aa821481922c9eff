/* SPDX-License-Identifier: Apache-2.0 */
/* The store's folder, transactions and rows, over LMDB. */
#include "kv/kv_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/file.h"
#include "kv/warm.h"

#define MAX_READERS 1000
#define DEFAULT_TABLES 32
#define NAME_MAX_BYTES 64
#define PATH_BYTES 4096
#define META_TABLE "meta"

struct kv {
    MDB_env *env;
    MDB_dbi meta;
    int lock_fd;
    _Atomic uint32_t schema;
    struct kv_warm warm;
};

static atomic_bool a_store_stopped; /* of any store of the process */

bool kv_has_stopped(void)
{
    return atomic_load(&a_store_stopped);
}

status kv_status(int rc, const char *what, struct err *reterr)
{
    switch (rc) {
    case 0:
        return OK;
    case MDB_NOTFOUND:
        return ERR(reterr, E_NOT_FOUND, "%s: no such row", what);
    case MDB_KEYEXIST:
        return ERR(reterr, E_CONFLICT, "%s: the row exists", what);
    case MDB_BAD_VALSIZE:
        return ERR(reterr, E_RANGE, "%s: key length", what);
    case MDB_MAP_FULL:
        return ERR(reterr, E_NO_SPACE, "%s: the store's map is full", what);
    case MDB_TXN_FULL:
        return ERR(reterr, E_NO_SPACE, "%s: too much changed in one transaction", what);
    case MDB_DBS_FULL:
        return ERR(reterr, E_NO_SPACE, "%s: too many tables", what);
    case MDB_READERS_FULL:
        return ERR(reterr, E_BUSY, "%s: too many readers", what);
    case ENOSPC:
    case EDQUOT:
        return ERR(reterr, E_NO_SPACE, "%s: %s", what, mdb_strerror(rc));
    case ENOMEM:
        return ERR(reterr, E_NOMEM, "%s", what);
    case MDB_PANIC:
        atomic_store(&a_store_stopped, true);
        return ERR(reterr, E_IO, "%s: the store takes nothing more after a failed write", what);
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_VERSION_MISMATCH:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
        return ERR(reterr, E_CORRUPT, "%s: %s", what, mdb_strerror(rc));
    default:
        return ERR(reterr, E_IO, "%s: %s", what, mdb_strerror(rc));
    }
}

static status lock_folder(const char *dir, int *ret_fd, struct err *reterr)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/LOCK", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return ERR(reterr, E_TOO_LONG, "path of the store is too long");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR(reterr, E_IO, "%s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int e = errno;
        (void)close(fd);
        return e == EWOULDBLOCK ? ERR(reterr, E_BUSY, "%s: in use by another process", dir)
                                : ERR(reterr, E_IO, "%s: %s", path, strerror(e));
    }
    *ret_fd = fd;
    return OK;
}

static status open_env(struct kv *kv, const char *dir, const struct kv_options *o,
                       struct err *reterr)
{
    int rc = mdb_env_create(&kv->env);
    if (rc != 0) {
        kv->env = NULL;
        return kv_status(rc, dir, reterr);
    }
    uint64_t map = o->map_bytes != 0 ? o->map_bytes : KV_MAP_DEFAULT;
    unsigned tables = o->max_tables != 0 ? o->max_tables : DEFAULT_TABLES;
    rc = mdb_env_set_mapsize(kv->env, map);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(kv->env, tables + 1);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(kv->env, MAX_READERS);
    if (rc == 0)
        rc = mdb_env_open(kv->env, dir, MDB_NOTLS | MDB_NORDAHEAD, 0600);
    return kv_status(rc, dir, reterr);
}

/* A stamp row: schema as four big-endian bytes, then the application's name. */
static status put_stamp(struct kv *kv, MDB_txn *txn, slice app, uint32_t schema, struct err *reterr)
{
    uint8_t row[4 + NAME_MAX_BYTES];
    be32_write(row, schema);
    memcpy(row + 4, app.p, app.n);
    MDB_val k = {5, (char[]){"stamp"}};
    MDB_val v = {4 + app.n, row};
    return kv_status(mdb_put(txn, kv->meta, &k, &v, 0), "stamp", reterr);
}

static status get_stamp(struct kv *kv, MDB_txn *txn, uint32_t *ret_schema, slice *ret_app,
                        struct err *reterr)
{
    MDB_val k = {5, (char[]){"stamp"}};
    MDB_val v;
    int rc = mdb_get(txn, kv->meta, &k, &v);
    if (rc != 0)
        return kv_status(rc, "stamp", reterr);
    if (v.mv_size < 5 || v.mv_size > 4 + NAME_MAX_BYTES)
        return ERR(reterr, E_CORRUPT, "the store's stamp has %zu bytes", v.mv_size);
    *ret_schema = be32_read(v.mv_data);
    *ret_app = slice_of((const uint8_t *)v.mv_data + 4, v.mv_size - 4);
    return OK;
}

static status check_stamp(struct kv *kv, MDB_txn *txn, const char *dir, const struct kv_options *o,
                          struct err *reterr)
{
    uint32_t schema = 0;
    slice app = SLICE_EMPTY;
    status s = get_stamp(kv, txn, &schema, &app, reterr);
    if (s == E_NOT_FOUND) {
        kv->schema = o->schema;
        return put_stamp(kv, txn, slice_str(o->app), o->schema, reterr);
    }
    if (s != OK)
        return s;
    if (!slice_eq_str(app, o->app))
        return ERR(reterr, E_MISMATCH, "%s: belongs to another application than %s", dir, o->app);
    if (schema > o->schema)
        return ERR(reterr, E_UNSUPPORTED, "%s: schema %u, this program knows up to %u", dir,
                   (unsigned)schema, (unsigned)o->schema);
    kv->schema = schema;
    return OK;
}

static status open_stamped(struct kv *kv, const char *dir, const struct kv_options *o,
                           struct err *reterr)
{
    status s = open_env(kv, dir, o, reterr);
    if (s != OK)
        return s;
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(kv->env, NULL, 0, &txn);
    if (rc != 0)
        return kv_status(rc, dir, reterr);
    rc = mdb_dbi_open(txn, META_TABLE, MDB_CREATE, &kv->meta);
    s = rc != 0 ? kv_status(rc, dir, reterr) : check_stamp(kv, txn, dir, o, reterr);
    if (s != OK) {
        mdb_txn_abort(txn);
        return s;
    }
    return kv_status(mdb_txn_commit(txn), dir, reterr);
}

status kv_open(const char *dir, const struct kv_options *o, struct kv **ret, struct err *reterr)
{
    size_t app_n = strlen(o->app);
    if (app_n == 0 || app_n > NAME_MAX_BYTES || o->schema == 0)
        return ERR(reterr, E_RANGE, "application name or schema of the store");
    status s = file_mkdirs(dir, 0700, reterr);
    if (s != OK)
        return s;
    struct kv *kv = calloc(1, sizeof *kv);
    if (kv == NULL)
        return ERR(reterr, E_NOMEM, "store");
    kv->lock_fd = -1;
    s = lock_folder(dir, &kv->lock_fd, reterr);
    if (s == OK)
        s = open_stamped(kv, dir, o, reterr);
    if (s != OK) {
        kv_close(kv);
        return s;
    }
    mdb_filehandle_t fd;
    if (mdb_env_get_fd(kv->env, &fd) == 0)
        kv_warm_begin(&kv->warm, fd);
    *ret = kv;
    return OK;
}

void kv_close(struct kv *kv)
{
    if (kv == NULL)
        return;
    kv_warm_end(&kv->warm);
    if (kv->env != NULL)
        mdb_env_close(kv->env);
    if (kv->lock_fd >= 0)
        (void)close(kv->lock_fd);
    free(kv);
}

uint32_t kv_schema(const struct kv *kv)
{
    return kv->schema;
}

status kv_schema_set(struct kv *kv, struct kv_txn *w, uint32_t schema, struct err *reterr)
{
    uint32_t old = 0;
    slice app = SLICE_EMPTY;
    uint8_t name[NAME_MAX_BYTES];
    status s = get_stamp(kv, kv_mdb(w), &old, &app, reterr);
    if (s != OK)
        return s;
    memcpy(name, app.p, app.n);
    s = put_stamp(kv, kv_mdb(w), slice_of(name, app.n), schema, reterr);
    if (s == OK)
        kv->schema = schema;
    return s;
}

static status check_table_name(const char *name, struct err *reterr)
{
    size_t n = strlen(name);
    if (n == 0 || n > NAME_MAX_BYTES || strcmp(name, META_TABLE) == 0)
        return ERR(reterr, E_RANGE, "name of a table: \"%.64s\"", name);
    return OK;
}

status kv_table_open(struct kv *kv, const char *name, struct kv_table *ret, struct err *reterr)
{
    status s = check_table_name(name, reterr);
    if (s != OK)
        return s;
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(kv->env, NULL, 0, &txn);
    if (rc != 0)
        return kv_status(rc, name, reterr);
    MDB_dbi dbi = 0;
    rc = mdb_dbi_open(txn, name, MDB_CREATE, &dbi);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return kv_status(rc, name, reterr);
    }
    rc = mdb_txn_commit(txn);
    if (rc != 0)
        return kv_status(rc, name, reterr);
    ret->id = dbi;
    return OK;
}

status kv_table_drop(struct kv_txn *w, const char *name, struct err *reterr)
{
    MDB_dbi dbi = 0;
    status s = check_table_name(name, reterr);
    if (s != OK)
        return s;
    int rc = mdb_dbi_open(kv_mdb(w), name, 0, &dbi);
    if (rc == MDB_NOTFOUND)
        return OK;
    if (rc == 0)
        rc = mdb_drop(kv_mdb(w), dbi, 1);
    return kv_status(rc, name, reterr);
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
    return begin(kv, MDB_RDONLY, ret, reterr);
}

status kv_write_begin(struct kv *kv, struct kv_txn **ret, struct err *reterr)
{
    return begin(kv, 0, ret, reterr);
}

status kv_commit(struct kv_txn *txn, struct err *reterr)
{
    return kv_status(mdb_txn_commit(kv_mdb(txn)), "commit", reterr);
}

void kv_abort(struct kv_txn *txn)
{
    if (txn != NULL)
        mdb_txn_abort(kv_mdb(txn));
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
    return kv_status(mdb_put(kv_mdb(w), t.id, &k, &v, flags), "put", reterr);
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
    int rc = mdb_put(kv_mdb(w), t.id, &k, &v, MDB_RESERVE);
    if (rc != 0)
        return kv_status(rc, "put", reterr);
    *ret = v.mv_data;
    return OK;
}

status kv_delete(struct kv_txn *w, struct kv_table t, slice key, struct err *reterr)
{
    MDB_val k = kv_val(key);
    return kv_status(mdb_del(kv_mdb(w), t.id, &k, NULL), "delete", reterr);
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

status kv_usage(struct kv *kv, struct kv_usage *ret, struct err *reterr)
{
    MDB_envinfo info;
    MDB_stat st;
    int rc = mdb_env_info(kv->env, &info);
    if (rc == 0)
        rc = mdb_env_stat(kv->env, &st);
    if (rc != 0)
        return kv_status(rc, "usage", reterr);
    ret->used_bytes = ((uint64_t)info.me_last_pgno + 1) * st.ms_psize;
    ret->map_bytes = info.me_mapsize;
    return OK;
}

MDB_env *kv_mdb_env(struct kv *kv)
{
    return kv->env;
}
