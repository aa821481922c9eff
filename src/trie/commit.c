/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a stored trie: a recursion from the root over the sorted changes.
 *
 * A node is taken from the store or made, changed in memory, and sealed (encoded, hashed, noted for
 * the store) as soon as its place is settled: a branch's children when the branch is known to stay.
 * Leaves and extensions may still move up when a branch above them falls away. What was read and
 * what was sealed is noted by path; the difference goes to the store at the end. */
#include "trie/commit.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/keccak.h"
#include "trie/commit_node.h"
#include "trie/proof.h"

#define MEMORY_CAP ((size_t)1 << 30)
#define NO_CHILD 16u

/* A node read or sealed. */
struct note {
    slice path;
    slice before; /* empty: nothing was read there */
    slice after;  /* empty: nothing was sealed there */
};

struct commit {
    struct trie_store *store;
    struct arena memory;
    struct buf text; /* of the node being sealed */
    struct note *note;
    size_t note_n;
    size_t note_max;
    uint8_t path[TRIE_PATH_MAX]; /* where the recursion is; its depth says how much counts */
    struct err *reterr;
};

/* The changes below a node. */
struct run {
    const struct trie_pair *c;
    size_t n;
};

static status apply(struct commit *m, size_t depth, struct node *n, struct run r);

static status add_note(struct commit *m, size_t depth, slice before, slice after)
{
    if (m->note_n == m->note_max) {
        size_t max = m->note_max > 0 ? 2 * m->note_max : 64;
        struct note *p = realloc(m->note, max * sizeof *p);
        if (p == NULL)
            return ERR(m->reterr, E_NOMEM, "trie");
        m->note = p;
        m->note_max = max;
    }
    slice path = arena_dup(&m->memory, slice_of(m->path, depth));
    if (path.p == NULL && depth > 0)
        return ERR(m->reterr, E_NOMEM, "trie");
    m->note[m->note_n++] = (struct note){path, before, after};
    return OK;
}

/* Read the node at the path of depth, referred to by ref (NULL: the root). */
static status load(struct commit *m, size_t depth, const struct node_ref *ref, struct node *ret)
{
    slice rlp;
    hash32 h;
    ret->kind = NODE_EMPTY;
    if (ref != NULL && ref->n == 0)
        return OK;
    if (ref != NULL && node_ref_hash(ref) == NULL) {
        rlp = arena_dup(&m->memory, slice_of(ref->b, ref->n));
        return rlp.p != NULL ? node_read(rlp, ret, m->reterr) : ERR(m->reterr, E_NOMEM, "trie");
    }
    status s = m->store->ops->get(m->store, slice_of(m->path, depth), &rlp, m->reterr);
    if (s == E_NOT_FOUND)
        return ref == NULL ? OK : ERR(m->reterr, E_CORRUPT, "trie: a node is missing");
    if (s != OK)
        return s;
    if (ref != NULL) {
        keccak256(rlp, &h);
        if (memcmp(h.b, node_ref_hash(ref), sizeof h.b) != 0)
            return ERR(m->reterr, E_CORRUPT, "trie: a node does not hash to its reference");
    }
    s = add_note(m, depth, rlp, SLICE_EMPTY);
    return s == OK ? node_read(rlp, ret, m->reterr) : s;
}

/* Settle a node that is not empty at the path of depth. */
static status seal(struct commit *m, size_t depth, const struct node *n, struct node_ref *ret)
{
    buf_clear(&m->text);
    status s = node_put(&m->text, n);
    if (s != OK)
        return ERR(m->reterr, s, "trie node");
    node_ref_make(ret, buf_slice(&m->text));
    if (depth > 0 && node_ref_hash(ret) == NULL)
        return OK;
    slice rlp = arena_dup(&m->memory, buf_slice(&m->text));
    return rlp.p != NULL ? add_note(m, depth, SLICE_EMPTY, rlp) : ERR(m->reterr, E_NOMEM, "trie");
}

/* *n stands k nibbles below the path of depth and is to be reached from there: nibbles are those
 * between. m->path holds them too. */
static status lift(struct commit *m, size_t depth, struct node *n, const uint8_t *nibbles, size_t k)
{
    struct node_ref ref;
    if (k == 0 || n->kind == NODE_EMPTY)
        return OK;
    if (n->kind != NODE_BRANCH) {
        node_prefix(n, nibbles, k);
        return OK;
    }
    status s = seal(m, depth + k, n, &ref);
    if (s == OK)
        node_make_ext(n, nibbles, k, &ref);
    return s;
}

/* Changes whose nibble at depth is x, taken from the front of *r. */
static struct run take_group(struct run *r, size_t depth, uint8_t x)
{
    struct run g = {r->c, 0};
    while (g.n < r->n && nibble_at(r->c[g.n].key, depth) == x)
        g.n++;
    *r = (struct run){r->c + g.n, r->n - g.n};
    return g;
}

/* The children of a branch while changes are applied: at most one of the changed ones, held, is not
 * sealed yet. */
struct family {
    struct node *branch;
    struct node held;
    unsigned held_at; /* NO_CHILD: none */
};

