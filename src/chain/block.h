/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks: their RLP, the rules of their headers, and what they do to the state. Every fork.
 *
 * Checking a block that came from elsewhere: block_read, block_check, then on the state of its
 * parent block_execute, and the state root compared. Making one: block_begin, block_tx as often as
 * wanted, block_end; then the header is filled in from struct block_run. A block that fails has
 * changed the state: go back to a mark set before it. */
#ifndef EHRD_CHAIN_BLOCK_H
#define EHRD_CHAIN_BLOCK_H

#include "chain/receipt.h"
#include "chain/tx_exec.h"
#include "codec/rlp.h"
#include "trie/header.h"

enum block_fault {
#define BLOCK_FAULT(id, name) id,
#include "chain/block_fault.def"
#undef BLOCK_FAULT
    BLOCK_FAULT_COUNT
};

/* As the official suites write it, without "BlockException."; static string. */
const char *block_fault_name(enum block_fault f);

#define BLOCK_SIZE_MAX ((size_t)8388608) /* EIP-7934: 10 MiB less 2 MiB */
#define BLOCK_GAS_LIMIT_MIN 5000u        /* Yellow Paper (55) */
#define BLOCK_UNCLES_MAX 2u
#define BLOCK_UNCLE_DEPTH 6u /* generations an uncle's parent may be back, from the parent on */

struct block {
    struct block_header header;
    slice raw;        /* the whole block */
    hash32 hash;      /* of the header */
    slice txs;        /* the lists' items; borrowed from raw */
    slice uncles;     /* items */
    slice uncles_raw; /* the list with its header */
    bool has_withdrawals;
    slice withdrawals; /* items */
};

/* Split a block; transactions are not read yet. ret borrows from raw.
 * OK | RLP statuses | E_NOMEM. */
status block_read(slice raw, struct block *ret, struct err *reterr) MUST_USE;

/* --- headers -------------------------------------------------------------------------------- */

/* What the header after parent must say. */
u256 block_base_fee(const struct chain_rules *r, const struct block_header *parent);
uint64_t block_excess_blob_gas(const struct chain_rules *r, const struct block_header *parent);
u256 block_difficulty(const struct chain_rules *r, const struct block_header *parent,
                      uint64_t timestamp);
enum header_fields block_fields(enum evm_rev rev);

/* All rules of a header that need its parent only. BLOCK_FINE or what is wrong. */
enum block_fault block_check_header(const struct chain_rules *r, const struct block_header *h,
                                    const struct block_header *parent);

/* The chain before a block, for its uncles: the i-th ancestor, 0 being the parent. NULL: there is
 * none. Borrowed until the next call. */
struct block_ancestor {
    hash32 hash;
    struct block_header header;
    slice uncles; /* items */
};
typedef const struct block_ancestor *block_ancestor_find(void *ctx, size_t i);

/* Header, size, lists' roots and uncles of b, whose rules are r and whose chain's c.
 * OK | E_RANGE (*ret_fault) | E_NOMEM. */
status block_check(const struct chain_config *c, const struct chain_rules *r, const struct block *b,
                   block_ancestor_find *ancestor, void *ctx, enum block_fault *ret_fault,
                   struct err *reterr) MUST_USE;

/* --- execution ------------------------------------------------------------------------------ */

struct block_run {
    struct host host;
    const struct chain_rules *rules; /* borrowed, as the header */
    const struct block_header *header;
    struct tx_room room;
    uint64_t gas_used;
    uint64_t blob_gas_used;
    uint8_t bloom[BLOOM_BYTES];
    struct buf receipts;     /* one after the other */
    struct buf receipt_ends; /* size_t each: where each ends in receipts */
    struct buf requests[3];  /* EIP-7685: deposits, withdrawals, consolidations; without the type */
    enum block_fault fault;  /* when a function below says E_RANGE */
    enum tx_fault tx_fault;  /* when fault is BLOCK_BAD_TX; TX_FINE if it could not even be read */
};

/* What the EVM is told of a block with this header. */
void block_env(const struct chain_rules *r, const struct block_header *h, struct evm_block *ret);

/* Begin: environment, system contracts (EIP-4788, 2935), the DAO's accounts. Of the header only
 * what a block is begun with is read. run must not move until block_done; call that after any
 * status. OK | E_NOMEM | statuses of host_failure. */
status block_begin(struct block_run *run, const struct chain_rules *r, const struct block_header *h,
                   struct state *st, struct evm *vm, const struct evm_tracer *tracer,
                   host_block_hash *hash, void *hash_ctx, struct err *reterr) MUST_USE;
void block_done(struct block_run *run);

/* Execute one more transaction, if it may be in the block; if not the state is unchanged.
 * OK | E_RANGE (run->tx_fault) | RLP statuses | statuses of host_failure. */
status block_tx(struct block_run *run, const struct tx *t, const addr20 *sender,
                struct tx_outcome *ret, struct err *reterr) MUST_USE;

/* The same for one that the caller has judged in its own way (simulations). As block_tx, but for
 * E_RANGE. */
status block_tx_ready(struct block_run *run, const struct tx_ready *ready, struct tx_outcome *ret,
                      struct err *reterr) MUST_USE;

/* Rewards, withdrawals, requests. uncles and withdrawals: items of RLP lists.
 * OK | E_RANGE (run->fault) | RLP statuses | statuses of host_failure. */
status block_end(struct block_run *run, slice uncles, slice withdrawals,
                 struct err *reterr) MUST_USE;

/* Of what was executed. OK | E_NOMEM. */
status block_receipts_root(const struct block_run *run, hash32 *ret) MUST_USE;
status block_requests_hash(const struct block_run *run, hash32 *ret) MUST_USE;

/* After block_begin: all of a block that block_check has allowed; compare with its header all but
 * the state root. As the functions above. */
status block_execute(struct block_run *run, const struct block *b, struct err *reterr) MUST_USE;

/* The second half of it, after each transaction went through block_tx. */
status block_finish(struct block_run *run, const struct block *b, struct err *reterr) MUST_USE;

/* A transaction as a block's list has it: legacy ones are lists, others strings.
 * OK | E_TYPE | RLP statuses. ret: what tx_read wants. */
status block_next_tx(struct rlp_list *txs, slice *ret, struct err *reterr) MUST_USE;

/* EIP-4895. OK | RLP statuses. */
struct block_withdrawal {
    uint64_t index;
    uint64_t validator;
    addr20 to;
    uint64_t gwei;
};
status block_next_withdrawal(struct rlp_list *withdrawals, struct block_withdrawal *ret,
                             struct err *reterr) MUST_USE;

#endif
