/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a UnixFS file, whole or a range, from blocks nobody has to trust.
 *
 * Each block is checked against its CID when it is read, each node's size against its parent's
 * statement; depth, links and block size are capped. Subtrees outside the range are not read. */
#ifndef EHRD_IPFS_EXPORT_H
#define EHRD_IPFS_EXPORT_H

#include "ipfs/block.h"

#define EXPORT_TO_END UINT64_MAX

/* Deliver len bytes from offset from; len is cut at the file's end.
 * OK | E_NOT_FOUND (a block) | E_RANGE (from beyond the end) | E_MISMATCH | E_TOO_DEEP | as
 * unixfs_node_read | what source or sink returned. */
status export_read(const struct block_source *source, const struct cid *root, uint64_t from,
                   uint64_t len, const struct byte_sink *sink, struct err *reterr) MUST_USE;

/* Sizes as the root block, which is checked against its CID, states them. */
status export_stat(const struct block_source *source, const struct cid *root, uint64_t *ret_size,
                   uint64_t *ret_block_size, struct err *reterr) MUST_USE;

#endif
