/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of vault/lmdb: the open vault, its tables, sealed rows and the write transaction that
 * knows which row keys it took and which ones are to be destroyed. */
#ifndef EHRD_VAULT_LMDB_ROWS_H
#define EHRD_VAULT_LMDB_ROWS_H

#include <pthread.h>

#include "kv/group.h"
#include "kv/kv.h"
#include "vault/lmdb.h"
#include "vault/rowkeys.h"

struct vault_table {
    struct kv_table t;
    const char *name; /* part of what a sealed row is bound to */
};

enum vault_tables {
    T_CARD,
    T_STATE,
    T_FKEY,
    T_WRAP,
    T_ENV,
    T_CMAP,
    T_INBOX,
    T_LOG,
    T_NONCE,
    T_BODY,
    T_PEND,
    T_SLOT,
    T_REG,
    T_BREF,
    T_CERT,
    T_CKEY,
    T_COUNT
};

struct slots {
    uint64_t *p;
    size_t n;
    size_t max;
};

status slots_push(struct slots *s, uint64_t slot) MUST_USE; /* OK | E_NOMEM */

/* A write transaction. Ends by vtxn_commit or vtxn_abort, whatever they return. */
struct vtxn {
    struct vault_lmdb *v;
    struct kv_txn *txn;
    uint64_t next; /* first slot never used */
    bool next_moved;
    struct slots taken;  /* from unused */
    struct slots doomed; /* keys of rows that this transaction deletes or replaces */
};

struct vault_lmdb {
    struct vault base; /* first */
    struct kv *kv;
    struct rowkeys *keys;
    struct netid net;
    const struct clock_src *clock;
    const struct random_src *random;
    struct vault_table table[T_COUNT];
    struct kv_group group;
    struct vtxn group_txn; /* of the thread that leads the group */
    pthread_mutex_t lock;  /* guards unused */
    struct slots unused;   /* slots with fresh keys that were used before */
    uint8_t nonce_at[52];  /* where the sweep of nonces goes on; of the writer */
    size_t nonce_at_n;
    int dir_fd;
    uint64_t uncommitted_s;
    uint64_t reserve; /* bytes to be left free; 0: the usual ones */
};

static inline struct vault_lmdb *vault_lmdb_of(struct vault *v)
{
    return (struct vault_lmdb *)v;
}

/* A key of a row: parts put one behind the other. */
struct vault_key {
    uint8_t b[KV_KEY_MAX];
    size_t n;
};
void vkey_init(struct vault_key *k);
void vkey_put(struct vault_key *k, const void *p, size_t n);
void vkey_put_u64(struct vault_key *k, uint64_t v);
static inline slice vkey_slice(const struct vault_key *k)
{
    return (slice){k->b, k->n};
}

status vtxn_begin(struct vault_lmdb *v, struct vtxn *ret, struct err *reterr) MUST_USE;
/* The keys of erased rows are destroyed on the disk when it returns. */
status vtxn_commit(struct vtxn *t, struct err *reterr) MUST_USE;
void vtxn_abort(struct vtxn *t);
/* A small write that shares the commit of others (kv/group.h); write's ctx is the struct vtxn. */
status vtxn_share(struct vault_lmdb *v, kv_group_write *write, void *arg,
                  struct err *reterr) MUST_USE;

/* Seal value under a fresh row key; a row that was there is replaced and its key doomed. */
status vtxn_put_sealed(struct vtxn *t, enum vault_tables table, slice key, slice value,
                       struct err *reterr) MUST_USE;
/* Delete a sealed row and doom its key. OK | E_NOT_FOUND. */
status vtxn_erase(struct vtxn *t, enum vault_tables table, slice key, struct err *reterr) MUST_USE;

/* Open a row within a transaction. OK | E_NOT_FOUND | E_DECRYPT (its key was destroyed since the
 * transaction began, or the row is damaged). */
status row_open(struct vault_lmdb *v, struct kv_txn *txn, enum vault_tables table, slice key,
                struct buf *ret, struct err *reterr) MUST_USE;
/* The same of a value already at hand. */
status row_open_value(struct vault_lmdb *v, enum vault_tables table, slice key, slice value,
                      struct buf *ret, struct err *reterr) MUST_USE;
/* Open one row in a transaction of its own. OK | E_NOT_FOUND | E_CORRUPT. */
status row_get(struct vault_lmdb *v, enum vault_tables table, slice key, struct buf *ret,
               struct err *reterr) MUST_USE;

/* The parts of an opened row of table env. */
#define VAULT_ENVELOPE_ROW (VAULT_ENVELOPE_MAX + 512)
status env_split(slice row, slice *ret_cid, slice *ret_bytes, struct err *reterr) MUST_USE;

/* Rows of table body. */
#define BODY_ROW 12u
#define UNCOMMITTED_S 86400u /* the least of uncommitted_s */
#define BODY_GOING 0u        /* instead of the time: it is no more, but its pin may be */

