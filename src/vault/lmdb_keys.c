/* SPDX-License-Identifier: Apache-2.0 */
/* Key cards, owner state, folder keys and wraps in the vault's environment. */
#include "base/checked.h"
#include "vault/lmdb_rows.h"

static slice account_key(const addr20 *a)
{
    return slice_of(a->b, sizeof a->b);
}

/* Put one row that is not sealed, in a transaction of its own. */
static status plain_put(struct vault_lmdb *v, enum vault_tables table, slice key, slice value,
                        struct err *reterr)
{
    struct kv_txn *w;
    status st = kv_write_begin(v->kv, &w, reterr);
    if (st != OK)
        return st;
    st = kv_put(w, v->table[table].t, key, value, reterr);
    if (st == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return st;
}

static status plain_get(struct vault_lmdb *v, enum vault_tables table, slice key, struct buf *ret,
                        struct err *reterr)
{
    struct kv_txn *txn;
    slice value;
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_get(txn, v->table[table].t, key, &value, reterr);
    if (st == OK) {
        st = buf_put(ret, value);
        if (st != OK)
            st = ERR(reterr, st, "vault: row of %zu bytes", value.n);
    }
    kv_abort(txn);
    return st;
}

status lmdb_card_put(struct vault *b, const addr20 *account, slice json, struct err *reterr)
{
    return plain_put(vault_lmdb_of(b), T_CARD, account_key(account), json, reterr);
}

status lmdb_card_get(struct vault *b, const addr20 *account, struct buf *ret, struct err *reterr)
{
    return plain_get(vault_lmdb_of(b), T_CARD, account_key(account), ret, reterr);
}

struct rows_sink {
    status (*row)(struct rows_sink *s, slice key, slice value);
    struct arena *a;
    void *list;
    size_t n;
    size_t max;
};

/* Give every row of a table under prefix to the sink. */
static status each_row(struct vault_lmdb *v, enum vault_tables table, slice prefix,
                       struct rows_sink *sink, struct err *reterr)
{
    struct kv_txn *txn;
    struct kv_iter it;
    slice key;
    slice value;
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, txn, v->table[table].t, prefix, SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        st = sink->row(sink, key, value);
        if (st != OK)
            st = ERR(reterr, st, "vault: list of table %s", v->table[table].name);
    }
    kv_iter_done(&it);
    kv_abort(txn);
    return st == E_NOT_FOUND ? OK : st;
}

static status card_row(struct rows_sink *s, slice key, slice value)
{
    struct vault_card *list = grow_array(s->a, s->list, s->n, &s->max, sizeof *list);
    slice copy = arena_dup(s->a, value);
    if (key.n != 20)
        return E_CORRUPT;
    if (list == NULL || (copy.p == NULL && value.n > 0))
        return E_NOMEM;
    s->list = list;
    memcpy(list[s->n].account.b, key.p, 20);
    list[s->n++].json = copy;
    return OK;
}

status lmdb_cards(struct vault *b, struct arena *a, struct vault_card **ret, size_t *ret_n,
                  struct err *reterr)
{
    struct rows_sink sink = {.row = card_row, .a = a};
    status st = each_row(vault_lmdb_of(b), T_CARD, SLICE_EMPTY, &sink, reterr);
    if (st == OK) {
        *ret = sink.list;
        *ret_n = sink.n;
    }
    return st;
}

/* Version of the state that the transaction sees; 0 when there is none. */
static status state_version(struct vtxn *t, slice key, uint64_t *ret, struct err *reterr)
{
    struct buf old;
    buf_init(&old, VAULT_STATE_MAX + 64);
    status st = row_open(t->v, t->txn, T_STATE, key, &old, reterr);
    if (st == OK)
        *ret = old.n >= 8 ? be64_read(old.p) : 0;
    else if (st == E_NOT_FOUND)
        *ret = 0;
    buf_done(&old);
    return st == E_NOT_FOUND ? OK : st;
}

static status state_swap(struct vtxn *t, slice key, uint64_t expected, slice blob,
                         struct err *reterr)
{
    uint64_t present;
    uint8_t version[8];
    struct buf row;
    status st = state_version(t, key, &present, reterr);
    if (st != OK)
        return st;
    if (present != expected)
        return ERR(reterr, E_CONFLICT, "the stored state has version %llu",
                   (unsigned long long)present);
    be64_write(version, expected + 1);
    buf_init(&row, VAULT_STATE_MAX + 8);
    st = buf_put_mem(&row, version, sizeof version);
    if (st == OK)
        st = buf_put(&row, blob);
    if (st == OK)
        st = vtxn_put_sealed(t, T_STATE, key, buf_slice(&row), reterr);
    else
        st = ERR(reterr, st, "vault: owner state");
    buf_done(&row);
    return st;
}

