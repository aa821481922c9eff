/* SPDX-License-Identifier: Apache-2.0 */
/* Filling an empty store with a whole state: rows come in the order in which they lie, so all are
 * appended, in transactions of BATCH_BYTES. */
#include "chain/store_priv.h"

#define BATCH_BYTES ((size_t)16 << 20)
#define BATCH_ROWS 100000u
#define ROW_OVERHEAD 16u /* bytes of a row in its page beside key and value */

struct loading {
    const struct store *s;
    struct kv_txn *w;
    struct store_source *src;
    uint64_t block;
    uint64_t next_id;
    size_t dirty; /* bytes put into w */
    struct err *reterr;
};

/* Feeds a trie with what the store's source gives; the rows are put on the way. */
struct feed {
    struct trie_source base;
    struct loading *l;
    uint64_t id;    /* of a storage; 0: accounts */
    bool has_first; /* a slot read ahead waits in first */
    struct store_slot first;
    hash32 key;
    uint8_t leaf[8 + STORE_LEAF_MAX];
};

/* Takes the nodes of a trie. */
struct sink {
    struct trie_store base;
    struct loading *l;
    struct kv_table table;
    uint64_t id;
};

static status append(struct loading *l, struct kv_table t, const struct row_key *k, slice value)
{
    struct row_key at = row_key_at(k, l->block);
    if (l->dirty > BATCH_BYTES) {
        struct kv_txn *w = l->w;
        l->w = NULL;
        status s = kv_commit(w, l->reterr);
        if (s == OK)
            s = kv_write_begin(l->s->kv, &l->w, l->reterr);
        if (s != OK)
            return s;
        l->dirty = 0;
    }
    l->dirty += at.n + value.n + ROW_OVERHEAD;
    return kv_append(l->w, t, row_key_slice(&at), value, l->reterr);
}

static status get_none(struct trie_store *t, slice path, slice *ret, struct err *reterr)
{
    (void)t;
    (void)path;
    (void)ret;
    (void)reterr;
    return E_NOT_FOUND;
}

static status put_new(struct trie_store *t, slice path, slice before, slice node,
                      struct err *reterr)
{
    const struct sink *k = (const struct sink *)t;
    struct row_key key;
    (void)before;
    (void)reterr;
    row_key_set(&key, k->id, path);
    return append(k->l, k->table, &key, node);
}

static status build(struct loading *l, struct kv_table t, uint64_t id, struct feed *f,
                    hash32 *ret_root)
{
    static const struct trie_store_ops ops = {get_none, put_new};
    struct sink k = {{&ops}, l, t, id};
    return trie_build(&k.base, &f->base, ret_root, l->reterr);
}

/* --- slots ---------------------------------------------------------------------------------- */

static status next_slot(struct trie_source *base, struct trie_pair *ret, struct err *reterr)
{
    struct feed *f = (struct feed *)base;
    struct store_slot sl = f->first;
    struct row_key k;
    uint8_t be[32];
    status s = f->has_first ? OK : f->l->src->slot(f->l->src, &sl, reterr);
    f->has_first = false;
    if (s == OK && u256_is_zero(sl.word))
        s = ERR(reterr, E_RANGE, "state: a slot that holds zero");
    if (s != OK)
        return s;
    size_t n = u256_byte_len(sl.word);
    u256_to_be(sl.word, be);
    row_key_set(&k, f->id, slice_of(sl.key.b, 32));
    s = append(f->l, f->l->s->slot, &k, slice_of(be + 32 - n, n));
    f->key = sl.key;
    *ret = (struct trie_pair){slice_of(f->key.b, 32),
                              slice_of(f->leaf, word_leaf_make(sl.word, f->leaf))};
    return s;
}

static status load_storage(struct loading *l, struct account_row *row)
{
    struct feed f = {.base = {next_slot}, .l = l};
    status s = l->src->slot(l->src, &f.first, l->reterr);
    if (s == E_NOT_FOUND)
        return OK;
    f.has_first = true;
    f.id = row->id = l->next_id++;
    return s == OK ? build(l, l->s->slot_node, f.id, &f, &row->account.storage_root) : s;
}

/* --- accounts ------------------------------------------------------------------------------- */

static status put_code(struct loading *l, const struct store_change *ch)
{
    slice key = slice_of(ch->code_hash.b, 32);
    if (ch->code.n == 0 || kv_has(l->w, l->s->code, key))
        return OK;
    l->dirty += ch->code.n;
    return kv_put(l->w, l->s->code, key, ch->code, l->reterr);
}

