/* SPDX-License-Identifier: Apache-2.0 */
/* Filling an empty store with a whole state: rows come in the order in which they lie, so all are
 * appended, in transactions of BATCH_BYTES.
 *
 * Appending fills every page to the brim, and then each first change of a page by a block splits
 * it: twice the pages to write for a long time in a large state. So a filler row is put after each
 * ROOM_EVERY bytes of a table and taken away before its transaction ends; where it was, its page
 * has room for some changes. */
#include "chain/store_priv.h"

#define BATCH_BYTES ((size_t)16 << 20)
#define BATCH_ROWS 100000u
#define ROW_OVERHEAD 16u /* bytes of a row in its page beside key and value */
#define ROOM_EVERY 2900u /* of 4 KiB; with ROOM_BYTES about a page */
#define ROOM_BYTES 1000u
#define ROOM_TABLES 3u

/* The fillers of a table that are still there: the last two, so that the older one's page is full.
 */
struct room {
    struct kv_table table;
    size_t since; /* bytes put after the newest */
    unsigned n;
    struct {
        size_t n;
        uint8_t b[STORE_KEY_MAX + 1];
    } key[2]; /* older, newer */
};

struct loading {
    const struct store *s;
    struct kv_txn *w;
    struct store_source *src;
    uint64_t block;
    uint64_t next_id;
    size_t dirty; /* bytes put into w */
    struct room room[ROOM_TABLES];
    unsigned n_rooms;
    struct err *reterr;
};

/* Feeds a trie with what the store's source gives; the rows are put on the way. */
struct feed {
    struct trie_source base;
    struct loading *l;
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

static struct room *room_of(struct loading *l, struct kv_table t)
{
    for (unsigned i = 0; i < l->n_rooms; i++)
        if (l->room[i].table.id == t.id)
            return &l->room[i];
    l->room[l->n_rooms] = (struct room){.table = t};
    return &l->room[l->n_rooms++];
}

static status room_drop_older(struct loading *l, struct room *r)
{
    status s = kv_delete(l->w, r->table, slice_of(r->key[0].b, r->key[0].n), l->reterr);
    r->key[0] = r->key[1];
    r->n--;
    return s;
}

/* after: the last row, which the filler's key continues; no row's key begins with another's. */
static status room_leave(struct loading *l, struct room *r, const struct row_key *after)
{
    static const uint8_t nothing[ROOM_BYTES];
    status s = r->n == 2 ? room_drop_older(l, r) : OK;
    memcpy(r->key[r->n].b, after->b, after->n);
    r->key[r->n].b[after->n] = 0;
    r->key[r->n].n = after->n + 1;
    r->since = 0;
    if (s == OK)
        s = kv_append(l->w, r->table, slice_of(r->key[r->n].b, r->key[r->n].n),
                      slice_of(nothing, sizeof nothing), l->reterr);
    r->n++;
    return s;
}

/* Before a transaction ends: no filler stays. */
static status rooms_drop(struct loading *l)
{
    status s = OK;
    for (unsigned i = 0; i < l->n_rooms; i++)
        while (s == OK && l->room[i].n > 0)
            s = room_drop_older(l, &l->room[i]);
    return s;
}

static status next_txn(struct loading *l)
{
    status s = rooms_drop(l);
    if (s != OK)
        return s;
    struct kv_txn *w = l->w;
    l->w = NULL;
    l->dirty = 0;
    s = kv_commit(w, l->reterr);
    return s == OK ? kv_write_begin(l->s->kv, &l->w, l->reterr) : s;
}

static status append(struct loading *l, struct kv_table t, const struct row_key *k, slice value)
{
    struct row_key at = row_key_at(k, l->block);
    struct room *room = room_of(l, t);
    size_t bytes = at.n + value.n + ROW_OVERHEAD;
    status s = l->dirty > BATCH_BYTES ? next_txn(l) : OK;
    l->dirty += bytes;
    room->since += bytes;
    if (s == OK)
        s = kv_append(l->w, t, row_key_slice(&at), value, l->reterr);
    return s == OK && room->since >= ROOM_EVERY ? room_leave(l, room, &at) : s;
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
    status s = f->has_first ? OK : f->l->src->slot(f->l->src, &sl, reterr);
    f->has_first = false;
    if (s == OK && u256_is_zero(sl.word))
        s = ERR(reterr, E_RANGE, "state: a slot that holds zero");
    if (s != OK)
        return s;
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
    row->id = l->next_id++;
    return s == OK ? build(l, l->s->slot_node, row->id, &f, &row->account.storage_root) : s;
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
    const struct kv_table tables[] = {s->account, s->code, s->account_node, s->slot_node};
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
        r = rooms_drop(&l);
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
