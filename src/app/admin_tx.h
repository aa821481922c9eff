/* SPDX-License-Identifier: Apache-2.0 */
/* Direct transactions with an account's own key and its own ether. */
#ifndef EHRD_APP_ADMIN_TX_H
#define EHRD_APP_ADMIN_TX_H

#include "ledger/sender.h"

struct cli; /* app/cli.h */
struct args;

struct admin_tx {
    struct ledger *ledger;
    struct ledger_sender *sender;
    addr20 me;
};

/* ERC-1967 slots of a proxy. */
enum admin_slot { ADMIN_SLOT_IMPLEMENTATION, ADMIN_SLOT_ADMIN };

/* Take --rpc URL (default: /rpc of the node in config.json) and load the account's key. To be
 * closed whatever it returns. */
status admin_tx_open(struct admin_tx *t, struct cli *c, struct args *a,
                     struct err *reterr) MUST_USE;
void admin_tx_close(struct admin_tx *t);

/* Deploy the init code in code, if building it worked (put). ret_block may be NULL. */
status admin_tx_create(struct admin_tx *t, status put, const struct buf *code, addr20 *ret,
                       uint64_t *ret_block, struct err *reterr) MUST_USE;
/* Call to with data. OK | E_REVERTED (the contract's error as message) | ledger statuses. */
status admin_tx_call(struct admin_tx *t, const addr20 *to, status put, const struct buf *data,
                     struct err *reterr) MUST_USE;

/* The address in a proxy's slot, proved. OK | E_NOT_FOUND (zero). */
status admin_slot_addr(struct admin_tx *t, const addr20 *proxy, enum admin_slot slot, addr20 *ret,
                       struct err *reterr) MUST_USE;
/* trustedForwarder() of a registry or an implementation. */
status admin_forwarder_of(struct admin_tx *t, const addr20 *contract, addr20 *ret,
                          struct err *reterr) MUST_USE;

struct registration {
    addr20 proxy;
    addr20 account;
    uint8_t role;
    uint64_t valid_until; /* 0: no end */
    bool is_suspended;    /* out: registering changes nothing about that */
};

/* Register an account or renew its entry, and look what it is then. */
status admin_register(struct admin_tx *t, struct registration *r, struct err *reterr) MUST_USE;
/* Say whether the account stays suspended. */
void admin_suspended_print(struct cli *c, const struct registration *r);

#endif
