/* SPDX-License-Identifier: Apache-2.0 */
/* Ethereum transactions: type 0 (with and without EIP-155), 1 (EIP-2930), 2 (EIP-1559), 3
 * (EIP-4844, without its blobs) and 4 (EIP-7702). */
#ifndef EHRD_CODEC_TX_H
#define EHRD_CODEC_TX_H

#include "base/buf.h"
#include "crypto/secp256k1.h"
#include "num/u256.h"

enum tx_type {
    TX_LEGACY = 0,
    TX_ACCESS_LIST = 1,
    TX_FEE_MARKET = 2,
    TX_BLOB = 3,
    TX_SET_CODE = 4,
};

struct tx {
    enum tx_type type;
    bool has_chain_id; /* always for typed ones; legacy: EIP-155 */
    uint64_t chain_id;
    uint64_t nonce;
    u256 max_fee;      /* types 0 and 1: gasPrice */
    u256 max_priority; /* types 2 and above; else equal to max_fee */
    uint64_t gas;
    bool is_create; /* no to */
    addr20 to;
    u256 value;
    slice data;           /* borrowed */
    slice access_list;    /* borrowed: the RLP list with its header; empty means none */
    u256 max_blob_fee;    /* type 3: wei per blob gas */
    slice blob_hashes;    /* type 3; borrowed: the hashes' RLP strings, 33 bytes each */
    slice authorizations; /* type 4; borrowed: the RLP list with its header */
    unsigned y_parity;    /* 0 or 1; set with r and s by tx_read and tx_sign */
    uint8_t r[32];
    uint8_t s[32];
};

#define TX_BLOB_HASH_ITEM 33u /* bytes of a blob hash in RLP */

static inline size_t tx_blob_count(const struct tx *t)
{
    return t->blob_hashes.n / TX_BLOB_HASH_ITEM;
}

/* The i-th versioned hash, i < tx_blob_count. */
static inline hash32 tx_blob_hash(const struct tx *t, size_t i)
{
    hash32 h;
    memcpy(h.b, t->blob_hashes.p + i * TX_BLOB_HASH_ITEM + 1, sizeof h.b);
    return h;
}

/* An authorization to act by the code of another account (EIP-7702). */
struct tx_auth {
    u256 chain_id; /* 0: any chain */
    addr20 addr;
    uint64_t nonce;
    uint8_t y_parity; /* any byte; judged by tx_auth_signer, as r and s */
    uint8_t r[32];
    uint8_t s[32];
};

/* Take the next authorization; *list begins as t->authorizations' content (tx_auths).
 * OK | E_MISSING (none left) | RLP statuses. tx_read has checked that all can be read. */
status tx_auth_next(slice *list, struct tx_auth *ret, struct err *reterr) MUST_USE;
/* What tx_auth_next reads from; empty if there are none. */
slice tx_auths(const struct tx *t);
/* OK | E_SIGNATURE | E_NOMEM. */
status tx_auth_signer(const struct tx_auth *a, addr20 *ret) MUST_USE;

/* Read a signed raw transaction (EIP-2718 envelope, or the bare legacy list). tx borrows from raw.
 * OK | E_UNSUPPORTED (type byte) | RLP statuses | E_RANGE (nonce 2^64-1, v).
 * r and s are judged by tx_sender, fees by tx_check_fees. */
status tx_read(slice raw, struct tx *ret, struct err *reterr) MUST_USE;
/* Fees that no account can pay in any state: a tip above the most, gas times price above 2^256.
 * OK | E_RANGE. */
status tx_check_fees(const struct tx *t, struct err *reterr) MUST_USE;
/* What the sender signs. OK | E_NOMEM | E_TOO_LONG. */
status tx_sign_digest(const struct tx *t, hash32 *ret) MUST_USE;
/* Set y_parity, r and s. OK | E_RANGE (key) | E_NOMEM. */
status tx_sign(struct tx *t, const struct secp_key *key) MUST_USE;
/* Append the signed raw transaction. Its hash is keccak256 of these bytes. */
status tx_put_raw(const struct tx *t, struct buf *out) MUST_USE;
void tx_hash(slice raw, hash32 *ret);
/* OK | E_SIGNATURE (high s too, EIP-2) | E_NOMEM. */
status tx_sender(const struct tx *t, addr20 *ret) MUST_USE;
/* The same, taking high s as the Frontier rules did. */
status tx_sender_frontier(const struct tx *t, addr20 *ret) MUST_USE;

/* Gas taken before the first instruction, Cancun rules (EIP-2028, 2930, 3860), types 0 to 3.
 * OK | E_TOO_LONG (init code over 49152 bytes) | RLP statuses (access list). */
status tx_intrinsic_gas(const struct tx *t, uint64_t *ret, struct err *reterr) MUST_USE;
/* Number of addresses and storage keys of the access list. OK | RLP statuses. */
status tx_access_count(slice access_list, size_t *ret_addrs, size_t *ret_keys,
                       struct err *reterr) MUST_USE;

#endif
