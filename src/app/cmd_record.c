/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr record show", "get" and "remove". */
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "app/out_file.h"
#include "app/record_handle.h"
#include "base/hex.h"
#include "ehr/author.h"
#include "ehr/flow_add.h"
#include "ehr/flow_erase.h"
#include "fhir/meta.h"

/* A record that is found and proved, with what it needs to be read. */
struct opened {
    struct arena arena;
    struct folder_access f;
    struct told_record told;
    struct record_view view;
    struct ledger_block block; /* of the slot's proof; number 0 for an older version */
    bool vouched;
    bool has_view;
};

static void opened_done(struct opened *o)
{
    if (o->has_view)
        record_view_done(&o->view);
    folder_access_done(&o->f);
    arena_done(&o->arena);
}

static status opened_view(struct cli *c, struct opened *o, uint32_t version, struct err *reterr)
{
    status st =
        version == 0 || version == o->told.now.version
            ? flow_open(&c->client, &o->f, &o->told, &o->arena, &o->view, &o->block, &o->vouched,
                        reterr)
            : flow_open_version(&c->client, &o->f, &o->told, version, &o->arena, &o->view, reterr);
    o->has_view = st == OK;
    return st;
}

/* To be released with opened_done whatever it returns. */
static status opened_find(struct cli *c, const char *folder, const char *handle, uint32_t version,
                          struct opened *o, struct err *reterr)
{
    hash32 id;
    *o = (struct opened){0};
    arena_init(&o->arena, CLIENT_ANSWER * 4, true);
    status st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, folder, &id, reterr);
    if (st == OK)
        st = folder_access_open(&c->client, &id, &o->f, reterr);
    if (st == OK)
        st = record_handle_find(c, &id, &o->f, handle, &o->arena, &o->told, reterr);
    return st == OK ? opened_view(c, o, version, reterr) : st;
}

static status version_take(struct args *a, uint32_t *ret, struct err *reterr)
{
    const char *text;
    char *end;
    status st = args_value(a, "--version", &text, reterr);
    *ret = 0;
    if (st != OK || text == NULL)
        return st;
    unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end != 0 || n == 0 || n > UINT32_MAX)
        return ERR(reterr, E_USAGE, "--version takes a number from 1");
    *ret = (uint32_t)n;
    return OK;
}

static void line(const char *label, slice text)
{
    if (text.n == 0)
        return;
    printf("%-10s", label);
    cli_print_text(text, 0);
    printf("\n");
}

static void show_proof(struct cli *c, const struct opened *o, const addr20 *signer)
{
    char hex[67];
    char cid[CID_TEXT_MAX];
    char who[STATE_NAME + 1];
    const struct envelope *e = &o->view.e;
    printf("%-10s%s\n", "record", hex_0x(slice_of(e->record.b, 32), hex));
    printf("%-10s%u, key %u, %s\n", "version", e->version, e->epoch,
           record_status_text(o->view.state));
    printf("%-10s%s\n", "signed by", cli_name_of(c, signer, who));
    printf("%-10s%s\n", "body", cid_text(&e->cid, cid));
    printf("%-10s%s\n", "sha256", hex_0x(slice_of(o->view.sha256.b, 32), hex) + 2);
    if (o->block.number > 0)
        printf("%-10sby storage proof against block %llu%s\n", "proved",
               (unsigned long long)o->block.number, o->vouched ? ", vouched for" : "");
    else
        printf("%-10sby the chain's event (an older version)\n", "found");
}

static void show_json(struct cli *c, const struct opened *o, struct json meta)
{
    struct jw *w = &c->w;
    char cid[CID_TEXT_MAX];
    jw_hash(w, "recordId", &o->view.e.record);
    jw_key(w, "version"), jw_u64(w, o->view.e.version);
    jw_key(w, "epoch"), jw_u64(w, o->view.e.epoch);
    jw_key(w, "status"), jw_cstr(w, record_status_text(o->view.state));
    jw_addr(w, "author", &o->view.e.author);
    jw_key(w, "cid"), jw_cstr(w, cid_text(&o->view.e.cid, cid));
    jw_key(w, "block"), jw_u64(w, o->block.number);
    jw_key(w, "blockVouched"), jw_bool(w, o->vouched);
    jw_key(w, "meta"), jw_json(w, meta);
}

