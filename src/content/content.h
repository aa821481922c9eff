/* SPDX-License-Identifier: Apache-2.0 */
/* Port to a store of immutable files addressed by CID. Nobody above knows which adapter is behind
 * it.
 *
 * - Files are UnixFS, profile unixfs-v1-2025: the same bytes have the same CID in every adapter.
 * - Whatever get delivers has been checked against the CID, block by block, before the sink sees
 * it.
 * - Pins are counted per owner (a 32-byte key, for example H(record, version)): a file stays as
 * long as any owner pins it. Unpinned files are removed by sweep when they are older than the age
 * given.
 * - Threads: a struct content may be used by all threads at once; one upload by one thread at a
 * time (it may move between threads). */
#ifndef EHRD_CONTENT_CONTENT_H
#define EHRD_CONTENT_CONTENT_H

#include "base/buf.h"
#include "codec/cid.h"

#define CONTENT_TO_END UINT64_MAX /* length that reaches to the file's end */

struct content_info {
    struct cid cid;
    uint64_t size;       /* bytes of the file */
    uint64_t block_size; /* bytes of all its blocks, each block counted as often as it is linked */
};

/* Takes the next bytes of the file (borrowed for the call, not empty). Any status but OK ends the
 * transfer with that status. */
struct content_sink {
    status (*write)(void *ctx, slice bytes, struct err *reterr);
    void *ctx;
};

struct content_swept {
    uint64_t blocks;
    uint64_t bytes;
};

/* One upload in progress; adapters extend it. */
struct content_upload {
    struct content *content;
};

struct content {
    const struct content_ops *ops;
};

/* What an adapter provides; call it through the functions below. */
struct content_ops {
    status (*put_begin)(struct content *c, struct content_upload **ret, struct err *reterr);
    status (*put_write)(struct content_upload *u, slice bytes, struct err *reterr);
    status (*put_finish)(struct content_upload *u, struct content_info *ret, struct err *reterr);
    void (*put_abort)(struct content_upload *u);
    status (*get)(struct content *c, const struct cid *cid, uint64_t from, uint64_t len,
                  const struct content_sink *sink, struct err *reterr);
    status (*stat)(struct content *c, const struct cid *cid, struct content_info *ret,
                   struct err *reterr);
    status (*pin)(struct content *c, const hash32 *owner, const struct cid *cid,
                  struct err *reterr);
    status (*unpin)(struct content *c, const hash32 *owner, const struct cid *cid,
                    struct err *reterr);
    status (*sweep)(struct content *c, uint64_t age_s, struct content_swept *ret,
                    struct err *reterr);
    void (*close)(struct content *c);
};

/* Upload. Bytes may come in pieces of any size; large ones are not copied. After finish the file is
 * stored durably, unpinned. finish and abort end and free the upload, whatever they return;
 * abort(NULL) is fine. What an aborted upload or a crash leaves behind is removed by sweep. OK |
 * E_NO_SPACE | E_IO | E_NOMEM | E_UNAVAILABLE (remote adapters) …; after a failed write only abort
 * is allowed. */
status content_put_begin(struct content *c, struct content_upload **ret,
                         struct err *reterr) MUST_USE;
status content_put_write(struct content_upload *u, slice bytes, struct err *reterr) MUST_USE;
status content_put_finish(struct content_upload *u, struct content_info *ret,
                          struct err *reterr) MUST_USE;
void content_put_abort(struct content_upload *u);
/* The three steps in one. */
status content_put(struct content *c, slice bytes, struct content_info *ret,
                   struct err *reterr) MUST_USE;

/* Deliver len bytes from offset from (len is cut at the file's end; from == size delivers nothing).
 * OK | E_NOT_FOUND (file or one of its blocks) | E_RANGE (from beyond the end) | E_MISMATCH (a
 * block is not what its CID says) | E_TYPE (not a file) | E_CORRUPT | what the sink returned. */
status content_get(struct content *c, const struct cid *cid, uint64_t from, uint64_t len,
                   const struct content_sink *sink, struct err *reterr) MUST_USE;
/* Append the whole file to ret; the cap of ret bounds it (E_TOO_LONG). */
status content_get_buf(struct content *c, const struct cid *cid, struct buf *ret,
                       struct err *reterr) MUST_USE;
/* Sizes as the root block states them (content_get checks them against the blocks).
 * OK | E_NOT_FOUND | E_TYPE | E_CORRUPT. */
status content_stat(struct content *c, const struct cid *cid, struct content_info *ret,
                    struct err *reterr) MUST_USE;

/* Pin for owner; pinning twice is the same as once. Durable on return.
 * OK | E_NOT_FOUND (a block is missing: nothing is pinned). */
status content_pin(struct content *c, const hash32 *owner, const struct cid *cid,
                   struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND (this owner has no such pin). */
status content_unpin(struct content *c, const hash32 *owner, const struct cid *cid,
                     struct err *reterr) MUST_USE;
/* Remove blocks that no pin holds and that were last uploaded at least age_s seconds ago. */
status content_sweep(struct content *c, uint64_t age_s, struct content_swept *ret,
                     struct err *reterr) MUST_USE;
/* Ends the adapter. No upload may be open. NULL is fine. */
void content_close(struct content *c);

#endif
