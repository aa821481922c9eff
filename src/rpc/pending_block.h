/* SPDX-License-Identifier: Apache-2.0 */
/* The block that would be sealed now. */
#ifndef EHRD_RPC_PENDING_BLOCK_H
#define EHRD_RPC_PENDING_BLOCK_H

#include "rpc/method.h"

/* As rpc_put_block; what a sealed block alone has is null. */
status rpc_put_pending_block(struct rpc_req *q, bool full) MUST_USE;

#endif
