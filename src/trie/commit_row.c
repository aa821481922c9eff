/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of nodes. A row is whole, or holds what changed of a branch since its last whole one.
 *
 *   whole:    n (1 byte, at most 16), n places, the node's RLP
 *   changes:  0x80, the place of the whole row, which children (2 bytes, bit x: child x), and of
 *             each of these, lowest first: its reference as RLP, its place if that is a hash
 *
 * Places have 6 bytes, big-endian. Those of a whole row belong to the references that are hashes,
 * in their order; a leaf's one is what the caller gave with its value. A branch is stored as
 * changes when they take less than half of a whole row, so reading a node takes two rows at most.
 */
#include <assert.h>

#include "base/checked.h"
#include "codec/rlp.h"
#include "trie/commit_node.h"

#define PLACE 6u
#define CHANGES 0x80u
#define CHANGES_HEAD (1 + PLACE + 2u)

static uint64_t place_read(const uint8_t *p)
{
    return (uint64_t)p[0] << 40 | (uint64_t)p[1] << 32 | be32_read(p + 2);
}

/* For what is taken over into another row: 0 is no place. */
static bool place_take(const uint8_t *p, uint64_t *ret)
{
    *ret = place_read(p);
    return *ret != 0;
}

static status place_put(struct buf *b, uint64_t place)
{
    uint8_t out[8];
    assert(place > 0 && place < TRIE_PLACE_MAX);
    be64_write(out, place);
    return buf_put_mem(b, out + 2, PLACE);
}

static status malformed(struct err *reterr)
{
    return ERR(reterr, E_CORRUPT, "trie: a node's row is malformed");
}

/* --- reading --------------------------------------------------------------------------------- */

static bool is_changes(slice row)
{
    return row.n >= CHANGES_HEAD && row.p[0] == CHANGES;
}

static size_t children(const struct node *n)
{
    return n->kind == NODE_BRANCH ? 16 : n->kind == NODE_EXT ? 1 : 0;
}

static status read_whole(slice row, struct node *ret, slice *ret_rlp, struct err *reterr)
{
    size_t n = row.n > 0 ? row.p[0] : 17;
    size_t used = 0;
    if (n > 16 || row.n < 1 + PLACE * n)
        return malformed(reterr);
    const uint8_t *places = row.p + 1;
    slice rlp = slice_after(row, 1 + PLACE * n);
    status s = node_read(rlp, ret, reterr);
    if (s != OK)
        return s;
    for (size_t i = 0; i < children(ret); i++) {
        if (node_ref_hash(&ret->child[i]) == NULL)
            continue;
        if (used == n || !place_take(places + PLACE * used++, &ret->child[i].place))
            return malformed(reterr);
    }
    if (ret->kind == NODE_LEAF && n == 1 && !place_take(places + PLACE * used++, &ret->value_place))
        return malformed(reterr);
    if (used != n)
        return malformed(reterr);
    *ret_rlp = rlp;
    return OK;
}

/* Take one reference with its place off *in. */
static status read_change(slice *in, struct node_ref *ret, struct err *reterr)
{
    struct rlp_list l = {*in};
    struct rlp_item it;
    if (rlp_next(&l, &it, NULL) != OK || it.raw.n > NODE_REF_RLP)
        return malformed(reterr);
    *in = slice_after(*in, it.raw.n);
    ret->n = it.raw.n == 1 ? 0 : (uint8_t)it.raw.n;
    ret->place = 0;
    memcpy(ret->b, it.raw.p, ret->n);
    if (node_ref_hash(ret) == NULL)
        return ret->n == 0 || it.is_list ? OK : malformed(reterr);
    if (in->n < PLACE || it.is_list || !place_take(in->p, &ret->place))
        return malformed(reterr);
    *in = slice_after(*in, PLACE);
    return OK;
}

static uint64_t changed_row(slice row)
{
    return place_read(row.p + 1);
}

static unsigned changed_children(slice row)
{
    return (unsigned)row.p[1 + PLACE] << 8 | row.p[2 + PLACE];
}

static status apply_changes(slice row, struct node *n, struct err *reterr)
{
    slice in = slice_after(row, CHANGES_HEAD);
    status s = OK;
    n->changed = changed_children(row);
    for (unsigned x = 0; s == OK && x < 16; x++)
        if ((n->changed >> x & 1) != 0)
            s = read_change(&in, &n->child[x], reterr);
    return s == OK && in.n > 0 ? malformed(reterr) : s;
}

status row_load(struct trie_store *t, uint64_t place, struct node *ret, slice *ret_rlp,
                struct err *reterr)
{
    slice row;
    slice changes = SLICE_EMPTY;
    uint64_t whole = place;
    status s = t->ops->get(t, place, &row, reterr);
    if (s == OK && is_changes(row)) {
        changes = row;
        whole = changed_row(row);
        s = t->ops->get(t, whole, &row, reterr);
        if (s == E_NOT_FOUND)
            s = ERR(reterr, E_CORRUPT, "trie: changes to a row that is missing");
    }
    if (s == OK)
        s = read_whole(row, ret, ret_rlp, reterr);
    if (s == OK && changes.n > 0) {
        *ret_rlp = SLICE_EMPTY;
        s = ret->kind == NODE_BRANCH ? apply_changes(changes, ret, reterr) : malformed(reterr);
    }
    if (s == OK && ret->kind == NODE_BRANCH) {
        ret->row = place;
        ret->whole = whole;
    }
    return s;
}

