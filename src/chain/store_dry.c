/* SPDX-License-Identifier: Apache-2.0 */
/* What the root would be with changes that are not stored: receipts before Byzantium, simulations.
 */
#include "chain/store_priv.h"

#define MEMORY_CAP ((size_t)1 << 30)

/* A trie of the store to which nothing is put; under.id 0 with empty: a new storage. */
struct dry_store {
    struct trie_store base;
    struct node_store under;
    bool empty;
};

static status dry_get(struct trie_store *t, slice path, slice *ret, struct err *reterr)
{
    struct dry_store *d = (struct dry_store *)t;
    if (d->empty)
        return E_NOT_FOUND;
    return d->under.base.ops->get(&d->under.base, path, ret, reterr);
}

static status dry_put(struct trie_store *t, slice path, slice before, slice node,
                      struct err *reterr)
{
    (void)t, (void)path, (void)before, (void)node, (void)reterr;
    return OK;
}

struct dry {
    const struct store *s;
    struct kv_txn *txn;
    uint64_t block;
    struct arena memory;
    struct err *reterr;
};

static void open_trie(struct dry *d, uint64_t id, bool empty, struct dry_store *ret)
{
    static const struct trie_store_ops ops = {dry_get, dry_put};
    ret->base.ops = &ops;
    ret->empty = empty;
    node_store_init(&ret->under, d->s, d->txn, id, d->block, &d->memory, NULL);
}

static status no_memory(const struct dry *d)
{
    return ERR(d->reterr, E_NOMEM, "state: root");
}

static status storage_root(struct dry *d, const struct store_change *ch, struct account_row *row)
{
    struct dry_store t;
    struct trie_pair *pair = arena_array(&d->memory, ch->slots_n, sizeof *pair);
    uint8_t(*leaf)[STORE_WORD_MAX] = arena_array(&d->memory, ch->slots_n, sizeof *leaf);
    if (pair == NULL || leaf == NULL)
        return no_memory(d);
    for (size_t i = 0; i < ch->slots_n; i++) {
        const struct store_slot *sl = &ch->slots[i];
        size_t n = u256_is_zero(sl->word) ? 0 : word_leaf_make(sl->word, leaf[i]);
        pair[i] = (struct trie_pair){slice_of(sl->key.b, 32), slice_of(leaf[i], n)};
    }
    open_trie(d, row->id, row->id == 0, &t);
    return trie_commit(&t.base, pair, ch->slots_n, &row->account.storage_root, d->reterr);
}

/* The leaf that ch leaves behind: empty for none. */
static status account_leaf(struct dry *d, const struct store_change *ch, slice *ret)
{
    struct account_row row;
    *ret = SLICE_EMPTY;
    status s = account_row_find(d->s, d->txn, &ch->key, d->block, &row, d->reterr);
    if (s != OK || !ch->exists)
        return s;
    if (ch->cleared || !row.exists || row.id == 0) {
        row.id = 0;
        row.account.storage_root = trie_empty_root;
    }
    if (ch->slots_n > 0)
        s = storage_root(d, ch, &row);
    uint8_t *text = arena_alloc(&d->memory, 8 + STORE_LEAF_MAX);
    if (s == OK && text == NULL)
        s = no_memory(d);
    if (s != OK)
        return s;
    row.exists = true;
    row.account.nonce = ch->nonce;
    row.account.balance = ch->balance;
    row.account.code_hash = ch->code_hash;
    size_t n = account_row_make(&row, text);
    *ret = slice_after(slice_of(text, n), 8);
    return OK;
}

static status dry_root(struct dry *d, const struct store_change *changes, size_t n, hash32 *ret)
{
    struct dry_store t;
    status s = OK;
    struct trie_pair *pair = arena_array(&d->memory, n, sizeof *pair);
    if (pair == NULL)
        return no_memory(d);
    for (size_t i = 0; s == OK && i < n; i++) {
        pair[i].key = slice_of(changes[i].key.b, 32);
        s = account_leaf(d, &changes[i], &pair[i].value);
    }
    open_trie(d, 0, false, &t);
    return s == OK ? trie_commit(&t.base, pair, n, ret, d->reterr) : s;
}

status store_root_with(const struct store *s, struct kv_txn *txn, uint64_t block,
                       const struct store_change *changes, size_t n, hash32 *ret,
                       struct err *reterr)
{
    struct dry d = {.s = s, .txn = txn, .block = block, .reterr = reterr};
    status r = store_check_block(s, txn, block, reterr);
    if (r != OK)
        return r;
    arena_init(&d.memory, MEMORY_CAP, false);
    r = dry_root(&d, changes, n, ret);
    arena_done(&d.memory);
    return r;
}

status store_world_root(struct world *base, struct state *st, hash32 *ret)
{
    const struct store_world *w = (const struct store_world *)base;
    struct store_change *changes;
    struct arena a;
    size_t n;
    arena_init(&a, MEMORY_CAP, false);
    status s = store_changes(st, &a, &changes, &n, NULL);
    if (s == OK)
        s = store_root_with(w->store, w->txn, w->block, changes, n, ret, NULL);
    arena_done(&a);
    return s;
}
