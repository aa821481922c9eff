/* SPDX-License-Identifier: Apache-2.0 */
/* Registration requests: reg account -> sealed (u64 time || 1 || sender 16 || network 16 ||
 * request). Few, and personal data: who asked is erased when the request is ended, or by the sweep.
 * In rows of before schema 3 the request, which begins with '{', stands behind the time: nobody
 * knows where they came from. */
#include "base/checked.h"
#include "vault/lmdb_rows.h"

#include <stdlib.h>

#define ROW_MAX (VAULT_REG_MAX + 64)
#define HAS_FROM 1u
#define HEAD (8u + 1u + 32u)

static slice reg_key(const addr20 *account)
{
    return slice_of(account->b, sizeof account->b);
}

/* --- room ------------------------------------------------------------------------------------ */

struct waiting {
    addr20 account;
    uint64_t received;
    struct vault_reg_from from;
    bool has_from;
};

static status head_read(slice row, struct waiting *ret, slice *ret_json, struct err *reterr)
{
    *ret = (struct waiting){0};
    if (row.n < 8)
        return ERR(reterr, E_CORRUPT, "vault: row of table reg");
    ret->received = be64_read(row.p);
    ret->has_from = row.n >= HEAD && row.p[8] == HAS_FROM;
    if (ret->has_from) {
        memcpy(ret->from.sender, row.p + 9, sizeof ret->from.sender);
        memcpy(ret->from.network, row.p + 25, sizeof ret->from.network);
    }
    *ret_json = slice_after(row, ret->has_from ? HEAD : 8);
    return OK;
}

static status waiting_read(struct vtxn *t, slice key, slice value, struct waiting *ret,
                           struct err *reterr)
{
    struct buf row;
    slice json;
    if (key.n != sizeof ret->account.b)
        return ERR(reterr, E_CORRUPT, "vault: key of table reg");
    buf_init(&row, ROW_MAX);
    status st = row_open_value(t->v, T_REG, key, value, &row, reterr);
    if (st == OK)
        st = head_read(buf_slice(&row), ret, &json, reterr);
    if (st == OK)
        memcpy(ret->account.b, key.p, key.n);
    buf_done(&row);
    return st;
}

static status waiting_all(struct vtxn *t, struct waiting list[VAULT_REGS_MAX], size_t *ret_n,
                          struct err *reterr)
{
    struct kv_iter it;
    slice key;
    slice value;
    size_t n = 0;
    status st = kv_iter_init(&it, t->txn, t->v->table[T_REG].t, SLICE_EMPTY, SLICE_EMPTY,
                             KV_FORWARD, reterr);
    while (st == OK && n < VAULT_REGS_MAX && (st = kv_iter_next(&it, &key, &value, reterr)) == OK)
        st = waiting_read(t, key, value, &list[n++], reterr);
    kv_iter_done(&it);
    *ret_n = st == E_NOT_FOUND || st == OK ? n : 0;
    return st == E_NOT_FOUND ? OK : st;
}

static bool is_of_one(const struct waiting *a, const struct waiting *b)
{
    return a->has_from && b->has_from &&
           memcmp(a->from.network, b->from.network, sizeof a->from.network) == 0;
}

/* By network, the oldest first. */
static int by_network(const void *a, const void *b)
{
    const struct waiting *x = a;
    const struct waiting *y = b;
    int c = memcmp(x->from.network, y->from.network, sizeof x->from.network);
    if (c != 0)
        return c;
    return x->received < y->received ? -1 : x->received > y->received;
}

/* The oldest of the network of which most wait, of several such the oldest. n > 0. */
static const struct waiting *least_missed(struct waiting *list, size_t n)
{
    const struct waiting *found = &list[0];
    size_t most = 0;
    qsort(list, n, sizeof *list, by_network);
    for (size_t i = 0, k; i < n; i += k) {
        for (k = 1; i + k < n && is_of_one(&list[i], &list[i + k]); k++)
            continue;
        if (k < most || (k == most && list[i].received >= found->received))
            continue;
        most = k;
        found = &list[i];
    }
    return found;
}

/* Another one from there: is there room, or can some be made? */
static status room_make(struct vtxn *t, const struct vault_reg_from *from, unsigned most,
                        struct waiting *list, struct err *reterr)
{
    size_t n = 0;
    size_t of_sender = 0;
    status st = waiting_all(t, list, &n, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        of_sender +=
            list[i].has_from && memcmp(list[i].from.sender, from->sender, sizeof from->sender) == 0;
    if (st == OK && most != 0 && of_sender >= most)
        return ERR(reterr, E_RATE,
                   "%zu registration requests from this address wait; try again later", of_sender);
    if (st != OK || n < VAULT_REGS_MAX)
        return st;
    return vtxn_erase(t, T_REG, reg_key(&least_missed(list, n)->account), reterr);
}

static status reg_room(struct vtxn *t, const addr20 *account, const struct vault_reg_from *from,
                       unsigned most, struct err *reterr)
{
    if (kv_has(t->txn, t->v->table[T_REG].t, reg_key(account)))
        return OK;
    struct waiting *list = calloc(VAULT_REGS_MAX, sizeof *list);
    status st = list != NULL ? room_make(t, from, most, list, reterr)
                             : ERR(reterr, E_NOMEM, "registration requests");
    free(list);
    return st;
}

/* --- rows ------------------------------------------------------------------------------------ */

static status reg_store(struct vtxn *t, const addr20 *account, slice json,
                        const struct vault_reg_from *from, uint64_t now, struct err *reterr)
{
    struct buf row;
    uint8_t head[HEAD];
    be64_write(head, now);
    head[8] = HAS_FROM;
    memcpy(head + 9, from->sender, sizeof from->sender);
    memcpy(head + 25, from->network, sizeof from->network);
    buf_init(&row, ROW_MAX);
    status st = buf_put_mem(&row, head, sizeof head);
    if (st == OK)
        st = buf_put(&row, json);
    if (st != OK)
        st = ERR(reterr, st, "registration request");
    else
        st = vtxn_put_sealed(t, T_REG, reg_key(account), buf_slice(&row), reterr);
    buf_done(&row);
    return st;
}

status vault_lmdb_reg_put(struct vault *b, const addr20 *account, slice json,
                          const struct vault_reg_from *from, unsigned most, uint64_t *ret_time,
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
    st = reg_room(&t, account, from, most, reterr);
    if (st == OK)
        st = reg_store(&t, account, json, from, now, reterr);
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
    struct waiting head;
    slice json;
    status st = head_read(buf_slice(row), &head, &json, reterr);
    if (st != OK)
        return st;
    ret->received = head.received;
    ret->json = arena_dup(a, json);
    return ret->json.p != NULL || json.n == 0 ? OK : ERR(reterr, E_NOMEM, "registration requests");
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
