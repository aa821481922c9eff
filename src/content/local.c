/* SPDX-License-Identifier: Apache-2.0 */
/* Content adapter over ipfs/: importer into batches, reader from the block store. */
#include "content/local.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "ipfs/blockstore.h"
#include "ipfs/export.h"
#include "ipfs/import.h"

struct local {
    struct content port; /* first: the port's pointer is ours */
    struct blockstore *bs;
    int dir_fd;
    uint64_t reserve;
};

struct local_upload {
    struct content_upload port; /* first */
    struct blockstore_batch *batch;
    struct block_sink sink;
    struct import *import;
};

static struct local *local_of(struct content *c)
{
    return (struct local *)c;
}

static struct local_upload *upload_of(struct content_upload *u)
{
    return (struct local_upload *)u;
}

static status room_check(const struct local *l, struct err *reterr)
{
    return file_room(l->dir_fd, "content store", l->reserve, 1, reterr);
}

/* Each looks anew: hundreds of uploads may be under way, and all began when there was room. */
static status put_block(void *ctx, const struct cid *cid, slice block, struct err *reterr)
{
    struct local_upload *u = ctx;
    status s = room_check(local_of(u->port.content), reterr);
    return s == OK ? blockstore_batch_put(u->batch, cid, block, reterr) : s;
}

static void local_put_abort(struct content_upload *cu)
{
    struct local_upload *u = upload_of(cu);
    import_free(u->import);
    blockstore_batch_free(u->batch);
    free(u);
}

static status local_put_begin(struct content *c, struct content_upload **ret, struct err *reterr)
{
    struct local_upload *u = calloc(1, sizeof *u);
    if (u == NULL)
        return ERR(reterr, E_NOMEM, "upload");
    u->port.content = c;
    u->sink = (struct block_sink){put_block, u};
    status s = room_check(local_of(c), reterr);
    if (s == OK)
        s = blockstore_batch_new(local_of(c)->bs, &u->batch, reterr);
    if (s == OK)
        s = import_new(&import_v1_2025, &u->sink, &u->import, reterr);
    if (s != OK) {
        local_put_abort(&u->port);
        return s;
    }
    *ret = &u->port;
    return OK;
}

static status local_put_write(struct content_upload *cu, slice bytes, struct err *reterr)
{
    return import_write(upload_of(cu)->import, bytes, reterr);
}

static status local_put_finish(struct content_upload *cu, struct content_info *ret,
                               struct err *reterr)
{
    struct local_upload *u = upload_of(cu);
    struct import_result r;
    status s = import_finish(u->import, &r, reterr);
    if (s == OK)
        s = blockstore_batch_finish(u->batch, reterr);
    if (s == OK)
        *ret = (struct content_info){r.cid, r.size, r.block_size};
    local_put_abort(cu);
    return s;
}

static status local_get(struct content *c, const struct cid *cid, uint64_t from, uint64_t len,
                        const struct content_sink *sink, struct err *reterr)
{
    struct block_source source = blockstore_source(local_of(c)->bs);
    struct byte_sink bytes = {sink->write, sink->ctx};
    return export_read(&source, cid, from, len, &bytes, reterr);
}

static status local_stat(struct content *c, const struct cid *cid, struct content_info *ret,
                         struct err *reterr)
{
    struct block_source source = blockstore_source(local_of(c)->bs);
    struct content_info info = {.cid = *cid};
    status s = export_stat(&source, cid, &info.size, &info.block_size, reterr);
    if (s == OK)
        *ret = info;
    return s;
}

static status local_pin(struct content *c, const hash32 *owner, const struct cid *cid,
                        struct err *reterr)
{
    return blockstore_pin(local_of(c)->bs, owner, cid, reterr);
}

static status local_unpin(struct content *c, const hash32 *owner, const struct cid *cid,
                          struct err *reterr)
{
    return blockstore_unpin(local_of(c)->bs, owner, cid, reterr);
}

static status local_sweep(struct content *c, uint64_t age_s, struct content_swept *ret,
                          struct err *reterr)
{
    struct blockstore_swept swept;
    status s = blockstore_sweep(local_of(c)->bs, age_s, &swept, reterr);
    if (s == OK)
        *ret = (struct content_swept){swept.blocks, swept.bytes};
    return s;
}

