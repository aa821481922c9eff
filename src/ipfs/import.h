/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of bytes made into the blocks of a UnixFS file: fixed-size chunks, balanced tree.
 *
 * Memory is bounded by one chunk and, per level of the tree, max_links entries of 56 bytes. A chunk
 * that arrives whole is hashed and handed on where it lies. One thread owns an import. */
#ifndef EHRD_IPFS_IMPORT_H
#define EHRD_IPFS_IMPORT_H

#include "ipfs/block.h"

struct import_profile {
    const char *name;
    size_t chunk; /* bytes of a leaf, at most 1 MiB + 512 KiB so that its block stays below 2 MiB */
    unsigned max_links; /* of an inner node, 2..8192 */
    bool raw_leaves;    /* leaves of codec raw, not dag-pb */
    uint8_t cid_version;
};

/* IPIP-499: unixfs-v1-2025 (ours) and unixfs-v0-2015 (what `ipfs add` made for years). */
extern const struct import_profile import_v1_2025;
extern const struct import_profile import_v0_2015;

struct import_result {
    struct cid cid;
    uint64_t size;       /* bytes of the file */
    uint64_t block_size; /* bytes of all blocks, each counted as often as it is linked */
};

struct import;

/* profile and sink are borrowed until import_free; sink->put may be NULL: then only hashes are
 * made. OK | E_NOMEM | E_RANGE (profile). */
status import_new(const struct import_profile *profile, const struct block_sink *sink,
                  struct import **ret, struct err *reterr) MUST_USE;
/* OK | E_NOMEM | E_TOO_LONG (over 2^63 bytes or 8 levels) | what the sink returned; then only
 * import_free may follow. */
status import_write(struct import *im, slice bytes, struct err *reterr) MUST_USE;
/* The last block put is the root. Then only import_free may follow. */
status import_finish(struct import *im, struct import_result *ret, struct err *reterr) MUST_USE;
void import_free(struct import *im);

#endif
