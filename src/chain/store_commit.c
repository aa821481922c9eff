/* SPDX-License-Identifier: Apache-2.0 */
/* Applying a block: the storages, then the accounts that lead to them. */
#include <stdlib.h>

#include "chain/store_priv.h"

#define MEMORY_CAP ((size_t)1 << 30)
#define DROPPED_CAP ((size_t)1 << 30)

struct committing {
    const struct store *s;
    struct kv_txn *w;
    uint64_t block;
    struct store_meta meta;
    struct trie_top top; /* of the accounts */
    struct node_store ns;
    struct buf dropped;
    struct arena memory;    /* for all of the block */
    struct trie_pair *pair; /* of the accounts' trie */
    size_t pair_n;
    struct err *reterr;
};

static status no_memory(const struct committing *c)
{
    return ERR(c->reterr, E_NOMEM, "state: block %llu", (unsigned long long)c->block);
}

status storage_commit(struct trie_store *t, struct trie_top *top, const struct store_change *ch,
                      struct arena *a, struct err *reterr)
{
    struct trie_pair *pair = arena_array(a, ch->slots_n, sizeof *pair);
    uint8_t(*leaf)[STORE_WORD_MAX] = arena_array(a, ch->slots_n, sizeof *leaf);
    if (pair == NULL || leaf == NULL)
        return ERR(reterr, E_NOMEM, "state: slots");
    for (size_t i = 0; i < ch->slots_n; i++) {
        const struct store_slot *sl = &ch->slots[i];
        size_t n = u256_is_zero(sl->word) ? 0 : word_leaf_make(sl->word, leaf[i]);
        pair[i] = (struct trie_pair){.key = slice_of(sl->key.b, 32), .value = slice_of(leaf[i], n)};
    }
    return trie_commit(t, top, pair, ch->slots_n, reterr);
}

/* row: the account as it was; its storage is brought up to date. */
static status change_storage(struct committing *c, const struct store_change *ch,
                             struct account_row *row)
{
    struct arena a;
    struct trie_top top = account_storage(row);
    status s = OK;
    if (ch->cleared || !ch->exists) {
        s = node_drop_tree(&c->ns, top.place, c->reterr);
        top = TRIE_TOP_EMPTY;
    }
    arena_init(&a, MEMORY_CAP, false);
    if (s == OK && ch->exists && ch->slots_n > 0)
        s = storage_commit(&c->ns.base, &top, ch, &a, c->reterr);
    arena_done(&a);
    row->storage = top.place;
    row->account.storage_root = top.hash;
    return s;
}

static status put_code(struct committing *c, const struct store_change *ch)
{
    slice key = slice_of(ch->code_hash.b, 32);
    if (!ch->exists || ch->code.n == 0 || kv_has(c->w, c->s->code, key))
        return OK;
    return kv_put(c->w, c->s->code, key, ch->code, c->reterr);
}

static bool same_account(const struct account_row *a, const struct account_row *b)
{
    return a->exists == b->exists && a->storage == b->storage &&
           a->account.nonce == b->account.nonce &&
           u256_eq(a->account.balance, b->account.balance) &&
           hash32_eq(a->account.storage_root, b->account.storage_root) &&
           hash32_eq(a->account.code_hash, b->account.code_hash);
}

static status put_account(struct committing *c, const struct store_change *ch,
                          const struct account_row *row)
{
    uint8_t *text = arena_alloc(&c->memory, STORE_LEAF_MAX);
    if (text == NULL)
        return no_memory(c);
    size_t n = row->exists ? account_leaf_make(&row->account, text) : 0;
    c->pair[c->pair_n++] = (struct trie_pair){
        .key = slice_of(ch->key.b, 32), .value = slice_of(text, n), .place = row->storage};
    return OK;
}

