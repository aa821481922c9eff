/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and undoing the rows of the read model. */
#include "index/rows.h"

#include "base/checked.h"

#define SCHEMA 2u /* 1: places were plain block numbers */

static status empty_table(struct kv_txn *w, struct kv_table t, struct err *reterr)
{
    struct kv_iter it;
    status st = kv_iter_init(&it, w, t, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, NULL, NULL, reterr)) == OK)
        st = kv_iter_delete(&it, reterr);
    kv_iter_done(&it);
    return st == E_NOT_FOUND ? OK : st;
}

/* Rows of an older schema are thrown away: the chain tells everything again. */
static status begin_again(struct rows *r, struct err *reterr)
{
    struct kv_txn *w = NULL;
    status st = kv_write_begin(r->kv, &w, reterr);
    if (st != OK)
        return st;
    for (size_t i = 0; st == OK && i < ROWS_TABLES; i++)
        st = empty_table(w, r->table[i], reterr);
    if (st == OK)
        st = empty_table(w, r->undo, reterr);
    if (st == OK)
        st = kv_delete(w, r->meta, SLICE_LIT("cursor"), reterr);
    if (st == OK || st == E_NOT_FOUND)
        st = kv_schema_set(r->kv, w, SCHEMA, reterr);
    if (st == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return st;
}

status rows_open(struct rows *r, const char *dir, struct err *reterr)
{
    static const char *const names[ROWS_TABLES] = {"folder", "grant", "record", "commit"};
    const struct kv_options o = {.app = "ehrd-index", .schema = SCHEMA};
    status st = kv_open(dir, &o, &r->kv, reterr);
    if (st != OK)
        return st;
    for (size_t i = 0; st == OK && i < ROWS_TABLES; i++)
        st = kv_table_open(r->kv, names[i], &r->table[i], reterr);
    if (st == OK)
        st = kv_table_open(r->kv, "undo", &r->undo, reterr);
    if (st == OK)
        st = kv_table_open(r->kv, "archive", &r->archive, reterr);
    if (st == OK)
        st = kv_table_open(r->kv, "model", &r->meta, reterr);
    if (st == OK && kv_schema(r->kv) < SCHEMA)
        st = begin_again(r, reterr);
    if (st != OK)
        rows_close(r);
    return st;
}

void rows_close(struct rows *r)
{
    kv_close(r->kv);
    r->kv = NULL;
}

/* A key under construction; parts are fixed-size, so it cannot overflow. */
struct key {
    uint8_t b[ROWS_KEY_MAX];
    size_t n;
};

static void add(struct key *k, const void *p, size_t n)
{
    memcpy(k->b + k->n, p, n);
    k->n += n;
}

static void add_place(struct key *k, const struct index_when *when)
{
    be64_write(k->b + k->n, ledger_block_order(when->block));
    be32_write(k->b + k->n + 8, when->log_index);
    k->n += ROWS_PLACE;
}

static status put_one(struct rows *r, struct kv_txn *w, enum rows_table t, const struct event *e,
                      struct key *k, uint8_t count, struct err *reterr)
{
    uint8_t row[EVENT_ROW];
    add_place(k, &e->when);
    event_row_write(e, row);
    status st = kv_put(w, r->table[t], slice_of(k->b, k->n), slice_of(row, sizeof row), reterr);
    if (st != OK)
        return st;
    struct key u = {.n = 0};
    add_place(&u, &e->when);
    add(&u, &count, 1);
    uint8_t value[1 + ROWS_KEY_MAX] = {(uint8_t)t};
    memcpy(value + 1, k->b, k->n);
    return kv_put(w, r->undo, slice_of(u.b, u.n), slice_of(value, 1 + k->n), reterr);
}

static enum rows_table table_of(enum event_kind kind)
{
    if (kind == EVENT_FOLDER_OPENED)
        return ROWS_FOLDER;
    return kind == EVENT_GRANT_SET || kind == EVENT_GRANT_REVOKED ? ROWS_GRANT : ROWS_RECORD;
}

static bool has_commitment(enum event_kind kind)
{
    return kind == EVENT_RECORD_ADDED || kind == EVENT_RECORD_AMENDED ||
           kind == EVENT_RECORD_RESEALED;
}

status rows_put(struct rows *r, struct kv_txn *w, const struct event *e, struct err *reterr)
{
    enum rows_table t = table_of(e->kind);
    struct key k = {.n = 0};
    add(&k, e->folder.b, sizeof e->folder.b);
    if (t != ROWS_FOLDER)
        add(&k, e->second.b, sizeof e->second.b);
    if (t == ROWS_GRANT)
        add(&k, e->who.b, sizeof e->who.b);
    status st = put_one(r, w, t, e, &k, 0, reterr);
    if (st != OK || !has_commitment(e->kind))
        return st;
    struct key c = {.n = 0};
    add(&c, e->folder.b, sizeof e->folder.b);
    add(&c, e->commitment, sizeof e->commitment);
    return put_one(r, w, ROWS_COMMIT, e, &c, 1, reterr);
}

static status undo_row(struct rows *r, struct kv_txn *w, slice value, struct err *reterr)
{
    uint8_t copy[1 + ROWS_KEY_MAX]; /* value borrows from the transaction that is being changed */
    if (value.n < 2 || value.n > sizeof copy || value.p[0] >= ROWS_TABLES)
        return ERR(reterr, E_CORRUPT, "index: bad undo row");
    memcpy(copy, value.p, value.n);
    status st = kv_delete(w, r->table[copy[0]], slice_of(copy + 1, value.n - 1), reterr);
    return st == E_NOT_FOUND ? OK : st;
}

status rows_undo(struct rows *r, struct kv_txn *w, uint64_t from, struct err *reterr)
{
    uint8_t start[8];
    be64_write(start, ledger_block_order(from));
    struct kv_iter it;
    slice value;
    status st = kv_iter_init(&it, w, r->undo, SLICE_EMPTY, slice_of(start, sizeof start),
                             KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, NULL, &value, reterr)) == OK) {
        st = undo_row(r, w, value, reterr);
        if (st == OK)
            st = kv_iter_delete(&it, reterr);
    }
    kv_iter_done(&it);
    return st == E_NOT_FOUND ? OK : st;
}
