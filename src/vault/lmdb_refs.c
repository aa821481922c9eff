/* SPDX-License-Identifier: Apache-2.0 */
/* Which envelopes refer to a body: bref: folderId || CID || inner -> recordId || u64 time of the
 * envelope's row in pend.
 *
 * A body belongs to one record, whose status decides who gets it. Whoever may add to a folder knows
 * the CIDs of others' bodies; an envelope of another record must not carry a body along. */
#include "base/checked.h"
#include "codec/rlp.h"
#include "vault/lmdb_rows.h"

#define REF_ROW (32u + 8u)

static struct vault_key ref_key(slice body, const hash32 *inner)
{
    struct vault_key k;
    vkey_init(&k);
    vkey_put(&k, body.p, body.n);
    vkey_put(&k, inner->b, sizeof inner->b);
    return k;
}

status ref_put(struct vtxn *t, slice body, const hash32 *inner, const struct body_ref *r,
               struct err *reterr)
{
    uint8_t row[REF_ROW];
    struct vault_key k = ref_key(body, inner);
    memcpy(row, r->record.b, 32);
    be64_write(row + 32, r->time);
    return kv_put(t->txn, t->v->table[T_BREF].t, vkey_slice(&k), slice_of(row, sizeof row), reterr);
}

static status ref_read(slice row, struct body_ref *ret, struct err *reterr)
{
    if (row.n != REF_ROW)
        return ERR(reterr, E_CORRUPT, "vault: row of table bref");
    memcpy(ret->record.b, row.p, 32);
    ret->time = be64_read(row.p + 32);
    return OK;
}

status ref_get(struct vtxn *t, slice body, const hash32 *inner, struct body_ref *ret,
               struct err *reterr)
{
    slice row;
    struct vault_key k = ref_key(body, inner);
    status st = kv_get(t->txn, t->v->table[T_BREF].t, vkey_slice(&k), &row, reterr);
    return st == OK ? ref_read(row, ret, reterr) : st;
}

status refs_list(struct vault_lmdb *v, struct kv_txn *txn, slice body,
                 struct vault_ref ret[VAULT_BODY_REFS], size_t *ret_n, bool *ret_more,
                 struct err *reterr)
{
    struct kv_iter it;
    slice key;
    slice row;
    size_t n = 0;
    *ret_more = false;
    status st = kv_iter_init(&it, txn, v->table[T_BREF].t, body, SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && !*ret_more && (st = kv_iter_next(&it, &key, &row, reterr)) == OK) {
        struct body_ref r;
        if (key.n != body.n + 32) /* of a CID that begins like this one */
            continue;
        *ret_more = n == VAULT_BODY_REFS;
        if (*ret_more)
            break;
        st = ref_read(row, &r, reterr);
        if (st == OK) {
            ret[n] = (struct vault_ref){.record = r.record};
            memcpy(ret[n++].inner.b, key.p + body.n, 32);
        }
    }
    kv_iter_done(&it);
    *ret_n = n;
    return st == E_NOT_FOUND ? OK : st;
}

status refs_of_others(struct vtxn *t, slice body, const hash32 *record, bool *ret, size_t *ret_n,
                      struct err *reterr)
{
    struct vault_ref refs[VAULT_BODY_REFS];
    bool more;
    *ret = false;
    status st = refs_list(t->v, t->txn, body, refs, ret_n, &more, reterr);
    for (size_t i = 0; st == OK && i < *ret_n; i++)
        *ret = *ret || !hash32_eq(refs[i].record, *record);
    return st;
}

status refs_allow(struct vtxn *t, slice body, const hash32 *record, struct err *reterr)
{
    bool others;
    size_t n;
    status st = refs_of_others(t, body, record, &others, &n, reterr);
    if (st == OK && others)
        return ERR(reterr, E_CONFLICT, "the body of an envelope is another record's");
    if (st == OK && n == VAULT_BODY_REFS)
        return ERR(reterr, E_CONFLICT, "%u envelopes refer to the body already", VAULT_BODY_REFS);
    return st;
}

status ref_drop(struct vtxn *t, slice body, const hash32 *inner, struct err *reterr)
{
    struct vault_key k = ref_key(body, inner);
    status st = kv_delete(t->txn, t->v->table[T_BREF].t, vkey_slice(&k), reterr);
    return st == E_NOT_FOUND ? OK : st;
}

status refs_drop(struct vault_lmdb *v, struct kv_txn *w, slice body, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    status st = kv_iter_init(&it, w, v->table[T_BREF].t, body, SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, NULL, reterr)) == OK)
        if (key.n == body.n + 32)
            st = kv_iter_delete(&it, reterr);
    kv_iter_done(&it);
    return st == E_NOT_FOUND ? OK : st;
}

/* --- folders of before ----------------------------------------------------------------------- */

/* recordId of an envelope (docs/formats.md, section 6). */
static status record_of(slice envelope, hash32 *ret)
{
    struct rlp_list l;
    slice skipped;
    status st = rlp_read_list(envelope, &l, NULL);
    for (int i = 0; i < 2 && st == OK; i++)
        st = rlp_next_bytes(&l, &skipped, NULL);
    return st == OK ? rlp_next_fixed(&l, ret->b, sizeof ret->b, NULL) : st;
}

/* Write the row of the envelope under key, folderId || inner. One that does not open, or is none,
 * is left to whoever reads it. */
static status ref_fill(struct vtxn *t, slice key, uint64_t time, struct err *reterr)
{
    struct buf row;
    struct vault_key body;
    struct body_ref r = {.time = time};
    hash32 inner;
    slice cid;
    slice bytes;
    buf_init(&row, VAULT_ENVELOPE_ROW);
    status st = row_open(t->v, t->txn, T_ENV, key, &row, NULL);
    bool is_there = st == OK && env_split(buf_slice(&row), &cid, &bytes, NULL) == OK &&
                    record_of(bytes, &r.record) == OK;
    if (st == E_NOMEM || st == E_IO) {
        st = ERR(reterr, st, "vault: envelopes of before");
    } else if (is_there) {
        vkey_init(&body);
        vkey_put(&body, key.p, 32);
        vkey_put(&body, cid.p, cid.n);
        memcpy(inner.b, key.p + 32, 32);
        st = ref_put(t, vkey_slice(&body), &inner, &r, reterr);
    } else {
        st = OK;
    }
    buf_done(&row);
    return st;
}

/* All envelopes, then once more those not seen on the chain, whose keys begin with a time. */
static status refs_fill(struct vtxn *t, enum vault_tables table, size_t time_n, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    status st = kv_iter_init(&it, t->txn, t->v->table[table].t, SLICE_EMPTY, SLICE_EMPTY,
                             KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, NULL, reterr)) == OK)
        if (key.n == time_n + 64)
            st = ref_fill(t, slice_after(key, time_n), time_n == 8 ? be64_read(key.p) : 0, reterr);
    kv_iter_done(&it);
    return st == E_NOT_FOUND ? OK : st;
}

status refs_migrate(struct vault_lmdb *v, uint32_t schema, struct err *reterr)
{
    struct vtxn t = {.v = v};
    status st = kv_write_begin(v->kv, &t.txn, reterr);
    if (st != OK)
        return st;
    st = refs_fill(&t, T_ENV, 0, reterr);
    if (st == OK)
        st = refs_fill(&t, T_PEND, 8, reterr);
    if (st == OK)
        st = kv_schema_set(v->kv, t.txn, schema, reterr);
    if (st == OK)
        return kv_commit(t.txn, reterr);
    kv_abort(t.txn);
    return st;
}
