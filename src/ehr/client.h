/* SPDX-License-Identifier: Apache-2.0 */
/* One account at one node: what every flow of the client needs. One thread owns it.
 *
 * The caller fills the fields above the line; the client borrows what they point to. */
#ifndef EHRD_EHR_CLIENT_H
#define EHRD_EHR_CLIENT_H

#include "content/content.h"
#include "ehr/actor.h"
#include "ehr/card.h"
#include "ehr/folder_key.h"
#include "ehr/identity.h"
#include "ehr/record_open.h"
#include "ehr/state.h"
#include "ledger/ledger.h"
#include "net/http_client.h"
#include "vault/node.h"

#define CLIENT_ANSWER ((size_t)64 << 20) /* longest answer of a list */

/* A version of the owner state; its mac tells it from another of the same number. */
struct client_version {
    uint64_t n; /* 0: none */
    hash32 mac; /* zero: not known, as of a state of before macs */
};
/* Where a device keeps the version of the owner state that it saw last.
 * OK | E_MISMATCH (another command saw another one of this number) | I/O statuses. */
struct client_pin {
    status (*saw)(void *ctx, const struct client_version *v, struct err *reterr);
    void *ctx;
};

struct client {
    struct netid net;
    addr20 forwarder;
    struct vault *vault; /* vault/node.h, signing as me */
    struct ledger *ledger;
    struct http_client *http;
    const char *spool_dir;
    const struct clock_src *clock;
    const struct random_src *random;
    addr20 me;
    struct secp_key key;     /* the account's */
    struct age_identity age; /* generation 0 */
    struct identity id;
    bool wallet_mode;  /* new folders and grants are the accounts' own */
    bool accept_moved; /* believe notes of known folders that another account owns now */
    bool accept_state; /* take an owner state of before, and one that nothing proves, too */
    struct client_version state_seen; /* the highest of the owner state that this device saw */
    struct client_pin *pin;           /* told of each version that is new to it; NULL: nobody is */
    /* ---- */
    struct owner_state state;
    bool state_loaded;
    size_t state_unread; /* notes of others that states had and that could not be read */
    struct actor self;
    struct actor *actors;             /* relationship addresses used so far */
    struct author_card *author_cards; /* of authors that were named so far (author.c) */
    size_t author_cards_n;
};

/* The vault signs what is below a folder as the actor there, everything else as the account. Once
 * the fields above the line are filled. */
void client_open(struct client *c);

void client_done(struct client *c); /* wipes keys and state */

/* --- owner state ------------------------------------------------------------------------------ */

/* A version that is not the one that was seen, though it has its number. E_MISMATCH. */
status client_state_other(uint64_t n, struct err *reterr);
/* Fetch and open the owner state once; an account without one has an empty state.
 * OK | E_MISMATCH (nothing proves it, or it is older than what this device saw, or another one) |
 * vault statuses.
 */
status client_state(struct client *c, struct err *reterr) MUST_USE;
/* Change the state and store it before anything else happens. When another program has stored a
 * newer version, that one is fetched and the change is made again, so change must be repeatable.
 * OK | what change returned | E_CONFLICT (again and again) | vault statuses. */
struct client_change {
    status (*apply)(void *ctx, struct owner_state *s, struct err *reterr);
    void *ctx;
};
status client_state_change(struct client *c, const struct client_change *change,
                           struct err *reterr) MUST_USE;

/* --- what the chain says ------------------------------------------------------------------------
 */

/* eth_call of the registry, as true as the node: nothing is decided by it. ret is cleared first. */
status client_view(struct client *c, slice calldata, struct buf *ret, struct err *reterr) MUST_USE;
/* What the chain has, proved (ehr/slot_prove.h). Also E_NOT_FOUND (no such folder); a grant that
 * never was, and an account that was never registered, have status 0. */
status client_folder_facts(struct client *c, const hash32 *folder, struct folder_facts *ret,
                           struct err *reterr) MUST_USE;
struct registry_grant;
status client_grant_get(struct client *c, const hash32 *folder, const addr20 *holder,
                        struct registry_grant *ret, struct err *reterr) MUST_USE;
struct registry_account;
status client_account_get(struct client *c, const addr20 *account, struct registry_account *ret,
                          struct err *reterr) MUST_USE;
/* Zero when the account has no card. */
status client_card_hash(struct client *c, const addr20 *account, hash32 *ret,
                        struct err *reterr) MUST_USE;
/* The card from the vault, checked against the chain. OK | E_NOT_FOUND | errors of card_open. */
status client_card(struct client *c, const addr20 *account, struct card *ret, hash32 *ret_hash,
                   struct err *reterr) MUST_USE;

/* --- calls through the relay --------------------------------------------------------------------
 */

#define CLIENT_CALLS_MAX 50u
#define CLIENT_RELAY_GAS 14000000u /* of one batch: below the cap of a transaction (EIP-7825) */

/* What time it is, for deadlines and grants: by the head, head_s, where that is later than the
 * clock, since the contract goes by it. OK | E_MISMATCH (a day later or more: nothing proves the
 * head's time, and it would be for the node to say how long a signature is good). */
status client_time(const struct client *c, uint64_t head_s, uint64_t *ret_s,
                   struct err *reterr) MUST_USE;

struct client_sent {
    hash32 tx;
    uint64_t block;
    uint64_t gas_used;
};
/* Sign n calls (1..CLIENT_CALLS_MAX) of the registry as forward requests of `who`, with following
 * nonces, hand them to the relay, and wait until they are mined. When their gas is more than
 * CLIENT_RELAY_GAS they go in several transactions, in order.
 * OK | E_REVERTED (the contract refuses; the message is its error) | vault statuses. */
status client_send(struct client *c, const struct actor *who, const slice *calldata, size_t n,
                   struct client_sent *ret, struct err *reterr) MUST_USE;

/* --- bodies --------------------------------------------------------------------------------------
 */

status client_content(struct client *c, const hash32 *folder, struct content **ret,
                      struct err *reterr) MUST_USE;

#endif
