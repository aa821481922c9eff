/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery of folders by their owner addresses. */
#include "ehr/flow_recover.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "base/wipe.h"
#include "codec/domain_hash.h"
#include "codec/json.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"
#include "ehr/members.h"

/* --- folders --------------------------------------------------------------------------------- */

/* The folder that the i-th owner address would open. */
static status folder_at(struct client *c, uint32_t i, struct state_folder *ret, struct err *reterr)
{
    struct secp_key key = {{0}};
    *ret = (struct state_folder){.index = i};
    status st = identity_owner(&c->id, i, &key);
    if (st == OK)
        st = secp_key_addr(&key, &ret->owner);
    secp_key_done(&key);
    if (st != OK)
        return ERR(reterr, st, "owner address: cannot be derived");
    folder_id(&c->net, ret->owner, &ret->salt, &ret->id);
    (void)snprintf(ret->name, sizeof ret->name, "recovered-%u", i + 1);
    return OK;
}

static status adding_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct state_folder *f = ctx;
    struct state_folder *at;
    if (f->index >= s->next_owner)
        s->next_owner = f->index + 1;
    if (state_folder_by_id(s, &f->id) != NULL)
        return OK;
    status st = state_folder_add(s, f, &at);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

struct keying {
    const struct folder_access *access;
    const struct netid *net;
};

/* The identities of the owner's own wrap, each checked against the folder key of its epoch. */
static status keying_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct keying *k = ctx;
    const struct folder_access *a = k->access;
    struct state_folder *f = state_folder_by_id(s, &a->facts.folder);
    status st = f == NULL ? E_NOT_FOUND : OK;
    for (size_t i = 0; st == OK && i < a->ids_n; i++) {
        struct state_epoch e = {.key = a->ids[i]};
        if (state_epoch_find(f, e.key.epoch) == NULL) {
            folder_key_hash_of(k->net, &a->keys[e.key.epoch - 1], &e.key_hash);
            st = state_epoch_add(f, &e);
        }
        wipe(&e, sizeof e);
    }
    return st == OK ? OK : ERR(reterr, st, "recovered folder: %s", status_text(st));
}

/* --- grants ---------------------------------------------------------------------------------- */

struct regrant {
    const hash32 *folder;
    struct state_grant grant;
};

static status regrant_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct regrant *r = ctx;
    struct state_folder *f = state_folder_by_id(s, r->folder);
    if (f == NULL || state_grant_find(f, &r->grant.holder) != NULL)
        return OK;
    status st = state_grant_set(f, &r->grant);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

status flow_grantee_find(struct client *c, const struct folder_facts *f, struct state_grant *g,
                         struct err *reterr)
{
    struct buf in;
    struct wrap_note n;
    struct card card;
    hash32 hash;
    buf_init(&in, WRAP_NOTE_BYTES);
    status st = vault_wrap_get(c->vault, &f->folder, &g->holder, &in, reterr);
    if (st == OK)
        st = wrap_note_read(buf_slice(&in), &n, reterr);
    if (st == OK && (!hash32_eq(n.folder, f->folder) || !addr20_eq(n.holder, g->holder)))
        st = ERR(reterr, E_MISMATCH, "wrap note: of another folder or holder");
    if (st == OK)
        st = wrap_note_verify(&c->net, &n, f->owner, reterr);
    if (st == OK) {
        g->account = n.account;
        st = client_card(c, &n.account, &card, &hash, reterr);
    }
    buf_done(&in);
    if (st != OK)
        return st;
    g->card_hash = hash;
    g->recipient = card.recipient;
    /* Chosen by the grantee: it is marked, not to pass for a name that the owner gave. */
    int cut = (int)utf8_cut(slice_str(card.name), 180);
    (void)snprintf(g->name, sizeof g->name, "%.*s (card)", cut, card.name);
    return OK;
}

static status grant_read(struct client *c, const struct folder_access *f, struct json v,
                         struct err *reterr)
{
    struct regrant r = {.folder = &f->facts.folder};
    struct client_change change = {regrant_apply, &r};
    struct registry_grant now;
    hash32 scope;
    status st = json_hex_addr(json_get(v, "holder"), &r.grant.holder, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "scope"), &scope, reterr);
    if (st == OK)
        st = client_grant_get(c, &f->facts.folder, &r.grant.holder, &now, reterr);
    if (st != OK || !hash32_is_zero(scope) || now.status != REGISTRY_GRANT_ACTIVE)
        return st;
    st = flow_grantee_find(c, &f->facts, &r.grant, reterr);
    if (st > 0 && st != E_MISMATCH) /* who may only add has no wrap: it stays without a name */
        return OK;
    r.grant.permissions = now.permissions;
    r.grant.not_before = members_time(now.not_before);
    r.grant.not_after = members_time(now.not_after);
    return st == OK ? client_state_change(c, &change, reterr) : st;
}

