/* SPDX-License-Identifier: Apache-2.0 */
/* Pins, their counts on blocks, and sweeping. */
#include "ipfs/walk.h"

#include "base/checked.h"

#define OWNER_BYTES 32
#define PIN_BYTES ((size_t)16 << 10) /* pages that the pin of a small file changes, roughly */
#define SWEEP_ROWS 1024              /* rows looked at, at most, in one transaction */

struct pin_keys {
    uint8_t pin[OWNER_BYTES + CID_BIN_MAX];
    uint8_t root[CID_BIN_MAX + OWNER_BYTES];
    size_t cid_n;
};

static struct pin_keys make_keys(const hash32 *owner, const struct cid *root)
{
    struct pin_keys k;
    k.cid_n = cid_write(root, k.root);
    memcpy(k.root + k.cid_n, owner->b, OWNER_BYTES);
    memcpy(k.pin, owner->b, OWNER_BYTES);
    memcpy(k.pin + OWNER_BYTES, k.root, k.cid_n);
    return k;
}

static slice pin_key(const struct pin_keys *k)
{
    return slice_of(k->pin, OWNER_BYTES + k->cid_n);
}

static slice root_key(const struct pin_keys *k)
{
    return slice_of(k->root, OWNER_BYTES + k->cid_n);
}

/* OK when any owner pins the root, E_NOT_FOUND when none does. */
static status has_pins(struct blockstore *bs, struct kv_txn *txn, const struct pin_keys *k,
                       struct err *reterr)
{
    struct kv_iter it;
    status s = kv_iter_init(&it, txn, bs->roots, slice_of(k->root, k->cid_n), SLICE_EMPTY,
                            KV_FORWARD, reterr);
    if (s == OK)
        s = kv_iter_next(&it, NULL, NULL, reterr);
    kv_iter_done(&it);
    return s;
}

/* So that a pin that cannot be made changes no row: it shares its transaction with others. */
static status all_there(struct blockstore *bs, struct kv_txn *w, const struct walk *walk,
                        struct err *reterr)
{
    for (size_t i = 0; i < walk->n; i++)
        if (!kv_has(w, bs->states, slice_of(walk->blocks[i].digest.b, OWNER_BYTES)))
            return ERR(reterr, E_NOT_FOUND, "a block of the file is not in the store");
    return OK;
}

static status count_up(struct blockstore *bs, struct kv_txn *w, const struct walk *walk,
                       struct err *reterr)
{
    status s = all_there(bs, w, walk, reterr);
    for (size_t i = 0; s == OK && i < walk->n; i++) {
        slice digest = slice_of(walk->blocks[i].digest.b, OWNER_BYTES);
        struct block_state st;
        s = block_state_get(bs, w, digest, &st, reterr);
        if (s == OK) {
            st.refs++;
            s = block_state_put(bs, w, digest, &st, reterr);
        }
    }
    return s;
}

/* Blocks that were lost are passed over: there is nothing left to count. */
static status count_down(struct blockstore *bs, struct kv_txn *w, const struct walk *walk,
                         struct err *reterr)
{
    status s = OK;
    for (size_t i = 0; s == OK && i < walk->n; i++) {
        slice digest = slice_of(walk->blocks[i].digest.b, OWNER_BYTES);
        struct block_state st;
        s = block_state_get(bs, w, digest, &st, reterr);
        if (s == OK && st.refs > 0) {
            st.refs--;
            s = block_state_put(bs, w, digest, &st, reterr);
        } else if (s == E_NOT_FOUND) {
            s = OK;
        }
    }
    return s;
}

static status count_dag(struct blockstore *bs, struct kv_txn *w, const struct cid *root, bool up,
                        struct err *reterr)
{
    struct walk walk;
    walk_init(&walk);
    status s = walk_dag(&walk, bs, w, root, !up, reterr);
    if (s == OK)
        s = up ? count_up(bs, w, &walk, reterr) : count_down(bs, w, &walk, reterr);
    walk_done(&walk);
    return s;
}

