/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules hold in which block: forks by number, time or difficulty, and the blob schedule. */
#ifndef EHRD_CHAIN_RULES_H
#define EHRD_CHAIN_RULES_H

#include "evm/evm.h"

/* EIP-7840: how many blobs a block holds, and how their price follows. */
struct blob_schedule {
    uint64_t target; /* blobs in a block */
    uint64_t max;
    uint64_t fraction; /* baseFeeUpdateFraction */
};

/* EIP-779: at its block all that the accounts hold moves to one address. */
struct chain_dao {
    uint64_t block;        /* 0: there is no such fork */
    const addr20 *drained; /* borrowed */
    size_t n_drained;
};

/* Where a chain of one authority differs from the main network. */
struct chain_extras {
    bool same_second;       /* a block may have its parent's time */
    bool fixed_base_fee;    /* the base fee is the parent's */
    bool requests_optional; /* EIP-7002 and 7251: without their contracts there are no requests */
};

/* All that a block's rules depend on. */
struct chain_rules {
    enum evm_rev rev;
    uint64_t chain_id;
    struct blob_schedule blobs;  /* from Cancun on */
    uint64_t bomb_delay;         /* blocks by which the difficulty bomb is late, before Paris */
    const struct chain_dao *dao; /* NULL but for the block of the fork and the nine after it */
    struct chain_extras extras;
};

enum chain_fork_kind { FORK_BLOCK, FORK_TIME, FORK_DIFFICULTY };

struct chain_fork {
    enum chain_fork_kind kind;
    uint64_t at; /* number or time of the first block; total difficulty that its parent has */
    enum evm_rev rev;
    struct blob_schedule blobs;
    uint64_t bomb_delay;
};

#define CHAIN_FORKS_MAX 32u

struct chain_config {
    uint64_t chain_id;
    struct chain_fork fork[CHAIN_FORKS_MAX]; /* in their order */
    size_t n_forks;                          /* at least 1: the first holds from the genesis */
    struct chain_dao dao;
    struct chain_extras extras;
};

/* The rules of a block. parent_difficulty: total, of the chain up to its parent. ret borrows from
 * c. */
void chain_rules_at(const struct chain_config *c, uint64_t number, uint64_t time,
                    u256 parent_difficulty, struct chain_rules *ret);

#define GAS_PER_BLOB 131072u /* EIP-4844 */
#define TX_BLOBS_MAX 6u      /* of one transaction, from Osaka on (EIP-7594) */
#define DAO_BLOCKS 10u       /* from the fork on, whose extra data is fixed */

/* That of the main network at the fork. */
struct blob_schedule blob_schedule_of(enum evm_rev rev);
/* Price of a unit of blob gas (EIP-4844); 2^256 - 1 if it is even higher, or where there are no
 * blobs (fraction 0). */
u256 blob_base_fee(const struct blob_schedule *b, uint64_t excess_blob_gas);

#endif
