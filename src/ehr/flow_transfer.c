/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer of folders between two identities. */
#include "ehr/flow_transfer.h"

#include <stdio.h>

#include "base/secret.h"
#include "base/utf8.h"
#include "contract/registry_abi.h"
#include "ehr/flow_wrap.h"

#define CALL_BYTES ((size_t)4 << 10)
#define INDEX_TRIES 100u

struct moving {
    struct client *from;
    struct client *to;
    const struct transfer_plan *plan;
    const struct transfer_progress *progress; /* may be NULL */
    struct transferred *out;
    hash32 id;
    struct folder_facts facts;
};

/* --- the new state --------------------------------------------------------------------------- */

struct adopting {
    const struct moving *m;
    const struct state_folder *old; /* of the old state */
    uint32_t index;
    addr20 owner;
};

/* A name that the new state does not use. */
static void name_choose(const struct owner_state *s, struct state_folder *f)
{
    char wanted[STATE_NAME + 1];
    memcpy(wanted, f->name, sizeof wanted);
    int n = (int)utf8_cut(slice_str(wanted), 180);
    for (unsigned i = 2; state_folder_find(s, f->name) != NULL; i++)
        (void)snprintf(f->name, sizeof f->name, "%.*s (%u)", n, wanted, i);
}

/* What the new state lacks; of the grants those that go on, and the names of the others. Epochs
 * that the chain knows: a key that was prepared for the next one is the thief's, too. */
static struct state_grant grant_moved(const struct moving *m, const struct state_grant *old)
{
    const struct transfer_grant *t = transfer_plan_find(m->plan, &m->id, &old->holder);
    struct state_grant g = old->ended == 0 && t != NULL ? t->grant : *old;
    if (g.ended == 0 && (t == NULL || !t->goes_on))
        g.ended = clock_unix_s(m->to->clock);
    if (g.ended == 0)
        g.is_stealth = false; /* nothing says that the holder is the account's */
    return g;
}

static status lists_copy(const struct adopting *a, struct state_folder *at)
{
    const struct state_folder *old = a->old;
    status st = OK;
    for (size_t i = 0; st == OK && i < old->epochs_n; i++) {
        uint32_t e = old->epochs[i].key.epoch;
        if (e <= a->m->facts.epoch && state_epoch_find(at, e) == NULL)
            st = state_epoch_add(at, &old->epochs[i]);
    }
    for (size_t i = 0; st == OK && i < old->grants_n; i++) {
        struct state_grant g = grant_moved(a->m, &old->grants[i]);
        if (state_grant_find(at, &g.holder) == NULL)
            st = state_grant_set(at, &g);
    }
    return st;
}

/* The old identity may have gone on since an earlier try. As long as it owns the folder its lists
 * are the true ones; afterwards they fill gaps only: who stole it can write there what they like.
 */
static status lists_again(const struct adopting *a, struct state_folder *at)
{
    bool was_moved = addr20_eq(a->m->facts.owner, at->owner);
    if (addr20_eq(a->m->facts.owner, a->old->owner) && !was_moved) {
        secret_free(at->epochs, at->epochs_n * sizeof *at->epochs);
        secret_free(at->grants, at->grants_n * sizeof *at->grants);
        at->epochs = NULL;
        at->grants = NULL;
        at->epochs_n = at->grants_n = 0;
    }
    return lists_copy(a, at);
}

static status adopting_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct adopting *a = ctx;
    struct state_folder f = *a->old;
    struct state_folder *at = state_folder_by_id(s, &f.id);
    if (at != NULL && lists_again(a, at) != OK)
        return ERR(reterr, E_NOMEM, "out of memory");
    if (at != NULL)
        return OK;
    for (size_t i = 0; i < s->folders_n && a->index != STATE_NO_INDEX; i++)
        if (s->folders[i].index == a->index)
            return ERR(reterr, E_CONFLICT, "the owner index is taken");
    f.epochs = NULL;
    f.grants = NULL;
    f.epochs_n = f.grants_n = 0;
    f.index = a->index;
    f.owner = a->owner;
    name_choose(s, &f);
    if (a->index != STATE_NO_INDEX && a->index >= s->next_owner)
        s->next_owner = a->index + 1;
    status st = state_folder_add(s, &f, &at);
    if (st == OK)
        st = lists_copy(a, at);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

