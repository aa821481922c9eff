/* SPDX-License-Identifier: Apache-2.0 */
/* The access log: one chain of hashes for each folder. Row folderId || u64 seq -> sealed (leaf 32
 * || salt 32 || entry). */
#include "base/checked.h"
#include "codec/domain_hash.h"
#include "vault/lmdb_rows.h"

#define ENTRY_MAX ((size_t)32 << 10)
#define ENTRY_HEAD 64u

static struct vault_key log_key(const hash32 *folder, uint64_t seq)
{
    struct vault_key k;
    vkey_init(&k);
    vkey_put(&k, folder->b, sizeof folder->b);
    vkey_put_u64(&k, seq);
    return k;
}

static status entry_split(slice row, struct vault_log_entry *ret, struct err *reterr)
{
    if (row.n < ENTRY_HEAD)
        return ERR(reterr, E_CORRUPT, "vault: row of table log");
    memcpy(ret->leaf.b, row.p, 32);
    memcpy(ret->salt.b, row.p + 32, 32);
    ret->json = slice_after(row, ENTRY_HEAD);
    return OK;
}

/* The last entry's number and leaf; seq 0 and a zero leaf when there is none. */
static status log_last(struct vault_lmdb *v, struct kv_txn *txn, const hash32 *folder,
                       struct vault_log_head *ret, struct err *reterr)
{
    struct kv_iter it;
    struct buf row;
    slice key;
    slice value;
    struct vault_log_entry e;
    struct vault_log_head head = {0};
    buf_init(&row, ENTRY_MAX + 128);
    status st = kv_iter_init(&it, txn, v->table[T_LOG].t, slice_of(folder->b, 32), SLICE_EMPTY,
                             KV_BACKWARD, reterr);
    if (st == OK)
        st = kv_iter_next(&it, &key, &value, reterr);
    if (st == OK && key.n != 40)
        st = ERR(reterr, E_CORRUPT, "vault: key of table log");
    if (st == OK)
        st = row_open_value(v, T_LOG, key, value, &row, reterr);
    if (st == OK)
        st = entry_split(buf_slice(&row), &e, reterr);
    if (st == OK) {
        head.seq = be64_read(key.p + 32);
        head.leaf = e.leaf;
    }
    kv_iter_done(&it);
    buf_done(&row);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    *ret = head;
    return OK;
}

static status entry_leaf(struct vault_lmdb *v, const hash32 *folder, uint64_t seq,
                         const hash32 *prev, const hash32 *salt, slice json, hash32 *ret,
                         struct err *reterr)
{
    hash32 entry;
    status st = log_entry_sha256(salt, json, &entry);
    if (st != OK)
        return ERR(reterr, st, "hash of an access log entry");
    log_leaf(&v->net, folder, seq, prev, &entry, ret);
    return OK;
}

/* Store an entry behind *last, which moves on. */
static status entry_store(struct vtxn *t, const hash32 *folder, slice json,
                          struct vault_log_head *last, struct err *reterr)
{
    hash32 salt;
    hash32 leaf;
    struct buf row;
    struct vault_key k = log_key(folder, last->seq + 1);
    status st = random_fill(t->v->random, salt.b, sizeof salt.b);
    if (st != OK)
        return ERR(reterr, st, "vault: no random bytes");
    st = entry_leaf(t->v, folder, last->seq + 1, &last->leaf, &salt, json, &leaf, reterr);
    if (st != OK)
        return st;
    buf_init(&row, ENTRY_MAX + ENTRY_HEAD);
    st = buf_put_mem(&row, leaf.b, 32);
    if (st == OK)
        st = buf_put_mem(&row, salt.b, 32);
    if (st == OK)
        st = buf_put(&row, json);
    if (st == OK)
        st = vtxn_put_sealed(t, T_LOG, vkey_slice(&k), buf_slice(&row), reterr);
    else
        st = ERR(reterr, st, "access log entry of %zu bytes", json.n);
    buf_done(&row);
    last->seq++;
    last->leaf = leaf;
    return st;
}

struct append {
    const hash32 *folder;
    const slice *entries;
    size_t n;
};

