/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr record get FOLDER --all": every active record of a folder into a file of its own. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/export_name.h"
#include "app/out_file.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/parallel.h"
#include "ehr/flow_read.h"

#define PAGE 250u  /* records in memory at a time */
#define THREADS 6u /* a read waits for the node's log to be durable: others use the time */

struct exporting {
    struct cli *c;
    struct folder_access f;
    struct folder_ring ring;
    struct content *content;
    const char *dir;
    bool sealed;
    unsigned digits; /* of an id that tell it from all others */
    size_t total;
    atomic_size_t seen;
    size_t written;
    size_t failed;
    uint64_t bytes;
};

static void progress_show(struct exporting *x)
{
    size_t seen = atomic_fetch_add(&x->seen, 1) + 1;
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%zu of %zu records%s", seen, x->total,
                      seen == x->total ? "\n" : "");
}

/* The file appears only when every check has passed. */
static status write_file(const struct exporting *x, const struct record_view *v, const char *path,
                         struct err *reterr)
{
    struct out_file out;
    status st = out_file_open(&out, path, 0600, reterr);
    if (st != OK)
        return st;
    struct age_sink sink = {out_file_write, &out};
    st = x->sealed ? record_read_sealed(v, &x->ring, x->content, sink, reterr)
                   : record_read(v, &x->ring, x->content, sink, reterr);
    if (st == OK)
        return out_file_commit(&out, reterr);
    out_file_abort(&out);
    return st;
}

static void report_one(struct exporting *x, const struct told_record *r, const char *name,
                       const struct record_view *v, status st, const struct err *why)
{
    struct jw *w = &x->c->w;
    char id[67];
    if (x->c->json) {
        jw_object(w);
        jw_hash(w, "recordId", &r->record);
        if (st == OK) {
            jw_key(w, "version"), jw_u64(w, v->e.version);
            jw_key(w, "file"), jw_cstr(w, name);
            jw_key(w, "size"), jw_u64(w, v->size);
            jw_hash(w, "sha256", &v->sha256);
        } else {
            jw_key(w, "error"), jw_cstr(w, why->msg);
        }
        jw_end(w);
    } else if (st != OK) {
        (void)fprintf(stderr, "%.10s: not written: %s\n",
                      hex_0x(slice_of(r->record.b, sizeof r->record.b), id), why->msg);
    }
}

/* A page on its way through several threads, each record by one of them. */
struct page {
    struct exporting *x;
    const struct told_record *list;
    struct read_record *read;
    struct made {
        bool wanted;
        char name[EXPORT_NAME_MAX];
    } * made;
};

/* What the chain says is removed or in error is left out; so is what the node says is and cannot be
 * read. */
static bool is_wanted(const struct told_record *r, const struct read_record *in)
{
    return (in->st == OK ? in->view.state : r->status) == RECORD_ACTIVE;
}

/* One record into its file. */
static void export_one(const struct page *p, size_t i, struct err *reterr, status *ret_st)
{
    char path[PATH_MAX];
    struct arena a;
    struct fhir_meta m;
    const struct exporting *x = p->x;
    const struct record_view *v = &p->read[i].view;
    arena_init(&a, (size_t)8 << 20, true);
    status st = fhir_meta_read(buf_slice(&v->meta), &a, &m, reterr);
    if (st == OK) {
        export_name(&m, &p->list[i].record, x->digits, x->sealed, p->made[i].name);
        if (snprintf(path, sizeof path, "%s/%s", x->dir, p->made[i].name) >= (int)sizeof path)
            st = ERR(reterr, E_RANGE, "the path is too long");
    }
    if (st == OK)
        st = write_file(x, v, path, reterr);
    arena_done(&a);
    *ret_st = st;
}

static void page_step(void *ctx, size_t i)
{
    const struct page *p = ctx;
    struct read_record *r = &p->read[i];
    p->made[i].wanted = is_wanted(&p->list[i], r);
    if (r->st == OK && p->made[i].wanted) {
        status st;
        export_one(p, i, &r->err, &st);
        if (st != OK) {
            record_view_done(&r->view);
            r->st = st;
        }
    }
    progress_show(p->x);
}