static status owner_next(struct client *c, struct adopting *a, struct err *reterr)
{
    a->index = STATE_NO_INDEX;
    a->owner = c->me;
    if (c->wallet_mode)
        return OK;
    a->index = c->state.next_owner;
    status st = identity_owner_addr(&c->id, a->index, &a->owner);
    return st == OK ? OK : ERR(reterr, st, "owner address: cannot be derived");
}

/* The folder in the new state, under an owner address of its own. */
static status adopt(struct moving *m, const struct state_folder *old, struct err *reterr)
{
    struct adopting a = {.m = m, .old = old};
    struct client_change change = {adopting_apply, &a};
    status st = E_CONFLICT;
    for (unsigned i = 0; st == E_CONFLICT && i < INDEX_TRIES; i++) {
        st = client_state(m->to, reterr);
        if (st == OK)
            st = owner_next(m->to, &a, reterr);
        if (st == OK)
            st = client_state_change(m->to, &change, reterr);
    }
    return st;
}

/* The old identity's still, or the new one's already. */
static status owner_check(const struct moving *m, const struct state_folder *old,
                          struct err *reterr)
{
    const struct state_folder *f = state_folder_by_id(&m->to->state, &m->id);
    addr20 was = m->from->me;
    if (old->index != STATE_NO_INDEX && identity_owner_addr(&m->from->id, old->index, &was) != OK)
        return ERR(reterr, E_INTERNAL, "owner address: cannot be derived");
    if (!addr20_eq(old->owner, was))
        return ERR(reterr, E_MISMATCH, "folder \"%s\": the old state names another owner for it",
                   old->name);
    if (addr20_eq(m->facts.owner, old->owner) || (f != NULL && addr20_eq(m->facts.owner, f->owner)))
        return OK;
    return ERR(reterr, E_MISMATCH, "folder \"%s\" belongs to somebody else now", old->name);
}

/* --- chain and keys -------------------------------------------------------------------------- */

/* Whoever is to own the folder has all of its keys: without one it could sign no chain of keys that
 * ends at the chain's hash, and nobody could use the folder any more. */
static status keys_check(const struct moving *m, struct err *reterr)
{
    const struct state_folder *f = state_folder_by_id(&m->to->state, &m->id);
    hash32 hash;
    status st = state_key_hash(&m->to->net, f, m->facts.epoch, &hash, reterr);
    if (st != OK)
        return st;
    return hash32_eq(hash, m->facts.key_hash)
               ? OK
               : ERR(reterr, E_MISMATCH, "folder \"%s\": its keys are not the chain's", f->name);
}

static status owner_change(struct moving *m, struct err *reterr)
{
    struct buf data;
    struct client_sent sent;
    const struct actor *actor;
    const struct state_folder *f = state_folder_by_id(&m->to->state, &m->id);
    if (addr20_eq(m->facts.owner, f->owner))
        return OK;                                            /* an earlier try came this far */
    status st = client_actor_owner(m->to, f, &actor, reterr); /* certified before it owns */
    if (st != OK)
        return st;
    buf_init(&data, CALL_BYTES);
    status put = registry_put_transfer_folder(&data, m->id, actor->addr);
    st = flow_send_in(m->from, &m->id, put, &data, &sent, reterr);
    if (st == OK)
        st = client_folder_facts(m->to, &m->id, &m->facts, reterr);
    if (st == OK && !addr20_eq(m->facts.owner, actor->addr))
        st = ERR(reterr, E_MISMATCH, "transfer: the chain does not hold it");
    return st;
}