/* lmdb_refs.c: envelopes by the body they refer to; body is folderId || CID. */
struct body_ref {
    hash32 record;
    uint64_t time; /* of the envelope's row in pend, while there is one */
};
status ref_put(struct vtxn *t, slice body, const hash32 *inner, const struct body_ref *r,
               struct err *reterr) MUST_USE;
status ref_get(struct vtxn *t, slice body, const hash32 *inner, struct body_ref *ret,
               struct err *reterr) MUST_USE;
status refs_list(struct vault_lmdb *v, struct kv_txn *txn, slice body,
                 struct vault_ref ret[VAULT_BODY_REFS], size_t *ret_n, bool *ret_more,
                 struct err *reterr) MUST_USE;
status ref_drop(struct vtxn *t, slice body, const hash32 *inner, struct err *reterr) MUST_USE;
/* Is there one of another record? ret_n: how many there are, at most VAULT_BODY_REFS. */
status refs_of_others(struct vtxn *t, slice body, const hash32 *record, bool *ret, size_t *ret_n,
                      struct err *reterr) MUST_USE;
/* May one more envelope, of this record, refer to the body? OK | E_CONFLICT. */
status refs_allow(struct vtxn *t, slice body, const hash32 *record, struct err *reterr) MUST_USE;
/* All of a body. */
status refs_drop(struct vault_lmdb *v, struct kv_txn *w, slice body, struct err *reterr) MUST_USE;
/* Schema 1 did not keep them for every envelope, and without the time. */
status refs_migrate(struct vault_lmdb *v, uint32_t schema, struct err *reterr) MUST_USE;

/* An array that grows in an arena: makes room for element n of size bytes. NULL: out of memory. */
void *grow_array(struct arena *a, void *list, size_t n, size_t *max, size_t size) MUST_USE;

/* Adapter functions by file. */
extern const struct vault_ops vault_lmdb_ops;
status lmdb_card_put(struct vault *b, const addr20 *account, slice json, struct err *reterr);
status lmdb_card_get(struct vault *b, const addr20 *account, struct buf *ret, struct err *reterr);
status lmdb_cards(struct vault *b, struct arena *a, struct vault_card **ret, size_t *ret_n,
                  struct err *reterr);
status lmdb_state_put(struct vault *b, const addr20 *account, uint64_t expected, slice blob,
                      uint64_t *ret_version, struct err *reterr);
status lmdb_state_get(struct vault *b, const addr20 *account, uint64_t *ret_version,
                      struct buf *ret, struct err *reterr);
status lmdb_fkey_put(struct vault *b, const hash32 *folder, uint32_t epoch, slice json,
                     struct err *reterr);
status lmdb_fkeys(struct vault *b, const hash32 *folder, struct arena *a, struct vault_fkey **ret,
                  size_t *ret_n, struct err *reterr);
status lmdb_wrap_put(struct vault *b, const hash32 *folder, const addr20 *holder, slice note,
                     struct err *reterr);
status lmdb_wrap_get(struct vault *b, const hash32 *folder, const addr20 *holder, struct buf *ret,
                     struct err *reterr);
status lmdb_wrap_delete(struct vault *b, const hash32 *folder, const addr20 *holder,
                        struct err *reterr);
status lmdb_envelopes_put(struct vault *b, const hash32 *folder, const struct vault_envelope *list,
                          size_t n, struct err *reterr);
status lmdb_envelope_get(struct vault *b, const hash32 *folder, const struct vault_ref *ref,
                         struct buf *ret, struct err *reterr);
status lmdb_envelopes_get(struct vault *b, const hash32 *folder, const struct vault_ref *refs,
                          size_t n, struct arena *a, struct vault_envelope **ret, size_t *ret_n,
                          struct err *reterr);
status lmdb_note_put(struct vault *b, const addr20 *account, slice note, hash32 *ret_id,
                     struct err *reterr);
status lmdb_notes(struct vault *b, const addr20 *account, struct arena *a, struct vault_note **ret,
                  size_t *ret_n, struct err *reterr);
status lmdb_note_get(struct vault *b, const addr20 *account, const hash32 *id, struct buf *ret,
                     struct err *reterr);
status lmdb_note_delete(struct vault *b, const addr20 *account, const hash32 *id,
                        struct err *reterr);
status lmdb_cert_put(struct vault *b, const addr20 *member, const struct vault_cert *c,
                     struct err *reterr);
status lmdb_cert_get(struct vault *b, const addr20 *member, struct vault_cert *ret,
                     struct buf *ret_json, struct err *reterr);
status lmdb_cert_delete(struct vault *b, const addr20 *member, struct err *reterr);
status lmdb_log(struct vault *b, const hash32 *folder, uint64_t after, size_t limit,
                struct arena *a, struct vault_log_entry **ret, size_t *ret_n,
                struct vault_log_head *ret_head, struct err *reterr);

#endif
