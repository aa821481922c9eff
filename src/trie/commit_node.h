/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a trie in memory and as RLP: for trie/commit*.c only. */
#ifndef EHRD_TRIE_COMMIT_NODE_H
#define EHRD_TRIE_COMMIT_NODE_H

#include "base/buf.h"
#include "trie/commit.h"

#define NODE_REF 32u         /* shorter nodes are embedded, others referred to by hash */
#define NODE_REF_RLP 33u     /* a hash as RLP */
#define NODE_RLP_CAP 131072u /* of one node; a leaf's value is the only long part */

enum node_kind { NODE_EMPTY, NODE_LEAF, NODE_EXT, NODE_BRANCH };

/* What stands for a node in its parent, as RLP: a hash (n == NODE_REF_RLP), an embedded node, or
 * nothing (n == 0). */
struct node_ref {
    uint8_t n;
    uint8_t b[NODE_REF_RLP];
};

struct node {
    enum node_kind kind;
    uint8_t path_n;              /* leaf, extension */
    uint8_t path[TRIE_PATH_MAX]; /* nibbles */
    slice value;                 /* leaf; borrowed */
    struct node_ref child[16];   /* branch; an extension's is child[0] */
};

/* Read a node; a leaf's value borrows from rlp. OK | E_CORRUPT. */
status node_read(slice rlp, struct node *ret, struct err *reterr) MUST_USE;
/* Append the RLP of a node that is not empty. OK | buf statuses. */
status node_put(struct buf *b, const struct node *n) MUST_USE;

/* The hash of a reference that is one, or NULL. */
static inline const uint8_t *node_ref_hash(const struct node_ref *r)
{
    return r->n == NODE_REF_RLP ? r->b + 1 : NULL;
}
void node_ref_set_hash(struct node_ref *r, const hash32 *h);
/* The reference for a node of this RLP. */
void node_ref_make(struct node_ref *r, slice rlp);

/* Put k nibbles before the path of a leaf or an extension. */
void node_prefix(struct node *n, const uint8_t *nibbles, size_t k);
/* Make *n an extension of k nibbles that leads to the branch ref. */
void node_make_ext(struct node *n, const uint8_t *nibbles, size_t k, const struct node_ref *ref);

static inline uint8_t nibble_at(slice key, size_t i)
{
    uint8_t b = key.p[i / 2];
    return i % 2 == 0 ? b >> 4 : b & 15u;
}
void nibbles_of(slice key, uint8_t out[TRIE_PATH_MAX]);
/* How many of n nibbles key has from its nibble at on. */
size_t nibbles_shared(slice key, size_t at, const uint8_t *nibbles, size_t n);

#endif
