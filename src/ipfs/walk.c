/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a DAG breadth first, with the blocks found as the queue. */
#include "ipfs/walk.h"

#include <stdlib.h>

#include "base/limits.h"
#include "codec/dagpb.h"

#define FIRST_MAX 64

void walk_init(struct walk *w)
{
    *w = (struct walk){0};
    buf_init(&w->block, LIMIT_IPFS_BLOCK);
}

void walk_done(struct walk *w)
{
    free(w->blocks);
    free(w->slots);
    buf_done(&w->block);
    walk_init(w);
}

static size_t slot_of(const struct walk *w, const struct walk_block *b)
{
    size_t h = 0;
    memcpy(&h, b->digest.b, sizeof h); /* a hash already */
    h = (h + b->dag_pb) & (w->n_slots - 1);
    while (w->slots[h] != 0) {
        const struct walk_block *other = &w->blocks[w->slots[h] - 1];
        if (other->dag_pb == b->dag_pb && hash32_eq(other->digest, b->digest))
            break;
        h = (h + 1) & (w->n_slots - 1);
    }
    return h;
}

static status grow(struct walk *w)
{
    size_t max = w->max > 0 ? w->max * 2 : FIRST_MAX;
    if (w->max >= LIMIT_IPFS_DAG_BLOCKS)
        return E_TOO_LONG;
    struct walk_block *blocks = realloc(w->blocks, max * sizeof *blocks);
    if (blocks == NULL)
        return E_NOMEM;
    w->blocks = blocks;
    w->max = max;
    uint32_t *slots = calloc(max * 2, sizeof *slots);
    if (slots == NULL)
        return E_NOMEM;
    free(w->slots);
    w->slots = slots;
    w->n_slots = max * 2;
    for (size_t i = 0; i < w->n; i++)
        slots[slot_of(w, &w->blocks[i])] = (uint32_t)i + 1;
    return OK;
}

static status add(struct walk *w, const struct cid *cid, struct err *reterr)
{
    if (cid->mh == CID_IDENTITY && cid->codec == CID_RAW)
        return OK;
    status s = blockstore_check_cid(cid, reterr);
    if (s != OK)
        return s;
    if (w->n == w->max) {
        s = grow(w);
        if (s != OK)
            return ERR(reterr, s, "tree of over %zu blocks", w->n);
    }
    struct walk_block b = {.dag_pb = cid->codec == CID_DAG_PB};
    memcpy(b.digest.b, cid->digest, sizeof b.digest.b);
    size_t slot = slot_of(w, &b);
    if (w->slots[slot] == 0) {
        w->blocks[w->n++] = b;
        w->slots[slot] = (uint32_t)w->n;
    }
    return OK;
}

/* Add what the inner node at index i links to. */
static status follow(struct walk *w, size_t i, struct blockstore *bs, struct kv_txn *txn,
                     struct err *reterr)
{
    struct dagpb_node node;
    struct dagpb_link link;
    struct cid cid = cid_of_digest(CID_DAG_PB, &w->blocks[i].digest);
    buf_clear(&w->block);
    status s = block_bytes(bs, txn, slice_of(cid.digest, cid.digest_n), &w->block, reterr);
    if (s == OK)
        s = cid_verify(&cid, buf_slice(&w->block), reterr);
    if (s == OK)
        s = dagpb_read(buf_slice(&w->block), &node, reterr);
    if (s != OK)
        return s;
    for (slice rest = node.links; s == OK && dagpb_link_next(&rest, &link);)
        s = add(w, &link.cid, reterr);
    return s;
}

status walk_dag(struct walk *w, struct blockstore *bs, struct kv_txn *txn, const struct cid *root,
                bool lenient, struct err *reterr)
{
    status s = add(w, root, reterr);
    for (size_t i = 0; s == OK && i < w->n; i++) {
        if (!w->blocks[i].dag_pb)
            continue;
        s = follow(w, i, bs, txn, reterr);
        if (lenient && (s == E_NOT_FOUND || s == E_MISMATCH || s == E_CORRUPT))
            s = OK;
    }
    return s;
}
