/* SPDX-License-Identifier: Apache-2.0 */
/* The owner state as text, sealed for its owner. */
#include "base/wipe.h"
#include "codec/json.h"
#include "ehr/members.h"
#include "ehr/state.h"

#define STATE_TAG "owner-state/v1"

static void write_epoch(const struct state_epoch *e, struct jw *w)
{
    char recipient[AGE_RECIPIENT_TEXT] = "";
    char secret[AGE_IDENTITY_TEXT] = "";
    if (age_recipient_write(&e->key.id.recipient, recipient) != OK ||
        age_identity_write(&e->key.id, secret) != OK)
        w->st = E_INTERNAL;
    jw_object(w);
    jw_key(w, "epoch"), jw_u64(w, e->key.epoch);
    jw_key(w, "recipient"), jw_cstr(w, recipient);
    jw_key(w, "identity"), jw_cstr(w, secret);
    jw_key(w, "keyHash"), jw_hex(w, slice_of(e->key_hash.b, sizeof e->key_hash.b));
    jw_end(w);
    wipe(secret, sizeof secret);
}

static void write_grant(const struct state_grant *g, struct jw *w)
{
    char recipient[AGE_RECIPIENT_TEXT] = "";
    if (age_recipient_write(&g->recipient, recipient) != OK)
        w->st = E_INTERNAL;
    jw_object(w);
    jw_key(w, "holder"), jw_hex(w, slice_of(g->holder.b, sizeof g->holder.b));
    jw_key(w, "account"), jw_hex(w, slice_of(g->account.b, sizeof g->account.b));
    jw_key(w, "name"), jw_cstr(w, g->name);
    jw_key(w, "cardHash"), jw_hex(w, slice_of(g->card_hash.b, sizeof g->card_hash.b));
    jw_key(w, "recipient"), jw_cstr(w, recipient);
    jw_key(w, "permissions"), jw_u64(w, g->permissions);
    jw_key(w, "notBefore"), jw_u64(w, g->not_before);
    jw_key(w, "notAfter"), jw_u64(w, g->not_after);
    if (g->issued != 0)
        jw_key(w, "issued"), jw_u64(w, g->issued);
    if (g->is_stealth) {
        jw_key(w, "ephemeral"), jw_hex(w, slice_of(g->ephemeral, sizeof g->ephemeral));
        jw_key(w, "viewTag"), jw_u64(w, g->view_tag);
    }
    if (g->ended != 0)
        jw_key(w, "ended"), jw_u64(w, g->ended);
    jw_end(w);
}

static void write_folder(const struct state_folder *f, struct jw *w)
{
    jw_object(w);
    jw_key(w, "folderId"), jw_hex(w, slice_of(f->id.b, sizeof f->id.b));
    jw_key(w, "name"), jw_cstr(w, f->name);
    jw_key(w, "salt"), jw_hex(w, slice_of(f->salt.b, sizeof f->salt.b));
    jw_key(w, "owner"), jw_hex(w, slice_of(f->owner.b, sizeof f->owner.b));
    if (f->index != STATE_NO_INDEX)
        jw_key(w, "index"), jw_u64(w, f->index);
    jw_key(w, "epochs"), jw_array(w);
    for (size_t i = 0; i < f->epochs_n; i++)
        write_epoch(&f->epochs[i], w);
    jw_end(w);
    jw_key(w, "grants"), jw_array(w);
    for (size_t i = 0; i < f->grants_n; i++)
        write_grant(&f->grants[i], w);
    jw_end(w);
    jw_end(w);
}

status state_put(const struct owner_state *s, struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "ehrd"), jw_cstr(&w, STATE_TAG);
    jw_key(&w, "nextOwner"), jw_u64(&w, s->next_owner);
    jw_key(&w, "folders"), jw_array(&w);
    for (size_t i = 0; i < s->folders_n; i++)
        write_folder(&s->folders[i], &w);
    jw_end(&w);
    jw_key(&w, "shared"), jw_array(&w);
    for (size_t i = 0; i < s->shared_n; i++)
        grant_note_write(&s->shared[i], &w);
    jw_end(&w);
    jw_key(&w, "requests"), jw_array(&w);
    for (size_t i = 0; i < s->requests_n; i++)
        state_request_write(&s->requests[i], &w);
    jw_end(&w);
    jw_end(&w);
    return jw_done(&w, reterr);
}

static status u32_read(struct json v, uint64_t max, uint32_t *ret, struct err *reterr)
{
    uint64_t n = 0;
    status st = members_number(v, max, &n, reterr);
    if (st == OK)
        *ret = (uint32_t)n;
    return st;
}

static status read_epoch(struct json v, struct state_folder *f, struct err *reterr)
{
    struct state_epoch e = {0};
    slice secret;
    status st = u32_read(json_get(v, "epoch"), UINT32_MAX, &e.key.epoch, reterr);
    if (st == OK)
        st = json_str(json_get(v, "identity"), &secret, reterr);
    if (st == OK)
        st = age_identity_read(secret, &e.key.id, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "keyHash"), &e.key_hash, reterr);
    if (st == OK && (st = state_epoch_add(f, &e)) != OK)
        st = ERR(reterr, st, "owner state: out of memory");
    wipe(&e, sizeof e);
    return st;
}

