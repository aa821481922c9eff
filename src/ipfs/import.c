/* SPDX-License-Identifier: Apache-2.0 */
/* Chunking and the balanced tree of UnixFS files. */
#include "ipfs/import.h"

#include <assert.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "codec/dagpb.h"
#include "crypto/sha2.h"
#include "ipfs/unixfs.h"

#define LEVELS 8 /* 174^8 chunks are more than 2^63 bytes */
#define MAX_CHUNK (((size_t)1 << 20) + ((size_t)512 << 10))
#define MAX_LINKS 8192

const struct import_profile import_v1_2025 = {.name = "unixfs-v1-2025",
                                              .chunk = (size_t)1 << 20,
                                              .max_links = 1024,
                                              .raw_leaves = true,
                                              .cid_version = 1};
const struct import_profile import_v0_2015 = {.name = "unixfs-v0-2015",
                                              .chunk = (size_t)256 << 10,
                                              .max_links = 174,
                                              .raw_leaves = false,
                                              .cid_version = 0};

/* A finished subtree that waits for its parent. */
struct entry {
    hash32 digest;
    uint64_t size;       /* bytes of the file */
    uint64_t block_size; /* tsize */
    bool raw;
};

struct level {
    struct entry *entries; /* max_links of them, allocated at first use */
    size_t n;
};

struct import {
    const struct import_profile *profile;
    const struct block_sink *sink;
    struct buf chunk; /* start of a chunk not yet whole */
    struct buf block; /* scratch: a dag-pb block */
    struct buf data;  /* scratch: its UnixFS message */
    uint64_t size;
    struct level levels[LEVELS];
};

status import_new(const struct import_profile *profile, const struct block_sink *sink,
                  struct import **ret, struct err *reterr)
{
    if (profile->chunk == 0 || profile->chunk > MAX_CHUNK || profile->max_links < 2 ||
        profile->max_links > MAX_LINKS || profile->cid_version > 1)
        return ERR(reterr, E_RANGE, "import profile %s", profile->name);
    struct import *im = calloc(1, sizeof *im);
    if (im == NULL)
        return ERR(reterr, E_NOMEM, "import");
    im->profile = profile;
    im->sink = sink;
    buf_init(&im->chunk, profile->chunk);
    buf_init(&im->block, LIMIT_IPFS_BLOCK);
    buf_init(&im->data, LIMIT_IPFS_BLOCK);
    *ret = im;
    return OK;
}

void import_free(struct import *im)
{
    if (im == NULL)
        return;
    buf_done(&im->chunk);
    buf_done(&im->block);
    buf_done(&im->data);
    for (size_t i = 0; i < LEVELS; i++)
        free(im->levels[i].entries);
    free(im);
}

static struct cid entry_cid(const struct import *im, const struct entry *e)
{
    struct cid c = cid_of_digest(e->raw ? CID_RAW : CID_DAG_PB, &e->digest);
    c.version = im->profile->cid_version;
    return c;
}

/* Hash a block and hand it to the sink. */
static status emit(struct import *im, slice block, struct entry *e, struct err *reterr)
{
    status s = sha256(block, &e->digest);
    if (s != OK)
        return ERR(reterr, s, "SHA-256");
    if (im->sink->put == NULL)
        return OK;
    struct cid c = entry_cid(im, e);
    return im->sink->put(im->sink->ctx, &c, block, reterr);
}

static status put_links(struct import *im, const struct level *lv, struct entry *parent)
{
    status s = OK;
    for (size_t i = 0; i < lv->n && s == OK; i++) {
        const struct entry *e = &lv->entries[i];
        struct dagpb_link link = {.cid = entry_cid(im, e),
                                  .name = SLICE_EMPTY,
                                  .has_name = true,
                                  .tsize = e->block_size,
                                  .has_tsize = true};
        parent->size += e->size;
        parent->block_size += e->block_size;
        s = dagpb_put_link(&im->block, &link);
    }
    return s;
}

/* Make the node over all entries of a level, which becomes empty. */
static status collapse(struct import *im, struct level *lv, struct entry *ret, struct err *reterr)
{
    struct entry parent = {.raw = false};
    buf_clear(&im->block);
    buf_clear(&im->data);
    status s = put_links(im, lv, &parent);
    if (s == OK)
        s = unixfs_put_file(&im->data, SLICE_EMPTY, parent.size);
    for (size_t i = 0; i < lv->n && s == OK; i++)
        s = unixfs_put_blocksize(&im->data, lv->entries[i].size);
    if (s == OK)
        s = dagpb_put_data(&im->block, buf_slice(&im->data));
    if (s != OK)
        return ERR(reterr, s, "file node");
    parent.block_size += im->block.n;
    lv->n = 0;
    s = emit(im, buf_slice(&im->block), &parent, reterr);
    if (s == OK)
        *ret = parent;
    return s;
}

