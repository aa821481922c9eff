/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes with domain, FORMATS item 1, and those of items 3, 4 and 9 made with them.
 *
 * H(name, …) = keccak256(abi.encode(keccak256("ehrd/" || name || "/v1"), chainId, proxy, …)) */
#ifndef EHRD_CODEC_DOMAIN_HASH_H
#define EHRD_CODEC_DOMAIN_HASH_H

#include "codec/netid.h"

#define RECORD_COMMITMENT 26u /* bytes of a record slot's commitment */
#define DOMAIN_HASH_WORDS 8u  /* most words after the proxy */

/* words: n ABI words of 32 bytes, n <= DOMAIN_HASH_WORDS. */
void domain_hash(const char *name, const struct netid *net, const hash32 *words, size_t n,
                 hash32 *ret);

/* H("folder", owner, salt) */
void folder_id(const struct netid *net, addr20 owner, const hash32 *salt, hash32 *ret);
/* H("folder-key", folderId, epoch, keccak256(recipient), previous keyHash); recipient is the ASCII
 * text "age1…", prev is zero for epoch 1. */
void folder_key_hash(const struct netid *net, const hash32 *folder, uint32_t epoch, slice recipient,
                     const hash32 *prev, hash32 *ret);
/* H("inner", salt, keccak256(binary CIDv1), meta_sha256) */
void record_inner(const struct netid *net, const hash32 *salt, slice cid, const hash32 *meta_sha256,
                  hash32 *ret);

struct record_place {
    hash32 folder;
    hash32 record;
    uint64_t version;
    uint32_t epoch;
    addr20 author; /* the contract's _msgSender() */
};
/* First 26 bytes of H("record", folderId, recordId, version, epoch, author, inner). */
void record_commitment(const struct netid *net, const struct record_place *at, const hash32 *inner,
                       uint8_t ret[RECORD_COMMITMENT]);

/* H("log", folderId, seq, prev, entry_sha256), entry_sha256 = sha256(salt || entry); see
 * log_entry_sha256. prev is zero for the first. */
void log_leaf(const struct netid *net, const hash32 *folder, uint64_t seq, const hash32 *prev,
              const hash32 *entry_sha256, hash32 *ret);
/* sha256(salt || entry). OK | E_NOMEM | E_INTERNAL. */
status log_entry_sha256(const hash32 *salt, slice entry, hash32 *ret) MUST_USE;

/* What the authority of an embedded chain signs of each block:
 * keccak256(abi.encode(keccak256("ehrd/seal/v1"), chainId, number, block hash)). */
void block_seal_digest(uint64_t chain_id, uint64_t number, const hash32 *hash, hash32 *ret);

#endif
