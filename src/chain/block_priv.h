/* SPDX-License-Identifier: Apache-2.0 */
/* What the files chain/block_*.c share. */
#ifndef EHRD_CHAIN_BLOCK_PRIV_H
#define EHRD_CHAIN_BLOCK_PRIV_H

#include "chain/block.h"

/* Root of a list's items: transactions, or withdrawals. */
status block_list_root(slice items, bool txs, hash32 *ret, struct err *reterr) MUST_USE;

/* Say what is wrong with the block. */
status block_fail(struct block_run *run, enum block_fault f, struct err *reterr) MUST_USE;

/* EIP-4788, 2935. */
void block_call_begin(struct block_run *run);
/* EIP-7002, 7251. As block_end. */
status block_call_end(struct block_run *run, struct err *reterr) MUST_USE;
/* Deposits in the logs of the transaction just executed (EIP-6110). As block_end. */
status block_add_deposits(struct block_run *run, struct err *reterr) MUST_USE;

#endif
