/* SPDX-License-Identifier: Apache-2.0 */
/* The holders that an account has in a folder. */
#include "ehr/holders.h"

#include <stdlib.h>

#include "ehr/slot_prove.h"

#define PROOF_BYTES ((size_t)16 << 20)

bool holder_is_active(const struct holder_now *h)
{
    return h->now.status == REGISTRY_GRANT_ACTIVE;
}

bool holder_may_view(const struct holder_now *h)
{
    return holder_is_active(h) && (h->now.permissions & REGISTRY_VIEW) != 0;
}

bool holder_is_silent(const struct state_folder *f, const struct state_grant *g)
{
    return f->index != STATE_NO_INDEX && !g->is_stealth && !addr20_eq(g->holder, g->account);
}

/* What the chain has of each of the account's entries, in their order. */
static status entries_prove(struct client *c, const struct state_folder *f, const addr20 *account,
                            struct proved_grant *list, struct err *reterr)
{
    struct arena a;
    struct ledger_block block;
    bool vouched;
    size_t n = 0;
    for (size_t i = 0; i < f->grants_n; i++)
        if (addr20_eq(f->grants[i].account, *account))
            list[n++].holder = f->grants[i].holder;
    if (n == 0)
        return OK;
    arena_init(&a, PROOF_BYTES, false);
    status st =
        grants_prove(c->ledger, &c->net.proxy, &f->id, list, n, &a, &block, &vouched, reterr);
    arena_done(&a);
    return st;
}

/* The ended ones, too: the chain says what is true. */
static status entries_take(const struct state_folder *f, const addr20 *account,
                           const struct proved_grant *list, struct holders *ret, struct err *reterr)
{
    struct holders h = {.n = 0};
    size_t n = 0;
    for (size_t i = 0; i < f->grants_n; i++) {
        const struct state_grant *g = &f->grants[i];
        if (!addr20_eq(g->account, *account))
            continue;
        struct holder_now one = {g->holder, g->ended != 0, holder_is_silent(f, g), list[n++].now};
        if (one.ended && !holder_is_active(&one))
            continue;
        if (h.n == HOLDERS_MAX)
            return ERR(reterr, E_TOO_LONG, "one person has more than %u grants in this folder",
                       HOLDERS_MAX);
        h.list[h.n++] = one;
    }
    *ret = h;
    return OK;
}

status holders_read(struct client *c, const hash32 *folder, const addr20 *account,
                    struct holders *ret, struct err *reterr)
{
    const struct state_folder *f = state_folder_by_id(&c->state, folder);
    if (f == NULL)
        return ERR(reterr, E_NOT_FOUND, "not one of your folders");
    struct proved_grant *list = calloc(f->grants_n + 1, sizeof *list);
    if (list == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = entries_prove(c, f, account, list, reterr);
    if (st == OK)
        st = entries_take(f, account, list, ret, reterr);
    free(list);
    return st;
}

const struct holder_now *holders_changed(const struct holders *h)
{
    const struct holder_now *found = NULL;
    for (size_t i = 0; i < h->n; i++) {
        const struct holder_now *one = &h->list[i];
        if (one->ended || one->is_silent || one->now.status == REGISTRY_GRANT_REVOKED)
            continue;
        if (found == NULL || (!holder_is_active(found) && holder_is_active(one)))
            found = one;
    }
    return found;
}

const struct holder_now *holders_find(const struct holders *h, const addr20 *holder)
{
    for (size_t i = 0; i < h->n; i++)
        if (addr20_eq(h->list[i].holder, *holder))
            return &h->list[i];
    return NULL;
}

struct ending {
    const hash32 *folder;
    const struct holders *held;
    const addr20 *kept;
    uint64_t now;
};

static status ending_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct ending *e = ctx;
    struct state_folder *f = state_folder_by_id(s, e->folder);
    (void)reterr;
    for (size_t i = 0; f != NULL && i < e->held->n; i++)
        if (!addr20_eq(e->held->list[i].holder, *e->kept))
            state_grant_end(f, &e->held->list[i].holder, e->now);
    return OK;
}

status holders_end(struct client *c, const hash32 *folder, const addr20 *account,
                   const addr20 *kept, struct err *reterr)
{
    struct holders held;
    struct ending e = {folder, &held, kept, clock_unix_s(c->clock)};
    struct client_change change = {ending_apply, &e};
    status st = holders_read(c, folder, account, &held, reterr);
    if (st != OK || held.n <= 1) /* the one that is kept */
        return st;
    for (size_t i = 0; i < held.n; i++)
        if (holder_is_active(&held.list[i]) && !addr20_eq(held.list[i].holder, *kept))
            return ERR(reterr, E_CONFLICT,
                       "another grant of this person came to the chain meanwhile: grant once more");
    return client_state_change(c, &change, reterr);
}
