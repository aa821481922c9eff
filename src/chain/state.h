/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, storage and logs while blocks are executed: a journaled overlay over a world.
 *
 * A state holds in memory what was read from its world and what was changed since; without a world
 * it holds everything, and then it can tell its root. Every change is journaled: state_mark and
 * state_revert nest freely, within a transaction and across those of a block, until state_keep.
 *
 * Reading never fails for the caller: when the world or memory fails, zeros are returned and
 * state_failure tells the status; whatever was computed since must be thrown away.
 * A state belongs to one thread at a time. */
#ifndef EHRD_CHAIN_STATE_H
#define EHRD_CHAIN_STATE_H

#include "base/arena.h"
#include "chain/code.h"
#include "trie/proof.h"

/* Where the state comes from. Answers are stable while a state reads. */
struct world;
struct state;

struct world_ops {
    status (*account)(struct world *w, const addr20 *a, bool *ret_exists, struct trie_account *ret);
    status (*slot)(struct world *w, const addr20 *a, const u256 *key, u256 *ret);
    /* Borrowed until the next call of the world. */
    status (*code)(struct world *w, const hash32 *hash, slice *ret);
    /* Root of the world with what st has changed. May be NULL: it cannot tell. */
    status (*root)(struct world *w, struct state *st, hash32 *ret);
};

/* First member of an implementation. */
struct world {
    const struct world_ops *ops;
};

struct slot {
    u256 key;
    struct evm_slot v; /* v.original is right when tx is the present transaction */
    u256 base;         /* in the world; of no meaning when the account is fresh */
    uint32_t tx;
    uint32_t warm; /* the transaction that accessed it, or 0 */
};

struct slot_table {
    struct slot **slot; /* open addressing */
    uint32_t n;
    uint32_t max; /* a power of two, or 0 */
};

/* What the journal keeps whole. */
struct account_head {
    uint64_t nonce;
    u256 balance;
    hash32 code_hash;
    bool exists;         /* is in the trie, be it empty (before EIP-161) */
    bool fresh;          /* nothing of its storage is to be read from the world */
    uint32_t touched;    /* the transaction that did so last, or 0; EIP-161 */
    uint32_t created;    /* as a contract, by this transaction; EIP-6780 */
    uint32_t destructed; /* this transaction ends with its removal */
};

struct account {
    addr20 addr;
    struct account_head head;
    const struct code *code; /* of head.code_hash; NULL: not read yet */
    struct slot_table slots;
    struct slot_table transient;
    uint32_t warm; /* the transaction that accessed it, or 0 */
    bool root_known;
    hash32 storage_root; /* if root_known, or world's when nothing was changed */
    hash32 key;          /* keccak256(addr); zero: not computed yet */
    bool changed;        /* since state_init or the last state_keep */
};

struct state_log {
    addr20 addr;
    uint32_t n_topics;
    hash32 topic[4];
    slice data;
};

struct journal_entry;

struct state {
    struct world *world;           /* borrowed; NULL: what is not here does not exist */
    struct code_cache *code_cache; /* borrowed */
    struct arena memory;
    struct account **account; /* open addressing */
    size_t n;
    size_t max;
    struct journal_entry *journal;
    size_t journal_n;
    size_t journal_max;
    struct account_head *heads; /* that entries of the journal refer to, in the same order */
    size_t heads_n;
    size_t heads_max;
    struct account **touched; /* in this transaction; some may have been reverted */
    size_t touched_n;
    size_t touched_max;
    struct arena log_memory; /* of this transaction */
    struct state_log *log;
    size_t log_n;
    size_t log_max;
    uint32_t tx; /* number of the present transaction, from 1 */
    status failure;
    struct account lost; /* what is handed out when memory fails */
    struct slot lost_slot;
};

void state_init(struct state *st, struct world *world, struct code_cache *codes);
void state_done(struct state *st);
/* OK, or the first failure of the world or of memory. */
status state_failure(const struct state *st);

struct state_mark {
    size_t journal;
    size_t log;
};
struct state_mark state_mark(const struct state *st);
/* Undo everything since the mark, which must not be older than state_keep. */
void state_revert(struct state *st, struct state_mark m);
/* Accept what was done: marks before end their life. */
void state_keep(struct state *st);

/* Begin a transaction: logs are cleared, all is cold, transient storage is zero. */
void state_begin_tx(struct state *st);
/* Remove what was destructed in the transaction and, with_empty, touched accounts that are empty
 * (EIP-161). */
void state_end_tx(struct state *st, bool with_empty);

/* Never NULL; an account that does not exist has zeros. Borrowed until state_done. */
struct account *state_account(struct state *st, const addr20 *a);
bool account_is_empty(const struct account *a); /* EIP-161 */
/* Never NULL. */
const struct code *state_code(struct state *st, struct account *a);
bool state_has_storage(struct state *st, struct account *a); /* any slot that is not zero */

/* All of these make the account exist and touch it. */
void state_touch(struct state *st, struct account *a);
void state_set_balance(struct state *st, struct account *a, u256 v);
void state_add_balance(struct state *st, struct account *a, u256 v);
void state_sub_balance(struct state *st, struct account *a, u256 v); /* v <= balance */
void state_set_nonce(struct state *st, struct account *a, uint64_t v);
void state_set_code(struct state *st, struct account *a, slice bytes);
/* All slots become zero; slots borrowed before are lost. For simulations. */
void state_clear_storage(struct state *st, struct account *a);
/* Mark as a contract made in this transaction. */
void state_set_created(struct state *st, struct account *a);
/* Remove at the end of the transaction. True if it was not marked before. */
bool state_set_destructed(struct state *st, struct account *a);

/* True if it was cold. */
bool state_warm(struct state *st, struct account *a);
bool state_warm_slot(struct state *st, struct slot *s);
/* Never NULL; v.original is that of the present transaction. */
struct slot *state_slot(struct state *st, struct account *a, const u256 *key);
void state_set_slot(struct state *st, struct account *a, struct slot *s, const u256 *v);
u256 state_transient(struct state *st, struct account *a, const u256 *key);
void state_set_transient(struct state *st, struct account *a, const u256 *key, const u256 *v);

void state_add_log(struct state *st, const struct state_log *log); /* data is copied */

/* Root of the state. OK | E_NOMEM | E_UNSUPPORTED (its world cannot tell) | the world's. */
status state_root(struct state *st, hash32 *ret) MUST_USE;

#endif
