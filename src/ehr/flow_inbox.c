/* SPDX-License-Identifier: Apache-2.0 */
/* Grant notes: from the inbox into the owner state. */
#include <stdlib.h>

#include "base/limits.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"

struct accepting {
    const struct grant_note *notes;
    size_t n;
};

static status accepting_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct accepting *a = ctx;
    status st = OK;
    for (size_t i = 0; st == OK && i < a->n; i++) {
        struct grant_note n = a->notes[i];
        const struct grant_note *old = state_shared_by_id(s, &n.folder);
        if (old != NULL) /* anybody can send a note about a grant: names stay as they were */
            memcpy(n.folder_name, old->folder_name, sizeof n.folder_name);
        st = state_shared_set(s, &n);
    }
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

/* The owner's name is the one on the card that the chain names. */
static status owner_confirm(struct client *c, const struct grant_note *n, struct err *reterr)
{
    struct card card;
    hash32 hash;
    status st = client_card(c, &n->owner_account, &card, &hash, reterr);
    if (st == OK && !hash32_eq(hash, n->owner_card_hash))
        st = ERR(reterr, E_MISMATCH, "grant note: of another key card than the owner's");
    if (st == OK && strcmp(card.name, n->owner_name) != 0)
        st = ERR(reterr, E_MISMATCH, "grant note: the owner has another name");
    return st;
}

/* A note is believed as far as the chain says the same: the owner, who stays the one that was
 * believed first, the owner's card, and a grant to me. */
static status note_confirm(struct client *c, const struct grant_note *n, struct err *reterr)
{
    struct folder_facts facts;
    struct registry_grant g;
    const struct grant_note *old = state_shared_by_id(&c->state, &n->folder);
    status st = client_folder_facts(c, &n->folder, &facts, reterr);
    if (st == OK && (!addr20_eq(facts.owner, n->owner) || !addr20_eq(n->holder, c->me) ||
                     !addr20_eq(n->owner_account, n->owner)))
        st = ERR(reterr, E_MISMATCH, "grant note: not of the folder's owner");
    if (st == OK && old != NULL && !addr20_eq(old->owner, n->owner))
        st = ERR(reterr, E_MISMATCH, "grant note: the folder had another owner");
    if (st == OK && strchr(n->folder_name, '/') != NULL)
        st = ERR(reterr, E_RANGE, "grant note: \"/\" in the folder's name");
    if (st == OK)
        st = owner_confirm(c, n, reterr);
    if (st == OK)
        st = client_grant_get(c, &n->folder, &c->me, &g, reterr);
    if (st == OK && g.status == 0)
        st = ERR(reterr, E_MISMATCH, "grant note: the chain has no such grant");
    return st;
}

static bool is_our_fault(status st)
{
    return st < 0;
}

/* Notes that can be believed go to out; *ret_n counts them. */
static status notes_open(struct client *c, const struct vault_note *list, size_t n,
                         struct grant_note *out, size_t *ret_n, struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        struct buf file;
        buf_init(&file, VAULT_NOTE_MAX);
        status st = vault_note_get(c->vault, &c->me, &list[i].id, &file, reterr);
        if (st == OK)
            st = grant_note_open(buf_slice(&file), &c->age, &out[*ret_n], reterr);
        if (st == OK)
            st = note_confirm(c, &out[*ret_n], reterr);
        buf_done(&file);
        if (st == OK)
            (*ret_n)++;
        else if (is_our_fault(st))
            return st;
    }
    return OK;
}

static status notes_take(struct client *c, const struct vault_note *list, size_t n,
                         size_t *ret_good, struct err *reterr)
{
    struct grant_note *notes = calloc(n, sizeof *notes);
    struct accepting a = {.notes = notes};
    struct client_change change = {accepting_apply, &a};
    if (notes == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = notes_open(c, list, n, notes, &a.n, reterr);
    if (st == OK && a.n > 0)
        st = client_state_change(c, &change, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        st = vault_note_delete(c->vault, &c->me, &list[i].id, reterr);
    *ret_good = a.n;
    free(notes);
    return st;
}

status flow_inbox(struct client *c, size_t *ret_n, size_t *ret_bad, struct err *reterr)
{
    struct arena a;
    struct vault_note *list = NULL;
    size_t n = 0;
    size_t good = 0;
    arena_init(&a, LIMIT_HTTP_BODY_SMALL, false);
    status st = vault_notes(c->vault, &c->me, &a, &list, &n, reterr);
    if (st == OK && n > 0)
        st = notes_take(c, list, n, &good, reterr);
    arena_done(&a);
    if (st != OK)
        return st;
    *ret_n = good;
    *ret_bad = n - good;
    return OK;
}
