/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: the blocks of one upload, committed in transactions of bounded size. */
#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "ipfs/blockstore_priv.h"

struct pending {
    size_t at; /* in data */
    size_t len;
};

/* digests holds the hashes of all blocks of the batch, 32 bytes each; the last of them, n_pending
 * in number, are not committed yet and lie in data. */
struct blockstore_batch {
    struct blockstore *bs;
    struct buf data;
    struct buf pending; /* array of struct pending */
    struct buf digests;
    uint64_t begun_s;
    uint8_t upload_key[8]; /* row in uploads once something is committed */
    bool listed;
};

#define MAX_PENDING ((size_t)65536)

status blockstore_batch_new(struct blockstore *bs, struct blockstore_batch **ret,
                            struct err *reterr)
{
    struct blockstore_batch *b = calloc(1, sizeof *b);
    if (b == NULL)
        return ERR(reterr, E_NOMEM, "upload");
    b->bs = bs;
    b->begun_s = clock_unix_s(bs->clock);
    buf_init(&b->data, BLOCKSTORE_BATCH_BYTES);
    buf_init(&b->pending, MAX_PENDING * sizeof(struct pending));
    buf_init(&b->digests, LIMIT_IPFS_DAG_BLOCKS * sizeof(hash32));
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

static status write_block(struct blockstore *bs, struct kv_txn *w, slice digest, slice block,
                          struct err *reterr)
{
    slice stored;
    uint8_t *room = NULL;
    if (kv_get(w, bs->blocks, digest, &stored, NULL) == OK && slice_eq(stored, block))
        return OK;
    status s = kv_put_room(w, bs->blocks, digest, block.n, &room, reterr);
    if (s == OK && block.n > 0)
        memcpy(room, block.p, block.n);
    return s;
}

/* Store one block; one that is there is only stamped, or mended if it is damaged. */
static status store_one(struct blockstore *bs, struct kv_txn *w, slice digest, slice block,
                        uint64_t now, struct err *reterr)
{
    struct block_state st = {0};
    status s = block_state_get(bs, w, digest, &st, NULL);
    if (s != OK && s != E_NOT_FOUND)
        return ERR(reterr, s, "block store: damaged row");
    st.put_s = now;
    st.len = block.n;
    s = write_block(bs, w, digest, block, reterr);
    return s == OK ? block_state_put(bs, w, digest, &st, reterr) : s;
}

static size_t n_pending(const struct blockstore_batch *b)
{
    return b->pending.n / sizeof(struct pending);
}

static size_t n_committed(const struct blockstore_batch *b)
{
    return b->digests.n / sizeof(hash32) - n_pending(b);
}

static slice digest_at(const struct blockstore_batch *b, size_t i)
{
    return slice_of(b->digests.p + i * sizeof(hash32), sizeof(hash32));
}

static status store_pending(struct blockstore_batch *b, struct kv_txn *w, uint64_t now,
                            struct err *reterr)
{
    size_t first = n_committed(b);
    status s = OK;
    for (size_t i = 0; s == OK && i < n_pending(b); i++) {
        struct pending p;
        memcpy(&p, b->pending.p + i * sizeof p, sizeof p);
        slice block = slice_first(slice_after(buf_slice(&b->data), p.at), p.len);
        s = store_one(b->bs, w, digest_at(b, first + i), block, now, reterr);
    }
    return s;
}

static status flush(struct blockstore_batch *b, struct err *reterr)
{
    struct kv_txn *w = NULL;
    status s = kv_write_begin(b->bs->kv, &w, reterr);
    if (s != OK)
        return s;
    if (!b->listed)
        s = list_upload(b, w, reterr);
    if (s == OK)
        s = store_pending(b, w, clock_unix_s(b->bs->clock), reterr);
    s = blockstore_end(w, s, reterr);
    if (s == OK) {
        b->listed = true;
        buf_clear(&b->pending);
        buf_clear(&b->data);
    }
    return s;
}

static status gather(struct blockstore_batch *b, slice digest, slice block)
{
    struct pending p = {b->data.n, block.n};
    status s = buf_put(&b->data, block);
    if (s == OK)
        s = buf_put(&b->digests, digest);
    if (s == OK)
        s = buf_put_mem(&b->pending, &p, sizeof p);
    return s;
}

status blockstore_batch_put(struct blockstore_batch *b, const struct cid *cid, slice block,
                            struct err *reterr)
{
    status s = blockstore_check_cid(cid, reterr);
    if (s != OK)
        return s;
    if (block.n > LIMIT_IPFS_BLOCK)
        return ERR(reterr, E_TOO_LONG, "block of %zu bytes", block.n);
    if (b->data.n + block.n > BLOCKSTORE_BATCH_BYTES || n_pending(b) == MAX_PENDING)
        s = flush(b, reterr);
    if (s != OK)
        return s;
    s = gather(b, slice_of(cid->digest, cid->digest_n), block);
    return s == OK ? OK : ERR(reterr, s, "upload");
}

/* Stamp what earlier transactions of this batch stored. */
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

status blockstore_batch_finish(struct blockstore_batch *b, struct err *reterr)
{
    struct kv_txn *w = NULL;
    uint64_t now = clock_unix_s(b->bs->clock);
    status s = kv_write_begin(b->bs->kv, &w, reterr);
    if (s != OK)
        return s;
    s = store_pending(b, w, now, reterr);
    if (s == OK)
        s = stamp_committed(b, w, now, reterr);
    if (s == OK && b->listed)
        s = kv_delete(w, b->bs->uploads, slice_of(b->upload_key, 8), reterr);
    s = blockstore_end(w, s, reterr);
    if (s == OK)
        b->listed = false;
    return s;
}

/* An upload that ends without finish no longer holds sweep back. */
static void unlist(struct blockstore_batch *b)
{
    struct kv_txn *w = NULL;
    if (kv_write_begin(b->bs->kv, &w, NULL) != OK)
        return; /* the row goes when the store is opened next */
    status s = kv_delete(w, b->bs->uploads, slice_of(b->upload_key, 8), NULL);
    s = blockstore_end(w, s, NULL);
    (void)s;
}

void blockstore_batch_free(struct blockstore_batch *b)
{
    if (b == NULL)
        return;
    if (b->listed)
        unlist(b);
    buf_done(&b->data);
    buf_done(&b->pending);
    buf_done(&b->digests);
    free(b);
}
