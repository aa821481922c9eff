/* SPDX-License-Identifier: Apache-2.0 */
/* The sweep: envelopes that never appeared on the chain, bodies that no envelope refers to. */
#include "base/checked.h"
#include "codec/domain_hash.h"
#include "vault/lmdb_rows.h"

#define PEND_KEY 72u /* u64 time || folderId || inner */
#define SWEEP_PAGE 128u

/* Why an envelope goes. */
enum erasing { ERASE_SWEPT, ERASE_ASKED };

struct pending {
    uint8_t key[PEND_KEY];
    uint8_t commitment[RECORD_COMMITMENT];
    status verdict;
};

static status pending_read(slice key, slice value, struct pending *ret, struct err *reterr)
{
    if (key.n != PEND_KEY || value.n != RECORD_COMMITMENT)
        return ERR(reterr, E_CORRUPT, "vault: row of table pend");
    memcpy(ret->key, key.p, key.n);
    memcpy(ret->commitment, value.p, value.n);
    return OK;
}

/* Up to SWEEP_PAGE rows older than before, behind the key *after. */
static status pending_page(struct vault_lmdb *v, uint64_t before, slice after, struct pending *page,
                           size_t *ret_n, struct err *reterr)
{
    struct kv_txn *txn;
    struct kv_iter it;
    slice key;
    slice value;
    size_t n = 0;
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, txn, v->table[T_PEND].t, SLICE_EMPTY, after, KV_FORWARD, reterr);
    while (st == OK && n < SWEEP_PAGE && (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        if (slice_eq(key, after))
            continue;
        if (key.n == PEND_KEY && be64_read(key.p) >= before)
            break;
        st = pending_read(key, value, &page[n++], reterr);
    }
    kv_iter_done(&it);
    kv_abort(txn);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    *ret_n = n;
    return OK;
}

/* A folder of before may hold envelopes of several records for one body. When one of those records
 * is erased, its row stays, so that the others do not give the body back to who may read them. */
static status ref_release(struct vtxn *t, slice body, const hash32 *inner, enum erasing why,
                          struct err *reterr)
{
    struct body_ref r;
    bool others = false;
    size_t n;
    status st = why == ERASE_ASKED ? ref_get(t, body, inner, &r, reterr) : E_NOT_FOUND;
    if (st == OK)
        st = refs_of_others(t, body, &r.record, &others, &n, reterr);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    return others ? OK : ref_drop(t, body, inner, reterr);
}

/* Take one envelope, named by folder || inner, off its body. */
static status body_release(struct vtxn *t, slice env, slice cid, enum erasing why,
                           struct err *reterr)
{
    struct vault_key k;
    slice row;
    uint8_t b[BODY_ROW];
    hash32 inner;
    struct kv_table table = t->v->table[T_BODY].t;
    vkey_init(&k);
    vkey_put(&k, env.p, 32);
    vkey_put(&k, cid.p, cid.n);
    memcpy(inner.b, env.p + 32, 32);
    status st = ref_release(t, vkey_slice(&k), &inner, why, reterr);
    if (st == OK)
        st = kv_get(t->txn, table, vkey_slice(&k), &row, reterr);
    if (st == E_NOT_FOUND)
        return OK;
    if (st == OK && row.n != BODY_ROW)
        st = ERR(reterr, E_CORRUPT, "vault: row of table body");
    if (st != OK)
        return st;
    memcpy(b, row.p, sizeof b);
    uint32_t n = be32_read(b + 8);
    be32_write(b + 8, n > 0 ? n - 1 : 0);
    if (why == ERASE_ASKED && n <= 1)
        be64_write(b, BODY_GOING);
    return kv_put(t->txn, table, vkey_slice(&k), slice_of(b, sizeof b), reterr);
}

