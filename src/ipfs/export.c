/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of UnixFS files. */
#include "ipfs/export.h"

#include <stdlib.h>

#include "base/limits.h"
#include "ipfs/unixfs.h"

struct exporter {
    const struct block_source *source;
    const struct byte_sink *sink;
    uint64_t from; /* the range, relative to the root */
    uint64_t to;
    struct buf bufs[LIMIT_IPFS_DEPTH]; /* the block of each level on the way to the present leaf */
};

/* Read the block of cid into b and check it. */
static status load(const struct block_source *source, const struct cid *cid, struct buf *b,
                   struct err *reterr)
{
    buf_clear(b);
    if (cid->mh == CID_IDENTITY) {
        if (cid->codec != CID_RAW)
            return ERR(reterr, E_UNSUPPORTED, "a tree inside an identity CID");
        status s = buf_put_mem(b, cid->digest, cid->digest_n);
        return s == OK ? OK : ERR(reterr, s, "block");
    }
    status s = source->get(source->ctx, cid, b, reterr);
    return s == OK ? cid_verify(cid, buf_slice(b), reterr) : s;
}

static status deliver(struct exporter *x, slice data, uint64_t at, struct err *reterr)
{
    if (at < x->from) {
        data = slice_after(data, x->from - at < data.n ? (size_t)(x->from - at) : data.n);
        at = x->from;
    }
    if (x->to - at < data.n)
        data = slice_first(data, (size_t)(x->to - at));
    return data.n > 0 ? x->sink->write(x->sink->ctx, data, reterr) : OK;
}

static status read_node(struct exporter *x, unsigned depth, struct unixfs_node *node, uint64_t at,
                        struct err *reterr);

/* The subtree of size bytes that begins at offset at. */
static status read_tree(struct exporter *x, const struct cid *cid, uint64_t size, unsigned depth,
                        uint64_t at, struct err *reterr)
{
    struct unixfs_node node;
    if (depth == LIMIT_IPFS_DEPTH)
        return ERR(reterr, E_TOO_DEEP, "file of more than %u levels", LIMIT_IPFS_DEPTH);
    status s = load(x->source, cid, &x->bufs[depth], reterr);
    if (s == OK)
        s = unixfs_node_read(cid, buf_slice(&x->bufs[depth]), &node, reterr);
    if (s == OK && node.size != size)
        return ERR(reterr, E_MISMATCH, "a block of the file holds %llu bytes where %llu are due",
                   (unsigned long long)node.size, (unsigned long long)size);
    return s == OK ? read_node(x, depth, &node, at, reterr) : s;
}

static status read_node(struct exporter *x, unsigned depth, struct unixfs_node *node, uint64_t at,
                        struct err *reterr)
{
    struct cid child;
    uint64_t size = 0;
    if (node->n_children == 0)
        return deliver(x, node->data, at, reterr);
    while (at < x->to && unixfs_child_next(node, &child, &size)) {
        if (size > 0 && size > (at < x->from ? x->from - at : 0)) {
            status s = read_tree(x, &child, size, depth + 1, at, reterr);
            if (s != OK)
                return s;
        }
        at += size; /* the node's sizes were summed without overflow */
    }
    return OK;
}

status export_read(const struct block_source *source, const struct cid *root, uint64_t from,
                   uint64_t len, const struct byte_sink *sink, struct err *reterr)
{
    struct unixfs_node node;
    struct exporter *x = calloc(1, sizeof *x);
    if (x == NULL)
        return ERR(reterr, E_NOMEM, "file reader");
    *x = (struct exporter){.source = source, .sink = sink, .from = from};
    for (size_t i = 0; i < LIMIT_IPFS_DEPTH; i++)
        buf_init(&x->bufs[i], LIMIT_IPFS_BLOCK);
    status s = load(source, root, &x->bufs[0], reterr);
    if (s == OK)
        s = unixfs_node_read(root, buf_slice(&x->bufs[0]), &node, reterr);
    if (s == OK && from > node.size)
        s = ERR(reterr, E_RANGE, "offset %llu in a file of %llu bytes", (unsigned long long)from,
                (unsigned long long)node.size);
    if (s == OK) {
        x->to = len < node.size - from ? from + len : node.size;
        s = read_node(x, 0, &node, 0, reterr);
    }
    for (size_t i = 0; i < LIMIT_IPFS_DEPTH; i++)
        buf_done(&x->bufs[i]);
    free(x);
    return s;
}

status export_stat(const struct block_source *source, const struct cid *root, uint64_t *ret_size,
                   uint64_t *ret_block_size, struct err *reterr)
{
    struct unixfs_node node;
    struct buf b;
    buf_init(&b, LIMIT_IPFS_BLOCK);
    status s = load(source, root, &b, reterr);
    if (s == OK)
        s = unixfs_node_read(root, buf_slice(&b), &node, reterr);
    if (s == OK) {
        *ret_size = node.size;
        *ret_block_size = node.block_size;
    }
    buf_done(&b);
    return s;
}
