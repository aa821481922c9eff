/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded chain of a node: opening, sealing, its JSON-RPC, the ledger over it. */
#ifndef EHRD_APP_EHRD_LOCAL_H
#define EHRD_APP_EHRD_LOCAL_H

#include "app/ehrd_options.h"
#include "ledger/local.h"
#include "rpc/rpc.h"

struct ehrd_local {
    struct chain *chain; /* NULL: the ledger is another node */
    struct rpc *rpc;
};

/* Open o->chain (or the folder "chain" in o->data) and begin to seal. version: borrowed until the
 * end. To be closed whatever it returns. */
status ehrd_local_open(const struct ehrd_options *o, const char *version, struct ehrd_local *ret,
                       struct ledger **ret_ledger, struct err *reterr) MUST_USE;
/* Let whoever waits for a block go; then close what uses the chain, then this. */
void ehrd_local_wake(struct ehrd_local *l);
void ehrd_local_close(struct ehrd_local *l);

#endif