/* A member that may be absent, then 0. */
static status optional_u64(struct json v, uint64_t *ret, struct err *reterr)
{
    *ret = 0;
    return json_is_absent(v) ? OK : members_number(v, MEMBERS_NUMBER_MAX, ret, reterr);
}

/* What relationship mode adds to a grant. */
static status read_grant_more(struct json v, struct state_grant *g, struct err *reterr)
{
    uint32_t tag = 0;
    status st = optional_u64(json_get(v, "issued"), &g->issued, reterr);
    if (st == OK)
        st = optional_u64(json_get(v, "ended"), &g->ended, reterr);
    g->is_stealth = !json_is_absent(json_get(v, "ephemeral"));
    if (st != OK || !g->is_stealth)
        return st;
    st = json_hex_fixed(json_get(v, "ephemeral"), g->ephemeral, sizeof g->ephemeral, reterr);
    if (st == OK)
        st = u32_read(json_get(v, "viewTag"), UINT8_MAX, &tag, reterr);
    g->view_tag = (uint8_t)tag;
    return st;
}

static status read_grant(struct json v, struct state_folder *f, struct err *reterr)
{
    struct state_grant g = {0};
    slice recipient;
    uint32_t permissions = 0;
    status st = json_hex_addr(json_get(v, "holder"), &g.holder, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "account"), &g.account, reterr);
    if (st == OK)
        st = members_text_read(json_get(v, "name"), g.name, sizeof g.name, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "cardHash"), &g.card_hash, reterr);
    if (st == OK)
        st = json_str(json_get(v, "recipient"), &recipient, reterr);
    if (st == OK)
        st = age_recipient_read(recipient, &g.recipient, reterr);
    if (st == OK)
        st = u32_read(json_get(v, "permissions"), UINT8_MAX, &permissions, reterr);
    if (st == OK)
        st = members_number(json_get(v, "notBefore"), MEMBERS_NUMBER_MAX, &g.not_before, reterr);
    if (st == OK)
        st = members_number(json_get(v, "notAfter"), MEMBERS_NUMBER_MAX, &g.not_after, reterr);
    if (st == OK)
        st = read_grant_more(v, &g, reterr);
    g.permissions = (uint8_t)permissions;
    if (st == OK && (st = state_grant_set(f, &g)) != OK)
        st = ERR(reterr, st, "owner state: out of memory");
    return st;
}

static status read_lists(struct json v, struct state_folder *f, struct err *reterr)
{
    status st = OK;
    for (struct json_iter it = json_iter(json_get(v, "epochs")); st == OK && json_next(&it);)
        st = read_epoch(it.value, f, reterr);
    for (struct json_iter it = json_iter(json_get(v, "grants")); st == OK && json_next(&it);)
        st = read_grant(it.value, f, reterr);
    return st;
}

static status read_folder(struct json v, struct owner_state *s, struct err *reterr)
{
    struct state_folder f = {.index = STATE_NO_INDEX};
    struct state_folder *at;
    status st = json_hex_hash(json_get(v, "folderId"), &f.id, reterr);
    if (st == OK)
        st = members_text_read(json_get(v, "name"), f.name, sizeof f.name, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "salt"), &f.salt, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "owner"), &f.owner, reterr);
    if (st == OK && !json_is_absent(json_get(v, "index")))
        st = u32_read(json_get(v, "index"), UINT32_MAX, &f.index, reterr);
    if (st != OK)
        return st;
    st = state_folder_add(s, &f, &at);
    if (st != OK)
        return ERR(reterr, st, "owner state: out of memory");
    return read_lists(v, at, reterr);
}

/* Somebody else wrote it: one that cannot be read does not keep the others back. */
static status read_shared(struct json v, struct owner_state *s, struct err *reterr)
{
    struct grant_note n;
    status st = grant_note_read_value(v, &n, reterr);
    if (st > 0) {
        s->unread++;
        return OK;
    }
    if (st == OK && (st = state_shared_set(s, &n)) != OK)
        st = ERR(reterr, st, "owner state: out of memory");
    return st;
}

static status read_all(struct json v, struct owner_state *s, struct err *reterr)
{
    status st = OK;
    if (!json_eq(json_get(v, "ehrd"), STATE_TAG))
        return ERR(reterr, E_TYPE, "not an owner state of version 1");
    if (!json_is_absent(json_get(v, "nextOwner")))
        st = u32_read(json_get(v, "nextOwner"), UINT32_MAX, &s->next_owner, reterr);
    for (struct json_iter it = json_iter(json_get(v, "folders")); st == OK && json_next(&it);)
        st = read_folder(it.value, s, reterr);
    for (struct json_iter it = json_iter(json_get(v, "shared")); st == OK && json_next(&it);)
        st = read_shared(it.value, s, reterr);
    for (struct json_iter it = json_iter(json_get(v, "requests")); st == OK && json_next(&it);)
        st = state_request_read_value(it.value, s, reterr);
    return st;
}

status state_read(slice json, struct owner_state *ret, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    struct owner_state s;
    state_init(&s);
    arena_init(&a, STATE_BYTES * 8, true);
    status st = json_read(json, &a, &doc, reterr);
    if (st == OK)
        st = read_all(json_root(&doc), &s, reterr);
    arena_done(&a);
    if (st != OK) {
        state_done(&s);
        return err_prefix(reterr, st, "owner state");
    }
    *ret = s;
    return OK;
}
