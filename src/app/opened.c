/* SPDX-License-Identifier: Apache-2.0 */
/* Releases of the access log, laid beside the folder's records. */
#include "app/opened.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/access_log.h"
#include "crypto/sha2.h"
#include "ehr/flow_read.h"
#include "fhir/meta.h"

#define RELEASES_MAX ((size_t)4 << 20)

/* One release to the holder: of an envelope, named by its record, or of a body, by its CID. */
struct release {
    bool is_body;
    hash32 what; /* record, or sha256 of the CID's text */
    uint64_t time;
};

struct releases {
    const struct state_folder *folder; /* of the owner state: who held what */
    addr20 who;
    struct release *list;
    size_t n;
    size_t max;
};

/* The account itself, or an address that it held a grant of this folder with. */
static bool is_theirs(const struct releases *r, const addr20 *signer)
{
    bool found = addr20_eq(*signer, r->who);
    for (size_t i = 0; !found && r->folder != NULL && i < r->folder->grants_n; i++) {
        const struct state_grant *g = &r->folder->grants[i];
        found = addr20_eq(g->holder, *signer) && addr20_eq(g->account, r->who);
    }
    return found;
}

static status release_add(struct releases *r, const struct release *x, struct err *reterr)
{
    if (r->n == r->max) {
        size_t max = r->max == 0 ? 256 : r->max * 2;
        struct release *p = max <= RELEASES_MAX ? realloc(r->list, max * sizeof *p) : NULL;
        if (p == NULL)
            return ERR(reterr, E_NOMEM, "access log: more than %zu releases", r->max);
        r->list = p;
        r->max = max;
    }
    r->list[r->n++] = *x;
    return OK;
}

static status cid_key(slice target, hash32 *ret)
{
    size_t at = target.n;
    while (at > 0 && target.p[at - 1] != '/')
        at--;
    return sha256(slice_after(target, at), ret);
}

/* Entries are the node's words, whose chain was checked; of a form that is not known they are
 * passed over. */
static status release_read(void *ctx, struct json v, struct err *reterr)
{
    struct releases *r = ctx;
    struct release x = {.is_body = json_eq(json_get(v, "action"), "body")};
    addr20 signer;
    slice target;
    if (!json_eq(json_get(v, "outcome"), "released") || access_log_who(v, &signer, NULL) != OK ||
        !is_theirs(r, &signer) || json_u64(json_get(v, "time"), &x.time, NULL) != OK)
        return OK;
    bool known = x.is_body ? json_str(json_get(v, "target"), &target, NULL) == OK &&
                                 cid_key(target, &x.what) == OK
                           : json_eq(json_get(v, "action"), "envelope") &&
                                 json_hex_hash(json_get(v, "record"), &x.what, NULL) == OK;
    return known ? release_add(r, &x, reterr) : OK;
}

static int release_order(const void *a, const void *b)
{
    const struct release *x = a;
    const struct release *y = b;
    if (x->is_body != y->is_body)
        return x->is_body ? 1 : -1;
    int d = memcmp(x->what.b, y->what.b, sizeof x->what.b);
    return d != 0 ? d : (x->time > y->time) - (x->time < y->time);
}