static const char *author_text(enum author_verdict v)
{
    static const char *const texts[] = {
        [AUTHOR_PROVED] = "proved",
        [AUTHOR_RENAMED] = "NOT the name on the card of who signed it",
        [AUTHOR_SAID] = "as the document says; whose address signed it is not known",
        [AUTHOR_OWNER] = "as the folder's owner says, who signed it",
        [AUTHOR_OTHER] = "NOT the one who signed it",
    };
    return texts[v];
}

static void show_author(slice name, const struct author *a)
{
    printf("%-10s", "author");
    cli_print_text(name, 0);
    printf("  (%s", author_text(a->verdict));
    if (a->verdict == AUTHOR_RENAMED) {
        printf(": ");
        cli_print_text(slice_str(a->card_name), 0);
    }
    printf(")\n");
}

static status show(struct cli *c, struct opened *o, struct err *reterr)
{
    struct fhir_meta m;
    struct json_doc doc;
    char size[32];
    struct author author = {.verdict = AUTHOR_SAID};
    status st = fhir_meta_read(buf_slice(&o->view.meta), &o->arena, &m, reterr);
    if (st == OK)
        st = json_read(buf_slice(&o->view.meta), &o->arena, &doc, reterr);
    if (st == OK)
        st = author_judge(&c->client, &o->view.e.author, &m, &author, reterr);
    if (st != OK)
        return st;
    if (c->json) {
        show_json(c, o, json_root(&doc));
        jw_addr(&c->w, "authorAccount", &m.author_account);
        jw_key(&c->w, "authorProved"), jw_bool(&c->w, author.verdict == AUTHOR_PROVED);
        if (author.card_name[0] != 0)
            jw_key(&c->w, "authorCardName"), jw_cstr(&c->w, author.card_name);
        return OK;
    }
    line("title", m.title);
    line("kind", m.type_text);
    line("category", m.category_text);
    line("date", m.creation);
    line("written", m.date);
    show_author(m.author, &author);
    line("type", m.content_type);
    printf("%-10s%s\n", "size", cli_size(m.size, size));
    bool is_known = author.verdict == AUTHOR_PROVED || author.verdict == AUTHOR_RENAMED;
    show_proof(c, o, is_known ? &m.author_account : &o->view.e.author);
    return OK;
}

status cmd_record_show(struct cli *c, struct args *a, struct err *reterr)
{
    struct opened o;
    uint32_t version = 0;
    status st = version_take(a, &version, reterr);
    if (st == OK)
        st = args_end(a, 2, 2, reterr);
    if (st != OK)
        return st;
    st = opened_find(c, a->v[0], a->v[1], version, &o, reterr);
    if (st == OK)
        st = show(c, &o, reterr);
    opened_done(&o);
    return st;
}

/* The file appears only when every check has passed. */
static status get_to(struct cli *c, struct opened *o, bool sealed, const char *path,
                     struct err *reterr)
{
    struct out_file out;
    struct folder_ring ring;
    struct content *content = NULL;
    status st = folder_access_ring(&o->f, &ring, reterr);
    if (st == OK)
        st = client_content(&c->client, &o->f.facts.folder, &content, reterr);
    if (st == OK)
        st = out_file_open(&out, path, 0600, reterr);
    if (st == OK) {
        struct age_sink sink = {out_file_write, &out};
        st = sealed ? record_read_sealed(&o->view, &ring, content, sink, reterr)
                    : record_read(&o->view, &ring, content, sink, reterr);
        if (st == OK)
            st = out_file_commit(&out, reterr);
        else
            out_file_abort(&out);
    }
    content_close(content);
    return st;
}

