/* SPDX-License-Identifier: Apache-2.0 */
/* Access requests on their way: made, sent, checked, answered. */
#include "ehr/flow_request.h"

#include "contract/registry_abi.h"

#define CLOCK_SLACK_S                                                                              \
    300u /* a grant may begin a little in the past, so its length is a little more */

status flow_request_new(struct client *c, struct access_request *io, struct err *reterr)
{
    io->account = c->me;
    status st = client_card_hash(c, &c->me, &io->card_hash, reterr);
    if (st == OK && hash32_is_zero(io->card_hash))
        st = ERR(reterr, E_NOT_FOUND, "publish your key card first: ehr card publish");
    if (st == OK && random_fill(c->random, io->nonce.b, sizeof io->nonce.b) != OK)
        st = ERR(reterr, E_IO, "no randomness");
    return st == OK ? access_request_sign(&c->net, &c->key, io, reterr) : st;
}

status flow_request_send(struct client *c, const struct access_request *r, const addr20 *to,
                         struct err *reterr)
{
    struct card card;
    struct buf note;
    hash32 hash;
    hash32 id;
    buf_init(&note, VAULT_NOTE_MAX);
    status st = client_card(c, to, &card, &hash, reterr);
    if (st == OK)
        st = access_request_note_seal(r, &card.recipient, c->random, &note, reterr);
    if (st == OK)
        st = vault_note_put(c->vault, to, buf_slice(&note), &id, reterr);
    buf_done(&note);
    return st;
}

status flow_request_check(struct client *c, const struct access_request *r, struct card *ret_card,
                          struct err *reterr)
{
    struct registry_account account;
    hash32 hash;
    uint64_t now = clock_unix_s(c->clock);
    status st = client_account_get(c, &r->account, &account, reterr);
    if (st == OK && (account.status != REGISTRY_ACCOUNT_ACTIVE ||
                     (account.valid_until != 0 && account.valid_until <= now)))
        st = ERR(reterr, E_FORBIDDEN, "request: its account is not active");
    if (st == OK)
        st = client_card(c, &r->account, ret_card, &hash, reterr);
    if (st == OK && !hash32_eq(hash, r->card_hash))
        st = ERR(reterr, E_MISMATCH, "request: of another key card than the asker's");
    return st == OK ? access_request_verify(&c->net, r, ret_card->cert_key, now, reterr) : st;
}

struct noting {
    struct state_request request;
};

static status noting_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct noting *n = ctx;
    const struct state_request *old = state_request_find(s, &n->request.id);
    struct state_request now = n->request;
    if (old != NULL)
        now.received = old->received;
    if (old != NULL && now.answer == STATE_ANSWER_OPEN)
        return OK;
    if (old != NULL && old->answer == STATE_ANSWER_ACCEPTED && now.answer == STATE_ANSWER_REFUSED)
        return ERR(reterr, E_CONFLICT,
                   "it was accepted, and the access goes on: \"ehr revoke\" ends it");
    status st = state_request_set(s, &now);
    return st == OK ? OK : ERR(reterr, st, "out of memory");
}

status flow_request_note(struct client *c, const struct access_request *r, unsigned answer,
                         struct err *reterr)
{
    uint64_t now = clock_unix_s(c->clock);
    struct noting n = {.request = {.request = *r,
                                   .received = now,
                                   .answer = (uint8_t)answer,
                                   .answered = answer == STATE_ANSWER_OPEN ? 0 : now}};
    struct client_change change = {noting_apply, &n};
    access_request_id(&c->net, r, &n.request.id);
    return client_state_change(c, &change, reterr);
}

status flow_request_accept(struct client *c, const struct access_request *r, struct flow_grant *g,
                           hash32 *ret_card, struct err *reterr)
{
    struct card card;
    status st = flow_request_check(c, r, &card, reterr);
    if (st != OK)
        return st;
    if ((g->permissions & (unsigned)~r->permissions) != 0)
        return ERR(reterr, E_FORBIDDEN, "more than was asked for: use \"ehr grant\" for that");
    if (g->not_after - g->not_before > r->duration + CLOCK_SLACK_S)
        return ERR(reterr, E_FORBIDDEN, "longer than was asked for: use \"ehr grant\" for that");
    g->account = r->account;
    st = flow_grant(c, g, ret_card, reterr);
    return st == OK ? flow_request_note(c, r, STATE_ANSWER_ACCEPTED, reterr) : st;
}
