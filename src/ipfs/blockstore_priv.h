/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and rows that the files of the block store share. */
#ifndef EHRD_IPFS_BLOCKSTORE_PRIV_H
#define EHRD_IPFS_BLOCKSTORE_PRIV_H

#include <stdatomic.h>

#include "ipfs/blockstore.h"
#include "ipfs/segment.h"
#include "kv/group.h"
#include "kv/kv.h"

struct blockstore {
    struct kv *kv;
    const struct clock_src *clock; /* borrowed */
    struct segments *segments;
    atomic_bool used;         /* segments may hold more than the index says: not clean */
    struct kv_table blocks;   /* SHA-256 -> block, if it is shorter than BLOCK_LARGE */
    struct kv_table states;   /* SHA-256 -> struct block_state */
    struct kv_table pins;     /* owner, binary CID of the root -> empty */
    struct kv_table roots;    /* binary CID of the root, owner -> empty */
    struct kv_table uploads;  /* number of an unfinished batch -> time it began */
    struct kv_table marks;    /* "clean" -> tail of the segments, while they are clean */
    struct kv_group group;    /* uploads and pins of many threads share commits */
    struct kv_txn *group_txn; /* of the thread that leads the group */
};

#define BLOCK_LARGE ((size_t)32 << 10) /* blocks from this size on lie in segments */

/* The row of a block beside its bytes: 32 bytes, big-endian. */
struct block_state {
    uint64_t refs;  /* pinned roots whose DAG has this block; once per codec it is linked by */
    uint64_t put_s; /* time of the last put */
    uint64_t len;   /* bytes of the block */
    uint64_t at;    /* position in the segments, 0 = in the table blocks */
};

/* OK | E_NOT_FOUND | E_CORRUPT. */
status block_state_get(struct blockstore *bs, struct kv_txn *txn, slice digest,
                       struct block_state *ret, struct err *reterr) MUST_USE;
status block_state_put(struct blockstore *bs, struct kv_txn *w, slice digest,
                       const struct block_state *st, struct err *reterr) MUST_USE;

/* Append the block to ret (segments: read within txn's view, but not protected by it).
 * OK | E_NOT_FOUND | E_TOO_LONG (cap of ret) | E_CORRUPT | E_IO. */
status block_bytes(struct blockstore *bs, struct kv_txn *txn, slice digest, struct buf *ret,
                   struct err *reterr) MUST_USE;
/* Remove the rows of a block; *ret_extent gets what is to be freed after the commit (at = 0: none).
 */
status block_remove(struct blockstore *bs, struct kv_txn *w, slice digest,
                    struct extent *ret_extent, struct err *reterr) MUST_USE;
/* To be called before the segments change: from here to the close they are not clean. */
status blockstore_mark_used(struct blockstore *bs, struct err *reterr) MUST_USE;

/* A write that shares the commit of others (kv/group.h); its ctx is the store, whose group_txn it
 * writes to. */
status blockstore_share(struct blockstore *bs, size_t bytes, kv_group_write *write, void *arg,
                        struct err *reterr) MUST_USE;
/* End w: commit when s is OK, else abort. Returns what failed first. */
status blockstore_end(struct kv_txn *w, status s, struct err *reterr) MUST_USE;

/* E_UNSUPPORTED unless cid can name a stored block: codec raw or dag-pb, SHA-256. */
status blockstore_check_cid(const struct cid *cid, struct err *reterr) MUST_USE;

#endif
