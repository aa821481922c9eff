/* SPDX-License-Identifier: Apache-2.0 */
/* UnixFS files (specs.ipfs.tech/unixfs): the protobuf message in a dag-pb node, and one checked
 * node of a file's tree. Directories, symlinks and sharded directories are recognised and refused.
 */
#ifndef EHRD_IPFS_UNIXFS_H
#define EHRD_IPFS_UNIXFS_H

#include "codec/cid.h"

enum unixfs_type {
    UNIXFS_RAW = 0,
    UNIXFS_DIRECTORY = 1,
    UNIXFS_FILE = 2,
    UNIXFS_METADATA = 3,
    UNIXFS_SYMLINK = 4,
    UNIXFS_HAMT = 5,
};

/* The message; slices borrow from the block. mode, mtime and fields unknown to us are skipped. */
struct unixfs_data {
    uint64_t type;
    slice data;
    uint64_t filesize;
    bool has_filesize;
    slice fields; /* the whole message: for unixfs_blocksize_next */
    size_t n_blocksizes;
};

/* OK | E_TRUNCATED | E_NOT_CANONICAL | E_SYNTAX (wire type) | E_DUPLICATE | E_MISSING (type) |
 * E_RANGE. */
status unixfs_data_read(slice in, struct unixfs_data *ret, struct err *reterr) MUST_USE;
/* The next block size of *fields (at first data.fields), which moves on. False at the end. */
bool unixfs_blocksize_next(slice *fields, uint64_t *ret);
/* Append the message of a file: data if not empty, filesize; then its block sizes, one by one. */
status unixfs_put_file(struct buf *b, slice data, uint64_t filesize) MUST_USE;
status unixfs_put_blocksize(struct buf *b, uint64_t size) MUST_USE;

/* A node of a file: data of its own, or children. Slices borrow from the block. */
struct unixfs_node {
    slice data;          /* empty when there are children */
    uint64_t size;       /* bytes of the file below this node, by its own statement */
    uint64_t block_size; /* bytes of this block and, by tsize, of those below */
    size_t n_children;
    slice links;  /* iteration state of unixfs_child_next: */
    slice fields; /* it moves both */
};

/* Check the node in block, which has been checked against cid (codec raw or dag-pb).
 * OK | E_TYPE (not a file) | E_MISMATCH (number or sum of block sizes, link names) | E_TOO_LONG
 * (links) | E_UNSUPPORTED (codec; data beside children, on which readers disagree) | as dagpb_read
 * and unixfs_data_read. */
status unixfs_node_read(const struct cid *cid, slice block, struct unixfs_node *ret,
                        struct err *reterr) MUST_USE;
/* The next child and the bytes of the file below it. False at the end. */
bool unixfs_child_next(struct unixfs_node *node, struct cid *ret_cid, uint64_t *ret_size);

#endif
