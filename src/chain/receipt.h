/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts, logs and blooms (Yellow Paper 4.3.1; EIP-658, 2718). */
#ifndef EHRD_CHAIN_RECEIPT_H
#define EHRD_CHAIN_RECEIPT_H

#include "base/buf.h"
#include "chain/state.h"

#define BLOOM_BYTES 256u

struct receipt {
    unsigned type;   /* of the transaction */
    bool has_status; /* from Byzantium on; else state_root */
    bool success;
    hash32 state_root;
    uint64_t cumulative_gas;
    const struct state_log *logs; /* borrowed */
    size_t n_logs;
};

/* Append the list of logs. OK | buf statuses. */
status logs_put(const struct state_log *logs, size_t n, struct buf *out) MUST_USE;
/* Or the logs' address and topics into the bloom. */
void logs_bloom(const struct state_log *logs, size_t n, uint8_t bloom[BLOOM_BYTES]);
/* Append the receipt as the receipts trie holds it; its bloom is or-ed into block_bloom.
 * OK | buf statuses. */
status receipt_put(const struct receipt *r, uint8_t block_bloom[BLOOM_BYTES],
                   struct buf *out) MUST_USE;

#endif
