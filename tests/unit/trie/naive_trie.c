/* SPDX-License-Identifier: Apache-2.0 */
/* The trie of the Yellow Paper's appendix D as a recursive function over sets of pairs. */
#include "naive_trie.h"

#include <stdlib.h>

#include "crypto/keccak.h"

struct build {
    struct arena *a;
    const struct naive_pair *target;
    slice found[NAIVE_PROOF_MAX]; /* deepest first */
    size_t found_n;
};

static uint8_t *need(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

void naive_key(slice key, struct naive_pair *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < key.n; i++) {
        ret->nibble[ret->n++] = key.p[i] >> 4;
        ret->nibble[ret->n++] = key.p[i] & 15;
    }
}

slice naive_cat(struct arena *a, slice x, slice y)
{
    uint8_t *p = need(arena_alloc(a, x.n + y.n + 1));
    if (x.n > 0)
        memcpy(p, x.p, x.n);
    if (y.n > 0)
        memcpy(p + x.n, y.p, y.n);
    return slice_of(p, x.n + y.n);
}

static slice with_length(struct arena *a, uint8_t base, slice body)
{
    uint8_t head[9] = {0};
    size_t n = 1;
    if (body.n < 56) {
        head[0] = (uint8_t)(base + body.n);
    } else {
        for (int shift = 56; shift >= 0; shift -= 8)
            if (n > 1 || (body.n >> shift) != 0)
                head[n++] = (uint8_t)(body.n >> shift);
        head[0] = (uint8_t)(base + 55 + n - 1);
    }
    return naive_cat(a, slice_of(head, n), body);
}

slice naive_str(struct arena *a, slice s)
{
    if (s.n == 1 && s.p[0] < 0x80)
        return naive_cat(a, s, SLICE_EMPTY);
    return with_length(a, 0x80, s);
}

slice naive_list(struct arena *a, slice items)
{
    return with_length(a, 0xc0, items);
}

slice naive_hex_prefix(struct arena *a, const uint8_t *nibble, size_t n, bool leaf)
{
    uint8_t *p = need(arena_alloc(a, n / 2 + 1));
    size_t odd = n % 2;
    p[0] = (uint8_t)((leaf ? 0x20 : 0) | (odd ? 0x10 | nibble[0] : 0));
    for (size_t i = odd; i < n; i += 2)
        p[1 + i / 2] = (uint8_t)(nibble[i] << 4 | nibble[i + 1]);
    return slice_of(p, n / 2 + 1);
}

/* What stands for a node in its parent; keeps the node for the proof if it is on the way. */
static slice refer(struct build *b, slice node, bool on_way)
{
    if (node.n < 32)
        return node;
    if (on_way)
        b->found[b->found_n++] = node;
    hash32 h;
    keccak256(node, &h);
    return naive_str(b->a, slice_of(h.b, sizeof h.b));
}

static size_t common_prefix(const struct naive_pair *pairs, size_t n, size_t depth)
{
    size_t len = pairs[0].n - depth;
    for (size_t i = 1; i < n; i++) {
        size_t k = 0;
        while (k < len && depth + k < pairs[i].n &&
               pairs[i].nibble[depth + k] == pairs[0].nibble[depth + k])
            k++;
        len = k;
    }
    return len;
}

static bool target_matches(const struct build *b, const struct naive_pair *p, size_t depth,
                           size_t len)
{
    const struct naive_pair *t = b->target;
    return t != NULL && t->n >= depth + len &&
           memcmp(t->nibble + depth, p->nibble + depth, len) == 0;
}

static slice build_node(struct build *b, const struct naive_pair *pairs, size_t n, size_t depth,
                        bool on_way);

static slice build_branch(struct build *b, const struct naive_pair *pairs, size_t n, size_t depth,
                          bool on_way)
{
    struct naive_pair *sub = (void *)need(arena_array(b->a, n, sizeof *sub));
    slice items = SLICE_EMPTY;
    for (uint8_t nibble = 0; nibble < 16; nibble++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (pairs[i].n > depth && pairs[i].nibble[depth] == nibble)
                sub[m++] = pairs[i];
        slice ref = naive_str(b->a, SLICE_EMPTY);
        if (m > 0) {
            bool way = on_way && target_matches(b, &sub[0], depth, 1);
            ref = refer(b, build_node(b, sub, m, depth + 1, way), way);
        }
        items = naive_cat(b->a, items, ref);
    }
    slice value = SLICE_EMPTY;
    for (size_t i = 0; i < n; i++)
        if (pairs[i].n == depth)
            value = pairs[i].value;
    return naive_list(b->a, naive_cat(b->a, items, naive_str(b->a, value)));
}

static slice build_node(struct build *b, const struct naive_pair *pairs, size_t n, size_t depth,
                        bool on_way)
{
    size_t len = n == 1 ? pairs[0].n - depth : common_prefix(pairs, n, depth);
    slice path = naive_str(b->a, naive_hex_prefix(b->a, pairs[0].nibble + depth, len, n == 1));
    if (n == 1)
        return naive_list(b->a, naive_cat(b->a, path, naive_str(b->a, pairs[0].value)));
    if (len == 0)
        return build_branch(b, pairs, n, depth, on_way);
    bool way = on_way && target_matches(b, &pairs[0], depth, len);
    slice child = refer(b, build_branch(b, pairs, n, depth + len, way), way);
    return naive_list(b->a, naive_cat(b->a, path, child));
}

hash32 naive_root(const struct naive_pair *pairs, size_t n, const struct naive_pair *target,
                  struct arena *a, struct naive_proof *ret_proof)
{
    struct build b = {.a = a, .target = target};
    slice root = naive_str(a, SLICE_EMPTY);
    if (n > 0) {
        root = build_node(&b, pairs, n, 0, target != NULL);
        b.found[b.found_n++] = root;
    }
    if (ret_proof != NULL) {
        ret_proof->n = b.found_n;
        for (size_t i = 0; i < b.found_n; i++)
            ret_proof->node[i] = b.found[b.found_n - 1 - i];
    }
    hash32 h;
    keccak256(root, &h);
    return h;
}
