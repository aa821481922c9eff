/* SPDX-License-Identifier: Apache-2.0 */
/* The splitter: frame, entries, groups, titles, and writing a record. */
#include "fhir/bundle_split.h"

#include <stdlib.h>

#include "codec/json.h"
#include "fhir/scan.h"
#include "fhir/split_entry.h"
#include "fhir/split_link.h"

#define DAY_LEN 10u   /* of a date: 2015-03-02 */
#define NAME_MAX 120u /* bytes of an encounter's name in a title */

/* The members of a Bundle that matter here. */
struct frame {
    slice type;
    slice entries; /* the array, or empty */
    bool is_bundle;
};

/* A member beside entry is small; it is checked like any JSON. */
static status member_check(slice value, struct err *reterr)
{
    struct arena scratch;
    struct json_doc doc;
    arena_init(&scratch, (size_t)64 << 20, false);
    status st = json_read(value, &scratch, &doc, reterr);
    arena_done(&scratch);
    return st;
}

static status frame_member(struct frame *f, slice key, slice value, struct err *reterr)
{
    if (slice_eq_str(key, "entry")) {
        if (f->entries.n > 0)
            return ERR(reterr, E_DUPLICATE, "Bundle: entry is given twice");
        f->entries = value;
        return OK;
    }
    status st = member_check(value, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "Bundle");
    if (slice_eq_str(key, "type")) {
        if (f->type.n > 0)
            return ERR(reterr, E_DUPLICATE, "Bundle: type is given twice");
        f->type = value;
    }
    if (slice_eq_str(key, "resourceType"))
        f->is_bundle = slice_eq_str(value, "\"Bundle\"");
    return OK;
}

static status frame_read(slice bundle, struct frame *f, struct err *reterr)
{
    struct scan s;
    slice key;
    slice value;
    status st = scan_open(bundle, '{', &s);
    if (st != OK)
        return ERR(reterr, st, "Bundle: no JSON object");
    while (scan_next(&s, &key, &value)) {
        st = frame_member(f, key, value, reterr);
        if (st != OK)
            return st;
    }
    if (s.st != OK)
        return ERR(reterr, s.st, "Bundle: malformed at byte %zu", bundle.n - s.rest.n);
    if (scan_skip_space(s.rest).n > 0)
        return ERR(reterr, E_TRAILING, "Bundle: bytes after the end");
    return OK;
}

static status frame_check(const struct frame *f, struct err *reterr)
{
    static const char *const types[] = {"\"transaction\"", "\"batch\"", "\"collection\"",
                                        "\"searchset\""};
    if (!f->is_bundle)
        return ERR(reterr, E_TYPE, "no Bundle");
    if (f->type.n == 0)
        return ERR(reterr, E_MISSING, "Bundle.type: missing");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_eq_str(f->type, types[i]))
            return OK;
    return ERR(reterr, E_UNSUPPORTED,
               "Bundle.type: only transaction, batch, collection and "
               "searchset are split");
}

/* Number of elements; all of the array's frame is checked on the way. */
static status entries_count(slice entries, uint32_t *ret, struct err *reterr)
{
    struct scan s;
    slice v;
    uint32_t n = 0;
    *ret = 0;
    if (entries.n == 0)
        return OK;
    status st = scan_open(entries, '[', &s);
    if (st != OK)
        return ERR(reterr, st, "Bundle.entry: no array");
    while (scan_next(&s, &v, &v))
        if (++n > FHIR_SPLIT_ENTRIES_MAX)
            return ERR(reterr, E_TOO_LONG, "Bundle.entry: more than %u", FHIR_SPLIT_ENTRIES_MAX);
    if (s.st != OK)
        return ERR(reterr, s.st, "Bundle.entry[%u]: malformed", n);
    *ret = n;
    return OK;
}

