/* SPDX-License-Identifier: Apache-2.0 */
/* The read model. After one byte that says which: any bytes as a log of the registry, as a row, as
 * the cursor of following, as a row that lies in the store; or as events, which are put, listed
 * beside a naive model, and undone again to the last row. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/checked.h"
#include "contract/registry_abi.h"
#include "index/index_impl.h"

#define EVENTS_MAX 24u
#define ARENA_CAP ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct index ix;

static void expect(bool ok)
{
    if (!ok)
        abort();
}

/* A store whose files have no name any more, so that none is left behind. */
static void store_open(void)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "LOCK"};
    char dir[64];
    struct err e;
    if (ix.rows.kv != NULL)
        return;
    (void)snprintf(dir, sizeof dir, "%s/fuzz-index.XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    expect(mkdtemp(dir) != NULL && rows_open(&ix.rows, dir, &e) == OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static uint8_t take(slice *in)
{
    uint8_t b = in->n > 0 ? in->p[0] : 0;
    *in = slice_after(*in, 1);
    return b;
}

static void take_bytes(slice *in, void *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)to)[i] = take(in);
}

/* --- one event ------------------------------------------------------------------------------- */

static void check_row_of(const struct event *e)
{
    uint8_t row[EVENT_ROW];
    uint8_t again[EVENT_ROW];
    struct event back;
    event_row_write(e, row);
    expect(event_row_read(slice_of(row, sizeof row), &back) == OK);
    event_row_write(&back, again);
    expect(memcmp(row, again, sizeof row) == 0);
    for (size_t n = 0; n < sizeof row; n++)
        expect(event_row_read(slice_of(row, n), &back) == E_CORRUPT);
}

static void read_log(slice in)
{
    static const uint8_t *const topics[] = {
        registry_topic_FolderOpened,   registry_topic_GrantSet,      registry_topic_GrantRevoked,
        registry_topic_RecordAdded,    registry_topic_RecordAmended, registry_topic_RecordResealed,
        registry_topic_RecordStatusSet};
    struct ledger_log log = {.log_index = 7, .block_number = 9};
    struct event e;
    struct err err;
    uint8_t which = take(&in);
    log.topics_n = take(&in) % (LEDGER_TOPICS_MAX + 1);
    for (size_t i = 0; i < log.topics_n; i++)
        take_bytes(&in, log.topics[i].b, 32);
    if (which < 7)
        memcpy(log.topics[0].b, topics[which], 32);
    log.data = in;
    status st = event_from_log(&log, &e, &err);
    expect(st == OK || st == E_CORRUPT);
    if (st == OK && e.kind != EVENT_OTHER) {
        expect(log.topics_n >= 2 && e.when.block == 9 && e.when.log_index == 7);
        check_row_of(&e);
    }
}

static void read_row(slice in)
{
    struct event e;
    uint8_t again[EVENT_ROW];
    status st = event_row_read(in, &e);
    expect(st == OK || st == E_CORRUPT);
    if (st != OK)
        return;
    event_row_write(&e, again);
    expect(slice_eq(in, slice_of(again, sizeof again)));
}

static void read_cursor(slice in)
{
    static struct ledger_cursor c;
    struct buf b;
    struct err e;
    buf_init(&b, 1 << 16);
    if (ledger_cursor_read(in, &c, &e) == OK) {
        expect(c.marks_n <= LEDGER_FOLLOW_HASHES && ledger_cursor_put(&c, &b) == OK);
        expect(slice_eq(buf_slice(&b), in));
    }
    buf_done(&b);
}

/* --- a row in the store ---------------------------------------------------------------------- */

/* The list says what the record says by itself. */
static void check_listed(const hash32 *folder, const struct index_record *r, struct arena *a)
{
    struct index_record one;
    struct err e;
    expect(index_record(&ix, folder, &r->record_id, a, &one, &e) == OK);
    expect(one.n == r->n && one.status == r->status);
    expect(one.versions[0].when.log_index == r->versions[0].when.log_index);
}

