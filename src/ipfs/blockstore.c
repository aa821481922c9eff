/* SPDX-License-Identifier: Apache-2.0 */
/* The block store's folder, single blocks and check. */
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "ipfs/blockstore_priv.h"

#define APP "ehrd-ipfs"
#define SCHEMA 1
#define STATE_BYTES 32
#define PATH_BYTES 4096
#define MARK_CLEAN SLICE_LIT("clean")
#define READ_TRIES 10

status block_state_get(struct blockstore *bs, struct kv_txn *txn, slice digest,
                       struct block_state *ret, struct err *reterr)
{
    slice row;
    status s = kv_get(txn, bs->states, digest, &row, reterr);
    if (s != OK)
        return s;
    if (row.n != STATE_BYTES)
        return ERR(reterr, E_CORRUPT, "block store: row of %zu bytes", row.n);
    *ret = (struct block_state){be64_read(row.p), be64_read(row.p + 8), be64_read(row.p + 16),
                                be64_read(row.p + 24)};
    if (ret->len > LIMIT_IPFS_BLOCK)
        return ERR(reterr, E_CORRUPT, "block store: block of %llu bytes",
                   (unsigned long long)ret->len);
    return OK;
}

status block_state_put(struct blockstore *bs, struct kv_txn *w, slice digest,
                       const struct block_state *st, struct err *reterr)
{
    uint8_t row[STATE_BYTES];
    be64_write(row, st->refs);
    be64_write(row + 8, st->put_s);
    be64_write(row + 16, st->len);
    be64_write(row + 24, st->at);
    return kv_put(w, bs->states, digest, slice_of(row, sizeof row), reterr);
}

static status share_begin(void *ctx, struct err *reterr)
{
    struct blockstore *bs = ctx;
    return kv_write_begin(bs->kv, &bs->group_txn, reterr);
}

static status share_commit(void *ctx, struct err *reterr)
{
    struct blockstore *bs = ctx;
    return kv_commit(bs->group_txn, reterr);
}

static void share_abort(void *ctx)
{
    struct blockstore *bs = ctx;
    kv_abort(bs->group_txn);
}

status blockstore_share(struct blockstore *bs, size_t bytes, kv_group_write *write, void *arg,
                        struct err *reterr)
{
    return kv_group_run(&bs->group, bytes, write, arg, reterr);
}

