/* SPDX-License-Identifier: Apache-2.0 */
/* Registration requests: people without an account ask, registrars look (docs/formats.md section
 * 12). Anybody may send one, so they are few, small and throttled by network address. */
#include "api/routes.h"

#include <stdlib.h>

#include "crypto/sha2.h"
#include "ehr/card.h"
#include "ehr/members.h"
#include "net/http_remote.h"
#include "vault/lmdb.h"

#define NAME_MAX_BYTES 200u
#define CONTACT_MAX_BYTES 500u
#define WAITING_EACH 20u /* of one sender: the staff of a practice behind one address */

/* Where a request comes from, and how many more may wait. */
struct sender {
    struct vault_reg_from from;
    unsigned most;
};

/* Members and texts; what is stored is written anew, so that nothing else is kept. */
static status request_check(struct json body, struct jw *w, struct err *reterr)
{
    static const char *const keys[] = {"name", "role", "contact"};
    char name[NAME_MAX_BYTES + 1];
    char contact[CONTACT_MAX_BYTES + 1] = "";
    char role[32];
    status st = members_check(body, keys, 3, reterr);
    if (st == OK)
        st = members_text_read(json_get(body, "name"), name, sizeof name, reterr);
    if (st == OK && name[0] == 0)
        st = ERR(reterr, E_RANGE, "a name is needed");
    if (st == OK)
        st = members_text_read(json_get(body, "role"), role, sizeof role, reterr);
    if (st == OK && card_role_number(role) == 0)
        st = ERR(reterr, E_RANGE, "role: patient, practitioner or organisation");
    if (st == OK && !json_is_absent(json_get(body, "contact")))
        st = members_text_read(json_get(body, "contact"), contact, sizeof contact, reterr);
    if (st != OK)
        return st;
    jw_object(w);
    jw_member_str(w, "name", name);
    jw_member_str(w, "role", role);
    jw_member_str(w, "contact", contact);
    jw_end(w);
    return jw_done(w, reterr);
}

static status hash_of(const struct api_call *c, const struct http_network *n, hash32 *ret,
                      struct err *reterr)
{
    uint8_t in[32 + sizeof n->b];
    memcpy(in, c->api->throttle_salt.b, 32);
    memcpy(in + 32, n->b, sizeof n->b);
    status st = sha256(slice_of(in, sizeof in), ret);
    return st == OK ? OK : ERR(reterr, st, "registration");
}

/* Keys cost nothing, network addresses do. Behind a proxy on loopback all have one: there the proxy
 * has to tell them apart, and only their number is bounded. */
static status sender_check(struct api_call *c, struct sender *ret, struct err *reterr)
{
    hash32 sender;
    hash32 network;
    uint64_t missed;
    struct http_network host = http_network_of(c->req->remote, 32, 64);
    struct http_network wide = http_network_of(c->req->remote, 24, 48);
    struct api *a = c->api;
    struct throttle *t = host.is_loopback ? &a->local_registrations : &a->registrations;
    status st = hash_of(c, &host, &sender, reterr);
    if (st == OK)
        st = hash_of(c, &wide, &network, reterr);
    if (st != OK)
        return st;
    if (!throttle_take(t, &sender, clock_unix_s(a->cfg.clock), &missed))
        return ERR(reterr, E_RATE,
                   "too many registration requests from this address; one each %llu s",
                   (unsigned long long)t->each_s);
    memcpy(ret->from.sender, sender.b, sizeof ret->from.sender);
    memcpy(ret->from.network, network.b, sizeof ret->from.network);
    ret->most = host.is_loopback ? 0 : WAITING_EACH;
    return OK;
}

static status not_registered(struct api_call *c, struct err *reterr)
{
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT, .address = c->auth.signer};
    status st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st == OK && ask.out.account.status != REGISTRY_ACCOUNT_NONE)
        st = ERR(reterr, E_CONFLICT, "this account is registered already");
    return st;
}

status post_registration(struct api_call *c, struct err *reterr)
{
    struct json body = {0};
    struct buf text;
    struct jw w;
    struct sender sender;
    uint64_t time = 0;
    buf_init(&text, VAULT_REG_MAX);
    jw_init(&w, &text);
    status st = body_json(c, &body, reterr);
    if (st == OK)
        st = request_check(body, &w, reterr);
    if (st == OK)
        st = not_registered(c, reterr);
    if (st == OK)
        st = sender_check(c, &sender, reterr);
    if (st == OK)
        st = vault_lmdb_reg_put(c->api->cfg.vault, &c->auth.signer, buf_slice(&text), &sender.from,
                                sender.most, &time, reterr);
    buf_done(&text);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    c->resp->code = 201;
    jw_member_addr(&w, "account", &c->auth.signer);
    jw_member_u64(&w, "received", time);
    return answer_end(&w, reterr);
}

/* The members of a request into an open object. */
static status registration_write(struct jw *w, const struct vault_reg *r, struct arena *a,
                                 struct err *reterr)
{
    static const char *const keys[] = {"name", "role", "contact"};
    struct json_doc doc;
    status st = json_read(r->json, a, &doc, reterr);
    if (st != OK)
        return ERR(reterr, E_CORRUPT, "stored registration request");
    jw_member_addr(w, "account", &r->account);
    for (size_t i = 0; i < 3; i++) {
        jw_key(w, keys[i]);
        jw_json(w, json_get(json_root(&doc), keys[i]));
    }
    jw_member_u64(w, "received", r->received);
    return OK;
}

static int by_time(const void *a, const void *b)
{
    const struct vault_reg *x = a;
    const struct vault_reg *y = b;
    return x->received < y->received ? -1 : x->received > y->received;
}

status get_registrations(struct api_call *c, struct err *reterr)
{
    struct vault_reg *list;
    size_t n = 0;
    struct jw w;
    status st = vault_lmdb_regs(c->api->cfg.vault, &c->arena, &list, &n, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    qsort(list, n, sizeof *list, by_time);
    jw_key(&w, "requests");
    jw_array(&w);
    for (size_t i = 0; st == OK && i < n; i++) {
        jw_object(&w);
        st = registration_write(&w, &list[i], &c->arena, reterr);
        jw_end(&w);
    }
    jw_end(&w);
    return st == OK ? answer_end(&w, reterr) : st;
}

status get_registration(struct api_call *c, struct err *reterr)
{
    struct vault_reg r;
    struct jw w;
    if (!addr20_eq(c->auth.signer, c->address))
        return ERR(reterr, E_NOT_FOUND, "no request of yours waits");
    status st = vault_lmdb_reg_get(c->api->cfg.vault, &c->address, &c->arena, &r, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_NOT_FOUND, "no request of yours waits");
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st == OK)
        st = registration_write(&w, &r, &c->arena, reterr);
    return st == OK ? answer_end(&w, reterr) : st;
}

status delete_registration(struct api_call *c, struct err *reterr)
{
    status st = OK;
    if (!addr20_eq(c->auth.signer, c->address))
        st = registrar_check(c, reterr);
    if (st == E_FORBIDDEN)
        return ERR(reterr, E_NOT_FOUND, "no request of yours waits");
    if (st == OK)
        st = vault_lmdb_reg_delete(c->api->cfg.vault, &c->address, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}