static void list_all(const hash32 *folder, status *ret_records, status *ret_grants)
{
    struct arena a;
    struct index_record *records;
    struct index_grant *grants;
    size_t n = 0;
    bool more = false;
    struct err e;
    arena_init(&a, ARENA_CAP, false);
    *ret_records = index_records(&ix, folder, NULL, 100, &a, &records, &n, &more, &e);
    for (size_t i = 0; *ret_records == OK && i < n; i++) {
        expect(records[i].n > 0 && records[i].status >= INDEX_REC_ACTIVE &&
               records[i].status <= INDEX_REC_REMOVED);
        check_listed(folder, &records[i], &a);
    }
    *ret_grants = index_grants(&ix, folder, &a, &grants, &n, &e);
    arena_done(&a);
}

static void put_raw(enum rows_table t, slice key, slice value, bool there)
{
    struct kv_txn *w = NULL;
    struct err e;
    expect(kv_write_begin(ix.rows.kv, &w, &e) == OK);
    expect((there ? kv_put(w, ix.rows.table[t], key, value, &e)
                  : kv_delete(w, ix.rows.table[t], key, &e)) == OK);
    expect(kv_commit(w, &e) == OK);
}

/* Whatever lies in the store is told or called corrupt. */
static void stored_row(slice in)
{
    hash32 folder = {{1}};
    uint8_t key[32 + 84] = {1};
    status records;
    status grants;
    enum rows_table t = take(&in) % 2 == 0 ? ROWS_GRANT : ROWS_RECORD;
    size_t n = 32 + take(&in) % 85u;
    take_bytes(&in, key + 32, n - 32);
    store_open();
    put_raw(t, slice_of(key, n), in, true);
    list_all(&folder, &records, &grants);
    expect(records == OK || records == E_CORRUPT);
    expect(grants == OK || grants == E_CORRUPT);
    put_raw(t, slice_of(key, n), SLICE_EMPTY, false);
}

/* --- events beside a naive model ---------------------------------------------------------------
 */

struct events {
    struct event e[EVENTS_MAX]; /* in the chain's order */
    size_t n;
};

/* Few ids, so that events meet. */
static void take_events(slice *in, struct events *l)
{
    uint64_t block = 1;
    l->n = take(in) % (EVENTS_MAX + 1);
    for (size_t i = 0; i < l->n; i++) {
        struct event *e = &l->e[i];
        uint8_t b = take(in);
        *e = (struct event){.kind = (enum event_kind)(EVENT_FOLDER_OPENED + b % 7),
                            .folder = {{1 + (b >> 7)}},
                            .second = {{b >> 3 & 3}},
                            .code = take(in)};
        if (e->kind == EVENT_RECORD_STATUS)
            e->code = (uint8_t)(INDEX_REC_ACTIVE + e->code % 3);
        e->version = take(in);
        e->who.b[0] = (uint8_t)(e->version % 2);
        e->commitment[0] = take(in);
        block += e->commitment[0] % 3;
        e->when = (struct index_when){.block = block, .log_index = (uint32_t)i, .time = block};
    }
}

static bool is_record(const struct event *e)
{
    return e->kind >= EVENT_RECORD_ADDED;
}

static bool is_of(const struct event *e, const hash32 *folder, const hash32 *second)
{
    return hash32_eq(e->folder, *folder) && hash32_eq(e->second, *second);
}

