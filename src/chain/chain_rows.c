/* SPDX-License-Identifier: Apache-2.0 */
/* The chain's tables beside those of the state. */
#include "chain/chain_priv.h"
#include "codec/rlp.h"

status chain_tables_open(struct kv *kv, struct chain_tables *t, struct err *reterr)
{
    const struct {
        const char *name;
        struct kv_table *table;
    } all[] = {{"chain.meta", &t->meta},     {"chain.block", &t->block},
               {"chain.info", &t->info},     {"chain.receipt", &t->receipt},
               {"chain.bloom", &t->bloom},   {"chain.created", &t->created},
               {"chain.number", &t->number}, {"chain.tx", &t->tx}};
    status s = OK;
    for (size_t i = 0; s == OK && i < sizeof all / sizeof *all; i++)
        s = kv_table_open(kv, all[i].name, all[i].table, reterr);
    return s;
}

/* --- info ------------------------------------------------------------------------------------ */

static status info_read(slice row, struct chain_info *ret, struct err *reterr)
{
    struct chain_info info = {.n_txs = 0};
    if (row.n != CHAIN_INFO_MAX && row.n != CHAIN_INFO_MAX - SECP_SIG)
        return ERR(reterr, E_CORRUPT, "chain.info: a row of %zu bytes", row.n);
    memcpy(info.hash.b, row.p, 32);
    info.total_difficulty = u256_from_be(row.p + 32);
    info.n_txs = be32_read(row.p + 64);
    info.has_seal = row.n == CHAIN_INFO_MAX;
    if (info.has_seal)
        memcpy(info.seal, row.p + 68, SECP_SIG);
    *ret = info;
    return OK;
}

status chain_info_get(const struct chain *c, struct kv_txn *txn, uint64_t number,
                      struct chain_info *ret, struct err *reterr)
{
    slice row;
    status s = kv_get(txn, c->t.info, NUMBER_KEY(number), &row, reterr);
    if (s == E_NOT_FOUND)
        return ERR(reterr, s, "no block %llu", (unsigned long long)number);
    return s == OK ? info_read(row, ret, reterr) : s;
}

status chain_info_put(const struct chain_tables *t, struct kv_txn *w, uint64_t number,
                      const struct chain_info *info, struct err *reterr)
{
    uint8_t row[CHAIN_INFO_MAX];
    memcpy(row, info->hash.b, 32);
    u256_to_be(info->total_difficulty, row + 32);
    be32_write(row + 64, info->n_txs);
    if (info->has_seal)
        memcpy(row + 68, info->seal, SECP_SIG);
    size_t n = info->has_seal ? CHAIN_INFO_MAX : CHAIN_INFO_MAX - SECP_SIG;
    return kv_put(w, t->info, NUMBER_KEY(number), slice_of(row, n), reterr);
}

status chain_head_get(const struct chain_tables *t, struct kv_txn *txn, uint64_t *ret,
                      struct err *reterr)
{
    struct kv_iter it;
    slice key;
    status s = kv_iter_init(&it, txn, t->info, SLICE_EMPTY, SLICE_EMPTY, KV_BACKWARD, reterr);
    if (s == OK)
        s = kv_iter_next(&it, &key, NULL, reterr);
    if (s == OK && key.n != 8)
        s = ERR(reterr, E_CORRUPT, "chain.info: a key of %zu bytes", key.n);
    if (s == OK)
        *ret = be64_read(key.p);
    kv_iter_done(&it);
    return s;
}

/* --- receipts -------------------------------------------------------------------------------- */

status chain_receipt_put(const addr20 *sender, const struct tx_outcome *o, bool has_status,
                         const hash32 *root, const struct state_log *logs, size_t n_logs,
                         struct buf *out)
{
    size_t mark = 0;
    status s = rlp_put_list_begin(out, &mark);
    if (s == OK)
        s = rlp_put_bytes(out, slice_of(sender->b, sizeof sender->b));
    if (s == OK)
        s = rlp_put_u64(out, o->gas_used);
    if (s == OK && has_status)
        s = rlp_put_u64(out, o->status == EVM_SUCCESS ? 1 : 0);
    else if (s == OK)
        s = rlp_put_bytes(out, slice_of(root->b, sizeof root->b));
    if (s == OK)
        s = logs_put(logs, n_logs, out);
    return s == OK ? rlp_put_list_end(out, mark) : s;
}

/* --- names of what was changed ---------------------------------------------------------------- */

static bool slot_is_new(const struct account *a, const struct slot *s)
{
    return !u256_is_zero(s->v.current) && (a->head.fresh || u256_is_zero(s->base));
}

