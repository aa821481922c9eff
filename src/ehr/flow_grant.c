/* SPDX-License-Identifier: Apache-2.0 */
/* Granting, and telling who has a grant. */
#include <stdio.h>

#include "base/wipe.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"
#include "ehr/flow_wrap.h"
#include "ehr/holders.h"
#include "ehr/members.h"
#include "keys/stealth.h"

#define CALL_BYTES ((size_t)64 << 10)
#define GRANT_TRIES 3 /* when devices grant to one person at the same time */

static const hash32 whole_folder;

/* --- granting ----------------------------------------------------------------------------------
 */

struct granting {
    const hash32 *folder;
    const struct state_grant *grant;
    const struct holders *held; /* the account's grants that were looked up */
};

/* Another device may have granted to the account, or revoked, since: then what was looked up does
 * not hold any more. */
static status granting_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct granting *g = ctx;
    struct state_folder *f = state_folder_by_id(s, g->folder);
    if (f == NULL)
        return ERR(reterr, E_NOT_FOUND, "not one of your folders");
    for (size_t i = 0; i < f->grants_n; i++) {
        struct state_grant *old = &f->grants[i];
        bool same = addr20_eq(old->holder, g->grant->holder);
        if (!addr20_eq(old->account, g->grant->account))
            continue;
        if (same ? old->ended != 0 && old->is_stealth
                 : old->ended == 0 && holders_find(g->held, &old->holder) == NULL)
            return ERR(reterr, E_CONFLICT, "another device changed this person's grant");
    }
    status st = state_grant_set(f, g->grant);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

/* A stealth address of the grantee's card. */
static status holder_make(struct client *c, const struct card *card, struct state_grant *s,
                          struct err *reterr)
{
    struct stealth_meta meta;
    struct stealth_note note;
    memcpy(meta.spend, card->spend, sizeof meta.spend);
    memcpy(meta.view, card->view, sizeof meta.view);
    status st = stealth_address(&meta, c->random, &note);
    if (st != OK)
        return ERR(reterr, st, "grantee: no address can be made of its key card");
    s->is_stealth = true;
    s->holder = note.holder;
    s->view_tag = note.view_tag;
    memcpy(s->ephemeral, note.ephemeral, sizeof s->ephemeral);
    return OK;
}

/* The holder: the account in wallet mode; the one of the grant that is replaced; else a new one. */
static status holder_of(struct client *c, const struct state_folder *f, const struct card *card,
                        const struct holders *held, struct state_grant *s, struct err *reterr)
{
    const struct holder_now *kept = holders_changed(held);
    for (size_t i = 0; i < f->grants_n; i++)
        if (addr20_eq(f->grants[i].account, s->account) && s->issued <= f->grants[i].issued)
            s->issued = f->grants[i].issued + 1;
    if (f->index == STATE_NO_INDEX) {
        s->holder = s->account;
        return OK;
    }
    if (kept == NULL)
        return holder_make(c, card, s, reterr);
    const struct state_grant *old = state_grant_find(f, &kept->holder);
    s->holder = old->holder;
    s->is_stealth = old->is_stealth;
    s->view_tag = old->view_tag;
    memcpy(s->ephemeral, old->ephemeral, sizeof s->ephemeral);
    return OK;
}

/* The grantee's checked card, and what of it the owner state keeps. */
static status grantee_of(struct client *c, const struct flow_grant *g, struct state_grant *ret,
                         struct holders *ret_held, struct err *reterr)
{
    struct card card;
    struct state_grant s = {.account = g->account,
                            .permissions = g->permissions,
                            .not_before = g->not_before,
                            .not_after = g->not_after,
                            .issued = clock_unix_s(c->clock)};
    status st = client_state(c, reterr);
    const struct state_folder *f = state_folder_by_id(&c->state, &g->folder);
    if (st == OK && f == NULL)
        st = ERR(reterr, E_NOT_FOUND, "not one of your folders");
    if (st != OK)
        return st;
    st = client_card(c, &g->account, &card, &s.card_hash, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "grantee");
    if (g->pinned_card != NULL && !hash32_eq(*g->pinned_card, s.card_hash))
        return ERR(reterr, E_MISMATCH,
                   "grantee: the key card has changed since it was first seen; look at it with "
                   "\"card show\" and confirm it with \"people add\"");
    s.recipient = card.recipient;
    if (members_text(slice_str(g->name), s.name, sizeof s.name) != OK)
        return ERR(reterr, E_RANGE, "name of the grantee");
    st = holders_read(c, &g->folder, &g->account, ret_held, reterr);
    if (st == OK)
        st = holder_of(c, f, &card, ret_held, &s, reterr);
    if (st == OK)
        *ret = s;
    return st;
}

