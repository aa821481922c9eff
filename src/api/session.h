/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of browsers, begun by a sign-in message of ERC-4361 (docs/formats.md section 13).
 *
 * In memory: they end with the node. Only the hash of a token is kept. Active accounts and all
 * other keys have tables of their own, so that nobody's throw-away keys push out a registered
 * person, and an account has so many sessions at most, so that neither does another account. */
#ifndef EHRD_API_SESSION_H
#define EHRD_API_SESSION_H

#include <pthread.h>

#include "base/slice.h"
#include "base/status.h"
#include "base/sysio.h"
#include "codec/siwe.h"

#define SESSION_TOKEN 32u /* random bytes; twice as many hex digits in the cookie */
#define SESSION_COOKIE "ehrd-session"
#define SESSION_IDLE_S 1800u   /* over when not used for so long */
#define SESSION_LIFE_S 43200u  /* and after half a day in any case */
#define SESSION_NONCE_S 300u   /* to sign in with a nonce that the node gave */
#define SESSION_NONCE_TEXT 65u /* 64 hex digits and NUL */
#define SESSIONS_REGISTERED 4096u
#define SESSIONS_OTHER 512u
#define SESSIONS_EACH 8u /* of one account: browsers of one person */

struct session_row {
    hash32 token_hash; /* all zero: free */
    addr20 account;
    uint64_t begun;
    uint64_t used;
    uint64_t expires;
};

struct sessions {
    pthread_mutex_t lock;
    uint8_t nonce_key[32]; /* random: nonces carry time and a MAC, nothing is stored for them */
    struct session_row *registered;
    struct session_row *other;
};

/* OK | E_NOMEM | E_IO (randomness). */
status sessions_init(struct sessions *s, const struct random_src *random) MUST_USE;
void sessions_done(struct sessions *s); /* also of a zeroed one */

/* A nonce that sessions_nonce_check accepts for SESSION_NONCE_S. It does not see to single use:
 * the caller remembers used ones. OK | E_IO | E_INTERNAL. */
status sessions_nonce(struct sessions *s, const struct random_src *random, uint64_t now,
                      char out[SESSION_NONCE_TEXT]) MUST_USE;
/* ret: its 32 bytes, to be remembered. OK | E_AUTH (not ours) | E_EXPIRED. */
status sessions_nonce_check(const struct sessions *s, slice nonce, uint64_t now, hash32 *ret,
                            struct err *reterr) MUST_USE;

/* What a message must say to sign in at the node `origin` ("https://host:port") on chain_id; who
 * signed it is not judged here. OK | E_AUTH (another domain, URI, chain; a nonce that is not ours;
 * resources) | E_EXPIRED (nonce, times). */
status sessions_message_check(const struct sessions *s, const struct siwe *m, const char *origin,
                              uint64_t chain_id, uint64_t now, hash32 *ret_nonce,
                              struct err *reterr) MUST_USE;

/* Begin a session. Of SESSIONS_EACH of the account it takes the place of the one longest unused,
 * and likewise in a full table. is_active: the account is one that the registry serves. life_s: at
 * most SESSION_LIFE_S are given. */
status sessions_begin(struct sessions *s, const struct random_src *random, const addr20 *account,
                      bool is_active, uint64_t now, uint64_t life_s,
                      uint8_t ret_token[SESSION_TOKEN], uint64_t *ret_expires) MUST_USE;
/* Whose session it is; counts as use. OK | E_AUTH (none, or over). */
status sessions_use(struct sessions *s, const uint8_t token[SESSION_TOKEN], uint64_t now,
                    addr20 *ret_account, uint64_t *ret_expires) MUST_USE;
/* Nothing happens when there is none. */
void sessions_end(struct sessions *s, const uint8_t token[SESSION_TOKEN]);

/* The token in the value of a Cookie header (RFC 6265 section 4.2). OK | E_AUTH (none, several, or
 * malformed). */
status session_cookie_read(slice value, uint8_t ret_token[SESSION_TOKEN]) MUST_USE;

#endif