static status created_account(const struct account *a, struct buf *out)
{
    uint32_t n = 0;
    uint8_t be[32];
    for (uint32_t i = 0; i < a->slots.max; i++)
        if (a->slots.slot[i] != NULL && slot_is_new(a, a->slots.slot[i]))
            n++;
    status s = buf_put_mem(out, a->addr.b, sizeof a->addr.b);
    if (s == OK)
        s = buf_put_be32(out, n);
    for (uint32_t i = 0; s == OK && i < a->slots.max; i++) {
        const struct slot *slot = a->slots.slot[i];
        if (slot == NULL || !slot_is_new(a, slot))
            continue;
        u256_to_be(slot->key, be);
        s = buf_put_mem(out, be, sizeof be);
    }
    return s;
}

status chain_created_put(const struct state *st, struct buf *out)
{
    status s = OK;
    for (size_t i = 0; s == OK && i < st->max; i++)
        if (st->account[i] != NULL && st->account[i]->changed && st->account[i]->head.exists)
            s = created_account(st->account[i], out);
    return s;
}

/* --- a block --------------------------------------------------------------------------------- */

static status put_txs(const struct chain_tables *t, struct kv_txn *w, const struct chain_rows *r,
                      struct err *reterr)
{
    status s = OK;
    for (uint32_t i = 0; s == OK && i < r->info.n_txs; i++) {
        uint8_t place[12];
        be64_write(place, r->number);
        be32_write(place + 8, i);
        s = kv_put(w, t->tx, slice_of(r->hashes[i].b, 32), slice_of(place, sizeof place), reterr);
    }
    return s;
}

static bool bloom_is_empty(const uint8_t *bloom)
{
    static const uint8_t none[BLOOM_BYTES];
    return memcmp(bloom, none, BLOOM_BYTES) == 0;
}

status chain_rows_put(const struct chain_tables *t, struct kv_txn *w, const struct chain_rows *r,
                      struct err *reterr)
{
    struct number_key key = number_key_of(r->number);
    slice k = slice_of(key.b, sizeof key.b);
    status s = kv_append(w, t->block, k, r->raw, reterr);
    if (s == OK)
        s = chain_info_put(t, w, r->number, &r->info, reterr);
    if (s == OK)
        s = kv_put(w, t->number, slice_of(r->info.hash.b, 32), k, reterr);
    if (s == OK && r->info.n_txs > 0)
        s = kv_append(w, t->receipt, k, r->receipts, reterr);
    if (s == OK && !bloom_is_empty(r->bloom))
        s = kv_append(w, t->bloom, k, slice_of(r->bloom, BLOOM_BYTES), reterr);
    if (s == OK && r->created.n > 0)
        s = kv_append(w, t->created, k, r->created, reterr);
    return s == OK ? put_txs(t, w, r, reterr) : s;
}

static status delete_if_there(struct kv_txn *w, struct kv_table t, slice key, struct err *reterr)
{
    return kv_has(w, t, key) ? kv_delete(w, t, key, reterr) : OK;
}

/* The index's lines of its transactions, unless a later block has them (imported ones only). */
static status delete_txs(const struct chain *c, struct kv_txn *w, const struct block *b,
                         struct err *reterr)
{
    struct rlp_list txs = {b->txs};
    struct number_key key = number_key_of(b->header.number);
    status s = OK;
    while (s == OK && !rlp_list_is_empty(&txs)) {
        slice raw;
        slice place;
        hash32 hash;
        s = block_next_tx(&txs, &raw, reterr);
        if (s != OK)
            break;
        tx_hash(raw, &hash);
        if (kv_get(w, c->t.tx, slice_of(hash.b, 32), &place, NULL) == OK && place.n == 12 &&
            memcmp(place.p, key.b, 8) == 0)
            s = kv_delete(w, c->t.tx, slice_of(hash.b, 32), reterr);
    }
    return s;
}

status chain_rows_delete(const struct chain *c, struct kv_txn *w, uint64_t number,
                         struct err *reterr)
{
    struct number_key key = number_key_of(number);
    slice k = slice_of(key.b, sizeof key.b);
    struct buf copy; /* deletes move what is borrowed */
    struct block b;
    slice raw;
    buf_init(&copy, CHAIN_RAW_MAX);
    status s = kv_get(w, c->t.block, k, &raw, reterr);
    if (s == OK && (s = buf_put(&copy, raw)) != OK)
        s = ERR(reterr, s, "block");
    if (s == OK)
        s = block_read(buf_slice(&copy), &b, reterr);
    if (s == OK)
        s = delete_txs(c, w, &b, reterr);
    if (s == OK)
        s = kv_delete(w, c->t.number, slice_of(b.hash.b, 32), reterr);
    const struct kv_table tables[] = {c->t.block, c->t.info, c->t.receipt, c->t.bloom,
                                      c->t.created};
    for (size_t i = 0; s == OK && i < sizeof tables / sizeof *tables; i++)
        s = delete_if_there(w, tables[i], k, reterr);
    buf_done(&copy);
    return s;
}
