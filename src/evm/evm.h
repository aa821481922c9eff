/* SPDX-License-Identifier: Apache-2.0 */
/* The Ethereum virtual machine, Frontier to Osaka, as a pure function over a host.
 *
 * The machine has no state, clock or I/O of its own: accounts, journal and nested calls belong to
 * the host. A transaction goes: evm_bind(vm, rev, host, tracer); then per frame the host takes a
 * checkpoint, moves value, and runs evm_execute(vm, msg, code, &result) (or a precompile); the
 * interpreter comes back through host->ops->call for CALL and CREATE.
 *
 * A host that cannot read its store returns zeros and remembers the failure; whoever ran the
 * transaction asks the host afterwards and throws the result away. EVM outcomes (revert, out of
 * gas) are results, not errors. A vm belongs to one thread at a time. */
#ifndef EHRD_EVM_EVM_H
#define EHRD_EVM_EVM_H

#include "base/slice.h"
#include "base/status.h"
#include "num/u256.h"

/* Rules in force, oldest first, so that "rev >= EVM_BERLIN" reads as it says. Forks that changed
 * nothing in the machine (Muir Glacier, Arrow Glacier, BPO1 ...) use the one before. */
enum evm_rev {
    EVM_FRONTIER,
    EVM_HOMESTEAD,
    EVM_TANGERINE, /* EIP-150 */
    EVM_SPURIOUS,  /* EIP-155, 158, 170 */
    EVM_BYZANTIUM,
    EVM_CONSTANTINOPLE, /* with EIP-1283 */
    EVM_PETERSBURG,     /* without it; "ConstantinopleFix" */
    EVM_ISTANBUL,
    EVM_BERLIN,
    EVM_LONDON,
    EVM_PARIS,
    EVM_SHANGHAI,
    EVM_CANCUN,
    EVM_PRAGUE,
    EVM_OSAKA,
    EVM_REV_COUNT
};

#define EVM_DEPTH_MAX 1024u      /* deepest msg.depth; a transaction's own frame has depth 0 */
#define EVM_STACK_MAX 1024u      /* words */
#define EVM_CODE_MAX 0x6000u     /* bytes of deployed code (EIP-170) */
#define EVM_INITCODE_MAX 0xc000u /* bytes of init code (EIP-3860) */
#define EVM_DELEGATION_SIZE 23u  /* 0xef0100 and an address (EIP-7702) */

enum evm_kind { EVM_CALL, EVM_CALLCODE, EVM_DELEGATECALL, EVM_STATICCALL, EVM_CREATE, EVM_CREATE2 };

static inline bool evm_kind_is_create(enum evm_kind k)
{
    return k == EVM_CREATE || k == EVM_CREATE2;
}

struct evm_msg {
    enum evm_kind kind;
    bool is_static;   /* this frame must not change state (EIP-214) */
    bool delegated;   /* target is set (EIP-7702) */
    uint32_t depth;   /* 0 to EVM_DEPTH_MAX */
    int64_t gas;      /* for this frame, stipend included */
    addr20 recipient; /* ADDRESS: whose storage and balance the code acts on. For CREATE kinds the
                         host fills in the new address before evm_execute */
    addr20 sender;    /* CALLER */
    addr20 code_addr; /* account that is called: its code runs, or its delegation's target's */
    addr20 target;    /* if delegated: whose code runs instead, never as a precompile */
    u256 value;       /* CALLVALUE. To be moved by the host for CALL and CREATE kinds only */
    slice input;      /* calldata; for CREATE kinds the init code. Borrowed during the call */
    hash32 salt;      /* CREATE2 */
};

