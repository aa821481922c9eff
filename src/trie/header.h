/* SPDX-License-Identifier: Apache-2.0 */
/* Ethereum block headers: RLP both ways and the block hash, for every fork from Frontier to Osaka.
 *
 * A header's state root may be believed once header_hash gives the block hash that is trusted. */
#ifndef EHRD_TRIE_HEADER_H
#define EHRD_TRIE_HEADER_H

#include "base/buf.h"
#include "num/u256.h"

#define HEADER_EXTRA_MAX 65536u /* bytes of extraData: 32 on most chains, seals on BFT chains */

/* How many fields the fork of the block has. */
enum header_fields {
    HEADER_FRONTIER = 15,
    HEADER_LONDON = 16,   /* + base_fee (EIP-1559) */
    HEADER_SHANGHAI = 17, /* + withdrawals_root (EIP-4895) */
    HEADER_CANCUN = 20,   /* + blob_gas_used, excess_blob_gas (EIP-4844), beacon_root (EIP-4788) */
    HEADER_PRAGUE = 21,   /* + requests_hash (EIP-7685); Osaka adds none */
};

struct block_header {
    enum header_fields fields;
    hash32 parent;
    hash32 uncles;
    addr20 coinbase;
    hash32 state_root;
    hash32 tx_root;
    hash32 receipts_root;
    uint8_t bloom[256];
    u256 difficulty;
    uint64_t number;
    uint64_t gas_limit;
    uint64_t gas_used;
    uint64_t timestamp; /* seconds */
    slice extra;        /* borrowed */
    hash32 mix;         /* prevRandao */
    uint8_t nonce[8];
    u256 base_fee; /* wei per gas; from HEADER_LONDON on, as the fields below from their forks on */
    hash32 withdrawals_root;
    uint64_t blob_gas_used;
    uint64_t excess_blob_gas;
    hash32 beacon_root;
    hash32 requests_hash;
};

/* Exactly one header; ret->extra borrows from in.
 * OK | E_UNSUPPORTED (number of fields) | E_TOO_LONG (extra) | RLP statuses. */
status header_read(slice in, struct block_header *ret, struct err *reterr) MUST_USE;
/* Append the RLP. OK | buf statuses. */
status header_put(const struct block_header *h, struct buf *out) MUST_USE;
/* keccak256 of the RLP. OK | E_NOMEM. */
status header_hash(const struct block_header *h, hash32 *ret) MUST_USE;
/* The block hash of a QBFT chain (Besu): as header_hash, with the round set to 0 and the committed
 * seals left out of extraData, since these differ between nodes. For other chains E_UNSUPPORTED.
 * OK | E_UNSUPPORTED | E_NOMEM. */
status header_hash_qbft(const struct block_header *h, hash32 *ret) MUST_USE;

#endif
