/* SPDX-License-Identifier: Apache-2.0 */
/* Member certificates, sealed so that they can be erased: cert member -> account || cardHash || u64
 * notAfter || JSON; and whose certifier a key is: ckey certKey -> account. */
#include "base/checked.h"
#include "vault/lmdb_rows.h"

#define CERT_HEAD (20u + 32u + 8u)
#define CERT_ROW_MAX (VAULT_CERT_MAX + CERT_HEAD + 64u)

static slice addr_key(const addr20 *a)
{
    return slice_of(a->b, sizeof a->b);
}

status lmdb_cert_put(struct vault *b, const addr20 *member, const struct vault_cert *c,
                     struct err *reterr)
{
    struct vtxn t;
    struct buf row;
    uint8_t head[CERT_HEAD];
    memcpy(head, c->account.b, 20);
    memcpy(head + 20, c->card_hash.b, 32);
    be64_write(head + 52, c->not_after);
    buf_init(&row, CERT_ROW_MAX);
    status st = buf_put_mem(&row, head, sizeof head);
    if (st == OK)
        st = buf_put(&row, c->json);
    if (st != OK)
        st = ERR(reterr, st, "vault: certificate");
    else
        st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st == OK) {
        st = vtxn_put_sealed(&t, T_CERT, addr_key(member), buf_slice(&row), reterr);
        if (st == OK)
            st = vtxn_commit(&t, reterr);
        else
            vtxn_abort(&t);
    }
    buf_done(&row);
    return st;
}

static status head_read(slice row, struct vault_cert *ret, struct err *reterr)
{
    if (row.n < CERT_HEAD)
        return ERR(reterr, E_CORRUPT, "vault: certificate of %zu bytes", row.n);
    memcpy(ret->account.b, row.p, 20);
    memcpy(ret->card_hash.b, row.p + 20, 32);
    ret->not_after = be64_read(row.p + 52);
    ret->json = SLICE_EMPTY;
    return OK;
}

status lmdb_cert_get(struct vault *b, const addr20 *member, struct vault_cert *ret,
                     struct buf *ret_json, struct err *reterr)
{
    struct buf row;
    buf_init(&row, CERT_ROW_MAX);
    status st = row_get(vault_lmdb_of(b), T_CERT, addr_key(member), &row, reterr);
    if (st == OK)
        st = head_read(buf_slice(&row), ret, reterr);
    if (st == OK && ret_json != NULL &&
        (st = buf_put(ret_json, slice_after(buf_slice(&row), CERT_HEAD))) != OK)
        st = ERR(reterr, st, "vault: certificate");
    buf_done(&row);
    return st;
}

status lmdb_cert_delete(struct vault *b, const addr20 *member, struct err *reterr)
{
    struct vtxn t;
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = vtxn_erase(&t, T_CERT, addr_key(member), reterr);
    if (st == OK)
        return vtxn_commit(&t, reterr);
    vtxn_abort(&t);
    return st;
}

static bool is_over(struct vault_lmdb *v, slice key, slice value, uint64_t now, addr20 *ret_account)
{
    struct buf row;
    struct vault_cert c = {.not_after = UINT64_MAX};
    buf_init(&row, CERT_ROW_MAX);
    bool over = row_open_value(v, T_CERT, key, value, &row, NULL) == OK &&
                head_read(buf_slice(&row), &c, NULL) == OK && c.not_after <= now;
    if (over)
        *ret_account = c.account;
    buf_done(&row);
    return over;
}

status vault_lmdb_certs_over(struct vault *b, uint64_t now, const addr20 *after,
                             struct vault_cert_over list[VAULT_CERTS_PAGE], size_t *ret_n,
                             struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    struct kv_iter it;
    slice key;
    slice value;
    size_t n = 0;
    slice from = after != NULL ? addr_key(after) : SLICE_EMPTY;
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, txn, v->table[T_CERT].t, SLICE_EMPTY, from, KV_FORWARD, reterr);
    while (st == OK && n < VAULT_CERTS_PAGE &&
           (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        if (key.n != 20 || slice_eq(key, from) || !is_over(v, key, value, now, &list[n].account))
            continue;
        memcpy(list[n++].member.b, key.p, 20);
    }
    kv_iter_done(&it);
    kv_abort(txn);
    if (st == OK || st == E_NOT_FOUND)
        *ret_n = n;
    return st == E_NOT_FOUND ? OK : st;
}

