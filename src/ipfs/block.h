/* SPDX-License-Identifier: Apache-2.0 */
/* Where blocks come from and go to, as small interfaces. */
#ifndef EHRD_IPFS_BLOCK_H
#define EHRD_IPFS_BLOCK_H

#include "codec/cid.h"

/* Takes a block that hashes to cid (borrowed for the call). */
struct block_sink {
    status (*put)(void *ctx, const struct cid *cid, slice block, struct err *reterr);
    void *ctx;
};

/* Replaces the content of ret by the block, unchecked: who reads it checks it against cid.
 * OK | E_NOT_FOUND | E_TOO_LONG (cap of ret) | E_IO … Never asked for identity CIDs. */
struct block_source {
    status (*get)(void *ctx, const struct cid *cid, struct buf *ret, struct err *reterr);
    void *ctx;
};

/* Takes the next bytes of a file (borrowed for the call, not empty). */
struct byte_sink {
    status (*write)(void *ctx, slice bytes, struct err *reterr);
    void *ctx;
};

#endif
