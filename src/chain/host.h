/* SPDX-License-Identifier: Apache-2.0 */
/* The world as the EVM sees it while a transaction runs: calls, creations and value over a state.
 */
#ifndef EHRD_CHAIN_HOST_H
#define EHRD_CHAIN_HOST_H

#include "base/buf.h"
#include "chain/state.h"

/* Hash of a block of the last 256; zero if it is not known. */
typedef hash32 host_block_hash(void *ctx, uint64_t number);

/* What a tracer of calls is told. Members may be NULL. */
struct host_watch {
    void *ctx;
    /* Around every message, those that run no code included; enter comes before anything is done.
     * For creations msg->recipient is the new address. */
    void (*enter)(void *ctx, const struct evm_msg *msg);
    void (*leave)(void *ctx, const struct evm_msg *msg, const struct evm_result *r);
    void (*log)(void *ctx, const struct state_log *log);
    void (*selfdestruct)(void *ctx, const addr20 *a, const addr20 *to, const u256 *wei);
};

/* A precompile that a simulation has moved: at `at` there is what is at `is` by the rules; none:
 * there is none. */
struct host_moved {
    addr20 at;
    bool none;
    addr20 is;
};

struct host {
    struct evm_host evm; /* first: what the EVM is given */
    enum evm_rev rev;
    struct state *state; /* borrowed */
    struct evm *vm;      /* borrowed */
    struct evm_block block;
    struct evm_tx tx;
    host_block_hash *block_hash;
    void *block_hash_ctx;
    struct buf output;              /* of precompiles */
    const struct host_watch *watch; /* borrowed; NULL: nobody looks */
    const struct host_moved *moved; /* borrowed; the last one of an address counts */
    size_t n_moved;
    bool absent;    /* a contract was called that this build lacks, so the call failed */
    status failure; /* of the machine, not of the code that ran */
};

/* Bind vm to the host and the rules. h must not move afterwards. */
void host_init(struct host *h, enum evm_rev rev, struct state *st, struct evm *vm,
               const struct evm_tracer *tracer);
void host_done(struct host *h);

/* Run a message of any kind, as the ops' call does: the way into the outermost frame too. */
void host_call(struct host *h, const struct evm_msg *msg, struct evm_result *ret);
/* Message of the system to a system contract (EIP-4788, 2935, 7002, 7251): 30 million gas, not
 * counted. ret_output is borrowed until the next call. */
void host_system_call(struct host *h, const addr20 *to, slice input, struct evm_result *ret);
/* OK, or why what ran means nothing: memory, the store. */
status host_failure(const struct host *h);

/* Address of a contract made by a transaction or by CREATE. */
void host_create_address(const addr20 *creator, uint64_t nonce, addr20 *ret);

#endif