/* In the owner state, before anything else. */
static status grantee_keep(struct client *c, const struct flow_grant *g, struct state_grant *ret,
                           struct holders *ret_held, struct err *reterr)
{
    struct granting change_ctx = {&g->folder, ret, ret_held};
    struct client_change change = {granting_apply, &change_ctx};
    status st = E_CONFLICT;
    for (int i = 0; st == E_CONFLICT && i < GRANT_TRIES; i++) {
        st = grantee_of(c, g, ret, ret_held, reterr);
        if (st == OK)
            st = client_state_change(c, &change, reterr);
    }
    return st;
}

/* Signed by the folder's owner and by the account's certifier. */
static status note_sign(struct client *c, const struct state_folder *f, struct grant_note *n,
                        struct err *reterr)
{
    const struct actor *owner;
    struct secp_key cert;
    status st = client_actor_owner(c, f, &owner, reterr);
    if (st == OK && (st = identity_scalar(&c->id, "cert", &cert)) != OK)
        return ERR(reterr, st, "certifier: cannot be derived");
    if (st != OK)
        return st;
    st = grant_note_sign(&c->net, &owner->key, &cert, n, reterr);
    secp_key_done(&cert);
    return st;
}

static status note_send(struct client *c, const struct flow_grant *g, const struct state_grant *to,
                        const struct state_folder *f, struct err *reterr)
{
    struct buf note;
    hash32 id;
    struct grant_note n = {.folder = g->folder,
                           .holder = to->holder,
                           .owner = f->owner,
                           .account = g->account,
                           .owner_account = c->me,
                           .permissions = g->permissions,
                           .not_before = g->not_before,
                           .not_after = g->not_after,
                           .issued = to->issued,
                           .is_stealth = to->is_stealth,
                           .view_tag = to->view_tag};
    if (holder_is_silent(f, to))
        return ERR(reterr, E_MISSING, "the announcement of the grant is not known any more");
    memcpy(n.ephemeral, to->ephemeral, sizeof n.ephemeral);
    (void)snprintf(n.folder_name, sizeof n.folder_name, "%s", f->name);
    (void)snprintf(n.owner_name, sizeof n.owner_name, "%s", g->owner_name);
    status st = client_card_hash(c, &c->me, &n.owner_card_hash, reterr);
    buf_init(&note, GRANT_NOTE_BYTES);
    if (st == OK)
        st = note_sign(c, f, &n, reterr);
    if (st == OK)
        st = grant_note_seal(&n, &to->recipient, c->random, &note, reterr);
    if (st == OK)
        st = vault_note_put(c->vault, &g->account, buf_slice(&note), &id, reterr);
    buf_done(&note);
    return st;
}

/* What is to be replaced, and the key that follows when who may have read by it may not go on. */
struct replaced {
    const struct holders *held; /* the account's; all but the holder's end */
    struct registry_grant grant;
    uint32_t epoch;
    struct state_epoch next;
    bool is_active;
    bool rotates;
};

static bool is_other(const struct holder_now *h, const addr20 *holder)
{
    return holder_is_active(h) && !addr20_eq(h->holder, *holder);
}

static status replaced_find(struct client *c, const struct flow_grant *g, const addr20 *holder,
                            const struct holders *held, struct replaced *ret, struct err *reterr)
{
    struct replaced r = {.held = held};
    struct folder_facts facts;
    status st = client_grant_get(c, &g->folder, holder, &r.grant, reterr);
    if (st != OK)
        return st;
    r.is_active = r.grant.status == REGISTRY_GRANT_ACTIVE;
    r.rotates = r.is_active && (r.grant.permissions & REGISTRY_VIEW) != 0 &&
                (g->permissions & REGISTRY_VIEW) == 0;
    for (size_t i = 0; i < held->n; i++)
        r.rotates |= is_other(&held->list[i], holder) && holder_may_view(&held->list[i]);
    r.rotates = r.rotates && !g->is_moving;
    if (r.rotates)
        st = client_folder_facts(c, &g->folder, &facts, reterr);
    if (r.rotates && st == OK)
        st = flow_next_epoch(c, &facts, &r.next, reterr);
    if (st != OK)
        return st;
    r.epoch = r.rotates ? facts.epoch : 0;
    *ret = r;
    return OK;
}