/* What index_record must say of a record after the first n events. */
static void check_record(const struct events *l, size_t n, const hash32 *folder, const hash32 *id)
{
    struct arena a;
    struct index_record r;
    struct err e;
    size_t versions = 0;
    int is = 0;
    const struct event *last = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct event *x = &l->e[i];
        if (!is_record(x) || !is_of(x, folder, id))
            continue;
        if (x->kind == EVENT_RECORD_STATUS)
            is = x->code;
        else
            versions++, last = x;
        if (x->kind == EVENT_RECORD_ADDED || x->kind == EVENT_RECORD_AMENDED ||
            (x->kind == EVENT_RECORD_RESEALED && is == 0))
            is = INDEX_REC_ACTIVE;
    }
    arena_init(&a, ARENA_CAP, false);
    status st = index_record(&ix, folder, id, &a, &r, &e);
    if (versions == 0) {
        expect(st == E_NOT_FOUND);
    } else if (last != NULL) {
        expect(st == OK && r.n == versions && (int)r.status == is);
        expect(r.versions[r.n - 1].when.log_index == last->when.log_index);
        expect(index_has_commitment(&ix, folder, last->commitment) == OK);
    }
    arena_done(&a);
}

/* The last word on each grant. */
static void check_grants(const struct events *l, size_t n, const hash32 *folder)
{
    struct arena a;
    struct index_grant *list;
    size_t grants = 0;
    struct err e;
    arena_init(&a, ARENA_CAP, false);
    expect(index_grants(&ix, folder, &a, &list, &grants, &e) == OK);
    for (size_t g = 0; g < grants; g++) {
        const struct event *last = NULL;
        for (size_t i = 0; i < n; i++) {
            const struct event *x = &l->e[i];
            if ((x->kind == EVENT_GRANT_SET || x->kind == EVENT_GRANT_REVOKED) &&
                is_of(x, folder, &list[g].scope) && addr20_eq(x->who, list[g].holder))
                last = x;
        }
        if (last == NULL)
            abort();
        expect(list[g].when.log_index == last->when.log_index);
        expect(list[g].revoked == (last->kind == EVENT_GRANT_REVOKED));
        expect(list[g].generation == last->version);
    }
    arena_done(&a);
}

static void check_all(const struct events *l, size_t n)
{
    for (uint8_t f = 1; f <= 2; f++) {
        hash32 folder = {{f}};
        status records;
        status grants;
        list_all(&folder, &records, &grants);
        expect(records == OK && grants == OK);
        for (uint8_t r = 0; r < 4; r++) {
            hash32 id = {{r}};
            check_record(l, n, &folder, &id);
        }
        check_grants(l, n, &folder);
    }
}

static void undo(uint64_t from)
{
    struct kv_txn *w = NULL;
    struct err e;
    expect(kv_write_begin(ix.rows.kv, &w, &e) == OK);
    expect(rows_undo(&ix.rows, w, from, &e) == OK);
    expect(kv_commit(w, &e) == OK);
}

static void expect_empty(void)
{
    struct kv_txn *r = NULL;
    struct err e;
    uint64_t n = 1;
    expect(kv_read_begin(ix.rows.kv, &r, &e) == OK);
    for (size_t t = 0; t < ROWS_TABLES; t++)
        expect(kv_count(r, ix.rows.table[t], &n, &e) == OK && n == 0);
    expect(kv_count(r, ix.rows.undo, &n, &e) == OK && n == 0);
    kv_abort(r);
}

static void some_events(slice in)
{
    static struct events l;
    struct kv_txn *w = NULL;
    struct err e;
    store_open();
    take_events(&in, &l);
    expect(kv_write_begin(ix.rows.kv, &w, &e) == OK);
    for (size_t i = 0; i < l.n; i++)
        expect(rows_put(&ix.rows, w, &l.e[i], &e) == OK);
    expect(kv_commit(w, &e) == OK);
    check_all(&l, l.n);
    uint64_t from = 1 + take(&in) % 32u;
    size_t stay = 0;
    while (stay < l.n && l.e[stay].when.block < from)
        stay++;
    undo(from);
    check_all(&l, stay);
    undo(0);
    expect_empty();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const reader[])(slice) = {read_log, read_row, read_cursor, stored_row,
                                            some_events};
    if (size > 0)
        reader[data[0] % 5](slice_of(data + 1, size - 1));
    return 0;
}