static status settle_held(struct commit *m, size_t depth, struct family *f)
{
    m->path[depth] = (uint8_t)f->held_at;
    return seal(m, depth + 1, &f->held, &f->branch->child[f->held_at]);
}

/* Apply g to child x; own: the child itself, when it is not in the branch yet. */
static status change_child(struct commit *m, size_t depth, struct family *f, unsigned x,
                           const struct node *own, struct run g)
{
    struct node kid;
    status s = OK;
    m->path[depth] = (uint8_t)x;
    if (own != NULL)
        kid = *own;
    else
        s = load(m, depth + 1, &f->branch->child[x], &kid);
    if (s == OK)
        s = apply(m, depth + 1, &kid, g);
    f->branch->child[x].n = 0;
    if (s != OK || kid.kind == NODE_EMPTY)
        return s;
    if (f->held_at != NO_CHILD)
        s = settle_held(m, depth, f);
    f->held = kid;
    f->held_at = x;
    return s;
}

/* A branch with the one child x left gives way to it. */
static status collapse(struct commit *m, size_t depth, struct family *f, unsigned x)
{
    uint8_t nibble = (uint8_t)x;
    status s = OK;
    m->path[depth] = nibble;
    if (f->held_at == NO_CHILD)
        s = load(m, depth + 1, &f->branch->child[x], &f->held);
    if (s != OK)
        return s;
    *f->branch = f->held;
    return lift(m, depth, f->branch, &nibble, 1);
}

static status finish_branch(struct commit *m, size_t depth, struct family *f)
{
    size_t live = f->held_at != NO_CHILD;
    unsigned only = f->held_at;
    for (unsigned x = 0; x < 16; x++) {
        if (f->branch->child[x].n == 0)
            continue;
        live++;
        only = x;
    }
    if (live == 0)
        f->branch->kind = NODE_EMPTY;
    else if (live == 1)
        return collapse(m, depth, f, only);
    else if (f->held_at != NO_CHILD)
        return settle_held(m, depth, f);
    return OK;
}

/* n: a branch at depth. own: a child that is only in memory, at own_at; or NULL. */
static status apply_branch(struct commit *m, size_t depth, struct node *n, const struct node *own,
                           unsigned own_at, struct run r)
{
    struct family f = {.branch = n, .held_at = NO_CHILD};
    status s = OK;
    for (unsigned x = 0; s == OK && x < 16; x++) {
        struct run g = take_group(&r, depth, (uint8_t)x);
        bool is_own = own != NULL && x == own_at;
        if (g.n > 0 || is_own)
            s = change_child(m, depth, &f, x, is_own ? own : NULL, g);
    }
    return s == OK ? finish_branch(m, depth, &f) : s;
}

static void make_branch(struct node *n)
{
    n->kind = NODE_BRANCH;
    n->path_n = 0;
    for (size_t i = 0; i < 16; i++)
        n->child[i].n = 0;
}

/* Apply changes that part k nibbles below depth. These nibbles are in m->path. */
static status apply_parted(struct commit *m, size_t depth, size_t k, struct node *n,
                           const struct node *own, unsigned own_at, struct run r)
{
    uint8_t between[TRIE_PATH_MAX];
    memcpy(between, m->path + depth, k);
    status s = apply_branch(m, depth + k, n, own, own_at, r);
    memcpy(m->path + depth, between, k);
    return s == OK ? lift(m, depth, n, between, k) : s;
}

static status apply_empty(struct commit *m, size_t depth, struct node *n, struct run r)
{
    uint8_t first[TRIE_PATH_MAX];
    size_t len = 2 * r.c[0].key.n;
    nibbles_of(r.c[0].key, first);
    if (r.n == 1) {
        n->kind = r.c[0].value.n > 0 ? NODE_LEAF : NODE_EMPTY;
        n->path_n = (uint8_t)(len - depth);
        memcpy(n->path, first + depth, len - depth);
        n->value = r.c[0].value;
        return OK;
    }
    size_t k = nibbles_shared(r.c[r.n - 1].key, depth, first + depth, len - depth);
    memcpy(m->path + depth, first + depth, k);
    make_branch(n);
    return apply_parted(m, depth, k, n, NULL, 0, r);
}

/* n is a leaf or an extension that not all changes follow: part it where the first one leaves. */
static status part(struct commit *m, size_t depth, struct node *n, size_t k, struct run r)
{
    struct node own = *n;
    unsigned x = n->path[k];
    bool direct = n->kind == NODE_EXT && k + 1u == n->path_n;
    memcpy(m->path + depth, n->path, k);
    own.path_n = (uint8_t)(n->path_n - k - 1);
    memcpy(own.path, n->path + k + 1, own.path_n);
    make_branch(n);
    if (direct)
        n->child[x] = own.child[0];
    return apply_parted(m, depth, k, n, direct ? NULL : &own, x, r);
}

/* How far all changes follow the path of n. */
static size_t followed(const struct node *n, size_t depth, struct run r)
{
    size_t a = nibbles_shared(r.c[0].key, depth, n->path, n->path_n);
    size_t b = nibbles_shared(r.c[r.n - 1].key, depth, n->path, n->path_n);
    return a < b ? a : b;
}