static void local_close(struct content *c)
{
    blockstore_close(local_of(c)->bs);
    (void)close(local_of(c)->dir_fd);
    free(local_of(c));
}

static const struct content_ops local_ops = {
    .put_begin = local_put_begin,
    .put_write = local_put_write,
    .put_finish = local_put_finish,
    .put_abort = local_put_abort,
    .get = local_get,
    .stat = local_stat,
    .pin = local_pin,
    .unpin = local_unpin,
    .sweep = local_sweep,
    .close = local_close,
};

status content_local_open(const char *dir, uint64_t map_bytes, const struct clock_src *clock,
                          struct content **ret, struct err *reterr)
{
    struct local *l = calloc(1, sizeof *l);
    if (l == NULL)
        return ERR(reterr, E_NOMEM, "content store");
    l->port.ops = &local_ops;
    status s = blockstore_open(dir, map_bytes, clock, &l->bs, reterr);
    if (s != OK) {
        free(l);
        return s;
    }
    l->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l->dir_fd < 0) {
        blockstore_close(l->bs);
        free(l);
        return ERR(reterr, E_IO, "content store: the folder cannot be opened");
    }
    *ret = &l->port;
    return OK;
}

void content_local_reserve(struct content *c, uint64_t bytes)
{
    local_of(c)->reserve = bytes;
}

struct verifier {
    const struct content_report *report;
    struct content_verified out;
};

static status damaged(void *ctx, const hash32 *digest, slice block)
{
    struct verifier *v = ctx;
    struct cid cid = cid_of_digest(CID_RAW, digest);
    (void)block;
    v->out.bad++;
    return v->report != NULL ? v->report->damaged(v->report->ctx, &cid, "does not match its hash")
                             : OK;
}

static status verify_all(struct local *l, struct verifier *v, struct err *reterr)
{
    struct blockstore_verify bv = {.damaged = damaged, .ctx = v};
    status s = blockstore_verify_all(l->bs, &bv, reterr);
    v->out.blocks = bv.blocks;
    v->out.bytes = bv.bytes;
    return s;
}

/* Blocks of one file, counted as the reader asks for them. */
struct counting {
    struct block_source inner;
    struct verifier *v;
};

static status counted_get(void *ctx, const struct cid *cid, struct buf *ret, struct err *reterr)
{
    struct counting *c = ctx;
    status s = c->inner.get(c->inner.ctx, cid, ret, reterr);
    if (s == OK) {
        c->v->out.blocks++;
        c->v->out.bytes += ret->n;
    }
    return s;
}

static status discard(void *ctx, slice bytes, struct err *reterr)
{
    (void)ctx;
    (void)bytes;
    (void)reterr;
    return OK;
}

/* Reading ends at the first block that fails: what lies below it is unknown. */
static status verify_file(struct local *l, const struct cid *root, struct verifier *v,
                          struct err *reterr)
{
    struct err e = {0};
    struct counting counting = {blockstore_source(l->bs), v};
    struct block_source source = {counted_get, &counting};
    struct byte_sink sink = {discard, NULL};
    status s = blockstore_has(l->bs, root, reterr);
    if (s != OK && root->mh != CID_IDENTITY)
        return s;
    s = export_read(&source, root, 0, EXPORT_TO_END, &sink, &e);
    if (s != E_NOT_FOUND && s != E_MISMATCH && s != E_CORRUPT)
        return s == OK ? OK : ERR(reterr, s, "%s", e.msg);
    v->out.bad++;
    return v->report != NULL ? v->report->damaged(v->report->ctx, root, e.msg) : OK;
}

status content_local_verify(struct content *c, const struct cid *root,
                            const struct content_report *report, struct content_verified *ret,
                            struct err *reterr)
{
    struct verifier v = {.report = report};
    status s = root != NULL ? verify_file(local_of(c), root, &v, reterr)
                            : verify_all(local_of(c), &v, reterr);
    if (s == OK)
        *ret = v.out;
    return s;
}