/* key: folder || inner. OK | E_NOT_FOUND. */
static status env_erase(struct vtxn *t, slice key, const uint8_t commitment[RECORD_COMMITMENT],
                        enum erasing why, struct err *reterr)
{
    struct buf row;
    slice cid;
    slice bytes;
    struct vault_key ck;
    vkey_init(&ck);
    vkey_put(&ck, key.p, 32);
    vkey_put(&ck, commitment, RECORD_COMMITMENT);
    buf_init(&row, VAULT_ENVELOPE_ROW);
    status st = row_open(t->v, t->txn, T_ENV, key, &row, reterr);
    if (st == OK)
        st = env_split(buf_slice(&row), &cid, &bytes, reterr);
    if (st == OK)
        st = body_release(t, key, cid, why, reterr);
    if (st == OK)
        st = vtxn_erase(t, T_ENV, key, reterr);
    if (st == OK)
        st = kv_delete(t->txn, t->v->table[T_CMAP].t, vkey_slice(&ck), NULL) < 0
                 ? ERR(reterr, E_IO, "vault: table cmap")
                 : OK;
    buf_done(&row);
    return st;
}

status vault_lmdb_envelope_erase(struct vault *b, const hash32 *folder, const hash32 *inner,
                                 const uint8_t commitment[26], struct err *reterr)
{
    struct vtxn t;
    struct vault_key k;
    vkey_init(&k);
    vkey_put(&k, folder->b, sizeof folder->b);
    vkey_put(&k, inner->b, sizeof inner->b);
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = env_erase(&t, vkey_slice(&k), commitment, ERASE_ASKED, reterr);
    if (st == OK)
        return vtxn_commit(&t, reterr);
    vtxn_abort(&t);
    return st;
}

static status settle_page(struct vtxn *t, const struct pending *page, size_t n,
                          uint64_t *ret_erased, struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; i < n && st == OK; i++) {
        if (page[i].verdict != OK && page[i].verdict != E_NOT_FOUND)
            continue;
        if (!kv_has(t->txn, t->v->table[T_PEND].t, slice_of(page[i].key, PEND_KEY)))
            continue; /* sent again meanwhile */
        if (page[i].verdict == E_NOT_FOUND) {
            st = env_erase(t, slice_of(page[i].key + 8, PEND_KEY - 8), page[i].commitment,
                           ERASE_SWEPT, reterr);
            if (st == E_NOT_FOUND)
                st = OK;
            ++*ret_erased;
        }
        if (st == OK)
            st = kv_delete(t->txn, t->v->table[T_PEND].t, slice_of(page[i].key, PEND_KEY), reterr);
    }
    return st;
}

static void judge_page(struct pending *page, size_t n, const struct vault_confirm *c)
{
    for (size_t i = 0; i < n; i++) {
        hash32 folder;
        memcpy(folder.b, page[i].key + 8, 32);
        page[i].verdict = c->confirmed(c->ctx, &folder, page[i].commitment);
    }
}

status vault_lmdb_sweep(struct vault *b, uint64_t before, const struct vault_confirm *c,
                        uint64_t *ret_erased, struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct pending page[SWEEP_PAGE];
    uint8_t last[PEND_KEY];
    slice after = SLICE_EMPTY;
    uint64_t erased = 0;
    size_t n;
    status st = pending_page(v, before, after, page, &n, reterr);
    while (st == OK && n > 0) {
        struct vtxn t;
        judge_page(page, n, c); /* asks the index: outside of any transaction */
        st = vtxn_begin(v, &t, reterr);
        if (st != OK)
            return st;
        st = settle_page(&t, page, n, &erased, reterr);
        if (st != OK)
            vtxn_abort(&t);
        else
            st = vtxn_commit(&t, reterr);
        memcpy(last, page[n - 1].key, sizeof last);
        after = slice_of(last, sizeof last);
        if (st == OK)
            st = pending_page(v, before, after, page, &n, reterr);
    }
    if (st == OK)
        *ret_erased = erased;
    return st;
}

