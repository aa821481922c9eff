/* SPDX-License-Identifier: Apache-2.0 */
/* Cards, and folders with their keys. */
#include "ehr/flow_folder.h"

#include "base/wipe.h"
#include "codec/domain_hash.h"
#include "contract/registry_abi.h"
#include "ehr/flow_wrap.h"
#include "ehr/members.h"

#define CALL_BYTES ((size_t)64 << 10)
#define OPEN_TRIES 3 /* when devices open folders at the same time */

status flow_send_in(struct client *c, const hash32 *folder, status put, struct buf *data,
                    struct client_sent *ret, struct err *reterr)
{
    const struct actor *who;
    status st = client_actor(c, folder, &who, reterr);
    if (st == OK)
        return flow_send_one(c, who, put, data, ret, reterr);
    buf_done(data);
    return st;
}

status flow_send_one(struct client *c, const struct actor *who, status put, struct buf *data,
                     struct client_sent *ret, struct err *reterr)
{
    slice call = buf_slice(data);
    status st = put == OK ? client_send(c, who, &call, 1, ret, reterr)
                          : ERR(reterr, put, "call: %s", status_text(put));
    buf_done(data);
    return st;
}

status flow_card_publish(struct client *c, const struct card *card, struct client_sent *ret,
                         struct err *reterr)
{
    struct buf json;
    struct buf data;
    hash32 digest;
    hash32 now;
    card_digest(&c->net, card, &digest);
    buf_init(&json, CARD_BYTES);
    status st = card_put(card, &json, reterr);
    if (st == OK)
        st = vault_card_put(c->vault, &c->me, buf_slice(&json), reterr);
    buf_done(&json);
    if (st == OK)
        st = client_card_hash(c, &c->me, &now, reterr);
    if (st != OK || hash32_eq(now, digest)) {
        *ret = (struct client_sent){0};
        return st;
    }
    buf_init(&data, CALL_BYTES);
    st = flow_send_one(c, client_self(c), registry_put_set_key_card(&data, digest), &data, ret,
                       reterr);
    if (st == OK)
        st = client_card_hash(c, &c->me, &now, reterr);
    if (st == OK && !hash32_eq(now, digest))
        st = ERR(reterr, E_MISMATCH, "key card: the chain does not hold it");
    return st;
}

/* --- opening -----------------------------------------------------------------------------------
 */

/* A key of the next epoch of a folder. */
static status epoch_make(struct client *c, const hash32 *folder, uint32_t epoch, const hash32 *prev,
                         struct state_epoch *ret)
{
    char text[AGE_RECIPIENT_TEXT];
    status st = age_identity_generate(c->random, &ret->key.id);
    ret->key.epoch = epoch;
    if (st == OK)
        st = age_recipient_write(&ret->key.id.recipient, text);
    if (st == OK)
        folder_key_hash(&c->net, folder, epoch, slice_str(text), prev, &ret->key_hash);
    return st;
}

struct opening {
    const struct state_folder *folder; /* without lists */
    const struct state_epoch *epoch;
};

/* The same folder of an earlier try is fine; another one of another device under this owner index
 * is not. */
static status opening_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct opening *o = ctx;
    struct state_folder *f = state_folder_by_id(s, &o->folder->id);
    status st = OK;
    if (f != NULL)
        return strcmp(f->name, o->folder->name) == 0
                   ? OK
                   : ERR(reterr, E_CONFLICT, "the owner index is taken");
    if (state_folder_find(s, o->folder->name) != NULL)
        return ERR(reterr, E_DUPLICATE, "there is a folder \"%s\" already", o->folder->name);
    if (o->folder->index != STATE_NO_INDEX && o->folder->index >= s->next_owner)
        s->next_owner = o->folder->index + 1;
    st = state_folder_add(s, o->folder, &f);
    if (st == OK)
        st = state_epoch_add(f, o->epoch);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

/* The account itself with a random salt. */
static status owner_account(struct client *c, struct state_folder *f, struct err *reterr)
{
    f->owner = c->me;
    f->index = STATE_NO_INDEX;
    if (random_fill(c->random, f->salt.b, sizeof f->salt.b) != OK)
        return ERR(reterr, E_IO, "no randomness");
    folder_id(&c->net, f->owner, &f->salt, &f->id);
    return OK;
}

