/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a trie in memory and as RLP: for trie/commit*.c only. */
#ifndef EHRD_TRIE_COMMIT_NODE_H
#define EHRD_TRIE_COMMIT_NODE_H

#include "base/buf.h"
#include "trie/commit.h"

#define NODE_REF 32u         /* shorter nodes are embedded, others referred to by hash */
#define NODE_REF_RLP 33u     /* a hash as RLP */
#define NODE_RLP_CAP 131072u /* of one node; a leaf's value is the only long part */
#define ROW_CAP (NODE_RLP_CAP + 128u)

enum node_kind { NODE_EMPTY, NODE_LEAF, NODE_EXT, NODE_BRANCH };

/* What stands for a node in its parent, as RLP: a hash (n == NODE_REF_RLP), an embedded node, or
 * nothing (n == 0). */
struct node_ref {
    uint8_t n;
    uint8_t b[NODE_REF_RLP];
    uint64_t place; /* of its row, when it is a hash */
};

struct node {
    enum node_kind kind;
    uint8_t path_n;              /* leaf, extension */
    uint8_t path[TRIE_PATH_MAX]; /* nibbles */
    slice value;                 /* leaf; borrowed */
    uint64_t value_place;        /* leaf: struct trie_pair.place */
    struct node_ref child[16];   /* branch; an extension's is child[0] */
    uint64_t row;                /* branch: where it was read; 0: it is new */
    uint64_t whole;              /* the row, or the one whose changes it holds */
    unsigned changed;            /* children that are not as in whole, a bit each */
};

/* Read a node, whose rows are not known; a leaf's value borrows from rlp. OK | E_CORRUPT. */
status node_read(slice rlp, struct node *ret, struct err *reterr) MUST_USE;
/* Append the RLP of a node that is not empty. OK | buf statuses. */
status node_put(struct buf *b, const struct node *n) MUST_USE;

/* The hash of a reference that is one, or NULL. */
static inline const uint8_t *node_ref_hash(const struct node_ref *r)
{
    return r->n == NODE_REF_RLP ? r->b + 1 : NULL;
}
struct rlp_item;
/* An item of a branch, or the second of an extension; its row is not known. OK | E_CORRUPT. */
status node_ref_read(const struct rlp_item *item, struct node_ref *ret,
                     struct err *reterr) MUST_USE;
void node_ref_set_hash(struct node_ref *r, const hash32 *h);
/* The reference for a node of this RLP. */
void node_ref_make(struct node_ref *r, slice rlp);

/* A branch without children. */
void node_make_branch(struct node *n);
/* Put k nibbles before the path of a leaf or an extension. */
void node_prefix(struct node *n, const uint8_t *nibbles, size_t k);
/* Make *n an extension of k nibbles that leads to the branch ref. */
void node_make_ext(struct node *n, const uint8_t *nibbles, size_t k, const struct node_ref *ref);

/* --- rows (commit_row.c) -----------------------------------------------------------------------
 */

/* Read the node at place. ret, *ret_rlp: borrowed until the next put; *ret_rlp is empty for a
 * branch that is stored as changes (node_put makes it). OK | E_NOT_FOUND | E_CORRUPT | the store's.
 */
status row_load(struct trie_store *t, uint64_t place, struct node *ret, slice *ret_rlp,
                struct err *reterr) MUST_USE;
/* Child x of the branch at place, for a way that reads nothing else of it. OK | E_TYPE (no branch;
 * no message is made) | as row_load. */
status row_child(struct trie_store *t, uint64_t place, unsigned x, struct node_ref *ret,
                 struct err *reterr) MUST_USE;
/* Put the row of n, whose RLP is rlp, and drop those that it replaces. row: memory for it. */
status row_keep(struct trie_store *t, const struct node *n, slice rlp, struct buf *row,
                uint64_t *ret, struct err *reterr) MUST_USE;
/* Drop the rows of a branch that is no more. */
status row_forget(struct trie_store *t, const struct node *n, struct err *reterr) MUST_USE;

/* --- nibbles -----------------------------------------------------------------------------------
 */

static inline uint8_t nibble_at(slice key, size_t i)
{
    uint8_t b = key.p[i / 2];
    return i % 2 == 0 ? b >> 4 : b & 15u;
}
void nibbles_of(slice key, uint8_t out[TRIE_PATH_MAX]);
/* How many of n nibbles key has from its nibble at on. */
size_t nibbles_shared(slice key, size_t at, const uint8_t *nibbles, size_t n);

#endif
