/* SPDX-License-Identifier: Apache-2.0 */
/* Resealing: what is old, sealed again, and what was replaced, erased. */
#include "ehr/flow_reseal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "ehr/flow_add.h"
#include "ehr/flow_erase.h"
#include "ehr/flow_read.h"
#include "ehr/record_reader.h"

struct resealing {
    struct client *c;
    struct folder_access access;
    struct folder_ring ring;
    struct content *content;
    struct arena arena;
    struct told_record *old; /* in the arena */
    struct reseal_done out;
};

/* --- erasing --------------------------------------------------------------------------------- */

/* An envelope that a reseal replaced; one that is gone already is fine. */
static status envelope_erase(struct resealing *r, const hash32 *inner, struct err *reterr)
{
    bool was_there = false;
    status st = flow_envelope_erase(r->c, &r->access.facts.folder, inner, &was_there, reterr);
    r->out.erased += was_there;
    return st;
}

/* A version that the chain tells twice was resealed; the earlier envelope should be gone. */
static status leftovers_erase(struct resealing *r, const struct told_record *t, struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; st == OK && i + 1 < t->history_n; i++) {
        bool again = false;
        for (size_t j = i + 1; j < t->history_n; j++)
            again = again || t->history[j].version == t->history[i].version;
        if (again)
            st = envelope_erase(r, &t->history[i].inner, reterr);
    }
    return st;
}

/* --- one record ------------------------------------------------------------------------------ */

struct item {
    struct resealing *r;
    const struct record_view *view;
    struct record_reader reader;
};

static status item_open(void *ctx, struct age_src *ret, struct err *reterr)
{
    struct item *it = ctx;
    status st = record_reader_open(it->view, &it->r->ring, it->r->content, it->r->c->spool_dir,
                                   &it->reader, reterr);
    if (st == OK)
        *ret = record_reader_src(&it->reader);
    return st;
}

static void item_close(void *ctx)
{
    struct item *it = ctx;
    record_reader_done(&it->reader);
}

/* Meta stays as it is, byte for byte: who wrote the record and what it says does not change. */
static status item_meta(void *ctx, uint64_t size, const hash32 *sha256, struct buf *out,
                        struct err *reterr)
{
    const struct item *it = ctx;
    if (size != it->view->size || !hash32_eq(*sha256, it->view->sha256))
        return ERR(reterr, E_MISMATCH, "sha256: the plaintext's is not the one in meta");
    status st = buf_put(out, buf_slice(&it->view->meta));
    return st == OK ? OK : ERR(reterr, st, "meta");
}

/* --- batches --------------------------------------------------------------------------------- */

/* Seal, announce and confirm those that were proved; then erase what they replace. */
static status batch_reseal(struct resealing *r, const struct told_record *list,
                           const struct read_record *read, size_t n, struct err *reterr)
{
    struct item items[RESEAL_BATCH];
    struct add_item adds[RESEAL_BATCH];
    struct add_done done[RESEAL_BATCH];
    size_t at[RESEAL_BATCH];
    size_t k = 0;
    size_t got = 0;
    for (size_t i = 0; i < n; i++) {
        if (read[i].st != OK)
            continue;
        at[k] = i;
        items[k] = (struct item){.r = r, .view = &read[i].view};
        adds[k] = (struct add_item){.record = list[i].record,
                                    .version = read[i].view.e.version,
                                    .reseal = true,
                                    .open = item_open,
                                    .close = item_close,
                                    .meta = {item_meta, &items[k]},
                                    .ctx = &items[k]};
        k++;
    }
    r->out.bad += n - k;
    status st =
        k > 0 ? flow_add(r->c, &r->access.facts.folder, adds, k, NULL, done, &got, reterr) : OK;
    for (size_t i = 0; st == OK && i < k; i++)
        st = envelope_erase(r, &list[at[i]].now.inner, reterr);
    if (st == OK)
        r->out.resealed += k;
    return st;
}

static status batch_run(struct resealing *r, size_t from, size_t n, struct err *reterr)
{
    struct ledger_block block;
    bool vouched;
    struct arena a;
    struct read_record *read = calloc(n, sizeof *read);
    if (read == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    arena_init(&a, CLIENT_ANSWER * 4, true);
    status st = flow_check(r->c, &r->access, r->old + from, n, &a, read, &block, &vouched, reterr);
    if (st == OK) {
        st = batch_reseal(r, r->old + from, read, n, reterr);
        flow_read_done(read, n);
    }
    arena_done(&a);
    free(read);
    return st;
}

/* Those sealed for an older key go to r->old; what earlier tries left is erased. */
static status old_find(struct resealing *r, struct err *reterr)
{
    struct told_record *all = NULL;
    size_t n = 0;
    status st = flow_list(r->c, &r->access.facts.folder, &r->arena, &all, &n, reterr);
    r->old = st == OK ? arena_array(&r->arena, n > 0 ? n : 1, sizeof *r->old) : NULL;
    if (st == OK && r->old == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (size_t i = 0; st == OK && i < n; i++) {
        st = leftovers_erase(r, &all[i], reterr);
        if (st == OK && all[i].now.epoch < r->access.facts.epoch && all[i].status != RECORD_REMOVED)
            r->old[r->out.n++] = all[i];
    }
    return st;
}

/* What is wrong with a record itself, not with the node or the chain. */
static bool is_record_fault(status st)
{
    return st == E_MISMATCH || st == E_NOT_FOUND || st == E_DECRYPT || st == E_TRUNCATED ||
           st == E_TRAILING || st == E_NO_KEY;
}

/* A record that spoils its batch is left out of it. */
static status batch_part(struct resealing *r, size_t from, size_t n, struct err *reterr)
{
    size_t bad = r->out.bad;
    status st = batch_run(r, from, n, reterr);
    if (!is_record_fault(st))
        return st;
    r->out.bad = bad;
    if (n == 1) {
        r->out.bad++;
        return OK;
    }
    st = OK;
    for (size_t i = 0; st == OK && i < n; i++)
        st = batch_part(r, from + i, 1, reterr);
    return st;
}

static bool go_on(struct resealing *r, const struct reseal_progress *p, size_t at)
{
    size_t done = at < r->out.n ? at : r->out.n;
    bool more = p == NULL || p->step(p->ctx, done, r->out.n);
    r->out.stopped = !more && at < r->out.n;
    return more;
}

status flow_reseal(struct client *c, const hash32 *folder, const struct reseal_progress *progress,
                   struct reseal_done *ret, struct err *reterr)
{
    struct resealing r = {.c = c};
    status st = folder_access_open(c, folder, &r.access, reterr);
    if (st != OK)
        return st;
    arena_init(&r.arena, (size_t)2 << 30, false);
    if (!r.access.mine)
        st = ERR(reterr, E_FORBIDDEN, "only a folder's owner can seal its records again");
    if (st == OK)
        st = folder_access_ring(&r.access, &r.ring, reterr);
    if (st == OK)
        st = client_content(c, folder, &r.content, reterr);
    if (st == OK)
        st = old_find(&r, reterr);
    for (size_t i = 0; st == OK && go_on(&r, progress, i) && i < r.out.n; i += RESEAL_BATCH)
        st = batch_part(&r, i, r.out.n - i < RESEAL_BATCH ? r.out.n - i : RESEAL_BATCH, reterr);
    if (st == OK)
        *ret = r.out;
    content_close(r.content);
    arena_done(&r.arena);
    folder_access_done(&r.access);
    return st;
}
