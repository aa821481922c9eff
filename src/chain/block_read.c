/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks out of RLP, and the roots of their lists. */
#include <stdlib.h>

#include "chain/block.h"
#include "chain/block_priv.h"
#include "crypto/keccak.h"
#include "trie/root.h"

const char *block_fault_name(enum block_fault f)
{
    static const char *const names[] = {
#define BLOCK_FAULT(id, name) name,
#include "chain/block_fault.def"
#undef BLOCK_FAULT
    };
    return f < BLOCK_FAULT_COUNT ? names[f] : "";
}

static status next_items(struct rlp_list *l, slice *ret_items, slice *ret_raw, struct err *reterr)
{
    struct rlp_item item;
    status s = rlp_next(l, &item, reterr);
    if (s == OK && !item.is_list)
        s = ERR(reterr, E_TYPE, "block: not a list");
    if (s != OK)
        return s;
    *ret_items = item.body;
    *ret_raw = item.raw;
    return OK;
}

status block_next_withdrawal(struct rlp_list *withdrawals, struct block_withdrawal *ret,
                             struct err *reterr)
{
    struct rlp_list l;
    struct block_withdrawal w;
    status s = rlp_next_list(withdrawals, &l, reterr);
    if (s == OK)
        s = rlp_next_u64(&l, &w.index, reterr);
    if (s == OK)
        s = rlp_next_u64(&l, &w.validator, reterr);
    if (s == OK)
        s = rlp_next_fixed(&l, w.to.b, sizeof w.to.b, reterr);
    if (s == OK)
        s = rlp_next_u64(&l, &w.gwei, reterr);
    if (s == OK)
        s = rlp_list_end(&l, reterr);
    if (s == OK)
        *ret = w;
    return s;
}

static status check_withdrawals(slice withdrawals, struct err *reterr)
{
    struct rlp_list l = {withdrawals};
    struct block_withdrawal w;
    status s = OK;
    while (s == OK && !rlp_list_is_empty(&l))
        s = block_next_withdrawal(&l, &w, reterr);
    return s;
}

status block_read(slice raw, struct block *ret, struct err *reterr)
{
    struct block b = {.raw = raw};
    struct rlp_list l;
    struct rlp_item header;
    slice list;
    status s = rlp_read_list(raw, &l, reterr);
    if (s == OK)
        s = rlp_next(&l, &header, reterr);
    if (s == OK)
        s = header_read(header.raw, &b.header, reterr);
    if (s == OK)
        s = next_items(&l, &b.txs, &list, reterr);
    if (s == OK)
        s = next_items(&l, &b.uncles, &b.uncles_raw, reterr);
    b.has_withdrawals = s == OK && !rlp_list_is_empty(&l);
    if (b.has_withdrawals)
        s = next_items(&l, &b.withdrawals, &list, reterr);
    if (s == OK)
        s = check_withdrawals(b.withdrawals, reterr);
    if (s == OK)
        s = rlp_list_end(&l, reterr);
    if (s != OK)
        return s;
    keccak256(header.raw, &b.hash);
    *ret = b;
    return OK;
}

status block_next_tx(struct rlp_list *txs, slice *ret, struct err *reterr)
{
    struct rlp_item item;
    status s = rlp_next(txs, &item, reterr);
    if (s != OK)
        return s;
    if (!item.is_list && (item.body.n == 0 || item.body.p[0] >= 0x80))
        return ERR(reterr, E_TYPE, "transaction: neither a list nor typed");
    *ret = item.is_list ? item.raw : item.body;
    return OK;
}

static status next_raw(struct rlp_list *l, slice *ret, struct err *reterr)
{
    struct rlp_item item;
    status s = rlp_next(l, &item, reterr);
    if (s == OK)
        *ret = item.raw;
    return s;
}

/* Values of a list, and how many. Freed by the caller, also after failure. */
static status list_values(slice items, status (*next)(struct rlp_list *, slice *, struct err *),
                          slice **ret, size_t *ret_n, struct err *reterr)
{
    struct rlp_list l = {items};
    size_t max = 0;
    status s = OK;
    for (*ret_n = 0; s == OK && !rlp_list_is_empty(&l); ++*ret_n) {
        if (*ret_n == max) {
            max = max > 0 ? 2 * max : 64;
            slice *p = realloc(*ret, max * sizeof *p);
            if (p == NULL)
                return ERR(reterr, E_NOMEM, "list of a block");
            *ret = p;
        }
        s = next(&l, &(*ret)[*ret_n], reterr);
    }
    return s;
}

status block_list_root(slice items, bool txs, hash32 *ret, struct err *reterr)
{
    slice *values = NULL;
    size_t n = 0;
    status s = list_values(items, txs ? block_next_tx : next_raw, &values, &n, reterr);
    if (s == OK)
        s = trie_root_list(values, n, ret);
    free(values);
    return s;
}
