/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in by ERC-4361: nonce, session, cookie (docs/formats.md section 13). */
#include "api/routes.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/wipe.h"
#include "codec/eip191.h"
#include "crypto/secp256k1.h"
#include "ehr/members.h"
#include "vault/lmdb.h"

#define COOKIE_CAP 256u

/* --- cookie ---------------------------------------------------------------------------------- */

static bool is_secure(const struct api *a)
{
    return slice_has_prefix(slice_str(a->origin), SLICE_LIT("https://"));
}

/* token NULL: the browser forgets it. */
static status cookie_set(struct api_call *c, const uint8_t *token, uint64_t life_s,
                         struct err *reterr)
{
    char text[COOKIE_CAP];
    char hex[2 * SESSION_TOKEN + 1] = "";
    if (token != NULL)
        hex_write(slice_of(token, SESSION_TOKEN), hex);
    hex[2 * SESSION_TOKEN] = '\0';
    (void)snprintf(text, sizeof text,
                   SESSION_COOKIE "=%s; Path=/api/v1; Max-Age=%llu; HttpOnly; SameSite=Strict%s",
                   hex, (unsigned long long)(token != NULL ? life_s : 0),
                   is_secure(c->api) ? "; Secure" : "");
    status st = http_response_header(c->resp, "Set-Cookie", text, reterr);
    wipe(hex, sizeof hex);
    wipe(text, sizeof text);
    return st;
}

/* A page of another origin must not begin, use or end somebody's session: SameSite keeps the cookie
 * from other sites, this from other ports and names of the same one. Reading needs no Origin. */
static status from_own_page(struct api_call *c, struct err *reterr)
{
    slice origin = http_request_header(c->req, "Origin");
    bool reads = slice_eq_str(slice_str(c->req->method), "GET");
    if (origin.p == NULL && reads)
        return OK;
    if (origin.p == NULL || !slice_eq(origin, slice_str(c->api->origin)))
        return ERR(reterr, E_FORBIDDEN, "a session serves the node's own page only");
    return OK;
}

static status token_read(const struct api_call *c, uint8_t ret_token[SESSION_TOKEN],
                         struct err *reterr)
{
    if (http_header_count(c->req->headers, c->req->n_headers, "Cookie") != 1 ||
        session_cookie_read(http_request_header(c->req, "Cookie"), ret_token) != OK)
        return ERR(reterr, E_AUTH, "no session");
    return OK;
}

static status session_of(struct api_call *c, addr20 *ret_account, uint64_t *ret_expires,
                         struct err *reterr)
{
    uint8_t token[SESSION_TOKEN];
    status st = token_read(c, token, reterr);
    if (st != OK)
        return st;
    uint64_t now = clock_unix_s(c->api->cfg.clock);
    if (sessions_use(&c->api->sessions, token, now, ret_account, ret_expires) != OK)
        st = ERR(reterr, E_AUTH, "the session is over; sign in again");
    wipe(token, sizeof token);
    return st;
}

status session_check(struct api_call *c, struct err *reterr)
{
    uint64_t expires;
    status st = from_own_page(c, reterr);
    return st == OK ? session_of(c, &c->auth.signer, &expires, reterr) : st;
}

/* --- routes ---------------------------------------------------------------------------------- */

status get_session_nonce(struct api_call *c, struct err *reterr)
{
    char nonce[SESSION_NONCE_TEXT];
    struct jw w;
    struct api *a = c->api;
    uint64_t now = clock_unix_s(a->cfg.clock);
    status st = sessions_nonce(&a->sessions, a->cfg.random, now, nonce);
    if (st != OK)
        return ERR(reterr, st, "nonce");
    if ((st = answer_begin(c, &w, reterr)) != OK)
        return st;
    jw_member_str(&w, "nonce", nonce);
    jw_member_u64(&w, "time", now);
    jw_member_u64(&w, "validSeconds", SESSION_NONCE_S);
    return answer_end(&w, reterr);
}

static status session_answer(struct api_call *c, const addr20 *account, uint64_t expires,
                             struct err *reterr)
{
    struct jw w;
    status st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_member_addr(&w, "account", account);
    jw_member_u64(&w, "expires", expires);
    return answer_end(&w, reterr);
}

/* Message, signature and nonce hold. */
static status sign_in_check(struct api_call *c, struct json body, struct siwe *ret,
                            struct err *reterr)
{
    static const char *const keys[] = {"message", "signature"};
    struct api *a = c->api;
    uint8_t sig65[65];
    slice message;
    hash32 nonce;
    hash32 digest;
    uint64_t now = clock_unix_s(a->cfg.clock);
    status st = members_check(body, keys, 2, reterr);
    if (st == OK)
        st = json_str(json_get(body, "message"), &message, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(body, "signature"), sig65, sizeof sig65, reterr);
    if (st == OK)
        st = siwe_read(message, ret, reterr);
    if (st == OK)
        st = sessions_message_check(&a->sessions, ret, a->origin, a->cfg.net.chain_id, now, &nonce,
                                    reterr);
    if (st != OK)
        return st;
    eip191_digest(message, &digest);
    if (secp_verify_addr(&digest, slice_of(sig65, sizeof sig65), ret->address) != OK)
        return ERR(reterr, E_SIGNATURE, "the message is not signed by its address");
    /* It is remembered for as long as the nonce itself would still be taken. */
    return vault_lmdb_nonce_use(a->cfg.vault, &ret->address, &nonce, now + SESSION_NONCE_S, reterr);
}

status post_session(struct api_call *c, struct err *reterr)
{
    struct api *a = c->api;
    struct json body = {0};
    struct siwe m;
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT};
    uint8_t token[SESSION_TOKEN];
    uint64_t expires = 0;
    uint64_t now = clock_unix_s(a->cfg.clock);
    status st = from_own_page(c, reterr);
    if (st == OK)
        st = body_json(c, &body, reterr);
    if (st == OK)
        st = sign_in_check(c, body, &m, reterr);
    if (st == OK)
        st = chain_head(a->chain, &c->facts.head, reterr);
    if (st == OK) {
        ask.address = m.address;
        st = chain_ask(a->chain, &c->facts.head, &ask, 1, reterr);
    }
    if (st != OK)
        return st;
    bool active = chain_account_is_active(&ask.out.account, c->facts.head.now);
    uint64_t life = m.expiration_time > now ? m.expiration_time - now : SESSION_LIFE_S;
    st =
        sessions_begin(&a->sessions, a->cfg.random, &m.address, active, now, life, token, &expires);
    if (st != OK)
        return ERR(reterr, st, "session");
    st = cookie_set(c, token, expires - now, reterr);
    wipe(token, sizeof token);
    c->resp->code = 201;
    return st == OK ? session_answer(c, &m.address, expires, reterr) : st;
}

status get_session(struct api_call *c, struct err *reterr)
{
    addr20 account;
    uint64_t expires;
    status st = session_of(c, &account, &expires, reterr);
    return st == OK ? session_answer(c, &account, expires, reterr) : st;
}

status delete_session(struct api_call *c, struct err *reterr)
{
    uint8_t token[SESSION_TOKEN];
    status st = from_own_page(c, reterr);
    if (st != OK)
        return st;
    if (token_read(c, token, NULL) == OK)
        sessions_end(&c->api->sessions, token);
    wipe(token, sizeof token);
    st = cookie_set(c, NULL, 0, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}
