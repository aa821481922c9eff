/* SPDX-License-Identifier: Apache-2.0 */
/* The criteria of eth_getLogs, eth_newFilter and logs subscriptions. */
#ifndef EHRD_RPC_LOG_FILTER_H
#define EHRD_RPC_LOG_FILTER_H

#include "rpc/param.h"

struct rpc_log_filter {
    struct chain_filter f; /* from and to: as found by rpc_log_span */
    bool by_hash;
    hash32 hash;
    bool has_from;
    bool has_to;
    struct rpc_at from;
    struct rpc_at to;
};

/* Read parameter i, v; its lists are in a, which outlives ret. */
status rpc_read_log_filter(struct rpc_req *q, size_t i, struct json v, struct arena *a,
                           struct rpc_log_filter *ret) MUST_USE;
/* Fill f.f.from and to for one search of the chain as it is. */
status rpc_log_span(struct rpc_req *q, struct rpc_log_filter *f) MUST_USE;
/* Answer all that match as an array: eth_getLogs. */
status rpc_put_logs(struct rpc_req *q, struct rpc_log_filter *f) MUST_USE;

#endif
