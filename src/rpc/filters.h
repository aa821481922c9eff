/* SPDX-License-Identifier: Apache-2.0 */
/* Filters that are polled: eth_newFilter and its like. */
#ifndef EHRD_RPC_FILTERS_H
#define EHRD_RPC_FILTERS_H

#include "base/sysio.h"

struct rpc_budget;
struct rpc_filters;
struct rpc_id {
    uint8_t b[16];
};

status rpc_filters_new(struct rpc_filters **ret) MUST_USE;
void rpc_filters_free(struct rpc_filters *f, struct rpc_budget *budget);
/* Remove those that nobody asked for too long; at most once in a while, and quick otherwise. */
void rpc_filters_sweep(struct rpc_filters *f, struct rpc_budget *budget, uint64_t now_ms);

/* A fresh id. OK | E_IO. */
status rpc_id_make(const struct random_src *random, struct rpc_id *ret) MUST_USE;

#endif
