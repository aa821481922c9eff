/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes, the bodies they refer to, and the sweep of what never reached the chain.
 *
 * env: folderId || inner -> sealed (u8 length of CID || CID || envelope); cmap: folderId ||
 * commitment -> inner; body: folderId || CID -> u64 time of upload || u32 envelopes; pend: u64 time
 * || folderId || inner -> commitment, for envelopes not yet seen on the chain; bref: lmdb_refs.c.
 */
#include "base/checked.h"
#include "codec/domain_hash.h"
#include "vault/lmdb_rows.h"

#define CID_MAX 255u

static struct vault_key pair_key(const hash32 *folder, const void *p, size_t n)
{
    struct vault_key k;
    vkey_init(&k);
    vkey_put(&k, folder->b, sizeof folder->b);
    vkey_put(&k, p, n);
    return k;
}

static status cid_length(slice cid, struct err *reterr)
{
    if (cid.n >= 1 && cid.n <= CID_MAX)
        return OK;
    return ERR(reterr, E_RANGE, "vault: CID of %zu bytes", cid.n);
}

/* --- bodies ---------------------------------------------------------------------------------- */

struct body_row {
    uint64_t time;
    uint32_t envelopes;
};

static status body_read(struct vault_lmdb *v, struct kv_txn *txn, slice key, struct body_row *ret,
                        struct err *reterr)
{
    slice row;
    status st = kv_get(txn, v->table[T_BODY].t, key, &row, reterr);
    if (st != OK)
        return st;
    if (row.n != BODY_ROW)
        return ERR(reterr, E_CORRUPT, "vault: row of table body");
    ret->time = be64_read(row.p);
    ret->envelopes = be32_read(row.p + 8);
    return OK;
}

static status body_write(struct vault_lmdb *v, struct kv_txn *w, slice key, struct body_row row,
                         struct err *reterr)
{
    uint8_t b[BODY_ROW];
    be64_write(b, row.time);
    be32_write(b + 8, row.envelopes);
    return kv_put(w, v->table[T_BODY].t, key, slice_of(b, sizeof b), reterr);
}

static status body_add_run(void *ctx, void *arg, struct err *reterr)
{
    struct vtxn *t = ctx;
    const struct vault_key *k = arg;
    struct body_row row = {0};
    status st = body_read(t->v, t->txn, vkey_slice(k), &row, reterr);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    row.time = clock_unix_s(t->v->clock);
    return body_write(t->v, t->txn, vkey_slice(k), row, reterr);
}

status vault_lmdb_body_add(struct vault *b, const hash32 *folder, slice cid, struct err *reterr)
{
    status st = cid_length(cid, reterr);
    if (st != OK)
        return st;
    struct vault_key k = pair_key(folder, cid.p, cid.n);
    return vtxn_share(vault_lmdb_of(b), body_add_run, &k, reterr);
}

status vault_lmdb_body_has(struct vault *b, const hash32 *folder, slice cid, struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    status st = cid_length(cid, reterr);
    if (st == OK)
        st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    struct vault_key k = pair_key(folder, cid.p, cid.n);
    struct body_row row;
    st = body_read(v, txn, vkey_slice(&k), &row, reterr);
    kv_abort(txn);
    if (st == E_NOT_FOUND || (st == OK && row.time == BODY_GOING))
        st = ERR(reterr, E_NOT_FOUND, "no such body in this folder");
    return st;
}

status vault_lmdb_body_refs(struct vault *b, const hash32 *folder, slice cid,
                            struct vault_ref ret[VAULT_BODY_REFS], size_t *ret_n, bool *ret_more,
                            struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    status st = cid_length(cid, reterr);
    if (st == OK)
        st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    struct vault_key k = pair_key(folder, cid.p, cid.n);
    if (kv_has(txn, v->table[T_BODY].t, vkey_slice(&k)))
        st = refs_list(v, txn, vkey_slice(&k), ret, ret_n, ret_more, reterr);
    else
        st = ERR(reterr, E_NOT_FOUND, "no such body in this folder");
    kv_abort(txn);
    return st;
}

/* One more or one less envelope refers to the body. */
static status body_count(struct vtxn *t, slice key, int by, struct err *reterr)
{
    struct body_row row;
    status st = body_read(t->v, t->txn, key, &row, reterr);
    if (st == E_NOT_FOUND || (st == OK && row.time == BODY_GOING))
        return ERR(reterr, E_NOT_FOUND, "the body of an envelope was not uploaded to this folder");
    if (st != OK)
        return st;
    if (by < 0 && row.envelopes > 0)
        row.envelopes--;
    else if (by > 0 && row.envelopes < UINT32_MAX)
        row.envelopes++;
    return body_write(t->v, t->txn, key, row, reterr);
}

/* --- storing --------------------------------------------------------------------------------- */

static status env_text(const struct vault_envelope *e, struct buf *ret)
{
    status st = buf_put_u8(ret, (uint8_t)e->cid.n);
    if (st == OK)
        st = buf_put(ret, e->cid);
    return st == OK ? buf_put(ret, e->bytes) : st;
}

