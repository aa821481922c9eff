/* SPDX-License-Identifier: Apache-2.0 */
/* Key cards: what an account publishes (docs/formats.md, section 4). */
#ifndef EHRD_EHR_CARD_H
#define EHRD_EHR_CARD_H

#include "age/key.h"
#include "codec/netid.h"
#include "crypto/secp256k1.h"

#define CARD_BYTES ((size_t)4 << 10) /* the longest card */
#define CARD_NAME 200u               /* bytes of a name */
#define CARD_ROLE 16u

struct identity;

struct card {
    addr20 account;
    uint32_t seq; /* from 1, one more with each change */
    struct age_recipient recipient;
    char recipient_text[AGE_RECIPIENT_TEXT];
    uint8_t spend[SECP_PUB33];
    uint8_t view[SECP_PUB33];
    addr20 cert_key;
    char name[CARD_NAME + 1];
    char role[CARD_ROLE]; /* "patient", "practitioner" or "organisation" */
    hash32 salt;
    uint8_t sig65[SECP_SIG];
};

/* Build the card of an identity and sign it with the account's key.
 * OK | E_RANGE (name, role, seq 0) | E_IO (rnd) | E_INTERNAL. */
status card_build(const struct identity *id, const struct secp_key *account, uint32_t seq,
                  const char *name, const char *role, const struct random_src *rnd,
                  struct card *ret, struct err *reterr) MUST_USE;
/* Its EIP-712 digest: the keyCardHash on the chain. */
void card_digest(const struct netid *net, const struct card *c, hash32 *ret);
/* Append the JSON text. */
status card_put(const struct card *c, struct buf *out, struct err *reterr) MUST_USE;
/* Read the JSON text: every member, no other, within its bounds. The signature is not checked.
 * OK | JSON statuses | E_RANGE | E_TOO_LONG. */
status card_read(slice json, struct card *ret, struct err *reterr) MUST_USE;
/* The signature must be the account's. OK | E_SIGNATURE. */
status card_verify(const struct netid *net, const struct card *c, struct err *reterr) MUST_USE;
/* card_read, card_verify, and its digest must be want (the hash on the chain): E_MISMATCH. */
status card_open(const struct netid *net, slice json, const hash32 *want, struct card *ret,
                 struct err *reterr) MUST_USE;

/* True for the three roles, and the contract's number of a role (0: none). */
bool card_role_is_known(const char *role);
unsigned card_role_number(const char *role);

#endif
