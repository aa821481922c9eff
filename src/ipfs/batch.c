/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: the blocks of one upload, committed in transactions of bounded size. */
#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "ipfs/blockstore_priv.h"

#define SHARE_BYTES ((size_t)16 << 10) /* pages that a small commit changes, roughly */

/* A block that is not committed yet. */
struct pending {
    struct extent extent; /* in the segments; at = 0: in data */
    size_t data_at;
};

struct blockstore_batch {
    struct blockstore *bs;
    struct buf data;     /* small blocks */
    struct buf pending;  /* array of struct pending */
    struct buf digests;  /* of all blocks of the batch; the last ones are the pending ones */
    struct buf replaced; /* array of struct extent: to be freed after the commit */
    uint64_t first_at;   /* extents pending lie between these two; 0 = none */
    uint64_t last_at;
    uint64_t begun_s;
    uint8_t upload_key[8]; /* row in uploads once something is committed */
    bool listed;
    bool doubtful; /* a commit failed: its rows may have reached the disk all the same */
};

status blockstore_batch_new(struct blockstore *bs, struct blockstore_batch **ret,
                            struct err *reterr)
{
    struct blockstore_batch *b = calloc(1, sizeof *b);
    if (b == NULL)
        return ERR(reterr, E_NOMEM, "upload");
    b->bs = bs;
    b->begun_s = clock_unix_s(bs->clock);
    buf_init(&b->data, BLOCKSTORE_BATCH_BYTES);
    buf_init(&b->pending, BLOCKSTORE_BATCH_BLOCKS * sizeof(struct pending));
    buf_init(&b->digests, LIMIT_IPFS_DAG_BLOCKS * sizeof(hash32));
    buf_init(&b->replaced, BLOCKSTORE_BATCH_BLOCKS * sizeof(struct extent));
    *ret = b;
    return OK;
}

/* List the batch as unfinished, so that sweep spares its blocks. */
static status list_upload(struct blockstore_batch *b, struct kv_txn *w, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    uint64_t number = 0;
    uint8_t when[8];
    status s = kv_iter_init(&it, w, b->bs->uploads, SLICE_EMPTY, SLICE_EMPTY, KV_BACKWARD, reterr);
    if (s == OK)
        s = kv_iter_next(&it, &key, NULL, reterr);
    if (s == OK && key.n == 8)
        number = be64_read(key.p) + 1;
    kv_iter_done(&it);
    if (s != OK && s != E_NOT_FOUND)
        return s;
    be64_write(b->upload_key, number);
    be64_write(when, b->begun_s);
    return kv_put(w, b->bs->uploads, slice_of(b->upload_key, 8), slice_of(when, 8), reterr);
}

static size_t n_pending(const struct blockstore_batch *b)
{
    return b->pending.n / sizeof(struct pending);
}

static struct pending pending_at(const struct blockstore_batch *b, size_t i)
{
    struct pending p;
    memcpy(&p, b->pending.p + i * sizeof p, sizeof p);
    return p;
}

static size_t n_committed(const struct blockstore_batch *b)
{
    return b->digests.n / sizeof(hash32) - n_pending(b);
}

static slice digest_at(const struct blockstore_batch *b, size_t i)
{
    return slice_of(b->digests.p + i * sizeof(hash32), sizeof(hash32));
}

/* Into the table, unless the same bytes are there. */
static status store_small(struct blockstore_batch *b, struct kv_txn *w, slice digest,
                          const struct pending *p, struct err *reterr)
{
    slice stored;
    uint8_t *room = NULL;
    slice block = slice_first(slice_after(buf_slice(&b->data), p->data_at), p->extent.len);
    if (kv_get(w, b->bs->blocks, digest, &stored, NULL) == OK && slice_eq(stored, block))
        return OK;
    status s = kv_put_room(w, b->bs->blocks, digest, block.n, &room, reterr);
    if (s == OK && block.n > 0)
        memcpy(room, block.p, block.n);
    return s;
}

/* Write the rows of a pending block. One that was stored before keeps its count; its old extent is
 * given up for the new one, which mends it should it be damaged. */
static status store_one(struct blockstore_batch *b, struct kv_txn *w, size_t i, uint64_t now,
                        struct err *reterr)
{
    struct block_state st = {0};
    struct pending p = pending_at(b, i);
    slice digest = digest_at(b, n_committed(b) + i);
    status s = block_state_get(b->bs, w, digest, &st, NULL);
    if (s != OK && s != E_NOT_FOUND)
        return ERR(reterr, s, "block store: damaged row");
    struct extent old = {st.at, st.len};
    s = old.at != 0 ? buf_put_mem(&b->replaced, &old, sizeof old) : OK;
    if (s != OK)
        return ERR(reterr, s, "upload");
    st.put_s = now;
    st.len = p.extent.len;
    st.at = p.extent.at;
    if (st.at == 0)
        s = store_small(b, w, digest, &p, reterr);
    return s == OK ? block_state_put(b->bs, w, digest, &st, reterr) : s;
}

/* Give the new time to what earlier transactions of this batch stored. */
static status stamp_committed(struct blockstore_batch *b, struct kv_txn *w, uint64_t now,
                              struct err *reterr)
{
    status s = OK;
    for (size_t i = 0; s == OK && i < n_committed(b); i++) {
        struct block_state st;
        s = block_state_get(b->bs, w, digest_at(b, i), &st, reterr);
        if (s == OK) {
            st.put_s = now;
            s = block_state_put(b->bs, w, digest_at(b, i), &st, reterr);
        }
    }
    return s;
}

