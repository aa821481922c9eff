/* SPDX-License-Identifier: Apache-2.0 */
/* Table of sessions, nonces, what a sign-in message must say. */
#include "api/session.h"

#include <stdlib.h>

#include "base/hex.h"
#include "base/wipe.h"
#include "crypto/sha2.h"

#define NONCE_TIME 8u
#define NONCE_RANDOM 8u
#define NONCE_MAC 16u
#define NONCE_BYTES (NONCE_TIME + NONCE_RANDOM + NONCE_MAC)
#define SKEW_S 120u /* clocks of browsers */

status sessions_init(struct sessions *s, const struct random_src *random)
{
    *s = (struct sessions){0};
    pthread_mutex_init(&s->lock, NULL);
    s->registered = calloc(SESSIONS_REGISTERED, sizeof *s->registered);
    s->other = calloc(SESSIONS_OTHER, sizeof *s->other);
    if (s->registered == NULL || s->other == NULL)
        return E_NOMEM;
    return random_fill(random, s->nonce_key, sizeof s->nonce_key);
}

void sessions_done(struct sessions *s)
{
    if (s->registered == NULL && s->other == NULL)
        return;
    pthread_mutex_destroy(&s->lock);
    wipe(s->nonce_key, sizeof s->nonce_key);
    free(s->registered);
    free(s->other);
}

/* --- nonces ---------------------------------------------------------------------------------- */

static status nonce_mac(const struct sessions *s, const uint8_t *nonce, hash32 *ret)
{
    return hmac_sha256(slice_of(s->nonce_key, sizeof s->nonce_key),
                       slice_of(nonce, NONCE_TIME + NONCE_RANDOM), ret);
}

status sessions_nonce(struct sessions *s, const struct random_src *random, uint64_t now,
                      char out[SESSION_NONCE_TEXT])
{
    uint8_t nonce[NONCE_BYTES];
    hash32 mac = {{0}};
    for (size_t i = 0; i < NONCE_TIME; i++)
        nonce[i] = (uint8_t)(now >> (8 * (NONCE_TIME - 1 - i)));
    status st = random_fill(random, nonce + NONCE_TIME, NONCE_RANDOM);
    if (st == OK)
        st = nonce_mac(s, nonce, &mac);
    memcpy(nonce + NONCE_TIME + NONCE_RANDOM, mac.b, NONCE_MAC);
    hex_write(slice_of(nonce, sizeof nonce), out);
    out[2 * sizeof nonce] = '\0';
    return st;
}

status sessions_nonce_check(const struct sessions *s, slice nonce, uint64_t now, hash32 *ret,
                            struct err *reterr)
{
    hash32 got;
    hash32 mac;
    uint64_t made = 0;
    if (nonce.n != 2 * sizeof got.b || hex_read(nonce, got.b, sizeof got.b) != OK)
        return ERR(reterr, E_AUTH, "nonce: not one of this node");
    status st = nonce_mac(s, got.b, &mac);
    if (st != OK)
        return ERR(reterr, st, "nonce");
    if (!ct_eq(mac.b, got.b + NONCE_TIME + NONCE_RANDOM, NONCE_MAC))
        return ERR(reterr, E_AUTH, "nonce: not one of this node");
    for (size_t i = 0; i < NONCE_TIME; i++)
        made = made << 8 | got.b[i];
    if (now > made + SESSION_NONCE_S)
        return ERR(reterr, E_EXPIRED, "nonce: older than %u s", SESSION_NONCE_S);
    *ret = got;
    return OK;
}

/* --- the message ----------------------------------------------------------------------------- */

/* uri is the origin, alone or with a path behind it. */
static bool is_at(slice uri, slice origin)
{
    return slice_has_prefix(uri, origin) && (uri.n == origin.n || uri.p[origin.n] == '/');
}

status sessions_message_check(const struct sessions *s, const struct siwe *m, const char *origin,
                              uint64_t chain_id, uint64_t now, hash32 *ret_nonce,
                              struct err *reterr)
{
    hash32 nonce;
    slice own = slice_str(origin);
    const uint8_t *at = own.n > 3 ? memmem(own.p, own.n, "://", 3) : NULL;
    if (at == NULL)
        return ERR(reterr, E_INTERNAL, "the node's origin");
    slice scheme = slice_first(own, (size_t)(at - own.p));
    slice host = slice_after(own, scheme.n + 3);
    if (!slice_eq(m->domain, host) || (m->scheme.n > 0 && !slice_eq(m->scheme, scheme)))
        return ERR(reterr, E_AUTH, "the message is for another domain");
    if (!is_at(m->uri, own))
        return ERR(reterr, E_AUTH, "the message is for another URI");
    if (m->chain_id != chain_id)
        return ERR(reterr, E_AUTH, "the message is for another chain");
    if (m->resources > 0)
        return ERR(reterr, E_AUTH, "the message names resources; signing in gives none");
    status st = sessions_nonce_check(s, m->nonce, now, &nonce, reterr);
    if (st != OK)
        return st;
    if (m->issued_at > now + SKEW_S || now > m->issued_at + SESSION_NONCE_S + SKEW_S)
        return ERR(reterr, E_EXPIRED, "issued at another time");
    if (m->not_before > now || (m->expiration_time != 0 && now >= m->expiration_time))
        return ERR(reterr, E_EXPIRED, "the message is not valid now");
    *ret_nonce = nonce;
    return OK;
}

