/* SPDX-License-Identifier: Apache-2.0 */
/* What the chain says about requests before they are sent: accounts, nonces, and a dry run. */
#ifndef EHRD_RELAY_PREFLIGHT_H
#define EHRD_RELAY_PREFLIGHT_H

#include "relay/quota.h"
#include "relay/relay.h"

struct preflight {
    struct ledger *ledger; /* borrowed */
    struct vault *vault;   /* borrowed; NULL: accounts only */
    struct quota *gas;     /* of each account; borrowed */
    relay_holds_still *holds_still;
    uint64_t chain_id;
    uint64_t now; /* unix seconds */
    addr20 proxy;
    addr20 forwarder;
};

/* Every signer must be an active account, or a certified relationship address of one; the two kinds
 * do not mix, nor two relationship addresses of one account (E_RANGE). Its nonces must go on from
 * the forwarder's, and its calls must succeed when run in order as the forwarder would run them
 * (the forwarder itself loses the reason of a refusal). ret_index: the request at fault, n when
 * none in particular. What passes is taken from the account's quota. OK | E_RATE (quota) |
 * E_FORBIDDEN | E_REPLAY (nonce used) | E_CONFLICT (nonce too high) | E_REVERTED | ledger's.
 */
status preflight_run(const struct preflight *p, const struct relay_request *reqs, size_t n,
                     size_t *ret_index, struct err *reterr) MUST_USE;

#endif
