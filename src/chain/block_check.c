/* SPDX-License-Identifier: Apache-2.0 */
/* A block against its header and its ancestors, before it is executed. */
#include "chain/block.h"
#include "chain/block_priv.h"

/* EIP-3675: none. */
static bool has_no_uncles(const struct block *b)
{
    return b->uncles.n == 0 && hash32_eq(b->header.uncles, block_no_uncles);
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
    if (f == BLOCK_FINE &&
        !(r->rev < EVM_PARIS ? block_work_uncles(c, b, ancestor, ctx) : has_no_uncles(b)))
        f = BLOCK_BAD_UNCLES;
    if (f == BLOCK_FINE)
        s = check_lists(r, b, &f, reterr);
    if (s != OK)
        return s;
    *ret_fault = f;
    return f == BLOCK_FINE ? OK : ERR(reterr, E_RANGE, "block: %s", block_fault_name(f));
}
