/* SPDX-License-Identifier: Apache-2.0 */
/* Loading and checking of a folder's keys. */
#include "ehr/folder_access.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/secret.h"

void folder_access_done(struct folder_access *f)
{
    secret_free(f->ids, f->ids_max * sizeof *f->ids);
    free(f->keys);
    *f = (struct folder_access){0};
}

static status keys_parse(struct client *c, const struct vault_fkey *list, size_t n,
                         struct folder_access *f, struct err *reterr)
{
    status st = OK;
    f->keys = calloc(n > 0 ? n : 1, sizeof *f->keys);
    if (f->keys == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (size_t i = 0; st == OK && i < n; i++)
        st = folder_key_read(list[i].json, &f->keys[i], reterr);
    if (st != OK)
        return st;
    /* A key of the next epoch may wait there before the rotation. */
    f->keys_n = n > f->facts.epoch ? f->facts.epoch : n;
    return folder_keys_verify(&c->net, f->keys, f->keys_n, &f->facts, reterr);
}

static status keys_load(struct client *c, struct folder_access *f, struct err *reterr)
{
    struct arena a;
    struct vault_fkey *list = NULL;
    size_t n = 0;
    arena_init(&a, LIMIT_HTTP_ANSWER, false);
    status st = vault_fkeys(c->vault, &f->facts.folder, &a, &list, &n, reterr);
    if (st == OK && n > FOLDER_EPOCHS_MAX)
        st = ERR(reterr, E_TOO_LONG, "folder keys: %zu epochs", n);
    if (st == OK)
        st = keys_parse(c, list, n, f, reterr);
    arena_done(&a);
    return st;
}

/* Each identity opens what is sealed for the folder key of its epoch. */
static status ids_check(const struct folder_access *f, struct err *reterr)
{
    for (size_t i = 0; i < f->ids_n; i++) {
        uint32_t e = f->ids[i].epoch;
        if (e == 0 || e > f->keys_n ||
            !age_recipient_eq(&f->keys[e - 1].recipient, &f->ids[i].id.recipient))
            return ERR(reterr, E_MISMATCH, "identity of epoch %u: not of the folder's key", e);
    }
    return OK;
}

/* Room for n identities, at most FOLDER_EPOCHS_MAX. */
static bool ids_room(struct folder_access *f, size_t n)
{
    f->ids_max = n > 0 ? n : 1;
    f->ids = secret_alloc(f->ids_max * sizeof *f->ids);
    return f->ids != NULL;
}

static status ids_of_state(const struct state_folder *s, struct folder_access *f,
                           struct err *reterr)
{
    if (!ids_room(f, s->epochs_n))
        return ERR(reterr, E_NOMEM, "out of memory");
    for (size_t i = 0; i < s->epochs_n; i++)
        if (s->epochs[i].key.epoch <= f->facts.epoch)
            f->ids[f->ids_n++] = s->epochs[i].key;
    return OK;
}

/* The note is the owner's, about this folder, for me. */
static status note_check(struct client *c, const struct folder_access *f, const struct wrap_note *n,
                         struct err *reterr)
{
    if (!hash32_eq(n->folder, f->facts.folder))
        return ERR(reterr, E_MISMATCH, "wrap note: of another folder");
    if (!addr20_eq(n->holder, f->actor->addr) || !addr20_eq(n->account, c->me))
        return ERR(reterr, E_MISMATCH, "wrap note: made for somebody else");
    return wrap_note_verify(&c->net, n, f->facts.owner, reterr);
}

static status wrap_open(struct client *c, const struct wrap_note *n, struct folder_access *f,
                        struct err *reterr)
{
    struct buf text;
    struct age_keys keys = {.ids = &c->age, .n_ids = 1};
    buf_init_secret(&text, WRAP_NOTE_BYTES);
    status st = ids_room(f, f->keys_n) ? OK : ERR(reterr, E_NOMEM, "out of memory");
    if (st == OK && (st = age_open(&text, &keys, n->wrap, reterr)) != OK)
        st = err_prefix(reterr, st, "wrap");
    if (st == OK)
        st = wrap_text_read(buf_slice(&text), &f->facts.folder, f->ids, f->keys_n, &f->ids_n,
                            reterr);
    buf_done(&text);
    return st;
}

static status ids_of_wrap(struct client *c, struct folder_access *f, struct err *reterr)
{
    struct buf in;
    struct wrap_note n;
    struct err why;
    buf_init(&in, WRAP_NOTE_BYTES);
    status st = vault_wrap_get(c->vault, &f->facts.folder, &f->actor->addr, &in, &why);
    if (st == E_FORBIDDEN || st == E_NOT_FOUND || st == E_EXPIRED) {
        f->no_ids = st;
        memcpy(f->no_ids_why, why.msg, sizeof f->no_ids_why);
        buf_done(&in);
        return OK;
    }
    if (st != OK && reterr != NULL)
        *reterr = why;
    if (st == OK)
        st = wrap_note_read(buf_slice(&in), &n, reterr);
    if (st == OK)
        st = note_check(c, f, &n, reterr);
    if (st == OK)
        st = wrap_open(c, &n, f, reterr);
    buf_done(&in);
    return st;
}

status folder_access_open(struct client *c, const hash32 *folder, struct folder_access *ret,
                          struct err *reterr)
{
    struct folder_access f = {0};
    status st = client_state(c, reterr);
    if (st == OK)
        st = client_folder_facts(c, folder, &f.facts, reterr);
    if (st == OK)
        st = client_actor(c, folder, &f.actor, reterr);
    if (st != OK)
        return st;
    const struct state_folder *own = state_folder_by_id(&c->state, folder);
    f.mine = addr20_eq(f.facts.owner, f.actor->addr);
    const struct grant_note *shared = state_shared_by_id(&c->state, folder);
    if ((own != NULL && !f.mine) || (shared != NULL && !addr20_eq(f.facts.owner, shared->owner)))
        return ERR(reterr, E_MISMATCH,
                   "folder: its owner is not the one it was opened or shared by; the ledger may be "
                   "lying, or the folder was transferred");
    st = keys_load(c, &f, reterr);
    if (st == OK)
        st = f.mine && own != NULL && own->epochs_n > 0 ? ids_of_state(own, &f, reterr)
                                                        : ids_of_wrap(c, &f, reterr);
    if (st == OK)
        st = ids_check(&f, reterr);
    if (st != OK) {
        folder_access_done(&f);
        return st;
    }
    *ret = f;
    return OK;
}

const struct folder_key *folder_access_key(const struct folder_access *f)
{
    return &f->keys[f->keys_n - 1];
}

status folder_access_ring(const struct folder_access *f, struct folder_ring *ret,
                          struct err *reterr)
{
    if (f->ids_n == 0)
        return ERR(reterr, f->no_ids == OK ? E_NO_KEY : f->no_ids, "%s",
                   f->no_ids == OK ? "there are no keys of this folder" : f->no_ids_why);
    *ret = (struct folder_ring){.keys = f->ids, .n = f->ids_n};
    return OK;
}