status blockstore_end(struct kv_txn *w, status s, struct err *reterr)
{
    if (s == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return s;
}

status blockstore_check_cid(const struct cid *cid, struct err *reterr)
{
    if (cid->mh == CID_SHA2_256 && (cid->codec == CID_RAW || cid->codec == CID_DAG_PB))
        return OK;
    return ERR(reterr, E_UNSUPPORTED, "block store: codec 0x%llx or multihash 0x%x",
               (unsigned long long)cid->codec, cid->mh);
}

static status open_tables(struct blockstore *bs, struct err *reterr)
{
    status s = kv_table_open(bs->kv, "blocks", &bs->blocks, reterr);
    if (s == OK)
        s = kv_table_open(bs->kv, "states", &bs->states, reterr);
    if (s == OK)
        s = kv_table_open(bs->kv, "pins", &bs->pins, reterr);
    if (s == OK)
        s = kv_table_open(bs->kv, "roots", &bs->roots, reterr);
    if (s == OK)
        s = kv_table_open(bs->kv, "marks", &bs->marks, reterr);
    return s == OK ? kv_table_open(bs->kv, "uploads", &bs->uploads, reterr) : s;
}

/* Batches of a process that ended are over. */
static status forget_uploads(struct blockstore *bs, struct err *reterr)
{
    struct kv_txn *w = NULL;
    struct kv_iter it;
    status s = kv_write_begin(bs->kv, &w, reterr);
    if (s != OK)
        return s;
    s = kv_iter_init(&it, w, bs->uploads, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, reterr);
    while (s == OK && (s = kv_iter_next(&it, NULL, NULL, reterr)) == OK)
        s = kv_iter_delete(&it, reterr);
    kv_iter_done(&it);
    return blockstore_end(w, s == E_NOT_FOUND ? OK : s, reterr);
}

/* All extents that the index knows. */
static status live_extents(struct blockstore *bs, struct kv_txn *txn, struct buf *ret,
                           struct err *reterr)
{
    struct kv_iter it;
    slice key;
    status s = kv_iter_init(&it, txn, bs->states, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, reterr);
    while (s == OK && (s = kv_iter_next(&it, &key, NULL, reterr)) == OK) {
        struct block_state st;
        s = block_state_get(bs, txn, key, &st, reterr);
        struct extent x = {st.at, st.len};
        if (s == OK && x.at != 0 && buf_put_mem(ret, &x, sizeof x) != OK)
            s = ERR(reterr, E_NOMEM, "extents of the block store");
    }
    kv_iter_done(&it);
    return s == E_NOT_FOUND ? OK : s;
}

/* After a crash: give back the extents of uploads that did not end and of blocks just removed. */
static status reclaim(struct blockstore *bs, struct kv_txn *txn, struct err *reterr)
{
    struct buf live;
    buf_init(&live, SIZE_MAX / 2);
    status s = live_extents(bs, txn, &live, reterr);
    if (s == OK)
        s = segments_trim(bs->segments, (struct extent *)(void *)live.p,
                          live.n / sizeof(struct extent), reterr);
    buf_done(&live);
    return s;
}

static status open_segments(struct blockstore *bs, const char *dir, struct err *reterr)
{
    char path[PATH_BYTES];
    struct kv_txn *r = NULL;
    slice mark;
    uint64_t tail = SEGMENT_BYTES;
    int n = snprintf(path, sizeof path, "%s/segments", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return ERR(reterr, E_TOO_LONG, "path of the store is too long");
    status s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    bool clean = kv_get(r, bs->marks, MARK_CLEAN, &mark, NULL) == OK && mark.n == 8;
    if (clean)
        tail = be64_read(mark.p);
    bs->used = !clean;
    s = segments_open(path, tail, &bs->segments, reterr);
    if (s == OK && !clean)
        s = reclaim(bs, r, reterr);
    kv_abort(r);
    return s;
}

status blockstore_mark_used(struct blockstore *bs, struct err *reterr)
{
    struct kv_txn *w = NULL;
    if (atomic_load(&bs->used))
        return OK;
    status s = kv_write_begin(bs->kv, &w, reterr);
    if (s != OK)
        return s;
    s = kv_delete(w, bs->marks, MARK_CLEAN, reterr);
    s = blockstore_end(w, s == E_NOT_FOUND ? OK : s, reterr);
    if (s == OK)
        atomic_store(&bs->used, true);
    return s;
}

/* At the end of an orderly life. Without it the next opener looks through all rows. */
static void mark_clean(struct blockstore *bs)
{
    struct kv_txn *w = NULL;
    uint8_t tail[8];
    if (bs->segments == NULL || !bs->used || kv_write_begin(bs->kv, &w, NULL) != OK)
        return;
    be64_write(tail, segments_tail(bs->segments));
    status s = kv_put(w, bs->marks, MARK_CLEAN, slice_of(tail, sizeof tail), NULL);
    s = blockstore_end(w, s, NULL);
    (void)s;
}

status blockstore_open(const char *dir, uint64_t map_bytes, const struct clock_src *clock,
                       struct blockstore **ret, struct err *reterr)
{
    const struct kv_options o = {.app = APP, .schema = SCHEMA, .map_bytes = map_bytes};
    struct blockstore *bs = calloc(1, sizeof *bs);
    if (bs == NULL)
        return ERR(reterr, E_NOMEM, "block store");
    bs->clock = clock;
    kv_group_init(&bs->group, &(struct kv_group_ops){share_begin, share_commit, share_abort, bs});
    status s = kv_open(dir, &o, &bs->kv, reterr);
    if (s == OK)
        s = open_tables(bs, reterr);
    if (s == OK)
        s = forget_uploads(bs, reterr);
    if (s == OK)
        s = open_segments(bs, dir, reterr);
    if (s != OK) {
        blockstore_close(bs);
        return s;
    }
    *ret = bs;
    return OK;
}

void blockstore_close(struct blockstore *bs)
{
    if (bs == NULL)
        return;
    mark_clean(bs);
    segments_close(bs->segments);
    kv_close(bs->kv);
    kv_group_done(&bs->group);
    free(bs);
}

status block_bytes(struct blockstore *bs, struct kv_txn *txn, slice digest, struct buf *ret,
                   struct err *reterr)
{
    struct block_state st;
    slice block;
    status s = block_state_get(bs, txn, digest, &st, reterr);
    if (s == OK && st.at != 0)
        return segment_read(bs->segments, &(struct extent){st.at, st.len}, ret, reterr);
    if (s == OK)
        s = kv_get(txn, bs->blocks, digest, &block, reterr);
    if (s != OK)
        return s;
    s = buf_put(ret, block);
    return s == OK ? OK : ERR(reterr, s, "block of %zu bytes", block.n);
}

/* Where the block lies now; 0: in the table, or nowhere. */
static uint64_t position(struct blockstore *bs, slice digest)
{
    struct kv_txn *r = NULL;
    struct block_state st = {0};
    if (kv_read_begin(bs->kv, &r, NULL) != OK)
        return 0;
    status s = block_state_get(bs, r, digest, &st, NULL);
    kv_abort(r);
    return s == OK ? st.at : 0;
}

static status read_once(struct blockstore *bs, slice digest, struct buf *ret, struct err *reterr)
{
    struct kv_txn *r = NULL;
    status s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    buf_clear(ret);
    s = block_bytes(bs, r, digest, ret, reterr);
    kv_abort(r);
    return s;
}

/* A block in the segments may be freed or moved while it is read: then it is looked up again. */
static status get_unchecked(void *ctx, const struct cid *cid, struct buf *ret, struct err *reterr)
{
    struct blockstore *bs = ctx;
    char text[CID_TEXT_MAX];
    slice digest = slice_of(cid->digest, cid->digest_n);
    status s = blockstore_check_cid(cid, reterr);
    if (s != OK)
        return s;
    for (int i = 0; i < READ_TRIES; i++) {
        uint64_t before = position(bs, digest);
        s = read_once(bs, digest, ret, reterr);
        if (before == 0 || position(bs, digest) == before)
            break;
    }
    return s != E_NOT_FOUND
               ? s
               : ERR(reterr, s, "block %.100s is not in the store", cid_text(cid, text));
}

status blockstore_get(struct blockstore *bs, const struct cid *cid, struct buf *ret,
                      struct err *reterr)
{
    status s = get_unchecked(bs, cid, ret, reterr);
    return s == OK ? cid_verify(cid, buf_slice(ret), reterr) : s;
}

struct block_source blockstore_source(struct blockstore *bs)
{
    return (struct block_source){get_unchecked, bs};
}

status blockstore_has(struct blockstore *bs, const struct cid *cid, struct err *reterr)
{
    struct kv_txn *r = NULL;
    status s = blockstore_check_cid(cid, reterr);
    if (s == OK)
        s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    if (!kv_has(r, bs->states, slice_of(cid->digest, cid->digest_n)))
        s = ERR(reterr, E_NOT_FOUND, "block is not in the store");
    kv_abort(r);
    return s;
}

status blockstore_put(struct blockstore *bs, const struct cid *cid, slice block, struct err *reterr)
{
    struct blockstore_batch *b = NULL;
    status s = blockstore_check_cid(cid, reterr);
    if (s == OK)
        s = cid_verify(cid, block, reterr);
    if (s == OK)
        s = blockstore_batch_new(bs, &b, reterr);
    if (s == OK)
        s = blockstore_batch_put(b, cid, block, reterr);
    if (s == OK)
        s = blockstore_batch_finish(b, reterr);
    blockstore_batch_free(b);
    return s;
}

status block_remove(struct blockstore *bs, struct kv_txn *w, slice digest,
                    struct extent *ret_extent, struct err *reterr)
{
    struct block_state st;
    status s = block_state_get(bs, w, digest, &st, reterr);
    if (s == OK)
        s = kv_delete(w, bs->states, digest, reterr);
    if (s == OK && st.at == 0) {
        s = kv_delete(w, bs->blocks, digest, reterr);
        if (s == E_NOT_FOUND)
            s = OK; /* lost already */
    }
    if (s == OK)
        *ret_extent = (struct extent){st.at, st.len};
    return s;
}

status blockstore_delete(struct blockstore *bs, const struct cid *cid, struct err *reterr)
{
    struct kv_txn *w = NULL;
    struct block_state st;
    struct extent x = {0};
    slice digest = slice_of(cid->digest, cid->digest_n);
    status s = blockstore_check_cid(cid, reterr);
    if (s == OK)
        s = blockstore_mark_used(bs, reterr);
    if (s == OK)
        s = kv_write_begin(bs->kv, &w, reterr);
    if (s != OK)
        return s;
    s = block_state_get(bs, w, digest, &st, reterr);
    if (s == OK && st.refs > 0)
        s = ERR(reterr, E_CONFLICT, "block is pinned");
    if (s == OK)
        s = block_remove(bs, w, digest, &x, reterr);
    s = blockstore_end(w, s, reterr);
    if (s == OK && x.at != 0)
        segment_free(bs->segments, &x);
    return s;
}

status blockstore_usage(struct blockstore *bs, struct blockstore_usage *ret, struct err *reterr)
{
    struct kv_txn *r = NULL;
    struct kv_usage u;
    struct blockstore_usage out = {0};
    status s = kv_usage(bs->kv, &u, reterr);
    if (s == OK)
        s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    out.used_bytes = u.used_bytes;
    s = kv_count(r, bs->states, &out.blocks, reterr);
    if (s == OK)
        s = kv_count(r, bs->pins, &out.pins, reterr);
    kv_abort(r);
    if (s == OK)
        *ret = out;
    return s;
}
