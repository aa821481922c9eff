/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the local adapter. */
#ifndef EHRD_LEDGER_LOCAL_INT_H
#define EHRD_LEDGER_LOCAL_INT_H

#include "chain/chain.h"
#include "ledger/ledger.h"

struct local {
    struct ledger base;
    struct chain *chain;
    uint64_t call_gas;
    bool has_authority;
    addr20 authority;
};

/* Fill st, err and out of req; what the answer borrows is copied to a. */
void local_answer(struct local *l, struct chain_view *v, struct ledger_req *req, struct arena *a);

#endif