static status next_account(struct trie_source *base, struct trie_pair *ret, struct err *reterr)
{
    struct feed *f = (struct feed *)base;
    struct store_change ch;
    struct row_key k;
    status s = f->l->src->account(f->l->src, &ch, reterr);
    if (s != OK)
        return s;
    struct account_row row = {.exists = true,
                              .account = {ch.nonce, ch.balance, trie_empty_root, ch.code_hash}};
    f->key = ch.key;
    s = put_code(f->l, &ch);
    if (s == OK)
        s = load_storage(f->l, &row);
    if (s != OK)
        return s;
    size_t n = account_row_make(&row, f->leaf);
    row_key_set(&k, 0, slice_of(f->key.b, 32));
    s = append(f->l, f->l->s->account, &k, slice_of(f->leaf, n));
    *ret = (struct trie_pair){slice_of(f->key.b, 32), slice_after(slice_of(f->leaf, n), 8)};
    return s;
}

/* --- the whole ------------------------------------------------------------------------------ */

/* Remove up to BATCH_ROWS rows; false in *ret_more when the table is empty. */
static status clear_some(struct kv_txn *w, struct kv_table t, bool *ret_more, struct err *reterr)
{
    struct kv_iter it;
    size_t n = 0;
    status s = kv_iter_init(&it, w, t, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, reterr);
    while (s == OK && n < BATCH_ROWS && (s = kv_iter_next(&it, NULL, NULL, reterr)) == OK) {
        s = kv_iter_delete(&it, reterr);
        n++;
    }
    kv_iter_done(&it);
    *ret_more = s == OK;
    return s == E_NOT_FOUND ? OK : s;
}

static status clear_table(const struct store *s, struct kv_table t, struct err *reterr)
{
    bool more = true;
    status r = OK;
    while (r == OK && more) {
        struct kv_txn *w = NULL;
        r = kv_write_begin(s->kv, &w, reterr);
        if (r == OK)
            r = clear_some(w, t, &more, reterr);
        if (r == OK)
            r = kv_commit(w, reterr);
        else
            kv_abort(w);
    }
    return r;
}

/* Remove what a load that did not come to its end left. */
static status clear_all(const struct store *s, struct err *reterr)
{
    const struct kv_table tables[] = {s->account, s->slot, s->code, s->account_node, s->slot_node};
    status r = OK;
    for (size_t i = 0; r == OK && i < sizeof tables / sizeof tables[0]; i++)
        r = clear_table(s, tables[i], reterr);
    return r;
}

static status begin(struct loading *l)
{
    struct store_meta m;
    status s = kv_write_begin(l->s->kv, &l->w, l->reterr);
    if (s != OK)
        return s;
    s = store_meta_get(l->s, l->w, &m, l->reterr);
    if (s == OK)
        return ERR(l->reterr, E_CONFLICT, "state: there is one already");
    if (s != E_NOT_FOUND)
        return s;
    if (kv_has(l->w, l->s->meta, store_load_mark)) {
        kv_abort(l->w);
        l->w = NULL;
        s = clear_all(l->s, l->reterr);
        return s == OK ? kv_write_begin(l->s->kv, &l->w, l->reterr) : s;
    }
    return kv_put(l->w, l->s->meta, store_load_mark, SLICE_LIT("1"), l->reterr);
}

status store_load(const struct store *s, uint64_t block, struct store_source *src, hash32 *ret_root,
                  struct err *reterr)
{
    struct loading l = {.s = s, .src = src, .block = block, .next_id = 1, .reterr = reterr};
    struct feed f = {.base = {next_account}, .l = &l};
    hash32 root;
    if (block >= STORE_BLOCK_MAX)
        return ERR(reterr, E_RANGE, "state: block number");
    status r = begin(&l);
    if (r == OK)
        r = build(&l, s->account_node, 0, &f, &root);
    struct store_meta m = {block, block, l.next_id, block};
    if (r == OK)
        r = store_meta_put(s, l.w, &m, reterr);
    if (r == OK)
        r = kv_delete(l.w, s->meta, store_load_mark, reterr);
    if (r != OK) {
        kv_abort(l.w);
        return r;
    }
    r = kv_commit(l.w, reterr);
    if (r == OK)
        *ret_root = root;
    return r;
}
