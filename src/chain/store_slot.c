/* SPDX-License-Identifier: Apache-2.0 */
/* A word of a storage, found without walking its trie: the leaf that holds it is looked for by key.
 *
 * A leaf stands under a path that the slot's key continues, and what continues a path lies before
 * it. So the first row at or after the key is the leaf's, unless there is none, or rows are in
 * between that hold no more at the block: then the next place is the longest path that the key and
 * the row found share. Each look goes at least a nibble up: 65 at most, as a rule one. */
#include "base/checked.h"
#include "chain/store_priv.h"

#define PATH_MAX 64u /* nibbles of a key */
#define ID_BYTES 8u
#define VERSION_BYTES 8u
#define MEMORY_CAP ((size_t)1 << 16)

struct search {
    const struct store *s;
    struct kv_txn *txn;
    uint64_t id;
    uint64_t block;
    slice key;
    uint8_t nibble[PATH_MAX];
    size_t top;  /* nothing is to be found under longer paths */
    bool is_out; /* nor under shorter ones */
    struct err *reterr;
};

static void path_key(const struct search *f, size_t n, struct row_key *ret)
{
    row_key_set(ret, f->id, slice_of(f->nibble, n));
}

/* The first row at or after the path of top nibbles, not newer than block under this path.
 * E_NOT_FOUND: the storage has none. */
static status look(const struct search *f, slice *ret_path, uint64_t *ret_block, slice *ret_row)
{
    struct kv_iter it;
    struct row_key path;
    slice key;
    path_key(f, f->top, &path);
    struct row_key from = row_key_at(&path, f->block);
    status s = kv_iter_init(&it, f->txn, f->s->slot_node, slice_of(path.b, ID_BYTES),
                            row_key_slice(&from), KV_FORWARD, f->reterr);
    if (s == OK)
        s = kv_iter_next(&it, &key, ret_row, f->reterr);
    kv_iter_done(&it);
    if (s != OK)
        return s;
    if (key.n < ID_BYTES + VERSION_BYTES)
        return ERR(f->reterr, E_CORRUPT, "state: a trie node's key of %zu bytes", key.n);
    *ret_path = slice_of(key.p + ID_BYTES, key.n - ID_BYTES - VERSION_BYTES);
    *ret_block = ~be64_read(key.p + key.n - VERSION_BYTES);
    return OK;
}

static size_t shared(const struct search *f, slice path)
{
    size_t n = 0;
    while (n < path.n && n < PATH_MAX && path.p[n] == f->nibble[n])
        n++;
    return n;
}

/* Nothing is at n nibbles or more. */
static void go_above(struct search *f, size_t n)
{
    f->is_out = n == 0;
    f->top = n > 0 ? n - 1 : 0;
}

/* In the node at depth; row: its newest at the block. */
static status find_within(const struct search *f, slice row, size_t depth, u256 *ret)
{
    struct node_store ns;
    struct arena a;
    slice node = row;
    slice leaf;
    status s = OK;
    arena_init(&a, MEMORY_CAP, false);
    if (node_row_is_delta(row)) {
        node_store_init(&ns, f->s, f->txn, f->id, f->block, &a, NULL);
        s = ns.base.ops->get(&ns.base, slice_of(f->nibble, depth), &node, f->reterr);
        if (s == E_NOT_FOUND)
            s = ERR(f->reterr, E_CORRUPT, "state: changes to a trie node that is missing");
    }
    if (s == OK)
        s = trie_find_within(node, f->key, depth, &a, &leaf, f->reterr);
    if (s == OK && trie_word_read(leaf, ret, NULL) != OK)
        s = ERR(f->reterr, E_CORRUPT, "state: a slot's leaf holds no word");
    arena_done(&a);
    return s;
}

/* Deal with the row found. OK: the word is found | E_NOT_FOUND: look again, unless is_out. */
static status judge(struct search *f, slice path, uint64_t block, slice row, u256 *ret)
{
    size_t n = shared(f, path);
    if (n == path.n && block <= f->block) {
        if (row.n == 0) {
            go_above(f, n);
            return E_NOT_FOUND;
        }
        f->is_out = true;
        return find_within(f, row, n, ret);
    }
    if (n < f->top)
        f->top = n;
    else
        go_above(f, f->top);
    return E_NOT_FOUND;
}

status slot_find(const struct store *s, struct kv_txn *txn, uint64_t id, const hash32 *key,
                 uint64_t block, u256 *ret, struct err *reterr)
{
    struct search f = {
        .s = s, .txn = txn, .id = id, .block = block, .top = PATH_MAX, .reterr = reterr};
    f.key = slice_of(key->b, sizeof key->b);
    for (size_t i = 0; i < PATH_MAX; i++)
        f.nibble[i] = i % 2 == 0 ? key->b[i / 2] >> 4 : key->b[i / 2] & 15u;
    status r = E_NOT_FOUND;
    while (r == E_NOT_FOUND && !f.is_out) {
        slice path;
        slice row;
        uint64_t at;
        r = look(&f, &path, &at, &row);
        if (r != OK)
            break;
        r = judge(&f, path, at, row, ret);
    }
    if (r == E_NOT_FOUND)
        *ret = u256_from_u64(0);
    return r == E_NOT_FOUND ? OK : r;
}
