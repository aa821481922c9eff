/* SPDX-License-Identifier: Apache-2.0 */
/* Grant notes: from the inbox into the owner state. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"
#include "ehr/flow_request.h"
#include "keys/stealth.h"

#define NOTE_EARLY_S 86400u /* how far the owner's clock may be ahead */

struct accepting {
    const struct grant_note *notes;
    size_t n;
};

/* Takes the place of what is known of the folder. A grant, its end and a new one may fall into one
 * second; the new one then has another holder address, and the chain tells which of both is live.
 */
static bool is_newer(const struct grant_note *n, const struct grant_note *old)
{
    return old == NULL || n->issued > old->issued ||
           (n->issued == old->issued && !addr20_eq(n->holder, old->holder));
}

static status accepting_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct accepting *a = ctx;
    status st = OK;
    for (size_t i = 0; st == OK && i < a->n; i++)
        if (is_newer(&a->notes[i], state_shared_by_id(s, &a->notes[i].folder)))
            st = state_shared_set(s, &a->notes[i]);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

/* The owner's card is the one that the chain names, its name the one on it, and the account and the
 * folder's owner say it both. */
static status owner_confirm(struct client *c, const struct grant_note *n, struct err *reterr)
{
    struct card card;
    hash32 hash;
    status st = client_card(c, &n->owner_account, &card, &hash, reterr);
    if (st == OK && !hash32_eq(hash, n->owner_card_hash))
        st = ERR(reterr, E_MISMATCH, "grant note: of another key card than the owner's");
    if (st == OK && strcmp(card.name, n->owner_name) != 0)
        st = ERR(reterr, E_MISMATCH, "grant note: the owner has another name");
    return st == OK ? grant_note_verify(&c->net, n, card.cert_key, reterr) : st;
}

status flow_note_check(struct client *c, struct grant_note *n, bool *ret_believed,
                       struct err *reterr)
{
    struct folder_facts facts;
    struct card card;
    hash32 hash;
    *ret_believed = false;
    status st = client_folder_facts(c, &n->folder, &facts, reterr);
    if (st == OK && addr20_eq(facts.owner, n->owner) && addr20_eq(n->account, c->me)) {
        st = client_card(c, &n->owner_account, &card, &hash, reterr);
        *ret_believed = st == OK && grant_note_verify(&c->net, n, card.cert_key, NULL) == OK;
        if (*ret_believed)
            (void)snprintf(n->owner_name, sizeof n->owner_name, "%s", card.name);
    }
    return st == E_NOT_FOUND ? OK : st;
}

/* The chain has a grant to the holder; a revoked one tells nothing new of a folder that is known.
 */
static status grant_confirm(struct client *c, const struct grant_note *n, bool is_known,
                            bool *ret_live, struct err *reterr)
{
    struct registry_grant g;
    status st = client_grant_get(c, &n->folder, &n->holder, &g, reterr);
    if (st != OK)
        return st;
    if (g.status == 0 || (is_known && g.status != REGISTRY_GRANT_ACTIVE))
        return ERR(reterr, E_MISMATCH, "grant note: the chain has no such grant");
    *ret_live = g.status == REGISTRY_GRANT_ACTIVE;
    return OK;
}

/* A note is believed as far as the chain says the same and its owner signed it: the owner, who
 * stays the one that was believed first, the owner's card, and a grant to me. */
static status note_confirm(struct client *c, const struct grant_note *n, bool *ret_live,
                           struct err *reterr)
{
    struct folder_facts facts;
    const struct grant_note *old = state_shared_by_id(&c->state, &n->folder);
    if (!addr20_eq(n->account, c->me) || (!n->is_stealth && !addr20_eq(n->holder, c->me)))
        return ERR(reterr, E_MISMATCH, "grant note: for somebody else");
    if (n->issued > clock_unix_s(c->clock) + NOTE_EARLY_S)
        return ERR(reterr, E_RANGE, "grant note: of a time that is to come");
    if (!is_newer(n, old))
        return ERR(reterr, E_MISMATCH, "grant note: older than the one that is known");
    status st = client_folder_facts(c, &n->folder, &facts, reterr);
    if (st == OK && !addr20_eq(facts.owner, n->owner))
        st = ERR(reterr, E_MISMATCH, "grant note: not of the folder's owner");
    if (st == OK)
        st = owner_confirm(c, n, reterr);
    if (st == OK)
        st = grant_confirm(c, n, old != NULL, ret_live, reterr);
    /* An owner may move a folder to a new identity; that it is the same person if the account is
     * another one, too, somebody has to say. */
    if (st == OK && old != NULL && !c->accept_moved &&
        !addr20_eq(old->owner_account, n->owner_account))
        st = ERR(reterr, E_CONFLICT, "grant note: the folder had another owner");
    return st;
}

/* The note may be good: it is looked at again later. */
static bool is_our_fault(status st)
{
    return st < 0 || st == E_RATE;
}

/* A note that is no grant note may be somebody's request: it is kept, to be answered. Returns the
 * status of a note that is no grant note, or a failure of ours. */
static status request_take(struct client *c, slice file, size_t *ret_asked, struct err *reterr)
{
    struct access_request r;
    struct card card;
    status st = access_request_note_open(file, &c->age, &r, reterr);
    if (st == OK)
        st = flow_request_check(c, &r, &card, reterr);
    if (st == OK)
        st = flow_request_note(c, &r, STATE_ANSWER_OPEN, reterr);
    if (st == OK)
        ++*ret_asked;
    return st == OK ? E_TYPE : st;
}

