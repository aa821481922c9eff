/* SPDX-License-Identifier: Apache-2.0 */
/* Key cards, the directory, and owner state. */
#include "api/routes.h"
#include "ehr/card.h"
#include "vault/lmdb.h"

#include <stdio.h>

#define STATE_MEDIA "application/octet-stream"
#define DIRECTORY_PAGE (CHAIN_ASK_MAX / 2)

/* The card's digest is what the chain names. */
static bool is_published(const struct netid *net, const struct card *card, const hash32 *want)
{
    hash32 digest;
    card_digest(net, card, &digest);
    return hash32_eq(digest, *want);
}

/* What the account's stored card is: unknown to the chain, or with this key or another. */
enum card_now { CARD_UNKNOWN, CARD_WITH_KEY, CARD_WITHOUT };

static status card_now(struct api_call *c, const addr20 *account, const addr20 *cert_key,
                       enum card_now *ret, struct err *reterr)
{
    struct buf json;
    struct card card;
    struct chain_ask ask = {.kind = CHAIN_CARD_HASH, .address = *account};
    buf_init(&json, VAULT_CARD_MAX);
    status st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st == OK) {
        st = vault_card_get(c->api->cfg.vault, account, &json, reterr);
        bool published = st == OK && card_read(buf_slice(&json), &card, NULL) == OK &&
                         is_published(&c->api->cfg.net, &card, &ask.out.card_hash);
        *ret = !published                            ? CARD_UNKNOWN
               : addr20_eq(card.cert_key, *cert_key) ? CARD_WITH_KEY
                                                     : CARD_WITHOUT;
        st = st == E_NOT_FOUND ? OK : st;
    }
    buf_done(&json);
    return st;
}

/* Anybody can put a card that names another's key: it takes the key from nobody, and loses it to an
 * account whose card with it is on the chain. Not so the key of one whose card was there and is
 * just being replaced. */
static status certkey_take(struct api_call *c, const addr20 *cert_key, bool published,
                           struct err *reterr)
{
    addr20 holder;
    bool known = false;
    enum card_now now = CARD_UNKNOWN;
    struct vault *v = c->api->cfg.vault;
    status st = vault_lmdb_certkey_put(v, cert_key, NULL, &c->address, published, reterr);
    if (st != E_CONFLICT || !published)
        return st;
    st = vault_lmdb_certkey_get(v, cert_key, &holder, &known, reterr);
    if (st == OK)
        st = card_now(c, &holder, cert_key, &now, reterr);
    if (st != OK)
        return st;
    if (now == CARD_WITH_KEY || (known && now == CARD_UNKNOWN))
        return ERR(reterr, E_CONFLICT, "the certifier's key belongs to another account");
    return vault_lmdb_certkey_put(v, cert_key, &holder, &c->address, published, reterr);
}

status certkey_known(struct api_call *c, const addr20 *account, const addr20 *cert_key,
                     struct err *reterr)
{
    addr20 holder;
    bool known = true;
    struct vault *v = c->api->cfg.vault;
    status st = vault_lmdb_certkey_get(v, cert_key, &holder, &known, reterr);
    if (st == E_NOT_FOUND || (st == OK && (known || !addr20_eq(holder, *account))))
        return OK;
    if (st == OK)
        st = vault_lmdb_certkey_put(v, cert_key, NULL, account, true, reterr);
    return st == E_CONFLICT ? OK : st; /* taken meanwhile */
}

/* The stored card, which is about to go: what it says of its key still counts while the chain names
 * it. ret_with: it is named and has this key. */
static status card_leaves(struct api_call *c, const hash32 *want, const addr20 *cert_key,
                          bool *ret_with, struct err *reterr)
{
    struct buf json;
    struct card old;
    buf_init(&json, VAULT_CARD_MAX);
    status st = vault_card_get(c->api->cfg.vault, &c->address, &json, reterr);
    bool named = st == OK && card_read(buf_slice(&json), &old, NULL) == OK &&
                 is_published(&c->api->cfg.net, &old, want);
    buf_done(&json);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    *ret_with = named && addr20_eq(old.cert_key, *cert_key);
    return named ? certkey_known(c, &c->address, &old.cert_key, reterr) : OK;
}

