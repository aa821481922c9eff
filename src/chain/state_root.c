/* SPDX-License-Identifier: Apache-2.0 */
/* The root of a state that is all in memory. */
#include <stdlib.h>

#include "chain/state.h"
#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "trie/root.h"

#define LEAF_MAX 128u /* bytes of an account in RLP */
#define WORD_MAX 34u  /* bytes of a storage word in RLP */

static void word_key(const u256 *key, hash32 *ret)
{
    uint8_t be[32];
    u256_to_be(*key, be);
    keccak256(slice_of(be, sizeof be), ret);
}

struct word_leaf {
    hash32 key;
    uint8_t value[WORD_MAX];
};

/* RLP of a number > 0. Returns its length. */
static size_t word_value(u256 v, uint8_t out[WORD_MAX])
{
    uint8_t be[32];
    size_t n = u256_byte_len(v);
    u256_to_be(v, be);
    size_t head = n > 1 || be[31] >= 0x80 ? 1 : 0;
    out[0] = (uint8_t)(0x80 + n);
    memcpy(out + head, be + 32 - n, n);
    return head + n;
}

/* The slots of a that are not zero, as pairs in leaves. Returns how many. */
static size_t fill_words(const struct account *a, struct word_leaf *leaf, struct trie_pair *pair)
{
    size_t n = 0;
    for (uint32_t i = 0; i < a->slots.max; i++) {
        const struct slot *s = a->slots.slot[i];
        if (s == NULL || u256_is_zero(s->v.current))
            continue;
        word_key(&s->key, &leaf[n].key);
        size_t len = word_value(s->v.current, leaf[n].value);
        pair[n] = (struct trie_pair){.key = slice_of(leaf[n].key.b, 32),
                                     .value = slice_of(leaf[n].value, len)};
        n++;
    }
    qsort(pair, n, sizeof *pair, trie_pair_cmp);
    return n;
}

static status storage_root(struct account *a)
{
    if (a->root_known)
        return OK;
    struct word_leaf *leaf = calloc(a->slots.n + 1u, sizeof *leaf);
    struct trie_pair *pair = calloc(a->slots.n + 1u, sizeof *pair);
    status s = E_NOMEM;
    if (leaf != NULL && pair != NULL)
        s = trie_root(pair, fill_words(a, leaf, pair), &a->storage_root);
    free(leaf);
    free(pair);
    a->root_known = s == OK;
    return s;
}

static status put_leaf(const struct account *a, struct buf *b)
{
    size_t mark = 0;
    status s = rlp_put_list_begin(b, &mark);
    if (s == OK)
        s = rlp_put_u64(b, a->head.nonce);
    if (s == OK)
        s = rlp_put_u256(b, a->head.balance);
    if (s == OK)
        s = rlp_put_bytes(b, slice_of(a->storage_root.b, 32));
    if (s == OK)
        s = rlp_put_bytes(b, slice_of(a->head.code_hash.b, 32));
    return s == OK ? rlp_put_list_end(b, mark) : s;
}

/* The leaf of an account in text, which has room for it: text must not move. */
static status add_account(struct account *a, struct buf *text, struct trie_pair *pair)
{
    size_t start = text->n;
    status s = storage_root(a);
    if (s == OK)
        s = put_leaf(a, text);
    if (s != OK)
        return s;
    if (hash32_is_zero(a->key))
        keccak256(slice_of(a->addr.b, sizeof a->addr.b), &a->key);
    *pair = (struct trie_pair){.key = slice_of(a->key.b, 32),
                               .value = slice_of(text->p + start, text->n - start)};
    return OK;
}

status state_root(struct state *st, hash32 *ret)
{
    if (st->world != NULL)
        return st->world->ops->root != NULL ? st->world->ops->root(st->world, st, ret)
                                            : E_UNSUPPORTED;
    struct buf text;
    size_t n = 0;
    buf_init(&text, (st->n + 1) * LEAF_MAX);
    struct trie_pair *pair = calloc(st->n + 1, sizeof *pair);
    status s = pair != NULL ? buf_reserve(&text, (st->n + 1) * LEAF_MAX) : E_NOMEM;
    for (size_t i = 0; s == OK && i < st->max; i++)
        if (st->account[i] != NULL && st->account[i]->head.exists)
            s = add_account(st->account[i], &text, &pair[n++]);
    if (s == OK) {
        qsort(pair, n, sizeof *pair, trie_pair_cmp);
        s = trie_root(pair, n, ret);
    }
    free(pair);
    buf_done(&text);
    return s;
}
