/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-712 typed data: the domains and structs of FORMATS item 8 and of OpenZeppelin's forwarder.
 *
 * Each eip712_*_hash gives hashStruct; eip712_digest makes of it what is signed. Nothing here can
 * fail: texts are hashed as they are. */
#ifndef EHRD_CODEC_EIP712_H
#define EHRD_CODEC_EIP712_H

#include "codec/netid.h"
#include "num/u256.h"

/* Domain { name, version, chainId, verifyingContract }. */
void eip712_domain(const char *name, const char *version, uint64_t chain_id, addr20 contract,
                   hash32 *ret);
/* { "ehrd", "1", chain, registry proxy } */
void eip712_domain_ehrd(const struct netid *net, hash32 *ret);
/* { "ehrd forwarder", "1", chain, forwarder } */
void eip712_domain_forwarder(uint64_t chain_id, addr20 forwarder, hash32 *ret);
/* keccak256(0x19 01 || domain || struct_hash) */
void eip712_digest(const hash32 *domain, const hash32 *struct_hash, hash32 *ret);

/* All slices are borrowed. */
struct eip712_key_card {
    addr20 account;
    uint32_t seq;
    slice age_recipient;
    slice spend; /* compressed public keys, 33 bytes each */
    slice view;
    addr20 cert_key;
    slice name;
    slice role;
    hash32 salt;
};
struct eip712_member_certificate {
    addr20 account;
    addr20 member;
    hash32 card_hash;
    uint64_t not_after;
};
struct eip712_vault_request {
    addr20 signer;
    slice origin;
    slice method;
    slice target; /* raw path and query */
    hash32 body_sha256;
    hash32 nonce;
    uint64_t issued_at;
};
struct eip712_folder_key {
    hash32 folder_id;
    uint32_t epoch;
    slice recipient;
    hash32 prev_key_hash;
};
struct eip712_wrap_note {
    hash32 folder_id;
    addr20 holder;
    addr20 account;
    hash32 card_hash;
    hash32 wrap_sha256;
};
struct eip712_grant_note {
    hash32 folder_id;
    addr20 owner;
    addr20 holder;
    addr20 account; /* the grantee's */
    addr20 owner_account;
    hash32 owner_card_hash;
    slice folder_name;
    uint8_t permissions;
    uint64_t not_before;
    uint64_t not_after;
    uint64_t issued;
};
/* Head of a folder's access log, signed by the node. */
struct eip712_log_head {
    hash32 folder_id;
    uint64_t seq;
    hash32 leaf;
    uint64_t time;
};
/* Somebody asks for a grant. */
struct eip712_access_request {
    addr20 account;
    hash32 card_hash;
    slice folder;
    slice purpose;
    uint8_t permissions;
    uint64_t duration;
    uint64_t expires;
    hash32 nonce;
};
/* OpenZeppelin 5.7 ERC2771Forwarder. */
struct eip712_forward_request {
    addr20 from;
    addr20 to;
    u256 value;
    u256 gas;
    u256 nonce;
    uint64_t deadline; /* uint48: below 2^48 */
    slice data;
};

void eip712_key_card_hash(const struct eip712_key_card *c, hash32 *ret);
void eip712_member_certificate_hash(const struct eip712_member_certificate *c, hash32 *ret);
void eip712_vault_request_hash(const struct eip712_vault_request *r, hash32 *ret);
void eip712_folder_key_hash(const struct eip712_folder_key *k, hash32 *ret);
void eip712_wrap_note_hash(const struct eip712_wrap_note *n, hash32 *ret);
void eip712_grant_note_hash(const struct eip712_grant_note *n, hash32 *ret);
void eip712_access_request_hash(const struct eip712_access_request *r, hash32 *ret);
void eip712_log_head_hash(const struct eip712_log_head *h, hash32 *ret);
void eip712_forward_request_hash(const struct eip712_forward_request *r, hash32 *ret);

/* Ready digests in the domain they belong to. The key card's is its keyCardHash. */
void eip712_key_card_digest(const struct netid *net, const struct eip712_key_card *c, hash32 *ret);
void eip712_member_certificate_digest(const struct netid *net,
                                      const struct eip712_member_certificate *c, hash32 *ret);
void eip712_vault_request_digest(const struct netid *net, const struct eip712_vault_request *r,
                                 hash32 *ret);
void eip712_folder_key_digest(const struct netid *net, const struct eip712_folder_key *k,
                              hash32 *ret);
void eip712_wrap_note_digest(const struct netid *net, const struct eip712_wrap_note *n,
                             hash32 *ret);
void eip712_grant_note_digest(const struct netid *net, const struct eip712_grant_note *n,
                              hash32 *ret);
void eip712_access_request_digest(const struct netid *net, const struct eip712_access_request *r,
                                  hash32 *ret);
void eip712_log_head_digest(const struct netid *net, const struct eip712_log_head *h, hash32 *ret);
void eip712_forward_request_digest(uint64_t chain_id, addr20 forwarder,
                                   const struct eip712_forward_request *r, hash32 *ret);

#endif