/* The first owner address that neither the state nor the chain knows. */
static status owner_derived(struct client *c, struct state_folder *f, struct err *reterr)
{
    struct folder_facts facts;
    status st = OK;
    for (f->index = c->state.next_owner; st == OK; f->index++) {
        struct secp_key key = {{0}};
        if (f->index == STATE_NO_INDEX)
            return ERR(reterr, E_RANGE, "no owner index is left");
        st = identity_owner(&c->id, f->index, &key);
        if (st == OK)
            st = secp_key_addr(&key, &f->owner);
        secp_key_done(&key);
        if (st != OK)
            return ERR(reterr, st, "owner address: cannot be derived");
        folder_id(&c->net, f->owner, &f->salt, &f->id);
        st = client_folder_facts(c, &f->id, &facts, reterr);
        if (st == E_NOT_FOUND)
            return OK;
    }
    return st;
}

/* Owner, id and first key, kept in the owner state. */
static status folder_try(struct client *c, struct state_folder *f, struct err *reterr)
{
    struct state_epoch e = {0};
    static const hash32 none;
    struct opening o = {f, &e};
    struct client_change change = {opening_apply, &o};
    status st = client_state(c, reterr);
    if (st == OK)
        st = c->wallet_mode ? owner_account(c, f, reterr) : owner_derived(c, f, reterr);
    if (st == OK && (st = epoch_make(c, &f->id, 1, &none, &e)) != OK)
        st = ERR(reterr, st, "folder: no key can be made");
    if (st == OK)
        st = client_state_change(c, &change, reterr);
    wipe(&e, sizeof e);
    return st;
}

static status folder_begin(struct client *c, const char *name, struct err *reterr)
{
    struct state_folder f = {.index = STATE_NO_INDEX};
    status st = E_CONFLICT;
    if (name[0] == 0 || strchr(name, '/') != NULL ||
        members_text(slice_str(name), f.name, sizeof f.name) != OK)
        return ERR(reterr, E_RANGE, "folder name: 1 to %u bytes without \"/\"", STATE_NAME);
    for (int i = 0; st == E_CONFLICT && i < OPEN_TRIES; i++)
        st = folder_try(c, &f, reterr);
    return st;
}

/* Sign and store the folder key of an epoch that is in the owner state. */
static status folder_key_store(struct client *c, const struct state_folder *f,
                               const struct state_epoch *e, struct err *reterr)
{
    static const hash32 none;
    struct folder_key k;
    struct buf json;
    const struct actor *who;
    const struct state_epoch *before = state_epoch_find(f, e->key.epoch - 1);
    buf_init(&json, FOLDER_KEY_BYTES);
    status st = client_actor_owner(c, f, &who, reterr);
    if (st == OK)
        st = folder_key_sign(&c->net, &who->key, &f->id, e->key.epoch, &e->key.id.recipient,
                             before != NULL ? &before->key_hash : &none, &k, reterr);
    if (st == OK)
        st = folder_key_put(&k, &json, reterr);
    if (st == OK)
        st = vault_fkey_put(c->vault, &f->id, e->key.epoch, buf_slice(&json), reterr);
    buf_done(&json);
    return st;
}

status flow_key_store(struct client *c, const hash32 *folder, uint32_t epoch, struct err *reterr)
{
    const struct state_folder *f = state_folder_by_id(&c->state, folder);
    const struct state_epoch *e = f != NULL ? state_epoch_find(f, epoch) : NULL;
    if (e == NULL)
        return ERR(reterr, E_NO_KEY, "owner state: no key of epoch %u", epoch);
    return folder_key_store(c, f, e, reterr);
}

static status folder_open_call(struct client *c, const struct state_folder *f, struct err *reterr)
{
    struct folder_facts facts;
    struct buf data;
    struct client_sent sent;
    buf_init(&data, CALL_BYTES);
    status put = registry_put_open_folder(&data, f->salt, f->epochs[0].key_hash);
    status st = flow_send_in(c, &f->id, put, &data, &sent, reterr);
    if (st != OK)
        return st;
    st = client_folder_facts(c, &f->id, &facts, reterr);
    if (st == E_NOT_FOUND || (st == OK && !addr20_eq(facts.owner, f->owner)))
        st = ERR(reterr, E_MISMATCH, "folder: the chain does not hold it");
    return st;
}

