/* SPDX-License-Identifier: Apache-2.0 */
/* A small host in memory, with a journal, for tests and benchmarks of the machine alone: no
 * precompiles, no tries; block n has the hash n as a number. */
#ifndef EHRD_TESTS_EVM_MEMHOST_H
#define EHRD_TESTS_EVM_MEMHOST_H

#include "evm/evm.h"

#define MEM_ACCOUNTS 96
#define MEM_SLOTS 1024 /* power of two */
#define MEM_UNDO 4096
#define MEM_LOGS 64

struct mem_account {
    addr20 addr;
    u256 balance;
    uint64_t nonce;
    slice code;
    struct evm_code *ready;
    bool exists;
    bool warm;
    bool destroyed;
};

struct mem_slot {
    size_t account; /* index + 1; 0: free */
    u256 key;
    struct evm_slot v;
    bool warm;
};

struct mem_log {
    addr20 addr;
    hash32 topics[4];
    size_t n_topics;
    uint8_t data[64];
    size_t n;
};

struct mem_undo {
    enum { UNDO_ACCOUNT, UNDO_SLOT, UNDO_TRANSIENT } kind;
    size_t at;
    union {
        struct mem_account account;
        struct mem_slot slot;
    } old;
};

struct memhost {
    struct evm_host host;
    struct evm_block block;
    struct evm_tx tx;
    enum evm_rev rev;
    struct evm *vm;
    struct mem_account accounts[MEM_ACCOUNTS];
    size_t n_accounts;
    struct mem_slot slots[MEM_SLOTS];
    struct mem_slot transient[MEM_SLOTS];
    struct mem_log logs[MEM_LOGS];
    size_t n_logs;
    struct mem_undo undo[MEM_UNDO];
    size_t n_undo;
    slice owned[MEM_ACCOUNTS]; /* code deployed by CREATE */
    size_t n_owned;
    struct evm_msg last; /* last message seen by call */
    uint32_t deepest;
};

struct memhost *memhost_new(enum evm_rev rev);
void memhost_free(struct memhost *m);
/* As a new one, with the same machine. */
void memhost_reset(struct memhost *m, enum evm_rev rev);
/* Change the rules for what follows. */
void memhost_rev(struct memhost *m, enum evm_rev rev, const struct evm_tracer *tracer);

/* Found or made, and existing from now on. code is borrowed. */
struct mem_account *memhost_put(struct memhost *m, addr20 a, u256 balance, slice code);
struct mem_account *memhost_find(struct memhost *m, const addr20 *a);
u256 memhost_storage(struct memhost *m, addr20 a, u256 key);
/* Value at the start of the transaction, and the present one. */
void memhost_storage_put(struct memhost *m, addr20 a, u256 key, u256 value);

/* A new transaction's first frame: access sets and transient storage start empty, sender and
 * recipient warm. */
void memhost_run(struct memhost *m, const struct evm_msg *msg, struct evm_result *ret);
/* The same, and the time of the frame alone by the clock given. */
int64_t memhost_run_timed(struct memhost *m, const struct evm_msg *msg, struct evm_result *ret,
                          int64_t (*now_ns)(void));

#endif
