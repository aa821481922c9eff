/* SPDX-License-Identifier: Apache-2.0 */
/* Sending transactions from one account: fees, gas, nonce, signature, broadcast, receipt.
 *
 * A sender is the only user of its account within the process and may be used by several threads;
 * another program that uses the same account is noticed (E_REPLAY of the node) and the nonce is
 * asked for anew. A program that keeps a journal of its own uses ledger_sender_build with a nonce
 * from the journal and ledger_send_raw. */
#ifndef EHRD_LEDGER_SENDER_H
#define EHRD_LEDGER_SENDER_H

#include "crypto/secp256k1.h"
#include "ledger/ledger.h"

struct ledger_sender;

struct ledger_order {
    addr20 to;    /* ignored when create */
    bool create;  /* data is init code */
    slice data;   /* borrowed */
    u256 value;   /* wei */
    uint64_t gas; /* 0: estimate and add a fifth */
};

/* Asks the ledger for its chain id. The key is copied, and wiped by ledger_sender_free.
 * OK | E_RANGE (key) | the ledger's statuses. */
status ledger_sender_new(struct ledger *l, const struct secp_key *key,
                         struct ledger_sender **ret_sender, struct err *reterr) MUST_USE;
/* What one transaction may cost at most, its gas times the most that is paid for one, in gwei: fees
 * are what the ledger says, and a lying or broken one says anything. As much as geth lets by. */
#define LEDGER_COST_MAX 1000000000u /* 1 ether */
/* Another bound; before the sender is used. */
void ledger_sender_set_cost_max(struct ledger_sender *s, uint64_t gwei);
void ledger_sender_free(struct ledger_sender *s);
addr20 ledger_sender_address(const struct ledger_sender *s);

/* Gas of an order (estimated when order->gas is 0).
 * OK | E_REVERTED: the call would fail, ret_revert (may be NULL) is the raw revert data. */
status ledger_sender_gas(struct ledger_sender *s, const struct ledger_order *order,
                         uint64_t *ret_gas, struct buf *ret_revert, struct err *reterr) MUST_USE;
/* Build and sign, without sending: type 2, or type 0 where there is no base fee.
 * Appends the raw transaction to ret_raw. */
status ledger_sender_build(struct ledger_sender *s, const struct ledger_order *order, uint64_t gas,
                           uint64_t nonce, const struct ledger_fees *fees, struct buf *ret_raw,
                           hash32 *ret_hash, struct err *reterr) MUST_USE;
/* Estimate, build, sign and broadcast. Statuses of ledger_send_raw and ledger_sender_gas, and
 * E_UNAVAILABLE (nothing was signed) where it might cost more than it may. */
status ledger_sender_send(struct ledger_sender *s, const struct ledger_order *order,
                          hash32 *ret_hash, struct buf *ret_revert, struct err *reterr) MUST_USE;
/* Send and wait for the receipt (ledger_wait). E_REVERTED also when it was mined and failed;
 * ret_receipt is set then too. */
status ledger_sender_run(struct ledger_sender *s, const struct ledger_order *order,
                         uint32_t confirmations, uint32_t timeout_ms, struct arena *a,
                         struct ledger_receipt *ret_receipt, struct buf *ret_revert,
                         struct err *reterr) MUST_USE;

#endif
