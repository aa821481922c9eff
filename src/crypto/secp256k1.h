/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and recoverable signatures on secp256k1 as Ethereum uses them, by libsecp256k1.
 *
 * secp_init makes the one context of the process; call it before threads start. Afterwards every
 * function is thread-safe. Signatures are r || s || v: 32 + 32 + 1 bytes, low s, v 27 or 28. */
#ifndef EHRD_CRYPTO_SECP256K1_H
#define EHRD_CRYPTO_SECP256K1_H

#include "base/slice.h"
#include "base/status.h"
#include "base/sysio.h"

#define SECP_SIG 65u
#define SECP_PUB33 33u
#define SECP_PUB65 65u

/* A secret scalar, big-endian. Wipe with secp_key_done. */
struct secp_key {
    uint8_t b[32];
};

/* Make and blind the context. A second call only blinds again. OK | E_NOMEM | E_IO. */
status secp_init(const struct random_src *rnd) MUST_USE;
void secp_done(void);

/* OK | E_IO (rnd). */
status secp_key_generate(const struct random_src *rnd, struct secp_key *ret) MUST_USE;
/* True if 0 < key < N. */
bool secp_key_is_valid(const struct secp_key *key);
void secp_key_done(struct secp_key *key); /* wipes */

/* Public key: 33 bytes 02/03 || x, or 65 bytes 04 || x || y.
 * OK | E_RANGE (key) | E_INTERNAL (no secp_init). */
status secp_public33(const struct secp_key *key, uint8_t ret[SECP_PUB33]) MUST_USE;
status secp_public65(const struct secp_key *key, uint8_t ret[SECP_PUB65]) MUST_USE;
/* The account address: last 20 bytes of keccak256(x || y). Same statuses. */
status secp_key_addr(const struct secp_key *key, addr20 *ret) MUST_USE;
/* Of a public key of 33 or 65 bytes. OK | E_RANGE (no point of the curve, other length). */
status secp_pub_addr(slice pub, addr20 *ret) MUST_USE;

/* key = key + tweak mod N. OK | E_RANGE (tweak >= N, or the sum is 0; key is unchanged). */
status secp_key_add(struct secp_key *key, const hash32 *tweak) MUST_USE;
/* ret = pub + tweak * G; pub and ret may be the same. Time depends on tweak.
 * OK | E_RANGE (no point, tweak >= N, or the sum is no point) | E_INTERNAL (no secp_init). */
status secp_pub_add(const uint8_t pub[SECP_PUB33], const hash32 *tweak,
                    uint8_t ret[SECP_PUB33]) MUST_USE;
/* keccak256 of the shared point key * pub in its compressed form (33 bytes). Constant time in key.
 * OK | E_RANGE (no point, invalid key) | E_INTERNAL (no secp_init). */
status secp_shared_keccak(const struct secp_key *key, const uint8_t pub[SECP_PUB33],
                          hash32 *ret) MUST_USE;

/* Sign a digest; the nonce is deterministic (RFC 6979).
 * OK | E_RANGE (key) | E_INTERNAL (no secp_init). */
status secp_sign(const struct secp_key *key, const hash32 *digest,
                 uint8_t ret_sig65[SECP_SIG]) MUST_USE;
/* Address of the signer. Works without secp_init.
 * OK | E_SIGNATURE (r or s zero or >= N, high s, v other than 27 and 28, no such point). */
status secp_recover(const hash32 *digest, const uint8_t sig65[SECP_SIG], addr20 *ret) MUST_USE;
/* The same for the y parity 0 or 1 of typed transactions. high_s_ok: as before Homestead. */
status secp_recover_parity(const hash32 *digest, const uint8_t r[32], const uint8_t s[32],
                           unsigned parity, bool high_s_ok, addr20 *ret) MUST_USE;
/* The signer must be want. OK | E_SIGNATURE. */
status secp_verify_addr(const hash32 *digest, slice sig65, addr20 want) MUST_USE;

#endif
