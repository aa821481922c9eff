/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of the titles of a folder. */
#include "app/folder_titles.h"

#include <stdlib.h>

#include "crypto/sha2.h"
#include "ehr/flow_read.h"
#include "fhir/meta.h"

#define TITLES_BYTES ((size_t)2 << 30)

static void title_take(struct folder_titles *t, const struct told_record *told,
                       const struct read_record *x)
{
    struct folder_title *r = &t->list[t->n++];
    struct arena a;
    struct fhir_meta m;
    char text[CID_TEXT_MAX];
    *r = (struct folder_title){.record = told->record};
    if (x->st != OK || sha256(slice_str(cid_text(&x->view.e.cid, text)), &r->body) != OK)
        return;
    arena_init(&a, (size_t)8 << 20, true);
    if (fhir_meta_read(buf_slice(&x->view.meta), &a, &m, NULL) == OK)
        r->title = arena_dup(&t->a, m.title);
    arena_done(&a);
}

static status read_all(struct cli *c, const struct folder_access *f, struct folder_titles *ret,
                       struct err *reterr)
{
    struct told_record *list = NULL;
    size_t n = 0;
    struct ledger_block block;
    bool vouched;
    status st = flow_list(&c->client, &f->facts.folder, &ret->a, &list, &n, reterr);
    struct read_record *read = calloc(n > 0 ? n : 1, sizeof *read);
    ret->list = arena_array(&ret->a, n > 0 ? n : 1, sizeof *ret->list);
    if (st == OK && (read == NULL || ret->list == NULL))
        st = ERR(reterr, E_NOMEM, "titles");
    if (st == OK)
        st = flow_check(&c->client, f, list, n, &ret->a, read, &block, &vouched, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        title_take(ret, &list[i], &read[i]);
    if (st == OK)
        flow_read_done(read, n);
    free(read);
    return st;
}

status folder_titles_read(struct cli *c, const hash32 *folder, struct folder_titles *ret,
                          struct err *reterr)
{
    struct folder_access f;
    *ret = (struct folder_titles){.n = 0};
    arena_init(&ret->a, TITLES_BYTES, true);
    status st = folder_access_open(&c->client, folder, &f, reterr);
    if (st != OK)
        return st;
    st = read_all(c, &f, ret, reterr);
    folder_access_done(&f);
    return st;
}

void folder_titles_done(struct folder_titles *t)
{
    arena_done(&t->a);
    t->n = 0;
}

const struct folder_title *folder_titles_find(const struct folder_titles *t, const hash32 *what,
                                              bool is_body)
{
    for (size_t i = 0; i < t->n; i++)
        if (hash32_eq(is_body ? t->list[i].body : t->list[i].record, *what))
            return &t->list[i];
    return NULL;
}
