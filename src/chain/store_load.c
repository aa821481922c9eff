/* SPDX-License-Identifier: Apache-2.0 */
/* Filling an empty store with a whole state: rows come in order of their places, so all are
 * appended, in transactions of BATCH_BYTES. */
#include "chain/store_priv.h"

#define BATCH_BYTES ((size_t)16 << 20)
#define BATCH_ROWS 100000u
#define ROW_OVERHEAD 24u /* bytes of a row beside its value: key, LMDB's header */

struct loading {
    struct trie_store base; /* takes the rows of all tries */
    const struct store *s;
    struct kv_txn *w;
    struct store_source *src;
    uint64_t next; /* place */
    size_t dirty;  /* bytes put into w */
    struct err *reterr;
};

/* Feeds a trie with what the store's source gives; the rows are put on the way. */
struct feed {
    struct trie_source base;
    struct loading *l;
    bool has_first; /* a slot read ahead waits in first */
    struct store_slot first;
    hash32 key;
    uint8_t leaf[STORE_LEAF_MAX];
};

static status next_txn(struct loading *l)
{
    struct kv_txn *w = l->w;
    l->w = NULL;
    l->dirty = 0;
    status s = kv_commit(w, l->reterr);
    return s == OK ? kv_write_begin(l->s->kv, &l->w, l->reterr) : s;
}

static status put_row(struct trie_store *t, slice row, uint64_t *ret, struct err *reterr)
{
    struct loading *l = (struct loading *)t;
    uint8_t key[8];
    status s = l->dirty > BATCH_BYTES ? next_txn(l) : OK;
    if (s != OK)
        return s;
    l->dirty += row.n + ROW_OVERHEAD;
    *ret = l->next++;
    return kv_append(l->w, l->s->node, node_key(*ret, key), row, reterr);
}

/* A trie that is built takes nothing up again. */
static status get_none(struct trie_store *t, uint64_t place, slice *ret, struct err *reterr)
{
    (void)t, (void)place, (void)ret, (void)reterr;
    return E_NOT_FOUND;
}

static status drop_none(struct trie_store *t, uint64_t place, struct err *reterr)
{
    (void)t, (void)place, (void)reterr;
    return OK;
}

/* --- slots ---------------------------------------------------------------------------------- */

static status next_slot(struct trie_source *base, struct trie_pair *ret, struct err *reterr)
{
    struct feed *f = (struct feed *)base;
    struct store_slot sl = f->first;
    status s = f->has_first ? OK : f->l->src->slot(f->l->src, &sl, reterr);
    f->has_first = false;
    if (s == OK && u256_is_zero(sl.word))
        s = ERR(reterr, E_RANGE, "state: a slot that holds zero");
    if (s != OK)
        return s;
    f->key = sl.key;
    *ret = (struct trie_pair){.key = slice_of(f->key.b, 32),
                              .value = slice_of(f->leaf, word_leaf_make(sl.word, f->leaf))};
    return s;
}

static status load_storage(struct loading *l, struct trie_top *ret)
{
    struct feed f = {.base = {next_slot}, .l = l};
    *ret = TRIE_TOP_EMPTY;
    status s = l->src->slot(l->src, &f.first, l->reterr);
    if (s == E_NOT_FOUND)
        return OK;
    f.has_first = true;
    return s == OK ? trie_build(&l->base, &f.base, ret, l->reterr) : s;
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
    struct trie_top storage;
    status s = f->l->src->account(f->l->src, &ch, reterr);
    if (s != OK)
        return s;
    f->key = ch.key;
    struct trie_account account = {ch.nonce, ch.balance, trie_empty_root, ch.code_hash};
    s = put_code(f->l, &ch);
    if (s == OK)
        s = load_storage(f->l, &storage);
    if (s != OK)
        return s;
    account.storage_root = storage.hash;
    *ret = (struct trie_pair){.key = slice_of(f->key.b, 32),
                              .value = slice_of(f->leaf, account_leaf_make(&account, f->leaf)),
                              .place = storage.place};
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

/* Remove what a load left that did not come to its end, or was for nothing. */
static status clear_all(const struct store *s, struct err *reterr)
{
    const struct kv_table tables[] = {s->code, s->node, s->block};
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

static status finish(struct loading *l, uint64_t block, const struct trie_top *top)
{
    struct store_meta m = {block, block, block};
    struct store_block b = {*top, l->next};
    status s = store_block_put(l->s, l->w, block, &b, SLICE_EMPTY, l->reterr);
    if (s == OK)
        s = store_meta_put(l->s, l->w, &m, l->reterr);
    return s == OK ? kv_delete(l->w, l->s->meta, store_load_mark, l->reterr) : s;
}

status store_load(const struct store *s, uint64_t block, struct store_source *src, hash32 *ret_root,
                  struct err *reterr)
{
    static const struct trie_store_ops ops = {get_none, put_row, drop_none};
    struct loading l = {.base = {&ops}, .s = s, .src = src, .next = 1, .reterr = reterr};
    struct feed f = {.base = {next_account}, .l = &l};
    struct trie_top top;
    if (block >= STORE_BLOCK_MAX)
        return ERR(reterr, E_RANGE, "state: block number");
    status r = begin(&l);
    if (r == OK)
        r = trie_build(&l.base, &f.base, &top, reterr);
    if (r == OK)
        r = finish(&l, block, &top);
    if (r != OK) {
        kv_abort(l.w);
        return r;
    }
    r = kv_commit(l.w, reterr);
    if (r == OK)
        *ret_root = top.hash;
    return r;
}
