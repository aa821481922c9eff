/* SPDX-License-Identifier: Apache-2.0 */
/* Reading lists and history out of the read model. */
#include <stdlib.h>

#include "index/index_impl.h"

/* Versions and status of one record, gathered from its rows in chain order. */
struct gather {
    struct index_record rec;
    size_t cap; /* places in rec.versions */
};

static status push_version(struct gather *g, struct arena *a, const struct event *e)
{
    if (g->rec.n == g->cap) {
        size_t cap = g->cap == 0 ? 1 : g->cap * 2;
        struct index_version *more = arena_array(a, cap, sizeof *more);
        if (more == NULL)
            return E_NOMEM;
        if (g->rec.n > 0)
            memcpy(more, g->rec.versions, g->rec.n * sizeof *more);
        g->rec.versions = more;
        g->cap = cap;
    }
    struct index_version *v = &g->rec.versions[g->rec.n++];
    *v = (struct index_version){
        .version = e->version, .epoch = e->epoch, .author = e->who, .when = e->when};
    memcpy(v->commitment, e->commitment, sizeof v->commitment);
    return OK;
}

static status apply(struct gather *g, struct arena *a, const struct event *e)
{
    if (e->kind == EVENT_RECORD_STATUS) {
        if (e->code < INDEX_REC_ACTIVE || e->code > INDEX_REC_REMOVED)
            return E_CORRUPT;
        g->rec.status = (enum index_record_status)e->code;
        return OK;
    }
    /* A reseal keeps the status; where the rows begin with one, the add is from before first_block.
     */
    if (e->kind != EVENT_RECORD_RESEALED || g->rec.status == 0)
        g->rec.status = INDEX_REC_ACTIVE;
    return push_version(g, a, e);
}

static status fail(status st, struct err *reterr)
{
    return ERR(reterr, st, "index: %s", status_text(st));
}

/* A list of records being filled. */
struct list {
    struct index_record *p;
    size_t n;
    size_t limit;
    bool more;
};

static void close_record(struct list *l, struct gather *g)
{
    if (g->rec.n > 0)
        l->p[l->n++] = g->rec;
    *g = (struct gather){.cap = 0};
}

/* Take one row into the list; *ret_full tells that the page is complete. */
static status take_row(struct list *l, struct gather *g, struct arena *a, slice key, slice value,
                       bool *ret_full)
{
    struct event e;
    if (key.n != 64 + ROWS_PLACE || event_row_read(value, &e) != OK)
        return E_CORRUPT;
    hash32 id;
    memcpy(id.b, key.p + 32, sizeof id.b);
    if (!hash32_eq(id, g->rec.record_id)) {
        close_record(l, g);
        if (l->n == l->limit) {
            l->more = true;
            *ret_full = true;
            return OK;
        }
    }
    g->rec.record_id = id;
    return apply(g, a, &e);
}

/* First key after every row of a record: the place is all ones. */
static size_t key_after(const hash32 *folder, const hash32 *record, uint8_t out[76])
{
    memcpy(out, folder->b, 32);
    memcpy(out + 32, record->b, 32);
    memset(out + 64, 0xff, ROWS_PLACE);
    return 76;
}

status index_records(struct index *ix, const hash32 *folder, const hash32 *after, size_t limit,
                     struct arena *a, struct index_record **ret_list, size_t *ret_n, bool *ret_more,
                     struct err *reterr)
{
    if (limit == 0 || limit > INDEX_PAGE_MAX)
        return ERR(reterr, E_RANGE, "limit: must be 1 to %u", INDEX_PAGE_MAX);
    struct list l = {.p = arena_array(a, limit + 1, sizeof *l.p), .limit = limit};
    struct gather g = {.cap = 0};
    struct kv_txn *r = NULL;
    struct kv_iter it;
    uint8_t from[76];
    size_t from_n = after != NULL ? key_after(folder, after, from) : 0;
    slice key, value;
    bool full = false;
    if (l.p == NULL)
        return fail(E_NOMEM, reterr);
    status st = kv_read_begin(ix->rows.kv, &r, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, r, ix->rows.table[ROWS_RECORD], slice_of(folder->b, 32),
                      slice_of(from, from_n), KV_FORWARD, reterr);
    while (st == OK && !full && (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        st = take_row(&l, &g, a, key, value, &full);
        if (st != OK)
            (void)fail(st, reterr);
    }
    kv_iter_done(&it);
    kv_abort(r);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    if (!full)
        close_record(&l, &g);
    *ret_list = l.p;
    *ret_n = l.n;
    *ret_more = l.more;
    return OK;
}

status index_record(struct index *ix, const hash32 *folder, const hash32 *record, struct arena *a,
                    struct index_record *ret_record, struct err *reterr)
{
    uint8_t prefix[64];
    memcpy(prefix, folder->b, 32);
    memcpy(prefix + 32, record->b, 32);
    struct gather g = {.rec.record_id = *record};
    struct kv_txn *r = NULL;
    struct kv_iter it;
    slice value;
    status st = kv_read_begin(ix->rows.kv, &r, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, r, ix->rows.table[ROWS_RECORD], slice_of(prefix, sizeof prefix),
                      SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, NULL, &value, reterr)) == OK) {
        struct event e;
        st = event_row_read(value, &e);
        if (st == OK)
            st = apply(&g, a, &e);
        if (st != OK)
            (void)fail(st, reterr);
    }
    kv_iter_done(&it);
    kv_abort(r);
    if (st != E_NOT_FOUND)
        return st;
    if (g.rec.n == 0)
        return ERR(reterr, E_NOT_FOUND, "record: not in this folder");
    *ret_record = g.rec;
    return OK;
}

