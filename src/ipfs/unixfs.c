/* SPDX-License-Identifier: Apache-2.0 */
/* UnixFS files: message and node. */
#include "ipfs/unixfs.h"

#include "base/checked.h"
#include "base/limits.h"
#include "codec/dagpb.h"
#include "codec/varint.h"

/* Field numbers of the message. */
enum { F_TYPE = 1, F_DATA = 2, F_FILESIZE = 3, F_BLOCKSIZES = 4 };
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct field {
    uint64_t number;
    unsigned wire;
    uint64_t value; /* WIRE_VARINT */
    slice bytes;    /* the others */
};

static status take_n(slice *in, uint64_t n, slice *ret)
{
    if (n > in->n)
        return E_TRUNCATED;
    *ret = slice_first(*in, n);
    *in = slice_after(*in, n);
    return OK;
}

static status take_field(slice *in, struct field *ret)
{
    uint64_t tag = 0;
    uint64_t n = 0;
    status s = varint_read(*in, &tag, in);
    if (s != OK)
        return s;
    *ret = (struct field){.number = tag >> 3, .wire = tag & 7};
    switch (ret->wire) {
    case WIRE_VARINT:
        return varint_read(*in, &ret->value, in);
    case WIRE_FIXED64:
        return take_n(in, 8, &ret->bytes);
    case WIRE_FIXED32:
        return take_n(in, 4, &ret->bytes);
    case WIRE_BYTES:
        s = varint_read(*in, &n, in);
        return s == OK ? take_n(in, n, &ret->bytes) : s;
    default:
        return E_SYNTAX;
    }
}

struct seen {
    bool type;
    bool data;
};

static status use_field(struct unixfs_data *d, struct seen *seen, const struct field *f)
{
    unsigned want = f->number == F_DATA ? WIRE_BYTES : WIRE_VARINT;
    if (f->number < F_TYPE || f->number > F_BLOCKSIZES)
        return f->number == 0 ? E_SYNTAX : OK;
    if (f->wire != want)
        return E_SYNTAX;
    switch (f->number) {
    case F_TYPE:
        if (seen->type)
            return E_DUPLICATE;
        seen->type = true;
        d->type = f->value;
        return OK;
    case F_DATA:
        if (seen->data)
            return E_DUPLICATE;
        seen->data = true;
        d->data = f->bytes;
        return OK;
    case F_FILESIZE:
        if (d->has_filesize)
            return E_DUPLICATE;
        d->has_filesize = true;
        d->filesize = f->value;
        return OK;
    default:
        d->n_blocksizes++;
        return OK;
    }
}

status unixfs_data_read(slice in, struct unixfs_data *ret, struct err *reterr)
{
    struct unixfs_data d = {.fields = in};
    struct seen seen = {0};
    slice rest = in;
    while (rest.n > 0) {
        struct field f;
        status s = take_field(&rest, &f);
        if (s == OK)
            s = use_field(&d, &seen, &f);
        if (s != OK)
            return ERR(reterr, s, "UnixFS message: %s before byte %zu", status_text(s),
                       in.n - rest.n);
    }
    if (!seen.type)
        return ERR(reterr, E_MISSING, "UnixFS message without a type");
    *ret = d;
    return OK;
}

bool unixfs_blocksize_next(slice *fields, uint64_t *ret)
{
    struct field f;
    while (fields->n > 0 && take_field(fields, &f) == OK) {
        if (f.number == F_BLOCKSIZES) {
            *ret = f.value;
            return true;
        }
    }
    return false;
}

static status put_number(struct buf *b, unsigned number, uint64_t v)
{
    status s = buf_put_u8(b, (uint8_t)(number << 3 | WIRE_VARINT));
    return s == OK ? varint_put(b, v) : s;
}

