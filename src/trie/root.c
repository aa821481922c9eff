/* SPDX-License-Identifier: Apache-2.0 */
/* A trie over sorted pairs is a recursion over runs of keys that share a prefix: no node is kept.
 */
#include "trie/root.h"

#include <stdlib.h>

#include "base/checked.h"
#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "trie/proof.h"

#define NODE_REF 32u /* shorter nodes are embedded, others referred to by hash */
#define ROOT_CAP ((size_t)1 << 33)

static size_t nibbles(const struct trie_pair *p)
{
    return 2 * p->key.n;
}

static unsigned nibble(const struct trie_pair *p, size_t i)
{
    uint8_t b = p->key.p[i / 2];
    return i % 2 == 0 ? b >> 4 : b & 15u;
}

static status put_node(struct buf *b, const struct trie_pair *pairs, size_t n, size_t depth);

/* What stands for a node in its parent. */
static status put_ref(struct buf *b, const struct trie_pair *pairs, size_t n, size_t depth)
{
    size_t start = b->n;
    status s = put_node(b, pairs, n, depth);
    if (s != OK || b->n - start < NODE_REF)
        return s;
    hash32 h;
    keccak256(slice_of(b->p + start, b->n - start), &h);
    b->n = start;
    return rlp_put_bytes(b, slice_of(h.b, sizeof h.b));
}

/* Hex prefix (appendix C) of the nibbles from depth to end. */
static status put_path(struct buf *b, const struct trie_pair *p, size_t depth, size_t end,
                       bool leaf)
{
    uint8_t path[TRIE_KEY_MAX + 1];
    size_t n = 1;
    path[0] = leaf ? 0x20 : 0;
    if ((end - depth) % 2 != 0)
        path[0] = (uint8_t)(path[0] | 0x10 | nibble(p, depth++));
    for (; depth < end; depth += 2)
        path[n++] = (uint8_t)(nibble(p, depth) << 4 | nibble(p, depth + 1));
    return rlp_put_bytes(b, slice_of(path, n));
}

static status put_branch(struct buf *b, const struct trie_pair *pairs, size_t n, size_t depth)
{
    size_t at = nibbles(&pairs[0]) == depth ? 1 : 0; /* a key that ends here sorts first */
    status s = OK;
    for (unsigned x = 0; s == OK && x < 16; x++) {
        size_t end = at;
        while (end < n && nibble(&pairs[end], depth) == x)
            end++;
        if (end == at)
            s = buf_put_u8(b, 0x80);
        else
            s = put_ref(b, pairs + at, end - at, depth + 1);
        at = end;
    }
    if (s == OK)
        s = rlp_put_bytes(b, nibbles(&pairs[0]) == depth ? pairs[0].value : SLICE_EMPTY);
    return s;
}

/* Nibbles that all pairs share: those of the first and the last, since they are sorted. */
static size_t shared(const struct trie_pair *pairs, size_t n, size_t depth)
{
    size_t end = nibbles(&pairs[0]);
    while (depth < end && depth < nibbles(&pairs[n - 1]) &&
           nibble(&pairs[0], depth) == nibble(&pairs[n - 1], depth))
        depth++;
    return depth;
}

static status put_node(struct buf *b, const struct trie_pair *pairs, size_t n, size_t depth)
{
    size_t mark;
    status s = rlp_put_list_begin(b, &mark);
    size_t end = shared(pairs, n, depth);
    if (s == OK && n == 1) {
        s = put_path(b, pairs, depth, end, true);
        if (s == OK)
            s = rlp_put_bytes(b, pairs[0].value);
    } else if (s == OK && end > depth) {
        s = put_path(b, pairs, depth, end, false);
        if (s == OK)
            s = put_ref(b, pairs, n, end);
    } else if (s == OK) {
        s = put_branch(b, pairs, n, depth);
    }
    return s == OK ? rlp_put_list_end(b, mark) : s;
}

int trie_pair_cmp(const void *a, const void *b)
{
    const struct trie_pair *x = a;
    const struct trie_pair *y = b;
    size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    int c = n > 0 ? memcmp(x->key.p, y->key.p, n) : 0;
    return c != 0 ? c : (x->key.n > y->key.n) - (x->key.n < y->key.n);
}

static status check_pairs(const struct trie_pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (pairs[i].key.n > TRIE_KEY_MAX)
            return E_TOO_LONG;
        if (pairs[i].value.n == 0 || (i > 0 && trie_pair_cmp(&pairs[i - 1], &pairs[i]) >= 0))
            return E_RANGE;
    }
    return OK;
}

status trie_root(const struct trie_pair *pairs, size_t n, hash32 *ret)
{
    status s = check_pairs(pairs, n);
    if (s != OK)
        return s;
    if (n == 0) {
        *ret = trie_empty_root;
        return OK;
    }
    struct buf b;
    buf_init(&b, ROOT_CAP);
    s = put_node(&b, pairs, n, 0);
    if (s == OK)
        keccak256(buf_slice(&b), ret);
    buf_done(&b);
    return s;
}

#define INDEX_KEY_MAX 9u

/* RLP of a number, in out. */
static slice index_key(uint64_t i, uint8_t out[INDEX_KEY_MAX])
{
    uint8_t be[8];
    be64_write(be, i);
    size_t skip = i == 0 ? 8 : (size_t)__builtin_clzll(i) / 8;
    if (i > 0 && i < 0x80) {
        out[0] = (uint8_t)i;
        return slice_of(out, 1);
    }
    out[0] = (uint8_t)(0x80 + 8 - skip);
    memcpy(out + 1, be + skip, 8 - skip);
    return slice_of(out, 9 - skip);
}

status trie_root_list(const slice *values, size_t n, hash32 *ret)
{
    struct trie_pair *pairs = calloc(n + 1, sizeof *pairs);
    uint8_t(*keys)[INDEX_KEY_MAX] = calloc(n + 1, sizeof *keys);
    status s = E_NOMEM;
    if (pairs != NULL && keys != NULL) {
        for (size_t i = 0; i < n; i++)
            pairs[i] = (struct trie_pair){.key = index_key(i, keys[i]), .value = values[i]};
        qsort(pairs, n, sizeof *pairs, trie_pair_cmp);
        s = trie_root(pairs, n, ret);
    }
    free(keys);
    free(pairs);
    return s;
}
