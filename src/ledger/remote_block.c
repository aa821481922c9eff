/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a node, believed only as far as their header hashes to the block hash. */
#include "ledger/remote_int.h"

static bool has(struct json v, const char *key)
{
    struct json m = json_get(v, key);
    return !json_is_absent(m) && json_type(m) != JSON_NULL;
}

static status hash_at(struct json v, const char *key, hash32 *ret, struct err *reterr)
{
    return json_hex_hash(json_get(v, key), ret, reterr);
}

static status u64_at(struct json v, const char *key, uint64_t *ret, struct err *reterr)
{
    return json_hex_u64(json_get(v, key), ret, reterr);
}

static status read_hashes(struct json v, struct block_header *h, struct err *reterr)
{
    status s = hash_at(v, "parentHash", &h->parent, reterr);
    if (s == OK)
        s = hash_at(v, "sha3Uncles", &h->uncles, reterr);
    if (s == OK)
        s = hash_at(v, "stateRoot", &h->state_root, reterr);
    if (s == OK)
        s = hash_at(v, "transactionsRoot", &h->tx_root, reterr);
    if (s == OK)
        s = hash_at(v, "receiptsRoot", &h->receipts_root, reterr);
    if (s == OK)
        s = hash_at(v, "mixHash", &h->mix, reterr);
    if (s == OK)
        s = json_hex_addr(json_get(v, "miner"), &h->coinbase, reterr);
    if (s == OK)
        s = json_hex_fixed(json_get(v, "logsBloom"), h->bloom, sizeof h->bloom, reterr);
    if (s == OK)
        s = json_hex_fixed(json_get(v, "nonce"), h->nonce, sizeof h->nonce, reterr);
    return s;
}

static status read_numbers(struct json v, struct block_header *h, struct err *reterr)
{
    status s = json_hex_u256(json_get(v, "difficulty"), &h->difficulty, reterr);
    if (s == OK)
        s = u64_at(v, "number", &h->number, reterr);
    if (s == OK)
        s = u64_at(v, "gasLimit", &h->gas_limit, reterr);
    if (s == OK)
        s = u64_at(v, "gasUsed", &h->gas_used, reterr);
    if (s == OK)
        s = u64_at(v, "timestamp", &h->timestamp, reterr);
    if (s == OK)
        s = json_hex_bytes(json_get(v, "extraData"), &h->extra, reterr);
    if (s == OK && h->extra.n > HEADER_EXTRA_MAX)
        s = ERR(reterr, E_TOO_LONG, "extraData of %zu bytes", h->extra.n);
    return s;
}

/* Which fork's fields there are; a later one without an earlier one is refused. */
static status read_fields(struct json v, enum header_fields *ret, struct err *reterr)
{
    bool london = has(v, "baseFeePerGas");
    bool shanghai = has(v, "withdrawalsRoot");
    bool cancun = has(v, "blobGasUsed");
    bool prague = has(v, "requestsHash");
    if ((shanghai && !london) || (cancun && !shanghai) || (prague && !cancun))
        return ERR(reterr, E_UNSUPPORTED, "block header with a gap in its fields");
    *ret = prague     ? HEADER_PRAGUE
           : cancun   ? HEADER_CANCUN
           : shanghai ? HEADER_SHANGHAI
           : london   ? HEADER_LONDON
                      : HEADER_FRONTIER;
    return OK;
}

static status read_later(struct json v, struct block_header *h, struct err *reterr)
{
    status s = read_fields(v, &h->fields, reterr);
    if (s == OK && h->fields >= HEADER_LONDON)
        s = json_hex_u256(json_get(v, "baseFeePerGas"), &h->base_fee, reterr);
    if (s == OK && h->fields >= HEADER_SHANGHAI)
        s = hash_at(v, "withdrawalsRoot", &h->withdrawals_root, reterr);
    if (s == OK && h->fields >= HEADER_CANCUN)
        s = u64_at(v, "blobGasUsed", &h->blob_gas_used, reterr);
    if (s == OK && h->fields >= HEADER_CANCUN)
        s = u64_at(v, "excessBlobGas", &h->excess_blob_gas, reterr);
    if (s == OK && h->fields >= HEADER_CANCUN)
        s = hash_at(v, "parentBeaconBlockRoot", &h->beacon_root, reterr);
    if (s == OK && h->fields >= HEADER_PRAGUE)
        s = hash_at(v, "requestsHash", &h->requests_hash, reterr);
    return s;
}

status remote_block_header(struct json v, struct block_header *ret, hash32 *ret_hash,
                           struct err *reterr)
{
    struct block_header h = {.fields = HEADER_FRONTIER};
    hash32 hash;
    status s = json_want_object(v, reterr);
    if (s == OK)
        s = hash_at(v, "hash", &hash, reterr);
    if (s == OK)
        s = read_hashes(v, &h, reterr);
    if (s == OK)
        s = read_numbers(v, &h, reterr);
    if (s == OK)
        s = read_later(v, &h, reterr);
    if (s != OK)
        return s;
    *ret = h;
    *ret_hash = hash;
    return OK;
}

static status check_hash(const struct block_header *h, const hash32 *want, struct err *reterr)
{
    hash32 got;
    status s = header_hash(h, &got);
    if (s == OK && hash32_eq(got, *want))
        return OK;
    if (s == OK)
        s = header_hash_qbft(h, &got);
    if (s == OK && hash32_eq(got, *want))
        return OK;
    if (s == E_NOMEM)
        return ERR(reterr, s, "block header");
    return ERR(reterr, E_MISMATCH, "the header of block %llu does not hash to its block hash",
               (unsigned long long)h->number);
}

static struct ledger_block block_of(const struct block_header *h, const hash32 *hash,
                                    uint64_t now_s)
{
    struct ledger_block b = {
        .number = h->number,
        .timestamp = h->timestamp,
        .gas_limit = h->gas_limit,
        .gas_used = h->gas_used,
        .hash = *hash,
        .parent = h->parent,
        .state_root = h->state_root,
        .has_base_fee = h->fields >= HEADER_LONDON,
        .base_fee = h->base_fee,
        .age_s = now_s > h->timestamp ? now_s - h->timestamp : 0,
    };
    memcpy(b.bloom, h->bloom, sizeof b.bloom);
    return b;
}

status remote_block_read(struct json v, struct ledger_at at, uint64_t now_s,
                         struct ledger_block *ret, struct err *reterr)
{
    struct block_header h;
    hash32 hash;
    if (json_type(v) == JSON_NULL)
        return ERR(reterr, E_NOT_FOUND, "the chain has no such block");
    status s = remote_block_header(v, &h, &hash, reterr);
    if (s == OK)
        s = check_hash(&h, &hash, reterr);
    if (s != OK)
        return s;
    if ((at.kind == LEDGER_AT_NUMBER && h.number != at.number) ||
        (at.kind == LEDGER_AT_HASH && !hash32_eq(hash, at.hash)))
        return ERR(reterr, E_MISMATCH, "the node gave another block than asked for");
    *ret = block_of(&h, &hash, now_s);
    return OK;
}
