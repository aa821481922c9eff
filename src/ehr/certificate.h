/* SPDX-License-Identifier: Apache-2.0 */
/* Member certificates: that a relationship address belongs to an account, said by both to the node
 * alone (docs/formats.md, section 5). */
#ifndef EHRD_EHR_CERTIFICATE_H
#define EHRD_EHR_CERTIFICATE_H

#include "codec/netid.h"
#include "crypto/secp256k1.h"
#include "vault/vault.h"

#define CERTIFICATE_BYTES ((size_t)1 << 10) /* the longest certificate */
#define CERTIFICATE_NOT_AFTER_MAX ((1ull << 53) - 1)

/* As it was read or built: read ones are not to be trusted before certificate_verify. */
struct certificate {
    addr20 account;
    addr20 member;
    hash32 card_hash;
    uint64_t not_after; /* unix seconds; over at this second */
    uint8_t cert_sig65[SECP_SIG];
    uint8_t member_sig65[SECP_SIG];
};

/* What a certificate must agree with. */
struct certificate_want {
    addr20 account;
    hash32 card_hash; /* the account's keyCardHash on the chain */
    addr20 cert_key;  /* of the card with that hash */
    uint64_t now;     /* unix seconds */
};

/* Build and sign one with both keys.
 * OK | E_RANGE (not_after, member is the account, a key) | E_INTERNAL. */
status certificate_build(const struct netid *net, addr20 account, const hash32 *card_hash,
                         uint64_t not_after, const struct secp_key *cert_key,
                         const struct secp_key *member, struct certificate *ret) MUST_USE;
/* The digest both signatures are over. */
void certificate_digest(const struct netid *net, const struct certificate *c, hash32 *ret);
/* Append the JSON text. OK | buf errors. */
status certificate_put(const struct certificate *c, struct buf *out, struct err *reterr) MUST_USE;
/* Read the JSON text: every member, no other, within its bounds. Signatures are not checked.
 * OK | JSON statuses | E_RANGE | E_TOO_LONG. */
status certificate_read(slice json, struct certificate *ret, struct err *reterr) MUST_USE;
/* Whether it holds now. That the account is active on the chain is for the caller to check.
 * OK | E_MISMATCH (other account or card) | E_SIGNATURE | E_EXPIRED. */
status certificate_verify(const struct netid *net, const struct certificate *c,
                          const struct certificate_want *want, struct err *reterr) MUST_USE;
/* Whether the certificate that the vault keeps for member still holds though it names an earlier
 * card than the account's present one, whose hash on the chain is card_hash: it does when the
 * present card's certifier signed it. With another certifier it is void, as after a stolen identity
 * it must be. OK | E_FORBIDDEN (void) | vault statuses below 0. */
status certificate_holds_still(struct vault *v, const struct netid *net, const addr20 *member,
                               const hash32 *card_hash, uint64_t now, struct err *reterr) MUST_USE;
/* True if signer may have it erased: the account and the member may. */
bool certificate_is_erasable_by(const struct certificate *c, addr20 signer);

#endif
