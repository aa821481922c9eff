/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of kv/ share: LMDB's types behind ours. */
#ifndef EHRD_KV_KV_PRIV_H
#define EHRD_KV_KV_PRIV_H

#include <lmdb.h>

#include "kv/kv.h"

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

MDB_env *kv_mdb_env(struct kv *kv);
/* LMDB's or the system's error number as a status, with a message. */
status kv_status(int rc, const char *what, struct err *reterr);

#endif