static status grants_find(struct client *c, const struct folder_access *f, struct err *reterr)
{
    char id[67];
    char target[VAULT_NODE_TARGET];
    struct buf answer;
    struct arena a;
    struct json_doc doc;
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/grants",
                   hex_0x(slice_of(f->facts.folder.b, 32), id));
    struct vault_node_request r = {.method = "GET", .target = target};
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    arena_init(&a, LIMIT_HTTP_ANSWER, false);
    status st = vault_node_call(c->vault, &r, &answer, NULL, reterr);
    if (st == OK)
        st = json_read(buf_slice(&answer), &a, &doc, reterr);
    struct json list = st == OK ? json_get(json_root(&doc), "grants") : (struct json){0};
    for (struct json_iter it = json_iter(list); st == OK && json_next(&it);)
        st = grant_read(c, f, it.value, reterr);
    arena_done(&a);
    buf_done(&answer);
    return st;
}

status flow_regrant(struct client *c, const hash32 *folder, struct err *reterr)
{
    struct folder_access access;
    status st = folder_access_open(c, folder, &access, reterr);
    if (st != OK)
        return st == E_MISSING ? OK : st; /* the node lost its keys */
    st = grants_find(c, &access, reterr);
    folder_access_done(&access);
    return st;
}

/* --- the search ------------------------------------------------------------------------------ */

static status folder_take(struct client *c, struct state_folder *f, struct recovered *out,
                          struct err *reterr)
{
    struct folder_access access;
    struct keying k = {&access, &c->net};
    struct client_change add = {adding_apply, f};
    struct client_change key = {keying_apply, &k};
    status st = client_state_change(c, &add, reterr);
    if (st == OK)
        st = folder_access_open(c, &f->id, &access, reterr);
    if (st == E_MISSING) { /* a node that came back from a backup lost it */
        out->keyless++;
        out->found++;
        return OK;
    }
    if (st != OK)
        return st;
    st = grants_find(c, &access, reterr); /* keys last: without them it is begun again */
    if (st == OK && access.ids_n > 0)
        st = client_state_change(c, &key, reterr);
    else if (st == OK)
        out->keyless++;
    folder_access_done(&access);
    out->found++;
    return st;
}

/* A folder in the state without keys is one whose recovery was cut short. */
static bool is_known(const struct client *c, const hash32 *id)
{
    const struct state_folder *f = state_folder_by_id(&c->state, id);
    return f != NULL && f->epochs_n > 0;
}

static status search(struct client *c, struct recovered *out, struct err *reterr)
{
    status st = OK;
    unsigned unused = 0;
    for (uint32_t i = 0; st == OK && (unused < RECOVER_GAP || i < c->state.next_owner); i++) {
        struct state_folder f;
        struct folder_facts facts;
        st = folder_at(c, i, &f, reterr);
        if (st == OK)
            st = client_folder_facts(c, &f.id, &facts, reterr);
        unused = st == E_NOT_FOUND ? unused + 1 : 0;
        if (st == E_NOT_FOUND)
            st = OK;
        else if (st == OK && addr20_eq(facts.owner, f.owner) && !is_known(c, &f.id))
            st = folder_take(c, &f, out, reterr);
    }
    return st;
}

static status grants_count(struct client *c, struct recovered *out, struct err *reterr)
{
    status st = OK;
    uint64_t now = clock_unix_s(c->clock);
    for (size_t i = 0; i < c->state.folders_n; i++) {
        const struct state_folder *f = &c->state.folders[i];
        for (size_t k = 0; st == OK && k < f->grants_n; k++) {
            struct registry_grant g;
            if (f->grants[k].ended != 0)
                continue;
            st = client_grant_get(c, &f->id, &f->grants[k].holder, &g, reterr);
            out->grants += st == OK && g.status == REGISTRY_GRANT_ACTIVE && now < g.not_after;
        }
    }
    return st;
}

status flow_recover(struct client *c, struct recovered *ret, struct err *reterr)
{
    struct recovered out = {0};
    struct inbox_taken taken;
    status st = client_state(c, reterr);
    if (st == OK && c->accept_state)
        st = flow_adopt(c, &out, reterr);
    if (st == OK)
        st = search(c, &out, reterr);
    if (st == OK)
        st = flow_inbox(c, &taken, reterr);
    if (st == OK)
        st = grants_count(c, &out, reterr);
    if (st != OK)
        return st;
    out.folders = c->state.folders_n;
    out.shared = c->state.shared_n;
    *ret = out;
    return OK;
}
