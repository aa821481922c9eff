/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of the owner state. */
#include "ehr/state.h"

#include "base/checked.h"
#include "base/secret.h"
#include "base/wipe.h"
#include "codec/domain_hash.h"

void state_init(struct owner_state *s)
{
    *s = (struct owner_state){0};
}

void state_done(struct owner_state *s)
{
    for (size_t i = 0; i < s->folders_n; i++) {
        struct state_folder *f = &s->folders[i];
        secret_free(f->epochs, f->epochs_n * sizeof *f->epochs);
        secret_free(f->grants, f->grants_n * sizeof *f->grants);
    }
    secret_free(s->folders, s->folders_n * sizeof *s->folders);
    secret_free(s->shared, s->shared_n * sizeof *s->shared);
    secret_free(s->requests, s->requests_n * sizeof *s->requests);
    state_init(s);
}

/* A list with room for one more of size bytes; the old storage is wiped. */
static void *grow(void *list, size_t n, size_t size)
{
    size_t bytes;
    void *p = size_mul(n + 1, size, &bytes) ? secret_alloc(bytes) : NULL;
    if (p == NULL)
        return NULL;
    if (n > 0)
        memcpy(p, list, n * size);
    secret_free(list, n * size);
    return p;
}

struct state_folder *state_folder_find(const struct owner_state *s, const char *name)
{
    for (size_t i = 0; i < s->folders_n; i++)
        if (strcmp(s->folders[i].name, name) == 0)
            return &s->folders[i];
    return NULL;
}

struct state_folder *state_folder_by_id(const struct owner_state *s, const hash32 *id)
{
    for (size_t i = 0; i < s->folders_n; i++)
        if (hash32_eq(s->folders[i].id, *id))
            return &s->folders[i];
    return NULL;
}

struct state_grant *state_grant_find(const struct state_folder *f, const addr20 *holder)
{
    for (size_t i = 0; i < f->grants_n; i++)
        if (addr20_eq(f->grants[i].holder, *holder))
            return &f->grants[i];
    return NULL;
}

struct state_grant *state_grant_of(const struct state_folder *f, const addr20 *who)
{
    for (size_t i = 0; i < f->grants_n; i++) {
        struct state_grant *g = &f->grants[i];
        if (g->ended == 0 && (addr20_eq(g->account, *who) || addr20_eq(g->holder, *who)))
            return g;
    }
    return NULL;
}

struct grant_note *state_shared_by_id(const struct owner_state *s, const hash32 *folder)
{
    for (size_t i = 0; i < s->shared_n; i++)
        if (hash32_eq(s->shared[i].folder, *folder))
            return &s->shared[i];
    return NULL;
}

struct state_epoch *state_epoch_find(const struct state_folder *f, uint32_t epoch)
{
    for (size_t i = 0; i < f->epochs_n; i++)
        if (f->epochs[i].key.epoch == epoch)
            return &f->epochs[i];
    return NULL;
}

bool state_account_of(const struct owner_state *s, const addr20 *member, addr20 *ret_account,
                      char ret_name[STATE_NAME + 1])
{
    for (size_t i = 0; i < s->folders_n; i++) {
        const struct state_grant *g = state_grant_find(&s->folders[i], member);
        if (g != NULL) {
            *ret_account = g->account;
            memcpy(ret_name, g->name, sizeof g->name);
            return true;
        }
    }
    for (size_t i = 0; i < s->shared_n; i++) {
        if (addr20_eq(s->shared[i].owner, *member)) {
            *ret_account = s->shared[i].owner_account;
            ret_name[0] = 0;
            return true;
        }
    }
    return false;
}

status state_folder_add(struct owner_state *s, const struct state_folder *f,
                        struct state_folder **ret)
{
    struct state_folder *p = grow(s->folders, s->folders_n, sizeof *p);
    if (p == NULL)
        return E_NOMEM;
    s->folders = p;
    p[s->folders_n] = *f;
    *ret = &p[s->folders_n++];
    return OK;
}

status state_epoch_add(struct state_folder *f, const struct state_epoch *e)
{
    struct state_epoch *p = grow(f->epochs, f->epochs_n, sizeof *p);
    if (p == NULL)
        return E_NOMEM;
    f->epochs = p;
    p[f->epochs_n++] = *e;
    return OK;
}

status state_grant_set(struct state_folder *f, const struct state_grant *g)
{
    struct state_grant *old = state_grant_find(f, &g->holder);
    if (old != NULL) {
        *old = *g;
        return OK;
    }
    struct state_grant *p = grow(f->grants, f->grants_n, sizeof *p);
    if (p == NULL)
        return E_NOMEM;
    f->grants = p;
    p[f->grants_n++] = *g;
    return OK;
}

status state_shared_set(struct owner_state *s, const struct grant_note *n)
{
    struct grant_note *old = state_shared_by_id(s, &n->folder);
    if (old != NULL) {
        *old = *n;
        return OK;
    }
    struct grant_note *p = grow(s->shared, s->shared_n, sizeof *p);
    if (p == NULL)
        return E_NOMEM;
    s->shared = p;
    p[s->shared_n++] = *n;
    return OK;
}

void state_grant_end(struct state_folder *f, const addr20 *holder, uint64_t now)
{
    struct state_grant *g = state_grant_find(f, holder);
    if (g != NULL && g->ended == 0)
        g->ended = now;
}

status state_key_hash(const struct netid *net, const struct state_folder *f, uint32_t epoch,
                      hash32 *ret, struct err *reterr)
{
    char text[AGE_RECIPIENT_TEXT];
    *ret = (hash32){{0}};
    for (uint32_t e = 1; e <= epoch; e++) {
        const struct state_epoch *key = state_epoch_find(f, e);
        if (key == NULL)
            return ERR(reterr, E_NO_KEY, "folder \"%s\": no key of epoch %u", f->name, e);
        if (age_recipient_write(&key->key.id.recipient, text) != OK)
            return ERR(reterr, E_CORRUPT, "folder \"%s\": the key of epoch %u", f->name, e);
        folder_key_hash(net, &f->id, e, slice_str(text), ret, ret);
    }
    return OK;
}

size_t state_epochs_drop(struct state_folder *f, uint32_t after)
{
    size_t kept = 0;
    size_t n = f->epochs_n;
    for (size_t i = 0; i < n; i++)
        if (f->epochs[i].key.epoch <= after)
            f->epochs[kept++] = f->epochs[i];
    if (kept < n)
        wipe(f->epochs + kept, (n - kept) * sizeof *f->epochs);
    f->epochs_n = kept;
    return n - kept;
}

void state_folder_drop(struct owner_state *s, const hash32 *id)
{
    struct state_folder *f = state_folder_by_id(s, id);
    if (f == NULL)
        return;
    secret_free(f->epochs, f->epochs_n * sizeof *f->epochs);
    secret_free(f->grants, f->grants_n * sizeof *f->grants);
    *f = s->folders[--s->folders_n];
}

void state_shared_drop(struct owner_state *s, const hash32 *folder)
{
    struct grant_note *n = state_shared_by_id(s, folder);
    if (n != NULL)
        *n = s->shared[--s->shared_n];
}
