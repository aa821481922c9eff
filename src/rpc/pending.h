/* SPDX-License-Identifier: Apache-2.0 */
/* What happened lately that is not on the chain: transactions that came into the pool, and
 * rollbacks. Kept in rings that all readers share; a reader holds its own place. Threads: any. */
#ifndef EHRD_RPC_PENDING_H
#define EHRD_RPC_PENDING_H

#include "base/slice.h"
#include "base/status.h"

#define RPC_PENDING_KEPT 8192u /* transactions that a slow reader may be behind */

struct rpc_pending;

status rpc_pending_new(struct rpc_pending **ret) MUST_USE;
void rpc_pending_free(struct rpc_pending *p);
void rpc_pending_add(struct rpc_pending *p, const hash32 *tx);
/* The place after the newest. */
uint64_t rpc_pending_place(struct rpc_pending *p);
/* Up to max transactions from *place on, which is moved; older ones than are kept are passed over.
 * Returns how many. */
size_t rpc_pending_read(struct rpc_pending *p, uint64_t *place, hash32 *ret, size_t max);

void rpc_rollback_add(struct rpc_pending *p, uint64_t number);
/* The number of rollbacks so far. */
uint64_t rpc_rollback_place(struct rpc_pending *p);
/* Move *place to the newest; *next: the next block a reader has yet to see is not above what was
 * rolled back to. */
void rpc_rollback_read(struct rpc_pending *p, uint64_t *place, uint64_t *next);

#endif