status flow_folder_new(struct client *c, const char *name, hash32 *ret_id, struct err *reterr)
{
    struct folder_facts facts;
    status st = client_state(c, reterr);
    if (st != OK)
        return st;
    if (state_folder_find(&c->state, name) == NULL)
        st = folder_begin(c, name, reterr);
    if (st != OK)
        return st;
    const struct state_folder *f = state_folder_find(&c->state, name);
    if (f == NULL || f->epochs_n == 0)
        return ERR(reterr, E_CORRUPT, "owner state: the folder has no key");
    st = client_folder_facts(c, &f->id, &facts, reterr);
    bool open = st == OK;
    if (st == E_NOT_FOUND)
        st = folder_open_call(c, f, reterr);
    if (st == OK && open && facts.epoch > 1)
        return ERR(reterr, E_DUPLICATE, "there is a folder \"%s\" already", name);
    if (st == OK)
        st = folder_key_store(c, f, &f->epochs[0], reterr);
    if (st == OK)
        st = flow_wrap_self(c, f, 1, reterr);
    if (st == OK && open)
        st = ERR(reterr, E_DUPLICATE, "there is a folder \"%s\" already", name);
    if (st == OK)
        *ret_id = f->id;
    return st;
}

/* --- rotation ----------------------------------------------------------------------------------
 */

struct rotating {
    const hash32 *folder;
    const struct state_epoch *epoch;
};

static status rotating_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct rotating *r = ctx;
    struct state_folder *f = state_folder_by_id(s, r->folder);
    if (f == NULL)
        return ERR(reterr, E_NOT_FOUND, "not one of your folders");
    if (state_epoch_find(f, r->epoch->key.epoch) != NULL)
        return OK;
    status st = state_epoch_add(f, r->epoch);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

status flow_next_epoch(struct client *c, const struct folder_facts *facts, struct state_epoch *ret,
                       struct err *reterr)
{
    struct state_epoch e = {0};
    struct rotating r = {&facts->folder, &e};
    struct client_change change = {rotating_apply, &r};
    status st = client_state(c, reterr);
    if (st != OK)
        return st;
    const struct state_folder *f = state_folder_by_id(&c->state, &facts->folder);
    if (f == NULL)
        return ERR(reterr, E_NOT_FOUND, "not one of your folders");
    if (state_epoch_find(f, facts->epoch + 1) == NULL) {
        st = epoch_make(c, &facts->folder, facts->epoch + 1, &facts->key_hash, &e);
        if (st != OK)
            return ERR(reterr, st, "folder: no key can be made");
        st = client_state_change(c, &change, reterr);
        wipe(&e, sizeof e);
    }
    if (st != OK)
        return st;
    f = state_folder_by_id(&c->state, &facts->folder);
    *ret = *state_epoch_find(f, facts->epoch + 1);
    return folder_key_store(c, f, ret, reterr);
}

/* The chain has the key, or a later one. */
static status rotate_confirm(struct client *c, const struct folder_facts *was, const hash32 *next,
                             struct err *reterr)
{
    struct folder_facts now;
    status st = client_folder_facts(c, &was->folder, &now, reterr);
    if (st == OK && (now.epoch <= was->epoch ||
                     (now.epoch == was->epoch + 1 && !hash32_eq(now.key_hash, *next))))
        st = ERR(reterr, E_MISMATCH, "key of the folder: the chain does not hold it");
    return st;
}

status flow_folder_rotate(struct client *c, const hash32 *folder, uint32_t *ret_epoch,
                          struct err *reterr)
{
    struct folder_facts facts;
    struct state_epoch next;
    struct client_sent sent;
    struct buf data;
    size_t kept;
    status st = client_folder_facts(c, folder, &facts, reterr);
    if (st == OK)
        st = flow_next_epoch(c, &facts, &next, reterr);
    if (st != OK)
        return st;
    buf_init(&data, CALL_BYTES);
    status put = registry_put_rotate_folder(&data, *folder, facts.epoch, next.key_hash);
    st = flow_send_in(c, folder, put, &data, &sent, reterr);
    wipe(&next.key, sizeof next.key);
    /* Sent again when its answer was lost it is refused, though the first was mined. */
    if (st == OK || (st == E_REVERTED && rotate_confirm(c, &facts, &next.key_hash, NULL) == OK))
        st = rotate_confirm(c, &facts, &next.key_hash, reterr);
    if (st == OK)
        st = flow_rewrap(c, folder, &kept, reterr);
    if (st == OK)
        *ret_epoch = facts.epoch + 1;
    return st;
}
