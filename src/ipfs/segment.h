/* SPDX-License-Identifier: Apache-2.0 */
/* Large blocks in append-only files, addressed by one running position.
 *
 * A position is segment number << 30 | offset; segment 0 does not exist, so position 0 means none.
 * Extents begin at multiples of 4 KiB, never cross a segment and are never written twice; freed
 * ones become holes in the sparse file. Which extents are in use is known by the caller's index
 * alone. Threads: everything but open, trim and close may be called at once. */
#ifndef EHRD_IPFS_SEGMENT_H
#define EHRD_IPFS_SEGMENT_H

#include "base/buf.h"

#define SEGMENT_BYTES ((uint64_t)1 << 30)

struct segments;

struct extent {
    uint64_t at;
    uint64_t len; /* bytes in use */
};

/* dir is made if absent. tail: where the next extent goes, at least SEGMENT_BYTES. */
status segments_open(const char *dir, uint64_t tail, struct segments **ret,
                     struct err *reterr) MUST_USE;
void segments_close(struct segments *sg);
uint64_t segments_tail(const struct segments *sg);

/* Make holes of everything that is in none of the n extents (sorted here by position) and set the
 * tail behind the last. */
status segments_trim(struct segments *sg, struct extent *live, size_t n,
                     struct err *reterr) MUST_USE;

/* Write block (at most 2 MiB) to a new extent. Not durable before segments_sync.
 * OK | E_NO_SPACE | E_IO. */
status segment_append(struct segments *sg, slice block, struct extent *ret,
                      struct err *reterr) MUST_USE;
/* Make all that was written to the segments of positions first to last durable. */
status segments_sync(struct segments *sg, uint64_t first, uint64_t last,
                     struct err *reterr) MUST_USE;
/* Append the extent's bytes to ret. OK | E_CORRUPT (not there) | E_TOO_LONG (cap of ret) | E_IO. */
status segment_read(struct segments *sg, const struct extent *x, struct buf *ret,
                    struct err *reterr) MUST_USE;
/* Give the extent's space back. It may stay occupied if the file system cannot do that. */
void segment_free(struct segments *sg, const struct extent *x);

#endif
