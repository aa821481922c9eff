/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a signer acts for: certifiers and certified relationship addresses; the certificates' routes
 * (docs/formats.md sections 5 and 9). */
#include "api/routes.h"
#include "ehr/card.h"
#include "ehr/certificate.h"
#include "vault/lmdb.h"

/* What the chain says of an account and its card. */
struct holder_facts {
    struct registry_account account;
    hash32 card_hash;
};

static status facts_of(struct api_call *c, const addr20 *account, struct holder_facts *ret,
                       struct err *reterr)
{
    struct chain_ask asks[] = {{.kind = CHAIN_ACCOUNT, .address = *account},
                               {.kind = CHAIN_CARD_HASH, .address = *account}};
    status st = chain_ask(c->api->chain, &c->facts.head, asks, 2, reterr);
    if (st == OK)
        *ret = (struct holder_facts){asks[0].out.account, asks[1].out.card_hash};
    return st;
}

/* The card that the chain names, from the vault. OK | E_NOT_FOUND. */
static status card_of(struct api_call *c, const addr20 *account, const hash32 *want,
                      struct card *ret, struct err *reterr)
{
    struct buf json;
    hash32 digest;
    buf_init(&json, VAULT_CARD_MAX);
    status st = vault_card_get(c->api->cfg.vault, account, &json, reterr);
    if (st == OK)
        st = card_read(buf_slice(&json), ret, reterr);
    buf_done(&json);
    if (st != OK)
        return st;
    card_digest(&c->api->cfg.net, ret, &digest);
    if (!hash32_eq(digest, *want) || !addr20_eq(ret->account, *account))
        return ERR(reterr, E_NOT_FOUND, "no card that the chain names");
    return OK;
}

status certifier_account(struct api_call *c, struct err *reterr)
{
    struct holder_facts f;
    struct card card;
    addr20 account;
    bool known = false;
    status st = vault_lmdb_certkey_get(c->api->cfg.vault, &c->auth.signer, &account, &known, NULL);
    if (st == OK)
        st = facts_of(c, &account, &f, reterr);
    if (st == OK)
        st = card_of(c, &account, &f.card_hash, &card, NULL);
    if (st == OK && !addr20_eq(card.cert_key, c->auth.signer))
        st = E_NOT_FOUND;
    if (st == OK && !known)
        st = certkey_known(c, &account, &c->auth.signer, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_FORBIDDEN, "the signer is not an active account");
    if (st != OK)
        return st;
    c->facts.signer = f.account;
    c->account = account;
    return OK;
}

status member_account(struct api_call *c, struct err *reterr)
{
    struct vault_cert cert;
    struct holder_facts f;
    status st = vault_cert_get(c->api->cfg.vault, &c->auth.signer, &cert, NULL, NULL);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_FORBIDDEN, "no certificate names an account for the signer");
    if (st != OK)
        return ERR(reterr, st, "certificate of the signer");
    st = facts_of(c, &cert.account, &f, reterr);
    if (st != OK)
        return st;
    c->facts.signer = f.account;
    c->account = cert.account;
    if (c->facts.head.now >= cert.not_after)
        return ERR(reterr, E_FORBIDDEN, "the signer's certificate is over");
    if (!hash32_eq(cert.card_hash, f.card_hash)) {
        st = certificate_holds_still(c->api->cfg.vault, &c->api->cfg.net, &c->auth.signer,
                                     &f.card_hash, c->facts.head.now, reterr);
        if (st != OK)
            return st;
    }
    if (!chain_account_is_active(&f.account, c->facts.head.now))
        return ERR(reterr, E_FORBIDDEN, "the account of the signer's certificate is not active");
    return OK;
}

status member_not_barred(struct api_call *c, const addr20 *member, const char *who,
                         struct err *reterr)
{
    struct vault_cert cert;
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT};
    status st = vault_cert_get(c->api->cfg.vault, member, &cert, NULL, NULL);
    if (st == E_NOT_FOUND)
        return OK;
    if (st != OK)
        return ERR(reterr, st, "certificate of %s", who);
    ask.address = cert.account;
    st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st == OK && !chain_account_is_active(&ask.out.account, c->facts.head.now))
        st = ERR(reterr, E_FORBIDDEN, "the account of %s is suspended or over", who);
    return st;
}

/* --- routes ------------------------------------------------------------------------------------
 */

