/* SPDX-License-Identifier: Apache-2.0 */
/* The block store's folder, single blocks and check. */
#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "ipfs/blockstore_priv.h"

#define APP "ehrd-ipfs"
#define SCHEMA 1
#define STATE_BYTES 24
#define VERIFY_ROWS 64 /* blocks checked within one read transaction */

status block_state_get(struct blockstore *bs, struct kv_txn *txn, slice digest,
                       struct block_state *ret, struct err *reterr)
{
    slice row;
    status s = kv_get(txn, bs->states, digest, &row, reterr);
    if (s != OK)
        return s;
    if (row.n != STATE_BYTES)
        return ERR(reterr, E_CORRUPT, "block store: row of %zu bytes", row.n);
    *ret = (struct block_state){be64_read(row.p), be64_read(row.p + 8), be64_read(row.p + 16)};
    return OK;
}

status block_state_put(struct blockstore *bs, struct kv_txn *w, slice digest,
                       const struct block_state *st, struct err *reterr)
{
    uint8_t row[STATE_BYTES];
    be64_write(row, st->refs);
    be64_write(row + 8, st->put_s);
    be64_write(row + 16, st->len);
    return kv_put(w, bs->states, digest, slice_of(row, sizeof row), reterr);
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

status blockstore_open(const char *dir, uint64_t map_bytes, const struct clock_src *clock,
                       struct blockstore **ret, struct err *reterr)
{
    const struct kv_options o = {.app = APP, .schema = SCHEMA, .map_bytes = map_bytes};
    struct blockstore *bs = calloc(1, sizeof *bs);
    if (bs == NULL)
        return ERR(reterr, E_NOMEM, "block store");
    bs->clock = clock;
    status s = kv_open(dir, &o, &bs->kv, reterr);
    if (s == OK)
        s = open_tables(bs, reterr);
    if (s == OK)
        s = forget_uploads(bs, reterr);
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
    kv_close(bs->kv);
    free(bs);
}

static status get_unchecked(void *ctx, const struct cid *cid, struct buf *ret, struct err *reterr)
{
    struct blockstore *bs = ctx;
    struct kv_txn *r = NULL;
    slice block;
    status s = blockstore_check_cid(cid, reterr);
    if (s == OK)
        s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    s = kv_get(r, bs->blocks, slice_of(cid->digest, cid->digest_n), &block, reterr);
    if (s == E_NOT_FOUND) {
        char text[CID_TEXT_MAX];
        s = ERR(reterr, s, "block %.100s is not in the store", cid_text(cid, text));
    }
    if (s == OK) {
        buf_clear(ret);
        s = buf_put(ret, block);
        if (s != OK)
            s = ERR(reterr, s, "block of %zu bytes", block.n);
    }
    kv_abort(r);
    return s;
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
    if (!kv_has(r, bs->blocks, slice_of(cid->digest, cid->digest_n)))
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

status blockstore_delete(struct blockstore *bs, const struct cid *cid, struct err *reterr)
{
    struct kv_txn *w = NULL;
    struct block_state st;
    slice digest = slice_of(cid->digest, cid->digest_n);
    status s = blockstore_check_cid(cid, reterr);
    if (s == OK)
        s = kv_write_begin(bs->kv, &w, reterr);
    if (s != OK)
        return s;
    s = block_state_get(bs, w, digest, &st, reterr);
    if (s == OK && st.refs > 0)
        s = ERR(reterr, E_CONFLICT, "block is pinned");
    if (s == OK)
        s = kv_delete(w, bs->states, digest, reterr);
    if (s == OK)
        s = kv_delete(w, bs->blocks, digest, reterr);
    return blockstore_end(w, s, reterr);
}

static status verify_one(struct blockstore_verify *v, slice key, slice block, struct err *reterr)
{
    hash32 digest;
    if (key.n != sizeof digest.b)
        return ERR(reterr, E_CORRUPT, "block store: key of %zu bytes", key.n);
    memcpy(digest.b, key.p, sizeof digest.b);
    struct cid c = cid_of_digest(CID_RAW, &digest);
    v->blocks++;
    v->bytes += block.n;
    status s = cid_verify(&c, block, reterr);
    return s == E_MISMATCH ? v->damaged(v->ctx, &digest, block) : s;
}

/* Check VERIFY_ROWS blocks after the key in last, which moves on. E_NOT_FOUND at the end. */
static status verify_some(struct blockstore *bs, struct blockstore_verify *v, hash32 *last,
                          struct err *reterr)
{
    struct kv_txn *r = NULL;
    struct kv_iter it;
    slice key;
    slice block;
    status s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    slice from = hash32_is_zero(*last) ? SLICE_EMPTY : slice_of(last->b, sizeof last->b);
    s = kv_iter_init(&it, r, bs->blocks, SLICE_EMPTY, from, KV_FORWARD, reterr);
    for (int i = 0; s == OK && i < VERIFY_ROWS; i++) {
        s = kv_iter_next(&it, &key, &block, reterr);
        if (s == OK && slice_eq(key, from))
            s = kv_iter_next(&it, &key, &block, reterr);
        if (s == OK)
            s = verify_one(v, key, block, reterr);
        if (s == OK)
            memcpy(last->b, key.p, sizeof last->b);
        from = SLICE_EMPTY;
    }
    kv_iter_done(&it);
    kv_abort(r);
    return s;
}

status blockstore_verify_all(struct blockstore *bs, struct blockstore_verify *v, struct err *reterr)
{
    hash32 last = {{0}};
    status s = OK;
    v->blocks = 0;
    v->bytes = 0;
    while (s == OK)
        s = verify_some(bs, v, &last, reterr);
    return s == E_NOT_FOUND ? OK : s;
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
    s = kv_count(r, bs->blocks, &out.blocks, reterr);
    if (s == OK)
        s = kv_count(r, bs->pins, &out.pins, reterr);
    kv_abort(r);
    if (s == OK)
        *ret = out;
    return s;
}

status blockstore_backup(struct blockstore *bs, const char *dir, struct err *reterr)
{
    return kv_backup(bs->kv, dir, reterr);
}