/* The parts of one call, which come together or not at all. */
struct parts {
    struct buf list[HOLDERS_MAX + 3];
    size_t n;
};

static struct buf *part_next(struct parts *p)
{
    buf_init(&p->list[p->n], CALL_BYTES);
    return &p->list[p->n++];
}

/* One call in one buffer; a multicall of several. Each part is released. */
static status parts_join(struct parts *p, status put, struct buf *out)
{
    slice calls[HOLDERS_MAX + 3];
    for (size_t i = 0; i < p->n; i++)
        calls[i] = buf_slice(&p->list[i]);
    if (put == OK)
        put = p->n == 1 ? buf_put(out, calls[0]) : registry_put_multicall(out, calls, p->n);
    for (size_t i = 0; i < p->n; i++)
        buf_done(&p->list[i]);
    return put;
}

/* A grant that replaces one comes with a revoke: the generation moves on, so that no signed grant
 * from before, which somebody withheld, can take the place of the narrower one. Whatever else the
 * chain has of the account ends with it. */
static status grant_call(struct client *c, const struct flow_grant *g, const addr20 *holder,
                         const struct replaced *r, struct err *reterr)
{
    struct parts parts = {.n = 0};
    struct buf data;
    struct client_sent sent;
    status put = OK;
    for (size_t i = 0; put == OK && i < r->held->n; i++)
        if (is_other(&r->held->list[i], holder))
            put = registry_put_revoke(part_next(&parts), g->folder, whole_folder,
                                      r->held->list[i].holder);
    if (put == OK && r->is_active)
        put = registry_put_revoke(part_next(&parts), g->folder, whole_folder, *holder);
    if (put == OK && r->rotates)
        put = registry_put_rotate_folder(part_next(&parts), g->folder, r->epoch, r->next.key_hash);
    if (put == OK)
        put = registry_put_grant(part_next(&parts), g->folder, whole_folder, *holder,
                                 g->permissions, g->not_before, g->not_after,
                                 r->grant.generation + (r->is_active ? 1 : 0));
    buf_init(&data, 4 * CALL_BYTES);
    put = parts_join(&parts, put, &data);
    return flow_send_in(c, &g->folder, put, &data, &sent, reterr);
}

/* The chain says what was asked for, whatever the node answered. */
static status grant_confirm(struct client *c, const struct flow_grant *g, const addr20 *holder,
                            struct err *reterr)
{
    struct registry_grant now;
    status st = client_grant_get(c, &g->folder, holder, &now, reterr);
    if (st != OK)
        return st;
    if (now.status != REGISTRY_GRANT_ACTIVE || now.permissions != g->permissions ||
        now.not_before != g->not_before || now.not_after != g->not_after)
        return ERR(reterr, E_MISMATCH, "grant: the chain does not hold it");
    return OK;
}

/* The call, and what the chain has afterwards: one whose answer was lost and that was sent again is
 * refused, though the first was mined. */
static status grant_on_chain(struct client *c, const struct flow_grant *g, const addr20 *holder,
                             const struct replaced *r, struct err *reterr)
{
    status st = grant_call(c, g, holder, r, reterr);
    if (st == E_REVERTED && grant_confirm(c, g, holder, NULL) == OK)
        return OK;
    return st == OK ? grant_confirm(c, g, holder, reterr) : st;
}

static status wrap_drop(struct client *c, const hash32 *folder, const addr20 *holder,
                        struct err *reterr)
{
    status st = vault_wrap_delete(c->vault, folder, holder, reterr);
    return st == E_NOT_FOUND ? OK : st;
}

/* Who may view no more has no wrap; who may has the present key, also when another device made one
 * since the wrap was put. epoch: what that is of. */
static status grant_keys(struct client *c, const struct flow_grant *g, const addr20 *holder,
                         const struct holders *held, uint32_t epoch, struct err *reterr)
{
    const bool may_view = (g->permissions & REGISTRY_VIEW) != 0;
    struct folder_facts facts;
    status st = OK;
    for (size_t i = 0; st == OK && i < held->n; i++)
        if (!addr20_eq(held->list[i].holder, *holder))
            st = wrap_drop(c, &g->folder, &held->list[i].holder, reterr);
    if (st == OK && !may_view)
        st = wrap_drop(c, &g->folder, holder, reterr);
    if (st != OK || g->is_moving)
        return st;
    st = flow_wraps_follow(c, &g->folder, reterr);
    if (st == OK && may_view)
        st = client_folder_facts(c, &g->folder, &facts, reterr);
    if (st == OK && may_view && facts.epoch != epoch)
        st = flow_wrap_now(c, &g->folder, holder, &epoch, reterr);
    return st;
}

