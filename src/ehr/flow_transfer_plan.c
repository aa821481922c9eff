/* SPDX-License-Identifier: Apache-2.0 */
/* Which grants of an identity that was stolen can be believed. */
#include <stdio.h>
#include <stdlib.h>

#include "contract/registry_abi.h"
#include "ehr/flow_transfer.h"

#define EARLY_S 86000u /* below what readers of notes let pass (flow_inbox.c) */

void transfer_plan_done(struct transfer_plan *p)
{
    free(p->list);
    *p = (struct transfer_plan){.n = 0};
}

const struct transfer_grant *transfer_plan_find(const struct transfer_plan *p, const hash32 *folder,
                                                const addr20 *holder)
{
    for (size_t i = 0; i < p->n; i++)
        if (hash32_eq(p->list[i].folder, *folder) && addr20_eq(p->list[i].grant.holder, *holder))
            return &p->list[i];
    return NULL;
}

/* What the chain has of the account's card against what the old state says. */
static status card_compare(struct client *to, struct transfer_grant *t, struct err *reterr)
{
    struct card card;
    status st = client_card(to, &t->grant.account, &card, &t->card, reterr);
    if (st == E_NOT_FOUND) {
        t->doubts = TRANSFER_NO_CARD;
        return OK;
    }
    if (st != OK)
        return err_prefix(reterr, st, "grantee");
    (void)snprintf(t->card_name, sizeof t->card_name, "%s", card.name);
    if (!hash32_eq(t->card, t->grant.card_hash))
        t->doubts |= TRANSFER_OTHER_CARD;
    if (!age_recipient_eq(&card.recipient, &t->grant.recipient))
        t->doubts |= TRANSFER_OTHER_RECIPIENT;
    t->grant.card_hash = t->card;
    t->grant.recipient = card.recipient;
    return OK;
}

static status plan_add(struct transfer_plan *p, const struct transfer_grant *t, struct err *reterr)
{
    struct transfer_grant *list = realloc(p->list, (p->n + 1) * sizeof *list);
    if (list == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    p->list = list;
    list[p->n++] = *t;
    return OK;
}

/* A live grant goes on as far as state and chain both allow it. */
static status grant_plan(struct client *to, const struct state_folder *f,
                         const struct state_grant *g, struct transfer_plan *p, struct err *reterr)
{
    struct registry_grant now;
    struct transfer_grant t = {.folder = f->id, .grant = *g};
    const uint64_t clock = clock_unix_s(to->clock);
    status st = client_grant_get(to, &f->id, &g->holder, &now, reterr);
    if (st != OK || now.status != REGISTRY_GRANT_ACTIVE)
        return st;
    t.grant.permissions &= now.permissions;
    if (t.grant.not_before < now.not_before)
        t.grant.not_before = now.not_before;
    if (t.grant.not_after > now.not_after)
        t.grant.not_after = now.not_after;
    if (t.grant.issued > clock + EARLY_S) /* a note after it could not be believed */
        t.grant.issued = clock + EARLY_S;
    if (t.grant.permissions == 0 || t.grant.not_after <= clock ||
        t.grant.not_after <= t.grant.not_before)
        return OK;
    (void)snprintf(t.folder_name, sizeof t.folder_name, "%s", f->name);
    st = card_compare(to, &t, reterr);
    t.goes_on = t.doubts == 0;
    return st == OK ? plan_add(p, &t, reterr) : st;
}

/* It is the old identity's still, or the new one's already. */
static bool is_moving(const struct client *to, const struct state_folder *f,
                      const struct folder_facts *facts)
{
    const struct state_folder *at = state_folder_by_id(&to->state, &f->id);
    return addr20_eq(facts->owner, f->owner) || (at != NULL && addr20_eq(facts->owner, at->owner));
}

static status folder_plan(struct client *to, const struct state_folder *f, struct transfer_plan *p,
                          struct err *reterr)
{
    struct folder_facts facts;
    status st = client_folder_facts(to, &f->id, &facts, reterr);
    if (st != OK || !is_moving(to, f, &facts))
        return st == E_NOT_FOUND ? OK : st; /* begun and never opened */
    for (size_t i = 0; st == OK && i < f->grants_n; i++)
        if (f->grants[i].ended == 0)
            st = grant_plan(to, f, &f->grants[i], p, reterr);
    return st;
}

status flow_transfer_plan(struct client *from, struct client *to, struct transfer_plan *ret,
                          struct err *reterr)
{
    struct transfer_plan p = {.n = 0};
    status st = client_state(from, reterr);
    if (st == OK)
        st = client_state(to, reterr);
    if (st == OK && addr20_eq(from->me, to->me))
        st = ERR(reterr, E_USAGE, "the old account and the new one are the same");
    for (size_t i = 0; st == OK && i < from->state.folders_n; i++)
        st = folder_plan(to, &from->state.folders[i], &p, reterr);
    if (st == OK)
        *ret = p;
    else
        transfer_plan_done(&p);
    return st;
}
