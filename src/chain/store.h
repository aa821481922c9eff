/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the chain on disk with its history: accounts, storage, code and their tries.
 *
 * The state after a block is one tree: the accounts' trie, whose leaves lead to the tries of their
 * storages. A block appends the nodes that it changed and keeps all others, so a value or a proof
 * at a past block costs what it costs at the head. Blocks from span.first to span.head can be read.
 *
 * Transactions are the caller's, so that a block and its state are one commit: what is given a
 * struct kv_txn called w wants a write transaction. A block of more than STORE_CHANGES_MAX changes
 * is refused before anything is put; the kv writes pages out before the commit where they exceed
 * KV_TXN_BYTES. A struct store has no state of its own and may be shared by threads;
 * worlds belong to one thread. After any failure but E_RANGE, E_NOT_FOUND and E_REMOVED, abort the
 * transaction.
 *
 * Code is kept under its hash and never removed, since accounts share it. */
#ifndef EHRD_CHAIN_STORE_H
#define EHRD_CHAIN_STORE_H

#include "base/arena.h"
#include "chain/state.h"
#include "kv/kv.h"
#include "trie/commit.h"

#define STORE_TABLES 4u                     /* of struct kv_options.max_tables */
#define STORE_CHANGES_MAX 262144u           /* accounts and slots of a block: 1.2e9 gas */
#define STORE_BLOCK_MAX ((uint64_t)1 << 56) /* block numbers are below */

struct store {
    struct kv *kv; /* borrowed until the store is no more used */
    struct kv_table meta;
    struct kv_table code;
    struct kv_table node;
    struct kv_table block;
};

/* Open the tables, making them if absent. As kv_table_open. */
status store_open(struct kv *kv, struct store *ret, struct err *reterr) MUST_USE;

struct store_span {
    uint64_t first; /* the oldest block that can be read */
    uint64_t head;  /* the last one committed */
};
/* OK | E_NOT_FOUND (nothing was committed yet; no message is made) | E_CORRUPT. */
status store_span(const struct store *s, struct kv_txn *txn, struct store_span *ret,
                  struct err *reterr) MUST_USE;
/* In w: the state that a load left, if there is one, belongs to nothing. The next load removes it.
 * As kv_put. */
status store_forget(const struct store *s, struct kv_txn *w, struct err *reterr) MUST_USE;

/* --- writing -------------------------------------------------------------------------------- */

struct store_slot {
    hash32 key; /* keccak256(slot) */
    u256 word;  /* 0: removed */
};

struct store_change {
    hash32 key;   /* keccak256(address) */
    bool exists;  /* false: the account and its storage are removed */
    bool cleared; /* all storage of before is removed; slots are all it has now */
    uint64_t nonce;
    u256 balance;
    hash32 code_hash;
    slice code;                     /* empty: no code, or stored already; borrowed */
    const struct store_slot *slots; /* strictly ascending by key; borrowed */
    size_t slots_n;
};

/* What was changed in st against its world, in the form store_commit wants. Memory is a's; code is
 * borrowed from st. OK | E_NOMEM | state_failure's. */
status store_changes(struct state *st, struct arena *a, struct store_change **ret, size_t *ret_n,
                     struct err *reterr) MUST_USE;

/* Apply block, which follows the head (or is the first): n accounts strictly ascending by key.
 * OK | E_RANGE (block, or order) | E_TOO_LONG (over STORE_CHANGES_MAX; nothing is put) |
 * E_CONFLICT (an unfinished load) | E_CORRUPT | E_NOMEM | kv's. */
status store_commit(const struct store *s, struct kv_txn *w, uint64_t block,
                    const struct store_change *changes, size_t n, hash32 *ret_root,
                    struct err *reterr) MUST_USE;

/* Make block the head: everything after it is as if it had never been.
 * OK | E_RANGE (not within the span) | E_CORRUPT | kv's. */
status store_rollback(const struct store *s, struct kv_txn *w, uint64_t block,
                      struct err *reterr) MUST_USE;

/* Give up history older than before, which becomes span.first; removes at most about max_rows rows.
 * *ret_done false: call again, in another transaction. Each call moves span.first as far as it got.
 * OK | E_RANGE (before is not within the span) | E_CORRUPT | kv's. */
status store_prune(const struct store *s, struct kv_txn *w, uint64_t before, size_t max_rows,
                   bool *ret_done, struct err *reterr) MUST_USE;

/* Gives a whole state in ascending order of keys. */
struct store_source {
    /* The next account; slots are not looked at, they are asked for by slot until E_NOT_FOUND.
     * Borrowed until the next call. OK | E_NOT_FOUND (no more) | any failure. */
    status (*account)(struct store_source *src, struct store_change *ret, struct err *reterr);
    status (*slot)(struct store_source *src, struct store_slot *ret, struct err *reterr);
};
/* Fill a store that holds nothing with the state at block, in write transactions of its own. A
 * crash leaves a store without a span; what it holds is removed by the next load. OK | E_CONFLICT
 * (a state is there) | E_RANGE (order) | E_NOMEM | the source's | kv's. */
status store_load(const struct store *s, uint64_t block, struct store_source *src, hash32 *ret_root,
                  struct err *reterr) MUST_USE;

/* --- reading -------------------------------------------------------------------------------- */

/* Of all below: E_NOT_FOUND (block after the head) | E_REMOVED (before span.first) | E_CORRUPT. */

/* The state root. */
status store_root(const struct store *s, struct kv_txn *txn, uint64_t block, hash32 *ret,
                  struct err *reterr) MUST_USE;

/* The root that the state after block would have with n changes (as store_commit wants them);
 * nothing is stored. Also E_NOMEM. */
status store_root_with(const struct store *s, struct kv_txn *txn, uint64_t block,
                       const struct store_change *changes, size_t n, hash32 *ret,
                       struct err *reterr) MUST_USE;

/* The state after block, to read from: a world for state_init. state_root of such a state is that
 * of store_root_with. */
struct store_world {
    struct world base;
    const struct store *store;
    struct kv_txn *txn;
    uint64_t block;
    struct trie_top top;
    addr20 last; /* the account that was read last */
    struct trie_top last_storage;
    bool has_last;
};
/* ret: to be used while txn lives; no need to end it. */
status store_world_at(const struct store *s, struct kv_txn *txn, uint64_t block,
                      struct store_world *ret, struct err *reterr) MUST_USE;

struct store_slot_proof {
    u256 word;
    const slice *nodes;
    size_t nodes_n;
};
/* What eth_getProof answers; trie/proof.h verifies it. */
struct store_proof {
    bool exists;
    struct trie_account account; /* empty when it does not exist */
    const slice *nodes;
    size_t nodes_n;
    const struct store_slot_proof *slots; /* in the order asked for */
    size_t slots_n;
};
/* slots: their numbers (not hashes). Memory of *ret is a's. Also E_NOMEM. */
status store_prove(const struct store *s, struct kv_txn *txn, uint64_t block, const addr20 *address,
                   const u256 *slots, size_t slots_n, struct arena *a, struct store_proof *ret,
                   struct err *reterr) MUST_USE;

#endif