/* The signer is the member, or the account or its certifier. */
static bool may_touch(struct api_call *c, const addr20 *account, const addr20 *member)
{
    return addr20_eq(c->auth.signer, *member) ||
           (!addr20_is_zero(c->account) && addr20_eq(c->account, *account));
}

/* That it holds now, by the chain and the account's card. */
static status verify(struct api_call *c, const struct certificate *cert, struct err *reterr)
{
    struct holder_facts f;
    struct card card;
    status st = facts_of(c, &cert->account, &f, reterr);
    if (st == OK && !chain_account_is_active(&f.account, c->facts.head.now))
        st = ERR(reterr, E_FORBIDDEN, "the certificate's account is not active");
    if (st == OK)
        st = card_of(c, &cert->account, &f.card_hash, &card, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_MISMATCH, "the certificate's account has published no key card");
    if (st != OK)
        return st;
    struct certificate_want want = {.account = cert->account,
                                    .card_hash = f.card_hash,
                                    .cert_key = card.cert_key,
                                    .now = c->facts.head.now};
    return certificate_verify(&c->api->cfg.net, cert, &want, reterr);
}

/* Whoever is barred stays so with all addresses: no other account takes one over, none is erased,
 * until the account that the node knows it by is active again. */
static status not_of_barred(struct api_call *c, const struct vault_cert *kept, struct err *reterr)
{
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT, .address = kept->account};
    status st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st == OK && chain_account_is_barred(&ask.out.account, c->facts.head.now))
        st = ERR(reterr, E_CONFLICT,
                 "the address is certified for an account that is suspended or over");
    return st;
}

static status replaceable(struct api_call *c, const struct certificate *by, struct err *reterr)
{
    struct vault_cert kept;
    status st = vault_cert_get(c->api->cfg.vault, &by->member, &kept, NULL, reterr);
    if (st == E_NOT_FOUND || (st == OK && addr20_eq(kept.account, by->account)))
        return OK;
    return st == OK ? not_of_barred(c, &kept, reterr) : st;
}

status put_certificate(struct api_call *c, struct err *reterr)
{
    struct certificate cert;
    status st = certificate_read(c->req->body, &cert, reterr);
    if (st != OK)
        return st;
    if (!addr20_eq(cert.member, c->address))
        return ERR(reterr, E_MISMATCH, "the certificate is of another address");
    if (!may_touch(c, &cert.account, &cert.member))
        return ERR(reterr, E_FORBIDDEN, "only the account and the address it names may do this");
    st = verify(c, &cert, reterr);
    if (st != OK)
        return st == E_SIGNATURE || st == E_EXPIRED ? ERR(reterr, E_MISMATCH,
                                                          "the certificate "
                                                          "does not hold")
                                                    : st;
    struct vault_cert row = {cert.account, cert.card_hash, cert.not_after, c->req->body};
    st = replaceable(c, &cert, reterr);
    if (st == OK)
        st = upload_count_of(c, &cert.account, c->req->body.n, reterr);
    if (st == OK)
        st = vault_cert_put(c->api->cfg.vault, &cert.member, &row, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

/* The certificate that the path names, if the signer may have it. */
static status own_get(struct api_call *c, struct vault_cert *ret, struct buf *json,
                      struct err *reterr)
{
    status st = vault_cert_get(c->api->cfg.vault, &c->address, ret, json, NULL);
    if (st == OK && !may_touch(c, &ret->account, &c->address))
        st = E_NOT_FOUND; /* nobody learns of others' */
    return st == OK ? OK : ERR(reterr, st, "no certificate of yours for this address");
}

status get_certificate(struct api_call *c, struct err *reterr)
{
    struct buf json;
    struct vault_cert cert;
    buf_init(&json, VAULT_CERT_MAX);
    status st = own_get(c, &cert, &json, reterr);
    if (st == OK)
        st = answer_bytes(c, "application/json", buf_slice(&json), reterr);
    buf_done(&json);
    return st;
}

status delete_certificate(struct api_call *c, struct err *reterr)
{
    struct vault_cert cert;
    status st = own_get(c, &cert, NULL, reterr);
    if (st == OK)
        st = not_of_barred(c, &cert, reterr);
    if (st == OK)
        st = vault_cert_delete(c->api->cfg.vault, &c->address, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}
