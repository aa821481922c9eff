/* SPDX-License-Identifier: Apache-2.0 */
/* The way from a stored trie's root to a key, and its last part alone. */
#include "trie/commit_node.h"

struct way {
    struct trie_store *store;
    struct arena *a;
    uint8_t key[TRIE_PATH_MAX];
    size_t key_n;
    size_t at; /* nibbles walked */
    slice *nodes;
    size_t n;
    struct err *reterr;
};

/* List the node that stands at the end of the walk so far. ret: in the arena. */
static status list_node(struct way *w, slice *ret)
{
    slice rlp;
    if (w->n == TRIE_NODES_MAX)
        return ERR(w->reterr, E_CORRUPT, "trie: deeper than the keys");
    status s = w->store->ops->get(w->store, slice_of(w->key, w->at), &rlp, w->reterr);
    if (s != OK)
        return s;
    *ret = arena_dup(w->a, rlp);
    if (ret->p == NULL)
        return ERR(w->reterr, E_NOMEM, "proof");
    w->nodes[w->n++] = *ret;
    return OK;
}

/* The reference to follow out of n, or NULL where the way ends. */
static const struct node_ref *step(struct way *w, const struct node *n)
{
    if (n->kind == NODE_BRANCH && w->at < w->key_n) {
        const struct node_ref *ref = &n->child[w->key[w->at++]];
        return ref->n > 0 ? ref : NULL;
    }
    if (n->kind != NODE_EXT || w->at + n->path_n > w->key_n ||
        memcmp(n->path, w->key + w->at, n->path_n) != 0)
        return NULL;
    w->at += n->path_n;
    return &n->child[0];
}

static status walk(struct way *w)
{
    struct node n;
    slice rlp;
    status s = list_node(w, &rlp);
    if (s == E_NOT_FOUND)
        return OK;
    while (s == OK) {
        s = node_read(rlp, &n, w->reterr);
        if (s != OK)
            break;
        const struct node_ref *ref = step(w, &n);
        if (ref == NULL)
            return OK;
        if (node_ref_hash(ref) != NULL) {
            s = list_node(w, &rlp);
            if (s == E_NOT_FOUND)
                s = ERR(w->reterr, E_CORRUPT, "trie: a node is missing");
        } else {
            rlp = arena_dup(w->a, slice_of(ref->b, ref->n));
            if (rlp.p == NULL)
                s = ERR(w->reterr, E_NOMEM, "proof");
        }
    }
    return s;
}

status trie_prove(struct trie_store *t, slice key, struct arena *a, slice *nodes, size_t *ret_n,
                  struct err *reterr)
{
    struct way w = {.store = t, .a = a, .nodes = nodes, .key_n = 2 * key.n, .reterr = reterr};
    if (key.n > TRIE_KEY_MAX)
        return ERR(reterr, E_TOO_LONG, "trie key of %zu bytes", key.n);
    nibbles_of(key, w.key);
    status s = walk(&w);
    if (s == OK)
        *ret_n = w.n;
    return s;
}

/* Follow the way out of n: a value, or what is embedded. */
static status step_within(struct way *w, const struct node *n, slice *ret_rlp)
{
    if (n->kind == NODE_LEAF)
        return E_NOT_FOUND;
    const struct node_ref *ref = step(w, n);
    if (ref == NULL)
        return E_NOT_FOUND;
    if (node_ref_hash(ref) != NULL)
        return ERR(w->reterr, E_CORRUPT, "trie: a node is missing");
    *ret_rlp = arena_dup(w->a, slice_of(ref->b, ref->n));
    return ret_rlp->p != NULL ? OK : ERR(w->reterr, E_NOMEM, "trie");
}

static bool leaf_ends_at(const struct way *w, const struct node *n)
{
    return n->kind == NODE_LEAF && w->at + n->path_n == w->key_n &&
           memcmp(n->path, w->key + w->at, n->path_n) == 0;
}

status trie_find_within(slice node, slice key, size_t depth, struct arena *a, slice *ret,
                        struct err *reterr)
{
    struct way w = {.a = a, .key_n = 2 * key.n, .at = depth, .reterr = reterr};
    struct node n;
    if (key.n > TRIE_KEY_MAX || depth > 2 * key.n)
        return ERR(reterr, E_CORRUPT, "trie: deeper than the keys");
    nibbles_of(key, w.key);
    for (;;) {
        status s = node_read(node, &n, reterr);
        if (s == OK && leaf_ends_at(&w, &n)) {
            *ret = n.value;
            return OK;
        }
        if (s == OK)
            s = step_within(&w, &n, &node);
        if (s != OK)
            return s;
    }
}
