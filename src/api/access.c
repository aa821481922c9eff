/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what, judged by the chain's head. */
#include "api/routes.h"

/* --- rules ----------------------------------------------------------------------------------- */

static bool needs_folder(enum api_who who)
{
    return who >= WHO_OWNER;
}

/* Why a grant is not live; the words go to the signer and into the log. */
static status refuse_grant(const struct registry_grant *g, uint8_t any_of, uint64_t now,
                           struct err *reterr)
{
    if (g->status == REGISTRY_GRANT_REVOKED)
        return ERR(reterr, E_FORBIDDEN, "the grant was revoked");
    if (g->status != REGISTRY_GRANT_ACTIVE)
        return ERR(reterr, E_FORBIDDEN, "no grant");
    if (now < g->not_before)
        return ERR(reterr, E_FORBIDDEN, "the grant has not begun");
    if (now >= g->not_after)
        return ERR(reterr, E_FORBIDDEN, "the grant is over");
    return ERR(reterr, E_FORBIDDEN, "the grant lacks the permission (has %u, needs one of %u)",
               g->permissions, any_of);
}

static uint8_t permissions_of(enum api_who who)
{
    switch (who) {
    case WHO_WRITER:
        return REGISTRY_ADD | REGISTRY_AMEND;
    case WHO_HOLDER:
        return UINT8_MAX;
    default:
        return REGISTRY_VIEW;
    }
}

/* The signer is not the owner: does a grant serve? record: of the signer on the record. */
static status holder_check(struct api_call *c, const struct registry_grant *record,
                           struct err *reterr)
{
    uint8_t any_of = permissions_of(c->route->who);
    uint64_t now = c->facts.head.now;
    if (c->route->who == WHO_OWNER)
        return ERR(reterr, E_FORBIDDEN, "only the folder's owner may do this");
    if (c->route->who == WHO_WRAP_READER && !addr20_eq(c->actor, c->address))
        return ERR(reterr, E_FORBIDDEN, "the wrap is another holder's");
    if (chain_grant_is_live(&c->facts.grant, any_of, now))
        return OK;
    if (c->route->who == WHO_RECORD_VIEWER && chain_grant_is_live(record, any_of, now))
        return OK;
    return refuse_grant(&c->facts.grant, any_of, now, reterr);
}

static status owner_not_barred(struct api_call *c, struct err *reterr)
{
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT, .address = c->facts.folder.owner};
    status st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st != OK)
        return st;
    if (chain_account_is_barred(&ask.out.account, c->facts.head.now))
        return ERR(reterr, E_FORBIDDEN, "the account of the folder's owner is suspended or over");
    if (ask.out.account.status != REGISTRY_ACCOUNT_NONE)
        return OK;
    return member_not_barred(c, &c->facts.folder.owner, "the folder's owner", reterr);
}

/* A signer that is no account needs a certificate of one. */
static status signer_check(struct api_call *c, struct err *reterr)
{
    struct api_facts *f = &c->facts;
    if (f->signer.status == REGISTRY_ACCOUNT_NONE)
        return member_account(c, reterr);
    c->account = c->actor;
    if (chain_account_is_barred(&f->signer, f->head.now))
        return ERR(reterr, E_FORBIDDEN, "the signer's account is suspended or over");
    return OK;
}

/* What the chain says of the folder and of the actor's grants on it. */
static status folder_facts(struct api_call *c, struct registry_grant *ret_record,
                           struct err *reterr)
{
    struct chain_ask asks[] = {
        {.kind = CHAIN_ACCOUNT, .address = c->actor},
        {.kind = CHAIN_FOLDER, .folder = c->folder},
        {.kind = CHAIN_GRANT, .folder = c->folder, .address = c->actor},
        {.kind = CHAIN_GRANT, .folder = c->folder, .scope = c->record, .address = c->actor},
    };
    struct api_facts *f = &c->facts;
    status st = chain_ask(c->api->chain, &f->head, asks, c->has_record ? 4 : 3, reterr);
    if (st != OK)
        return st;
    f->signer = asks[0].out.account;
    f->folder = asks[1].out.folder;
    f->grant = asks[2].out.grant;
    *ret_record = asks[3].out.grant;
    if (f->folder.status != REGISTRY_FOLDER_OPEN)
        return ERR(reterr, E_NOT_FOUND, "no such folder");
    f->is_owner = addr20_eq(f->folder.owner, c->actor);
    return OK;
}

