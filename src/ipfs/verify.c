/* SPDX-License-Identifier: Apache-2.0 */
/* The check of every stored block against its name. */
#include "base/limits.h"
#include "ipfs/blockstore_priv.h"

#define VERIFY_ROWS 256 /* keys taken within one read transaction */

/* Keys of up to VERIFY_ROWS blocks after the key in last, which moves on. E_NOT_FOUND: no more. */
static status next_keys(struct blockstore *bs, hash32 *last, struct buf *ret, struct err *reterr)
{
    struct kv_txn *r = NULL;
    struct kv_iter it;
    slice key;
    status s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    slice from = hash32_is_zero(*last) ? SLICE_EMPTY : slice_of(last->b, sizeof last->b);
    s = kv_iter_init(&it, r, bs->states, SLICE_EMPTY, from, KV_FORWARD, reterr);
    for (int i = 0; s == OK && i < VERIFY_ROWS; i++) {
        s = kv_iter_next(&it, &key, NULL, reterr);
        if (s == OK && slice_eq(key, from))
            s = kv_iter_next(&it, &key, NULL, reterr);
        if (s == OK && key.n != sizeof last->b)
            s = ERR(reterr, E_CORRUPT, "block store: key of %zu bytes", key.n);
        if (s == OK)
            s = buf_put(ret, key);
        from = SLICE_EMPTY;
    }
    kv_iter_done(&it);
    kv_abort(r);
    if (ret->n > 0)
        memcpy(last->b, ret->p + ret->n - sizeof last->b, sizeof last->b);
    return s == E_NOT_FOUND && ret->n > 0 ? OK : s;
}

static status verify_one(struct blockstore *bs, struct blockstore_verify *v, slice key,
                         struct buf *block, struct err *reterr)
{
    hash32 digest;
    memcpy(digest.b, key.p, sizeof digest.b);
    struct cid c = cid_of_digest(CID_RAW, &digest);
    status s = blockstore_get(bs, &c, block, reterr);
    if (s == E_NOT_FOUND && blockstore_has(bs, &c, NULL) != OK)
        return OK; /* removed meanwhile */
    v->blocks++;
    v->bytes += block->n;
    return s == E_MISMATCH || s == E_CORRUPT || s == E_NOT_FOUND
               ? v->damaged(v->ctx, &digest, buf_slice(block))
               : s;
}

status blockstore_verify_all(struct blockstore *bs, struct blockstore_verify *v, struct err *reterr)
{
    hash32 last = {{0}};
    struct buf keys;
    struct buf block;
    status s = OK;
    bool more = true;
    v->blocks = 0;
    v->bytes = 0;
    buf_init(&keys, VERIFY_ROWS * sizeof(hash32));
    buf_init(&block, LIMIT_IPFS_BLOCK);
    while (s == OK && more) {
        buf_clear(&keys);
        s = next_keys(bs, &last, &keys, reterr);
        more = s == OK;
        for (size_t i = 0; s == OK && i < keys.n; i += sizeof(hash32))
            s = verify_one(bs, v, slice_of(keys.p + i, sizeof(hash32)), &block, reterr);
    }
    buf_done(&keys);
    buf_done(&block);
    return !more && s == E_NOT_FOUND ? OK : s;
}
