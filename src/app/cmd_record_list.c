/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr record list" and "ehr record history". */
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "app/record_handle.h"
#include "base/hex.h"
#include "fhir/meta.h"

/* One row: number in the list of all, what the node told, what was proved. */
static void row_json(struct cli *c, size_t number, const struct told_record *r,
                     const struct read_record *x, const struct fhir_meta *m)
{
    struct jw *w = &c->w;
    jw_object(w);
    jw_key(w, "number"), jw_u64(w, number);
    jw_hash(w, "recordId", &r->record);
    jw_key(w, "version"), jw_u64(w, r->now.version);
    jw_key(w, "status"), jw_cstr(w, record_status_text(r->status));
    jw_key(w, "verified"), jw_bool(w, x->st == OK && m != NULL);
    jw_addr(w, "author", &r->now.author);
    jw_key(w, "time"), jw_u64(w, r->now.time);
    if (m != NULL) {
        jw_key(w, "title"), jw_str(w, m->title);
        jw_key(w, "category"), jw_str(w, m->category_code);
        jw_key(w, "contentType"), jw_str(w, m->content_type);
        jw_key(w, "created"), jw_str(w, m->creation);
        jw_key(w, "authorName"), jw_str(w, m->author);
        jw_key(w, "size"), jw_u64(w, m->size);
    } else {
        jw_key(w, "error"), jw_cstr(w, x->err.msg);
    }
    jw_end(w);
}

static void row_table(struct cli *c, size_t number, const struct told_record *r,
                      const struct read_record *x, const struct fhir_meta *m)
{
    char id[67];
    char who[STATE_NAME + 1];
    char size[32];
    hex_0x(slice_of(r->record.b, sizeof r->record.b), id);
    printf("%5zu  %.8s  ", number, id + 2);
    if (m == NULL) {
        printf("NOT PROVED: ");
        cli_print_text(slice_str(x->err.msg), 0);
        printf("\n");
        return;
    }
    cli_print_text(m->creation.n > 0 ? m->creation : m->date, 10);
    printf("  ");
    cli_print_text(m->category_text, 14);
    printf("  ");
    cli_print_text(m->title, 48);
    printf("  %9s  ", cli_size(m->size, size));
    const char *name = cli_name_of(c, &r->now.author, who);
    cli_print_text(strncmp(name, "0x", 2) == 0 ? m->author : slice_str(name), 20);
    if (r->now.version > 1)
        printf("  version %u", r->now.version);
    if (r->status != RECORD_ACTIVE)
        printf("  %s", record_status_text(r->status));
    printf("\n");
}

static bool row_print(struct cli *c, size_t number, const struct told_record *r,
                      struct read_record *x)
{
    struct arena a;
    struct fhir_meta m;
    arena_init(&a, (size_t)8 << 20, true);
    bool good = x->st == OK && fhir_meta_read(buf_slice(&x->view.meta), &a, &m, &x->err) == OK;
    struct told_record proved = *r;
    if (good) { /* what the chain says, not what the node told */
        proved.status = x->view.state;
        proved.now.author = x->view.e.author;
        proved.now.version = x->view.e.version;
    }
    if (c->json)
        row_json(c, number, &proved, x, good ? &m : NULL);
    else
        row_table(c, number, &proved, x, good ? &m : NULL);
    arena_done(&a);
    return good;
}

/* The records to be shown: those that are not removed, or all. */
struct selection {
    struct told_record *list;
    size_t *number;
    size_t n;
};

static status select_rows(const struct told_record *all, size_t n, bool removed_too,
                          struct arena *a, struct selection *s, struct err *reterr)
{
    s->list = arena_array(a, n > 0 ? n : 1, sizeof *s->list);
    s->number = arena_array(a, n > 0 ? n : 1, sizeof *s->number);
    s->n = 0;
    if (s->list == NULL || s->number == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        if (all[i].status == RECORD_REMOVED && !removed_too)
            continue;
        s->list[s->n] = all[i];
        s->number[s->n++] = i + 1;
    }
    return OK;
}

static void list_end(struct cli *c, size_t shown, size_t bad, size_t hidden,
                     const struct ledger_block *b, bool vouched)
{
    if (c->json) {
        jw_key(&c->w, "shown"), jw_u64(&c->w, shown);
        jw_key(&c->w, "notProved"), jw_u64(&c->w, bad);
        jw_key(&c->w, "removed"), jw_u64(&c->w, hidden);
        jw_key(&c->w, "block"), jw_u64(&c->w, b->number);
        jw_key(&c->w, "blockVouched"), jw_bool(&c->w, vouched);
        return;
    }
    if (shown == 0)
        printf("No records.\n");
    else
        printf("\n%zu record(s), %zu proved against block %llu%s.\n", shown, shown - bad,
               (unsigned long long)b->number, vouched ? ", vouched for" : "");
    if (hidden > 0)
        printf("%zu removed record(s) are not shown: --all.\n", hidden);
}

