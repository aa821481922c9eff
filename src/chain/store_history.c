/* SPDX-License-Identifier: Apache-2.0 */
/* Going back to an earlier block, and giving up old history. */
#include "chain/store_priv.h"

/* --- rollback ------------------------------------------------------------------------------- */

static status undo_block(const struct store *s, struct kv_txn *w, uint64_t block,
                         struct err *reterr)
{
    struct touched_reader r;
    enum touched_kind kind;
    struct row_key k;
    status e;
    touched_open(&r, s, w, block);
    while ((e = touched_next(&r, &kind, &k, reterr)) == OK) {
        struct row_key at = row_key_at(&k, block);
        struct kv_table t;
        if (!touched_table(s, kind, &t))
            continue;
        e = kv_delete(w, t, row_key_slice(&at), reterr);
        if (e != OK)
            return e == E_NOT_FOUND ? ERR(reterr, E_CORRUPT, "state: a touched row is missing") : e;
    }
    return e == E_NOT_FOUND ? touched_remove(s, w, block, reterr) : e;
}

/* Storage ids are not used twice: next_id stays. */
status store_rollback(const struct store *s, struct kv_txn *w, uint64_t block, struct err *reterr)
{
    struct store_meta m;
    status r = store_meta_get(s, w, &m, reterr);
    if (r == E_NOT_FOUND || (r == OK && (block < m.first || block > m.head)))
        return ERR(reterr, E_RANGE, "state: block %llu cannot be gone back to",
                   (unsigned long long)block);
    for (; r == OK && m.head > block; m.head--)
        r = undo_block(s, w, m.head, reterr);
    return r == OK ? store_meta_put(s, w, &m, reterr) : r;
}

/* --- pruning -------------------------------------------------------------------------------- */

struct pruning {
    const struct store *s;
    struct kv_txn *w;
    size_t left; /* rows that may still be removed */
    struct err *reterr;
};

/* Remove rows whose keys begin with prefix, from from on. */
static status remove_rows(struct pruning *p, struct kv_table t, slice prefix, slice from)
{
    struct kv_iter it;
    status s = kv_iter_init(&it, p->w, t, prefix, from, KV_FORWARD, p->reterr);
    while (s == OK && p->left > 0 && (s = kv_iter_next(&it, NULL, NULL, p->reterr)) == OK) {
        s = kv_iter_delete(&it, p->reterr);
        p->left--;
    }
    kv_iter_done(&it);
    return s == E_NOT_FOUND ? OK : s;
}

/* Nobody reads what block replaced. A node's row of changed children needs older rows: they go when
 * a whole one is written. */
static status remove_replaced(struct pruning *p, struct kv_table t, const struct row_key *k,
                              uint64_t block)
{
    slice row;
    struct row_key at = row_key_at(k, block);
    struct row_key older = row_key_at(k, block - 1);
    if (!kv_has(p->w, t, row_key_slice(&at)))
        return OK; /* removed by a call that did not come to the block's end */
    status s = kv_get(p->w, t, row_key_slice(&at), &row, p->reterr);
    if (s != OK)
        return s;
    bool gone = row.n == 0;
    bool delta =
        (t.id == p->s->account_node.id || t.id == p->s->slot_node.id) && node_row_is_delta(row);
    if (delta)
        return OK;
    s = remove_rows(p, t, row_key_slice(k), row_key_slice(&older));
    if (s != OK || !gone || p->left == 0)
        return s;
    p->left--;
    return kv_delete(p->w, t, row_key_slice(&at), p->reterr);
}

static status remove_storage(struct pruning *p, const struct row_key *id)
{
    return remove_rows(p, p->s->slot_node, row_key_slice(id), SLICE_EMPTY);
}

/* OK with p->left > 0: the block is dealt with. */
static status prune_block(struct pruning *p, uint64_t block)
{
    struct touched_reader r;
    enum touched_kind kind;
    struct row_key k;
    status s = OK;
    touched_open(&r, p->s, p->w, block);
    while (p->left > 0 && (s = touched_next(&r, &kind, &k, p->reterr)) == OK) {
        struct kv_table t;
        if (kind == TOUCHED_DROPPED)
            s = remove_storage(p, &k);
        else if (touched_table(p->s, kind, &t))
            s = remove_replaced(p, t, &k, block);
        if (s != OK)
            return s;
    }
    if (s == E_NOT_FOUND)
        s = OK;
    return s == OK && p->left > 0 ? touched_remove(p->s, p->w, block, p->reterr) : s;
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
