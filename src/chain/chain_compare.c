/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of one chain against another's, and the names of what the state holds. */
#include <stdlib.h>

#include "chain/chain_priv.h"

#define NAME_HEAD 24u /* address, number of slots */
#define NAMES_MAX ((size_t)2 << 30)

static status names_of_row(slice row, chain_name_sink *each, void *ctx, struct err *reterr)
{
    status s = OK;
    while (s == OK && row.n > 0) {
        addr20 a;
        if (row.n < NAME_HEAD)
            return ERR(reterr, E_CORRUPT, "chain.created");
        memcpy(a.b, row.p, sizeof a.b);
        size_t n = be32_read(row.p + 20);
        row = slice_after(row, NAME_HEAD);
        if (n > row.n / 32)
            return ERR(reterr, E_CORRUPT, "chain.created");
        s = each(ctx, &a, row.p, n, reterr);
        row = slice_after(row, n * 32);
    }
    return s;
}

status chain_view_names(struct chain_view *v, chain_name_sink *each, void *ctx, struct err *reterr)
{
    struct kv_iter it;
    slice row;
    status s = kv_iter_init(&it, v->txn, v->chain->t.created, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD,
                            reterr);
    while (s == OK && (s = kv_iter_next(&it, NULL, &row, reterr)) == OK)
        s = names_of_row(row, each, ctx, reterr);
    kv_iter_done(&it);
    return s == E_NOT_FOUND ? OK : s;
}

/* --- comparison ------------------------------------------------------------------------------ */

static slice row_or_none(struct chain_view *v, struct kv_table t, slice key)
{
    slice row = SLICE_EMPTY;
    return kv_get(v->txn, t, key, &row, NULL) == OK ? row : SLICE_EMPTY;
}

static status same_index(struct chain_view *a, struct chain_view *b, const struct chain_block *blk,
                         struct err *reterr)
{
    struct rlp_list txs = {blk->block.txs};
    status s = OK;
    while (s == OK && !rlp_list_is_empty(&txs)) {
        slice raw;
        hash32 hash;
        s = block_next_tx(&txs, &raw, reterr);
        if (s != OK)
            break;
        tx_hash(raw, &hash);
        slice key = slice_of(hash.b, 32);
        if (!slice_eq(row_or_none(a, a->chain->t.tx, key), row_or_none(b, b->chain->t.tx, key)))
            s = ERR(reterr, E_MISMATCH, "index of transactions");
    }
    slice key = slice_of(blk->block.hash.b, 32);
    if (s == OK &&
        !slice_eq(row_or_none(a, a->chain->t.number, key), row_or_none(b, b->chain->t.number, key)))
        s = ERR(reterr, E_MISMATCH, "index of blocks");
    return s;
}

static status same_rows(struct chain_view *a, struct chain_view *b, uint64_t number,
                        struct err *reterr)
{
    const struct chain_tables *ta = &a->chain->t;
    const struct chain_tables *tb = &b->chain->t;
    const struct {
        const char *what;
        struct kv_table a;
        struct kv_table b;
    } rows[] = {{"block", ta->block, tb->block},
                {"hash, difficulty or seal", ta->info, tb->info},
                {"receipts", ta->receipt, tb->receipt},
                {"bloom", ta->bloom, tb->bloom}};
    struct number_key key = number_key_of(number);
    slice k = slice_of(key.b, sizeof key.b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!slice_eq(row_or_none(a, rows[i].a, k), row_or_none(b, rows[i].b, k)))
            return ERR(reterr, E_MISMATCH, "%s", rows[i].what);
    return OK;
}

/* An account, or a slot of one. */
struct name {
    uint8_t address[20];
    uint8_t is_slot;
    uint8_t slot[32];
};

static status put_names(void *ctx, const addr20 *a, const uint8_t *slots, size_t n,
                        struct err *reterr)
{
    struct buf *all = ctx;
    struct name one = {0};
    memcpy(one.address, a->b, sizeof one.address);
    status s = buf_put_mem(all, &one, sizeof one);
    one.is_slot = 1;
    for (size_t i = 0; s == OK && i < n; i++) {
        memcpy(one.slot, slots + 32 * i, sizeof one.slot);
        s = buf_put_mem(all, &one, sizeof one);
    }
    return s == OK ? OK : ERR(reterr, s, "names");
}

static int name_cmp(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct name));
}

static status sorted_names(struct chain_view *v, slice key, struct buf *ret, struct err *reterr)
{
    status s = names_of_row(row_or_none(v, v->chain->t.created, key), put_names, ret, reterr);
    if (s == OK && ret->n > sizeof(struct name))
        qsort(ret->p, ret->n / sizeof(struct name), sizeof(struct name), name_cmp);
    return s;
}

/* The order in which a block's names are stored is that of a table in memory, so it says nothing.
 */
static status same_names(struct chain_view *a, struct chain_view *b, uint64_t number,
                         struct err *reterr)
{
    struct number_key key = number_key_of(number);
    slice k = slice_of(key.b, sizeof key.b);
    struct buf names_a;
    struct buf names_b;
    buf_init(&names_a, NAMES_MAX);
    buf_init(&names_b, NAMES_MAX);
    status s = sorted_names(a, k, &names_a, reterr);
    if (s == OK)
        s = sorted_names(b, k, &names_b, reterr);
    if (s == OK && !slice_eq(buf_slice(&names_a), buf_slice(&names_b)))
        s = ERR(reterr, E_MISMATCH, "names of accounts and slots");
    buf_done(&names_a);
    buf_done(&names_b);
    return s;
}

/* The state root that the rows of the trie give, where they are still kept. */
static status same_root(struct chain_view *v, const struct chain_block *blk, struct err *reterr)
{
    hash32 root;
    uint64_t number = blk->block.header.number;
    if (number < v->first_state)
        return OK;
    status s = store_root(&v->chain->store, v->txn, number, &root, reterr);
    if (s == OK && !hash32_eq(root, blk->block.header.state_root))
        s = ERR(reterr, E_MISMATCH, "state root");
    return s;
}

status chain_view_same(struct chain_view *a, struct chain_view *b, uint64_t number,
                       struct err *reterr)
{
    struct chain_block blk;
    status s = chain_view_block(a, number, &blk, reterr);
    if (s == OK)
        s = same_rows(a, b, number, reterr);
    if (s == OK)
        s = same_names(a, b, number, reterr);
    if (s == OK)
        s = same_index(a, b, &blk, reterr);
    if (s == OK)
        s = same_root(a, &blk, reterr);
    return s;
}
