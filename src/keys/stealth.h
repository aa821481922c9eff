/* SPDX-License-Identifier: Apache-2.0 */
/* Stealth addresses: ERC-5564, scheme 1 (secp256k1 with view tags).
 *
 * Who gives access derives a fresh address from the other's meta-address; nobody else can tell to
 * whom it belongs, and only the other can find its private key. With r the ephemeral key, S the
 * shared point and G the generator (the ERC's names):
 *     S = r * P_view = p_view * P_ephemeral       s_h = keccak256(S, compressed, 33 bytes)
 *     view tag = first byte of s_h                P_stealth = P_spend + s_h * G
 *     p_stealth = p_spend + s_h mod N
 * An s_h of 0 or >= N is refused. Needs secp_init; thread-safe afterwards. */
#ifndef EHRD_KEYS_STEALTH_H
#define EHRD_KEYS_STEALTH_H

#include "crypto/secp256k1.h"

/* Public: the two keys of a key card. */
struct stealth_meta {
    uint8_t spend[SECP_PUB33];
    uint8_t view[SECP_PUB33];
};

/* What the receiver is told. */
struct stealth_note {
    addr20 holder; /* the stealth address */
    uint8_t ephemeral[SECP_PUB33];
    uint8_t view_tag;
};

/* Secret in view only: it finds addresses, and cannot act as them. */
struct stealth_viewer {
    struct secp_key view;
    uint8_t spend[SECP_PUB33];
};

/* The meta-address of two secret keys. OK | E_RANGE (a key) | E_INTERNAL. */
status stealth_meta_of(const struct secp_key *spend, const struct secp_key *view,
                       struct stealth_meta *ret) MUST_USE;
void stealth_viewer_done(struct stealth_viewer *v); /* wipes */

/* A new address for to, by an ephemeral key that is forgotten.
 * OK | E_RANGE (to holds no points) | E_IO (rnd) | E_INTERNAL. */
status stealth_address(const struct stealth_meta *to, const struct random_src *rnd,
                       struct stealth_note *ret) MUST_USE;
/* The same with a given ephemeral key. Also E_RANGE when s_h is 0 or >= N: take another. */
status stealth_address_with(const struct stealth_meta *to, const struct secp_key *ephemeral,
                            struct stealth_note *ret) MUST_USE;

/* Whether a note is for this viewer: the view tag first, then the address.
 * OK | E_NOT_FOUND (somebody else's) | E_RANGE (ephemeral is no point) | E_INTERNAL. */
status stealth_check(const struct stealth_viewer *v, const struct stealth_note *note) MUST_USE;
/* Check n notes. ret_found: room for n; the indices of one's own, ascending. Notes that are not
 * well formed are somebody else's. Several threads share the work. OK | E_INTERNAL | E_NOMEM. */
status stealth_scan(const struct stealth_viewer *v, const struct stealth_note *notes, size_t n,
                    size_t *ret_found, size_t *ret_n) MUST_USE;
/* The private key of a note's address. OK | E_NOT_FOUND (the note is somebody else's) |
 * E_RANGE | E_INTERNAL. */
status stealth_key(const struct secp_key *spend, const struct secp_key *view,
                   const struct stealth_note *note, struct secp_key *ret) MUST_USE;

#endif
