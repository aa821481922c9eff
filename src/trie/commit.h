/* SPDX-License-Identifier: Apache-2.0 */
/* A Merkle Patricia trie (Yellow Paper, appendix D) with all its versions in a store of rows: made
 * from the version before, built at once from sorted pairs, looked up, and proved.
 *
 * Each node that is not embedded in its parent has a row, which names the rows of its children by
 * place. A change puts new rows for the nodes on the way to what changed and leaves all others
 * where they are, so a version is read from its top as long as the rows it alone leads to are kept
 * (a persistent tree: Driscoll, Sarnak, Sleator, Tarjan 1989). All keys of one trie have the same
 * length, 1 to TRIE_KEY_MAX bytes. */
#ifndef EHRD_TRIE_COMMIT_H
#define EHRD_TRIE_COMMIT_H

#include "base/arena.h"
#include "trie/proof.h"
#include "trie/root.h"

#define TRIE_PATH_MAX 128u        /* nibbles: 2 * TRIE_KEY_MAX */
#define TRIE_NODES_MAX 129u       /* nodes of one proof */
#define TRIE_BUILD_VALUE_MAX 256u /* bytes of a value given to trie_build */
#define TRIE_PLACE_MAX ((uint64_t)1 << 48)

/* A version of a trie. */
struct trie_top {
    uint64_t place; /* of the root's row; 0: the trie is empty */
    hash32 hash;    /* the root; trie_empty_root */
};
#define TRIE_TOP_EMPTY ((struct trie_top){.place = 0, .hash = trie_empty_root})

struct trie_store;

struct trie_store_ops {
    /* The row at place, which is above 0. ret: borrowed until the next put. OK | E_NOT_FOUND | the
     * store's. */
    status (*get)(struct trie_store *t, uint64_t place, slice *ret, struct err *reterr);
    /* Keep a row. *ret: its place, above that of every row put before and below TRIE_PLACE_MAX. */
    status (*put)(struct trie_store *t, slice row, uint64_t *ret, struct err *reterr);
    /* The version that is made has no use for the row at place, which those before it had. */
    status (*drop)(struct trie_store *t, uint64_t place, struct err *reterr);
};

/* First member of an implementation. */
struct trie_store {
    const struct trie_store_ops *ops;
};

/* struct trie_pair.place: where what a value refers to is (a storage's root), which the value
 * itself does not say; 0: nothing, or nowhere. It is kept with values of 32 bytes and more. */

/* Apply n changes, strictly ascending by key, to the version *top, which becomes the new one; an
 * empty value removes the key, be it there or not. Only nodes on the way to changed keys are read,
 * each is checked against the hash it was reached by. After a failure *top is as it was, and what
 * was put and dropped is to be undone.
 * OK | E_RANGE (order, or keys of different length) | E_TOO_LONG (a key) | E_CORRUPT (a node) |
 * E_NOMEM | the store's. */
status trie_commit(struct trie_store *t, struct trie_top *top, const struct trie_pair *changes,
                   size_t n, struct err *reterr) MUST_USE;

/* Gives pairs one after another. */
struct trie_source {
    /* ret: borrowed until the next call. OK | E_NOT_FOUND (no more) | any failure. */
    status (*next)(struct trie_source *src, struct trie_pair *ret, struct err *reterr);
};

/* Build a trie from pairs in ascending order; memory does not grow with their number, and the store
 * is only put to. As trie_commit, and E_TOO_LONG (a value). */
status trie_build(struct trie_store *t, struct trie_source *src, struct trie_top *ret,
                  struct err *reterr) MUST_USE;

/* What stands under key: ret->value borrows from the store, or from a where its leaf is embedded;
 * ret->key is not set. Nodes are not checked against hashes.
 * OK | E_NOT_FOUND (no such key; no message is made) | E_TOO_LONG (key) | E_CORRUPT | E_NOMEM | the
 * store's. */
status trie_find(struct trie_store *t, const struct trie_top *top, slice key, struct arena *a,
                 struct trie_pair *ret, struct err *reterr) MUST_USE;

/* The nodes on the way to key, root first, as trie/proof.h wants them: those of embedded nodes are
 * not listed; none for the empty trie. nodes: room for TRIE_NODES_MAX; copied to a.
 * OK | E_TOO_LONG (key) | E_CORRUPT | E_NOMEM | the store's. */
status trie_prove(struct trie_store *t, const struct trie_top *top, slice key, struct arena *a,
                  slice *nodes, size_t *ret_n, struct err *reterr) MUST_USE;

#define TRIE_ROW_PLACES 17u
/* The rows that a row names: its children's, and of a row of changes the one that it changes. Not
 * that of a pair. ret: room for TRIE_ROW_PLACES. OK | E_CORRUPT. */
status trie_row_places(slice row, uint64_t *ret, size_t *ret_n, struct err *reterr) MUST_USE;

#endif
