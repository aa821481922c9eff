/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: may one be in the block, and what does it do? Every fork, types 0 to 4. */
#ifndef EHRD_CHAIN_TX_EXEC_H
#define EHRD_CHAIN_TX_EXEC_H

#include "chain/host.h"
#include "chain/rules.h"
#include "codec/tx.h"

enum tx_fault {
#define TX_FAULT(id, name, text) id,
#include "chain/tx_fault.def"
#undef TX_FAULT
    TX_FAULT_COUNT
};

/* Static strings. */
const char *tx_fault_name(enum tx_fault f); /* as EEST writes it, without "TransactionException." */
const char *tx_fault_text(enum tx_fault f); /* as JSON-RPC clients know it */

/* Gas before the first instruction, and the least that is paid in the end (EIP-7623; 0 before
 * Prague). counts come from tx_access_count and the authorization list. */
struct tx_gas {
    uint64_t intrinsic;
    uint64_t floor;
};
/* OK | RLP statuses of the access list. */
status tx_gas_of(const struct tx *t, enum evm_rev rev, struct tx_gas *ret,
                 struct err *reterr) MUST_USE;

/* What is left of the block. */
struct tx_room {
    uint64_t gas;
    uint64_t blob_gas;
};

/* A transaction with what its validity was judged by. */
struct tx_ready {
    const struct tx *tx; /* borrowed */
    addr20 sender;
    struct tx_gas gas;
    u256 price;    /* effective, wei per gas */
    u256 blob_fee; /* wei, for all its blobs */
    bool unpaid;   /* a call: price is 0 whatever the base fee, and the coinbase gets nothing */
};

/* Judge t by the rules alone: type, chain, lists, gas for its size. What a pool asks first.
 * OK: ret_gas is set and *ret_fault TX_FINE | E_RANGE: *ret_fault says why not | RLP statuses. */
status tx_check_alone(const struct chain_rules *r, const struct tx *t, struct tx_gas *ret_gas,
                      enum tx_fault *ret_fault, struct err *reterr) MUST_USE;

/* Judge t by the rules, the block and the state; nothing is changed.
 * OK: ret is set and *ret_fault TX_FINE | E_RANGE: it may not be in the block, *ret_fault says why
 * | RLP statuses | statuses of host_failure. */
status tx_check(struct host *h, const struct chain_rules *r, const struct tx *t,
                const addr20 *sender, const struct tx_room *room, struct tx_ready *ret,
                enum tx_fault *ret_fault, struct err *reterr) MUST_USE;

struct tx_outcome {
    enum evm_status status;
    uint64_t gas_used;
    uint64_t gas_peak; /* before refunds */
    uint64_t blob_gas_used;
    slice output;   /* borrowed until the next execution in the host */
    addr20 created; /* for creations that succeeded; else zero */
};

/* Execute what tx_check has allowed. Logs stay in the state until state_begin_tx.
 * OK | statuses of host_failure: the state means nothing. */
status tx_exec(struct host *h, const struct chain_rules *r, const struct tx_ready *t,
               struct tx_outcome *ret, struct err *reterr) MUST_USE;

/* Sender by the signature rules of the revision. OK | E_SIGNATURE | E_NOMEM. */
status tx_sender_at(const struct tx *t, enum evm_rev rev, addr20 *ret) MUST_USE;

/* Has t, instead of a signature, what the controls for development make up for a sender without a
 * key (a contract may be one)? s is above the curve's order, so nobody's signature looks like it.
 */
bool tx_is_for(const struct tx *t, const addr20 *sender);

#endif
