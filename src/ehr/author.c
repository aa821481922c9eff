/* SPDX-License-Identifier: Apache-2.0 */
/* Authors: what is known of an address, and certificates in meta. */
#include "ehr/author.h"

#include <stdlib.h>

#include "ehr/certificate.h"

/* A list has the same few authors again and again. */
#define CARDS_KEPT 64u

struct author_card {
    addr20 account;
    status st; /* > 0: there is none that can be believed */
    struct card card;
    hash32 hash;
};

static const struct author_card *card_find(const struct client *c, const addr20 *account)
{
    for (size_t i = 0; i < c->author_cards_n; i++)
        if (addr20_eq(c->author_cards[i].account, *account))
            return &c->author_cards[i];
    return NULL;
}

/* As client_card, once for each account: what the card says when the first of its records is
 * judged. */
static status card_of(struct client *c, const addr20 *account, struct author_card *ret,
                      struct err *reterr)
{
    const struct author_card *known = card_find(c, account);
    if (known == NULL) {
        *ret = (struct author_card){.account = *account};
        ret->st = client_card(c, account, &ret->card, &ret->hash, reterr);
        if (c->author_cards == NULL)
            c->author_cards = calloc(CARDS_KEPT, sizeof *c->author_cards);
        if (ret->st >= 0 && c->author_cards != NULL && c->author_cards_n < CARDS_KEPT)
            c->author_cards[c->author_cards_n++] = *ret;
        return ret->st;
    }
    *ret = *known;
    return ret->st == OK ? OK : ERR(reterr, ret->st, "the author's key card");
}

/* By the certificate that meta brings along. */
static status judge_certificate(struct client *c, const addr20 *signer, const struct fhir_meta *m,
                                enum author_verdict *ret, struct err *reterr)
{
    struct certificate cert;
    struct author_card own;
    *ret = AUTHOR_SAID;
    if (m->author_certificate.n == 0)
        return OK;
    if (certificate_read(m->author_certificate, &cert, NULL) != OK ||
        !addr20_eq(cert.member, *signer) || !addr20_eq(cert.account, m->author_account) ||
        !hash32_eq(cert.card_hash, m->author_card)) {
        *ret = AUTHOR_OTHER;
        return OK;
    }
    status st = card_of(c, &cert.account, &own, reterr);
    if (st != OK)
        return st < 0 ? st : OK;
    struct certificate_want want = {
        .account = cert.account, .card_hash = cert.card_hash, .cert_key = own.card.cert_key};
    if (certificate_verify(&c->net, &cert, &want, NULL) == OK)
        *ret = AUTHOR_PROVED; /* by an earlier card, too, when the certifier is the same */
    else if (hash32_eq(own.hash, cert.card_hash))
        *ret = AUTHOR_OTHER;
    return OK; /* another certifier since: whoever stole the old one could have signed as well */
}

/* Of a folder that is mine or shared with me. */
static bool is_owner(const struct owner_state *s, const addr20 *signer)
{
    bool owner = false;
    for (size_t i = 0; i < s->folders_n; i++)
        owner = owner || addr20_eq(s->folders[i].owner, *signer);
    for (size_t i = 0; i < s->shared_n; i++)
        owner = owner || addr20_eq(s->shared[i].owner, *signer);
    return owner;
}

/* Whose address it is. */
static status judge_address(struct client *c, const addr20 *signer, const struct fhir_meta *m,
                            enum author_verdict *ret, struct err *reterr)
{
    char name[STATE_NAME + 1];
    addr20 account = *signer;
    bool known = addr20_eq(*signer, m->author_account);
    if (!known && client_is_me(c, signer)) {
        account = c->me;
        known = true;
    }
    if (!known)
        known = state_account_of(&c->state, signer, &account, name);
    if (!known)
        return judge_certificate(c, signer, m, ret, reterr);
    *ret = is_owner(&c->state, signer) ? AUTHOR_OWNER : AUTHOR_OTHER;
    if (addr20_eq(account, m->author_account))
        *ret = AUTHOR_PROVED;
    return OK;
}

/* What the account is called. */
static status judge_name(struct client *c, const struct fhir_meta *m, struct author *a,
                         struct err *reterr)
{
    struct author_card own;
    status st = card_of(c, &m->author_account, &own, reterr);
    if (st > 0)
        a->verdict = AUTHOR_SAID;
    if (st != OK)
        return st < 0 ? st : OK;
    memcpy(a->card_name, own.card.name, sizeof a->card_name);
    if (!slice_eq_str(m->author, own.card.name))
        a->verdict = AUTHOR_RENAMED;
    return OK;
}

status author_judge(struct client *c, const addr20 *signer, const struct fhir_meta *m,
                    struct author *ret, struct err *reterr)
{
    struct author a = {.verdict = AUTHOR_SAID};
    status st = judge_address(c, signer, m, &a.verdict, reterr);
    if (st == OK && a.verdict == AUTHOR_PROVED)
        st = judge_name(c, m, &a, reterr);
    if (st == OK)
        *ret = a;
    return st;
}
