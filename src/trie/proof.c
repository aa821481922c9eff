/* SPDX-License-Identifier: Apache-2.0 */
/* Merkle Patricia proofs: a walk from the root to the key over the nodes given. */
#include "trie/proof.h"

#include "codec/rlp.h"
#include "crypto/keccak.h"

#define NODE_SHORT 2u   /* items of a leaf or an extension */
#define NODE_BRANCH 17u /* items of a branch: 16 children and a value */
#define NODE_REF 32u    /* shorter nodes are embedded, others referred to by hash */

const hash32 trie_empty_root = {{0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45,
                                 0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c,
                                 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21}};
const hash32 trie_empty_code = {{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d,
                                 0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82,
                                 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};

/* Where a step leads. */
enum step { STEP_CHILD, STEP_FOUND, STEP_ABSENT };

struct walk {
    uint8_t nibble[2 * TRIE_KEY_MAX];
    size_t nibbles; /* of the key */
    size_t at;      /* nibbles matched so far */
    const slice *nodes;
    size_t nodes_n;
    size_t used;           /* nodes consumed */
    bool want_branch;      /* the last node was an extension */
    struct rlp_item child; /* STEP_CHILD */
    slice value;           /* STEP_FOUND */
};

static void walk_init(struct walk *w, slice key, const slice *nodes, size_t nodes_n)
{
    *w = (struct walk){.nodes = nodes, .nodes_n = nodes_n, .nibbles = 2 * key.n};
    for (size_t i = 0; i < key.n; i++) {
        w->nibble[2 * i] = key.p[i] >> 4;
        w->nibble[2 * i + 1] = key.p[i] & 15;
    }
}

/* The next listed node must have this hash. */
static status take_node(struct walk *w, const hash32 *want, slice *ret, struct err *reterr)
{
    if (w->used == w->nodes_n)
        return ERR(reterr, E_MISSING, "proof ends after node %zu", w->used);
    hash32 got;
    keccak256(w->nodes[w->used], &got);
    if (!hash32_eq(got, *want))
        return ERR(reterr, E_MISMATCH, "proof node %zu does not hash to its reference", w->used);
    *ret = w->nodes[w->used++];
    return OK;
}

/* The node that a child reference stands for. */
static status take_child(struct walk *w, slice *ret, struct err *reterr)
{
    if (w->child.is_list) {
        *ret = w->child.raw;
        return OK;
    }
    hash32 want;
    memcpy(want.b, w->child.body.p, sizeof want.b);
    status s = take_node(w, &want, ret, reterr);
    if (s == OK && ret->n < NODE_REF)
        s = ERR(reterr, E_NOT_CANONICAL, "proof node %zu should be embedded", w->used - 1);
    return s;
}

/* A reference is nothing (branches only), a hash, or a list of fewer than 32 bytes. */
static bool ref_is_canonical(const struct rlp_item *ref, bool may_be_empty)
{
    if (ref->is_list)
        return ref->raw.n < NODE_REF && ref->body.n > 0;
    return ref->body.n == NODE_REF || (may_be_empty && ref->body.n == 0);
}

static bool item_is_empty(const struct rlp_item *item)
{
    return !item->is_list && item->body.n == 0;
}

/* Split a node into its items. */
static status read_items(slice node, struct rlp_item items[NODE_BRANCH], size_t *ret_n,
                         struct err *reterr)
{
    struct rlp_list list;
    status s = rlp_read_list(node, &list, reterr);
    size_t n = 0;
    while (s == OK && n < NODE_BRANCH && !rlp_list_is_empty(&list))
        s = rlp_next(&list, &items[n++], reterr);
    if (s != OK)
        return s;
    if (!rlp_list_is_empty(&list) || (n != NODE_SHORT && n != NODE_BRANCH))
        return ERR(reterr, E_NOT_CANONICAL, "a trie node has 2 or 17 items");
    *ret_n = n;
    return OK;
}

/* Remove the hex prefix of a path (appendix C). ret: nibbles; room for the longest key. */
static status read_path(slice text, uint8_t ret[2 * TRIE_KEY_MAX], size_t *ret_n, bool *ret_leaf,
                        struct err *reterr)
{
    if (text.n == 0 || text.n > TRIE_KEY_MAX + 1)
        return ERR(reterr, E_NOT_CANONICAL, "path of %zu bytes", text.n);
    uint8_t flags = text.p[0] >> 4;
    bool odd = (flags & 1) != 0;
    if (flags > 3 || (!odd && (text.p[0] & 15) != 0))
        return ERR(reterr, E_NOT_CANONICAL, "hex prefix 0x%02x", text.p[0]);
    size_t n = 0;
    if (odd && text.n <= TRIE_KEY_MAX)
        ret[n++] = text.p[0] & 15;
    else if (odd)
        return ERR(reterr, E_NOT_CANONICAL, "path is longer than any key");
    for (size_t i = 1; i < text.n; i++) {
        ret[n++] = text.p[i] >> 4;
        ret[n++] = text.p[i] & 15;
    }
    *ret_n = n;
    *ret_leaf = (flags & 2) != 0;
    return OK;
}

static status step_branch(struct walk *w, const struct rlp_item items[NODE_BRANCH], enum step *ret,
                          struct err *reterr)
{
    size_t filled = item_is_empty(&items[16]) ? 0 : 1;
    for (size_t i = 0; i < 16; i++) {
        if (!ref_is_canonical(&items[i], true))
            return ERR(reterr, E_NOT_CANONICAL, "child %zu of a branch", i);
        filled += item_is_empty(&items[i]) ? 0 : 1;
    }
    if (items[16].is_list || filled < 2)
        return ERR(reterr, E_NOT_CANONICAL, "branch with %zu entries", filled);
    w->want_branch = false;
    const struct rlp_item *next = &items[16];
    if (w->at < w->nibbles)
        next = &items[w->nibble[w->at++]];
    if (item_is_empty(next)) {
        *ret = STEP_ABSENT;
    } else if (next == &items[16]) {
        w->value = next->body;
        *ret = STEP_FOUND;
    } else {
        w->child = *next;
        *ret = STEP_CHILD;
    }
    return OK;
}

static status step_short(struct walk *w, const struct rlp_item items[NODE_SHORT], enum step *ret,
                         struct err *reterr)
{
    uint8_t path[2 * TRIE_KEY_MAX];
    size_t n = 0;
    bool leaf = false;
    if (w->want_branch || items[0].is_list)
        return ERR(reterr, E_NOT_CANONICAL, "leaf or extension where a branch must be");
    status s = read_path(items[0].body, path, &n, &leaf, reterr);
    if (s != OK)
        return s;
    if (leaf ? items[1].is_list || items[1].body.n == 0
             : n == 0 || !ref_is_canonical(&items[1], false))
        return ERR(reterr, E_NOT_CANONICAL, "leaf or extension is malformed");
    size_t left = w->nibbles - w->at;
    bool prefix = n <= left && memcmp(path, w->nibble + w->at, n) == 0;
    if (!prefix || (leaf && n != left)) {
        *ret = STEP_ABSENT;
        return OK;
    }
    w->at += n;
    if (leaf) {
        w->value = items[1].body;
        *ret = STEP_FOUND;
    } else {
        w->child = items[1];
        w->want_branch = true;
        *ret = STEP_CHILD;
    }
    return OK;
}

/* Every step consumes a nibble of the key or ends the walk, so it ends. */
static status walk_run(struct walk *w, slice node, enum step *ret, struct err *reterr)
{
    for (;;) {
        struct rlp_item items[NODE_BRANCH] = {0};
        size_t n = 0;
        status s = read_items(node, items, &n, reterr);
        if (s == OK)
            s = n == NODE_BRANCH ? step_branch(w, items, ret, reterr)
                                 : step_short(w, items, ret, reterr);
        if (s != OK || *ret != STEP_CHILD)
            return s;
        s = take_child(w, &node, reterr);
        if (s != OK)
            return s;
    }
}

static bool is_empty_proof(const slice *nodes, size_t n)
{
    return n == 0 || (n == 1 && nodes[0].n == 1 && nodes[0].p[0] == 0x80);
}

status trie_proof_value(const hash32 *root, slice key, const slice *nodes, size_t nodes_n,
                        slice *ret_value, struct err *reterr)
{
    if (key.n > TRIE_KEY_MAX)
        return ERR(reterr, E_TOO_LONG, "trie key of %zu bytes", key.n);
    if (hash32_eq(*root, trie_empty_root)) {
        if (!is_empty_proof(nodes, nodes_n))
            return ERR(reterr, E_TRAILING, "nodes of an empty trie");
        *ret_value = SLICE_EMPTY;
        return OK;
    }
    struct walk w;
    walk_init(&w, key, nodes, nodes_n);
    slice node = SLICE_EMPTY;
    enum step end = STEP_ABSENT;
    status s = take_node(&w, root, &node, reterr);
    if (s == OK)
        s = walk_run(&w, node, &end, reterr);
    if (s != OK)
        return s;
    if (w.used != nodes_n)
        return ERR(reterr, E_TRAILING, "%zu nodes of the proof are not on the way",
                   nodes_n - w.used);
    *ret_value = end == STEP_FOUND ? w.value : SLICE_EMPTY;
    return OK;
}

status trie_account_read(slice leaf, struct trie_account *ret, struct err *reterr)
{
    struct trie_account a;
    struct rlp_list list;
    status s = rlp_read_list(leaf, &list, reterr);
    if (s == OK)
        s = rlp_next_u64(&list, &a.nonce, reterr);
    if (s == OK)
        s = rlp_next_u256(&list, &a.balance, reterr);
    if (s == OK)
        s = rlp_next_fixed(&list, a.storage_root.b, sizeof a.storage_root.b, reterr);
    if (s == OK)
        s = rlp_next_fixed(&list, a.code_hash.b, sizeof a.code_hash.b, reterr);
    if (s == OK)
        s = rlp_list_end(&list, reterr);
    if (s == OK)
        *ret = a;
    return s == OK ? OK : err_prefix(reterr, s, "account leaf");
}

status trie_word_read(slice leaf, u256 *ret, struct err *reterr)
{
    struct rlp_item item;
    status s = rlp_read_one(leaf, &item, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "storage leaf");
    if (item.is_list || item.body.n == 0 || item.body.n > 32 || item.body.p[0] == 0)
        return ERR(reterr, E_NOT_CANONICAL, "storage leaf is no number of 1 to 32 bytes");
    uint8_t word[32] = {0};
    memcpy(word + 32 - item.body.n, item.body.p, item.body.n);
    *ret = u256_from_be(word);
    return OK;
}

status trie_proof_account(const hash32 *state_root, const addr20 *address, const slice *nodes,
                          size_t nodes_n, bool *ret_exists, struct trie_account *ret,
                          struct err *reterr)
{
    hash32 key;
    keccak256(slice_of(address->b, sizeof address->b), &key);
    slice leaf = SLICE_EMPTY;
    status s =
        trie_proof_value(state_root, slice_of(key.b, sizeof key.b), nodes, nodes_n, &leaf, reterr);
    if (s != OK)
        return s;
    struct trie_account a = {.storage_root = trie_empty_root, .code_hash = trie_empty_code};
    if (leaf.p != NULL)
        s = trie_account_read(leaf, &a, reterr);
    if (s != OK)
        return s;
    *ret = a;
    *ret_exists = leaf.p != NULL;
    return OK;
}

status trie_proof_slot(const hash32 *storage_root, const hash32 *slot, const slice *nodes,
                       size_t nodes_n, u256 *ret_word, struct err *reterr)
{
    hash32 key;
    keccak256(slice_of(slot->b, sizeof slot->b), &key);
    slice leaf = SLICE_EMPTY;
    status s = trie_proof_value(storage_root, slice_of(key.b, sizeof key.b), nodes, nodes_n, &leaf,
                                reterr);
    if (s != OK)
        return s;
    if (leaf.p != NULL)
        return trie_word_read(leaf, ret_word, reterr);
    *ret_word = u256_from_u64(0);
    return OK;
}
