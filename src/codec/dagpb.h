/* SPDX-License-Identifier: Apache-2.0 */
/* The dag-pb block format (ipld.io/specs/codecs/dag-pb), canonical form only: links first, then
 * data; in a link hash, name, tsize; minimal varints; nothing else. So each block has one reading
 * and each node one block. */
#ifndef EHRD_CODEC_DAGPB_H
#define EHRD_CODEC_DAGPB_H

#include "codec/cid.h"

/* A checked node; slices borrow from the block. */
struct dagpb_node {
    slice links; /* n_links encoded links: for dagpb_link_next */
    size_t n_links;
    slice data;
    bool has_data;
};

struct dagpb_link {
    struct cid cid;
    slice name; /* UTF-8, borrowed from the block */
    uint64_t tsize;
    bool has_name;
    bool has_tsize;
};

/* Check the whole block. OK | E_TRUNCATED | E_SYNTAX (field, order, UTF-8) | E_MISSING (hash) |
 * E_NOT_CANONICAL | E_RANGE | as cid_read for a link's hash. */
status dagpb_read(slice block, struct dagpb_node *ret, struct err *reterr) MUST_USE;
/* The next link of *links (at first node.links), which moves on. False at the end. */
bool dagpb_link_next(slice *links, struct dagpb_link *ret);

/* Append one link, or the data. A block is its links, then its data (if any), and nothing else;
 * links are sorted by name, as the caller keeps them. */
status dagpb_put_link(struct buf *b, const struct dagpb_link *link) MUST_USE;
status dagpb_put_data(struct buf *b, slice data) MUST_USE;

#endif