static status list_show(struct cli *c, const struct folder_access *f, const struct selection *s,
                        size_t hidden, struct arena *a, struct err *reterr)
{
    struct ledger_block block = {0};
    bool vouched = false;
    size_t bad = 0;
    struct read_record *read = calloc(s->n > 0 ? s->n : 1, sizeof *read);
    if (read == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = flow_check(&c->client, f, s->list, s->n, a, read, &block, &vouched, reterr);
    jw_key(&c->w, "records"), jw_array(&c->w);
    for (size_t i = 0; st == OK && i < s->n; i++)
        bad += row_print(c, s->number[i], &s->list[i], &read[i]) ? 0u : 1u;
    jw_end(&c->w);
    if (st == OK) {
        list_end(c, s->n, bad, hidden, &block, vouched);
        flow_read_done(read, s->n);
    }
    if (st == OK && bad > 0)
        st = ERR(reterr, E_MISMATCH, "%zu record(s) could not be proved", bad);
    free(read);
    return st;
}

status cmd_record_list(struct cli *c, struct args *a, struct err *reterr)
{
    struct arena arena;
    struct folder_access f;
    struct told_record *all = NULL;
    struct selection s;
    size_t n = 0;
    hash32 folder;
    bool removed_too = args_flag(a, "--all");
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &folder, reterr);
    if (st == OK)
        st = folder_access_open(&c->client, &folder, &f, reterr);
    if (st != OK)
        return st;
    arena_init(&arena, (size_t)2 << 30, true);
    st = flow_list(&c->client, &folder, &arena, &all, &n, reterr);
    if (st == OK)
        st = select_rows(all, n, removed_too, &arena, &s, reterr);
    if (st == OK)
        st = list_show(c, &f, &s, n - s.n, &arena, reterr);
    arena_done(&arena);
    folder_access_done(&f);
    return st;
}

/* --- history -----------------------------------------------------------------------------------
 */

static void version_print(struct cli *c, const struct told_version *v, status st, const char *why,
                          const struct fhir_meta *m)
{
    char when[32];
    char who[STATE_NAME + 1];
    char tx[67];
    hex_0x(slice_of(v->tx.b, sizeof v->tx.b), tx);
    if (c->json) {
        jw_object(&c->w);
        jw_key(&c->w, "version"), jw_u64(&c->w, v->version);
        jw_key(&c->w, "epoch"), jw_u64(&c->w, v->epoch);
        jw_addr(&c->w, "author", &v->author);
        jw_key(&c->w, "time"), jw_u64(&c->w, v->time);
        jw_hash(&c->w, "tx", &v->tx);
        jw_key(&c->w, "block"), jw_u64(&c->w, v->block);
        jw_key(&c->w, "verified"), jw_bool(&c->w, st == OK);
        if (m != NULL)
            jw_key(&c->w, "title"), jw_str(&c->w, m->title);
        jw_end(&c->w);
        return;
    }
    printf("version %-3u  %s  ", v->version, cli_time(v->time, when));
    cli_print_text(slice_str(cli_name_of(c, &v->author, who)), 20);
    printf("  tx %.10s  ", tx);
    if (m != NULL)
        cli_print_text(m->title, 0);
    else {
        printf("NOT PROVED: ");
        cli_print_text(slice_str(why), 0);
    }
    printf("\n");
}

static bool version_show(struct cli *c, const struct folder_access *f, const struct told_record *r,
                         size_t i, struct arena *a)
{
    struct record_view view;
    struct fhir_meta m;
    struct err why = {.msg = ""};
    status st = flow_open_version(&c->client, f, r, r->history[i].version, a, &view, &why);
    bool opened = st == OK;
    if (st == OK)
        st = fhir_meta_read(buf_slice(&view.meta), a, &m, &why);
    version_print(c, &r->history[i], st, why.msg, st == OK ? &m : NULL);
    if (opened)
        record_view_done(&view);
    return st == OK;
}

status cmd_record_history(struct cli *c, struct args *a, struct err *reterr)
{
    struct arena arena;
    struct folder_access f;
    struct told_record r;
    hash32 folder;
    size_t bad = 0;
    status st = args_end(a, 2, 2, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &folder, reterr);
    if (st == OK)
        st = folder_access_open(&c->client, &folder, &f, reterr);
    if (st != OK)
        return st;
    arena_init(&arena, CLIENT_ANSWER * 4, true);
    st = record_handle_find(c, &folder, &f, a->v[1], &arena, &r, reterr);
    jw_key(&c->w, "versions"), jw_array(&c->w);
    for (size_t i = 0; st == OK && i < r.history_n; i++)
        bad += version_show(c, &f, &r, i, &arena) ? 0u : 1u;
    jw_end(&c->w);
    if (st == OK && bad > 0)
        st = ERR(reterr, E_MISMATCH, "%zu version(s) could not be proved", bad);
    arena_done(&arena);
    folder_access_done(&f);
    return st;
}
