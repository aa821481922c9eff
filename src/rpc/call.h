/* SPDX-License-Identifier: Apache-2.0 */
/* Messages executed without a signed transaction: eth_call, estimates, access lists, traces,
 * simulations. */
#ifndef EHRD_RPC_CALL_H
#define EHRD_RPC_CALL_H

#include "rpc/param.h"

/* A "transaction object" as it was given. */
struct rpc_call_args {
    bool has_from, has_to, has_gas, has_gas_price, has_max_fee, has_tip, has_value, has_nonce,
        has_data, has_access_list, has_blob_fee, has_blobs, has_auths;
    addr20 from;
    addr20 to;
    uint64_t gas;
    u256 gas_price;
    u256 max_fee;
    u256 tip;
    u256 value;
    uint64_t nonce;
    slice data;
    slice access_list; /* RLP */
    u256 max_blob_fee;
    slice blob_hashes; /* RLP items */
    slice auths;       /* RLP */
};

/* Read it from parameter i, v. Checks what does not depend on a block. */
status rpc_read_call(struct rpc_req *q, size_t i, struct json v,
                     struct rpc_call_args *ret) MUST_USE;
/* The fee fields filled in. with_price: gas prices that are absent are 0. */
void rpc_call_fees(const struct rpc_call_args *a, u256 base_fee, u256 *ret_price, u256 *ret_max_fee,
                   u256 *ret_tip);
/* As an unsigned transaction with these; borrows from a. */
void rpc_call_tx(const struct rpc_call_args *a, uint64_t chain_id, uint64_t nonce, uint64_t gas,
                 struct tx *ret);

/* --- where ------------------------------------------------------------------------------------ */

#define RPC_MOVED_MAX 64u

/* A state and an environment to play with, from chain_exec_open. */
struct rpc_exec {
    struct chain_exec x;
    bool open;
    struct evm_block env;
    struct host_moved moved[RPC_MOVED_MAX];
    size_t n_moved;
    bool has_blob_base_fee;
    u256 blob_base_fee;
};

/* The state and environment of block `at` (pending: of the block to come). ret: in place, must not
 * move; rpc_exec_done after any status. Also refuses in geth's words. */
status rpc_exec_begin(struct rpc_req *q, const struct rpc_at *at, struct rpc_exec *ret) MUST_USE;
void rpc_exec_done(struct rpc_exec *x);
/* After x.header or x.rules were changed. */
void rpc_exec_env(struct rpc_exec *x);
/* Parameter i: {address: {balance, nonce, code, state, stateDiff, movePrecompileToAddress}}. */
status rpc_override_state(struct rpc_req *q, size_t i, struct json v, struct rpc_exec *x) MUST_USE;
/* Parameter i: {number, time, gasLimit, feeRecipient, prevRandao, baseFeePerGas, blobBaseFee}. */
status rpc_override_block(struct rpc_req *q, size_t i, struct json v, struct rpc_exec *x) MUST_USE;

/* --- running ---------------------------------------------------------------------------------- */

struct rpc_run {
    const struct rpc_call_args *args;
    uint64_t gas;       /* limit */
    bool validate;      /* nonce and fees as a transaction's (eth_simulateV1) */
    bool simulated;     /* refusals have codes of their own */
    bool keep_base_fee; /* BASEFEE is the block's even if nothing is paid */
    const struct evm_tracer *tracer;
    const struct host_watch *watch;
    struct block_run *block; /* NULL, or the simulated block that it becomes a part of */
    bool too_little_gas;     /* set: refused, since less than the intrinsic gas was given */
};
/* What came of it; output is borrowed until the next run. */
struct rpc_result {
    struct tx_outcome out;
    struct tx tx; /* as it was run */
};
/* Execute. Changes stay in the state. Refusals are geth's: "err: insufficient funds ..." with code,
 * which for eth_simulateV1 (simulated) are those of its specification. */
status rpc_run(struct rpc_req *q, struct rpc_exec *x, struct rpc_run *run,
               struct rpc_result *ret) MUST_USE;

/* Parameters 0 to 3 (call, block, state overrides, block overrides) into a place to run in. */
status rpc_call_begin(struct rpc_req *q, struct rpc_call_args *args, struct rpc_exec *x) MUST_USE;
/* Least gas that args need in x, about; or why none is enough, in geth's words. */
status rpc_estimate(struct rpc_req *q, const struct rpc_call_args *args, struct rpc_exec *x,
                    uint64_t *ret) MUST_USE;
/* What the caller is told of a run that did not succeed. */
status rpc_fail_run(struct rpc_req *q, const struct tx_outcome *o);
/* Gas that a call may use: its own, the cap at most. */
uint64_t rpc_call_gas(const struct rpc_req *q, const struct rpc_call_args *a);
/* geth's words for how a call ended: "out of gas". */
const char *rpc_vm_text(enum evm_status s);
/* The error that a call which reverted gives: code 3, its reason, its data. Returns E_RANGE. */
status rpc_fail_reverted(struct rpc_req *q, slice output);
/* The same as a text; in the request's arena. */
slice rpc_revert_text(struct rpc_req *q, slice output);
/* The reason of Error(string) or Panic(uint256); false: it is neither. */
bool rpc_revert_reason(struct arena *a, slice output, slice *ret);

#endif
