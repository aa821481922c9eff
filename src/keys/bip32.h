/* SPDX-License-Identifier: Apache-2.0 */
/* BIP-32: private keys of a tree from one seed, and the path wallets use for Ethereum. */
#ifndef EHRD_KEYS_BIP32_H
#define EHRD_KEYS_BIP32_H

#include "crypto/secp256k1.h"

#define BIP32_HARDENED 0x80000000u

/* An extended private key. Secret: wipe with bip32_key_done. */
struct bip32_key {
    struct secp_key key;
    uint8_t chain[32];
};

/* The master key. seed: 16 to 64 bytes. OK | E_RANGE (length, or the one seed in 2^127 without a
 * key) | E_INTERNAL. */
status bip32_master(slice seed, struct bip32_key *ret) MUST_USE;
/* Follow n steps of a path (CKDpriv); an index of BIP32_HARDENED and more is hardened. ret may be
 * parent. OK | E_RANGE (no key at this path) | E_INTERNAL (also: no secp_init). */
status bip32_derive(const struct bip32_key *parent, const uint32_t *path, size_t n,
                    struct bip32_key *ret) MUST_USE;
void bip32_key_done(struct bip32_key *k); /* wipes */

/* m/44'/60'/0'/0/index (BIP-44, coin type 60): the accounts MetaMask shows.
 * OK | E_RANGE (index is hardened) | E_INTERNAL. */
status bip32_ethereum(slice seed, uint32_t index, struct secp_key *ret) MUST_USE;

#endif
