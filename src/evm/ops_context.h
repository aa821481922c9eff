/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that read the message, the transaction or the block and cannot fail. */
#ifndef EHRD_EVM_OPS_CONTEXT_H
#define EHRD_EVM_OPS_CONTEXT_H

#include "evm/frame.h"

/* s is the top before the push. */
#define CONTEXT_PUSH(name, expr)                                                                   \
    static inline void op_##name(const struct frame *f, u256 *s)                                   \
    {                                                                                              \
        s[1] = (expr);                                                                             \
    }

CONTEXT_PUSH(ADDRESS, frame_addr_word(&f->msg->recipient))
CONTEXT_PUSH(ORIGIN, frame_addr_word(&f->host->tx->origin))
CONTEXT_PUSH(CALLER, frame_addr_word(&f->msg->sender))
CONTEXT_PUSH(CALLVALUE, f->msg->value)
CONTEXT_PUSH(CALLDATASIZE, u256_from_u64(f->input.n))
CONTEXT_PUSH(CODESIZE, u256_from_u64(f->code_n))
CONTEXT_PUSH(GASPRICE, f->host->tx->gas_price)
CONTEXT_PUSH(RETURNDATASIZE, u256_from_u64(f->return_data.n))
CONTEXT_PUSH(COINBASE, frame_addr_word(&f->host->block->coinbase))
CONTEXT_PUSH(TIMESTAMP, u256_from_u64(f->host->block->timestamp))
CONTEXT_PUSH(NUMBER, u256_from_u64(f->host->block->number))
CONTEXT_PUSH(PREVRANDAO, f->host->block->prev_randao)
CONTEXT_PUSH(GASLIMIT, u256_from_u64(f->host->block->gas_limit))
CONTEXT_PUSH(CHAINID, f->host->block->chain_id)
CONTEXT_PUSH(BASEFEE, f->host->block->base_fee)
CONTEXT_PUSH(BLOBBASEFEE, f->host->block->blob_base_fee)
CONTEXT_PUSH(MSIZE, u256_from_u64(f->mem_n))

#undef CONTEXT_PUSH

/* Bytes past the end of the calldata are zero. */
static inline void op_CALLDATALOAD(const struct frame *f, u256 *s)
{
    uint64_t n = f->input.n;
    uint64_t at = u256_fits_u64(s[0]) ? s[0].w[0] : n;
    if (at < n && n - at >= 32) {
        s[0] = frame_load(f->input.p + at);
        return;
    }
    uint8_t word[32] = {0};
    if (at < n)
        memcpy(word, f->input.p + at, n - at);
    s[0] = frame_load(word);
}

static inline void op_BLOBHASH(const struct frame *f, u256 *s)
{
    const struct evm_tx *tx = f->host->tx;
    bool there = u256_fits_u64(s[0]) && s[0].w[0] < tx->n_blob_hashes;
    s[0] = there ? frame_load(tx->blob_hashes[s[0].w[0]].b) : u256_from_u64(0);
}

#endif
