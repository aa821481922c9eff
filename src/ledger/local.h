/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger adapter for a chain in this process (chain/chain.h). */
#ifndef EHRD_LEDGER_LOCAL_H
#define EHRD_LEDGER_LOCAL_H

#include "chain/chain.h"
#include "ledger/ledger.h"

struct ledger_local_config {
    struct chain *chain;           /* borrowed until ledger_close */
    uint64_t max_age_s;            /* see struct ledger */
    uint64_t call_gas;             /* cap of a call without a limit of its own; 0: 100 million */
    bool has_authority;            /* whose signature vouches for blocks; false: the genesis' */
    addr20 authority;              /* pinned */
    const struct clock_src *clock; /* borrowed; NULL: clock_system */
};

/* ledger_close leaves the chain open. OK | E_NOMEM. */
status ledger_local_open(const struct ledger_local_config *cfg, struct ledger **ret_ledger,
                         struct err *reterr) MUST_USE;

#endif
