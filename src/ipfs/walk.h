/* SPDX-License-Identifier: Apache-2.0 */
/* The different blocks of a DAG, each once. */
#ifndef EHRD_IPFS_WALK_H
#define EHRD_IPFS_WALK_H

#include "ipfs/blockstore_priv.h"

/* A block as it was linked: bytes linked as raw and as dag-pb are two. */
struct walk_block {
    hash32 digest;
    bool dag_pb;
};

struct walk {
    struct walk_block *blocks; /* in the order found, the root first */
    size_t n;
    size_t max;
    uint32_t *slots;  /* open addressing: index + 1 in blocks, 0 = free */
    size_t n_slots;   /* power of two, at least 2 * n */
    struct buf block; /* scratch: the node being read */
};

void walk_init(struct walk *w);
void walk_done(struct walk *w);

/* Find all blocks below root (an identity CID has none). Inner nodes are checked against their
 * CIDs; leaves are not read. lenient: a missing or damaged inner node is taken as a leaf. OK |
 * E_NOT_FOUND | E_MISMATCH | E_UNSUPPORTED | E_TOO_LONG | E_NOMEM | as dagpb_read. */
status walk_dag(struct walk *w, struct blockstore *bs, struct kv_txn *txn, const struct cid *root,
                bool lenient, struct err *reterr) MUST_USE;

#endif
