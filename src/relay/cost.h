/* SPDX-License-Identifier: Apache-2.0 */
/* What the payer of a batch pays at most, and how large each request's part of it is. */
#ifndef EHRD_RELAY_COST_H
#define EHRD_RELAY_COST_H

#include "relay/relay.h"

/* Bytes of the forwarder's calldata: execute for one request, executeBatch for more. */
size_t cost_calldata(const struct relay_request *reqs, size_t n);
/* Gas limit of the transaction that carries 1..RELAY_BATCH_MAX requests: it covers what their
 * signers allow the calls, the forwarder's work and the calldata, and nobody pays for more. */
uint64_t cost_gas(const struct relay_request *reqs, size_t n);
/* Each request's part of cost_gas, in proportion to what it adds, so that a short call does not pay
 * for a long one of somebody else. Rounded up: the parts are at least the whole. */
void cost_parts(const struct relay_request *reqs, size_t n, uint64_t ret_parts[RELAY_BATCH_MAX]);

#endif