static status pin_in(struct blockstore *bs, struct kv_txn *w, const struct pin_keys *k,
                     const struct cid *root, struct err *reterr)
{
    if (kv_has(w, bs->pins, pin_key(k)))
        return OK;
    status s = has_pins(bs, w, k, reterr);
    if (s == E_NOT_FOUND)
        s = count_dag(bs, w, root, true, reterr);
    if (s == OK)
        s = kv_put(w, bs->pins, pin_key(k), SLICE_EMPTY, reterr);
    return s == OK ? kv_put(w, bs->roots, root_key(k), SLICE_EMPTY, reterr) : s;
}

struct pinning {
    struct pin_keys k;
    const struct cid *root;
};

static status pin_run(void *ctx, void *arg, struct err *reterr)
{
    struct blockstore *bs = ctx;
    const struct pinning *p = arg;
    return pin_in(bs, bs->group_txn, &p->k, p->root, reterr);
}

status blockstore_pin(struct blockstore *bs, const hash32 *owner, const struct cid *root,
                      struct err *reterr)
{
    struct pinning p = {make_keys(owner, root), root};
    return blockstore_share(bs, PIN_BYTES, pin_run, &p, reterr);
}

static status unpin_in(struct blockstore *bs, struct kv_txn *w, const struct pin_keys *k,
                       const struct cid *root, struct err *reterr)
{
    status s = kv_delete(w, bs->pins, pin_key(k), reterr);
    if (s == OK)
        s = kv_delete(w, bs->roots, root_key(k), reterr);
    if (s != OK)
        return s;
    s = has_pins(bs, w, k, reterr);
    return s == E_NOT_FOUND ? count_dag(bs, w, root, false, reterr) : s;
}

status blockstore_unpin(struct blockstore *bs, const hash32 *owner, const struct cid *root,
                        struct err *reterr)
{
    struct kv_txn *w = NULL;
    struct pin_keys k = make_keys(owner, root);
    status s = kv_write_begin(bs->kv, &w, reterr);
    if (s != OK)
        return s;
    return blockstore_end(w, unpin_in(bs, w, &k, root, reterr), reterr);
}

status blockstore_pins(struct blockstore *bs, const struct cid *root, struct buf *ret,
                       struct err *reterr)
{
    struct kv_txn *r = NULL;
    struct kv_iter it;
    slice key;
    uint8_t bin[CID_BIN_MAX];
    size_t n = cid_write(root, bin);
    status s = kv_read_begin(bs->kv, &r, reterr);
    if (s != OK)
        return s;
    s = kv_iter_init(&it, r, bs->roots, slice_of(bin, n), SLICE_EMPTY, KV_FORWARD, reterr);
    while (s == OK && (s = kv_iter_next(&it, &key, NULL, reterr)) == OK) {
        s = buf_put(ret, slice_after(key, n));
        if (s != OK)
            s = ERR(reterr, s, "owners of a pin");
    }
    kv_iter_done(&it);
    kv_abort(r);
    return s == E_NOT_FOUND ? OK : s;
}

/* Blocks put at this time or later are spared: they are young, or of an upload under way. */
static status spare_from(struct blockstore *bs, struct kv_txn *txn, uint64_t age_s, uint64_t *ret,
                         struct err *reterr)
{
    struct kv_iter it;
    slice began;
    uint64_t now = clock_unix_s(bs->clock);
    uint64_t from = age_s <= now ? now - age_s + 1 : 0;
    status s = kv_iter_init(&it, txn, bs->uploads, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, reterr);
    while (s == OK && (s = kv_iter_next(&it, NULL, &began, reterr)) == OK)
        if (began.n == 8 && be64_read(began.p) < from)
            from = be64_read(began.p);
    kv_iter_done(&it);
    if (s != E_NOT_FOUND)
        return s;
    *ret = from;
    return OK;
}