/* Add an entry to a level; a level that is full is first made into a node of the next. */
static status push(struct import *im, size_t depth, struct entry e, struct err *reterr)
{
    for (; depth < LEVELS; depth++) {
        struct level *lv = &im->levels[depth];
        struct entry parent;
        if (lv->entries == NULL)
            lv->entries = calloc(im->profile->max_links, sizeof *lv->entries);
        if (lv->entries == NULL)
            return ERR(reterr, E_NOMEM, "import");
        if (lv->n < im->profile->max_links) {
            lv->entries[lv->n++] = e;
            return OK;
        }
        status s = collapse(im, lv, &parent, reterr);
        if (s != OK)
            return s;
        lv->entries[lv->n++] = e;
        e = parent;
    }
    return ERR(reterr, E_TOO_LONG, "file with more than %d levels", LEVELS);
}

static status add_leaf(struct import *im, slice chunk, struct err *reterr)
{
    struct entry e = {.raw = im->profile->raw_leaves, .size = chunk.n};
    slice block = chunk;
    if (!e.raw) {
        buf_clear(&im->block);
        buf_clear(&im->data);
        status s = unixfs_put_file(&im->data, chunk, chunk.n);
        if (s == OK)
            s = dagpb_put_data(&im->block, buf_slice(&im->data));
        if (s != OK)
            return ERR(reterr, s, "leaf");
        block = buf_slice(&im->block);
    }
    e.block_size = block.n;
    status s = emit(im, block, &e, reterr);
    return s == OK ? push(im, 0, e, reterr) : s;
}

/* Fill the chunk begun before; what is left of bytes begins a chunk or is empty. */
static status top_up(struct import *im, slice *bytes, struct err *reterr)
{
    slice part = slice_first(*bytes, im->profile->chunk - im->chunk.n);
    status s = buf_put(&im->chunk, part);
    if (s != OK)
        return ERR(reterr, s, "import");
    *bytes = slice_after(*bytes, part.n);
    if (im->chunk.n < im->profile->chunk)
        return OK;
    s = add_leaf(im, buf_slice(&im->chunk), reterr);
    buf_clear(&im->chunk);
    return s;
}

status import_write(struct import *im, slice bytes, struct err *reterr)
{
    status s = OK;
    uint64_t size = 0;
    if (!u64_add(im->size, bytes.n, &size) || size > INT64_MAX)
        return ERR(reterr, E_TOO_LONG, "file over 2^63 bytes");
    im->size = size;
    if (im->chunk.n > 0)
        s = top_up(im, &bytes, reterr);
    while (s == OK && bytes.n >= im->profile->chunk) {
        s = add_leaf(im, slice_first(bytes, im->profile->chunk), reterr);
        bytes = slice_after(bytes, im->profile->chunk);
    }
    return s == OK && bytes.n > 0 ? top_up(im, &bytes, reterr) : s;
}

static bool is_top(const struct import *im, size_t depth)
{
    for (size_t i = depth + 1; i < LEVELS; i++)
        if (im->levels[i].n > 0)
            return false;
    return true;
}

status import_finish(struct import *im, struct import_result *ret, struct err *reterr)
{
    status s = OK;
    if (im->chunk.n > 0 || im->size == 0)
        s = add_leaf(im, buf_slice(&im->chunk), reterr);
    for (size_t depth = 0; s == OK && depth < LEVELS; depth++) {
        struct level *lv = &im->levels[depth];
        struct entry e;
        if (lv->n == 1 && is_top(im, depth)) {
            e = lv->entries[0];
            assert(e.size == im->size);
            *ret = (struct import_result){entry_cid(im, &e), e.size, e.block_size};
            return OK;
        }
        s = collapse(im, lv, &e, reterr); /* below the top no level is empty */
        if (s == OK)
            s = push(im, depth + 1, e, reterr);
    }
    return s != OK ? s : ERR(reterr, E_TOO_LONG, "file with more than %d levels", LEVELS);
}