static status apply_leaf(struct commit *m, size_t depth, struct node *n, struct run r)
{
    if (depth + n->path_n != 2 * r.c[0].key.n)
        return ERR(m->reterr, E_CORRUPT, "trie: a leaf's path has another length than the keys");
    for (size_t i = 0; i < r.n; i++)
        if (nibbles_shared(r.c[i].key, depth, n->path, n->path_n) == n->path_n)
            return apply_empty(m, depth, n, r);
    return part(m, depth, n, followed(n, depth, r), r);
}

static status apply_ext(struct commit *m, size_t depth, struct node *n, struct run r)
{
    uint8_t path[TRIE_PATH_MAX];
    size_t len = n->path_n;
    if (depth + len >= 2 * r.c[0].key.n)
        return ERR(m->reterr, E_CORRUPT, "trie: an extension is longer than the keys");
    size_t k = followed(n, depth, r);
    if (k < len)
        return part(m, depth, n, k, r);
    struct node_ref ref = n->child[0];
    memcpy(path, n->path, len);
    memcpy(m->path + depth, path, len);
    status s = load(m, depth + len, &ref, n);
    if (s == OK && n->kind != NODE_BRANCH)
        s = ERR(m->reterr, E_CORRUPT, "trie: an extension leads to no branch");
    if (s == OK)
        s = apply_branch(m, depth + len, n, NULL, 0, r);
    memcpy(m->path + depth, path, len);
    return s == OK ? lift(m, depth, n, path, len) : s;
}

/* Apply changes, all of whose keys begin with the path of depth, to the node there. */
static status apply(struct commit *m, size_t depth, struct node *n, struct run r)
{
    if (r.n == 0)
        return OK;
    switch (n->kind) {
    case NODE_LEAF:
        return apply_leaf(m, depth, n, r);
    case NODE_EXT:
        return apply_ext(m, depth, n, r);
    case NODE_BRANCH:
        if (depth >= 2 * r.c[0].key.n)
            return ERR(m->reterr, E_CORRUPT, "trie: deeper than the keys");
        return apply_branch(m, depth, n, NULL, 0, r);
    case NODE_EMPTY:
        break;
    }
    return apply_empty(m, depth, n, r);
}

/* What continues a path comes before it, as their rows lie in the store. */
static int note_cmp(const void *a, const void *b)
{
    slice x = ((const struct note *)a)->path;
    slice y = ((const struct note *)b)->path;
    size_t n = x.n < y.n ? x.n : y.n;
    int c = n > 0 ? memcmp(x.p, y.p, n) : 0;
    return c != 0 ? c : (x.n < y.n) - (x.n > y.n);
}

static status flush(struct commit *m)
{
    status s = OK;
    if (m->note_n > 1)
        qsort(m->note, m->note_n, sizeof *m->note, note_cmp);
    for (size_t i = 0; s == OK && i < m->note_n;) {
        struct note t = m->note[i++];
        for (; i < m->note_n && note_cmp(&t, &m->note[i]) == 0; i++) {
            if (m->note[i].before.n > 0)
                t.before = m->note[i].before;
            if (m->note[i].after.n > 0)
                t.after = m->note[i].after;
        }
        if (!slice_eq(t.before, t.after))
            s = m->store->ops->put(m->store, t.path, t.before, t.after, m->reterr);
    }
    return s;
}

static status check_changes(const struct trie_pair *c, size_t n, struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        if (c[i].key.n > TRIE_KEY_MAX)
            return ERR(reterr, E_TOO_LONG, "trie key of %zu bytes", c[i].key.n);
        if (c[i].key.n == 0 || c[i].key.n != c[0].key.n ||
            (i > 0 && trie_pair_cmp(&c[i - 1], &c[i]) >= 0))
            return ERR(reterr, E_RANGE, "trie: change %zu is out of order", i);
    }
    return OK;
}

static status run_commit(struct commit *m, struct run r, hash32 *ret_root)
{
    struct node root;
    struct node_ref ref;
    hash32 h = trie_empty_root;
    status s = load(m, 0, NULL, &root);
    if (s == OK)
        s = apply(m, 0, &root, r);
    if (s == OK && root.kind != NODE_EMPTY) {
        s = seal(m, 0, &root, &ref);
        if (s == OK)
            keccak256(buf_slice(&m->text), &h);
    }
    if (s == OK)
        s = flush(m);
    if (s == OK)
        *ret_root = h;
    return s;
}

status trie_commit(struct trie_store *t, const struct trie_pair *changes, size_t n,
                   hash32 *ret_root, struct err *reterr)
{
    status s = check_changes(changes, n, reterr);
    if (s != OK)
        return s;
    struct commit m = {.store = t, .reterr = reterr};
    arena_init(&m.memory, MEMORY_CAP, false);
    buf_init(&m.text, NODE_RLP_CAP);
    s = run_commit(&m, (struct run){changes, n}, ret_root);
    free(m.note);
    buf_done(&m.text);
    arena_done(&m.memory);
    return s;
}
