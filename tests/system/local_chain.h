/* SPDX-License-Identifier: Apache-2.0 */
/* An embedded chain for tests, with ether for anvil's accounts, and a ledger that goes on while the
 * chain moves between this process and a node's. */
#ifndef EHRD_TESTS_LOCAL_CHAIN_H
#define EHRD_TESTS_LOCAL_CHAIN_H

#include "ledger/ledger.h"

struct chain; /* chain/chain.h */

struct local_chain {
    struct ledger base; /* what the tests hold */
    char dir[400];
    bool dev;
    struct chain *chain;  /* open in this process, or NULL */
    struct ledger *inner; /* over it, or over a node's /rpc; NULL: neither */
};

/* Is the embedded chain to be tested (EHRD_TEST_LEDGER is not "anvil")? */
bool local_chain_wanted(void);
/* Make a chain of id 31337 in dir and open it here. base_fee false: gas is free of charge. */
void local_chain_make(struct local_chain *l, const char *dir, bool dev, bool base_fee);
/* Open it here, if it is not. */
void local_chain_here(struct local_chain *l);
/* It is a node's now, whose JSON-RPC is at url; NULL: nobody's. */
void local_chain_away(struct local_chain *l, const char *url);
void local_chain_done(struct local_chain *l);
/* What anvil's methods of the same names do, for the few that tests use; true if it was done. */
bool local_chain_do(struct ledger *l, const char *method, const char *params);

#endif
