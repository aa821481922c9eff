/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the state store share: the rows of tries, what each block left, accounts.
 *
 * Rows (integers big-endian):
 *   node   place (8)          -> a node of the accounts' trie or of a storage (trie/commit_row.c)
 *   block  block (8), 0 (4)   -> the accounts' top (place 8, hash 32), the first place that the
 *                                block left free (8), the list of what it dropped
 *   block  block (8), n (4)   -> more of the list
 *   code   hash               -> bytes
 *   meta   "span"             -> first, head, pruned (8 each)
 * The leaf of an account names the place of its storage's root, so all of a block's state is one
 * tree below its top. Places are given in order, and a block's rows follow those of the blocks
 * before: whatever a block of the past wrote is never changed. */
#ifndef EHRD_CHAIN_STORE_PRIV_H
#define EHRD_CHAIN_STORE_PRIV_H

#include "base/buf.h"
#include "base/checked.h"
#include "chain/store.h"
#include "trie/commit.h"

#define STORE_LEAF_MAX 128u
#define STORE_WORD_MAX 34u

/* --- the span ------------------------------------------------------------------------------- */

struct store_meta {
    uint64_t first;
    uint64_t head;
    uint64_t pruned; /* what blocks up to this one dropped is gone */
};
/* OK | E_NOT_FOUND (nothing committed; no message is made) | E_CORRUPT. */
status store_meta_get(const struct store *s, struct kv_txn *txn, struct store_meta *ret,
                      struct err *reterr) MUST_USE;
status store_meta_put(const struct store *s, struct kv_txn *w, const struct store_meta *m,
                      struct err *reterr) MUST_USE;
/* Present while a load is under way, and after one that did not come to its end. */
static const slice store_load_mark = {(const uint8_t *)"load", 4};

/* --- what a block left (store_block.c) -------------------------------------------------------- */

struct store_block {
    struct trie_top top;
    uint64_t next; /* the first place that is free after it */
};
/* OK | E_NOT_FOUND (after the head) | E_REMOVED | E_CORRUPT. */
status store_block_get(const struct store *s, struct kv_txn *txn, uint64_t block,
                       struct store_block *ret, struct err *reterr) MUST_USE;
#define STORE_DROPPED_CHUNK 32000u /* bytes of the list in one row: whole entries */

/* dropped: as node_store lists them. */
status store_block_put(const struct store *s, struct kv_txn *w, uint64_t block,
                       const struct store_block *b, slice dropped, struct err *reterr) MUST_USE;
/* The places in a chunk of the list. OK | E_NOT_FOUND (no such chunk) | E_CORRUPT. */
status store_dropped_get(const struct store *s, struct kv_txn *txn, uint64_t block, uint32_t chunk,
                         slice *ret, struct err *reterr) MUST_USE;
/* Remove what is known of block from chunk on. */
status store_block_remove(const struct store *s, struct kv_txn *w, uint64_t block, uint32_t chunk,
                          struct err *reterr) MUST_USE;

/* --- rows of tries (store_node.c) --------------------------------------------------------------
 */

#define DROPPED_BYTES 8u                 /* of an entry of the list */
#define DROPPED_TREE ((uint64_t)1 << 63) /* the row and all that it leads to */

/* The rows of all tries, to be read by one transaction. */
struct node_store {
    struct trie_store base;
    struct kv_txn *txn;
    struct kv_table table;
    uint64_t next;       /* place of the next row */
    struct buf *dropped; /* NULL: nothing is put */
};
/* To read, or with dropped to put from place next on. */
void node_store_init(struct node_store *ns, const struct store *s, struct kv_txn *txn,
                     uint64_t next, struct buf *dropped);
status node_drop_tree(struct node_store *ns, uint64_t place, struct err *reterr) MUST_USE;
/* The key of a row. */
static inline slice node_key(uint64_t place, uint8_t out[8])
{
    be64_write(out, place);
    return slice_of(out, 8);
}

/* --- accounts and words ------------------------------------------------------------------------
 */

struct account_row {
    bool exists;
    struct trie_account account;
    uint64_t storage; /* place of its storage's root; 0: it is empty */
};
/* The account under key (keccak256(address)) below top. OK | E_CORRUPT | E_NOMEM | kv's. */
status account_row_find(struct node_store *ns, const struct trie_top *top, const hash32 *key,
                        struct account_row *ret, struct err *reterr) MUST_USE;
/* The word under key (keccak256(slot)) in a storage. As account_row_find. */
status slot_find(struct node_store *ns, const struct trie_top *storage, const hash32 *key,
                 u256 *ret, struct err *reterr) MUST_USE;
static inline struct trie_top account_storage(const struct account_row *r)
{
    return (struct trie_top){.place = r->storage, .hash = r->account.storage_root};
}
/* RLP of the leaf's value. Returns its length. */
size_t account_leaf_make(const struct trie_account *a, uint8_t out[STORE_LEAF_MAX]);
/* RLP of a word that is not 0. Returns its length. */
size_t word_leaf_make(u256 v, uint8_t out[STORE_WORD_MAX]);
/* Apply the slots of ch to the storage *top. Memory is a's. */
status storage_commit(struct trie_store *t, struct trie_top *top, const struct store_change *ch,
                      struct arena *a, struct err *reterr) MUST_USE;

/* For struct world_ops. */
status store_world_root(struct world *base, struct state *st, hash32 *ret) MUST_USE;

#endif