/* --- the table ------------------------------------------------------------------------------- */

static bool is_free(const struct session_row *r)
{
    static const hash32 none;
    return hash32_eq(r->token_hash, none);
}

static bool is_over(const struct session_row *r, uint64_t now)
{
    return now >= r->expires || now > r->used + SESSION_IDLE_S;
}

/* For a session of account: the place of the one it has not used for longest, when it has as many
 * as one may have; else a free place, one that is over, or the one longest unused of all. */
static struct session_row *place_of(struct session_row *rows, size_t n, const addr20 *account,
                                    uint64_t now)
{
    struct session_row *oldest = rows;
    struct session_row *own = NULL;
    struct session_row *room = NULL;
    unsigned of_account = 0;
    for (size_t i = 0; i < n; i++) {
        struct session_row *r = &rows[i];
        if (is_free(r) || is_over(r, now)) {
            room = r;
            continue;
        }
        if (r->used < oldest->used)
            oldest = r;
        if (!addr20_eq(r->account, *account))
            continue;
        of_account++;
        if (own == NULL || r->used < own->used)
            own = r;
    }
    if (of_account >= SESSIONS_EACH)
        return own;
    return room != NULL ? room : oldest;
}

status sessions_begin(struct sessions *s, const struct random_src *random, const addr20 *account,
                      bool is_active, uint64_t now, uint64_t life_s,
                      uint8_t ret_token[SESSION_TOKEN], uint64_t *ret_expires)
{
    uint8_t token[SESSION_TOKEN];
    struct session_row row = {.account = *account, .begun = now, .used = now};
    row.expires = now + (life_s < SESSION_LIFE_S ? life_s : SESSION_LIFE_S);
    status st = random_fill(random, token, sizeof token);
    if (st == OK)
        st = sha256(slice_of(token, sizeof token), &row.token_hash);
    if (st != OK)
        return st;
    pthread_mutex_lock(&s->lock);
    *(is_active ? place_of(s->registered, SESSIONS_REGISTERED, account, now)
                : place_of(s->other, SESSIONS_OTHER, account, now)) = row;
    pthread_mutex_unlock(&s->lock);
    memcpy(ret_token, token, sizeof token);
    wipe(token, sizeof token);
    *ret_expires = row.expires;
    return OK;
}

/* With the lock held. Hashes are compared, so the time tells nothing about a token. */
static struct session_row *row_find(struct sessions *s, const uint8_t token[SESSION_TOKEN])
{
    hash32 want;
    if (sha256(slice_of(token, SESSION_TOKEN), &want) != OK)
        return NULL;
    for (size_t i = 0; i < SESSIONS_REGISTERED; i++)
        if (hash32_eq(s->registered[i].token_hash, want))
            return &s->registered[i];
    for (size_t i = 0; i < SESSIONS_OTHER; i++)
        if (hash32_eq(s->other[i].token_hash, want))
            return &s->other[i];
    return NULL;
}

status sessions_use(struct sessions *s, const uint8_t token[SESSION_TOKEN], uint64_t now,
                    addr20 *ret_account, uint64_t *ret_expires)
{
    status st = E_AUTH;
    pthread_mutex_lock(&s->lock);
    struct session_row *r = row_find(s, token);
    if (r != NULL && is_over(r, now)) {
        *r = (struct session_row){0};
    } else if (r != NULL) {
        r->used = now;
        *ret_account = r->account;
        *ret_expires = r->expires;
        st = OK;
    }
    pthread_mutex_unlock(&s->lock);
    return st;
}

void sessions_end(struct sessions *s, const uint8_t token[SESSION_TOKEN])
{
    pthread_mutex_lock(&s->lock);
    struct session_row *r = row_find(s, token);
    if (r != NULL)
        *r = (struct session_row){0};
    pthread_mutex_unlock(&s->lock);
}

status session_cookie_read(slice value, uint8_t ret_token[SESSION_TOKEN])
{
    static const slice name = {(const uint8_t *)SESSION_COOKIE "=", sizeof SESSION_COOKIE};
    slice found = SLICE_EMPTY;
    while (value.n > 0) {
        const uint8_t *end = memchr(value.p, ';', value.n);
        slice one = end == NULL ? value : slice_first(value, (size_t)(end - value.p));
        value = slice_after(value, one.n + (end != NULL ? 1 : 0));
        while (one.n > 0 && one.p[0] == ' ')
            one = slice_after(one, 1);
        if (!slice_has_prefix(one, name))
            continue;
        if (found.p != NULL) /* whose of the two? */
            return E_AUTH;
        found = slice_after(one, name.n);
    }
    if (found.n != (size_t)2 * SESSION_TOKEN || hex_read(found, ret_token, SESSION_TOKEN) != OK)
        return E_AUTH;
    return OK;
}
