/* SPDX-License-Identifier: Apache-2.0 */
/* What an instruction costs in each revision. */
#ifndef EHRD_EVM_COST_H
#define EHRD_EVM_COST_H

#include "evm/evm.h"

/* Everything about gas that depends on the revision, made once by cost_init. */
struct evm_costs {
    int16_t op[256];      /* fixed part of each opcode; < 0: not defined */
    int16_t exp_byte;     /* EIP-160 */
    int16_t cold_account; /* on top of the fixed part, EIP-2929 */
    int16_t cold_sload;   /* on top of the fixed part */
    int16_t cold_sstore;
    int16_t sstore_same;  /* nothing changes, or changed before in this transaction */
    int16_t sstore_reset; /* non-zero to any */
    int16_t sstore_clear_refund;
    int16_t selfdestruct_refund;
    int16_t initcode_word; /* EIP-3860 */
    bool net_metering;     /* EIP-1283 and EIP-2200 */
    bool sstore_sentry;    /* EIP-2200: SSTORE fails with 2300 gas or less */
    bool all_but_one_64th; /* EIP-150 */
};

#define COST_SSTORE_SET 20000
#define COST_CALL_VALUE 9000
#define COST_CALL_STIPEND 2300
#define COST_NEW_ACCOUNT 25000
#define COST_CODE_BYTE 200
#define COST_COPY_WORD 3
#define COST_KECCAK_WORD 6
#define COST_LOG_BYTE 8
#define COST_COLD_ACCOUNT 2600
#define COST_WARM 100

void cost_init(struct evm_costs *c, enum evm_rev rev);

#endif
