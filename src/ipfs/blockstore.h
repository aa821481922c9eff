/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, pins and sweeping: an index with the small blocks in a key-value store, the large ones in
 * append-only files beside it (docs/adr/0003-content-store.md).
 *
 * Blocks are kept by their SHA-256, so a block under two CIDs is stored once. Each has a count of
 * the pinned roots that reach it and the time it was last put. A pin belongs to (owner, root); the
 * first owner of a root counts its whole DAG up, the last to leave counts it down, both in one
 * transaction. sweep removes what no pin reaches and what was last put some time ago.
 *
 * Threads: all functions may be called at once on one store; a batch belongs to one thread at a
 * time. */
#ifndef EHRD_IPFS_BLOCKSTORE_H
#define EHRD_IPFS_BLOCKSTORE_H

#include "base/sysio.h"
#include "ipfs/block.h"

#define BLOCKSTORE_BATCH_BYTES ((size_t)32 << 20) /* small blocks gathered before a commit */
#define BLOCKSTORE_BATCH_BLOCKS ((size_t)4096)    /* blocks of any size written before a commit */

struct blockstore;

/* dir, map_bytes: as kv_open. clock is borrowed until blockstore_close. OK | as kv_open. */
status blockstore_open(const char *dir, uint64_t map_bytes, const struct clock_src *clock,
                       struct blockstore **ret, struct err *reterr) MUST_USE;
void blockstore_close(struct blockstore *bs);

/* Put ret's content to the block, checked against cid.
 * OK | E_NOT_FOUND | E_MISMATCH (damaged) | E_TOO_LONG (cap of ret) | E_UNSUPPORTED (codec). */
status blockstore_get(struct blockstore *bs, const struct cid *cid, struct buf *ret,
                      struct err *reterr) MUST_USE;
/* The same without the check, for readers that check. bs is borrowed. */
struct block_source blockstore_source(struct blockstore *bs);
/* OK | E_NOT_FOUND | E_IO. */
status blockstore_has(struct blockstore *bs, const struct cid *cid, struct err *reterr) MUST_USE;
/* Store one block that hashes to cid (checked), durably. OK | E_MISMATCH | E_TOO_LONG | E_NO_SPACE
 * … */
status blockstore_put(struct blockstore *bs, const struct cid *cid, slice block,
                      struct err *reterr) MUST_USE;
/* Remove one block. OK | E_NOT_FOUND | E_CONFLICT (a pin reaches it). */
status blockstore_delete(struct blockstore *bs, const struct cid *cid, struct err *reterr) MUST_USE;

/* A batch takes the blocks of one upload. Large ones go to the disk at once, small ones are
 * gathered; all are committed at the end, or before that whenever one of the bounds above is
 * reached. While it lives sweep spares what it has put. */
struct blockstore_batch;
status blockstore_batch_new(struct blockstore *bs, struct blockstore_batch **ret,
                            struct err *reterr) MUST_USE;
/* block hashes to cid: the importer has just computed it, so it is not computed again. */
status blockstore_batch_put(struct blockstore_batch *b, const struct cid *cid, slice block,
                            struct err *reterr) MUST_USE;
/* Commit the rest and stamp every block of the batch with the present time; then only _free. */
status blockstore_batch_finish(struct blockstore_batch *b, struct err *reterr) MUST_USE;
/* Without finish: what was committed is left to sweep. NULL is fine. */
void blockstore_batch_free(struct blockstore_batch *b);

/* Pin for owner; again is no change. All blocks must be there; inner ones are checked.
 * OK | E_NOT_FOUND (a block) | E_MISMATCH | E_TOO_LONG (LIMIT_IPFS_DAG_BLOCKS) | as dagpb_read. */
status blockstore_pin(struct blockstore *bs, const hash32 *owner, const struct cid *root,
                      struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND (no such pin). */
status blockstore_unpin(struct blockstore *bs, const hash32 *owner, const struct cid *root,
                        struct err *reterr) MUST_USE;
/* Append the 32-byte owners that pin root. OK | E_TOO_LONG (cap of ret). */
status blockstore_pins(struct blockstore *bs, const struct cid *root, struct buf *ret,
                       struct err *reterr) MUST_USE;

struct blockstore_swept {
    uint64_t blocks;
    uint64_t bytes;
};
/* Remove blocks that no pin reaches and that were last put at least age_s seconds ago, in
 * transactions of bounded size. */
status blockstore_sweep(struct blockstore *bs, uint64_t age_s, struct blockstore_swept *ret,
                        struct err *reterr) MUST_USE;

/* Check every block against its name; damaged is called for each that fails, and ends the check by
 * not returning OK. */
struct blockstore_verify {
    status (*damaged)(void *ctx, const hash32 *digest, slice block);
    void *ctx;
    uint64_t blocks; /* out */
    uint64_t bytes;  /* out */
};
status blockstore_verify_all(struct blockstore *bs, struct blockstore_verify *v,
                             struct err *reterr) MUST_USE;

struct blockstore_usage {
    uint64_t blocks;
    uint64_t pins;
    uint64_t used_bytes; /* of the index and the small blocks */
};
status blockstore_usage(struct blockstore *bs, struct blockstore_usage *ret,
                        struct err *reterr) MUST_USE;

#endif