/* It may have been renewed or erased since it was listed. */
static status erase_over(struct vtxn *t, const addr20 *member, uint64_t now, uint64_t *ret_n,
                         struct err *reterr)
{
    slice value;
    addr20 account;
    status st = kv_get(t->txn, t->v->table[T_CERT].t, addr_key(member), &value, reterr);
    if (st == E_NOT_FOUND || (st == OK && !is_over(t->v, addr_key(member), value, now, &account)))
        return OK;
    if (st == OK)
        st = vtxn_erase(t, T_CERT, addr_key(member), reterr);
    *ret_n += st == OK;
    return st;
}

status vault_lmdb_certs_erase(struct vault *b, uint64_t now, const struct vault_cert_over *list,
                              size_t n, uint64_t *ret_n, struct err *reterr)
{
    struct vtxn t;
    uint64_t erased = 0;
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    for (size_t i = 0; st == OK && i < n; i++)
        st = erase_over(&t, &list[i].member, now, &erased, reterr);
    if (st != OK || erased == 0) {
        vtxn_abort(&t);
        return st;
    }
    st = vtxn_commit(&t, reterr);
    if (st == OK)
        *ret_n += erased;
    return st;
}

/* account, and 1 once its card with the key was on the chain. */
#define CKEY_KNOWN 21u

static bool ckey_is_of(slice row, const addr20 *account)
{
    return row.n >= 20 && memcmp(row.p, account->b, 20) == 0;
}

struct ckey {
    const addr20 *key;
    const addr20 *from; /* NULL: nobody, or account itself */
    const addr20 *account;
    bool known;
};

static status ckey_run(void *ctx, void *arg, struct err *reterr)
{
    struct vtxn *t = ctx;
    const struct ckey *k = arg;
    struct kv_table table = t->v->table[T_CKEY].t;
    uint8_t row[CKEY_KNOWN];
    slice old;
    memcpy(row, k->account->b, 20);
    row[20] = 1;
    status st = kv_get(t->txn, table, addr_key(k->key), &old, NULL);
    bool own = st == OK && ckey_is_of(old, k->account);
    if (st == OK && !own && (k->from == NULL || !ckey_is_of(old, k->from)))
        return ERR(reterr, E_CONFLICT, "the certifier's key belongs to another account");
    if (st != OK && st != E_NOT_FOUND)
        return ERR(reterr, st, "vault: table ckey");
    if (own && (old.n == CKEY_KNOWN || !k->known))
        return OK;
    return kv_put(t->txn, table, addr_key(k->key), slice_of(row, k->known ? CKEY_KNOWN : 20),
                  reterr);
}

status vault_lmdb_certkey_put(struct vault *b, const addr20 *cert_key, const addr20 *from,
                              const addr20 *account, bool known, struct err *reterr)
{
    struct ckey k = {cert_key, from, account, known};
    return vtxn_share(vault_lmdb_of(b), ckey_run, &k, reterr);
}

status vault_lmdb_certkey_get(struct vault *b, const addr20 *cert_key, addr20 *ret_account,
                              bool *ret_known, struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    slice value;
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_get(txn, v->table[T_CKEY].t, addr_key(cert_key), &value, reterr);
    if (st == OK && value.n != 20 && value.n != CKEY_KNOWN)
        st = ERR(reterr, E_CORRUPT, "vault: row of table ckey");
    if (st == OK) {
        memcpy(ret_account->b, value.p, 20);
        *ret_known = value.n == CKEY_KNOWN;
    }
    kv_abort(txn);
    return st;
}
