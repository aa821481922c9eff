/* SPDX-License-Identifier: Apache-2.0 */
/* Block headers in RLP. */
#include "trie/header.h"

#include "codec/rlp.h"
#include "crypto/keccak.h"

#define HEADER_BYTES_MAX (HEADER_EXTRA_MAX + 1024u)

/* mixHash of blocks sealed by IBFT 2.0 and QBFT. */
static const uint8_t bft_mix[32] = {
    0x63, 0x74, 0x69, 0x63, 0x61, 0x6c, 0x20, 0x62, 0x79, 0x7a, 0x61, 0x6e, 0x74, 0x69, 0x6e, 0x65,
    0x20, 0x66, 0x61, 0x75, 0x6c, 0x74, 0x20, 0x74, 0x6f, 0x6c, 0x65, 0x72, 0x61, 0x6e, 0x63, 0x65};

static status read_frontier(struct rlp_list *l, struct block_header *h, struct err *reterr)
{
    status s = rlp_next_fixed(l, h->parent.b, 32, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->uncles.b, 32, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->coinbase.b, 20, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->state_root.b, 32, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->tx_root.b, 32, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->receipts_root.b, 32, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->bloom, sizeof h->bloom, reterr);
    if (s == OK)
        s = rlp_next_u256(l, &h->difficulty, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &h->number, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &h->gas_limit, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &h->gas_used, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &h->timestamp, reterr);
    if (s == OK)
        s = rlp_next_bytes(l, &h->extra, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->mix.b, 32, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->nonce, sizeof h->nonce, reterr);
    return s;
}

/* The fields that later forks appended. */
static status read_later(struct rlp_list *l, struct block_header *h, struct err *reterr)
{
    h->fields = HEADER_FRONTIER;
    if (rlp_list_is_empty(l))
        return OK;
    h->fields = HEADER_LONDON;
    status s = rlp_next_u256(l, &h->base_fee, reterr);
    if (s != OK || rlp_list_is_empty(l))
        return s;
    h->fields = HEADER_SHANGHAI;
    s = rlp_next_fixed(l, h->withdrawals_root.b, 32, reterr);
    if (s != OK || rlp_list_is_empty(l))
        return s;
    h->fields = HEADER_CANCUN;
    s = rlp_next_u64(l, &h->blob_gas_used, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &h->excess_blob_gas, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, h->beacon_root.b, 32, reterr);
    if (s != OK || rlp_list_is_empty(l))
        return s;
    h->fields = HEADER_PRAGUE;
    return rlp_next_fixed(l, h->requests_hash.b, 32, reterr);
}

status header_read(slice in, struct block_header *ret, struct err *reterr)
{
    struct block_header h = {.fields = HEADER_FRONTIER};
    struct rlp_list l;
    status s = rlp_read_list(in, &l, reterr);
    if (s == OK)
        s = read_frontier(&l, &h, reterr);
    if (s == OK)
        s = read_later(&l, &h, reterr);
    if (s == OK && !rlp_list_is_empty(&l))
        s = ERR(reterr, E_UNSUPPORTED, "more than %d fields", HEADER_PRAGUE);
    if (s == OK && h.extra.n > HEADER_EXTRA_MAX)
        s = ERR(reterr, E_TOO_LONG, "extraData of %zu bytes", h.extra.n);
    if (s != OK)
        return err_prefix(reterr, s, "block header");
    *ret = h;
    return OK;
}

static status put_hash(struct buf *out, const hash32 *h)
{
    return rlp_put_bytes(out, slice_of(h->b, sizeof h->b));
}

