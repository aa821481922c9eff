/* SPDX-License-Identifier: Apache-2.0 */
/* The first block of a chain and its rules, in geth's genesis format.
 *
 * Read are config (chainId, the forks' numbers and times, terminalTotalDifficulty, blobSchedule),
 * alloc, gasLimit, baseFeePerGas, timestamp, extraData, difficulty, nonce, mixHash, coinbase,
 * number, gasUsed, parentHash, excessBlobGas, blobGasUsed. Unknown members are passed over, as geth
 * does. What geth does not know stands in one member "ehrd":
 *     authority   address whose key signs each block's hash; absent: blocks are not signed
 *     sameSecond  true: a block may have its parent's time
 *     baseFee     "fixed": every block has the genesis' base fee (0 makes gas free of charge);
 *                 "eip1559" (the default)
 * These three are not in the block hash: they are part of the chain's identity through the digest
 * of the file's "ehrd" member, kept in the folder. */
#ifndef EHRD_CHAIN_GENESIS_H
#define EHRD_CHAIN_GENESIS_H

#include "chain/block.h"
#include "codec/json.h"

#define GENESIS_BYTES_MAX ((size_t)256 << 20)

struct genesis {
    struct chain_config config;
    bool has_authority;
    addr20 authority;
    struct block_header header; /* without the state root, until genesis_state was loaded */
    struct json alloc;          /* {address: {balance, nonce, code, storage}} */
    struct json root;           /* the whole document */
};

/* doc: must outlive ret, as its text must. OK | E_MISSING | E_TYPE | E_SYNTAX | E_RANGE |
 * E_UNSUPPORTED (forks out of order); the message names the member. */
status genesis_read(const struct json_doc *doc, struct genesis *ret, struct err *reterr) MUST_USE;

/* Put the accounts of an alloc into st, and keep them. As above | E_NOMEM. */
status genesis_alloc(struct json alloc, struct state *st, struct err *reterr) MUST_USE;

/* The genesis block of this header as RLP, with empty lists. OK | buf statuses. */
status genesis_put(const struct block_header *h, struct buf *out) MUST_USE;

#endif
