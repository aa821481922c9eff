/* SPDX-License-Identifier: Apache-2.0 */
/* Going back to an earlier block, and giving up old history. */
#include "chain/store_priv.h"

/* --- rollback ------------------------------------------------------------------------------- */

/* Remove the rows from place on: those of later blocks. */
static status remove_from(const struct store *s, struct kv_txn *w, uint64_t place,
                          struct err *reterr)
{
    struct kv_iter it;
    uint8_t key[8];
    status r = kv_iter_init(&it, w, s->node, SLICE_EMPTY, node_key(place, key), KV_FORWARD, reterr);
    while (r == OK && (r = kv_iter_next(&it, NULL, NULL, reterr)) == OK)
        r = kv_iter_delete(&it, reterr);
    kv_iter_done(&it);
    return r == E_NOT_FOUND ? OK : r;
}

status store_rollback(const struct store *s, struct kv_txn *w, uint64_t block, struct err *reterr)
{
    struct store_meta m;
    struct store_block b;
    status r = store_meta_get(s, w, &m, reterr);
    if (r == E_NOT_FOUND || (r == OK && (block < m.first || block > m.head)))
        return ERR(reterr, E_RANGE, "state: block %llu cannot be gone back to",
                   (unsigned long long)block);
    if (r == OK)
        r = store_block_get(s, w, block, &b, reterr);
    if (r == OK)
        r = remove_from(s, w, b.next, reterr);
    for (; r == OK && m.head > block; m.head--)
        r = store_block_remove(s, w, m.head, 0, reterr);
    return r == OK ? store_meta_put(s, w, &m, reterr) : r;
}

/* --- pruning -------------------------------------------------------------------------------- */

struct pruning {
    const struct store *s;
    struct kv_txn *w;
    size_t left; /* rows that may still be removed */
    struct err *reterr;
};

/* One that is not there was removed by a call that did not come to the block's end; that costs
 * nothing of what is left, so each call gets further. */
static status remove_row(struct pruning *p, uint64_t place)
{
    uint8_t key[8];
    status s = kv_delete(p->w, p->s->node, node_key(place, key), p->reterr);
    if (s == OK)
        p->left--;
    return s == E_NOT_FOUND ? OK : s;
}

/* Remove a storage, each row after those below it: a later call finds what is left. */
static status remove_tree(struct pruning *p, uint64_t place, size_t depth)
{
    uint64_t below[TRIE_ROW_PLACES];
    uint8_t key[8];
    size_t n;
    slice row;
    if (depth == TRIE_NODES_MAX)
        return ERR(p->reterr, E_CORRUPT, "trie: deeper than the keys");
    status s = kv_get(p->w, p->s->node, node_key(place, key), &row, p->reterr);
    if (s == E_NOT_FOUND)
        return OK;
    if (s == OK)
        s = trie_row_places(row, below, &n, p->reterr);
    for (size_t i = 0; s == OK && p->left > 0 && i < n; i++)
        s = remove_tree(p, below[i], depth + 1);
    return s == OK && p->left > 0 ? remove_row(p, place) : s;
}

static status remove_dropped(struct pruning *p, slice list)
{
    status s = OK;
    for (; s == OK && p->left > 0 && list.n > 0; list = slice_after(list, DROPPED_BYTES)) {
        uint64_t entry = be64_read(list.p);
        s = (entry & DROPPED_TREE) != 0 ? remove_tree(p, entry & ~DROPPED_TREE, 0)
                                        : remove_row(p, entry);
    }
    return s;
}

/* What block dropped is in no state from block on. OK with p->left > 0: it is dealt with. */
static status prune_block(struct pruning *p, uint64_t block)
{
    status s = OK;
    for (uint32_t chunk = 0; s == OK && p->left > 0; chunk++) {
        slice list;
        uint8_t copy[STORE_DROPPED_CHUNK];
        s = store_dropped_get(p->s, p->w, block, chunk, &list, p->reterr);
        if (s == OK && list.n > 0) {
            memcpy(copy, list.p, list.n);
            s = remove_dropped(p, slice_of(copy, list.n));
        }
    }
    if (s != E_NOT_FOUND)
        return s;
    s = store_block_remove(p->s, p->w, block, 1, p->reterr);
    return s == OK ? store_block_remove(p->s, p->w, block - 1, 0, p->reterr) : s;
}

status store_prune(const struct store *s, struct kv_txn *w, uint64_t before, size_t max_rows,
                   bool *ret_done, struct err *reterr)
{
    struct store_meta m;
    struct pruning p = {s, w, max_rows, reterr};
    status r = store_meta_get(s, w, &m, reterr);
    if (r == E_NOT_FOUND || (r == OK && (before < m.first || before > m.head)))
        return ERR(reterr, E_RANGE, "state: history before block %llu cannot be given up",
                   (unsigned long long)before);
    while (r == OK && m.pruned < before && p.left > 0) {
        m.first = m.pruned + 1;
        r = prune_block(&p, m.first);
        if (r == OK && p.left > 0)
            m.pruned = m.first;
    }
    if (r == OK)
        r = store_meta_put(s, w, &m, reterr);
    if (r == OK)
        *ret_done = m.pruned >= before;
    return r;
}
