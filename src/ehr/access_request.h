/* SPDX-License-Identifier: Apache-2.0 */
/* Access requests: somebody asks the owner of a folder for a grant, by a text that only the two of
 * them see (docs/formats.md, section 12). */
#ifndef EHRD_EHR_ACCESS_REQUEST_H
#define EHRD_EHR_ACCESS_REQUEST_H

#include "age/age.h"
#include "base/buf.h"
#include "codec/netid.h"
#include "crypto/secp256k1.h"

#define ACCESS_REQUEST_BYTES ((size_t)2 << 10)
#define ACCESS_REQUEST_TEXT ((size_t)3 << 10) /* of a text or link, as typed, with white space */
#define ACCESS_REQUEST_FOLDER 200u
#define ACCESS_REQUEST_PURPOSE 500u
#define ACCESS_REQUEST_DURATION (10u * 366u * 86400u) /* seconds, at most */

/* As it was read or built: read ones are not to be trusted before access_request_verify. */
struct access_request {
    addr20 account;
    hash32 card_hash;
    char folder[ACCESS_REQUEST_FOLDER + 1]; /* what the asker calls it; may be empty */
    char purpose[ACCESS_REQUEST_PURPOSE + 1];
    uint8_t permissions; /* 1..15 */
    uint64_t duration;   /* seconds */
    uint64_t expires;    /* unix seconds; not to be answered from then on */
    hash32 nonce;
    uint8_t sig65[SECP_SIG];
};

/* The EIP-712 digest; it is the request's id, too. */
void access_request_id(const struct netid *net, const struct access_request *r, hash32 *ret);
/* Sign with the account's key or the certKey of its card.
 * OK | E_RANGE (purpose, permissions, duration) | E_INTERNAL. */
status access_request_sign(const struct netid *net, const struct secp_key *key,
                           struct access_request *r, struct err *reterr) MUST_USE;
/* Signed by the account or by cert_key, and not over. OK | E_SIGNATURE | E_EXPIRED. */
status access_request_verify(const struct netid *net, const struct access_request *r,
                             addr20 cert_key, uint64_t now, struct err *reterr) MUST_USE;

/* Append the RLP list / read one, with every bound checked. OK | RLP statuses | E_TYPE | E_RANGE.
 */
status access_request_put(const struct access_request *r, struct buf *out,
                          struct err *reterr) MUST_USE;
status access_request_read(slice in, struct access_request *ret, struct err *reterr) MUST_USE;

/* Append it as base64url, behind "ORIGIN/#/request/" unless origin is NULL. */
status access_request_text_put(const struct access_request *r, const char *origin, struct buf *out,
                               struct err *reterr) MUST_USE;
/* Read a text or a link; white space is dropped, so that it may be wrapped.
 * OK | E_TOO_LONG | E_SYNTAX | E_NOT_CANONICAL | as access_request_read. */
status access_request_text_read(slice text, struct access_request *ret,
                                struct err *reterr) MUST_USE;

/* Append the note for an inbox: the text as JSON in an age file / open one.
 * OK | errors of age | JSON statuses | E_TYPE (another note) | as access_request_text_read. */
status access_request_note_seal(const struct access_request *r, const struct age_recipient *to,
                                const struct random_src *rnd, struct buf *out,
                                struct err *reterr) MUST_USE;
status access_request_note_open(slice file, const struct age_identity *id,
                                struct access_request *ret, struct err *reterr) MUST_USE;

#endif
