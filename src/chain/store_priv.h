/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the state store share: rows with versions, the log of touched keys, nodes.
 *
 * Rows (integers big-endian; N is 0xff..ff minus the block that wrote the row, 8 bytes):
 *   account       keccak(address) N          -> storage id (8) and the leaf's RLP
 *   account_node  path N                     -> node
 *   slot_node     storage id, path N         -> node
 *   code          hash                       -> bytes
 *   touched       block (8), chunk (4)       -> keys that the block wrote
 * An empty value says that nothing is there from that block on. A slot's word is in the leaf of its
 * storage's trie and nowhere else. A storage id is given to an account
 * that gets storage for the first time or anew after it was cleared, so clearing costs nothing.
 * Block numbers are below 2^56, so N begins with 0xff and no nibble does: no key is the beginning
 * of another, and what continues a path lies before it. */
#ifndef EHRD_CHAIN_STORE_PRIV_H
#define EHRD_CHAIN_STORE_PRIV_H

#include "chain/store.h"
#include "trie/commit.h"

#define STORE_KEY_MAX 80u /* storage id, 64 nibbles, N */
#define STORE_LEAF_MAX 128u
#define STORE_WORD_MAX 34u

/* --- rows ----------------------------------------------------------------------------------- */

struct row_key {
    size_t n;
    uint8_t b[STORE_KEY_MAX];
};

/* id 0: none. */
void row_key_set(struct row_key *k, uint64_t id, slice rest);
/* With the version appended. */
struct row_key row_key_at(const struct row_key *k, uint64_t block);
static inline slice row_key_slice(const struct row_key *k)
{
    return slice_of(k->b, k->n);
}

/* The newest value at or before block; empty: removed. Borrowed from txn until it is changed.
 * OK | E_NOT_FOUND (no message is made) | kv's. */
status row_seek(struct kv_txn *txn, struct kv_table t, const struct row_key *k, uint64_t block,
                slice *ret, struct err *reterr) MUST_USE;

/* --- keys touched by a block ----------------------------------------------------------------- */

enum touched_kind {
    TOUCHED_ACCOUNT = 1,
    TOUCHED_SLOT = 2, /* written before schema 2: rows of a table that is no more */
    TOUCHED_ACCOUNT_NODE = 3,
    TOUCHED_SLOT_NODE = 4,
    TOUCHED_DROPPED = 5, /* a storage id that is not used any more */
};

#define TOUCHED_CHUNK 1900u /* two rows fill a page of LMDB */

/* Each key is written as: kind, how many bytes it shares with the one before, how many follow. */
struct touched {
    const struct store *s;
    struct kv_txn *w;
    uint64_t block;
    uint32_t chunk;
    struct row_key last;
    size_t n;
    uint8_t text[TOUCHED_CHUNK];
};

/* Puts a row now and then: slices borrowed from w are lost. */
status touched_add(struct touched *t, enum touched_kind kind, const struct row_key *k,
                   struct err *reterr) MUST_USE;
status touched_finish(struct touched *t, struct err *reterr) MUST_USE;

struct touched_reader {
    const struct store *s;
    struct kv_txn *txn;
    uint64_t block;
    uint32_t chunk;
    struct row_key last;
    slice rest;
    uint8_t text[TOUCHED_CHUNK];
};
void touched_open(struct touched_reader *r, const struct store *s, struct kv_txn *txn,
                  uint64_t block);
/* OK | E_NOT_FOUND (no more; no message is made) | E_CORRUPT. */
status touched_next(struct touched_reader *r, enum touched_kind *ret_kind, struct row_key *ret,
                    struct err *reterr) MUST_USE;
status touched_remove(const struct store *s, struct kv_txn *w, uint64_t block,
                      struct err *reterr) MUST_USE;
/* The table that the key belongs to; false: none has rows of this key. */
bool touched_table(const struct store *s, enum touched_kind kind, struct kv_table *ret);

/* --- nodes ---------------------------------------------------------------------------------- */

/* A trie of the store at a block; log NULL: to be read only. */
struct node_store {
    struct trie_store base;
    struct kv_txn *txn;
    struct kv_table table;
    enum touched_kind kind;
    uint64_t id; /* 0: the accounts' trie */
    uint64_t block;
    struct arena *a; /* nodes read are copied to it */
    struct touched *log;
};
void node_store_init(struct node_store *ns, const struct store *s, struct kv_txn *txn, uint64_t id,
                     uint64_t block, struct arena *a, struct touched *log);
/* A node as its row holds it, for a first version. A row that only names the changed children of
 * the version before begins with a byte below 0x80. */
bool node_row_is_delta(slice row);

/* --- accounts and the span ------------------------------------------------------------------- */

struct account_row {
    bool exists;
    uint64_t id; /* of its storage; 0: it never had any */
    struct trie_account account;
};
status account_row_find(const struct store *s, struct kv_txn *txn, const hash32 *key,
                        uint64_t block, struct account_row *ret, struct err *reterr) MUST_USE;
/* The row's value: 8 bytes of id and the leaf. Returns its length. */
size_t account_row_make(const struct account_row *r, uint8_t out[8 + STORE_LEAF_MAX]);
/* The word under key (keccak256(slot)) in the storage id, which is not 0, after block. OK |
 * E_CORRUPT | E_NOMEM | kv's. */
status slot_find(const struct store *s, struct kv_txn *txn, uint64_t id, const hash32 *key,
                 uint64_t block, u256 *ret, struct err *reterr) MUST_USE;
/* RLP of a word that is not 0. Returns its length. */
size_t word_leaf_make(u256 v, uint8_t out[STORE_WORD_MAX]);

struct store_meta {
    uint64_t first;
    uint64_t head;
    uint64_t next_id; /* of a storage */
    uint64_t pruned;  /* blocks up to this one have been dealt with */
};
/* OK | E_NOT_FOUND (nothing committed; no message is made) | E_CORRUPT. */
status store_meta_get(const struct store *s, struct kv_txn *txn, struct store_meta *ret,
                      struct err *reterr) MUST_USE;
status store_meta_put(const struct store *s, struct kv_txn *w, const struct store_meta *m,
                      struct err *reterr) MUST_USE;
/* For struct world_ops. */
status store_world_root(struct world *base, struct state *st, hash32 *ret) MUST_USE;
/* Present while a load is under way, and after one that did not come to its end. */
static const slice store_load_mark = {(const uint8_t *)"load", 4};
/* OK | E_NOT_FOUND | E_REMOVED: whether block can be read. */
status store_check_block(const struct store *s, struct kv_txn *txn, uint64_t block,
                         struct err *reterr) MUST_USE;

#endif
