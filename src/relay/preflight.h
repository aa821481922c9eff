/* SPDX-License-Identifier: Apache-2.0 */
/* What the chain says about requests before they are sent: accounts, nonces, and a dry run. */
#ifndef EHRD_RELAY_PREFLIGHT_H
#define EHRD_RELAY_PREFLIGHT_H

#include "relay/quota.h"
#include "relay/relay.h"

struct preflight_group; /* the requests of one signer */

struct preflight {
    struct ledger *ledger; /* borrowed */
    struct vault *vault;   /* borrowed; NULL: accounts only */
    struct quota *gas;     /* of each account; borrowed */
    relay_holds_still *holds_still;
    uint64_t chain_id;
    uint64_t now; /* unix seconds */
    addr20 proxy;
    addr20 forwarder;
    /* its own, from preflight_signers on */
    struct arena a;
    struct preflight_group *groups;
    size_t groups_n;
};

/* First, and while anybody may send the same requests: those that were mined can be read on the
 * chain by everybody. Every signer must be an active account, or a certified relationship address
 * of one; the two kinds do not mix, nor two relationship addresses of one account (E_RANGE). Its
 * nonces must go on from the forwarder's. ret_index: the request at fault, n when none in
 * particular. After it, whatever it returned, preflight_done.
 * OK | E_FORBIDDEN | E_REPLAY (nonce used) | E_CONFLICT (nonce too high) | E_RANGE (mix) | the
 * ledger's, < 0. */
status preflight_signers(struct preflight *p, const struct relay_request *reqs, size_t n,
                         size_t *ret_index, struct err *reterr) MUST_USE;
/* Then, while the caller keeps other requests of the same signers back: their nonces once more,
 * for another request may have been mined since, and the calls, which must succeed when run in
 * order as the forwarder would run them (the forwarder itself loses the reason of a refusal). What
 * passes is taken from the accounts' quotas.
 * OK | E_REPLAY | E_CONFLICT | E_REVERTED | E_RATE (quota) | the ledger's, < 0. */
status preflight_calls(struct preflight *p, const struct relay_request *reqs, size_t n,
                       size_t *ret_index, struct err *reterr) MUST_USE;
void preflight_done(struct preflight *p);

#endif
