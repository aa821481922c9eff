/* SPDX-License-Identifier: Apache-2.0 */
/* Applying a block: rows of accounts, the tries, the log of touched keys. */
#include <stdlib.h>

#include "chain/store_priv.h"

#define MEMORY_CAP ((size_t)1 << 30)

struct committing {
    const struct store *s;
    struct kv_txn *w;
    uint64_t block;
    struct store_meta meta;
    struct touched log;
    struct arena memory;    /* for all of the block */
    struct trie_pair *pair; /* of the accounts' trie */
    size_t pair_n;
    struct err *reterr;
};

static status no_memory(const struct committing *c)
{
    return ERR(c->reterr, E_NOMEM, "state: block %llu", (unsigned long long)c->block);
}

static status put_row(struct committing *c, struct kv_table t, enum touched_kind kind,
                      const struct row_key *k, slice value)
{
    struct row_key at = row_key_at(k, c->block);
    status s = kv_put(c->w, t, row_key_slice(&at), value, c->reterr);
    return s == OK ? touched_add(&c->log, kind, k, c->reterr) : s;
}

static status change_storage_trie(struct committing *c, uint64_t id, const struct store_change *ch,
                                  struct arena *a, hash32 *ret_root)
{
    struct node_store ns;
    struct trie_pair *pair = arena_array(a, ch->slots_n, sizeof *pair);
    uint8_t(*leaf)[STORE_WORD_MAX] = arena_array(a, ch->slots_n, sizeof *leaf);
    if (pair == NULL || leaf == NULL)
        return no_memory(c);
    for (size_t i = 0; i < ch->slots_n; i++) {
        const struct store_slot *sl = &ch->slots[i];
        size_t n = u256_is_zero(sl->word) ? 0 : word_leaf_make(sl->word, leaf[i]);
        pair[i] = (struct trie_pair){slice_of(sl->key.b, 32), slice_of(leaf[i], n)};
    }
    node_store_init(&ns, c->s, c->w, id, c->block, a, &c->log);
    return trie_commit(&ns.base, pair, ch->slots_n, ret_root, c->reterr);
}

static bool sets_slots(const struct store_change *ch)
{
    for (size_t i = 0; i < ch->slots_n; i++)
        if (!u256_is_zero(ch->slots[i].word))
            return true;
    return false;
}

static status drop_storage(struct committing *c, struct account_row *row)
{
    struct row_key k;
    if (row->id == 0)
        return OK;
    row_key_set(&k, row->id, SLICE_EMPTY);
    row->id = 0;
    row->account.storage_root = trie_empty_root;
    return touched_add(&c->log, TOUCHED_DROPPED, &k, c->reterr);
}

/* row: the account as it was; its id and storage root are brought up to date. */
static status change_storage(struct committing *c, const struct store_change *ch,
                             struct account_row *row)
{
    struct arena a;
    status s = ch->cleared || !ch->exists ? drop_storage(c, row) : OK;
    if (s != OK || !ch->exists || ch->slots_n == 0 || (row->id == 0 && !sets_slots(ch)))
        return s;
    if (row->id == 0)
        row->id = c->meta.next_id++;
    arena_init(&a, MEMORY_CAP, false);
    s = change_storage_trie(c, row->id, ch, &a, &row->account.storage_root);
    arena_done(&a);
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
    return a->exists == b->exists && a->id == b->id && a->account.nonce == b->account.nonce &&
           u256_eq(a->account.balance, b->account.balance) &&
           hash32_eq(a->account.storage_root, b->account.storage_root) &&
           hash32_eq(a->account.code_hash, b->account.code_hash);
}

static status put_account(struct committing *c, const struct store_change *ch,
                          const struct account_row *row)
{
    struct row_key k;
    uint8_t *text = arena_alloc(&c->memory, 8 + STORE_LEAF_MAX);
    if (text == NULL)
        return no_memory(c);
    size_t n = row->exists ? account_row_make(row, text) : 0;
    row_key_set(&k, 0, slice_of(ch->key.b, 32));
    c->pair[c->pair_n++] =
        (struct trie_pair){slice_of(ch->key.b, 32), slice_after(slice_of(text, n), 8)};
    return put_row(c, c->s->account, TOUCHED_ACCOUNT, &k, slice_of(text, n));
}

static status change_account(struct committing *c, const struct store_change *ch)
{
    struct account_row was;
    status s = account_row_find(c->s, c->w, &ch->key, c->block, &was, c->reterr);
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

/* The span as it will be with block. */
static status next_meta(struct committing *c)
{
    status s = store_meta_get(c->s, c->w, &c->meta, c->reterr);
    if (s == E_NOT_FOUND && kv_has(c->w, c->s->meta, store_load_mark))
        return ERR(c->reterr, E_CONFLICT, "state: a load did not come to its end");
    if (s == E_NOT_FOUND) {
        c->meta = (struct store_meta){c->block, c->block, 1, c->block};
        s = OK;
    } else if (s == OK && c->block != c->meta.head + 1) {
        s = ERR(c->reterr, E_RANGE, "state: block %llu does not follow %llu",
                (unsigned long long)c->block, (unsigned long long)c->meta.head);
    }
    c->meta.head = c->block;
    if (s == OK && c->block >= STORE_BLOCK_MAX)
        s = ERR(c->reterr, E_RANGE, "state: block number");
    return s;
}

static status apply(struct committing *c, const struct store_change *changes, size_t n,
                    hash32 *ret_root)
{
    struct node_store ns;
    status s = OK;
    for (size_t i = 0; s == OK && i < n; i++)
        s = change_account(c, &changes[i]);
    node_store_init(&ns, c->s, c->w, 0, c->block, &c->memory, &c->log);
    if (s == OK)
        s = trie_commit(&ns.base, c->pair, c->pair_n, ret_root, c->reterr);
    if (s == OK)
        s = touched_finish(&c->log, c->reterr);
    return s == OK ? store_meta_put(c->s, c->w, &c->meta, c->reterr) : s;
}

status store_commit(const struct store *s, struct kv_txn *w, uint64_t block,
                    const struct store_change *changes, size_t n, hash32 *ret_root,
                    struct err *reterr)
{
    struct committing c = {.s = s, .w = w, .block = block, .reterr = reterr};
    c.log = (struct touched){.s = s, .w = w, .block = block};
    status r = check_changes(changes, n, reterr);
    if (r == OK)
        r = next_meta(&c);
    if (r != OK)
        return r;
    arena_init(&c.memory, MEMORY_CAP, false);
    c.pair = calloc(n + 1, sizeof *c.pair);
    r = c.pair != NULL ? apply(&c, changes, n, ret_root) : no_memory(&c);
    free(c.pair);
    arena_done(&c.memory);
    return r;
}
