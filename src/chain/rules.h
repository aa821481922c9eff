/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules hold in which block: forks by number or time, and the blob schedule. */
#ifndef EHRD_CHAIN_RULES_H
#define EHRD_CHAIN_RULES_H

#include "evm/evm.h"

/* EIP-7840: how many blobs a block holds, and how their price follows. */
struct blob_schedule {
    uint64_t target; /* blobs in a block */
    uint64_t max;
    uint64_t fraction; /* baseFeeUpdateFraction */
};

/* All that a block's rules depend on. */
struct chain_rules {
    enum evm_rev rev;
    uint64_t chain_id;
    struct blob_schedule blobs; /* from Cancun on */
};

#define GAS_PER_BLOB 131072u /* EIP-4844 */
#define TX_BLOBS_MAX 6u      /* of one transaction, from Osaka on (EIP-7594) */

/* That of the main network at the fork. */
struct blob_schedule blob_schedule_of(enum evm_rev rev);
/* Price of a unit of blob gas (EIP-4844); 2^256 - 1 if it is even higher. */
u256 blob_base_fee(const struct blob_schedule *b, uint64_t excess_blob_gas);

#endif