/* --- bodies ---------------------------------------------------------------------------------- */

static bool is_stale(slice row, uint64_t before)
{
    return row.n == BODY_ROW && be32_read(row.p + 8) == 0 && be64_read(row.p) < before;
}

static status body_copy(slice key, struct arena *a, struct vault_body *ret, struct err *reterr)
{
    slice copy = arena_dup(a, key);
    if (key.n <= 32)
        return ERR(reterr, E_CORRUPT, "vault: row of table body");
    if (copy.p == NULL)
        return ERR(reterr, E_NOMEM, "vault: sweep");
    memcpy(ret->folder.b, copy.p, 32);
    ret->cid = slice_after(copy, 32);
    return OK;
}

status vault_lmdb_stale_bodies(struct vault *b, uint64_t before, slice *after, struct arena *a,
                               struct vault_body **ret, size_t *ret_n, struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    struct kv_iter it;
    slice key = SLICE_EMPTY;
    slice row;
    size_t n = 0;
    struct vault_body *list = arena_array(a, VAULT_BODIES_PAGE, sizeof *list);
    status st =
        list == NULL ? ERR(reterr, E_NOMEM, "vault: sweep") : kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, txn, v->table[T_BODY].t, SLICE_EMPTY, *after, KV_FORWARD, reterr);
    while (st == OK && n < VAULT_BODIES_PAGE &&
           (st = kv_iter_next(&it, &key, &row, reterr)) == OK) {
        if (!slice_eq(key, *after) && is_stale(row, before))
            st = body_copy(key, a, &list[n++], reterr);
    }
    if (n > 0 && (st == OK || st == E_NOT_FOUND))
        *after = slice_of(list[n - 1].cid.p - 32, list[n - 1].cid.n + 32);
    kv_iter_done(&it);
    kv_abort(txn);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    *ret = list;
    *ret_n = n;
    return OK;
}

/* A transaction that has the row of a body which is stale, or none: then it is ended. */
static status stale_begin(struct vault_lmdb *v, const hash32 *folder, slice cid, uint64_t before,
                          struct vault_key *k, struct kv_txn **ret, slice *ret_row,
                          struct err *reterr)
{
    vkey_init(k);
    vkey_put(k, folder->b, 32);
    vkey_put(k, cid.p, cid.n);
    status st = kv_write_begin(v->kv, ret, reterr);
    if (st != OK)
        return st;
    st = kv_get(*ret, v->table[T_BODY].t, vkey_slice(k), ret_row, reterr);
    if (st == OK && !is_stale(*ret_row, before))
        st = ERR(reterr, E_CONFLICT, "the body is in use again");
    if (st != OK)
        kv_abort(*ret);
    return st;
}

status vault_lmdb_body_going(struct vault *b, const hash32 *folder, slice cid, uint64_t before,
                             struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *w;
    struct vault_key k;
    slice row;
    uint8_t going[BODY_ROW] = {0};
    status st = stale_begin(v, folder, cid, before, &k, &w, &row, reterr);
    if (st != OK)
        return st;
    bool known = be64_read(row.p) == BODY_GOING;
    if (!known)
        st = kv_put(w, v->table[T_BODY].t, vkey_slice(&k), slice_of(going, sizeof going), reterr);
    if (st == OK && !known)
        return kv_commit(w, reterr);
    kv_abort(w);
    return st;
}

status vault_lmdb_body_drop(struct vault *b, const hash32 *folder, slice cid, uint64_t before,
                            struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *w;
    struct vault_key k;
    slice row;
    status st = stale_begin(v, folder, cid, before, &k, &w, &row, reterr);
    if (st != OK)
        return st;
    st = refs_drop(v, w, vkey_slice(&k), reterr);
    if (st == OK)
        st = kv_delete(w, v->table[T_BODY].t, vkey_slice(&k), reterr);
    if (st == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return st;
}