status put_card(struct api_call *c, struct err *reterr)
{
    struct card card;
    bool had_key = false;
    status st = card_read(c->req->body, &card, reterr);
    if (st != OK)
        return st;
    if (!addr20_eq(card.account, c->address))
        return ERR(reterr, E_MISMATCH, "the card is of another account");
    if (card_role_number(card.role) != c->facts.signer.role)
        return ERR(reterr, E_MISMATCH,
                   "the card's role is not the one the account is registered "
                   "with");
    st = card_verify(&c->api->cfg.net, &card, reterr);
    struct chain_ask ask = {.kind = CHAIN_CARD_HASH, .address = c->address};
    if (st == OK)
        st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st == OK)
        st = card_leaves(c, &ask.out.card_hash, &card.cert_key, &had_key, reterr);
    if (st == OK)
        st = certkey_take(c, &card.cert_key,
                          had_key || is_published(&c->api->cfg.net, &card, &ask.out.card_hash),
                          reterr);
    if (st == OK)
        st = vault_card_put(c->api->cfg.vault, &c->address, c->req->body, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

status get_card(struct api_call *c, struct err *reterr)
{
    struct card card;
    struct buf json;
    struct chain_ask ask = {.kind = CHAIN_CARD_HASH, .address = c->address};
    buf_init(&json, VAULT_CARD_MAX);
    status st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st == OK)
        st = vault_card_get(c->api->cfg.vault, &c->address, &json, reterr);
    if (st == OK)
        st = card_read(buf_slice(&json), &card, reterr);
    if (st == OK && !is_published(&c->api->cfg.net, &card, &ask.out.card_hash))
        st = ERR(reterr, E_NOT_FOUND, "no card that the chain names");
    if (st == OK)
        st = certkey_known(c, &c->address, &card.cert_key, reterr);
    if (st == OK)
        st = answer_bytes(c, "application/json", buf_slice(&json), reterr);
    buf_done(&json);
    return st;
}

/* Write those of n <= DIRECTORY_PAGE cards that belong into the directory. */
static status directory_page(struct api_call *c, const struct vault_card *list, size_t n,
                             struct jw *w, struct err *reterr)
{
    struct chain_ask asks[CHAIN_ASK_MAX];
    struct card card;
    struct json_doc doc;
    for (size_t i = 0; i < n; i++) {
        asks[2 * i] = (struct chain_ask){.kind = CHAIN_ACCOUNT, .address = list[i].account};
        asks[2 * i + 1] = (struct chain_ask){.kind = CHAIN_CARD_HASH, .address = list[i].account};
    }
    status st = chain_ask(c->api->chain, &c->facts.head, asks, 2 * n, reterr);
    for (size_t i = 0; i < n && st == OK; i++) {
        const struct registry_account *account = &asks[2 * i].out.account;
        if (account->role != REGISTRY_ROLE_PRACTITIONER &&
            account->role != REGISTRY_ROLE_ORGANISATION)
            continue;
        if (!chain_account_is_active(account, c->facts.head.now) ||
            card_read(list[i].json, &card, NULL) != OK ||
            !is_published(&c->api->cfg.net, &card, &asks[2 * i + 1].out.card_hash))
            continue;
        st = json_read(list[i].json, &c->arena, &doc, reterr);
        if (st == OK)
            jw_json(w, json_root(&doc));
    }
    return st;
}

status get_directory(struct api_call *c, struct err *reterr)
{
    struct vault_card *list;
    size_t n;
    struct jw w;
    status st = vault_cards(c->api->cfg.vault, &c->arena, &list, &n, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_key(&w, "cards");
    jw_array(&w);
    for (size_t i = 0; i < n && st == OK; i += DIRECTORY_PAGE) {
        size_t some = n - i < DIRECTORY_PAGE ? n - i : DIRECTORY_PAGE;
        st = directory_page(c, list + i, some, &w, reterr);
    }
    jw_end(&w);
    return st == OK ? answer_end(&w, reterr) : st;
}

/* If-Match: "n" */
static status if_match(struct api_call *c, uint64_t *ret, struct err *reterr)
{
    slice v = http_request_header(c->req, "If-Match");
    bool quoted = v.n >= 3 && v.p[0] == '"' && v.p[v.n - 1] == '"';
    if (!quoted || http_length_read(slice_of(v.p + 1, v.n - 2), ret) != OK)
        return ERR(reterr, E_MISSING, "If-Match: \"version\" is needed, \"0\" for the first state");
    return OK;
}

static status etag(struct api_call *c, uint64_t version, struct err *reterr)
{
    char text[32];
    (void)snprintf(text, sizeof text, "\"%llu\"", (unsigned long long)version);
    return http_response_header(c->resp, "ETag", text, reterr);
}

status put_state(struct api_call *c, struct err *reterr)
{
    uint64_t expected = 0;
    uint64_t version = 0;
    status st = if_match(c, &expected, reterr);
    if (st == OK)
        st = vault_state_put(c->api->cfg.vault, &c->account, expected, c->req->body, &version,
                             reterr);
    if (st == OK)
        st = etag(c, version, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

status get_state(struct api_call *c, struct err *reterr)
{
    struct buf blob;
    uint64_t version = 0;
    buf_init(&blob, VAULT_STATE_MAX);
    status st = vault_state_get(c->api->cfg.vault, &c->account, &version, &blob, reterr);
    if (st == OK)
        st = etag(c, version, reterr);
    if (st == OK)
        st = answer_bytes(c, STATE_MEDIA, buf_slice(&blob), reterr);
    buf_done(&blob);
    return st;
}
