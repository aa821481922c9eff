/* SPDX-License-Identifier: Apache-2.0 */
/* A Merkle Patricia trie (Yellow Paper, appendix D) kept in a store of nodes by path: changed in
 * place, built at once from sorted pairs, and proved.
 *
 * A path is one nibble (0..15) a byte, root first; the root's path is empty. Under a path stands
 * the RLP of the node found there; nodes of fewer than 32 bytes are within their parent and not
 * stored, except the root. All keys of one trie have the same length, 1 to TRIE_KEY_MAX bytes. */
#ifndef EHRD_TRIE_COMMIT_H
#define EHRD_TRIE_COMMIT_H

#include "base/arena.h"
#include "trie/proof.h"
#include "trie/root.h"

#define TRIE_PATH_MAX 128u        /* nibbles: 2 * TRIE_KEY_MAX */
#define TRIE_NODES_MAX 129u       /* nodes of one proof */
#define TRIE_BUILD_VALUE_MAX 256u /* bytes of a value given to trie_build */

struct trie_store;

struct trie_store_ops {
    /* The node at path. ret: stays until the operation ends or its path is put.
     * OK | E_NOT_FOUND | the store's. */
    status (*get)(struct trie_store *t, slice path, slice *ret, struct err *reterr);
    /* Put node where before stood (as get gave it; empty: nothing did). node empty: nothing stands
     * there from now on. Called once per path, in the order of paths where what continues a path
     * comes before it. OK | the store's. */
    status (*put)(struct trie_store *t, slice path, slice before, slice node, struct err *reterr);
};

/* First member of an implementation. */
struct trie_store {
    const struct trie_store_ops *ops;
};

/* Apply n changes, strictly ascending by key; an empty value removes the key, be it there or not.
 * Only nodes on the way to changed keys are read, each is checked against the hash it was reached
 * by; all is read before the first put.
 * OK | E_RANGE (order, or keys of different length) | E_TOO_LONG (a key) | E_CORRUPT (a node) |
 * E_NOMEM | the store's. */
status trie_commit(struct trie_store *t, const struct trie_pair *changes, size_t n,
                   hash32 *ret_root, struct err *reterr) MUST_USE;

/* Gives pairs one after another. */
struct trie_source {
    /* ret: borrowed until the next call. OK | E_NOT_FOUND (no more) | any failure. */
    status (*next)(struct trie_source *src, struct trie_pair *ret, struct err *reterr);
};

/* Build a trie in a store that holds nothing of it, from pairs in ascending order; memory does not
 * grow with their number, and the store is only put to. As trie_commit, and E_TOO_LONG (a value).
 */
status trie_build(struct trie_store *t, struct trie_source *src, hash32 *ret_root,
                  struct err *reterr) MUST_USE;

/* The nodes on the way to key, root first, as trie/proof.h wants them: those of embedded nodes are
 * not listed; none for the empty trie. nodes: room for TRIE_NODES_MAX; copied to a.
 * OK | E_TOO_LONG (key) | E_CORRUPT | E_NOMEM | the store's. */
status trie_prove(struct trie_store *t, slice key, struct arena *a, slice *nodes, size_t *ret_n,
                  struct err *reterr) MUST_USE;

/* The value under key, from node, which stands depth nibbles down the way to key: in node itself or
 * in what is embedded in it. *ret: borrowed from node, or a's.
 * OK | E_NOT_FOUND (no such key; no message is made) | E_CORRUPT (a malformed node, or the way goes
 * on to a node with a path of its own: whoever asks has looked there first) | E_NOMEM. */
status trie_find_within(slice node, slice key, size_t depth, struct arena *a, slice *ret,
                        struct err *reterr) MUST_USE;

#endif
