/* SPDX-License-Identifier: Apache-2.0 */
/* Wraps of a folder's keys, for grantees and for the owner. */
#include "ehr/flow_wrap.h"

#include "base/secret.h"
#include "contract/registry_abi.h"

/* The age file of a wrap. */
static status wrap_make(struct client *c, const struct state_folder *f, uint32_t epoch,
                        const struct age_recipient *to, struct buf *out, struct err *reterr)
{
    struct buf text;
    struct age_to dest = {.r = to, .n = 1};
    size_t room = f->epochs_n * sizeof(struct epoch_key);
    size_t n = 0;
    if (state_epoch_find(f, epoch) == NULL)
        return ERR(reterr, E_NO_KEY, "no key of epoch %u of folder \"%s\"", epoch, f->name);
    struct epoch_key *keys = secret_alloc(room);
    if (keys == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (size_t i = 0; i < f->epochs_n; i++)
        if (f->epochs[i].key.epoch <= epoch)
            keys[n++] = f->epochs[i].key;
    buf_init_secret(&text, WRAP_NOTE_BYTES);
    status st = wrap_text_put(&f->id, keys, n, &text, reterr);
    if (st == OK)
        st = age_seal(out, &dest, buf_slice(&text), c->random, reterr);
    buf_done(&text);
    secret_free(keys, room);
    return st;
}

status flow_wrap_put(struct client *c, const struct state_folder *f, uint32_t epoch,
                     const struct state_grant *g, struct err *reterr)
{
    struct buf wrap;
    struct buf note;
    struct wrap_note n = {
        .folder = f->id, .holder = g->holder, .account = g->account, .card_hash = g->card_hash};
    const struct actor *who;
    buf_init(&wrap, WRAP_NOTE_BYTES);
    buf_init(&note, WRAP_NOTE_BYTES);
    status st = client_actor_owner(c, f, &who, reterr);
    if (st == OK)
        st = wrap_make(c, f, epoch, &g->recipient, &wrap, reterr);
    n.wrap = buf_slice(&wrap);
    if (st == OK)
        st = wrap_note_sign(&c->net, &who->key, &n, reterr);
    if (st == OK)
        st = wrap_note_put(&n, &note, reterr);
    if (st == OK)
        st = vault_wrap_put(c->vault, &f->id, &g->holder, buf_slice(&note), reterr);
    buf_done(&wrap);
    buf_done(&note);
    return st;
}

status flow_wrap_now(struct client *c, const hash32 *folder, const addr20 *holder,
                     uint32_t *ret_epoch, struct err *reterr)
{
    struct folder_facts facts;
    status st = client_folder_facts(c, folder, &facts, reterr);
    const struct state_folder *f = state_folder_by_id(&c->state, folder);
    if (st == OK && f != NULL && state_epoch_find(f, facts.epoch) == NULL) {
        c->state_loaded = false; /* another device made the key */
        st = client_state(c, reterr);
    }
    f = state_folder_by_id(&c->state, folder);
    const struct state_grant *g = f != NULL ? state_grant_find(f, holder) : NULL;
    if (st == OK && g == NULL)
        st = ERR(reterr, E_CONFLICT, "a grant left the owner state");
    if (st == OK)
        st = flow_wrap_put(c, f, facts.epoch, g, reterr);
    if (st == OK)
        *ret_epoch = facts.epoch;
    return st;
}

status flow_wrap_self(struct client *c, const struct state_folder *f, uint32_t epoch,
                      struct err *reterr)
{
    struct state_grant self = {.holder = f->owner, .account = c->me, .recipient = c->age.recipient};
    status st = client_card_hash(c, &c->me, &self.card_hash, reterr);
    return st == OK ? flow_wrap_put(c, f, epoch, &self, reterr) : st;
}

static bool views(const struct client *c, unsigned permissions, uint64_t not_after)
{
    return (permissions & REGISTRY_VIEW) != 0 && clock_unix_s(c->clock) < not_after;
}

/* By the owner's word and the chain's: what the chain has may be shown as of before. */
static bool views_now(const struct client *c, const struct state_grant *own,
                      const struct registry_grant *g)
{
    return own->ended == 0 && views(c, own->permissions, own->not_after) &&
           g->status == REGISTRY_GRANT_ACTIVE && views(c, g->permissions, g->not_after);
}

status flow_rewrap(struct client *c, const hash32 *folder, size_t *ret_kept, struct err *reterr)
{
    struct folder_facts facts;
    status st = client_folder_facts(c, folder, &facts, reterr);
    *ret_kept = 0;
    c->state_loaded = false; /* another device may have granted meanwhile */
    if (st == OK)
        st = client_state(c, reterr);
    const struct state_folder *f = state_folder_by_id(&c->state, folder);
    for (size_t i = 0; st == OK && f != NULL && i < f->grants_n; i++) {
        struct registry_grant g;
        if (f->grants[i].ended != 0)
            continue;
        st = client_grant_get(c, folder, &f->grants[i].holder, &g, reterr);
        if (st != OK || !views_now(c, &f->grants[i], &g))
            continue;
        st = flow_wrap_put(c, f, facts.epoch, &f->grants[i], reterr);
        (*ret_kept)++;
    }
    /* The owner's own comes last: it tells that all others are there (flow_wraps_follow). */
    return st == OK && f != NULL ? flow_wrap_self(c, f, facts.epoch, reterr) : st;
}

/* The newest epoch in the owner's own wrap; 0 when none opens. */
static uint32_t self_epoch(struct client *c, const struct state_folder *f)
{
    struct buf in;
    struct buf text;
    struct wrap_note n;
    struct age_keys with = {.ids = &c->age, .n_ids = 1};
    size_t room = (f->epochs_n + 1) * sizeof(struct epoch_key);
    struct epoch_key *keys = secret_alloc(room);
    size_t keys_n = 0;
    buf_init(&in, WRAP_NOTE_BYTES);
    buf_init_secret(&text, WRAP_NOTE_BYTES);
    status st = keys == NULL ? E_NOMEM : vault_wrap_get(c->vault, &f->id, &f->owner, &in, NULL);
    if (st == OK)
        st = wrap_note_read(buf_slice(&in), &n, NULL);
    if (st == OK)
        st = wrap_note_verify(&c->net, &n, f->owner, NULL);
    if (st == OK)
        st = age_open(&text, &with, n.wrap, NULL);
    if (st == OK)
        st = wrap_text_read(buf_slice(&text), &f->id, keys, f->epochs_n + 1, &keys_n, NULL);
    uint32_t newest = st == OK && keys_n > 0 ? keys[keys_n - 1].epoch : 0;
    buf_done(&text);
    buf_done(&in);
    secret_free(keys, room);
    return newest;
}

status flow_wraps_follow(struct client *c, const hash32 *folder, struct err *reterr)
{
    struct folder_facts facts;
    size_t kept;
    status st = client_folder_facts(c, folder, &facts, reterr);
    const struct state_folder *f = state_folder_by_id(&c->state, folder);
    if (st != OK || f == NULL || self_epoch(c, f) >= facts.epoch)
        return st;
    return flow_rewrap(c, folder, &kept, reterr);
}
