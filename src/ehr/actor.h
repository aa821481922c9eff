/* SPDX-License-Identifier: Apache-2.0 */
/* Who acts in a folder: in relationship mode an address made for it alone, in wallet mode the
 * account itself (docs/formats.md, section 5). */
#ifndef EHRD_EHR_ACTOR_H
#define EHRD_EHR_ACTOR_H

#include "base/buf.h"
#include "crypto/secp256k1.h"

struct client;
struct state_folder;
struct grant_note;

/* Secret. Kept by its client until client_done, at the same place. */
struct actor {
    addr20 addr;
    struct secp_key key;
    bool is_account;
    struct actor *next;
};

/* The account itself. Asked for once before threads. */
const struct actor *client_self(struct client *c);
/* Who acts for me in a folder: the owner address of my own, my holder address of one that is shared
 * with me, otherwise the account. A relationship address is certified at the node when it is used
 * for the first time. Asked for once before threads, which then only find it.
 * OK | E_MISMATCH (the owner state holds another address) | E_NOT_FOUND (no key card of mine) |
 * vault and ledger statuses. */
status client_actor(struct client *c, const hash32 *folder, const struct actor **ret,
                    struct err *reterr) MUST_USE;
/* The same of an own folder that may not be in the state yet, and of a note not accepted yet. */
status client_actor_owner(struct client *c, const struct state_folder *f, const struct actor **ret,
                          struct err *reterr) MUST_USE;
status client_actor_holder(struct client *c, const struct grant_note *n, const struct actor **ret,
                           struct err *reterr) MUST_USE;
/* Append the text of a certificate that an actor is mine, for those who read what it writes.
 * OK | E_NOT_FOUND (no key card of mine) | E_USAGE (the account itself needs none) | … */
status client_actor_certificate(struct client *c, const struct actor *a, struct buf *out,
                                struct err *reterr) MUST_USE;
/* The key of a note's holder, or why it is not mine. OK | E_MISMATCH. */
status client_holder_key(struct client *c, const struct grant_note *n, struct secp_key *ret,
                         struct err *reterr) MUST_USE;
/* The account, one of my owner addresses or one of my holders that the state knows. */
bool client_is_me(const struct client *c, const addr20 *a);

void client_actors_done(struct client *c); /* wipes */

#endif