static status skip_note(struct fhir_split_skip *skip, uint32_t i, const struct err *e,
                        struct arena *a)
{
    slice reason = arena_dup(a, slice_str(e->msg));
    *skip = (struct fhir_split_skip){i, e->code, reason};
    return reason.p == NULL && e->msg[0] != '\0' ? E_NOMEM : OK;
}

/* Read every element into e; those that cannot be read are noted in skipped. */
static status entries_read(slice entries, struct fhir_split_entry *e, uint32_t n, struct arena *a,
                           struct fhir_split_skip *skipped, uint32_t *ret_skipped)
{
    struct scan s;
    slice raw;
    uint32_t bad = 0;
    status st = n > 0 ? scan_open(entries, '[', &s) : OK;
    for (uint32_t i = 0; i < n && st == OK && scan_next(&s, &raw, &raw); i++) {
        struct err why = {0};
        status one = split_entry_read(raw, a, &e[i], &why);
        if (one == E_NOMEM)
            return E_NOMEM;
        if (one != OK)
            st = skip_note(&skipped[bad++], i, &why, a);
    }
    *ret_skipped = bad;
    return st;
}

/* Sort key of an entry: demographics, then each encounter with its categories, then the rest. */
struct row {
    uint64_t key;
    uint32_t index;
};

static uint64_t row_key(const struct fhir_split_entry *e)
{
    if (e->encounter != SPLIT_NO_ENCOUNTER)
        return ((uint64_t)e->encounter + 1) << 8 | e->category;
    if (e->category == FHIR_CAT_DEMOGRAPHICS)
        return 0;
    return (uint64_t)UINT32_MAX << 16 | e->category;
}

static int row_order(const void *x, const void *y)
{
    const struct row *a = x;
    const struct row *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* One line without control characters, cut between characters. */
static slice title_name(slice name, uint8_t out[NAME_MAX])
{
    size_t n = name.n < NAME_MAX ? name.n : NAME_MAX;
    while (n < name.n && n > 0 && (name.p[n] & 0xc0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++)
        out[i] = name.p[i] < 0x20 || name.p[i] == 0x7f ? ' ' : name.p[i];
    return slice_of(out, n);
}

static status record_title(const struct fhir_split_entry *encounter, struct fhir_split_record *r,
                           struct arena *a)
{
    const char *category = fhir_category_text(r->category)->title;
    uint8_t name_mem[NAME_MAX];
    if (encounter == NULL) {
        r->title = slice_str(category);
        return OK;
    }
    slice name = title_name(encounter->name, name_mem);
    slice day = slice_first(encounter->date, DAY_LEN);
    if (name.n == 0)
        name = SLICE_LIT("Encounter");
    char *t =
        arena_printf(a, "%.*s%s%.*s: %c%s", (int)name.n, (const char *)name.p, day.n > 0 ? " " : "",
                     (int)day.n, (const char *)day.p, category[0] | 0x20, category + 1);
    if (t == NULL)
        return E_NOMEM;
    r->title = slice_str(t);
    return OK;
}

static slice latest_date(const struct fhir_split_entry *e, const uint32_t *index, uint32_t n)
{
    slice best = SLICE_EMPTY;
    for (uint32_t i = 0; i < n; i++) {
        slice d = e[index[i]].date;
        size_t common = d.n < best.n ? d.n : best.n;
        int c = common > 0 ? memcmp(d.p, best.p, common) : 0;
        if (c > 0 || (c == 0 && d.n > best.n))
            best = d;
    }
    return best;
}

static status record_fill(const struct fhir_split_entry *e, struct fhir_split_record *r,
                          struct arena *a)
{
    const struct fhir_split_entry *one = &e[r->entries[0]];
    const struct fhir_split_entry *encounter =
        one->encounter != SPLIT_NO_ENCOUNTER ? &e[one->encounter] : NULL;
    r->category = one->category;
    r->has_encounter = encounter != NULL;
    r->date = encounter != NULL && encounter->date.n > 0 ? encounter->date
                                                         : latest_date(e, r->entries, r->n_entries);
    return record_title(encounter, r, a);
}

/* Cut the sorted rows into records. */
static status records_make(const struct row *rows, uint32_t n, struct arena *a,
                           struct fhir_split *ret)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < n; i++)
        groups += i == 0 || rows[i].key != rows[i - 1].key ? 1 : 0;
    struct fhir_split_record *r = arena_array(a, groups, sizeof *r);
    uint32_t *index = arena_array(a, n, sizeof *index);
    if (r == NULL || index == NULL)
        return E_NOMEM;
    status st = OK;
    for (uint32_t i = 0; i < n && st == OK;) {
        struct fhir_split_record *one = &r[ret->n_records++];
        uint32_t from = i;
        for (; i < n && rows[i].key == rows[from].key; i++)
            index[i] = rows[i].index;
        one->entries = index + from;
        one->n_entries = i - from;
        st = record_fill(ret->entries, one, a);
    }
    ret->records = r;
    return st;
}

