/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and rows that the files of the block store share. */
#ifndef EHRD_IPFS_BLOCKSTORE_PRIV_H
#define EHRD_IPFS_BLOCKSTORE_PRIV_H

#include "ipfs/blockstore.h"
#include "kv/kv.h"

struct blockstore {
    struct kv *kv;
    const struct clock_src *clock; /* borrowed */
    struct kv_table blocks;        /* SHA-256 -> block */
    struct kv_table states;        /* SHA-256 -> struct block_state */
    struct kv_table pins;          /* owner, binary CID of the root -> empty */
    struct kv_table roots;         /* binary CID of the root, owner -> empty */
    struct kv_table uploads;       /* number of an unfinished batch -> time it began */
};

/* The row of a block beside its bytes: 24 bytes, big-endian. */
struct block_state {
    uint64_t refs;  /* pinned roots whose DAG has this block; once per codec it is linked by */
    uint64_t put_s; /* time of the last put */
    uint64_t len;   /* bytes of the block */
};

/* OK | E_NOT_FOUND | E_CORRUPT. */
status block_state_get(struct blockstore *bs, struct kv_txn *txn, slice digest,
                       struct block_state *ret, struct err *reterr) MUST_USE;
status block_state_put(struct blockstore *bs, struct kv_txn *w, slice digest,
                       const struct block_state *st, struct err *reterr) MUST_USE;

/* End w: commit when s is OK, else abort. Returns what failed first. */
status blockstore_end(struct kv_txn *w, status s, struct err *reterr) MUST_USE;

/* E_UNSUPPORTED unless cid can name a stored block: codec raw or dag-pb, SHA-256. */
status blockstore_check_cid(const struct cid *cid, struct err *reterr) MUST_USE;

#endif
