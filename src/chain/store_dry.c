/* SPDX-License-Identifier: Apache-2.0 */
/* What the root would be with changes that are not stored: receipts before Byzantium, simulations.
 */
#include "chain/store_priv.h"

#define MEMORY_CAP ((size_t)1 << 30)

/* Rows that are read, and not put. */
struct dry_store {
    struct trie_store base;
    struct node_store under;
    uint64_t next;
};

static status dry_get(struct trie_store *t, uint64_t place, slice *ret, struct err *reterr)
{
    struct dry_store *d = (struct dry_store *)t;
    return d->under.base.ops->get(&d->under.base, place, ret, reterr);
}

static status dry_put(struct trie_store *t, slice row, uint64_t *ret, struct err *reterr)
{
    (void)row, (void)reterr;
    *ret = ((struct dry_store *)t)->next++;
    return OK;
}

static status dry_drop(struct trie_store *t, uint64_t place, struct err *reterr)
{
    (void)t, (void)place, (void)reterr;
    return OK;
}

struct dry {
    struct dry_store rows;
    struct trie_top top;
    struct arena memory;
    struct err *reterr;
};

static status no_memory(const struct dry *d)
{
    return ERR(d->reterr, E_NOMEM, "state: root");
}

/* The leaf that ch leaves behind: empty for none. */
static status account_leaf(struct dry *d, const struct store_change *ch, slice *ret)
{
    struct account_row row;
    *ret = SLICE_EMPTY;
    status s = account_row_find(&d->rows.under, &d->top, &ch->key, &row, d->reterr);
    if (s != OK || !ch->exists)
        return s;
    struct trie_top storage = ch->cleared ? TRIE_TOP_EMPTY : account_storage(&row);
    if (ch->slots_n > 0)
        s = storage_commit(&d->rows.base, &storage, ch, &d->memory, d->reterr);
    uint8_t *text = arena_alloc(&d->memory, STORE_LEAF_MAX);
    if (s == OK && text == NULL)
        s = no_memory(d);
    if (s != OK)
        return s;
    struct trie_account account = {ch->nonce, ch->balance, storage.hash, ch->code_hash};
    *ret = slice_of(text, account_leaf_make(&account, text));
    return OK;
}

static status dry_root(struct dry *d, const struct store_change *changes, size_t n, hash32 *ret)
{
    status s = OK;
    struct trie_pair *pair = arena_array(&d->memory, n, sizeof *pair);
    if (pair == NULL)
        return no_memory(d);
    for (size_t i = 0; s == OK && i < n; i++) {
        pair[i] = (struct trie_pair){.key = slice_of(changes[i].key.b, 32)};
        s = account_leaf(d, &changes[i], &pair[i].value);
    }
    struct trie_top top = d->top;
    if (s == OK)
        s = trie_commit(&d->rows.base, &top, pair, n, d->reterr);
    if (s == OK)
        *ret = top.hash;
    return s;
}

status store_root_with(const struct store *s, struct kv_txn *txn, uint64_t block,
                       const struct store_change *changes, size_t n, hash32 *ret,
                       struct err *reterr)
{
    static const struct trie_store_ops ops = {dry_get, dry_put, dry_drop};
    struct store_block b;
    status r = store_block_get(s, txn, block, &b, reterr);
    if (r != OK)
        return r;
    struct dry d = {.rows = {.base.ops = &ops, .next = 1}, .top = b.top, .reterr = reterr};
    node_store_init(&d.rows.under, s, txn, 0, NULL);
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
