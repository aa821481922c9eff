/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls the relayer pays for: rules over a request's bytes alone, no chain. */
#ifndef EHRD_RELAY_POLICY_H
#define EHRD_RELAY_POLICY_H

#include "relay/relay.h"

#define POLICY_GAS_MIN 30000u
#define POLICY_DATA_MAX ((size_t)64 << 10) /* calldata of one request */
#define POLICY_CALLS_MAX 100u              /* calls in one multicall */

struct policy {
    addr20 proxy;
    addr20 forwarder;
    uint64_t chain_id;
    uint64_t now;         /* seconds */
    uint64_t max_ahead_s; /* latest deadline, from now */
};

/* Every call in data, a multicall opened, must be one of the registry's user functions with its
 * arguments and not a byte more; a multicall in a multicall is refused.
 * OK | E_FORBIDDEN | E_RANGE (no selector, too many calls, bytes that nobody reads). */
status policy_check_data(slice data, struct err *reterr) MUST_USE;
/* Fields, calldata and signature of one request; the message names the field.
 * OK | E_RANGE | E_FORBIDDEN | E_EXPIRED | E_SIGNATURE. */
status policy_check(const struct policy *p, const struct relay_request *req,
                    struct err *reterr) MUST_USE;

#endif
