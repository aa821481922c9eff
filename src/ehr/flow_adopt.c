/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over an owner state that nothing proves: whoever knows the key card could have made it. */
#include <stdio.h>

#include "ehr/flow_folder.h"
#include "ehr/flow_recover.h"
#include "ehr/members.h"

struct adopting {
    struct client *c;
    struct recovered *out;
};

static void doubt(struct recovered *out, const char *name)
{
    if (out->doubted_folders < RECOVER_NAMES)
        (void)snprintf(out->doubted_names[out->doubted_folders], STATE_NAME + 1, "%s", name);
    out->doubted_folders++;
}

/* --- one's own folders ----------------------------------------------------------------------- */

static bool are_keys_true(const struct client *c, const struct state_folder *f,
                          const struct folder_facts *facts)
{
    hash32 hash;
    return state_key_hash(&c->net, f, facts->epoch, &hash, NULL) == OK &&
           hash32_eq(hash, facts->key_hash);
}

/* Live grants, with the announcement that only the state has, but to whom the wrap's note names. */
static status grants_adopt(struct adopting *a, struct state_folder *f,
                           const struct folder_facts *facts, struct err *reterr)
{
    size_t kept = 0;
    status st = OK;
    for (size_t i = 0; i < f->grants_n; i++) {
        struct registry_grant now = {.status = 0};
        struct state_grant g = f->grants[i];
        st = client_grant_get(a->c, &f->id, &g.holder, &now, reterr);
        bool is_live = st == OK && now.status == REGISTRY_GRANT_ACTIVE;
        g.ended = 0;
        g.permissions = now.permissions;
        g.not_before = members_time(now.not_before);
        g.not_after = members_time(now.not_after);
        if (is_live)
            st = flow_grantee_find(a->c, facts, &g, reterr);
        if (st < 0)
            return st;
        if (is_live && st == OK)
            f->grants[kept++] = g;
        a->out->doubted_grants += is_live && st != OK;
    }
    f->grants_n = kept;
    return OK;
}

/* ret_mine: false drops it. OK | statuses of ledger and vault, which say nothing of the folder. */
static status folder_adopt(struct adopting *a, struct state_folder *f, bool *ret_mine,
                           struct err *reterr)
{
    struct folder_facts facts;
    addr20 owner = a->c->me;
    *ret_mine = false;
    if (f->index != STATE_NO_INDEX && identity_owner_addr(&a->c->id, f->index, &owner) != OK)
        return ERR(reterr, E_INTERNAL, "owner address: cannot be derived");
    status st = client_folder_facts(a->c, &f->id, &facts, reterr);
    if (st != OK)
        return st == E_NOT_FOUND ? OK : st; /* only a proved empty slot says so */
    *ret_mine = addr20_eq(facts.owner, owner) && addr20_eq(f->owner, owner);
    if (!*ret_mine)
        return OK;
    /* Of false keys none stays: the owner's own wrap has the true ones. */
    a->out->doubted_keys += state_epochs_drop(f, are_keys_true(a->c, f, &facts) ? facts.epoch : 0);
    return grants_adopt(a, f, &facts, reterr);
}

static status folders_adopt(struct adopting *a, struct owner_state *s, struct err *reterr)
{
    for (size_t i = 0; i < s->folders_n;) {
        bool mine;
        hash32 id = s->folders[i].id;
        status st = folder_adopt(a, &s->folders[i], &mine, reterr);
        if (st != OK)
            return st;
        if (mine) {
            i++;
        } else {
            doubt(a->out, s->folders[i].name);
            state_folder_drop(s, &id);
        }
    }
    return OK;
}

/* --- what others share ----------------------------------------------------------------------- */

static status shared_adopt(struct adopting *a, struct owner_state *s, struct err *reterr)
{
    for (size_t i = 0; i < s->shared_n;) {
        bool believed;
        hash32 id = s->shared[i].folder;
        status st = flow_note_check(a->c, &s->shared[i], &believed, reterr);
        if (st != OK)
            return st;
        if (believed) {
            i++;
        } else {
            doubt(a->out, s->shared[i].folder_name);
            state_shared_drop(s, &id);
        }
    }
    return OK;
}

static status adopting_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    struct adopting *a = ctx;
    if (!s->unproved)
        return OK;
    a->out->adopted = true;
    a->out->doubted_keys = a->out->doubted_grants = a->out->doubted_folders = 0;
    status st = folders_adopt(a, s, reterr);
    if (st == OK)
        st = shared_adopt(a, s, reterr);
    s->unproved = st != OK;
    return st;
}

status flow_adopt(struct client *c, struct recovered *out, struct err *reterr)
{
    struct adopting a = {c, out};
    struct client_change change = {adopting_apply, &a};
    status st = client_state_change(c, &change, reterr);
    for (size_t i = 0; st == OK && i < c->state.folders_n; i++) {
        hash32 id = c->state.folders[i].id;
        if (c->state.folders[i].epochs_n > 0)
            st = flow_regrant(c, &id, reterr);
    }
    return st;
}