static status split_group(struct arena *a, struct fhir_split *ret)
{
    uint32_t n = 0;
    struct row *rows = calloc((size_t)ret->n_entries + 1, sizeof *rows);
    if (rows == NULL)
        return E_NOMEM;
    for (uint32_t i = 0; i < ret->n_entries; i++)
        if (ret->entries[i].is_usable)
            rows[n++] = (struct row){row_key(&ret->entries[i]), i};
    qsort(rows, n, sizeof *rows, row_order);
    status st = records_make(rows, n, a, ret);
    free(rows);
    return st;
}

status fhir_split_read(slice bundle, struct arena *a, struct fhir_split *ret, struct err *reterr)
{
    struct frame f = {0};
    struct fhir_split out = {.bundle = bundle};
    status st = frame_read(bundle, &f, reterr);
    if (st == OK)
        st = frame_check(&f, reterr);
    if (st == OK)
        st = entries_count(f.entries, &out.n_entries, reterr);
    if (st != OK)
        return st;
    struct fhir_split_entry *e = arena_array(a, out.n_entries, sizeof *e);
    struct fhir_split_skip *skipped = arena_array(a, out.n_entries, sizeof *skipped);
    if (e == NULL || skipped == NULL)
        return ERR(reterr, E_NOMEM, "Bundle of %u entries", out.n_entries);
    out.entries = e;
    out.skipped = skipped;
    st = entries_read(f.entries, e, out.n_entries, a, skipped, &out.n_skipped);
    if (st == OK)
        st = split_link(e, out.n_entries, a);
    if (st == OK)
        st = split_group(a, &out);
    if (st != OK)
        return ERR(reterr, st, "Bundle of %u entries", out.n_entries);
    *ret = out;
    return OK;
}

static status entry_put(const struct fhir_split_entry *e, bool is_first, struct buf *out)
{
    status st = buf_put_str(out, is_first ? "{" : ",{");
    if (st == OK && e->full_url_raw.n > 0)
        st = buf_put_str(out, "\"fullUrl\":");
    if (st == OK && e->full_url_raw.n > 0)
        st = buf_put(out, e->full_url_raw);
    if (st == OK)
        st = buf_put_str(out, e->full_url_raw.n > 0 ? ",\"resource\":" : "\"resource\":");
    if (st == OK)
        st = buf_put(out, e->resource_raw);
    return st == OK ? buf_put_str(out, "}") : st;
}

status fhir_split_put(const struct fhir_split *s, uint32_t i, struct buf *out, struct err *reterr)
{
    const struct fhir_split_record *r = &s->records[i];
    size_t before = out->n;
    status st =
        buf_put_str(out, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[");
    for (uint32_t k = 0; k < r->n_entries && st == OK; k++)
        st = entry_put(&s->entries[r->entries[k]], k == 0, out);
    if (st == OK)
        st = buf_put_str(out, "]}");
    if (st == OK)
        return OK;
    out->n = before;
    return ERR(reterr, st, "record %u of %u entries", i, r->n_entries);
}
