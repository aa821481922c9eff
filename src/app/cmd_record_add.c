/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr record add" and "ehr record amend". */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/record_doc.h"
#include "app/record_handle.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"

/* What a command has added so far. */
struct adding {
    struct cli *c;
    hash32 folder;
    struct doc_author author;
    size_t records;
    size_t skipped; /* entries of Bundles that went nowhere */
    uint64_t bytes;
    uint64_t gas;
    hash32 tx; /* of the last batch: counted once */
    uint64_t started_ms;
};

static void step_show(void *ctx, size_t done, size_t n)
{
    const struct adding *ad = ctx;
    if (isatty(2))
        (void)fprintf(stderr, "\r%zu of %zu records%s", ad->records + done, ad->records + n,
                      done == n ? "\n" : "");
}

static void result_print(struct adding *ad, const struct add_item *it, const struct doc *d,
                         const struct add_done *r, bool each)
{
    char id[67];
    char size[32];
    struct jw *w = &ad->c->w;
    hex_0x(slice_of(it->record.b, sizeof it->record.b), id);
    if (ad->c->json) {
        jw_object(w);
        jw_hash(w, "recordId", &it->record);
        jw_key(w, "version"), jw_u64(w, it->version + 1ull);
        jw_key(w, "title"), jw_str(w, d->meta.title);
        jw_key(w, "size"), jw_u64(w, r->size);
        jw_hash(w, "tx", &r->sent.tx);
        jw_key(w, "block"), jw_u64(w, r->sent.block);
        jw_end(w);
    } else if (each) {
        printf("%.10s  %10s  ", id, cli_size(r->size, size));
        cli_print_text(d->meta.title, 0);
        printf("\n");
    }
}

/* Add n documents and account for them. */
static status add_docs(struct adding *ad, struct doc *docs, struct add_item *items, size_t n,
                       bool each, struct err *reterr)
{
    struct add_progress progress = {step_show, ad};
    size_t done = 0;
    struct add_done *res = calloc(n > 0 ? n : 1, sizeof *res);
    if (res == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = flow_add(&ad->c->client, &ad->folder, items, n, &progress, res, &done, reterr);
    for (size_t i = 0; i < done; i++) {
        result_print(ad, &items[i], &docs[i], &res[i], each);
        ad->bytes += res[i].size;
        if (!hash32_eq(ad->tx, res[i].sent.tx))
            ad->gas += res[i].sent.gas_used;
        ad->tx = res[i].sent.tx;
    }
    ad->records += done;
    free(res);
    return st;
}

static status add_files(struct adding *ad, char **paths, size_t n, const struct doc_options *o,
                        struct err *reterr)
{
    struct doc *docs = calloc(n, sizeof *docs);
    struct add_item *items = calloc(n, sizeof *items);
    status st = docs == NULL || items == NULL ? ERR(reterr, E_NOMEM, "out of memory") : OK;
    for (size_t i = 0; st == OK && i < n; i++)
        st = doc_of_file(&docs[i], paths[i], o, &ad->author, &items[i], reterr);
    if (st == OK)
        st = add_docs(ad, docs, items, n, true, reterr);
    free(docs);
    free(items);
    return st;
}

static status add_split(struct adding *ad, const struct fhir_split *split, struct err *reterr)
{
    size_t n = split->n_records;
    struct doc *docs = calloc(n > 0 ? n : 1, sizeof *docs);
    struct add_item *items = calloc(n > 0 ? n : 1, sizeof *items);
    status st = docs == NULL || items == NULL ? ERR(reterr, E_NOMEM, "out of memory") : OK;
    for (uint32_t i = 0; st == OK && i < n; i++)
        st = doc_of_part(&docs[i], split, i, &ad->author, &items[i], reterr);
    if (st == OK)
        st = add_docs(ad, docs, items, n, false, reterr);
    ad->skipped += split->n_skipped;
    free(docs);
    free(items);
    return st;
}

static status add_bundle(struct adding *ad, const char *path, struct err *reterr)
{
    struct buf text;
    struct arena a;
    struct fhir_split split;
    buf_init_secret(&text, LIMIT_JSON_BYTES);
    arena_init(&a, LIMIT_JSON_BYTES * 4, true);
    status st = file_read(path, &text, reterr);
    if (st == OK && (st = fhir_split_read(buf_slice(&text), &a, &split, reterr)) != OK)
        st = err_prefix(reterr, st, path);
    if (st == OK)
        st = add_split(ad, &split, reterr);
    for (uint32_t i = 0; st == OK && i < split.n_skipped; i++)
        (void)fprintf(stderr, "%s: entry %u left out: %.*s\n", path, split.skipped[i].index,
                      (int)split.skipped[i].reason.n, (const char *)split.skipped[i].reason.p);
    arena_done(&a);
    buf_done(&text);
    return st;
}

static void report(struct adding *ad)
{
    char size[32];
    uint64_t ms = clock_mono_ms(&clock_system) - ad->started_ms;
    if (ad->c->json) {
        jw_key(&ad->c->w, "added"), jw_u64(&ad->c->w, ad->records);
        jw_key(&ad->c->w, "entriesLeftOut"), jw_u64(&ad->c->w, ad->skipped);
        jw_key(&ad->c->w, "bytes"), jw_u64(&ad->c->w, ad->bytes);
        jw_key(&ad->c->w, "gasUsed"), jw_u64(&ad->c->w, ad->gas);
        jw_key(&ad->c->w, "milliseconds"), jw_u64(&ad->c->w, ms);
        return;
    }
    printf("%zu record(s), %s, %llu gas, %llu.%llu s; each one proved on the chain.\n", ad->records,
           cli_size(ad->bytes, size), (unsigned long long)ad->gas, (unsigned long long)(ms / 1000),
           (unsigned long long)(ms / 100 % 10));
}

static status options_take(struct args *a, struct doc_options *o, struct err *reterr)
{
    status st = args_value(a, "--title", &o->title, reterr);
    if (st == OK)
        st = args_value(a, "--category", &o->category, reterr);
    if (st == OK)
        st = args_value(a, "--date", &o->date, reterr);
    if (st == OK)
        st = args_value(a, "--type", &o->type, reterr);
    return st == OK ? doc_options_check(o, reterr) : st;
}

static status adding_begin(struct cli *c, const char *folder, struct adding *ad, struct err *reterr)
{
    ad->c = c;
    ad->started_ms = clock_mono_ms(&clock_system);
    status st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, folder, &ad->folder, reterr);
    if (st == OK)
        st = doc_author_load(c, &ad->folder, &ad->author, reterr);
    return st;
}