static bool was_granted(const struct registry_grant *g)
{
    return g->status == REGISTRY_GRANT_ACTIVE || g->status == REGISTRY_GRANT_REVOKED;
}

/* Wallet mode: the account owns the folder or holds the grant, and its certifier signs the request.
 * Only for a signer that is nobody else: a card may name any address as its certifier, and must not
 * take an owner's, a holder's or a member's rights by that. */
static status certifier_of_actor(struct api_call *c, struct registry_grant *record,
                                 struct err *reterr)
{
    const struct api_facts *f = &c->facts;
    if (f->signer.status != REGISTRY_ACCOUNT_NONE || f->is_owner || was_granted(&f->grant) ||
        was_granted(record))
        return OK;
    status st = member_account(c, NULL);
    if (st != E_FORBIDDEN || !addr20_is_zero(c->account))
        return OK; /* a member, whose certificate signer_check judges */
    st = certifier_account(c, NULL);
    if (st == E_FORBIDDEN)
        return OK;
    if (st != OK)
        return ERR(reterr, st, "certifier of the signer");
    if (c->route->handle == delete_envelope)
        return ERR(reterr, E_FORBIDDEN, "the account's own key must sign what destroys");
    c->actor = c->account;
    return folder_facts(c, record, reterr);
}

static status folder_check(struct api_call *c, struct err *reterr)
{
    struct registry_grant record = {0};
    c->account = (addr20){{0}}; /* asked once more while a body comes in */
    status st = folder_facts(c, &record, reterr);
    if (st == OK)
        st = certifier_of_actor(c, &record, reterr);
    if (st == OK)
        st = signer_check(c, reterr);
    if (st != OK || c->facts.is_owner)
        return st;
    st = holder_check(c, &record, reterr);
    return st == OK ? owner_not_barred(c, reterr) : st;
}

status registrar_check(struct api_call *c, struct err *reterr)
{
    struct chain_ask asks[] = {{.kind = CHAIN_REGISTRAR, .address = c->auth.signer},
                               {.kind = CHAIN_ACCOUNT, .address = c->auth.signer}};
    status st = chain_ask(c->api->chain, &c->facts.head, asks, 2, reterr);
    if (st == OK && !asks[0].out.registrar)
        st = ERR(reterr, E_FORBIDDEN, "the signer registers no accounts");
    if (st == OK && chain_account_is_barred(&asks[1].out.account, c->facts.head.now))
        st = ERR(reterr, E_FORBIDDEN, "the registrar's account is suspended or over");
    return st;
}

static status account_check(struct api_call *c, struct err *reterr)
{
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT, .address = c->auth.signer};
    status st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st != OK)
        return st;
    c->facts.signer = ask.out.account;
    c->account = c->auth.signer;
    if (ask.out.account.status == REGISTRY_ACCOUNT_NONE) {
        c->account = (addr20){{0}};
        st = certifier_account(c, reterr);
    }
    if (st == OK && !chain_account_is_active(&c->facts.signer, c->facts.head.now))
        st = ERR(reterr, E_FORBIDDEN, "the signer is not an active account");
    if (c->route->who == WHO_MEMBER && st == E_FORBIDDEN) {
        c->account = (addr20){{0}};
        return OK;
    }
    if (c->route->who == WHO_READER && st == E_FORBIDDEN)
        return registrar_check(c, reterr);
    if (st != OK)
        return st;
    if (c->route->who == WHO_SELF && !addr20_eq(c->auth.signer, c->address))
        return ERR(reterr, E_FORBIDDEN, "only the account itself may do this");
    return OK;
}

status access_check(struct api_call *c, struct err *reterr)
{
    c->actor = c->auth.signer;
    if (c->route->who == WHO_ANYONE)
        return OK;
    status st = chain_head(c->api->chain, &c->facts.head, reterr);
    if (st != OK || c->route->who == WHO_SIGNER)
        return st;
    if (c->route->who == WHO_REGISTRAR)
        return registrar_check(c, reterr);
    return needs_folder(c->route->who) ? folder_check(c, reterr) : account_check(c, reterr);
}