/* Fetch and open the notes; ret_open[i] tells which of them could be read. */
static status notes_fetch(struct client *c, const struct vault_note *list, size_t n,
                          struct grant_note *ret, bool *ret_open, size_t *ret_asked,
                          struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        struct buf file;
        buf_init(&file, VAULT_NOTE_MAX);
        status st = vault_note_get(c->vault, &c->me, &list[i].id, &file, reterr);
        if (st == OK)
            st = grant_note_open(buf_slice(&file), &c->age, &ret[i], reterr);
        if (st == E_TYPE)
            st = request_take(c, buf_slice(&file), ret_asked, reterr);
        buf_done(&file);
        if (is_our_fault(st))
            return st;
        ret_open[i] = st == OK;
    }
    return OK;
}

/* Scan the announcements: is_open[i] stays for those whose holder is mine. */
static status notes_scan(struct client *c, const struct grant_note *notes, size_t n, bool *is_open,
                         struct err *reterr)
{
    struct stealth_viewer v = {.spend = {0}};
    struct secp_key spend = {{0}};
    size_t found_n = 0;
    size_t *found = calloc(n, sizeof *found);
    struct stealth_note *scan = calloc(n, sizeof *scan);
    status st = found == NULL || scan == NULL ? E_NOMEM : identity_scalar(&c->id, "view", &v.view);
    if (st == OK)
        st = identity_scalar(&c->id, "spend", &spend);
    if (st == OK)
        st = secp_public33(&spend, v.spend);
    for (size_t i = 0; st == OK && i < n; i++) { /* others stay zero: nobody's */
        if (!is_open[i] || !notes[i].is_stealth)
            continue;
        scan[i].holder = notes[i].holder;
        scan[i].view_tag = notes[i].view_tag;
        memcpy(scan[i].ephemeral, notes[i].ephemeral, sizeof scan[i].ephemeral);
        is_open[i] = false;
    }
    if (st == OK)
        st = stealth_scan(&v, scan, n, found, &found_n);
    for (size_t i = 0; st == OK && i < found_n; i++)
        is_open[found[i]] = true;
    free(found);
    free(scan);
    secp_key_done(&spend);
    stealth_viewer_done(&v);
    return st == OK ? OK : ERR(reterr, st, "inbox: cannot be scanned");
}

/* Of a folder that was not known, a live grant stands before a revoked one, whichever note is read
 * first: notes come in no order, and both may be of one second. Returns how many notes are left. */
static size_t notes_live_first(struct grant_note *notes, const bool *is_live, size_t n)
{
    bool drop[VAULT_NOTES_MAX] = {false};
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; !is_live[i] && j < n; j++)
            drop[i] |= is_live[j] && hash32_eq(notes[j].folder, notes[i].folder);
    for (size_t i = 0; i < n; i++)
        if (!drop[i])
            notes[kept++] = notes[i];
    return kept;
}

/* Notes that can be believed go to the front; *ret_n counts them. keep[i]: the note waits for the
 * user's word. */
static status notes_open(struct client *c, const struct vault_note *list, size_t n,
                         struct grant_note *notes, size_t *ret_n, struct inbox_taken *out,
                         bool *keep, struct err *reterr)
{
    bool is_open[VAULT_NOTES_MAX] = {false};
    bool is_live[VAULT_NOTES_MAX] = {false};
    size_t believed = 0;
    if (n > VAULT_NOTES_MAX)
        return ERR(reterr, E_TOO_LONG, "inbox: %zu notes", n);
    status st = notes_fetch(c, list, n, notes, is_open, &out->requests, reterr);
    if (st == OK)
        st = notes_scan(c, notes, n, is_open, reterr);
    for (size_t i = 0; st == OK && i < n; i++) {
        bool live = false;
        status one = is_open[i] ? note_confirm(c, &notes[i], &live, reterr) : E_MISMATCH;
        if (is_our_fault(one))
            st = one;
        keep[i] = one == E_CONFLICT;
        out->moved += keep[i];
        if (one != OK)
            continue;
        is_live[believed] = live;
        notes[believed++] = notes[i];
    }
    *ret_n = notes_live_first(notes, is_live, believed);
    return st;
}

static status notes_take(struct client *c, const struct vault_note *list, size_t n,
                         struct inbox_taken *ret, struct err *reterr)
{
    struct grant_note *notes = calloc(n, sizeof *notes);
    bool keep[VAULT_NOTES_MAX] = {false};
    struct accepting a = {.notes = notes};
    struct client_change change = {accepting_apply, &a};
    if (notes == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = notes_open(c, list, n, notes, &a.n, ret, keep, reterr);
    if (st == OK && a.n > 0)
        st = client_state_change(c, &change, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        if (!keep[i])
            st = vault_note_delete(c->vault, &c->me, &list[i].id, reterr);
    ret->grants = a.n;
    ret->bad = n - a.n - ret->requests - ret->moved;
    free(notes);
    return st;
}

status flow_inbox(struct client *c, struct inbox_taken *ret, struct err *reterr)
{
    struct arena a;
    struct vault_note *list = NULL;
    struct inbox_taken taken = {0};
    size_t n = 0;
    arena_init(&a, LIMIT_HTTP_BODY_SMALL, false);
    status st = client_state(c, reterr); /* what is known already is compared with it */
    if (st == OK)
        st = vault_notes(c->vault, &c->me, &a, &list, &n, reterr);
    if (st == OK && n > 0)
        st = notes_take(c, list, n, &taken, reterr);
    arena_done(&a);
    if (st == OK)
        *ret = taken;
    return st;
}