status unixfs_put_file(struct buf *b, slice data, uint64_t filesize)
{
    status s = put_number(b, F_TYPE, UNIXFS_FILE);
    if (s == OK && data.n > 0) {
        s = buf_put_u8(b, F_DATA << 3 | WIRE_BYTES);
        if (s == OK)
            s = varint_put(b, data.n);
        if (s == OK)
            s = buf_put(b, data);
    }
    return s == OK ? put_number(b, F_FILESIZE, filesize) : s;
}

status unixfs_put_blocksize(struct buf *b, uint64_t size)
{
    return put_number(b, F_BLOCKSIZES, size);
}

/* Sum of the block sizes; the sums of links' tsize; and what the links must be. */
static status check_children(const struct dagpb_node *pb, const struct unixfs_data *d,
                             struct unixfs_node *node, struct err *reterr)
{
    uint64_t sum = 0;
    uint64_t size = 0;
    slice links = pb->links;
    slice fields = d->fields;
    struct dagpb_link link;
    if (pb->n_links > LIMIT_IPFS_LINKS)
        return ERR(reterr, E_TOO_LONG, "file node with %zu links", pb->n_links);
    if (pb->n_links != d->n_blocksizes)
        return ERR(reterr, E_MISMATCH, "file node with %zu links and %zu block sizes", pb->n_links,
                   d->n_blocksizes);
    while (dagpb_link_next(&links, &link) && unixfs_blocksize_next(&fields, &size)) {
        if (link.name.n > 0)
            return ERR(reterr, E_MISMATCH, "file node with a named link");
        if (!u64_add(sum, size, &sum) || !u64_add(node->block_size, link.tsize, &node->block_size))
            return ERR(reterr, E_RANGE, "file node: sum of sizes");
    }
    if (sum != d->filesize)
        return ERR(reterr, E_MISMATCH, "file node of %llu bytes with children of %llu",
                   (unsigned long long)d->filesize, (unsigned long long)sum);
    return OK;
}

static status read_pb(slice block, struct unixfs_node *node, struct err *reterr)
{
    struct dagpb_node pb;
    struct unixfs_data d;
    status s = dagpb_read(block, &pb, reterr);
    if (s == OK)
        s = unixfs_data_read(pb.data, &d, reterr);
    if (s != OK)
        return s;
    if (d.type != UNIXFS_FILE && d.type != UNIXFS_RAW)
        return ERR(reterr, E_TYPE, "not a file: UnixFS type %llu", (unsigned long long)d.type);
    if (!d.has_filesize && pb.n_links == 0)
        d.filesize = d.data.n;
    if (pb.n_links == 0 && d.n_blocksizes == 0) {
        node->data = d.data;
        node->size = d.filesize;
        return d.filesize == d.data.n ? OK
                                      : ERR(reterr, E_MISMATCH, "file node of %llu bytes holds %zu",
                                            (unsigned long long)d.filesize, d.data.n);
    }
    if (d.data.n > 0)
        return ERR(reterr, E_UNSUPPORTED, "file node with data beside its links");
    node->size = d.filesize;
    node->n_children = pb.n_links;
    node->links = pb.links;
    node->fields = d.fields;
    return check_children(&pb, &d, node, reterr);
}

status unixfs_node_read(const struct cid *cid, slice block, struct unixfs_node *ret,
                        struct err *reterr)
{
    struct unixfs_node node = {.block_size = block.n};
    status s = OK;
    if (cid->codec == CID_RAW) {
        node.data = block;
        node.size = block.n;
    } else if (cid->codec == CID_DAG_PB) {
        s = read_pb(block, &node, reterr);
    } else {
        return ERR(reterr, E_UNSUPPORTED, "codec 0x%llx is not one of files",
                   (unsigned long long)cid->codec);
    }
    if (s == OK)
        *ret = node;
    return s;
}

bool unixfs_child_next(struct unixfs_node *node, struct cid *ret_cid, uint64_t *ret_size)
{
    struct dagpb_link link;
    if (!dagpb_link_next(&node->links, &link) || !unixfs_blocksize_next(&node->fields, ret_size))
        return false;
    *ret_cid = link.cid;
    return true;
}