/* Number of releases of one thing in the sorted list, with the times of the first and the last. */
static size_t releases_of(const struct releases *r, bool is_body, const hash32 *what,
                          uint64_t *ret_first, uint64_t *ret_last)
{
    size_t lo = 0;
    size_t hi = r->n;
    struct release x = {.is_body = is_body, .what = *what};
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (release_order(&r->list[mid], &x) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t k = 0;
    for (; lo + k < r->n; k++) {
        const struct release *e = &r->list[lo + k];
        if (e->is_body != is_body || !hash32_eq(e->what, *what))
            break;
        *ret_last = e->time;
        if (k == 0)
            *ret_first = e->time;
    }
    return k;
}

struct report {
    struct cli *c;
    const struct releases *r;
    size_t opened;
    size_t seen;
    size_t old; /* sealed for an earlier key */
};

static void row_print(struct report *p, const struct told_record *t, const struct read_record *x,
                      uint64_t first, uint64_t last)
{
    struct arena a;
    struct fhir_meta m;
    char when[32];
    arena_init(&a, (size_t)8 << 20, true);
    bool named = x->st == OK && fhir_meta_read(buf_slice(&x->view.meta), &a, &m, NULL) == OK;
    if (p->c->json) {
        struct jw *w = &p->c->w;
        jw_object(w);
        jw_hash(w, "recordId", &t->record);
        if (named)
            jw_key(w, "title"), jw_str(w, m.title);
        jw_key(w, "first"), jw_u64(w, first);
        jw_key(w, "last"), jw_u64(w, last);
        jw_end(w);
    } else {
        printf("    %s  ", cli_time(last, when));
        cli_print_text(named ? m.title : SLICE_LIT("(a record that could not be proved)"), 0);
        printf("\n");
    }
    arena_done(&a);
}

static void row(struct report *p, const struct told_record *t, const struct read_record *x,
                uint32_t epoch)
{
    char text[CID_TEXT_MAX];
    hash32 key;
    uint64_t first = 0;
    uint64_t last = 0;
    if (t->now.epoch < epoch && t->status != RECORD_REMOVED)
        p->old++;
    if (x->st == OK && sha256(slice_str(cid_text(&x->view.e.cid, text)), &key) == OK &&
        releases_of(p->r, true, &key, &first, &last) > 0) {
        p->opened++;
        row_print(p, t, x, first, last);
    } else if (releases_of(p->r, false, &t->record, &first, &last) > 0) {
        p->seen++;
    }
}

static status rows(struct report *p, const struct folder_access *f, struct err *reterr)
{
    struct arena a;
    struct told_record *list = NULL;
    size_t n = 0;
    struct ledger_block block;
    bool vouched;
    arena_init(&a, (size_t)2 << 30, true);
    status st = flow_list(&p->c->client, &f->facts.folder, &a, &list, &n, reterr);
    struct read_record *read = calloc(n > 0 ? n : 1, sizeof *read);
    if (st == OK && read == NULL)
        st = ERR(reterr, E_NOMEM, "out of memory");
    if (st == OK)
        st = flow_check(&p->c->client, f, list, n, &a, read, &block, &vouched, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        row(p, &list[i], &read[i], f->facts.epoch);
    if (st == OK)
        flow_read_done(read, n);
    free(read);
    arena_done(&a);
    return st;
}

static void report_end(struct report *p, const char *name, uint32_t epoch)
{
    struct jw *w = &p->c->w;
    if (p->c->json) {
        jw_key(w, "seenInLists"), jw_u64(w, p->seen);
        jw_key(w, "underOldKeys"), jw_u64(w, p->old);
        jw_key(w, "epoch"), jw_u64(w, epoch);
        return;
    }
    if (p->opened == 0)
        printf("    no record's content\n");
    if (p->seen > 0)
        printf("    and title, kind and date of %zu other(s)\n", p->seen);
    printf("New records and versions are sealed for key %u.", epoch);
    if (p->old > 0)
        printf(" %zu record(s) are still sealed for earlier keys:\nthe node gives them to nobody "
               "who has no grant, and \"ehr reseal %s\" seals them again.",
               p->old, name);
    printf("\n");
}

static status report_run(struct cli *c, const struct releases *r, const struct folder_access *f,
                         const char *name, struct err *reterr)
{
    struct report p = {.c = c, .r = r};
    if (c->json)
        jw_key(&c->w, "opened"), jw_array(&c->w);
    else
        printf("Already opened, which cannot be taken back:\n");
    status st = rows(&p, f, reterr);
    if (c->json)
        jw_end(&c->w);
    if (st == OK)
        report_end(&p, name, f->facts.epoch);
    return st;
}

status opened_report(struct cli *c, const hash32 *folder, const char *name, const addr20 *who,
                     struct err *reterr)
{
    struct releases r = {.who = *who};
    struct access_log log = {.folder = *folder, .entry = release_read, .ctx = &r};
    struct folder_access f;
    status st = folder_access_open(&c->client, folder, &f, reterr);
    if (st != OK)
        return st;
    r.folder = state_folder_by_id(&c->client.state, folder);
    st = access_log_read(c, &log, reterr);
    if (st == OK && r.n > 0)
        qsort(r.list, r.n, sizeof *r.list, release_order);
    if (st == OK)
        st = report_run(c, &r, &f, name, reterr);
    free(r.list);
    folder_access_done(&f);
    return st;
}
