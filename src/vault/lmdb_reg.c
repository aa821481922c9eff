/* SPDX-License-Identifier: Apache-2.0 */
/* Registration requests: reg account -> sealed (u64 time || request). Few, and personal data: who
 * asked is erased when the request is ended, or by the sweep. */
#include "base/checked.h"
#include "vault/lmdb_rows.h"

#define ROW_MAX (VAULT_REG_MAX + 64)

static slice reg_key(const addr20 *account)
{
    return slice_of(account->b, sizeof account->b);
}

/* E_RATE when VAULT_REGS_MAX others wait. */
static status reg_room(struct vtxn *t, const addr20 *account, struct err *reterr)
{
    uint64_t n = 0;
    if (kv_has(t->txn, t->v->table[T_REG].t, reg_key(account)))
        return OK;
    status st = kv_count(t->txn, t->v->table[T_REG].t, &n, reterr);
    if (st == OK && n >= VAULT_REGS_MAX)
        st = ERR(reterr, E_RATE, "%u registration requests wait; try again later", VAULT_REGS_MAX);
    return st;
}

static status reg_store(struct vtxn *t, const addr20 *account, slice json, uint64_t now,
                        struct err *reterr)
{
    struct buf row;
    uint8_t time[8];
    be64_write(time, now);
    buf_init(&row, ROW_MAX);
    status st = reg_room(t, account, reterr);
    if (st == OK && (st = buf_put_mem(&row, time, sizeof time)) == OK)
        st = buf_put(&row, json);
    if (st == OK)
        st = vtxn_put_sealed(t, T_REG, reg_key(account), buf_slice(&row), reterr);
    buf_done(&row);
    return st;
}

status vault_lmdb_reg_put(struct vault *b, const addr20 *account, slice json, uint64_t *ret_time,
                          struct err *reterr)
{
    struct vtxn t;
    struct vault_lmdb *v = vault_lmdb_of(b);
    uint64_t now = clock_unix_s(v->clock);
    if (json.n > VAULT_REG_MAX)
        return ERR(reterr, E_TOO_LONG, "registration request of %zu bytes", json.n);
    status st = vtxn_begin(v, &t, reterr);
    if (st != OK)
        return st;
    st = reg_store(&t, account, json, now, reterr);
    if (st != OK) {
        vtxn_abort(&t);
        return st;
    }
    st = vtxn_commit(&t, reterr);
    if (st == OK)
        *ret_time = now;
    return st;
}

static status reg_take(const struct buf *row, struct arena *a, struct vault_reg *ret,
                       struct err *reterr)
{
    if (row->n < 8)
        return ERR(reterr, E_CORRUPT, "vault: row of table reg");
    ret->received = be64_read(row->p);
    ret->json = arena_dup(a, slice_after(buf_slice(row), 8));
    return ret->json.p != NULL || row->n == 8 ? OK : ERR(reterr, E_NOMEM, "registration requests");
}

status vault_lmdb_reg_get(struct vault *b, const addr20 *account, struct arena *a,
                          struct vault_reg *ret, struct err *reterr)
{
    struct buf row;
    buf_init(&row, ROW_MAX);
    ret->account = *account;
    status st = row_get(vault_lmdb_of(b), T_REG, reg_key(account), &row, reterr);
    if (st == OK)
        st = reg_take(&row, a, ret, reterr);
    buf_done(&row);
    return st;
}

static status reg_row(struct vault_lmdb *v, slice key, slice value, struct arena *a,
                      struct vault_reg *ret, struct err *reterr)
{
    struct buf row;
    buf_init(&row, ROW_MAX);
    status st = key.n == sizeof ret->account.b ? row_open_value(v, T_REG, key, value, &row, reterr)
                                               : ERR(reterr, E_CORRUPT, "vault: key of table reg");
    if (st == OK) {
        memcpy(ret->account.b, key.p, key.n);
        st = reg_take(&row, a, ret, reterr);
    }
    buf_done(&row);
    return st;
}

status vault_lmdb_regs(struct vault *b, struct arena *a, struct vault_reg **ret, size_t *ret_n,
                       struct err *reterr)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    struct kv_txn *txn;
    struct kv_iter it;
    slice key;
    slice value;
    size_t n = 0;
    struct vault_reg *list = arena_array(a, VAULT_REGS_MAX, sizeof *list);
    status st = list == NULL ? ERR(reterr, E_NOMEM, "registration requests")
                             : kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, txn, v->table[T_REG].t, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && n < VAULT_REGS_MAX && (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        st = reg_row(v, key, value, a, &list[n], reterr);
        if (st == OK)
            n++;
        else if (st == E_DECRYPT) /* erased since the transaction began */
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

status vault_lmdb_reg_delete(struct vault *b, const addr20 *account, struct err *reterr)
{
    struct vtxn t;
    status st = vtxn_begin(vault_lmdb_of(b), &t, reterr);
    if (st != OK)
        return st;
    st = vtxn_erase(&t, T_REG, reg_key(account), reterr);
    if (st == OK)
        return vtxn_commit(&t, reterr);
    vtxn_abort(&t);
    return st;
}

status vault_lmdb_reg_sweep(struct vault *b, uint64_t before, uint64_t *ret_erased,
                            struct err *reterr)
{
    struct arena a;
    struct vault_reg *list = NULL;
    size_t n = 0;
    *ret_erased = 0;
    arena_init(&a, VAULT_REGS_MAX * (ROW_MAX + sizeof *list), false);
    status st = vault_lmdb_regs(b, &a, &list, &n, reterr);
    for (size_t i = 0; st == OK && i < n; i++) {
        if (list[i].received >= before)
            continue;
        st = vault_lmdb_reg_delete(b, &list[i].account, reterr);
        *ret_erased += st == OK;
        if (st == E_NOT_FOUND)
            st = OK;
    }
    arena_done(&a);
    return st;
}