enum evm_status {
    EVM_SUCCESS = 0,
    EVM_REVERT,
    /* All others use up the gas of the frame, except where noted. */
    EVM_OUT_OF_GAS,
    EVM_UNDEFINED, /* opcode not in this revision */
    EVM_INVALID,   /* 0xfe */
    EVM_STACK_UNDERFLOW,
    EVM_STACK_OVERFLOW,
    EVM_BAD_JUMP,
    EVM_RETURNDATA_BOUNDS, /* EIP-211 */
    EVM_STATIC_VIOLATION,
    EVM_CODE_TOO_LARGE,    /* EIP-170 */
    EVM_CODE_EF,           /* EIP-3541 */
    EVM_PRECOMPILE_FAILED, /* set by hosts */
    EVM_COLLISION,         /* set by hosts: the address of a CREATE is in use (EIP-684, 7610) */
    EVM_NONCE_OVERFLOW,    /* set by hosts, gas returned: creator's nonce is 2^64-1 (EIP-2681) */
    EVM_DEPTH,             /* gas returned */
    EVM_BALANCE,           /* gas returned */
    EVM_NO_MEMORY,         /* the machine it runs on is out of memory: the result means nothing */
    EVM_STATUS_COUNT
};

struct evm_result {
    enum evm_status status;
    int64_t gas_left;
    int64_t gas_refund; /* of this frame and what it called, may be < 0; 0 unless EVM_SUCCESS */
    slice output;       /* return data; revert data; for CREATE kinds the code to store. Borrowed
                           until the next execution at the same depth or until evm_free.
                           A precompile's may live in one buffer of the host that the next precompile
                           reuses: the frame that could see it has then lost it too. */
    addr20 created;     /* set by the host for CREATE kinds on EVM_SUCCESS */
};

/* Code ready to run: a padded copy of the bytes and the set of valid jump targets. Immutable, so
 * one per code hash may be kept and shared between threads. */
struct evm_code {
    const uint8_t *bytes; /* n bytes, then zeros (STOP) enough for the longest PUSH */
    size_t n;
    const uint64_t *jumpdests; /* bit i of the set: bytes[i] is a JUMPDEST and not push data */
};

/* NULL when out of memory. code is copied. */
struct evm_code *evm_code_new(slice code) MUST_USE;
void evm_code_free(struct evm_code *c);

/* Is it a delegation designator (EIP-7702)? Then its target. */
bool evm_delegation_read(slice code, addr20 *ret_target);

/* What is the same for a whole block / transaction: read in place, never copied. */
struct evm_block {
    addr20 coinbase;
    uint64_t number;
    uint64_t timestamp;
    uint64_t gas_limit;
    u256 prev_randao; /* difficulty before Paris */
    u256 base_fee;
    u256 blob_base_fee;
    u256 chain_id;
};

struct evm_tx {
    addr20 origin;
    u256 gas_price; /* effective */
    const hash32 *blob_hashes;
    size_t n_blob_hashes;
};

/* A storage slot as the net gas metering sees it (EIP-1283, 2200). */
struct evm_slot {
    u256 original; /* at the start of the transaction */
    u256 current;
};

struct evm_host;

struct evm_host_ops {
    /* Before EIP-161 (Spurious): is the account in the state? From it: is it there and not empty?
     */
    bool (*account_exists)(struct evm_host *h, const addr20 *a);
    u256 (*balance)(struct evm_host *h, const addr20 *a);
    /* Borrowed until the next call of the host that may change state. A designator is returned as
     * it is. */
    slice (*code)(struct evm_host *h, const addr20 *a);
    /* Zero if account_exists is false, as EXTCODEHASH wants it (EIP-1052). */
    hash32 (*code_hash)(struct evm_host *h, const addr20 *a);

    /* Mark as accessed, journaled; true if it was cold (EIP-2929). Called from Berlin on only.
     * Precompiles, sender, recipient, coinbase (EIP-3651) and the access list are the host's to
     * warm before the first frame; so is the new address of a CREATE. */
    bool (*access_account)(struct evm_host *h, const addr20 *a);
    /* The slot, marked as accessed (journaled); *ret_cold is true if it was cold. Before Berlin
     * *ret_cold is not looked at. Borrowed until the next call of the host; never NULL. */
    const struct evm_slot *(*storage)(struct evm_host *h, const addr20 *a, const u256 *key,
                                      bool *ret_cold);
    /* Follows storage() of the same slot at once. Called also if nothing changes. */
    void (*storage_set)(struct evm_host *h, const addr20 *a, const u256 *key, const u256 *value);
    u256 (*transient)(struct evm_host *h, const addr20 *a, const u256 *key);
    void (*transient_set)(struct evm_host *h, const addr20 *a, const u256 *key, const u256 *value);

