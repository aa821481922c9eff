/* SPDX-License-Identifier: Apache-2.0 */
/* A block against its header and its ancestors, before it is executed. */
#include "chain/block.h"
#include "chain/block_priv.h"
#include "crypto/keccak.h"

struct uncle {
    hash32 hash;
    struct block_header header;
};

static status read_uncles(const struct block *b, struct uncle *ret, size_t *ret_n,
                          struct err *reterr)
{
    struct rlp_list l = {b->uncles};
    status s = OK;
    for (*ret_n = 0; s == OK && !rlp_list_is_empty(&l); ++*ret_n) {
        struct rlp_item item;
        if (*ret_n == BLOCK_UNCLES_MAX)
            return ERR(reterr, E_RANGE, "more than %u uncles", BLOCK_UNCLES_MAX);
        s = rlp_next(&l, &item, reterr);
        if (s == OK)
            s = header_read(item.raw, &ret[*ret_n].header, reterr);
        if (s == OK)
            keccak256(item.raw, &ret[*ret_n].hash);
    }
    return s;
}

static bool list_has(slice uncles, const hash32 *hash)
{
    struct rlp_list l = {uncles};
    struct rlp_item item;
    while (!rlp_list_is_empty(&l) && rlp_next(&l, &item, NULL) == OK) {
        hash32 h;
        keccak256(item.raw, &h);
        if (hash32_eq(h, *hash))
            return true;
    }
    return false;
}

/* A valid sibling of one of the last six ancestors, and not named before. */
static bool uncle_is_valid(const struct chain_config *c, const struct uncle *u,
                           block_ancestor_find *ancestor, void *ctx)
{
    bool ok = false;
    for (size_t i = 0; i <= BLOCK_UNCLE_DEPTH; i++) {
        const struct block_ancestor *a = ancestor(ctx, i);
        if (a == NULL)
            break;
        if (hash32_eq(a->hash, u->hash) || list_has(a->uncles, &u->hash))
            return false;
        if (i == 0 || !hash32_eq(a->hash, u->header.parent))
            continue;
        struct chain_rules own; /* no uncle stands after Paris: its difficulty does not matter */
        chain_rules_at(c, u->header.number, u->header.timestamp, u256_from_u64(0), &own);
        ok = block_check_header(&own, &u->header, &a->header) == BLOCK_FINE;
    }
    return ok;
}

static bool uncles_are_valid(const struct chain_config *c, const struct chain_rules *r,
                             const struct block *b, block_ancestor_find *ancestor, void *ctx)
{
    struct uncle u[BLOCK_UNCLES_MAX];
    size_t n;
    hash32 hash;
    keccak256(b->uncles_raw, &hash);
    if (!hash32_eq(hash, b->header.uncles))
        return false;
    if (r->rev >= EVM_PARIS)
        return b->uncles.n == 0; /* EIP-3675 */
    if (read_uncles(b, u, &n, NULL) != OK || (n == 2 && hash32_eq(u[0].hash, u[1].hash)))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!uncle_is_valid(c, &u[i], ancestor, ctx))
            return false;
    return true;
}

/* *ret is BLOCK_FINE if the lists have the header's roots. OK | E_NOMEM. */
static status check_lists(const struct chain_rules *r, const struct block *b, enum block_fault *ret,
                          struct err *reterr)
{
    hash32 root;
    *ret = BLOCK_BAD_RLP;
    status s = block_list_root(b->txs, true, &root, reterr);
    if (s != OK)
        return s > OK ? OK : s;
    *ret = hash32_eq(root, b->header.tx_root) ? BLOCK_FINE : BLOCK_BAD_TX_ROOT;
    if (r->rev < EVM_SHANGHAI || *ret != BLOCK_FINE)
        return OK;
    *ret = BLOCK_BAD_RLP;
    s = block_list_root(b->withdrawals, false, &root, reterr);
    if (s != OK)
        return s > OK ? OK : s;
    *ret = hash32_eq(root, b->header.withdrawals_root) ? BLOCK_FINE : BLOCK_BAD_WITHDRAWALS_ROOT;
    return OK;
}

status block_check(const struct chain_config *c, const struct chain_rules *r, const struct block *b,
                   block_ancestor_find *ancestor, void *ctx, enum block_fault *ret_fault,
                   struct err *reterr)
{
    const struct block_ancestor *parent = ancestor(ctx, 0);
    enum block_fault f =
        parent == NULL ? BLOCK_BAD_PARENT : block_check_header(r, &b->header, &parent->header);
    status s = OK;
    if (f == BLOCK_FINE && b->has_withdrawals != (r->rev >= EVM_SHANGHAI))
        f = BLOCK_BAD_FIELDS;
    if (f == BLOCK_FINE && r->rev >= EVM_OSAKA && b->raw.n > BLOCK_SIZE_MAX)
        f = BLOCK_TOO_LARGE;
    if (f == BLOCK_FINE && !uncles_are_valid(c, r, b, ancestor, ctx))
        f = BLOCK_BAD_UNCLES;
    if (f == BLOCK_FINE)
        s = check_lists(r, b, &f, reterr);
    if (s != OK)
        return s;
    *ret_fault = f;
    return f == BLOCK_FINE ? OK : ERR(reterr, E_RANGE, "block: %s", block_fault_name(f));
}