/* OK: the same envelope is there already. E_NOT_FOUND: none. */
static status env_same(struct vtxn *t, slice key, slice text, struct err *reterr)
{
    struct buf old;
    buf_init(&old, VAULT_ENVELOPE_ROW);
    status st = row_open(t->v, t->txn, T_ENV, key, &old, reterr);
    if (st == OK && !slice_eq(buf_slice(&old), text))
        st = ERR(reterr, E_CONFLICT, "another envelope is stored under this inner hash");
    buf_done(&old);
    return st;
}

static struct vault_key pend_key(uint64_t time, slice env)
{
    struct vault_key k;
    vkey_init(&k);
    vkey_put_u64(&k, time);
    vkey_put(&k, env.p, env.n);
    return k;
}

/* Was one of the body's envelopes seen on the chain? */
static status body_committed(struct vtxn *t, const hash32 *folder, slice body, bool *ret,
                             struct err *reterr)
{
    struct vault_ref refs[VAULT_BODY_REFS];
    size_t n = 0;
    bool more;
    *ret = false;
    status st = refs_list(t->v, t->txn, body, refs, &n, &more, reterr);
    for (size_t i = 0; st == OK && !*ret && i < n; i++) {
        struct body_ref r;
        struct vault_key env = pair_key(folder, refs[i].inner.b, sizeof refs[i].inner.b);
        st = ref_get(t, body, &refs[i].inner, &r, reterr);
        struct vault_key pk = pend_key(st == OK ? r.time : 0, vkey_slice(&env));
        *ret = st == OK && !kv_has(t->txn, t->v->table[T_PEND].t, vkey_slice(&pk));
    }
    return st;
}

/* Nobody keeps a body without putting it on the chain, by sending its envelope, or another one,
 * again and again: after uncommitted_s only a new upload helps. OK | E_CONFLICT | E_NOT_FOUND
 * (body). */
static status body_is_fresh(struct vtxn *t, const hash32 *folder, slice body, struct err *reterr)
{
    struct body_row row;
    bool committed = false;
    status st = body_read(t->v, t->txn, body, &row, reterr);
    if (st == OK && row.time == BODY_GOING)
        return OK; /* body_count refuses */
    if (st != OK || clock_unix_s(t->v->clock) < row.time + t->v->uncommitted_s)
        return st;
    st = body_committed(t, folder, body, &committed, reterr);
    if (st == OK && !committed)
        return ERR(reterr, E_CONFLICT, "the body of an envelope was uploaded too long ago");
    return st;
}

static status env_rows(struct vtxn *t, const hash32 *folder, const struct vault_envelope *e,
                       slice key, slice text, struct err *reterr)
{
    struct kv_table *cmap = &t->v->table[T_CMAP].t;
    struct vault_key ck = pair_key(folder, e->commitment, sizeof e->commitment);
    struct vault_key bk = pair_key(folder, e->cid.p, e->cid.n);
    struct body_ref ref = {e->record, clock_unix_s(t->v->clock)};
    struct vault_key pk = pend_key(ref.time, key);
    slice commitment = slice_of(e->commitment, sizeof e->commitment);
    status st = refs_allow(t, vkey_slice(&bk), &e->record, reterr);
    if (st == OK)
        st = body_is_fresh(t, folder, vkey_slice(&bk), reterr);
    if (st == OK || st == E_NOT_FOUND) /* which body_count says */
        st = body_count(t, vkey_slice(&bk), 1, reterr);
    if (st == OK)
        st = vtxn_put_sealed(t, T_ENV, key, text, reterr);
    if (st == OK)
        st = kv_put(t->txn, *cmap, vkey_slice(&ck), slice_of(e->inner.b, 32), reterr);
    if (st == OK)
        st = kv_put(t->txn, t->v->table[T_PEND].t, vkey_slice(&pk), commitment, reterr);
    return st == OK ? ref_put(t, vkey_slice(&bk), &e->inner, &ref, reterr) : st;
}

/* Who sends an envelope again is about to put it on the chain: its time begins anew. */
static status env_refresh(struct vtxn *t, const hash32 *folder, const struct vault_envelope *e,
                          slice key, struct err *reterr)
{
    struct body_ref ref;
    struct kv_table pend = t->v->table[T_PEND].t;
    struct vault_key bk = pair_key(folder, e->cid.p, e->cid.n);
    status st = ref_get(t, vkey_slice(&bk), &e->inner, &ref, reterr);
    if (st != OK)
        return st == E_NOT_FOUND ? OK : st;
    struct vault_key pk = pend_key(ref.time, key);
    if (!kv_has(t->txn, pend, vkey_slice(&pk)))
        return OK; /* seen on the chain */
    st = body_is_fresh(t, folder, vkey_slice(&bk), reterr);
    if (st == E_CONFLICT || st == E_NOT_FOUND)
        return OK; /* keeps the time it has */
    if (st == OK)
        st = kv_delete(t->txn, pend, vkey_slice(&pk), reterr);
    ref.time = clock_unix_s(t->v->clock);
    pk = pend_key(ref.time, key);
    if (st == OK)
        st = kv_put(t->txn, pend, vkey_slice(&pk), slice_of(e->commitment, sizeof e->commitment),
                    reterr);
    return st == OK ? ref_put(t, vkey_slice(&bk), &e->inner, &ref, reterr) : st;
}