    /* Move the balance and schedule the end of the account as the revision says (EIP-6780 from
     * Cancun). True if a was not scheduled before in this transaction (refund before London). */
    bool (*selfdestruct)(struct evm_host *h, const addr20 *a, const addr20 *beneficiary);
    void (*log)(struct evm_host *h, const addr20 *a, const hash32 *topics, size_t n_topics,
                slice data);
    /* Hash of one of the 256 blocks before the present one; the range is checked by the caller. */
    hash32 (*block_hash)(struct evm_host *h, uint64_t number);

    /* Run a nested message. Depth and, for CALL, CALLCODE and CREATE kinds, the sender's balance
     * have been checked. For CREATE kinds the host checks and raises the sender's nonce, derives
     * and warms the address, refuses collisions (status EVM_COLLISION, gas_left 0), runs
     * msg->input as code and stores result.output as the new code on EVM_SUCCESS. Failure undoes
     * what the frame did. An account without code gives EVM_SUCCESS, all gas left. */
    void (*call)(struct evm_host *h, const struct evm_msg *msg, struct evm_result *ret);
    /* May be NULL. A nested message was not run, since depth or balance did not allow it. */
    void (*refused)(struct evm_host *h, const struct evm_msg *msg, const struct evm_result *r);
};

/* First member of a host's own struct. */
struct evm_host {
    const struct evm_host_ops *ops;
    const struct evm_block *block;
    const struct evm_tx *tx;
};

/* One instruction about to be executed, for the tracer (EIP-3155). All pointers are borrowed during
 * the callback. */
struct evm_step {
    uint32_t depth; /* msg.depth; EIP-3155 prints it plus one */
    size_t pc;
    uint8_t op;
    int64_t gas;
    int64_t refund;    /* of this frame so far */
    const u256 *stack; /* lowest first */
    size_t n_stack;
    slice memory;
    slice return_data;
    const struct evm_msg *msg;
};

struct evm_tracer {
    void *ctx;
    /* Before an instruction. */
    void (*step)(void *ctx, const struct evm_step *s);
    /* Once per step, when its price is known: for CALL and CREATE before the callee's first step.
     * The gas given to a callee is part of the cost. fault is EVM_SUCCESS unless this instruction
     * ended the frame by an exceptional halt. */
    void (*cost)(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault);
    /* May be NULL. Around a frame that evm_execute runs. */
    void (*enter)(void *ctx, const struct evm_msg *msg);
    void (*leave)(void *ctx, const struct evm_msg *msg, const struct evm_result *r);
};

struct evm;

/* A machine with its stacks and memories, kept between frames and transactions. NULL when out of
 * memory. */
struct evm *evm_new(void) MUST_USE;
void evm_free(struct evm *vm);

/* Rules, host and tracer (NULL: none) of the executions to come; borrowed until the next bind. */
void evm_bind(struct evm *vm, enum evm_rev rev, struct evm_host *host,
              const struct evm_tracer *tracer);

/* Run code in a frame of its own. For CREATE kinds code is the init code, CALLDATA is empty
 * whatever msg->input holds, and on success the rules for the new code (EIP-2, 170, 3541) are
 * applied and its deposit gas is taken; *ret holds then the code to store. Empty code succeeds at
 * once. */
void evm_execute(struct evm *vm, const struct evm_msg *msg, const struct evm_code *code,
                 struct evm_result *ret);

/* "Osaka", "ConstantinopleFix", "EIP150" ... as the official suites write them; static strings. */
const char *evm_rev_name(enum evm_rev rev);
/* Every name the suites use, BPO1 to BPO4 included. OK | E_UNSUPPORTED. */
status evm_rev_read(slice name, enum evm_rev *ret) MUST_USE;
const char *evm_status_text(enum evm_status s);
/* "ADD"; "INVALID" for 0xfe; NULL for a byte that no revision defines. Static string. */
const char *evm_op_name(uint8_t op);

#endif