static status change_account(struct committing *c, const struct store_change *ch)
{
    struct account_row was;
    status s = account_row_find(&c->ns, &c->top, &ch->key, &was, c->reterr);
    if (s != OK)
        return s;
    struct account_row row = was;
    s = change_storage(c, ch, &row);
    if (s == OK)
        s = put_code(c, ch);
    row.exists = ch->exists;
    if (ch->exists) {
        row.account.nonce = ch->nonce;
        row.account.balance = ch->balance;
        row.account.code_hash = ch->code_hash;
    }
    bool still_none = !was.exists && !row.exists;
    if (s != OK || still_none || same_account(&was, &row))
        return s;
    return put_account(c, ch, &row);
}

static status check_changes(const struct store_change *ch, size_t n, struct err *reterr)
{
    size_t all = n;
    for (size_t i = 0; i < n && all <= STORE_CHANGES_MAX; i++)
        all = ch[i].slots_n <= STORE_CHANGES_MAX ? all + ch[i].slots_n : STORE_CHANGES_MAX + 1;
    if (all > STORE_CHANGES_MAX)
        return ERR(reterr, E_TOO_LONG, "state: a block changes more than %u accounts and slots",
                   STORE_CHANGES_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && memcmp(ch[i - 1].key.b, ch[i].key.b, 32) >= 0)
            return ERR(reterr, E_RANGE, "state: account %zu is out of order", i);
        for (size_t j = 1; j < ch[i].slots_n; j++)
            if (memcmp(ch[i].slots[j - 1].key.b, ch[i].slots[j].key.b, 32) >= 0)
                return ERR(reterr, E_RANGE, "state: slot %zu of account %zu is out of order", j, i);
    }
    return OK;
}

/* The span as it will be with block, and what to begin from. */
static status begin(struct committing *c)
{
    struct store_block before = {.top = TRIE_TOP_EMPTY, .next = 1};
    status s = store_meta_get(c->s, c->w, &c->meta, c->reterr);
    if (s == E_NOT_FOUND && kv_has(c->w, c->s->meta, store_load_mark))
        return ERR(c->reterr, E_CONFLICT, "state: a load did not come to its end");
    if (s == E_NOT_FOUND) {
        c->meta = (struct store_meta){c->block, c->block, c->block};
        s = OK;
    } else if (s == OK && c->block != c->meta.head + 1) {
        s = ERR(c->reterr, E_RANGE, "state: block %llu does not follow %llu",
                (unsigned long long)c->block, (unsigned long long)c->meta.head);
    } else if (s == OK) {
        s = store_block_get(c->s, c->w, c->meta.head, &before, c->reterr);
    }
    c->meta.head = c->block;
    c->top = before.top;
    node_store_init(&c->ns, c->s, c->w, before.next, &c->dropped);
    if (s == OK && c->block >= STORE_BLOCK_MAX)
        s = ERR(c->reterr, E_RANGE, "state: block number");
    return s;
}

static status apply(struct committing *c, const struct store_change *changes, size_t n)
{
    status s = OK;
    for (size_t i = 0; s == OK && i < n; i++)
        s = change_account(c, &changes[i]);
    if (s == OK)
        s = trie_commit(&c->ns.base, &c->top, c->pair, c->pair_n, c->reterr);
    struct store_block b = {c->top, c->ns.next};
    if (s == OK)
        s = store_block_put(c->s, c->w, c->block, &b, buf_slice(&c->dropped), c->reterr);
    return s == OK ? store_meta_put(c->s, c->w, &c->meta, c->reterr) : s;
}

status store_commit(const struct store *s, struct kv_txn *w, uint64_t block,
                    const struct store_change *changes, size_t n, hash32 *ret_root,
                    struct err *reterr)
{
    struct committing c = {.s = s, .w = w, .block = block, .reterr = reterr};
    status r = check_changes(changes, n, reterr);
    if (r == OK)
        r = begin(&c);
    if (r != OK)
        return r;
    arena_init(&c.memory, MEMORY_CAP, false);
    buf_init(&c.dropped, DROPPED_CAP);
    c.pair = calloc(n + 1, sizeof *c.pair);
    r = c.pair != NULL ? apply(&c, changes, n) : no_memory(&c);
    if (r == OK)
        *ret_root = c.top.hash;
    free(c.pair);
    buf_done(&c.dropped);
    arena_done(&c.memory);
    return r;
}