status cmd_record_get(struct cli *c, struct args *a, struct err *reterr)
{
    struct opened o;
    const char *path;
    uint32_t version = 0;
    bool sealed = args_flag(a, "--age");
    bool all = args_flag(a, "--all");
    status st = cli_out_take(c, a, &path, reterr);
    if (st == OK)
        st = version_take(a, &version, reterr);
    if (st == OK)
        st = args_end(a, all ? 1 : 2, all ? 1 : 2, reterr);
    if (st == OK && all && (path == NULL || version != 0))
        st = ERR(reterr, E_USAGE, "--all needs -o DIR and takes no --version");
    if (st == OK && all)
        return cmd_record_export(c, a->v[0], path, sealed, reterr);
    if (st != OK)
        return st;
    st = opened_find(c, a->v[0], a->v[1], version, &o, reterr);
    if (st == OK)
        st = get_to(c, &o, sealed, path, reterr);
    if (st == OK && c->json) {
        jw_hash(&c->w, "recordId", &o.view.e.record);
        jw_key(&c->w, "size"), jw_u64(&c->w, o.view.size);
        jw_hash(&c->w, "sha256", &o.view.sha256);
    }
    opened_done(&o);
    return st;
}

/* The record that a command's two arguments name, without its keys. ret: in the arena. */
static status record_named(struct cli *c, const struct args *a, struct arena *arena,
                           hash32 *ret_folder, struct told_record *ret, struct err *reterr)
{
    status st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], ret_folder, reterr);
    return st == OK ? record_handle_find(c, ret_folder, NULL, a->v[1], arena, ret, reterr) : st;
}

status cmd_record_erase(struct cli *c, struct args *a, struct err *reterr)
{
    struct arena arena;
    struct told_record r;
    hash32 folder;
    size_t erased = 0;
    status st = args_end(a, 2, 2, reterr);
    if (st != OK)
        return st;
    arena_init(&arena, CLIENT_ANSWER * 4, true);
    st = record_named(c, a, &arena, &folder, &r, reterr);
    if (st == OK && r.status == RECORD_REMOVED)
        st = cli_confirm(c, "Nobody can open the record again, you neither. Erase it?", reterr);
    if (st == OK)
        st = flow_erase(&c->client, &folder, &r, &erased, reterr);
    arena_done(&arena);
    if (st != OK)
        return st;
    if (c->json) {
        jw_hash(&c->w, "recordId", &r.record);
        jw_key(&c->w, "erased"), jw_u64(&c->w, erased);
    } else {
        printf("%zu version(s) of the record are erased.\n", erased);
    }
    return OK;
}

status cmd_record_remove(struct cli *c, struct args *a, struct err *reterr)
{
    struct arena arena;
    struct told_record r;
    struct status_done done;
    hash32 folder;
    bool in_error = args_flag(a, "--entered-in-error");
    bool undo = args_flag(a, "--undo");
    enum record_status to =
        undo ? RECORD_ACTIVE : (in_error ? RECORD_ENTERED_IN_ERROR : RECORD_REMOVED);
    status st = args_end(a, 2, 2, reterr);
    if (st == OK && undo && in_error)
        st = ERR(reterr, E_USAGE, "--entered-in-error and --undo exclude each other");
    if (st != OK)
        return st;
    arena_init(&arena, CLIENT_ANSWER * 4, true);
    st = record_named(c, a, &arena, &folder, &r, reterr);
    if (st == OK)
        st = flow_status(&c->client, &folder, &r.record, r.now.version, to, &done, reterr);
    arena_done(&arena);
    if (st != OK)
        return st;
    if (c->json) {
        jw_hash(&c->w, "recordId", &r.record);
        jw_key(&c->w, "status"), jw_cstr(&c->w, record_status_text(done.now));
        jw_hash(&c->w, "tx", &done.sent.tx);
    } else {
        printf("The record is now %s.\n", record_status_text(done.now));
    }
    return OK;
}
