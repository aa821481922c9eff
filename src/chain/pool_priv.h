/* SPDX-License-Identifier: Apache-2.0 */
/* What the files chain/pool*.c share. */
#ifndef EHRD_CHAIN_POOL_PRIV_H
#define EHRD_CHAIN_POOL_PRIV_H

#include "base/status.h"
#include "chain/pool.h"

/* --- tables (pool_table.c) -------------------------------------------------------------------- */

/* Room for one more. OK | E_NOMEM. */
status pool_table_grow(struct pool *p) MUST_USE;
void pool_table_put(struct pool *p, struct pool_tx *t);
void pool_table_remove(struct pool *p, const struct pool_tx *t);
/* Found or made, without transactions. NULL: no memory. */
struct pool_sender *pool_sender_make(struct pool *p, const addr20 *a, uint64_t nonce);
/* It has no transactions any more. */
void pool_sender_drop(struct pool *p, struct pool_sender *s);

/* --- claims (pool_rank.c) --------------------------------------------------------------------- */

/* What a transaction takes of what all share, its bytes and its gas; 1 for a transfer. */
uint32_t pool_weight(const struct tx *t, size_t bytes);
/* What wei per gas a transaction of these fees leaves at a base fee. False: it cannot be mined. */
bool pool_tip(u256 max_fee, u256 max_priority, u256 base_fee, u256 *ret);
/* 0 to 2, by standing: an account that exists counts for no more than a stranger beyond a share. */
unsigned pool_class(enum pool_standing standing, uint64_t weight);

/* A sender came, changed, or goes. */
void pool_rank_add(struct pool *p, struct pool_sender *s);
void pool_rank_changed(struct pool *p, struct pool_sender *s);
void pool_rank_remove(struct pool *p, struct pool_sender *s);
/* The sender whose last transaction has the least claim to its place. */
struct pool_sender *pool_rank_last(struct pool *p);

#endif
