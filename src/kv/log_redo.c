/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a store's log, and redoing it. */
#include "kv/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "kv/kv_priv.h"

#define PATH_BYTES 4096
#define REDO_BYTES ((size_t)64 << 10) /* of records in one transaction, before it is committed */

/* --- the base ------------------------------------------------------------------------------- */

/* The last transaction of the data file, if it has meta pages that can be read: a store that was
 * restored from a copy is younger than the log that lies beside it. */
static status check_age(const char *dir, const struct wal_head *h, struct err *reterr)
{
    MDB_env *env = NULL;
    MDB_envinfo info = {0};
    int rc = mdb_env_create(&env);
    if (rc != 0)
        return kv_status(rc, dir, reterr);
    rc = mdb_env_open(env, dir, MDB_NOTLS | MDB_NORDAHEAD, 0600);
    if (rc == 0)
        rc = mdb_env_info(env, &info);
    mdb_env_close(env);
    if (rc == 0 && info.me_last_txnid < h->txn)
        return ERR(reterr, E_MISMATCH,
                   "%s: data.mdb is older than wal.*: it is not the file that they belong to", dir);
    return OK; /* meta pages that cannot be read are what the base is for */
}

static status base_put(const char *dir, slice base, const struct wal_head *h, struct err *reterr)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return ERR(reterr, E_TOO_LONG, "path of the store is too long");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? ERR(reterr, E_MISMATCH, "%s: not there, but a write-ahead log of it", path)
                   : kv_status(errno, path, reterr);
    status s = check_age(dir, h, reterr);
    if (s == OK)
        s = file_write_at(fd, path, base, 0, reterr);
    if (s == OK && fdatasync(fd) != 0)
        s = kv_status(errno, path, reterr);
    (void)close(fd);
    return s;
}

/* Put back what the first needed log began with. */
static status restore(const char *dir, struct wal *w, struct err *reterr)
{
    struct wal_head h;
    uint8_t *base = NULL;
    status s = wal_head_read(w, w->head.floor, &h, &base, reterr);
    if (s == E_NOT_FOUND)
        return ERR(reterr, E_CORRUPT, "%s: log %llu of the store is not there", dir,
                   (unsigned long long)w->head.floor);
    if (s != OK)
        return s;
    s = base_put(dir, slice_of(base, (size_t)2 * h.page), &h, reterr);
    free(base);
    return s;
}

status log_open(const char *dir, struct kv_log **ret, struct err *reterr)
{
    struct kv_log *l = calloc(1, sizeof *l);
    if (l == NULL)
        return ERR(reterr, E_NOMEM, "write-ahead log");
    status s = wal_open(dir, &l->wal, reterr);
    if (s == OK && l->wal.head.number != 0)
        s = restore(dir, &l->wal, reterr);
    if (s != OK) {
        wal_close(&l->wal);
        free(l);
        return s;
    }
    changes_init(&l->changes);
    pthread_mutex_init(&l->writer, NULL);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    *ret = l;
    return OK;
}

/* --- the records ---------------------------------------------------------------------------- */

struct redo {
    MDB_env *env;
    MDB_txn *txn; /* NULL between transactions */
    size_t bytes; /* of records in it */
    MDB_dbi table[CHANGES_TABLES];
    bool known[CHANGES_TABLES]; /* by the record */
};

static int table_open(struct redo *r, const struct change *c)
{
    char name[256];
    memcpy(name, c->name.p, c->name.n);
    name[c->name.n] = '\0';
    int rc = mdb_dbi_open(r->txn, name, MDB_CREATE, &r->table[c->table]);
    r->known[c->table] = rc == 0;
    return rc;
}

static int table_drop(struct redo *r, slice name)
{
    char z[256];
    MDB_dbi dbi = 0;
    memcpy(z, name.p, name.n);
    z[name.n] = '\0';
    int rc = mdb_dbi_open(r->txn, z, 0, &dbi);
    if (rc == 0)
        rc = mdb_drop(r->txn, dbi, 1);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int change_redo(struct redo *r, const struct change *c)
{
    MDB_val k = kv_val(c->key);
    MDB_val v = kv_val(c->value);
    int rc;
    switch (c->kind) {
    case CHANGE_TABLE:
        return table_open(r, c);
    case CHANGE_DROP:
        return table_drop(r, c->name);
    case CHANGE_PUT:
        return r->known[c->table] ? mdb_put(r->txn, r->table[c->table], &k, &v, 0) : MDB_CORRUPTED;
    case CHANGE_DELETE:
        rc = r->known[c->table] ? mdb_del(r->txn, r->table[c->table], &k, NULL) : MDB_CORRUPTED;
        return rc == MDB_NOTFOUND ? 0 : rc;
    default:
        return MDB_CORRUPTED;
    }
}

static status redo_commit(struct redo *r, struct err *reterr)
{
    MDB_txn *txn = r->txn;
    r->txn = NULL;
    r->bytes = 0;
    return txn == NULL ? OK : kv_status(mdb_txn_commit(txn), "redoing the log", reterr);
}

/* One record; a wal_take. */
static status record_redo(void *ctx, slice body, struct err *reterr)
{
    struct redo *r = ctx;
    struct change c;
    status s = OK;
    if (r->txn == NULL)
        s = kv_status(mdb_txn_begin(r->env, NULL, 0, &r->txn), "redoing the log", reterr);
    memset(r->known, 0, sizeof r->known);
    r->bytes += body.n;
    while (s == OK && (s = changes_next(&body, &c, reterr)) == OK)
        s = kv_status(change_redo(r, &c), "redoing the log", reterr);
    if (s != E_NOT_FOUND)
        return s;
    return r->bytes < REDO_BYTES ? OK : redo_commit(r, reterr);
}

static status logs_redo(struct kv_log *l, struct redo *r, struct err *reterr)
{
    uint64_t before = 0;
    for (uint64_t n = l->wal.head.floor; n <= l->wal.head.number; n++) {
        struct wal_head h;
        uint64_t count = 0;
        status s = wal_head_read(&l->wal, n, &h, NULL, reterr);
        if (s == OK && n > l->wal.head.floor && h.before != before)
            return ERR(reterr, E_CORRUPT, "log %llu of the store has %llu records of %llu",
                       (unsigned long long)(n - 1), (unsigned long long)before,
                       (unsigned long long)h.before);
        if (s == OK)
            s = wal_read(&l->wal, &h, record_redo, r, &count, reterr);
        if (s != OK)
            return s;
        before = count;
        l->redone += count;
    }
    return redo_commit(r, reterr);
}

status log_redo(struct kv_log *l, MDB_env *env, struct err *reterr)
{
    status s = OK;
    if (l->wal.head.number != 0) {
        struct redo *r = calloc(1, sizeof *r);
        if (r == NULL)
            return ERR(reterr, E_NOMEM, "write-ahead log");
        r->env = env;
        /* As long as the base may have to be put back once more, its pages are not written to:
         * until a new log is settled. */
        s = kv_status(mdb_txn_begin(env, NULL, MDB_RDONLY, &l->base), "base of the log", reterr);
        if (s == OK)
            s = logs_redo(l, r, reterr);
        if (r->txn != NULL)
            mdb_txn_abort(r->txn);
        free(r);
    }
    if (s == OK)
        l->env = env;
    return s;
}
