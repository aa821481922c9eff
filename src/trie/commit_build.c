/* SPDX-License-Identifier: Apache-2.0 */
/* Building a stored trie from sorted pairs: each branch is open while keys below it come, and is
 * put when a key that leaves it is seen. */
#include <assert.h>

#include "crypto/keccak.h"
#include "trie/commit_node.h"
#include "trie/proof.h"

struct build {
    struct trie_store *store;
    struct trie_source *src;
    struct buf text;
    struct buf row;
    bool have; /* a pair is waiting */
    uint8_t key_n;
    uint8_t key[TRIE_PATH_MAX]; /* its nibbles */
    uint8_t value[TRIE_BUILD_VALUE_MAX];
    size_t value_n;
    uint64_t value_place;
    bool started;
    struct err *reterr;
};

/* A node with room for a leaf's value. */
struct held {
    struct node node;
    uint8_t value[TRIE_BUILD_VALUE_MAX];
};

static size_t shared(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t k = 0;
    while (k < n && a[k] == b[k])
        k++;
    return k;
}

/* Take the next pair of the source. */
static status advance(struct build *b)
{
    struct trie_pair p;
    uint8_t key[TRIE_PATH_MAX];
    status s = b->src->next(b->src, &p, b->reterr);
    b->have = false;
    if (s == E_NOT_FOUND)
        return OK;
    if (s != OK)
        return s;
    if (p.key.n > TRIE_KEY_MAX || p.value.n > TRIE_BUILD_VALUE_MAX)
        return ERR(b->reterr, E_TOO_LONG, "trie: key of %zu, value of %zu bytes", p.key.n,
                   p.value.n);
    if (p.key.n == 0 || p.value.n == 0 || (b->started && 2 * p.key.n != b->key_n))
        return ERR(b->reterr, E_RANGE, "trie: empty value, or keys of different length");
    nibbles_of(p.key, key);
    if (b->started && memcmp(b->key, key, b->key_n) >= 0)
        return ERR(b->reterr, E_RANGE, "trie: keys do not ascend");
    b->key_n = (uint8_t)(2 * p.key.n);
    memcpy(b->key, key, b->key_n);
    memcpy(b->value, p.value.p, p.value.n);
    b->value_n = p.value.n;
    b->value_place = p.place;
    b->have = true;
    b->started = true;
    return OK;
}

static status put_sealed(struct build *b, bool is_root, const struct node *n, struct node_ref *ret)
{
    buf_clear(&b->text);
    status s = node_put(&b->text, n);
    if (s != OK)
        return ERR(b->reterr, s, "trie node");
    node_ref_make(ret, buf_slice(&b->text));
    if (!is_root && node_ref_hash(ret) == NULL)
        return OK;
    return row_keep(b->store, n, buf_slice(&b->text), &b->row, &ret->place, b->reterr);
}

/* The waiting pair as a leaf whose path begins at depth. */
static void take_leaf(const struct build *b, size_t depth, struct held *ret)
{
    ret->node.kind = NODE_LEAF;
    ret->node.value_place = b->value_place;
    ret->node.path_n = (uint8_t)(b->key_n - depth);
    memcpy(ret->node.path, b->key + depth, ret->node.path_n);
    memcpy(ret->value, b->value, b->value_n);
    ret->node.value = slice_of(ret->value, b->value_n);
}

/* The keys that share their first nibbles with prefix: what became of those read so far. */
struct subtree {
    const uint8_t *prefix; /* the first key's nibbles */
    size_t depth;          /* how many count */
    struct held top;       /* a leaf, or the open branch */
    size_t at;             /* depth of the open branch; of a leaf: the length of the key */
};

/* Close what is there and make it the first child of a branch at depth at. */
static status open_branch(struct build *b, struct subtree *t, size_t at)
{
    struct node_ref ref = {0};
    struct node *n = &t->top.node;
    status s = OK;
    if (n->kind == NODE_LEAF) {
        size_t cut = at + 1 - t->depth;
        n->path_n = (uint8_t)(n->path_n - cut);
        memmove(n->path, n->path + cut, n->path_n);
        s = put_sealed(b, false, n, &ref);
    } else {
        s = put_sealed(b, false, n, &ref);
        if (s == OK && t->at > at + 1) {
            node_make_ext(n, t->prefix + at + 1, t->at - at - 1, &ref);
            s = put_sealed(b, false, n, &ref);
        }
    }
    node_make_branch(n);
    n->child[t->prefix[at]] = ref;
    t->at = at;
    return s;
}

/* Read all pairs whose keys share their first depth nibbles with the waiting one. ret: a leaf, an
 * extension or a branch, whose place is at depth; branches below are put. */
static status collect(struct build *b, size_t depth, struct held *ret)
{
    uint8_t prefix[TRIE_PATH_MAX];
    struct subtree t = {.prefix = prefix, .depth = depth, .at = b->key_n};
    struct held kid;
    memcpy(prefix, b->key, b->key_n);
    take_leaf(b, depth, &t.top);
    status s = advance(b);
    while (s == OK && b->have) {
        size_t k = shared(prefix, b->key, b->key_n);
        if (k < depth)
            break;
        if (k < t.at)
            s = open_branch(b, &t, k);
        assert(k == t.at);
        uint8_t x = b->key[k];
        if (s == OK)
            s = collect(b, k + 1, &kid);
        if (s == OK)
            s = put_sealed(b, false, &kid.node, &t.top.node.child[x]);
    }
    struct node_ref ref;
    if (s == OK && t.top.node.kind == NODE_BRANCH && t.at > depth) {
        s = put_sealed(b, false, &t.top.node, &ref);
        node_make_ext(&t.top.node, prefix + depth, t.at - depth, &ref);
    }
    *ret = t.top;
    if (ret->node.kind == NODE_LEAF)
        ret->node.value.p = ret->value;
    return s;
}

status trie_build(struct trie_store *t, struct trie_source *src, struct trie_top *ret,
                  struct err *reterr)
{
    struct build b = {.store = t, .src = src, .reterr = reterr};
    struct held top;
    struct node_ref ref;
    struct trie_top made = TRIE_TOP_EMPTY;
    buf_init(&b.text, NODE_RLP_CAP);
    buf_init(&b.row, ROW_CAP);
    status s = advance(&b);
    if (s == OK && b.have) {
        s = collect(&b, 0, &top);
        if (s == OK)
            s = put_sealed(&b, true, &top.node, &ref);
        if (s == OK) {
            made.place = ref.place;
            keccak256(buf_slice(&b.text), &made.hash);
        }
    }
    buf_done(&b.row);
    buf_done(&b.text);
    if (s == OK)
        *ret = made;
    return s;
}
