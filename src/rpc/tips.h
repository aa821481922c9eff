/* SPDX-License-Identifier: Apache-2.0 */
/* What transactions paid above the base fee, and what is suggested from it. */
#ifndef EHRD_RPC_TIPS_H
#define EHRD_RPC_TIPS_H

#include "rpc/method.h"

/* The least tip of each of the last blocks, kept by the block's hash: a new head costs the reading
 * of one block. Threads: any. */
struct rpc_tips;

status rpc_tips_new(struct rpc_tips **ret) MUST_USE;
void rpc_tips_free(struct rpc_tips *t);

/* Of one transaction. */
struct rpc_tip {
    u256 wei; /* per gas */
    uint64_t gas;
};
/* Of a block, lowest first. As chain_view_payments. */
status rpc_block_tips(struct rpc_req *q, const struct block_header *h, struct arena *a,
                      struct rpc_tip **ret, size_t *ret_n) MUST_USE;

/* From the least tip of each of the last blocks; *ret_paid false: nobody paid anything in them.
 * Statuses of the store | E_NOMEM. */
status rpc_tips_suggest(struct rpc_req *q, u256 *ret, bool *ret_paid) MUST_USE;

#endif
