/* SPDX-License-Identifier: Apache-2.0 */
/* The gas tables: each revision is the one before it and the changes listed under its name. */
#include "evm/cost.h"

#include "evm/opcode.h"

/* Frontier: what opcodes.def says for all revisions, and the opcodes that later changed. */
static void frontier(struct evm_costs *c)
{
    static const int16_t fixed[256] = {
#define OP(code, name, in, out, cost, kind, n) (cost),
#define NONE(code) (-1),
#include "evm/opcodes.def"
    };
    *c = (struct evm_costs){.exp_byte = 10,
                            .sstore_same = 5000,
                            .sstore_reset = 5000,
                            .sstore_clear_refund = 15000,
                            .selfdestruct_refund = 24000};
    memcpy(c->op, fixed, sizeof fixed);
    c->op[OP_BALANCE] = 20;
    c->op[OP_EXTCODESIZE] = 20;
    c->op[OP_EXTCODECOPY] = 20;
    c->op[OP_SLOAD] = 50;
    c->op[OP_CALL] = 40;
    c->op[OP_CALLCODE] = 40;
    c->op[OP_SELFDESTRUCT] = 0;
}

static void homestead(struct evm_costs *c)
{
    c->op[OP_DELEGATECALL] = 40; /* EIP-7 */
}

static void tangerine(struct evm_costs *c)
{
    /* EIP-150 */
    c->op[OP_BALANCE] = 400;
    c->op[OP_EXTCODESIZE] = 700;
    c->op[OP_EXTCODECOPY] = 700;
    c->op[OP_SLOAD] = 200;
    c->op[OP_CALL] = 700;
    c->op[OP_CALLCODE] = 700;
    c->op[OP_DELEGATECALL] = 700;
    c->op[OP_SELFDESTRUCT] = 5000;
    c->all_but_one_64th = true;
}

static void spurious(struct evm_costs *c)
{
    c->exp_byte = 50; /* EIP-160 */
}

static void byzantium(struct evm_costs *c)
{
    c->op[OP_REVERT] = 0;         /* EIP-140 */
    c->op[OP_RETURNDATASIZE] = 2; /* EIP-211 */
    c->op[OP_RETURNDATACOPY] = 3;
    c->op[OP_STATICCALL] = 700; /* EIP-214 */
}

static void constantinople(struct evm_costs *c)
{
    c->op[OP_SHL] = 3; /* EIP-145 */
    c->op[OP_SHR] = 3;
    c->op[OP_SAR] = 3;
    c->op[OP_CREATE2] = 32000;   /* EIP-1014 */
    c->op[OP_EXTCODEHASH] = 400; /* EIP-1052 */
    c->net_metering = true;      /* EIP-1283 */
    c->sstore_same = 200;
}

static void petersburg(struct evm_costs *c)
{
    c->net_metering = false; /* EIP-1716: without EIP-1283 */
    c->sstore_same = 5000;
}

static void istanbul(struct evm_costs *c)
{
    c->op[OP_CHAINID] = 2;   /* EIP-1344 */
    c->op[OP_BALANCE] = 700; /* EIP-1884 */
    c->op[OP_EXTCODEHASH] = 700;
    c->op[OP_SLOAD] = 800;
    c->op[OP_SELFBALANCE] = 5;
    c->net_metering = true; /* EIP-2200 */
    c->sstore_sentry = true;
    c->sstore_same = 800;
}

static void berlin(struct evm_costs *c)
{
    /* EIP-2929: the warm price is fixed, the rest is added on the first access. */
    static const uint8_t account_ops[] = {OP_BALANCE,      OP_EXTCODESIZE, OP_EXTCODECOPY,
                                          OP_EXTCODEHASH,  OP_CALL,        OP_CALLCODE,
                                          OP_DELEGATECALL, OP_STATICCALL};
    for (size_t i = 0; i < sizeof account_ops; i++)
        c->op[account_ops[i]] = COST_WARM;
    c->cold_account = COST_COLD_ACCOUNT - COST_WARM;
    c->op[OP_SLOAD] = COST_WARM;
    c->cold_sload = 2100 - COST_WARM;
    c->cold_sstore = 2100;
    c->sstore_same = COST_WARM;
    c->sstore_reset = 5000 - 2100;
}

static void london(struct evm_costs *c)
{
    c->op[OP_BASEFEE] = 2;         /* EIP-3198 */
    c->sstore_clear_refund = 4800; /* EIP-3529 */
    c->selfdestruct_refund = 0;
}

static void paris(struct evm_costs *c)
{
    (void)c; /* EIP-4399 renames DIFFICULTY to PREVRANDAO */
}

static void shanghai(struct evm_costs *c)
{
    c->op[OP_PUSH0] = 2;  /* EIP-3855 */
    c->initcode_word = 2; /* EIP-3860 */
}

static void cancun(struct evm_costs *c)
{
    c->op[OP_TLOAD] = 100; /* EIP-1153 */
    c->op[OP_TSTORE] = 100;
    c->op[OP_BLOBHASH] = 3;    /* EIP-4844 */
    c->op[OP_MCOPY] = 3;       /* EIP-5656 */
    c->op[OP_BLOBBASEFEE] = 2; /* EIP-7516 */
}

static void prague(struct evm_costs *c)
{
    (void)c; /* EIP-7702 adds the access to a delegation's target: ops_call.c */
}

static void osaka(struct evm_costs *c)
{
    c->op[OP_CLZ] = 5; /* EIP-7939 */
}

void cost_init(struct evm_costs *c, enum evm_rev rev)
{
    static void (*const changes[EVM_REV_COUNT])(struct evm_costs *) = {
        frontier, homestead, tangerine, spurious, byzantium, constantinople, petersburg, istanbul,
        berlin,   london,    paris,     shanghai, cancun,    prague,         osaka};
    for (int r = EVM_FRONTIER; r <= (int)rev; r++)
        changes[r](c);
}