static status env_put(struct vtxn *t, const hash32 *folder, const struct vault_envelope *e,
                      struct err *reterr)
{
    struct buf text;
    struct vault_key key = pair_key(folder, e->inner.b, sizeof e->inner.b);
    status st = cid_length(e->cid, reterr);
    if (st != OK)
        return st;
    buf_init(&text, VAULT_ENVELOPE_ROW);
    st = env_text(e, &text);
    if (st == OK)
        st = env_same(t, vkey_slice(&key), buf_slice(&text), reterr);
    if (st == OK)
        st = env_refresh(t, folder, e, vkey_slice(&key), reterr);
    else if (st == E_NOT_FOUND)
        st = env_rows(t, folder, e, vkey_slice(&key), buf_slice(&text), reterr);
    buf_done(&text);
    return st;
}

status lmdb_envelopes_put(struct vault *b, const hash32 *folder, const struct vault_envelope *list,
                          size_t n, struct err *reterr)
{
    struct vtxn t;
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    for (size_t i = 0; i < n && st == OK; i++)
        st = env_put(&t, folder, &list[i], reterr);
    if (st == OK)
        return vtxn_commit(&t, reterr);
    vtxn_abort(&t);
    return st;
}

/* --- reading --------------------------------------------------------------------------------- */

status env_split(slice row, slice *ret_cid, slice *ret_bytes, struct err *reterr)
{
    if (row.n < 1 || row.n - 1 < row.p[0])
        return ERR(reterr, E_CORRUPT, "vault: row of table env");
    *ret_cid = slice_of(row.p + 1, row.p[0]);
    *ret_bytes = slice_after(row, (size_t)1 + row.p[0]);
    return OK;
}

status lmdb_envelope_get(struct vault *b, const hash32 *folder, const struct vault_ref *ref,
                         struct buf *ret, struct err *reterr)
{
    struct buf row;
    slice cid;
    slice bytes;
    struct vault_key key = pair_key(folder, ref->inner.b, sizeof ref->inner.b);
    buf_init(&row, VAULT_ENVELOPE_ROW);
    status st = row_get(vault_lmdb_of(b), T_ENV, vkey_slice(&key), &row, reterr);
    if (st == OK)
        st = env_split(buf_slice(&row), &cid, &bytes, reterr);
    if (st == OK && (st = buf_put(ret, bytes)) != OK)
        st = ERR(reterr, st, "envelope of %zu bytes", bytes.n);
    buf_done(&row);
    return st;
}

static status envelope_dup(struct vault *b, const hash32 *folder, const struct vault_ref *ref,
                           struct arena *a, struct vault_envelope *ret, struct err *reterr)
{
    struct buf bytes;
    buf_init(&bytes, VAULT_ENVELOPE_MAX);
    status st = lmdb_envelope_get(b, folder, ref, &bytes, reterr);
    if (st == OK) {
        *ret =
            (struct vault_envelope){.inner = ref->inner, .bytes = arena_dup(a, buf_slice(&bytes))};
        if (ret->bytes.p == NULL && bytes.n > 0)
            st = ERR(reterr, E_NOMEM, "envelopes of this answer");
    }
    buf_done(&bytes);
    return st;
}

status lmdb_envelopes_get(struct vault *b, const hash32 *folder, const struct vault_ref *refs,
                          size_t n, struct arena *a, struct vault_envelope **ret, size_t *ret_n,
                          struct err *reterr)
{
    size_t found = 0;
    struct vault_envelope *list = arena_array(a, n, sizeof *list);
    if (list == NULL)
        return ERR(reterr, E_NOMEM, "envelopes of this answer");
    for (size_t i = 0; i < n; i++) {
        status st = envelope_dup(b, folder, &refs[i], a, &list[found], reterr);
        if (st == OK)
            found++;
        else if (st != E_NOT_FOUND)
            return st;
    }
    *ret = list;
    *ret_n = found;
    return OK;
}

status vault_lmdb_inner(struct vault *b, const hash32 *folder, const uint8_t commitment[26],
                        hash32 *ret_inner, struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    slice inner;
    struct vault_key k = pair_key(folder, commitment, RECORD_COMMITMENT);
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_get(txn, v->table[T_CMAP].t, vkey_slice(&k), &inner, reterr);
    if (st == OK && inner.n != 32)
        st = ERR(reterr, E_CORRUPT, "vault: row of table cmap");
    if (st == OK)
        memcpy(ret_inner->b, inner.p, 32);
    kv_abort(txn);
    return st;
}
