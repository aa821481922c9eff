/* SPDX-License-Identifier: Apache-2.0 */
/* The dag-pb block format. */
#include "codec/dagpb.h"

#include "base/utf8.h"
#include "codec/varint.h"

/* Tags: field number << 3 | wire type. */
enum {
    NODE_DATA = 1 << 3 | 2,
    NODE_LINK = 2 << 3 | 2,
    LINK_HASH = 1 << 3 | 2,
    LINK_NAME = 2 << 3 | 2,
    LINK_TSIZE = 3 << 3 | 0,
};

static bool has_tag(slice in, uint8_t tag)
{
    return in.n > 0 && in.p[0] == tag;
}

/* The value of the length-delimited field whose tag is next in *in. */
static status take_bytes(slice *in, slice *ret, struct err *reterr)
{
    uint64_t n = 0;
    slice rest = SLICE_EMPTY;
    status s = varint_read(slice_after(*in, 1), &n, &rest);
    if (s == OK && n > rest.n)
        s = E_TRUNCATED;
    if (s != OK)
        return ERR(reterr, s, "dag-pb: length of field 0x%02x", in->p[0]);
    *ret = slice_first(rest, n);
    *in = slice_after(rest, n);
    return OK;
}

static status read_link(slice in, struct dagpb_link *ret, struct err *reterr)
{
    struct dagpb_link link = {.name = SLICE_EMPTY};
    slice hash;
    if (!has_tag(in, LINK_HASH))
        return ERR(reterr, E_MISSING, "dag-pb: a link does not begin with its hash");
    status s = take_bytes(&in, &hash, reterr);
    if (s == OK)
        s = cid_read(hash, &link.cid, NULL, reterr);
    if (s == OK && has_tag(in, LINK_NAME)) {
        link.has_name = true;
        s = take_bytes(&in, &link.name, reterr);
    }
    if (s == OK && has_tag(in, LINK_TSIZE)) {
        link.has_tsize = true;
        s = varint_read(slice_after(in, 1), &link.tsize, &in);
        if (s != OK)
            return ERR(reterr, s, "dag-pb: tsize");
    }
    if (s != OK)
        return s;
    if (in.n > 0)
        return ERR(reterr, E_SYNTAX, "dag-pb: field 0x%02x is not due in a link", in.p[0]);
    if (!utf8_is_valid(link.name))
        return ERR(reterr, E_SYNTAX, "dag-pb: a link's name is not UTF-8");
    *ret = link;
    return OK;
}

status dagpb_read(slice block, struct dagpb_node *ret, struct err *reterr)
{
    struct dagpb_node node = {.links = block};
    slice in = block;
    status s = OK;
    for (; s == OK && has_tag(in, NODE_LINK); node.n_links++) {
        struct dagpb_link link;
        slice bytes;
        s = take_bytes(&in, &bytes, reterr);
        if (s == OK)
            s = read_link(bytes, &link, reterr);
    }
    node.links = slice_first(block, block.n - in.n);
    if (s == OK && has_tag(in, NODE_DATA)) {
        node.has_data = true;
        s = take_bytes(&in, &node.data, reterr);
    }
    if (s != OK)
        return s;
    if (in.n > 0)
        return ERR(reterr, E_SYNTAX, "dag-pb: field 0x%02x is not due at byte %zu", in.p[0],
                   block.n - in.n);
    *ret = node;
    return OK;
}

bool dagpb_link_next(slice *links, struct dagpb_link *ret)
{
    slice bytes;
    return has_tag(*links, NODE_LINK) && take_bytes(links, &bytes, NULL) == OK &&
           read_link(bytes, ret, NULL) == OK;
}

static status put_field(struct buf *b, uint8_t tag, slice value)
{
    status s = buf_put_u8(b, tag);
    if (s == OK)
        s = varint_put(b, value.n);
    return s == OK ? buf_put(b, value) : s;
}

/* Bytes of a field with a value of n bytes. */
static size_t field_size(size_t n)
{
    uint8_t out[VARINT_MAX];
    return 1 + varint_write(n, out) + n;
}

static status put_link_fields(struct buf *b, const struct dagpb_link *link, slice hash)
{
    status s = put_field(b, LINK_HASH, hash);
    if (s == OK && link->has_name)
        s = put_field(b, LINK_NAME, link->name);
    if (s == OK && link->has_tsize)
        s = buf_put_u8(b, LINK_TSIZE);
    if (s == OK && link->has_tsize)
        s = varint_put(b, link->tsize);
    return s;
}

status dagpb_put_link(struct buf *b, const struct dagpb_link *link)
{
    uint8_t bin[CID_BIN_MAX];
    uint8_t num[VARINT_MAX];
    slice hash = slice_of(bin, cid_write(&link->cid, bin));
    size_t before = b->n;
    size_t n = field_size(hash.n);
    if (link->has_name)
        n += field_size(link->name.n);
    if (link->has_tsize)
        n += 1 + varint_write(link->tsize, num);
    status s = buf_put_u8(b, NODE_LINK);
    if (s == OK)
        s = varint_put(b, n);
    if (s == OK)
        s = put_link_fields(b, link, hash);
    if (s != OK)
        b->n = before;
    return s;
}

status dagpb_put_data(struct buf *b, slice data)
{
    size_t before = b->n;
    status s = put_field(b, NODE_DATA, data);
    if (s != OK)
        b->n = before;
    return s;
}