static status put_frontier(const struct block_header *h, struct buf *out)
{
    status s = put_hash(out, &h->parent);
    if (s == OK)
        s = put_hash(out, &h->uncles);
    if (s == OK)
        s = rlp_put_bytes(out, slice_of(h->coinbase.b, sizeof h->coinbase.b));
    if (s == OK)
        s = put_hash(out, &h->state_root);
    if (s == OK)
        s = put_hash(out, &h->tx_root);
    if (s == OK)
        s = put_hash(out, &h->receipts_root);
    if (s == OK)
        s = rlp_put_bytes(out, slice_of(h->bloom, sizeof h->bloom));
    if (s == OK)
        s = rlp_put_u256(out, h->difficulty);
    if (s == OK)
        s = rlp_put_u64(out, h->number);
    if (s == OK)
        s = rlp_put_u64(out, h->gas_limit);
    if (s == OK)
        s = rlp_put_u64(out, h->gas_used);
    if (s == OK)
        s = rlp_put_u64(out, h->timestamp);
    if (s == OK)
        s = rlp_put_bytes(out, h->extra);
    if (s == OK)
        s = put_hash(out, &h->mix);
    if (s == OK)
        s = rlp_put_bytes(out, slice_of(h->nonce, sizeof h->nonce));
    return s;
}

static status put_later(const struct block_header *h, struct buf *out)
{
    status s = OK;
    if (h->fields >= HEADER_LONDON)
        s = rlp_put_u256(out, h->base_fee);
    if (s == OK && h->fields >= HEADER_SHANGHAI)
        s = put_hash(out, &h->withdrawals_root);
    if (s == OK && h->fields >= HEADER_CANCUN)
        s = rlp_put_u64(out, h->blob_gas_used);
    if (s == OK && h->fields >= HEADER_CANCUN)
        s = rlp_put_u64(out, h->excess_blob_gas);
    if (s == OK && h->fields >= HEADER_CANCUN)
        s = put_hash(out, &h->beacon_root);
    if (s == OK && h->fields >= HEADER_PRAGUE)
        s = put_hash(out, &h->requests_hash);
    return s;
}

status header_put(const struct block_header *h, struct buf *out)
{
    size_t mark = 0;
    status s = rlp_put_list_begin(out, &mark);
    if (s == OK)
        s = put_frontier(h, out);
    if (s == OK)
        s = put_later(h, out);
    return s == OK ? rlp_put_list_end(out, mark) : s;
}

status header_hash(const struct block_header *h, hash32 *ret)
{
    struct buf b;
    buf_init(&b, HEADER_BYTES_MAX);
    status s = header_put(h, &b);
    if (s == OK)
        keccak256(buf_slice(&b), ret);
    buf_done(&b);
    return s;
}

/* extraData of QBFT: [vanity, validators, vote, round, seals]; copy the first three. */
static status put_qbft_extra(slice extra, struct buf *out)
{
    struct rlp_list l;
    struct rlp_item item;
    size_t mark = 0;
    if (rlp_read_list(extra, &l, NULL) != OK)
        return E_UNSUPPORTED;
    status s = rlp_put_list_begin(out, &mark);
    for (size_t i = 0; s == OK && i < 5; i++) {
        if (rlp_next(&l, &item, NULL) != OK)
            return E_UNSUPPORTED;
        if (i < 3)
            s = buf_put(out, item.raw);
    }
    if (s == OK && !rlp_list_is_empty(&l))
        return E_UNSUPPORTED;
    size_t seals = 0;
    if (s == OK)
        s = rlp_put_u64(out, 0);
    if (s == OK)
        s = rlp_put_list_begin(out, &seals);
    if (s == OK)
        s = rlp_put_list_end(out, seals);
    return s == OK ? rlp_put_list_end(out, mark) : s;
}

status header_hash_qbft(const struct block_header *h, hash32 *ret)
{
    if (memcmp(h->mix.b, bft_mix, sizeof bft_mix) != 0)
        return E_UNSUPPORTED;
    struct buf extra;
    buf_init(&extra, HEADER_EXTRA_MAX);
    status s = put_qbft_extra(h->extra, &extra);
    if (s == OK) {
        struct block_header bare = *h;
        bare.extra = buf_slice(&extra);
        s = header_hash(&bare, ret);
    }
    buf_done(&extra);
    return s;
}
