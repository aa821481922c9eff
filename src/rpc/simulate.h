/* SPDX-License-Identifier: Apache-2.0 */
/* eth_simulateV1: blocks that never were. */
#ifndef EHRD_RPC_SIMULATE_H
#define EHRD_RPC_SIMULATE_H

#include "rpc/call.h"

#define SIM_BLOCKS_MAX 256u /* from the base on, gaps included (geth's) */

/* A block to simulate: what the caller gave, numbers and times filled in. */
struct sim_plan {
    uint64_t number;
    uint64_t timestamp;
    struct json overrides; /* absent: none */
    struct json state;
    struct json calls;
};

/* Read the blocks of v (parameter 0) that follow base; gaps are filled. Errors have the codes of
 * the specification. */
status sim_plan_read(struct rpc_req *q, struct json v, const struct block_header *base,
                     struct sim_plan **ret, size_t *ret_n) MUST_USE;

/* An array of withdrawals as RLP items. */
status rpc_read_withdrawals(struct rpc_req *q, struct json list, struct buf *out) MUST_USE;

/* Logs of a call, transfers of ether among them if wanted, those of failed frames taken back. */
struct sim_logs {
    struct host_watch watch;
    struct arena *a;
    bool transfers;
    struct chain_log *log; /* of the call */
    size_t n;
    size_t max;
    uint32_t count; /* of the block so far: log indexes */
    size_t *begin;  /* of each frame under way: n at its start */
    size_t depth;
    bool failed; /* no memory */
};
void sim_logs_init(struct sim_logs *l, struct arena *a, bool transfers);
/* Before each call. */
void sim_logs_begin(struct sim_logs *l);

#endif