/* Readers want every folder key signed by the present owner. */
static status keys_sign(struct moving *m, struct err *reterr)
{
    status st = OK;
    for (uint32_t e = 1; st == OK && e <= m->facts.epoch; e++)
        st = flow_key_store(m->to, &m->id, e, reterr);
    return st;
}

static bool goes_on(const struct moving *m, const struct state_grant *g)
{
    const struct transfer_grant *t = transfer_plan_find(m->plan, &m->id, &g->holder);
    return t != NULL && t->goes_on;
}

/* Granted by the new identity, which an earlier try did, too. */
static bool is_new(const struct moving *m, const struct state_grant *g)
{
    return g->ended == 0 &&
           (g->is_stealth || (addr20_eq(g->holder, g->account) &&
                              transfer_plan_find(m->plan, &m->id, &g->holder) == NULL));
}

/* A new holder, of the card that the person saw, in the place of one whose it is not known. */
static status grant_renew(struct moving *m, const struct state_grant *g, struct err *reterr)
{
    hash32 card;
    const struct transfer_grant *t = transfer_plan_find(m->plan, &m->id, &g->holder);
    struct flow_grant again = {.folder = m->id,
                               .account = t->grant.account,
                               .name = t->grant.name,
                               .pinned_card = &t->card,
                               .owner_name = "",
                               .permissions = t->grant.permissions,
                               .not_before = t->grant.not_before,
                               .not_after = t->grant.not_after,
                               .is_moving = true};
    return flow_grant(m->to, &again, &card, reterr);
}

/* Of an account that acts as itself: nobody else is its holder. */
static bool is_as_said(const struct state_grant *g, const struct registry_grant *now)
{
    return addr20_eq(g->holder, g->account) && g->permissions == now->permissions &&
           g->not_before == now->not_before && g->not_after == now->not_after;
}

static status grant_settle(struct moving *m, const struct state_grant *g, bool renew,
                           struct err *reterr)
{
    size_t kept;
    struct registry_grant now;
    if (goes_on(m, g) != renew || is_new(m, g))
        return OK;
    status st = client_grant_get(m->to, &m->id, &g->holder, &now, reterr);
    if (st != OK || now.status != REGISTRY_GRANT_ACTIVE || (renew && is_as_said(g, &now)))
        return st;
    return renew ? grant_renew(m, g, reterr)
                 : flow_revoke(m->to, &m->id, &g->holder, &kept, reterr);
}

/* Those that go on first: a revoke gives the new key to all who are left. */
static status grants_settle(struct moving *m, struct err *reterr)
{
    status st = OK;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; st == OK; i++) {
            const struct state_folder *f = state_folder_by_id(&m->to->state, &m->id);
            if (f == NULL || i >= f->grants_n)
                break;
            struct state_grant g = f->grants[i]; /* the state is loaded again on the way */
            st = grant_settle(m, &g, pass == 0, reterr);
        }
    }
    if (st == OK)
        st = flow_transfer_rest(m->to, &m->id, reterr);
    return st == OK ? client_folder_facts(m->to, &m->id, &m->facts, reterr) : st;
}

/* The present key is one that the old identity has. */
static bool is_known_key(const struct moving *m, const struct state_folder *old)
{
    const struct state_folder *f = state_folder_by_id(&m->to->state, &m->id);
    const struct state_epoch *was = state_epoch_find(old, m->facts.epoch);
    const struct state_epoch *is = state_epoch_find(f, m->facts.epoch);
    return was != NULL &&
           (is == NULL || age_recipient_eq(&was->key.id.recipient, &is->key.id.recipient));
}

