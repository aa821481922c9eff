/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a stored trie: a recursion from the root over the sorted changes.
 *
 * A node is taken from the store or made, changed in memory, and sealed (encoded, hashed, put) as
 * soon as its place is settled: a branch's children when the branch is known to stay. Leaves and
 * extensions may still move up when a branch above them falls away. What is sealed is never taken
 * up again in the same commit. */
#include "trie/commit.h"

#include <assert.h>

#include "crypto/keccak.h"
#include "trie/commit_node.h"
#include "trie/proof.h"

#define MEMORY_CAP ((size_t)1 << 30)
#define NO_CHILD 16u

struct commit {
    struct trie_store *store;
    struct arena memory;
    struct buf text; /* of the node being sealed */
    struct buf row;
    struct err *reterr;
};

/* The changes below a node. */
struct run {
    const struct trie_pair *c;
    size_t n;
};

static status apply(struct commit *m, size_t depth, struct node *n, struct run r);

static status load_embedded(struct commit *m, const struct node_ref *ref, struct node *ret)
{
    slice rlp = arena_dup(&m->memory, slice_of(ref->b, ref->n));
    return rlp.p != NULL ? node_read(rlp, ret, m->reterr) : ERR(m->reterr, E_NOMEM, "trie");
}

static status check_hash(struct commit *m, const struct node *n, slice rlp, const uint8_t *want)
{
    hash32 h;
    if (rlp.n == 0) {
        buf_clear(&m->text);
        status s = node_put(&m->text, n);
        if (s != OK)
            return ERR(m->reterr, s, "trie node");
        rlp = buf_slice(&m->text);
    }
    keccak256(rlp, &h);
    return memcmp(h.b, want, sizeof h.b) == 0
               ? OK
               : ERR(m->reterr, E_CORRUPT, "trie: a node does not hash to its reference");
}

/* Take the node that ref refers to out of the store. Its row is dropped; a branch's rows stay until
 * it is known what becomes of it. */
static status load(struct commit *m, const struct node_ref *ref, struct node *ret)
{
    slice rlp;
    ret->kind = NODE_EMPTY;
    if (ref->n == 0)
        return OK;
    const uint8_t *hash = node_ref_hash(ref);
    if (hash == NULL)
        return load_embedded(m, ref, ret);
    status s = row_load(m->store, ref->place, ret, &rlp, m->reterr);
    if (s == E_NOT_FOUND)
        s = ERR(m->reterr, E_CORRUPT, "trie: a node is missing");
    if (s == OK)
        s = check_hash(m, ret, rlp, hash);
    if (s != OK || ret->kind == NODE_BRANCH)
        return s;
    if (ret->kind == NODE_LEAF) {
        ret->value = arena_dup(&m->memory, ret->value);
        if (ret->value.p == NULL)
            return ERR(m->reterr, E_NOMEM, "trie");
    }
    return m->store->ops->drop(m->store, ref->place, m->reterr);
}

/* Settle a node that is not empty. */
static status seal(struct commit *m, bool is_root, const struct node *n, struct node_ref *ret)
{
    buf_clear(&m->text);
    status s = node_put(&m->text, n);
    if (s != OK)
        return ERR(m->reterr, s, "trie node");
    node_ref_make(ret, buf_slice(&m->text));
    if (is_root || node_ref_hash(ret) != NULL)
        return row_keep(m->store, n, buf_slice(&m->text), &m->row, &ret->place, m->reterr);
    return n->kind == NODE_BRANCH ? row_forget(m->store, n, m->reterr) : OK;
}

