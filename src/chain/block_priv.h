/* SPDX-License-Identifier: Apache-2.0 */
/* What the files chain/block_*.c share. */
#ifndef EHRD_CHAIN_BLOCK_PRIV_H
#define EHRD_CHAIN_BLOCK_PRIV_H

#include "chain/block.h"

/* Root of a list's items: transactions, or withdrawals. */
status block_list_root(slice items, bool txs, hash32 *ret, struct err *reterr) MUST_USE;

/* Say what is wrong with the block. */
status block_fail(struct block_run *run, enum block_fault f, struct err *reterr) MUST_USE;

/* Before the merge (block_work.c). block_work_check: after the other rules of the header. */
enum block_fault block_work_check(const struct chain_rules *r, const struct block_header *h,
                                  const struct block_header *parent);
bool block_work_uncles(const struct chain_config *c, const struct block *b,
                       block_ancestor_find *ancestor, void *ctx);
/* EIP-779 */
void block_work_begin(struct block_run *run);
/* To the coinbase and to the uncles'. As block_end. */
status block_work_reward(struct block_run *run, slice uncles, struct err *reterr) MUST_USE;

extern const hash32 block_no_uncles; /* keccak-256 of an empty list */

/* EIP-4788, 2935. */
void block_call_begin(struct block_run *run);
/* EIP-7002, 7251. As block_end. */
status block_call_end(struct block_run *run, struct err *reterr) MUST_USE;
/* Deposits in the logs of the transaction just executed (EIP-6110). As block_end. */
status block_add_deposits(struct block_run *run, struct err *reterr) MUST_USE;

#endif