/* Child x among the changes, which name it. */
static status changed_child(slice row, unsigned x, struct node_ref *ret, struct err *reterr)
{
    slice in = slice_after(row, CHANGES_HEAD);
    status s = OK;
    for (unsigned i = 0; s == OK && i <= x; i++)
        if ((changed_children(row) >> i & 1) != 0)
            s = read_change(&in, ret, reterr);
    return s;
}

static status whole_child(slice row, unsigned x, struct node_ref *ret, struct err *reterr)
{
    struct rlp_list l;
    struct rlp_item it;
    struct rlp_item child = {.is_list = false};
    size_t n = row.n > 0 ? row.p[0] : 17;
    size_t hashes = 0; /* before child x */
    if (n > 16 || row.n < 1 + PLACE * n ||
        rlp_read_list(slice_after(row, 1 + PLACE * n), &l, NULL) != OK)
        return malformed(reterr);
    for (unsigned i = 0; i <= x || i < 3; i++) {
        if (i == 2 && rlp_list_is_empty(&l))
            return E_TYPE;
        if (rlp_next(&l, &it, NULL) != OK)
            return malformed(reterr);
        if (i < x)
            hashes += !it.is_list && it.body.n == NODE_REF;
        else if (i == x)
            child = it;
    }
    status s = node_ref_read(&child, ret, reterr);
    if (s != OK || node_ref_hash(ret) == NULL)
        return s;
    if (hashes >= n)
        return malformed(reterr);
    ret->place = place_read(row.p + 1 + PLACE * hashes);
    return OK;
}

status row_child(struct trie_store *t, uint64_t place, unsigned x, struct node_ref *ret,
                 struct err *reterr)
{
    slice row;
    status s = t->ops->get(t, place, &row, reterr);
    if (s == OK && is_changes(row)) {
        if ((changed_children(row) >> x & 1) != 0)
            return changed_child(row, x, ret, reterr);
        s = t->ops->get(t, changed_row(row), &row, reterr);
    }
    return s == OK ? whole_child(row, x, ret, reterr) : s;
}

status trie_row_places(slice row, uint64_t *ret, size_t *ret_n, struct err *reterr)
{
    struct node n;
    slice rlp;
    size_t k = 0;
    status s;
    if (is_changes(row)) {
        node_make_branch(&n);
        s = apply_changes(row, &n, reterr);
        ret[k++] = changed_row(row);
    } else {
        s = read_whole(row, &n, &rlp, reterr);
    }
    for (size_t i = 0; s == OK && i < children(&n); i++)
        if (n.child[i].place != 0)
            ret[k++] = n.child[i].place;
    *ret_n = k;
    return s;
}

/* --- writing --------------------------------------------------------------------------------- */

static status put_whole(struct buf *b, const struct node *n, slice rlp)
{
    size_t k = 0;
    bool of_value = n->kind == NODE_LEAF && n->value_place != 0;
    for (size_t i = 0; i < children(n); i++)
        k += node_ref_hash(&n->child[i]) != NULL;
    status s = buf_put_u8(b, (uint8_t)(k + of_value));
    for (size_t i = 0; s == OK && i < children(n); i++)
        if (node_ref_hash(&n->child[i]) != NULL)
            s = place_put(b, n->child[i].place);
    if (s == OK && of_value)
        s = place_put(b, n->value_place);
    return s == OK ? buf_put(b, rlp) : s;
}

static status put_changes(struct buf *b, const struct node *n)
{
    status s = buf_put_u8(b, CHANGES);
    if (s == OK)
        s = place_put(b, n->whole);
    if (s == OK)
        s = buf_put_u8(b, (uint8_t)(n->changed >> 8));
    if (s == OK)
        s = buf_put_u8(b, (uint8_t)n->changed);
    for (unsigned x = 0; s == OK && x < 16; x++) {
        const struct node_ref *r = &n->child[x];
        if ((n->changed >> x & 1) == 0)
            continue;
        s = r->n > 0 ? buf_put_mem(b, r->b, r->n) : buf_put_u8(b, 0x80);
        if (s == OK && node_ref_hash(r) != NULL)
            s = place_put(b, r->place);
    }
    return s;
}

/* Whether changes take less than half of what the whole row takes. */
static bool changes_are_few(const struct node *n, slice rlp)
{
    size_t whole = 1 + rlp.n;
    size_t changes = CHANGES_HEAD;
    if (n->kind != NODE_BRANCH || n->row == 0)
        return false;
    for (unsigned x = 0; x < 16; x++) {
        size_t place = node_ref_hash(&n->child[x]) != NULL ? PLACE : 0;
        whole += place;
        if ((n->changed >> x & 1) != 0)
            changes += (n->child[x].n > 0 ? n->child[x].n : 1) + place;
    }
    return 2 * changes < whole;
}

status row_keep(struct trie_store *t, const struct node *n, slice rlp, struct buf *row,
                uint64_t *ret, struct err *reterr)
{
    bool few = changes_are_few(n, rlp);
    buf_clear(row);
    status s = few ? put_changes(row, n) : put_whole(row, n, rlp);
    if (s != OK)
        return ERR(reterr, s, "trie node");
    s = t->ops->put(t, buf_slice(row), ret, reterr);
    if (s != OK || n->kind != NODE_BRANCH || n->row == 0)
        return s;
    if (!few)
        return row_forget(t, n, reterr);
    return n->row != n->whole ? t->ops->drop(t, n->row, reterr) : OK;
}

status row_forget(struct trie_store *t, const struct node *n, struct err *reterr)
{
    status s = n->row != 0 ? t->ops->drop(t, n->row, reterr) : OK;
    return s == OK && n->whole != n->row ? t->ops->drop(t, n->whole, reterr) : s;
}