/* *n stands k nibbles below where it is to be reached from: nibbles are those between. */
static status lift(struct commit *m, struct node *n, const uint8_t *nibbles, size_t k)
{
    struct node_ref ref;
    if (k == 0 || n->kind == NODE_EMPTY)
        return OK;
    if (n->kind != NODE_BRANCH) {
        node_prefix(n, nibbles, k);
        return OK;
    }
    status s = seal(m, false, n, &ref);
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

static status settle_held(struct commit *m, struct family *f)
{
    return seal(m, false, &f->held, &f->branch->child[f->held_at]);
}

/* Apply g to child x; own: the child itself, when it is not in the branch yet. */
static status change_child(struct commit *m, size_t depth, struct family *f, unsigned x,
                           const struct node *own, struct run g)
{
    struct node kid;
    status s = OK;
    if (own != NULL)
        kid = *own;
    else
        s = load(m, &f->branch->child[x], &kid);
    if (s == OK)
        s = apply(m, depth + 1, &kid, g);
    f->branch->child[x].n = 0;
    f->branch->changed |= 1u << x;
    if (s != OK || kid.kind == NODE_EMPTY)
        return s;
    if (f->held_at != NO_CHILD)
        s = settle_held(m, f);
    f->held = kid;
    f->held_at = x;
    return s;
}

/* A branch with the one child x left gives way to it. */
static status collapse(struct commit *m, struct family *f, unsigned x)
{
    uint8_t nibble = (uint8_t)x;
    struct node_ref ref = f->branch->child[x];
    status s = row_forget(m->store, f->branch, m->reterr);
    bool held = f->held_at != NO_CHILD;
    if (s == OK && !held)
        s = load(m, &ref, &f->held);
    if (s != OK)
        return s;
    if (!held && f->held.kind == NODE_BRANCH) {
        node_make_ext(f->branch, &nibble, 1, &ref);
        return OK;
    }
    *f->branch = f->held;
    return lift(m, f->branch, &nibble, 1);
}

static status finish_branch(struct commit *m, struct family *f)
{
    size_t live = f->held_at != NO_CHILD;
    unsigned only = f->held_at;
    for (unsigned x = 0; x < 16; x++) {
        if (f->branch->child[x].n == 0)
            continue;
        live++;
        only = x;
    }
    if (live == 0) {
        f->branch->kind = NODE_EMPTY;
        return row_forget(m->store, f->branch, m->reterr);
    }
    if (live == 1)
        return collapse(m, f, only);
    return f->held_at != NO_CHILD ? settle_held(m, f) : OK;
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
    return s == OK ? finish_branch(m, &f) : s;
}

/* Apply changes that part k nibbles below depth. */
static status apply_parted(struct commit *m, size_t depth, const uint8_t *nibbles, size_t k,
                           struct node *n, const struct node *own, unsigned own_at, struct run r)
{
    status s = apply_branch(m, depth + k, n, own, own_at, r);
    return s == OK ? lift(m, n, nibbles, k) : s;
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
        n->value_place = r.c[0].place;
        return OK;
    }
    size_t k = nibbles_shared(r.c[r.n - 1].key, depth, first + depth, len - depth);
    node_make_branch(n);
    return apply_parted(m, depth, first + depth, k, n, NULL, 0, r);
}

/* n is a leaf or an extension that not all changes follow: part it where the first one leaves. */
static status part(struct commit *m, size_t depth, struct node *n, size_t k, struct run r)
{
    struct node own = *n;
    uint8_t nibbles[TRIE_PATH_MAX];
    unsigned x = n->path[k];
    bool direct = n->kind == NODE_EXT && k + 1u == n->path_n;
    memcpy(nibbles, n->path, k);
    own.path_n = (uint8_t)(n->path_n - k - 1);
    memcpy(own.path, n->path + k + 1, own.path_n);
    node_make_branch(n);
    if (direct)
        n->child[x] = own.child[0];
    return apply_parted(m, depth, nibbles, k, n, direct ? NULL : &own, x, r);
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
    status s = load(m, &ref, n);
    if (s == OK && n->kind != NODE_BRANCH)
        s = ERR(m->reterr, E_CORRUPT, "trie: an extension leads to no branch");
    return s == OK ? apply_parted(m, depth, path, len, n, NULL, 0, r) : s;
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

static status run_commit(struct commit *m, struct run r, struct trie_top *top)
{
    struct node root;
    struct node_ref ref = {.n = 0};
    if (top->place != 0) {
        node_ref_set_hash(&ref, &top->hash);
        ref.place = top->place;
    }
    status s = load(m, &ref, &root);
    if (s == OK)
        s = apply(m, 0, &root, r);
    if (s != OK)
        return s;
    struct trie_top made = TRIE_TOP_EMPTY;
    if (root.kind != NODE_EMPTY) {
        s = seal(m, true, &root, &ref);
        made.place = ref.place;
        keccak256(buf_slice(&m->text), &made.hash);
    }
    if (s == OK)
        *top = made;
    return s;
}

status trie_commit(struct trie_store *t, struct trie_top *top, const struct trie_pair *changes,
                   size_t n, struct err *reterr)
{
    status s = check_changes(changes, n, reterr);
    if (s != OK || n == 0)
        return s;
    struct commit m = {.store = t, .reterr = reterr};
    arena_init(&m.memory, MEMORY_CAP, false);
    buf_init(&m.text, NODE_RLP_CAP);
    buf_init(&m.row, ROW_CAP);
    s = run_commit(&m, (struct run){changes, n}, top);
    buf_done(&m.row);
    buf_done(&m.text);
    arena_done(&m.memory);
    return s;
}