/* The row's (scope, holder) is that of the entry. */
static bool same_grant(const struct index_grant *g, slice key)
{
    return memcmp(g->scope.b, key.p + 32, 32) == 0 && memcmp(g->holder.b, key.p + 64, 20) == 0;
}

static void set_grant(struct index_grant *g, slice key, const struct event *e)
{
    memcpy(g->scope.b, key.p + 32, 32);
    memcpy(g->holder.b, key.p + 64, 20);
    g->revoked = e->kind == EVENT_GRANT_REVOKED;
    g->generation = e->version;
    g->when = e->when;
    if (g->revoked)
        return;
    g->permissions = e->code;
    g->not_before = e->not_before;
    g->not_after = e->not_after;
}

struct grants {
    struct index_grant *p;
    size_t n;
    size_t cap;
};

static status take_grant(struct grants *l, struct arena *a, slice key, slice value)
{
    struct event e;
    if (key.n != 84 + ROWS_PLACE || event_row_read(value, &e) != OK)
        return E_CORRUPT;
    if (l->n == 0 || !same_grant(&l->p[l->n - 1], key)) {
        if (l->n == l->cap) {
            size_t cap = l->cap == 0 ? 8 : l->cap * 2;
            struct index_grant *more = arena_array(a, cap, sizeof *more);
            if (more == NULL)
                return E_NOMEM;
            if (l->n > 0)
                memcpy(more, l->p, l->n * sizeof *more);
            l->p = more;
            l->cap = cap;
        }
        l->n++;
    }
    set_grant(&l->p[l->n - 1], key, &e);
    return OK;
}

status index_grants(struct index *ix, const hash32 *folder, struct arena *a,
                    struct index_grant **ret_list, size_t *ret_n, struct err *reterr)
{
    struct grants l = {.n = 0};
    struct kv_txn *r = NULL;
    struct kv_iter it;
    slice key, value;
    status st = kv_read_begin(ix->rows.kv, &r, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, r, ix->rows.table[ROWS_GRANT], slice_of(folder->b, 32), SLICE_EMPTY,
                      KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        st = take_grant(&l, a, key, value);
        if (st != OK)
            (void)fail(st, reterr);
    }
    kv_iter_done(&it);
    kv_abort(r);
    if (st != E_NOT_FOUND)
        return st;
    *ret_list = l.p;
    *ret_n = l.n;
    return OK;
}

status index_has_commitment(struct index *ix, const hash32 *folder, const uint8_t commitment[26])
{
    uint8_t prefix[58];
    memcpy(prefix, folder->b, 32);
    memcpy(prefix + 32, commitment, 26);
    struct kv_txn *r = NULL;
    struct kv_iter it;
    status st = kv_read_begin(ix->rows.kv, &r, NULL);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, r, ix->rows.table[ROWS_COMMIT], slice_of(prefix, sizeof prefix),
                      SLICE_EMPTY, KV_FORWARD, NULL);
    if (st == OK)
        st = kv_iter_next(&it, NULL, NULL, NULL);
    kv_iter_done(&it);
    kv_abort(r);
    return st;
}

status index_each_folder(struct index *ix, status (*each)(void *ctx, const hash32 *folder),
                         void *ctx)
{
    struct kv_txn *r = NULL;
    struct kv_iter it;
    slice key;
    status st = kv_read_begin(ix->rows.kv, &r, NULL);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, r, ix->rows.table[ROWS_FOLDER], SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD,
                      NULL);
    while (st == OK && (st = kv_iter_next(&it, &key, NULL, NULL)) == OK) {
        hash32 id;
        if (key.n != 32 + ROWS_PLACE)
            st = E_CORRUPT;
        else {
            memcpy(id.b, key.p, sizeof id.b);
            st = each(ctx, &id);
        }
    }
    kv_iter_done(&it);
    kv_abort(r);
    return st == E_NOT_FOUND ? OK : st;
}
