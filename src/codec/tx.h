/* SPDX-License-Identifier: Apache-2.0 */
/* Ethereum transactions of type 0 (with and without EIP-155), 1 (EIP-2930) and 2 (EIP-1559). */
#ifndef EHRD_CODEC_TX_H
#define EHRD_CODEC_TX_H

#include "base/buf.h"
#include "crypto/secp256k1.h"
#include "num/u256.h"

enum tx_type { TX_LEGACY = 0, TX_ACCESS_LIST = 1, TX_FEE_MARKET = 2 };

struct tx {
    enum tx_type type;
    bool has_chain_id; /* always for types 1 and 2; legacy: EIP-155 */
    uint64_t chain_id;
    uint64_t nonce;
    u256 max_fee;      /* types 0 and 1: gasPrice */
    u256 max_priority; /* type 2; else equal to max_fee */
    uint64_t gas;
    bool is_create; /* no to */
    addr20 to;
    u256 value;
    slice data;        /* borrowed */
    slice access_list; /* borrowed: the RLP list with its header; empty means none */
    unsigned y_parity; /* 0 or 1; set with r and s by tx_read and tx_sign */
    uint8_t r[32];
    uint8_t s[32];
};

/* Read a signed raw transaction (EIP-2718 envelope, or the bare legacy list). tx borrows from raw.
 * OK | E_UNSUPPORTED (type byte) | RLP statuses | E_RANGE (nonce 2^64-1, v, fees).
 * r and s are judged by tx_sender. */
status tx_read(slice raw, struct tx *ret, struct err *reterr) MUST_USE;
/* What the sender signs. OK | E_NOMEM | E_TOO_LONG. */
status tx_sign_digest(const struct tx *t, hash32 *ret) MUST_USE;
/* Set y_parity, r and s. OK | E_RANGE (key) | E_NOMEM. */
status tx_sign(struct tx *t, const struct secp_key *key) MUST_USE;
/* Append the signed raw transaction. Its hash is keccak256 of these bytes. */
status tx_put_raw(const struct tx *t, struct buf *out) MUST_USE;
void tx_hash(slice raw, hash32 *ret);
/* OK | E_SIGNATURE (high s too, EIP-2) | E_NOMEM. */
status tx_sender(const struct tx *t, addr20 *ret) MUST_USE;

/* Gas taken before the first instruction, Cancun rules (EIP-2028, 2930, 3860).
 * OK | E_TOO_LONG (init code over 49152 bytes) | RLP statuses (access list). */
status tx_intrinsic_gas(const struct tx *t, uint64_t *ret, struct err *reterr) MUST_USE;
/* Number of addresses and storage keys of the access list. OK | RLP statuses. */
status tx_access_count(slice access_list, size_t *ret_addrs, size_t *ret_keys,
                       struct err *reterr) MUST_USE;

#endif
