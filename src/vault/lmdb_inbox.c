/* SPDX-License-Identifier: Apache-2.0 */
/* Inbox and nonces: inbox account || sha256(note) -> sealed (u64 time || note); nonce signer ||
 * nonce -> u64 expiry. */
#include "base/checked.h"
#include "crypto/sha2.h"
#include "vault/lmdb_rows.h"

#define NONCE_SWEEP 8u /* rows looked at for each nonce used: more than are added */

static struct vault_key note_key(const addr20 *account, const hash32 *id)
{
    struct vault_key k;
    vkey_init(&k);
    vkey_put(&k, account->b, sizeof account->b);
    vkey_put(&k, id->b, sizeof id->b);
    return k;
}

/* E_RATE when the account's inbox is full. */
static status inbox_room(struct vtxn *t, const addr20 *account, struct err *reterr)
{
    struct kv_iter it;
    size_t n = 0;
    status st =
        kv_iter_init(&it, t->txn, t->v->table[T_INBOX].t, slice_of(account->b, sizeof account->b),
                     SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && n < VAULT_NOTES_MAX && (st = kv_iter_next(&it, NULL, NULL, reterr)) == OK)
        n++;
    kv_iter_done(&it);
    if (st == OK)
        return ERR(reterr, E_RATE, "%u notes wait for this account", VAULT_NOTES_MAX);
    return st == E_NOT_FOUND ? OK : st;
}

static status note_store(struct vtxn *t, const addr20 *account, const hash32 *id, slice note,
                         struct err *reterr)
{
    struct buf row;
    uint8_t now[8];
    struct vault_key k = note_key(account, id);
    if (kv_has(t->txn, t->v->table[T_INBOX].t, vkey_slice(&k)))
        return OK;
    status st = inbox_room(t, account, reterr);
    if (st != OK)
        return st;
    be64_write(now, clock_unix_s(t->v->clock));
    buf_init(&row, VAULT_NOTE_MAX + 8);
    st = buf_put_mem(&row, now, sizeof now);
    if (st == OK)
        st = buf_put(&row, note);
    if (st == OK)
        st = vtxn_put_sealed(t, T_INBOX, vkey_slice(&k), buf_slice(&row), reterr);
    buf_done(&row);
    return st;
}

status lmdb_note_put(struct vault *b, const addr20 *account, slice note, hash32 *ret_id,
                     struct err *reterr)
{
    struct vtxn t;
    hash32 id;
    status st = sha256(note, &id);
    if (st != OK)
        return ERR(reterr, st, "hash of a note");
    st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = note_store(&t, account, &id, note, reterr);
    if (st != OK) {
        vtxn_abort(&t);
        return st;
    }
    st = vtxn_commit(&t, reterr);
    if (st == OK)
        *ret_id = id;
    return st;
}

/* An opened row of the inbox as list element; one that is erased meanwhile is left out. */
static status note_info(struct vault_lmdb *v, slice key, slice value, struct vault_note *ret,
                        struct err *reterr)
{
    struct buf row;
    buf_init(&row, VAULT_NOTE_MAX + 64);
    status st = row_open_value(v, T_INBOX, key, value, &row, reterr);
    if (st == OK && (row.n < 8 || key.n != 52))
        st = ERR(reterr, E_CORRUPT, "vault: row of table inbox");
    if (st == OK) {
        memcpy(ret->id.b, key.p + 20, 32);
        ret->received = be64_read(row.p);
        ret->size = row.n - 8;
    }
    buf_done(&row);
    return st;
}

status lmdb_notes(struct vault *b, const addr20 *account, struct arena *a, struct vault_note **ret,
                  size_t *ret_n, struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    struct kv_iter it;
    slice key;
    slice value;
    size_t n = 0;
    struct vault_note *list = arena_array(a, VAULT_NOTES_MAX, sizeof *list);
    status st = list == NULL ? ERR(reterr, E_NOMEM, "inbox") : kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, txn, v->table[T_INBOX].t, slice_of(account->b, sizeof account->b),
                      SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && n < VAULT_NOTES_MAX &&
           (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        st = note_info(v, key, value, &list[n], reterr);
        if (st == OK)
            n++;
        else if (st == E_DECRYPT)
            st = OK;
    }
    kv_iter_done(&it);
    kv_abort(txn);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    *ret = list;
    *ret_n = n;
    return OK;
}

status lmdb_note_get(struct vault *b, const addr20 *account, const hash32 *id, struct buf *ret,
                     struct err *reterr)
{
    struct buf row;
    struct vault_key k = note_key(account, id);
    buf_init(&row, VAULT_NOTE_MAX + 64);
    status st = row_get(vault_lmdb_of(b), T_INBOX, vkey_slice(&k), &row, reterr);
    if (st == OK && (st = buf_put(ret, slice_after(buf_slice(&row), 8))) != OK)
        st = ERR(reterr, st, "note");
    buf_done(&row);
    return st;
}

status lmdb_note_delete(struct vault *b, const addr20 *account, const hash32 *id,
                        struct err *reterr)
{
    struct vtxn t;
    struct vault_key k = note_key(account, id);
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = vtxn_erase(&t, T_INBOX, vkey_slice(&k), reterr);
    if (st == OK)
        return vtxn_commit(&t, reterr);
    vtxn_abort(&t);
    return st;
}

/* Look at a few rows behind where the last call ended and forget those that are over. */
static status nonce_sweep(struct vault_lmdb *v, struct kv_txn *w, uint64_t now, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    slice value;
    size_t n = 0;
    status st = kv_iter_init(&it, w, v->table[T_NONCE].t, SLICE_EMPTY,
                             slice_of(v->nonce_at, v->nonce_at_n), KV_FORWARD, reterr);
    while (st == OK && n < NONCE_SWEEP && (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        n++;
        v->nonce_at_n = key.n <= sizeof v->nonce_at ? key.n : 0;
        memcpy(v->nonce_at, key.p, v->nonce_at_n);
        if (value.n != 8 || be64_read(value.p) < now)
            st = kv_iter_delete(&it, reterr);
    }
    kv_iter_done(&it);
    if (st == E_NOT_FOUND)
        v->nonce_at_n = 0;
    return st == E_NOT_FOUND ? OK : st;
}

struct nonce {
    struct vault_key key;
    uint64_t expiry;
};

static status nonce_run(void *ctx, void *arg, struct err *reterr)
{
    struct vtxn *t = ctx;
    const struct nonce *n = arg;
    uint8_t until[8];
    be64_write(until, n->expiry);
    status st =
        kv_put_new(t->txn, t->v->table[T_NONCE].t, vkey_slice(&n->key), slice_of(until, 8), reterr);
    if (st == E_CONFLICT)
        return ERR(reterr, E_REPLAY, "this nonce was used before");
    if (st == OK)
        st = nonce_sweep(t->v, t->txn, clock_unix_s(t->v->clock), reterr);
    return st > 0 ? ERR(reterr, E_INTERNAL, "nonces: %s", status_name(st)) : st;
}

status vault_lmdb_nonce_use(struct vault *b, const addr20 *signer, const hash32 *nonce,
                            uint64_t expiry, struct err *reterr)
{
    struct nonce n = {note_key(signer, nonce), expiry};
    return vtxn_share(vault_lmdb_of(b), nonce_run, &n, reterr);
}