status cmd_record_add(struct cli *c, struct args *a, struct err *reterr)
{
    struct adding ad = {0};
    struct doc_options o = {0};
    bool bundle = args_flag(a, "--bundle");
    status st = options_take(a, &o, reterr);
    if (st == OK)
        st = args_end(a, 2, 100000, reterr);
    if (st == OK && o.title != NULL && (bundle || a->n > 2))
        st = ERR(reterr, E_USAGE, "--title is for one file");
    if (st == OK)
        st = adding_begin(c, a->v[0], &ad, reterr);
    jw_key(&c->w, "records"), jw_array(&c->w);
    if (st == OK && !bundle)
        st = add_files(&ad, a->v + 1, (size_t)a->n - 1, &o, reterr);
    for (int i = 1; st == OK && bundle && i < a->n; i++)
        st = add_bundle(&ad, a->v[i], reterr);
    jw_end(&c->w);
    if (st == OK || ad.records > 0)
        report(&ad);
    return st;
}

status cmd_record_amend(struct cli *c, struct args *a, struct err *reterr)
{
    struct adding ad = {0};
    struct doc_options o = {0};
    struct doc d;
    struct add_item item;
    struct told_record r;
    struct arena arena;
    status st = options_take(a, &o, reterr);
    if (st == OK)
        st = args_end(a, 3, 3, reterr);
    if (st == OK)
        st = adding_begin(c, a->v[0], &ad, reterr);
    if (st != OK)
        return st;
    arena_init(&arena, CLIENT_ANSWER * 2, true);
    jw_key(&c->w, "records"), jw_array(&c->w);
    st = record_handle_find(c, &ad.folder, NULL, a->v[1], &arena, &r, reterr);
    if (st == OK)
        st = doc_of_file(&d, a->v[2], &o, &ad.author, &item, reterr);
    if (st == OK) {
        d.meta.doc_status = SLICE_LIT("amended");
        item.record = r.record;
        item.version = r.now.version;
        st = add_docs(&ad, &d, &item, 1, true, reterr);
    }
    jw_end(&c->w);
    if (st == OK)
        report(&ad);
    arena_done(&arena);
    return st;
}
