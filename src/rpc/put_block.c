/* SPDX-License-Identifier: Apache-2.0 */
/* Headers and blocks. */
#include "crypto/keccak.h"
#include "rpc/put.h"

static void key_hash(struct jw *w, const char *key, const hash32 *h)
{
    jw_key(w, key);
    rpc_put_hash(w, h);
}

static void key_u64(struct jw *w, const char *key, uint64_t v)
{
    jw_key(w, key);
    jw_hex_u64(w, v);
}

/* What a block that is not sealed does not have. */
static void put_seal(struct jw *w, const struct block_header *h, const hash32 *hash, bool pending)
{
    if (pending) {
        jw_key(w, "hash"), jw_null(w);
        jw_key(w, "nonce"), jw_null(w);
        jw_key(w, "miner"), jw_null(w);
        return;
    }
    key_hash(w, "hash", hash);
    jw_key(w, "nonce");
    jw_hex(w, slice_of(h->nonce, sizeof h->nonce));
    jw_key(w, "miner");
    rpc_put_addr(w, &h->coinbase);
}

static void put_later_fields(struct jw *w, const struct block_header *h)
{
    if (h->fields >= HEADER_LONDON) {
        jw_key(w, "baseFeePerGas");
        jw_hex_u256(w, h->base_fee);
    }
    if (h->fields >= HEADER_SHANGHAI)
        key_hash(w, "withdrawalsRoot", &h->withdrawals_root);
    if (h->fields >= HEADER_CANCUN) {
        key_u64(w, "blobGasUsed", h->blob_gas_used);
        key_u64(w, "excessBlobGas", h->excess_blob_gas);
        key_hash(w, "parentBeaconBlockRoot", &h->beacon_root);
    }
    if (h->fields >= HEADER_PRAGUE)
        key_hash(w, "requestsHash", &h->requests_hash);
}

void rpc_put_header(struct jw *w, const struct block_header *h, const hash32 *hash, bool pending)
{
    key_u64(w, "number", h->number);
    put_seal(w, h, hash, pending);
    key_hash(w, "parentHash", &h->parent);
    key_hash(w, "mixHash", &h->mix);
    key_hash(w, "sha3Uncles", &h->uncles);
    jw_key(w, "logsBloom");
    jw_hex(w, slice_of(h->bloom, sizeof h->bloom));
    key_hash(w, "stateRoot", &h->state_root);
    jw_key(w, "difficulty");
    jw_hex_u256(w, h->difficulty);
    jw_key(w, "extraData");
    jw_hex(w, h->extra);
    key_u64(w, "gasLimit", h->gas_limit);
    key_u64(w, "gasUsed", h->gas_used);
    key_u64(w, "timestamp", h->timestamp);
    key_hash(w, "transactionsRoot", &h->tx_root);
    key_hash(w, "receiptsRoot", &h->receipts_root);
    put_later_fields(w, h);
}

void rpc_put_uncles(struct jw *w, const struct block *b)
{
    struct rlp_list l = {b->uncles};
    struct rlp_item item;
    jw_key(w, "uncles");
    jw_array(w);
    while (rlp_next(&l, &item, NULL) == OK) {
        hash32 h;
        keccak256(item.raw, &h);
        rpc_put_hash(w, &h);
    }
    jw_end(w);
}

void rpc_put_withdrawals(struct jw *w, slice items)
{
    struct rlp_list l = {items};
    struct block_withdrawal wd;
    jw_key(w, "withdrawals");
    jw_array(w);
    while (!rlp_list_is_empty(&l) && block_next_withdrawal(&l, &wd, NULL) == OK) {
        jw_object(w);
        key_u64(w, "index", wd.index);
        key_u64(w, "validatorIndex", wd.validator);
        jw_key(w, "address");
        rpc_put_addr(w, &wd.to);
        key_u64(w, "amount", wd.gwei);
        jw_end(w);
    }
    jw_end(w);
}

static status put_tx_hashes(struct jw *w, const struct block *b)
{
    struct rlp_list txs = {b->txs};
    slice raw;
    status s = OK;
    while (s == OK && !rlp_list_is_empty(&txs)) {
        hash32 h;
        s = block_next_tx(&txs, &raw, NULL);
        if (s != OK)
            return E_CORRUPT;
        tx_hash(raw, &h);
        rpc_put_hash(w, &h);
    }
    return OK;
}

static status put_full_txs(struct rpc_req *q, const struct chain_block *b)
{
    const struct block_header *h = &b->block.header;
    struct chain_receipt *r;
    size_t n;
    status s = chain_view_receipts(&q->view, h->number, q->a, &r, &n, NULL);
    for (size_t i = 0; s == OK && i < n; i++) {
        const struct rpc_place place = {b->block.hash, h->number, h->timestamp, r[i].index};
        rpc_put_tx(q->w, &r[i].tx, &r[i].tx_hash, &r[i].sender, &place, r[i].price);
    }
    return s;
}

status rpc_put_block(struct rpc_req *q, const struct chain_block *b, bool full)
{
    jw_object(q->w);
    rpc_put_header(q->w, &b->block.header, &b->block.hash, false);
    if (b->has_seal)
        jw_key(q->w, "authoritySignature"), jw_hex(q->w, slice_of(b->seal, sizeof b->seal));
    key_u64(q->w, "size", b->block.raw.n);
    jw_key(q->w, "transactions");
    jw_array(q->w);
    status s = full ? put_full_txs(q, b) : put_tx_hashes(q->w, &b->block);
    if (s != OK)
        return s;
    jw_end(q->w);
    rpc_put_uncles(q->w, &b->block);
    if (b->block.has_withdrawals)
        rpc_put_withdrawals(q->w, b->block.withdrawals);
    jw_end(q->w);
    return OK;
}