status flow_grant(struct client *c, const struct flow_grant *g, hash32 *ret_card,
                  struct err *reterr)
{
    struct folder_facts facts;
    struct state_grant grantee;
    struct holders held;
    struct replaced was = {.is_active = false};
    uint32_t epoch = 0;
    status st = client_folder_facts(c, &g->folder, &facts, reterr);
    if (st == OK)
        st = grantee_keep(c, g, &grantee, &held, reterr);
    if (st == OK && (g->permissions & REGISTRY_VIEW) != 0)
        st = flow_wrap_now(c, &g->folder, &grantee.holder, &epoch, reterr);
    if (st == OK)
        st = replaced_find(c, g, &grantee.holder, &held, &was, reterr);
    if (st == OK)
        st = grant_on_chain(c, g, &grantee.holder, &was, reterr);
    if (st == OK)
        st = holders_end(c, &g->folder, &g->account, &grantee.holder, reterr);
    if (st == OK)
        st = grant_keys(c, g, &grantee.holder, &held, epoch, reterr);
    wipe(&was, sizeof was);
    if (st != OK)
        return st;
    const struct state_folder *f = state_folder_by_id(&c->state, &g->folder);
    if (f != NULL && !g->is_moving)
        st = note_send(c, g, &grantee, f, reterr);
    if (st == OK)
        *ret_card = grantee.card_hash;
    return st;
}

/* --- notes again -------------------------------------------------------------------------------
 */

struct issuing {
    const hash32 *folder;
    const addr20 *holder;
    uint64_t now;
};

/* A later note takes the place of the one before. */
static status issuing_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct issuing *i = ctx;
    struct state_folder *f = state_folder_by_id(s, i->folder);
    struct state_grant *g = f != NULL ? state_grant_find(f, i->holder) : NULL;
    (void)reterr;
    if (g != NULL)
        g->issued = i->now > g->issued ? i->now : g->issued + 1;
    return OK;
}

/* ret_sent: what became of the note itself. */
static status note_again(struct client *c, const hash32 *folder, const addr20 *holder,
                         const char *owner_name, status *ret_sent, struct err *reterr)
{
    struct issuing i = {folder, holder, clock_unix_s(c->clock)};
    struct client_change change = {issuing_apply, &i};
    status st = client_state_change(c, &change, reterr);
    const struct state_folder *f = state_folder_by_id(&c->state, folder);
    const struct state_grant *to = f != NULL ? state_grant_find(f, holder) : NULL;
    if (st != OK || to == NULL)
        return st == OK ? ERR(reterr, E_CONFLICT, "a grant left the owner state") : st;
    struct flow_grant g = {.folder = *folder,
                           .account = to->account,
                           .owner_name = owner_name,
                           .permissions = to->permissions,
                           .not_before = to->not_before,
                           .not_after = to->not_after};
    *ret_sent = note_send(c, &g, to, f, reterr);
    return *ret_sent < 0 ? *ret_sent : OK;
}

status flow_notes_again(struct client *c, const hash32 *folder, const char *owner_name,
                        const struct notes_untold *untold, size_t *ret_n, struct err *reterr)
{
    struct err why;
    status st = client_state(c, reterr);
    *ret_n = 0;
    for (size_t i = 0; st == OK; i++) {
        struct registry_grant now;
        status sent = OK;
        const struct state_folder *f = state_folder_by_id(&c->state, folder);
        if (f == NULL || i >= f->grants_n)
            break;
        struct state_grant g = f->grants[i];
        if (g.ended != 0)
            continue;
        st = client_grant_get(c, folder, &g.holder, &now, reterr);
        if (st != OK || now.status != REGISTRY_GRANT_ACTIVE ||
            clock_unix_s(c->clock) >= now.not_after)
            continue;
        st = note_again(c, folder, &g.holder, owner_name, &sent, &why);
        if (st != OK && reterr != NULL)
            *reterr = why;
        if (st == OK && sent != OK)
            untold->tell(untold->ctx, state_folder_by_id(&c->state, folder), &g, &why);
        *ret_n += st == OK && sent == OK;
    }
    return st;
}