static status rekey(struct moving *m, const struct state_folder *old, struct err *reterr)
{
    uint32_t epoch;
    size_t kept;
    status st = is_known_key(m, old) ? flow_folder_rotate(m->to, &m->id, &epoch, reterr)
                                     : flow_rewrap(m->to, &m->id, &kept, reterr);
    if (st != OK)
        return st;
    st = vault_wrap_delete(m->to->vault, &m->id, &old->owner, reterr);
    return st == E_NOT_FOUND ? OK : st;
}

/* --- the old state --------------------------------------------------------------------------- */

static status dropping_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    (void)reterr;
    state_folder_drop(s, ctx);
    return OK;
}

static void untold(void *ctx, const struct state_folder *f, const struct state_grant *g,
                   const struct err *why)
{
    struct moving *m = ctx;
    m->out->untold++;
    if (m->progress != NULL)
        m->progress->untold(m->progress->ctx, f->name, g->name, why);
}

static status move_one(struct moving *m, const struct state_folder *old, const char *owner_name,
                       struct err *reterr)
{
    struct client_change drop = {dropping_apply, &m->id};
    struct notes_untold not_told = {untold, m};
    size_t told = 0;
    status st = client_folder_facts(m->to, &m->id, &m->facts, reterr);
    if (st == E_NOT_FOUND) /* begun and never opened: there is nothing to move */
        return client_state_change(m->from, &drop, reterr);
    if (st == OK)
        st = owner_check(m, old, reterr);
    if (st == OK)
        st = adopt(m, old, reterr);
    if (st == OK)
        st = keys_check(m, reterr);
    if (st == OK)
        st = owner_change(m, reterr);
    if (st == OK)
        st = keys_sign(m, reterr);
    if (st == OK)
        st = grants_settle(m, reterr);
    if (st == OK)
        st = rekey(m, old, reterr);
    if (st == OK)
        st = flow_notes_again(m->to, &m->id, owner_name, &not_told, &told, reterr);
    if (st == OK)
        st = client_state_change(m->from, &drop, reterr);
    if (st != OK)
        return st;
    m->out->moved++;
    m->out->notified += told;
    return OK;
}

/* left: in the old state; to_do: of these, not tried yet. */
static bool go_on(const struct transfer_progress *p, struct transferred *out, size_t left,
                  size_t to_do)
{
    size_t done = out->n > left ? out->n - left : 0;
    bool more = p == NULL || p->step(p->ctx, done, out->n);
    out->stopped = !more && to_do > 0;
    return more && to_do > 0;
}

/* Whoever has the old identity can write its state, too: a folder in it that cannot be moved does
 * not keep the others back. */
static status move_all(struct moving *m, const char *owner_name, struct err *reterr)
{
    const struct owner_state *s = &m->from->state;
    struct err why;
    size_t refused = 0;
    status first = OK;
    status st = OK;
    while (st == OK && go_on(m->progress, m->out, s->folders_n, s->folders_n - refused)) {
        const struct state_folder *old = &s->folders[refused];
        m->id = old->id;
        st = move_one(m, old, owner_name, &why);
        if (st != OK && (st < 0 || first == OK) && reterr != NULL)
            *reterr = why;
        if (st <= 0)
            continue;
        first = first == OK ? st : first;
        st = client_state(m->from, reterr);
        refused = refused < s->folders_n ? refused + 1 : s->folders_n;
    }
    return st != OK || m->out->stopped ? st : first;
}

status flow_transfer(struct client *from, struct client *to, const struct transfer_plan *plan,
                     const char *owner_name, const struct transfer_progress *progress,
                     struct transferred *ret, struct err *reterr)
{
    struct transferred out = {0};
    struct moving m = {.from = from, .to = to, .plan = plan, .progress = progress, .out = &out};
    status st = client_state(from, reterr);
    if (st == OK)
        st = client_state(to, reterr);
    if (st == OK)
        out.n = from->state.folders_n;
    if (st == OK)
        st = move_all(&m, owner_name, reterr);
    *ret = out;
    return st;
}