/* A failure after the first entry would leave half of them in the group's transaction: it is made
 * one of ours, which undoes the whole. */
static status append_run(void *ctx, void *arg, struct err *reterr)
{
    struct vtxn *t = ctx;
    const struct append *a = arg;
    struct vault_log_head last = {0};
    status st = log_last(t->v, t->txn, a->folder, &last, reterr);
    for (size_t i = 0; i < a->n && st == OK; i++)
        st = entry_store(t, a->folder, a->entries[i], &last, reterr);
    return st > 0 ? ERR(reterr, E_INTERNAL, "access log: %s", status_name(st)) : st;
}

status vault_lmdb_log_append(struct vault *b, const hash32 *folder, const slice *entries, size_t n,
                             struct err *reterr)
{
    struct append a = {folder, entries, n};
    return vtxn_share(vault_lmdb_of(b), append_run, &a, reterr);
}

/* Open an entry into the arena and check its leaf against the one before; *prev moves on. */
static status entry_load(struct vault_lmdb *v, struct kv_txn *txn, const hash32 *folder,
                         uint64_t seq, hash32 *prev, struct arena *a, struct vault_log_entry *ret,
                         struct err *reterr)
{
    struct buf row;
    hash32 leaf;
    struct vault_key k = log_key(folder, seq);
    buf_init(&row, ENTRY_MAX + 128);
    status st = row_open(v, txn, T_LOG, vkey_slice(&k), &row, reterr);
    if (st == OK) {
        slice copy = arena_dup(a, buf_slice(&row));
        st = copy.p == NULL ? ERR(reterr, E_NOMEM, "access log") : entry_split(copy, ret, reterr);
    }
    buf_done(&row);
    if (st == OK && prev != NULL)
        st = entry_leaf(v, folder, seq, prev, &ret->salt, ret->json, &leaf, reterr);
    if (st != OK)
        return st;
    if (prev != NULL && !hash32_eq(leaf, ret->leaf))
        return ERR(reterr, E_MISMATCH, "access log: entry %llu does not follow from those before",
                   (unsigned long long)seq);
    ret->seq = seq;
    return OK;
}

static status log_page(struct vault_lmdb *v, struct kv_txn *txn, const hash32 *folder,
                       uint64_t after, size_t n, struct arena *a, struct vault_log_entry *list,
                       struct err *reterr)
{
    hash32 prev = {0};
    struct vault_log_entry before;
    status st = OK;
    if (after > 0) {
        st = entry_load(v, txn, folder, after, NULL, a, &before, reterr);
        if (st == OK)
            prev = before.leaf;
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        st = entry_load(v, txn, folder, after + 1 + i, &prev, a, &list[i], reterr);
        prev = list[i].leaf;
    }
    return st == E_NOT_FOUND ? ERR(reterr, E_MISMATCH, "access log: an entry is missing") : st;
}

static status log_read(struct vault_lmdb *v, struct kv_txn *txn, const hash32 *folder,
                       uint64_t after, size_t limit, struct arena *a, struct vault_log_entry **ret,
                       size_t *ret_n, struct vault_log_head *ret_head, struct err *reterr)
{
    struct vault_log_head head;
    status st = log_last(v, txn, folder, &head, reterr);
    if (st != OK)
        return st;
    uint64_t left = head.seq > after ? head.seq - after : 0;
    size_t n = left < limit ? (size_t)left : limit;
    struct vault_log_entry *list = arena_array(a, n, sizeof *list);
    if (list == NULL)
        return ERR(reterr, E_NOMEM, "access log");
    if (n > 0)
        st = log_page(v, txn, folder, after, n, a, list, reterr);
    if (st != OK)
        return st;
    *ret = list;
    *ret_n = n;
    *ret_head = head;
    return OK;
}

status lmdb_log(struct vault *b, const hash32 *folder, uint64_t after, size_t limit,
                struct arena *a, struct vault_log_entry **ret, size_t *ret_n,
                struct vault_log_head *ret_head, struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = log_read(v, txn, folder, after, limit, a, ret, ret_n, ret_head, reterr);
    kv_abort(txn);
    return st;
}