status lmdb_state_put(struct vault *b, const addr20 *account, uint64_t expected, slice blob,
                      uint64_t *ret_version, struct err *reterr)
{
    struct vtxn t;
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = state_swap(&t, account_key(account), expected, blob, reterr);
    if (st != OK) {
        vtxn_abort(&t);
        return st;
    }
    st = vtxn_commit(&t, reterr);
    if (st == OK)
        *ret_version = expected + 1;
    return st;
}

status lmdb_state_get(struct vault *b, const addr20 *account, uint64_t *ret_version,
                      struct buf *ret, struct err *reterr)
{
    struct buf row;
    buf_init(&row, VAULT_STATE_MAX + 64);
    status st = row_get(vault_lmdb_of(b), T_STATE, account_key(account), &row, reterr);
    if (st == OK && row.n < 8)
        st = ERR(reterr, E_CORRUPT, "vault: owner state of %zu bytes", row.n);
    if (st == OK) {
        st = buf_put(ret, slice_after(buf_slice(&row), 8));
        if (st == OK)
            *ret_version = be64_read(row.p);
        else
            st = ERR(reterr, st, "vault: owner state");
    }
    buf_done(&row);
    return st;
}

status lmdb_fkey_put(struct vault *b, const hash32 *folder, uint32_t epoch, slice json,
                     struct err *reterr)
{
    uint8_t key[36];
    memcpy(key, folder->b, 32);
    be32_write(key + 32, epoch);
    return plain_put(vault_lmdb_of(b), T_FKEY, slice_of(key, sizeof key), json, reterr);
}

static status fkey_row(struct rows_sink *s, slice key, slice value)
{
    struct vault_fkey *list = grow_array(s->a, s->list, s->n, &s->max, sizeof *list);
    slice copy = arena_dup(s->a, value);
    if (key.n != 36)
        return E_CORRUPT;
    if (list == NULL || (copy.p == NULL && value.n > 0))
        return E_NOMEM;
    s->list = list;
    list[s->n].epoch = be32_read(key.p + 32);
    list[s->n++].json = copy;
    return OK;
}

status lmdb_fkeys(struct vault *b, const hash32 *folder, struct arena *a, struct vault_fkey **ret,
                  size_t *ret_n, struct err *reterr)
{
    struct rows_sink sink = {.row = fkey_row, .a = a};
    status st =
        each_row(vault_lmdb_of(b), T_FKEY, slice_of(folder->b, sizeof folder->b), &sink, reterr);
    if (st == OK) {
        *ret = sink.list;
        *ret_n = sink.n;
    }
    return st;
}

static struct vault_key wrap_key(const hash32 *folder, const addr20 *holder)
{
    struct vault_key k;
    vkey_init(&k);
    vkey_put(&k, folder->b, sizeof folder->b);
    vkey_put(&k, holder->b, sizeof holder->b);
    return k;
}

status lmdb_wrap_put(struct vault *b, const hash32 *folder, const addr20 *holder, slice note,
                     struct err *reterr)
{
    struct vtxn t;
    struct vault_key k = wrap_key(folder, holder);
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = vtxn_put_sealed(&t, T_WRAP, vkey_slice(&k), note, reterr);
    if (st == OK)
        return vtxn_commit(&t, reterr);
    vtxn_abort(&t);
    return st;
}

status lmdb_wrap_get(struct vault *b, const hash32 *folder, const addr20 *holder, struct buf *ret,
                     struct err *reterr)
{
    struct vault_key k = wrap_key(folder, holder);
    return row_get(vault_lmdb_of(b), T_WRAP, vkey_slice(&k), ret, reterr);
}

status lmdb_wrap_delete(struct vault *b, const hash32 *folder, const addr20 *holder,
                        struct err *reterr)
{
    struct vtxn t;
    struct vault_key k = wrap_key(folder, holder);
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = vtxn_erase(&t, T_WRAP, vkey_slice(&k), reterr);
    if (st == OK)
        return vtxn_commit(&t, reterr);
    vtxn_abort(&t);
    return st;
}
