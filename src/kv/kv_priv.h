/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of kv/ share: LMDB's types behind ours. */
#ifndef EHRD_KV_KV_PRIV_H
#define EHRD_KV_KV_PRIV_H

#include <lmdb.h>
#include <stdatomic.h>

#include "kv/kv.h"
#include "kv/log.h"
#include "kv/warm.h"

#define KV_NAME_MAX 64 /* bytes of a table's or an application's name */

/* MDB_env's user context is the struct kv. */
struct kv {
    MDB_env *env;
    MDB_dbi meta;
    int lock_fd;
    _Atomic uint32_t schema;
    struct kv_warm warm;
    struct kv_log *log;                          /* NULL: commits sync the data file */
    char names[CHANGES_TABLES][KV_NAME_MAX + 1]; /* of open tables, by their id */
};

/* A struct kv_txn is LMDB's transaction under another name. */
static inline MDB_txn *kv_mdb(struct kv_txn *txn)
{
    return (MDB_txn *)txn;
}

/* LMDB's values are not const, but it does not write to what it is given. */
static inline MDB_val kv_val(slice s)
{
    union {
        const void *in;
        void *out;
    } p = {.in = s.n > 0 ? s.p : (const void *)""};
    return (MDB_val){s.n, p.out};
}

/* The changes to keep of write transaction w, or NULL where there is no log; what the caller of
 * kv_put_room filled is in them afterwards. Call it before w changes anything. */
struct changes *kv_changes(MDB_txn *w);
struct changes_table kv_changes_table(MDB_txn *w, MDB_dbi id);
/* Before the row under key goes, of which key may be a part; fine if there is none. */
status kv_tell_delete(MDB_txn *w, MDB_dbi id, slice key, struct err *reterr) MUST_USE;
/* After a write that failed half-way: see kv_has_stopped. */
void kv_stop(void);
/* LMDB's or the system's error number as a status, with a message. */
status kv_status(int rc, const char *what, struct err *reterr);

#endif
