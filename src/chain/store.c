/* SPDX-License-Identifier: Apache-2.0 */
/* The state store: tables, the span of blocks, accounts, worlds to read from, proofs. */
#include "chain/store.h"

#include <assert.h>

#include "base/checked.h"
#include "chain/store_priv.h"
#include "crypto/keccak.h"

#define META_BYTES 24u
#define WORLD_MEMORY ((size_t)1 << 20)

static const slice meta_key = {(const uint8_t *)"span", 4};

status store_open(struct kv *kv, struct store *ret, struct err *reterr)
{
    struct store st = {.kv = kv};
    const struct {
        const char *name;
        struct kv_table *table;
    } tables[STORE_TABLES] = {
        {"state.span", &st.meta},
        {"state.code", &st.code},
        {"state.node", &st.node},
        {"state.block", &st.block},
    };
    for (size_t i = 0; i < STORE_TABLES; i++) {
        status s = kv_table_open(kv, tables[i].name, tables[i].table, reterr);
        if (s != OK)
            return s;
    }
    *ret = st;
    return OK;
}

/* --- the span ------------------------------------------------------------------------------- */

status store_meta_get(const struct store *s, struct kv_txn *txn, struct store_meta *ret,
                      struct err *reterr)
{
    slice row;
    if (!kv_has(txn, s->meta, meta_key))
        return E_NOT_FOUND;
    status r = kv_get(txn, s->meta, meta_key, &row, reterr);
    if (r != OK)
        return r;
    if (row.n != META_BYTES)
        return ERR(reterr, E_CORRUPT, "state: span of %zu bytes", row.n);
    *ret = (struct store_meta){be64_read(row.p), be64_read(row.p + 8), be64_read(row.p + 16)};
    return OK;
}

status store_meta_put(const struct store *s, struct kv_txn *w, const struct store_meta *m,
                      struct err *reterr)
{
    uint8_t row[META_BYTES];
    be64_write(row, m->first);
    be64_write(row + 8, m->head);
    be64_write(row + 16, m->pruned);
    return kv_put(w, s->meta, meta_key, slice_of(row, sizeof row), reterr);
}

status store_span(const struct store *s, struct kv_txn *txn, struct store_span *ret,
                  struct err *reterr)
{
    struct store_meta m;
    status r = store_meta_get(s, txn, &m, reterr);
    if (r == OK)
        *ret = (struct store_span){m.first, m.head};
    return r;
}

status store_forget(const struct store *s, struct kv_txn *w, struct err *reterr)
{
    if (!kv_has(w, s->meta, meta_key))
        return OK;
    status r = kv_delete(w, s->meta, meta_key, reterr);
    return r == OK ? kv_put(w, s->meta, store_load_mark, SLICE_LIT("1"), reterr) : r;
}

/* --- accounts and words ---------------------------------------------------------------------- */

status account_row_find(struct node_store *ns, const struct trie_top *top, const hash32 *key,
                        struct account_row *ret, struct err *reterr)
{
    struct arena a;
    struct trie_pair p;
    struct account_row r = {
        .account = {.storage_root = trie_empty_root, .code_hash = trie_empty_code}};
    arena_init(&a, WORLD_MEMORY, false);
    status s = trie_find(&ns->base, top, slice_of(key->b, 32), &a, &p, reterr);
    if (s == OK && trie_account_read(p.value, &r.account, reterr) != OK)
        s = ERR(reterr, E_CORRUPT, "state: account's leaf is malformed");
    if (s == OK) {
        r.exists = true;
        r.storage = p.place;
    }
    arena_done(&a);
    if (s == OK || s == E_NOT_FOUND)
        *ret = r;
    return s == E_NOT_FOUND ? OK : s;
}

/* An RLP string of at most 55 bytes. */
static size_t put_short(uint8_t *out, slice s)
{
    size_t head = s.n == 1 && s.p[0] < 0x80 ? 0 : 1;
    out[0] = (uint8_t)(0x80 + s.n);
    if (s.n > 0)
        memcpy(out + head, s.p, s.n);
    return head + s.n;
}

static size_t put_number(uint8_t *out, u256 v)
{
    uint8_t be[32];
    size_t n = u256_byte_len(v);
    u256_to_be(v, be);
    return put_short(out, slice_of(be + 32 - n, n));
}

size_t word_leaf_make(u256 v, uint8_t out[STORE_WORD_MAX])
{
    return put_number(out, v);
}

size_t account_leaf_make(const struct trie_account *a, uint8_t out[STORE_LEAF_MAX])
{
    uint8_t *body = out + 2; /* of list header: the body has 68 to 108 bytes */
    size_t n = put_number(body, u256_from_u64(a->nonce));
    n += put_number(body + n, a->balance);
    n += put_short(body + n, slice_of(a->storage_root.b, 32));
    n += put_short(body + n, slice_of(a->code_hash.b, 32));
    assert(n > 55 && n < 256 && 2 + n <= STORE_LEAF_MAX);
    out[0] = 0xf8;
    out[1] = (uint8_t)n;
    return 2 + n;
}

status slot_find(struct node_store *ns, const struct trie_top *storage, const hash32 *key,
                 u256 *ret, struct err *reterr)
{
    struct arena a;
    struct trie_pair p;
    *ret = u256_from_u64(0);
    arena_init(&a, WORLD_MEMORY, false);
    status s = trie_find(&ns->base, storage, slice_of(key->b, 32), &a, &p, reterr);
    if (s == OK && trie_word_read(p.value, ret, reterr) != OK)
        s = ERR(reterr, E_CORRUPT, "state: slot's leaf is malformed");
    arena_done(&a);
    return s == E_NOT_FOUND ? OK : s;
}