/* What one commit writes; finish: the last of the batch. */
static status write_rows(struct blockstore_batch *b, struct kv_txn *w, bool finish,
                         struct err *reterr)
{
    uint64_t now = clock_unix_s(b->bs->clock);
    status s = finish || b->listed ? OK : list_upload(b, w, reterr);
    for (size_t i = 0; s == OK && i < n_pending(b); i++)
        s = store_one(b, w, i, now, reterr);
    if (s == OK && finish)
        s = stamp_committed(b, w, now, reterr);
    if (s == OK && finish && b->listed)
        s = kv_delete(w, b->bs->uploads, slice_of(b->upload_key, 8), reterr);
    return s;
}

static void free_replaced(struct blockstore_batch *b)
{
    struct extent x;
    for (size_t i = 0; i < b->replaced.n; i += sizeof x) {
        memcpy(&x, b->replaced.p + i, sizeof x);
        segment_free(b->bs->segments, &x);
    }
}

struct committing {
    struct blockstore_batch *b;
    bool finish;
};

/* Whatever fails here has changed rows already: it is made a failure of ours, which undoes all. */
static status commit_run(void *ctx, void *arg, struct err *reterr)
{
    struct blockstore *bs = ctx;
    const struct committing *c = arg;
    status s = write_rows(c->b, bs->group_txn, c->finish, reterr);
    return s > 0 ? ERR(reterr, E_INTERNAL, "block store: %s", status_name(s)) : s;
}

/* The blocks first, then the rows that point to them. */
static status commit(struct blockstore_batch *b, bool finish, struct err *reterr)
{
    struct committing c = {b, finish};
    status s = OK;
    if (b->first_at != 0)
        s = segments_sync(b->bs->segments, b->first_at, b->last_at, reterr);
    if (s != OK)
        return s;
    buf_clear(&b->replaced);
    b->doubtful = true;
    s = blockstore_share(b->bs, b->data.n + b->digests.n + SHARE_BYTES, commit_run, &c, reterr);
    if (s != OK)
        return s;
    b->doubtful = false;
    free_replaced(b);
    b->listed = !finish;
    b->first_at = 0;
    buf_clear(&b->pending);
    buf_clear(&b->data);
    return OK;
}

/* Write a large block to the segments, gather a small one. */
static status keep_bytes(struct blockstore_batch *b, slice block, struct pending *p,
                         struct err *reterr)
{
    status s;
    *p = (struct pending){{0, block.n}, b->data.n};
    if (block.n < BLOCK_LARGE) {
        s = buf_put(&b->data, block);
        return s == OK ? OK : ERR(reterr, s, "upload");
    }
    s = blockstore_mark_used(b->bs, reterr);
    if (s == OK)
        s = segment_append(b->bs->segments, block, &p->extent, reterr);
    if (s != OK)
        return s;
    if (b->first_at == 0)
        b->first_at = p->extent.at;
    b->last_at = p->extent.at;
    return OK;
}

/* Runs of equal blocks, as of zeros, are common. */
static bool is_repeated(const struct blockstore_batch *b, slice digest)
{
    size_t n = b->digests.n / sizeof(hash32);
    return n > 0 && slice_eq(digest_at(b, n - 1), digest);
}

status blockstore_batch_put(struct blockstore_batch *b, const struct cid *cid, slice block,
                            struct err *reterr)
{
    struct pending p;
    slice digest = slice_of(cid->digest, cid->digest_n);
    status s = blockstore_check_cid(cid, reterr);
    if (s != OK)
        return s;
    if (block.n > LIMIT_IPFS_BLOCK)
        return ERR(reterr, E_TOO_LONG, "block of %zu bytes", block.n);
    if (is_repeated(b, digest))
        return OK;
    if (b->data.n + block.n > BLOCKSTORE_BATCH_BYTES || n_pending(b) == BLOCKSTORE_BATCH_BLOCKS)
        s = commit(b, false, reterr);
    if (s == OK)
        s = keep_bytes(b, block, &p, reterr);
    if (s != OK)
        return s;
    s = buf_put(&b->digests, digest);
    if (s == OK)
        s = buf_put_mem(&b->pending, &p, sizeof p);
    return s == OK ? OK : ERR(reterr, s, "upload");
}

status blockstore_batch_finish(struct blockstore_batch *b, struct err *reterr)
{
    return commit(b, true, reterr);
}

static void free_pending(struct blockstore_batch *b)
{
    for (size_t i = 0; i < n_pending(b); i++) {
        struct pending p = pending_at(b, i);
        if (p.extent.at != 0)
            segment_free(b->bs->segments, &p.extent);
    }
}

/* An upload that ends without finish no longer holds sweep back, and gives back what it wrote. A
 * store that takes writes has not kept a commit that failed; one that takes none (kv_has_stopped)
 * may have, and finds out when it is opened next. */
static void undo(struct blockstore_batch *b)
{
    struct kv_txn *w = NULL;
    bool takes = (b->listed || b->doubtful) && kv_write_begin(b->bs->kv, &w, NULL) == OK;
    if (takes || !b->doubtful)
        free_pending(b);
    if (!takes)
        return; /* a row left goes when the store is opened next */
    status s = b->listed ? kv_delete(w, b->bs->uploads, slice_of(b->upload_key, 8), NULL) : OK;
    s = blockstore_end(w, s, NULL);
    (void)s;
}

void blockstore_batch_free(struct blockstore_batch *b)
{
    if (b == NULL)
        return;
    undo(b);
    buf_done(&b->data);
    buf_done(&b->pending);
    buf_done(&b->digests);
    buf_done(&b->replaced);
    free(b);
}