/* The digests of blocks to remove among SWEEP_ROWS rows after *last, which moves on.
 * E_NOT_FOUND when the last row has been looked at. */
static status find_idle(struct blockstore *bs, struct kv_txn *txn, uint64_t spare, hash32 *last,
                        struct buf *found, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    slice row;
    status s = kv_iter_init(&it, txn, bs->states, SLICE_EMPTY, slice_of(last->b, sizeof last->b),
                            KV_FORWARD, reterr);
    for (int i = 0; s == OK && i < SWEEP_ROWS; i++) {
        s = kv_iter_next(&it, &key, &row, reterr);
        if (s != OK)
            break;
        if (key.n != sizeof last->b || row.n < 16)
            s = ERR(reterr, E_CORRUPT, "block store: damaged row");
        else if (be64_read(row.p) == 0 && be64_read(row.p + 8) < spare)
            s = buf_put(found, key);
        if (s == OK)
            memcpy(last->b, key.p, sizeof last->b);
    }
    kv_iter_done(&it);
    return s;
}

/* freed: array of struct extent, to be given back after the commit. */
static status remove_all(struct blockstore *bs, struct kv_txn *w, slice digests, struct buf *freed,
                         struct err *reterr)
{
    status s = OK;
    for (; s == OK && digests.n > 0; digests = slice_after(digests, OWNER_BYTES)) {
        struct extent x = {0};
        s = block_remove(bs, w, slice_first(digests, OWNER_BYTES), &x, reterr);
        if (s == OK && buf_put_mem(freed, &x, sizeof x) != OK)
            s = ERR(reterr, E_NOMEM, "sweep");
        if (s == E_NOT_FOUND)
            s = ERR(reterr, E_CORRUPT, "block store: a row is gone");
    }
    return s;
}

static void free_all(struct blockstore *bs, slice freed, struct blockstore_swept *swept)
{
    struct extent x;
    for (; freed.n > 0; freed = slice_after(freed, sizeof x)) {
        memcpy(&x, freed.p, sizeof x);
        swept->blocks++;
        swept->bytes += x.len;
        if (x.at != 0)
            segment_free(bs->segments, &x);
    }
}

/* One transaction of the sweep. E_NOT_FOUND after the last. */
static status sweep_some(struct blockstore *bs, uint64_t age_s, hash32 *last,
                         struct blockstore_swept *swept, struct err *reterr)
{
    struct kv_txn *w = NULL;
    struct buf found;
    struct buf freed;
    uint64_t spare = 0;
    status s = kv_write_begin(bs->kv, &w, reterr);
    if (s != OK)
        return s;
    buf_init(&found, SWEEP_ROWS * sizeof(hash32));
    buf_init(&freed, SWEEP_ROWS * sizeof(struct extent));
    s = spare_from(bs, w, age_s, &spare, reterr);
    if (s == OK)
        s = find_idle(bs, w, spare, last, &found, reterr);
    bool end = s == E_NOT_FOUND;
    if (s == OK || end)
        s = remove_all(bs, w, buf_slice(&found), &freed, reterr);
    s = blockstore_end(w, s, reterr);
    if (s == OK)
        free_all(bs, buf_slice(&freed), swept);
    buf_done(&found);
    buf_done(&freed);
    return s == OK && end ? E_NOT_FOUND : s;
}

status blockstore_sweep(struct blockstore *bs, uint64_t age_s, struct blockstore_swept *ret,
                        struct err *reterr)
{
    struct blockstore_swept swept = {0};
    hash32 last = {{0}};
    status s = blockstore_mark_used(bs, reterr);
    while (s == OK)
        s = sweep_some(bs, age_s, &last, &swept, reterr);
    if (s != E_NOT_FOUND)
        return s;
    *ret = swept;
    return OK;
}
