/* SPDX-License-Identifier: Apache-2.0 */
/* The way from a stored trie's root to a key: what stands at its end, and the nodes that prove it.
 */
#include "trie/commit_node.h"

struct way {
    struct trie_store *store;
    struct arena *a;
    uint8_t key[TRIE_PATH_MAX];
    size_t key_n;
    size_t at;    /* nibbles walked */
    slice *nodes; /* NULL: not listed */
    size_t n;
    struct err *reterr;
};

static status way_init(struct way *w, struct trie_store *t, slice key, struct arena *a,
                       struct err *reterr)
{
    *w = (struct way){.store = t, .a = a, .key_n = 2 * key.n, .reterr = reterr};
    if (key.n > TRIE_KEY_MAX)
        return ERR(reterr, E_TOO_LONG, "trie key of %zu bytes", key.n);
    nibbles_of(key, w->key);
    return OK;
}

/* List a node; rlp: empty when its row has no RLP. */
static status list_node(struct way *w, const struct node *n, slice rlp)
{
    struct buf text;
    if (w->n == TRIE_NODES_MAX)
        return ERR(w->reterr, E_CORRUPT, "trie: deeper than the keys");
    buf_init(&text, NODE_RLP_CAP);
    status s = rlp.n == 0 ? node_put(&text, n) : OK;
    w->nodes[w->n] = arena_dup(w->a, rlp.n == 0 ? buf_slice(&text) : rlp);
    if (s == OK && w->nodes[w->n++].p == NULL)
        s = E_NOMEM;
    buf_done(&text);
    return s == OK ? OK : ERR(w->reterr, s, "proof");
}

static status take_row(struct way *w, uint64_t place, struct node *ret)
{
    slice rlp;
    status s = row_load(w->store, place, ret, &rlp, w->reterr);
    if (s == E_NOT_FOUND)
        s = ERR(w->reterr, E_CORRUPT, "trie: a node is missing");
    return s == OK && w->nodes != NULL ? list_node(w, ret, rlp) : s;
}

static status take(struct way *w, const struct node_ref *ref, struct node *ret)
{
    if (node_ref_hash(ref) != NULL)
        return take_row(w, ref->place, ret);
    slice rlp = arena_dup(w->a, slice_of(ref->b, ref->n));
    return rlp.p != NULL ? node_read(rlp, ret, w->reterr) : ERR(w->reterr, E_NOMEM, "trie");
}

static bool path_fits(const struct way *w, const struct node *n)
{
    return w->at + n->path_n <= w->key_n && memcmp(n->path, w->key + w->at, n->path_n) == 0;
}

/* The reference to follow out of n, or NULL where the way ends. */
static const struct node_ref *step(struct way *w, const struct node *n)
{
    if (n->kind == NODE_BRANCH && w->at < w->key_n) {
        const struct node_ref *ref = &n->child[w->key[w->at++]];
        return ref->n > 0 ? ref : NULL;
    }
    if (n->kind != NODE_EXT || !path_fits(w, n))
        return NULL;
    w->at += n->path_n;
    return &n->child[0];
}

/* Go down branches as far as they follow each other. E_NOT_FOUND: where one has no child. */
static status pass_branches(struct way *w, struct node_ref *ref)
{
    status s = OK;
    while (s == OK && node_ref_hash(ref) != NULL && w->at < w->key_n) {
        struct node_ref child;
        s = row_child(w->store, ref->place, w->key[w->at], &child, w->reterr);
        if (s == E_TYPE)
            return OK;
        if (s == E_NOT_FOUND)
            return ERR(w->reterr, E_CORRUPT, "trie: a node is missing");
        if (s == OK && child.n == 0)
            return E_NOT_FOUND;
        if (s == OK)
            *ref = child;
        w->at++;
    }
    return s;
}

/* *ret: the last node of the way. E_NOT_FOUND: there is none (the trie is empty, or nothing is
 * listed and the way ends in a branch). */
static status walk(struct way *w, const struct trie_top *top, struct node *ret)
{
    struct node_ref ref = {.n = NODE_REF_RLP, .place = top->place};
    if (top->place == 0)
        return E_NOT_FOUND;
    for (;;) {
        status s = w->nodes == NULL ? pass_branches(w, &ref) : OK;
        if (s == OK)
            s = take(w, &ref, ret);
        if (s != OK)
            return s;
        const struct node_ref *next = step(w, ret);
        if (next == NULL)
            return OK;
        ref = *next;
    }
}

status trie_prove(struct trie_store *t, const struct trie_top *top, slice key, struct arena *a,
                  slice *nodes, size_t *ret_n, struct err *reterr)
{
    struct way w;
    struct node n;
    status s = way_init(&w, t, key, a, reterr);
    if (s != OK)
        return s;
    w.nodes = nodes;
    s = walk(&w, top, &n);
    if (s == OK || s == E_NOT_FOUND)
        *ret_n = w.n;
    return s == E_NOT_FOUND ? OK : s;
}

status trie_find(struct trie_store *t, const struct trie_top *top, slice key, struct arena *a,
                 struct trie_pair *ret, struct err *reterr)
{
    struct way w;
    struct node n;
    status s = way_init(&w, t, key, a, reterr);
    if (s == OK)
        s = walk(&w, top, &n);
    if (s != OK)
        return s;
    if (n.kind != NODE_LEAF || w.at + n.path_n != w.key_n || !path_fits(&w, &n))
        return E_NOT_FOUND;
    *ret = (struct trie_pair){.value = n.value, .place = n.value_place};
    return OK;
}
