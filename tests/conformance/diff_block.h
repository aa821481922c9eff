/* SPDX-License-Identifier: Apache-2.0 */
/* Our execution of a random case in a block whose environment anvil has given. */
#ifndef EHRD_TESTS_DIFF_BLOCK_H
#define EHRD_TESTS_DIFF_BLOCK_H

#include "chain/receipt.h"
#include "chain/tx_exec.h"
#include "codec/json.h"
#include "diff_gen.h"
#include "diff_trace.h"

struct diff_receipt {
    bool in_block; /* else fault says why not */
    enum tx_fault fault;
    bool success;
    uint64_t gas_used;
    addr20 created;
};

struct diff_block {
    const struct diff_ground *ground;
    struct code_cache codes;
    struct state state;
    struct host host;
    struct chain_rules rules;
    uint64_t gas_used;
    uint8_t bloom[BLOOM_BYTES];
    struct buf receipts;
    size_t receipt_end[DIFF_SENDERS];
    size_t n_receipts;
};

/* The state before, as anvil has it after diff_node_reset and its contracts were set.
 * ground: borrowed. plant: PLANT_CODE and PLANT_BALANCE make it another one. diff_block_done in
 * any case. */
status diff_block_init(struct diff_block *b, const struct diff_case *c,
                       const struct diff_ground *ground, struct evm *vm, enum evm_rev rev,
                       enum diff_plant plant) MUST_USE;
void diff_block_done(struct diff_block *b);
/* Begin the block that header tells of. OK | statuses of reading. */
status diff_block_env(struct diff_block *b, struct json header, struct err *reterr) MUST_USE;
/* May it be in the block as it stands? As diff_block_tx, but executes nothing. */
status diff_block_judge(struct diff_block *b, const struct diff_tx *t, enum tx_fault *ret,
                        struct err *reterr) MUST_USE;
/* Execute one more, or tell why it may not be in the block. OK unless the machine failed. */
status diff_block_tx(struct diff_block *b, const struct diff_tx *t, const struct evm_tracer *tracer,
                     struct diff_receipt *ret, struct err *reterr) MUST_USE;
status diff_block_receipts_root(const struct diff_block *b, hash32 *ret) MUST_USE;

#endif
