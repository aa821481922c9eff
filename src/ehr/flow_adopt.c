/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over an owner state that nothing proves: whoever knows the key card could have made it. */
#include "ehr/flow_folder.h"
#include "ehr/flow_recover.h"

struct adopting {
    struct client *c;
    struct recovered *out;
};

/* The address that must own the folder: of this identity, or the account in wallet mode. */
static status own_address(struct client *c, const struct state_folder *f, addr20 *ret,
                          struct err *reterr)
{
    struct secp_key key = {{0}};
    *ret = c->me;
    if (f->index == STATE_NO_INDEX)
        return OK;
    status st = identity_owner(&c->id, f->index, &key);
    if (st == OK)
        st = secp_key_addr(&key, ret);
    secp_key_done(&key);
    return st == OK ? OK : ERR(reterr, st, "owner address: cannot be derived");
}

/* OK | E_MISMATCH (it goes) | failures of ours. */
static status folder_adopt(struct adopting *a, struct state_folder *f, struct err *reterr)
{
    struct folder_facts facts;
    addr20 owner;
    status st = own_address(a->c, f, &owner, reterr);
    if (st == OK)
        st = client_folder_facts(a->c, &f->id, &facts, reterr);
    if (st == E_NOT_FOUND ||
        (st == OK && (!addr20_eq(facts.owner, owner) || !addr20_eq(f->owner, owner))))
        return E_MISMATCH;
    if (st == OK) {
        a->out->doubted_keys += state_epochs_drop(f, facts.epoch);
        state_grants_drop(f);
    }
    return st;
}

static status folders_adopt(struct adopting *a, struct owner_state *s, struct err *reterr)
{
    for (size_t i = 0; i < s->folders_n;) {
        status st = folder_adopt(a, &s->folders[i], reterr);
        if (st == OK) {
            i++;
        } else if (st == E_MISMATCH) {
            hash32 id = s->folders[i].id;
            state_folder_drop(s, &id);
            a->out->doubted_folders++;
        } else {
            return st;
        }
    }
    return OK;
}

static status shared_adopt(struct adopting *a, struct owner_state *s, struct err *reterr)
{
    for (size_t i = 0; i < s->shared_n;) {
        hash32 id = s->shared[i].folder;
        status st = flow_note_check(a->c, &s->shared[i], reterr);
        if (st == OK) {
            i++;
        } else if (st == E_MISMATCH || st == E_SIGNATURE || st == E_NOT_FOUND) {
            state_shared_drop(s, &id);
            a->out->doubted_folders++;
        } else {
            return st;
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
    a->out->doubted_keys = a->out->doubted_folders = 0;
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
        st = flow_regrant(c, &id, reterr);
    }
    return st;
}
