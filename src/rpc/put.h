/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, transactions, receipts and logs as geth writes them. */
#ifndef EHRD_RPC_PUT_H
#define EHRD_RPC_PUT_H

#include "rpc/method.h"

void rpc_put_addr(struct jw *w, const addr20 *a);
void rpc_put_hash(struct jw *w, const hash32 *h);
void rpc_put_word(struct jw *w, u256 v); /* all 32 bytes */
/* With the capitals of EIP-55, as a key of an object. */
void rpc_key_addr(struct jw *w, const addr20 *a);

/* Members of a header. pending: hash, nonce and coinbase are null. */
void rpc_put_header(struct jw *w, const struct block_header *h, const hash32 *hash, bool pending);

/* Where a transaction is. */
struct rpc_place {
    hash32 block;
    uint64_t number;
    uint64_t timestamp;
    uint32_t index;
};
/* place NULL: it waits in the pool; price is then what it offers. */
void rpc_put_tx(struct jw *w, const struct tx *t, const hash32 *hash, const addr20 *sender,
                const struct rpc_place *place, u256 price);
/* OK | E_NOMEM | E_TOO_LONG. */
status rpc_put_receipt(struct jw *w, const struct chain_receipt *r,
                       const struct rpc_place *place) MUST_USE;
void rpc_put_log(struct jw *w, const struct chain_log *log, bool removed);

/* The whole block as an object; receipts are asked for only when full. As chain_view_receipts. */
status rpc_put_block(struct rpc_req *q, const struct chain_block *b, bool full) MUST_USE;
/* Arrays of a block: uncles' hashes, and withdrawals if it has any. */
void rpc_put_uncles(struct jw *w, const struct block *b);
void rpc_put_withdrawals(struct jw *w, slice items);

#endif