static status word_find(struct node_store *ns, const struct trie_top *storage, const u256 *slot,
                        u256 *ret, struct err *reterr)
{
    uint8_t be[32];
    hash32 key;
    u256_to_be(*slot, be);
    keccak256(slice_of(be, sizeof be), &key);
    return slot_find(ns, storage, &key, ret, reterr);
}

/* --- worlds --------------------------------------------------------------------------------- */

static void hash_address(const addr20 *a, hash32 *ret)
{
    keccak256(slice_of(a->b, sizeof a->b), ret);
}

static status find_account(struct store_world *w, const addr20 *a, struct account_row *ret)
{
    struct node_store ns;
    hash32 key;
    hash_address(a, &key);
    node_store_init(&ns, w->store, w->txn, 0, NULL);
    status s = account_row_find(&ns, &w->top, &key, ret, NULL);
    if (s != OK)
        return s;
    w->last = *a;
    w->last_storage = account_storage(ret);
    w->has_last = true;
    return OK;
}

static status world_account(struct world *base, const addr20 *a, bool *ret_exists,
                            struct trie_account *ret)
{
    struct account_row r;
    status s = find_account((struct store_world *)base, a, &r);
    if (s != OK)
        return s;
    *ret_exists = r.exists;
    *ret = r.account;
    return OK;
}

static status world_slot(struct world *base, const addr20 *a, const u256 *key, u256 *ret)
{
    struct store_world *w = (struct store_world *)base;
    struct node_store ns;
    if (!w->has_last || !addr20_eq(w->last, *a)) {
        struct account_row r;
        status s = find_account(w, a, &r);
        if (s != OK)
            return s;
    }
    node_store_init(&ns, w->store, w->txn, 0, NULL);
    return word_find(&ns, &w->last_storage, key, ret, NULL);
}

static status world_code(struct world *base, const hash32 *hash, slice *ret)
{
    struct store_world *w = (struct store_world *)base;
    if (hash32_eq(*hash, trie_empty_code)) {
        *ret = SLICE_EMPTY;
        return OK;
    }
    status s = kv_get(w->txn, w->store->code, slice_of(hash->b, sizeof hash->b), ret, NULL);
    return s == E_NOT_FOUND ? E_CORRUPT : s;
}

status store_world_at(const struct store *s, struct kv_txn *txn, uint64_t block,
                      struct store_world *ret, struct err *reterr)
{
    static const struct world_ops ops = {world_account, world_slot, world_code, store_world_root};
    struct store_block b;
    status r = store_block_get(s, txn, block, &b, reterr);
    if (r == OK)
        *ret = (struct store_world){
            .base = {&ops}, .store = s, .txn = txn, .block = block, .top = b.top};
    return r;
}

/* --- roots and proofs ------------------------------------------------------------------------ */

status store_root(const struct store *s, struct kv_txn *txn, uint64_t block, hash32 *ret,
                  struct err *reterr)
{
    struct store_block b;
    status r = store_block_get(s, txn, block, &b, reterr);
    if (r == OK)
        *ret = b.top.hash;
    return r;
}

static status prove_key(struct node_store *ns, const struct trie_top *top, slice key,
                        struct arena *a, const slice **ret, size_t *ret_n, struct err *reterr)
{
    hash32 h;
    slice nodes[TRIE_NODES_MAX];
    keccak256(key, &h);
    status r = trie_prove(&ns->base, top, slice_of(h.b, sizeof h.b), a, nodes, ret_n, reterr);
    if (r != OK)
        return r;
    slice *copy = arena_array(a, *ret_n, sizeof *copy);
    if (copy == NULL)
        return ERR(reterr, E_NOMEM, "proof");
    if (*ret_n > 0)
        memcpy(copy, nodes, *ret_n * sizeof *copy);
    *ret = copy;
    return OK;
}

static status prove_slot(struct node_store *ns, const struct trie_top *storage, const u256 *slot,
                         struct arena *a, struct store_slot_proof *ret, struct err *reterr)
{
    uint8_t be[32];
    status r = word_find(ns, storage, slot, &ret->word, reterr);
    if (r != OK)
        return r;
    u256_to_be(*slot, be);
    return prove_key(ns, storage, slice_of(be, sizeof be), a, &ret->nodes, &ret->nodes_n, reterr);
}

status store_prove(const struct store *s, struct kv_txn *txn, uint64_t block, const addr20 *address,
                   const u256 *slots, size_t slots_n, struct arena *a, struct store_proof *ret,
                   struct err *reterr)
{
    struct account_row row;
    struct store_block b;
    struct node_store ns;
    hash32 key;
    struct store_proof p = {.slots_n = slots_n};
    status r = store_block_get(s, txn, block, &b, reterr);
    hash_address(address, &key);
    node_store_init(&ns, s, txn, 0, NULL);
    if (r == OK)
        r = account_row_find(&ns, &b.top, &key, &row, reterr);
    if (r == OK)
        r = prove_key(&ns, &b.top, slice_of(address->b, sizeof address->b), a, &p.nodes, &p.nodes_n,
                      reterr);
    struct store_slot_proof *sp = arena_array(a, slots_n, sizeof *sp);
    if (r == OK && sp == NULL)
        r = ERR(reterr, E_NOMEM, "proof");
    if (r != OK)
        return r;
    struct trie_top storage = account_storage(&row);
    for (size_t i = 0; r == OK && i < slots_n; i++)
        r = prove_slot(&ns, &storage, &slots[i], a, &sp[i], reterr);
    if (r != OK)
        return r;
    p.exists = row.exists;
    p.account = row.account;
    p.slots = sp;
    *ret = p;
    return OK;
}
