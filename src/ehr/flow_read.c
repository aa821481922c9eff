/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a list, proved and opened. */
#include "ehr/flow_read.h"

#include <stdlib.h>

#include "base/limits.h"

#define PROVE_MAX 250u /* records proved and fetched at once */

void flow_read_done(struct read_record *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].st == OK)
            record_view_done(&list[i].view);
}

static const struct vault_envelope *envelope_of(const struct vault_envelope *list, size_t n,
                                                const hash32 *inner)
{
    for (size_t i = 0; i < n; i++)
        if (hash32_eq(list[i].inner, *inner))
            return &list[i];
    return NULL;
}

static void check_one(struct client *c, const struct folder_ring *ring, const hash32 *folder,
                      const struct told_record *r, const struct record_slot *slot,
                      const struct vault_envelope *e, struct read_record *ret)
{
    struct record_expect x = {.folder = *folder, .record = r->record, .slot = *slot};
    if (e == NULL)
        ret->st = ERR(&ret->err, E_NOT_FOUND, "the node does not hand out the envelope");
    else
        ret->st = record_check(&c->net, &x, e->bytes, &e->inner, ring, &ret->view, &ret->err);
}

/* A record whose author's event is missing or tells of another author is none. */
static status check_authors(struct client *c, const struct told_record *list,
                            const struct record_slot *slots, size_t n, struct arena *a,
                            struct read_record *io, struct err *reterr)
{
    size_t at[PROVE_MAX];
    size_t k = 0;
    struct record_claim *claims = arena_array(a, n > 0 ? n : 1, sizeof *claims);
    if (claims == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        if (io[i].st != OK)
            continue;
        at[k] = i;
        claims[k] = (struct record_claim){.e = &io[i].view.e, .block = list[i].now.block};
        memcpy(claims[k++].commitment, slots[i].commitment, RECORD_COMMITMENT);
    }
    status st = k > 0 ? record_authors_check(c->ledger, &c->net.proxy, claims, k, a, reterr) : OK;
    for (size_t i = 0; st == OK && i < k; i++) {
        if (claims[i].st == OK)
            continue;
        record_view_done(&io[at[i]].view);
        io[at[i]].st = claims[i].st;
        io[at[i]].err = claims[i].err;
    }
    return st;
}

static status check_page(struct client *c, const struct folder_access *f,
                         const struct folder_ring *ring, const struct told_record *list, size_t n,
                         struct arena *a, struct read_record *ret, struct ledger_block *ret_block,
                         bool *ret_vouched, struct err *reterr)
{
    struct vault_ref refs[PROVE_MAX];
    hash32 ids[PROVE_MAX] = {0};
    struct record_slot slots[PROVE_MAX];
    struct vault_envelope *got = NULL;
    size_t got_n = 0;
    for (size_t i = 0; i < n; i++) {
        ids[i] = list[i].record;
        refs[i] = (struct vault_ref){.record = list[i].record, .inner = list[i].now.inner};
    }
    const hash32 *folder = &f->facts.folder;
    status st = record_prove(c->ledger, &c->net.proxy, folder, ids, n, a, slots, ret_block,
                             ret_vouched, reterr);
    if (st == OK)
        st = vault_envelopes_get(c->vault, folder, refs, n, a, &got, &got_n, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        check_one(c, ring, folder, &list[i], &slots[i], envelope_of(got, got_n, &list[i].now.inner),
                  &ret[i]);
    return st == OK ? check_authors(c, list, slots, n, a, ret, reterr) : st;
}

status flow_check(struct client *c, const struct folder_access *f, const struct told_record *list,
                  size_t n, struct arena *a, struct read_record *ret,
                  struct ledger_block *ret_block, bool *ret_vouched, struct err *reterr)
{
    struct folder_ring ring;
    status st = folder_access_ring(f, &ring, reterr);
    if (st != OK)
        return st;
    for (size_t i = 0; i < n; i++)
        ret[i].st = E_NOT_FOUND;
    for (size_t i = 0; st == OK && i < n; i += PROVE_MAX) {
        size_t k = n - i < PROVE_MAX ? n - i : PROVE_MAX;
        st = check_page(c, f, &ring, list + i, k, a, ret + i, ret_block, ret_vouched, reterr);
    }
    if (st != OK)
        flow_read_done(ret, n);
    return st;
}

/* Envelope of a version into the arena. */
static status envelope_fetch(struct client *c, const hash32 *folder, const struct told_record *r,
                             const struct told_version *v, struct arena *a, slice *ret,
                             struct err *reterr)
{
    struct buf b;
    struct vault_ref ref = {.record = r->record, .version = v->version, .inner = v->inner};
    buf_init(&b, VAULT_ENVELOPE_MAX);
    status st = vault_envelope_get(c->vault, folder, &ref, &b, reterr);
    if (st == OK) {
        *ret = arena_dup(a, buf_slice(&b));
        if (ret->p == NULL)
            st = ERR(reterr, E_NOMEM, "out of memory");
    }
    buf_done(&b);
    return st;
}

static status open_with(struct client *c, const struct folder_access *f,
                        const struct told_record *r, const struct told_version *v,
                        const struct record_slot *slot, struct arena *a, struct record_view *ret,
                        struct err *reterr)
{
    struct folder_ring ring;
    struct record_expect x = {.folder = f->facts.folder, .record = r->record, .slot = *slot};
    slice bytes;
    status st = folder_access_ring(f, &ring, reterr);
    if (st == OK)
        st = envelope_fetch(c, &f->facts.folder, r, v, a, &bytes, reterr);
    if (st == OK)
        st = record_check(&c->net, &x, bytes, &v->inner, &ring, ret, reterr);
    if (st != OK)
        return st;
    st = record_author_check(c->ledger, &c->net.proxy, &ret->e, slot->commitment, v->block,
                             v->block, a, reterr);
    if (st != OK)
        record_view_done(ret);
    return st;
}

status flow_open_version(struct client *c, const struct folder_access *f,
                         const struct told_record *r, uint32_t version, struct arena *a,
                         struct record_view *ret, struct err *reterr)
{
    for (size_t i = 0; i < r->history_n; i++) {
        const struct told_version *v = &r->history[i];
        struct record_slot slot = {.version = v->version, .status = r->status};
        if (v->version != version)
            continue;
        /* Told by the node; record_author_check finds it in the chain's event or refuses. */
        memcpy(slot.commitment, v->commitment, sizeof slot.commitment);
        return open_with(c, f, r, v, &slot, a, ret, reterr);
    }
    return ERR(reterr, E_NOT_FOUND, "the record has no version %u", version);
}

status flow_open(struct client *c, const struct folder_access *f, const struct told_record *r,
                 struct arena *a, struct record_view *ret, struct ledger_block *ret_block,
                 bool *ret_vouched, struct err *reterr)
{
    struct record_slot slot;
    status st = record_prove(c->ledger, &c->net.proxy, &f->facts.folder, &r->record, 1, a, &slot,
                             ret_block, ret_vouched, reterr);
    return st == OK ? open_with(c, f, r, &r->now, &slot, a, ret, reterr) : st;
}
