/* SPDX-License-Identifier: Apache-2.0 */
/* What a node for development knows beside its chain: accounts whose keys it holds, and accounts it
 * may send for without a key. Only for chains opened with dev; nothing of it exists without --dev.
 */
#ifndef EHRD_RPC_DEV_H
#define EHRD_RPC_DEV_H

#include "crypto/secp256k1.h"

#define RPC_DEV_ACCOUNTS_MAX 100u
#define RPC_DEV_IMPERSONATED_MAX 10000u

struct rpc_dev;

/* keys: copied. Any thread may use it. OK | E_RANGE (too many, or no key) | E_NOMEM. */
status rpc_dev_new(const struct secp_key *keys, size_t n, struct rpc_dev **ret) MUST_USE;
void rpc_dev_free(struct rpc_dev *d); /* wipes; NULL is fine */

size_t rpc_dev_accounts(const struct rpc_dev *d);
addr20 rpc_dev_account(const struct rpc_dev *d, size_t i);

#endif