static void page_report(const struct page *p, size_t n)
{
    struct exporting *x = p->x;
    for (size_t i = 0; i < n; i++) {
        struct read_record *r = &p->read[i];
        if (!p->made[i].wanted)
            continue;
        if (r->st == OK) {
            x->written++;
            x->bytes += r->view.size;
        } else {
            x->failed++;
            cli_plain(p->read[i].err.msg);
        }
        report_one(x, &p->list[i], p->made[i].name, &r->view, r->st, &r->err);
    }
}

static status export_page(struct exporting *x, const struct told_record *list, size_t n,
                          struct err *reterr)
{
    struct arena a;
    struct ledger_block block;
    bool vouched;
    struct page p = {.x = x, .list = list};
    p.read = calloc(n, sizeof *p.read);
    p.made = calloc(n, sizeof *p.made);
    arena_init(&a, CLIENT_ANSWER * 4, true);
    status st = p.read == NULL || p.made == NULL ? ERR(reterr, E_NOMEM, "out of memory") : OK;
    if (st == OK)
        st = flow_check(&x->c->client, &x->f, list, n, &a, p.read, &block, &vouched, reterr);
    if (st == OK) {
        parallel_run(n, THREADS, page_step, &p);
        page_report(&p, n);
        flow_read_done(p.read, n);
    }
    arena_done(&a);
    free(p.made);
    free(p.read);
    return st;
}

static status export_list(struct exporting *x, const hash32 *folder, struct err *reterr)
{
    struct arena a;
    struct told_record *list = NULL;
    arena_init(&a, (size_t)2 << 30, true);
    status st = flow_list(&x->c->client, folder, &a, &list, &x->total, reterr);
    if (st == OK)
        st = export_digits(list, x->total, &x->digits, reterr);
    if (st == OK)
        st = file_mkdirs(x->dir, 0700, reterr);
    for (size_t i = 0; st == OK && i < x->total; i += PAGE)
        st = export_page(x, list + i, x->total - i < PAGE ? x->total - i : PAGE, reterr);
    arena_done(&a);
    return st;
}

static void report_all(struct exporting *x, uint64_t ms)
{
    char size[32];
    struct jw *w = &x->c->w;
    if (x->c->json) {
        jw_key(w, "written"), jw_u64(w, x->written);
        jw_key(w, "failed"), jw_u64(w, x->failed);
        jw_key(w, "leftOut"), jw_u64(w, x->total - x->written - x->failed);
        jw_key(w, "bytes"), jw_u64(w, x->bytes);
        jw_key(w, "milliseconds"), jw_u64(w, ms);
        return;
    }
    printf("%zu record(s), %s, in %s, %llu.%llu s; each one proved on the chain.\n", x->written,
           cli_size(x->bytes, size), x->dir, (unsigned long long)(ms / 1000),
           (unsigned long long)(ms / 100 % 10));
}

status cmd_record_export(struct cli *c, const char *folder, const char *dir, bool sealed,
                         struct err *reterr)
{
    struct exporting x = {.c = c, .dir = dir, .sealed = sealed};
    uint64_t begun = clock_mono_ms(&clock_system);
    hash32 id;
    status st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, folder, &id, reterr);
    if (st == OK)
        st = folder_access_open(&c->client, &id, &x.f, reterr);
    if (st == OK)
        st = folder_access_ring(&x.f, &x.ring, reterr);
    if (st == OK)
        st = client_content(&c->client, &id, &x.content, reterr);
    jw_key(&c->w, "records"), jw_array(&c->w);
    if (st == OK)
        st = export_list(&x, &id, reterr);
    jw_end(&c->w);
    if (st == OK)
        report_all(&x, clock_mono_ms(&clock_system) - begun);
    if (st == OK && x.failed > 0)
        st = ERR(reterr, E_MISMATCH, "%zu record(s) were not written", x.failed);
    content_close(x.content);
    folder_access_done(&x.f);
    return st;
}
