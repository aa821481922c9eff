/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a trie: RLP both ways, references, paths. */
#include "trie/commit_node.h"

#include <assert.h>

#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "trie/proof.h"

#define ITEMS_SHORT 2u   /* of a leaf or an extension */
#define ITEMS_BRANCH 17u /* 16 children and a value, which is empty here */

void node_ref_set_hash(struct node_ref *r, const hash32 *h)
{
    r->n = NODE_REF_RLP;
    r->place = 0;
    r->b[0] = 0x80 + NODE_REF;
    memcpy(r->b + 1, h->b, sizeof h->b);
}

void node_ref_make(struct node_ref *r, slice rlp)
{
    hash32 h;
    if (rlp.n < NODE_REF) {
        r->n = (uint8_t)rlp.n;
        r->place = 0;
        memcpy(r->b, rlp.p, rlp.n);
        return;
    }
    keccak256(rlp, &h);
    node_ref_set_hash(r, &h);
}

status node_ref_read(const struct rlp_item *item, struct node_ref *ret, struct err *reterr)
{
    bool hash = !item->is_list && item->body.n == NODE_REF;
    bool embedded = item->is_list && item->raw.n < NODE_REF;
    bool none = !item->is_list && item->body.n == 0;
    if (!hash && !embedded && !none)
        return ERR(reterr, E_CORRUPT, "trie node: malformed reference");
    ret->n = none ? 0 : (uint8_t)item->raw.n;
    ret->place = 0;
    if (!none)
        memcpy(ret->b, item->raw.p, item->raw.n);
    return OK;
}

/* Hex prefix (appendix C). */
static status read_path(slice text, struct node *ret, bool *ret_leaf, struct err *reterr)
{
    uint8_t flags = text.n > 0 ? text.p[0] >> 4 : 0xff;
    if (flags > 3 || text.n > TRIE_KEY_MAX + 1 || ((flags & 1) != 0 && text.n > TRIE_KEY_MAX))
        return ERR(reterr, E_CORRUPT, "trie node: malformed path");
    size_t n = 0;
    if ((flags & 1) != 0)
        ret->path[n++] = text.p[0] & 15;
    for (size_t i = 1; i < text.n; i++) {
        ret->path[n++] = text.p[i] >> 4;
        ret->path[n++] = text.p[i] & 15;
    }
    ret->path_n = (uint8_t)n;
    *ret_leaf = (flags & 2) != 0;
    return OK;
}

static status read_short(const struct rlp_item *item, struct node *ret, struct err *reterr)
{
    bool leaf = false;
    status s = read_path(item[0].body, ret, &leaf, reterr);
    if (s != OK)
        return s;
    ret->kind = leaf ? NODE_LEAF : NODE_EXT;
    if (!leaf)
        s = node_ref_read(&item[1], &ret->child[0], reterr);
    ret->value = leaf ? item[1].body : SLICE_EMPTY;
    if (s == OK &&
        (leaf ? item[1].is_list || item[1].body.n == 0 : ret->child[0].n == 0 || ret->path_n == 0))
        s = ERR(reterr, E_CORRUPT, "trie node: malformed leaf or extension");
    return s;
}

status node_read(slice rlp, struct node *ret, struct err *reterr)
{
    struct rlp_item item[ITEMS_BRANCH];
    struct rlp_list list;
    size_t n = 0;
    status s = rlp_read_list(rlp, &list, NULL);
    ret->row = ret->whole = ret->value_place = 0;
    ret->changed = 0;
    while (s == OK && n < ITEMS_BRANCH && !rlp_list_is_empty(&list))
        s = rlp_next(&list, &item[n++], NULL);
    if (s != OK || !rlp_list_is_empty(&list) || (n != ITEMS_SHORT && n != ITEMS_BRANCH))
        return ERR(reterr, E_CORRUPT, "trie node: not a list of 2 or 17 items");
    if (n == ITEMS_SHORT)
        return read_short(item, ret, reterr);
    ret->kind = NODE_BRANCH;
    ret->path_n = 0;
    for (size_t i = 0; s == OK && i < 16; i++)
        s = node_ref_read(&item[i], &ret->child[i], reterr);
    if (s == OK && (item[16].is_list || item[16].body.n > 0))
        s = ERR(reterr, E_CORRUPT, "trie node: a branch with a value");
    return s;
}

static status put_path(struct buf *b, const struct node *n)
{
    uint8_t text[TRIE_KEY_MAX + 1];
    size_t len = 1;
    size_t i = 0;
    text[0] = n->kind == NODE_LEAF ? 0x20 : 0;
    if (n->path_n % 2 != 0)
        text[0] = (uint8_t)(text[0] | 0x10 | n->path[i++]);
    for (; i < n->path_n; i += 2)
        text[len++] = (uint8_t)(n->path[i] << 4 | n->path[i + 1]);
    return rlp_put_bytes(b, slice_of(text, len));
}

static status put_ref(struct buf *b, const struct node_ref *r)
{
    return r->n > 0 ? buf_put_mem(b, r->b, r->n) : buf_put_u8(b, 0x80);
}

status node_put(struct buf *b, const struct node *n)
{
    size_t mark;
    assert(n->kind != NODE_EMPTY);
    status s = rlp_put_list_begin(b, &mark);
    if (s == OK && n->kind == NODE_BRANCH) {
        for (size_t i = 0; s == OK && i < 16; i++)
            s = put_ref(b, &n->child[i]);
        if (s == OK)
            s = buf_put_u8(b, 0x80);
        return s == OK ? rlp_put_list_end(b, mark) : s;
    }
    if (s == OK)
        s = put_path(b, n);
    if (s == OK)
        s = n->kind == NODE_LEAF ? rlp_put_bytes(b, n->value) : put_ref(b, &n->child[0]);
    return s == OK ? rlp_put_list_end(b, mark) : s;
}

void node_make_branch(struct node *n)
{
    n->kind = NODE_BRANCH;
    n->path_n = 0;
    n->row = n->whole = 0;
    n->changed = 0;
    for (size_t i = 0; i < 16; i++)
        n->child[i] = (struct node_ref){0};
}

void node_prefix(struct node *n, const uint8_t *nibbles, size_t k)
{
    assert(n->kind == NODE_LEAF || n->kind == NODE_EXT);
    assert(k + n->path_n <= TRIE_PATH_MAX);
    memmove(n->path + k, n->path, n->path_n);
    memcpy(n->path, nibbles, k);
    n->path_n = (uint8_t)(n->path_n + k);
}

void node_make_ext(struct node *n, const uint8_t *nibbles, size_t k, const struct node_ref *ref)
{
    n->kind = NODE_EXT;
    n->path_n = (uint8_t)k;
    memcpy(n->path, nibbles, k);
    n->value = SLICE_EMPTY;
    n->child[0] = *ref;
    n->row = n->whole = 0;
}

void nibbles_of(slice key, uint8_t out[TRIE_PATH_MAX])
{
    for (size_t i = 0; i < key.n; i++) {
        out[2 * i] = key.p[i] >> 4;
        out[2 * i + 1] = key.p[i] & 15;
    }
}

size_t nibbles_shared(slice key, size_t at, const uint8_t *nibbles, size_t n)
{
    size_t k = 0;
    while (k < n && at + k < 2 * key.n && nibble_at(key, at + k) == nibbles[k])
        k++;
    return k;
}
