/* SPDX-License-Identifier: Apache-2.0 */
/* The store's folder and its tables, over LMDB. */
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

#define MAX_READERS 1000
#define DEFAULT_TABLES 32
#define PATH_BYTES 4096
#define META_TABLE "meta"

static atomic_bool a_store_stopped; /* of any store of the process */

bool kv_has_stopped(void)
{
    return atomic_load(&a_store_stopped);
}

void kv_stop(void)
{
    atomic_store(&a_store_stopped, true);
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
        kv_stop();
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
        rc = mdb_env_set_userctx(kv->env, kv);
    if (rc == 0)
        rc = mdb_env_open(kv->env, dir, MDB_NOTLS | MDB_NORDAHEAD, 0600);
    return kv_status(rc, dir, reterr);
}

static void name_table(struct kv *kv, MDB_dbi id, const char *name)
{
    if (id < CHANGES_TABLES)
        (void)snprintf(kv->names[id], sizeof kv->names[id], "%s", name);
}

/* A stamp row: schema as four big-endian bytes, then the application's name. */
static status put_stamp(struct kv *kv, MDB_txn *txn, slice app, uint32_t schema, struct err *reterr)
{
    uint8_t row[4 + KV_NAME_MAX];
    be32_write(row, schema);
    memcpy(row + 4, app.p, app.n);
    MDB_val k = {5, (char[]){"stamp"}};
    MDB_val v = {4 + app.n, row};
    struct changes *c = kv_changes(txn);
    status s = kv_status(mdb_put(txn, kv->meta, &k, &v, 0), "stamp", reterr);
    if (s == OK && c != NULL)
        s = changes_put(c, kv_changes_table(txn, kv->meta), slice_of(k.mv_data, k.mv_size),
                        slice_of(row, 4 + app.n), reterr);
    return s;
}

static status get_stamp(struct kv *kv, MDB_txn *txn, uint32_t *ret_schema, slice *ret_app,
                        struct err *reterr)
{
    MDB_val k = {5, (char[]){"stamp"}};
    MDB_val v;
    int rc = mdb_get(txn, kv->meta, &k, &v);
    if (rc != 0)
        return kv_status(rc, "stamp", reterr);
    if (v.mv_size < 5 || v.mv_size > 4 + KV_NAME_MAX)
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

static status stamp(struct kv *kv, const char *dir, const struct kv_options *o, struct err *reterr)
{
    MDB_txn *txn = NULL;
    status s;
    int rc = mdb_txn_begin(kv->env, NULL, 0, &txn);
    if (rc != 0)
        return kv_status(rc, dir, reterr);
    rc = mdb_dbi_open(txn, META_TABLE, MDB_CREATE, &kv->meta);
    if (rc == 0)
        name_table(kv, kv->meta, META_TABLE);
    s = rc != 0 ? kv_status(rc, dir, reterr) : check_stamp(kv, txn, dir, o, reterr);
    if (s != OK) {
        mdb_txn_abort(txn);
        return s;
    }
    return kv_status(mdb_txn_commit(txn), dir, reterr);
}

/* The folder is locked. A log that is there is redone even if none is wanted. */
static status open_store(struct kv *kv, const char *dir, const struct kv_options *o,
                         struct err *reterr)
{
    status s = log_open(dir, &kv->log, reterr);
    if (s == OK)
        s = open_env(kv, dir, o, reterr);
    if (s == OK)
        s = log_redo(kv->log, kv->env, reterr);
    if (s == OK)
        s = stamp(kv, dir, o, reterr);
    if (s != OK)
        return s;
    if (o->log)
        return log_start(kv->log, reterr);
    s = log_close(kv->log, reterr);
    kv->log = NULL;
    return s;
}

status kv_open(const char *dir, const struct kv_options *o, struct kv **ret, struct err *reterr)
{
    size_t app_n = strlen(o->app);
    if (app_n == 0 || app_n > KV_NAME_MAX || o->schema == 0 || o->max_tables > KV_TABLES_MAX)
        return ERR(reterr, E_RANGE, "application name, schema or tables of the store");
    status s = file_mkdirs(dir, 0700, reterr);
    if (s != OK)
        return s;
    struct kv *kv = calloc(1, sizeof *kv);
    if (kv == NULL)
        return ERR(reterr, E_NOMEM, "store");
    kv->lock_fd = -1;
    s = lock_folder(dir, &kv->lock_fd, reterr);
    if (s == OK)
        s = open_store(kv, dir, o, reterr);
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
    (void)!log_close(kv->log, NULL); /* what stays of it is redone */
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

uint64_t kv_redone(const struct kv *kv)
{
    return kv->log != NULL ? kv->log->redone : 0;
}

status kv_schema_set(struct kv *kv, struct kv_txn *w, uint32_t schema, struct err *reterr)
{
    uint32_t old = 0;
    slice app = SLICE_EMPTY;
    uint8_t name[KV_NAME_MAX];
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
    if (n == 0 || n > KV_NAME_MAX || strcmp(name, META_TABLE) == 0)
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
    name_table(kv, dbi, name);
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
    struct changes *c = kv_changes(kv_mdb(w));
    if (rc == 0)
        rc = mdb_drop(kv_mdb(w), dbi, 1);
    s = kv_status(rc, name, reterr);
    return s == OK && c != NULL ? changes_drop(c, slice_str(name), reterr) : s;
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
