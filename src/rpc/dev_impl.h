/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the methods for development. */
#ifndef EHRD_RPC_DEV_IMPL_H
#define EHRD_RPC_DEV_IMPL_H

#include <pthread.h>

#include "rpc/dev.h"
#include "rpc/method.h"

struct rpc_dev {
    size_t n;
    struct secp_key *key;
    addr20 *addr;
    pthread_mutex_t sending; /* from taking a nonce until the transaction is handed in */
    pthread_mutex_t lock;    /* all below */
    addr20 *impersonated;
    size_t n_impersonated;
    bool anybody; /* every account may be sent for */
};

/* The key of an account, or NULL. */
const struct secp_key *rpc_dev_key(const struct rpc_dev *d, const addr20 *a);
bool rpc_dev_may_impersonate(struct rpc_dev *d, const addr20 *a);
/* OK | E_RATE (too many). */
status rpc_dev_impersonate(struct rpc_dev *d, const addr20 *a) MUST_USE;
bool rpc_dev_forget(struct rpc_dev *d, const addr20 *a); /* false: it was not impersonated */
void rpc_dev_set_anybody(struct rpc_dev *d, bool anybody);

/* Without --dev nothing; else, where each transaction gets a block at once, wait for this one's. */
void rpc_dev_await(struct rpc_req *q, const hash32 *tx);

/* Parameter i: a number, or a text with a decimal or hexadecimal one. */
status rpc_dev_number(struct rpc_req *q, size_t i, uint64_t *ret) MUST_USE;

#endif
