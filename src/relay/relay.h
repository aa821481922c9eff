/* SPDX-License-Identifier: Apache-2.0 */
/* Gas-less calls: verifies ERC-2771 forward requests, runs them before they are sent, sends and
 * pays for them.
 *
 * The signer signs OpenZeppelin's ForwardRequest (docs/formats.md, section 3). A request is
 * accepted when: to is the registry and value is 0; every call in it, multicalls opened, is one of
 * the registry's user functions with nothing behind its arguments; the signer is an active account,
 * or a relationship address whose member certificate names one; gas and deadline are within bounds;
 * nonces follow the forwarder's; the signature is right; and the call succeeds when run at the
 * head, a lone one with the gas that was signed. May be used by several threads; transactions leave
 * in order.
 *
 * Nobody shall learn from a transaction who belongs together: account calls and relationship calls
 * are never in one, nor are two relationship addresses of one account, and the requests of several
 * signers leave in random order. */
#ifndef EHRD_RELAY_RELAY_H
#define EHRD_RELAY_RELAY_H

#include "base/sysio.h"
#include "codec/netid.h"
#include "crypto/secp256k1.h"
#include "ledger/ledger.h"
#include "vault/vault.h"

#define RELAY_BATCH_MAX 50u
#define RELAY_GAS_MAX 16000000u /* of all calls of a batch: EIP-7825 caps a transaction at 2^24 */

struct relay_request {
    addr20 from;
    addr20 to;
    u256 value;
    uint64_t gas;
    uint64_t nonce;
    uint64_t deadline; /* seconds */
    slice data;        /* borrowed */
    uint8_t sig65[65];
};

struct relay_result {
    hash32 tx;
    uint64_t block;
    hash32 block_hash;
    uint64_t gas_used;
    bool success[RELAY_BATCH_MAX]; /* of each inner call, as the forwarder's event says */
};

/* Whether the certificate that the vault keeps for member holds though it names an earlier card
 * than the one whose hash is card_hash. OK | E_FORBIDDEN | … */
typedef status relay_holds_still(struct vault *v, const struct netid *net, const addr20 *member,
                                 const hash32 *card_hash, uint64_t now, struct err *reterr);

struct relay_config {
    struct ledger *ledger; /* borrowed until relay_close */
    struct vault *vault;   /* with the certificates; NULL: accounts only. Borrowed as well */
    relay_holds_still *holds_still; /* NULL: certificates of earlier cards never hold */
    const struct clock_src *clock;
    const struct random_src *random; /* shuffles */
    addr20 proxy;
    addr20 forwarder;
    uint64_t chain_id;
    struct secp_key key;  /* the payer's; copied */
    uint32_t timeout_ms;  /* until mined; 0: 60 s */
    uint64_t max_ahead_s; /* latest deadline, from now; 0: 3600 */
    uint64_t cost_max;    /* of one transaction, in gwei; 0: LEDGER_COST_MAX */
    uint64_t gas_a_day;   /* that the payer pays at most for one account (relay/cost.h); 0: any */
};

struct relay;

status relay_open(const struct relay_config *cfg, struct relay **ret_relay,
                  struct err *reterr) MUST_USE;
void relay_close(struct relay *r); /* NULL is fine */
addr20 relay_address(const struct relay *r);

/* Verify, pre-flight, send and wait for 1..RELAY_BATCH_MAX requests.
 * OK: mined (see success[]) | E_RANGE, E_TYPE (a field; the message names it; or signers that may
 * not share a batch) | E_SIGNATURE | E_RATE (quota) | E_FORBIDDEN (not an active account nor a
 * certified address of one, or a function that is not relayed) | E_EXPIRED | E_REPLAY (nonce) |
 * E_REVERTED (the contract would refuse; the message is its error by name) | E_UNAVAILABLE (also
 * when the ledger refuses what the payer sent: no fault of a request) |
 * E_TIMEOUT (sent, not mined yet: ret_result->tx is set all the same). ret_index: which request is
 * at fault, or n when none in particular; set on failure too. */
status relay_run(struct relay *r, const struct relay_request *reqs, size_t n,
                 struct relay_result *ret_result, size_t *ret_index, struct err *reterr) MUST_USE;

#endif
