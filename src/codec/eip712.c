/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-712: hashStruct(s) = keccak256(typeHash || one word per member), dynamic members hashed. */
#include "codec/eip712.h"

#include "base/checked.h"
#include "crypto/keccak.h"

/* Words of a struct go straight into the hash. */
struct encoder {
    struct keccak256_ctx k;
};

static void begin(struct encoder *e, slice type)
{
    hash32 type_hash;
    keccak256(type, &type_hash);
    keccak256_init(&e->k);
    keccak256_update(&e->k, slice_of(type_hash.b, sizeof type_hash.b));
}

static void put_hash(struct encoder *e, const hash32 *h)
{
    keccak256_update(&e->k, slice_of(h->b, sizeof h->b));
}

static void put_addr(struct encoder *e, addr20 a)
{
    hash32 word = {{0}};
    memcpy(word.b + 12, a.b, sizeof a.b);
    put_hash(e, &word);
}

static void put_u256(struct encoder *e, u256 v)
{
    hash32 word;
    u256_to_be(v, word.b);
    put_hash(e, &word);
}

static void put_u64(struct encoder *e, uint64_t v)
{
    put_u256(e, u256_from_u64(v));
}

/* bytes and string */
static void put_dynamic(struct encoder *e, slice s)
{
    hash32 h;
    keccak256(s, &h);
    put_hash(e, &h);
}

static void end(struct encoder *e, hash32 *ret)
{
    keccak256_final(&e->k, ret);
}

void eip712_domain(const char *name, const char *version, uint64_t chain_id, addr20 contract,
                   hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("EIP712Domain(string name,string version,uint256 chainId,"
                        "address verifyingContract)"));
    put_dynamic(&e, slice_str(name));
    put_dynamic(&e, slice_str(version));
    put_u64(&e, chain_id);
    put_addr(&e, contract);
    end(&e, ret);
}

void eip712_domain_ehrd(const struct netid *net, hash32 *ret)
{
    eip712_domain("ehrd", "1", net->chain_id, net->proxy, ret);
}

void eip712_domain_forwarder(uint64_t chain_id, addr20 forwarder, hash32 *ret)
{
    eip712_domain("ehrd forwarder", "1", chain_id, forwarder, ret);
}

void eip712_digest(const hash32 *domain, const hash32 *struct_hash, hash32 *ret)
{
    struct keccak256_ctx k;
    keccak256_init(&k);
    keccak256_update(&k, SLICE_LIT("\x19\x01"));
    keccak256_update(&k, slice_of(domain->b, sizeof domain->b));
    keccak256_update(&k, slice_of(struct_hash->b, sizeof struct_hash->b));
    keccak256_final(&k, ret);
}

void eip712_key_card_hash(const struct eip712_key_card *c, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("KeyCard(address account,uint32 seq,string ageRecipient,bytes spend,"
                        "bytes view,address certKey,string name,string role,bytes32 salt)"));
    put_addr(&e, c->account);
    put_u64(&e, c->seq);
    put_dynamic(&e, c->age_recipient);
    put_dynamic(&e, c->spend);
    put_dynamic(&e, c->view);
    put_addr(&e, c->cert_key);
    put_dynamic(&e, c->name);
    put_dynamic(&e, c->role);
    put_hash(&e, &c->salt);
    end(&e, ret);
}

void eip712_member_certificate_hash(const struct eip712_member_certificate *c, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("MemberCertificate(address account,address member,bytes32 cardHash,"
                        "uint64 notAfter)"));
    put_addr(&e, c->account);
    put_addr(&e, c->member);
    put_hash(&e, &c->card_hash);
    put_u64(&e, c->not_after);
    end(&e, ret);
}

void eip712_vault_request_hash(const struct eip712_vault_request *r, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("VaultRequest(address signer,string origin,string method,string target,"
                        "bytes32 bodySha256,bytes32 nonce,uint64 issuedAt)"));
    put_addr(&e, r->signer);
    put_dynamic(&e, r->origin);
    put_dynamic(&e, r->method);
    put_dynamic(&e, r->target);
    put_hash(&e, &r->body_sha256);
    put_hash(&e, &r->nonce);
    put_u64(&e, r->issued_at);
    end(&e, ret);
}

void eip712_folder_key_hash(const struct eip712_folder_key *k, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("FolderKey(bytes32 folderId,uint32 epoch,string recipient,"
                        "bytes32 prevKeyHash)"));
    put_hash(&e, &k->folder_id);
    put_u64(&e, k->epoch);
    put_dynamic(&e, k->recipient);
    put_hash(&e, &k->prev_key_hash);
    end(&e, ret);
}

void eip712_wrap_note_hash(const struct eip712_wrap_note *n, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("WrapNote(bytes32 folderId,address holder,address account,"
                        "bytes32 cardHash,bytes32 wrapSha256)"));
    put_hash(&e, &n->folder_id);
    put_addr(&e, n->holder);
    put_addr(&e, n->account);
    put_hash(&e, &n->card_hash);
    put_hash(&e, &n->wrap_sha256);
    end(&e, ret);
}

void eip712_grant_note_hash(const struct eip712_grant_note *n, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("GrantNote(bytes32 folderId,address owner,address holder,address account,"
                        "address ownerAccount,bytes32 ownerCardHash,string folderName,"
                        "uint8 permissions,uint64 notBefore,uint64 notAfter,uint64 issued)"));
    put_hash(&e, &n->folder_id);
    put_addr(&e, n->owner);
    put_addr(&e, n->holder);
    put_addr(&e, n->account);
    put_addr(&e, n->owner_account);
    put_hash(&e, &n->owner_card_hash);
    put_dynamic(&e, n->folder_name);
    put_u64(&e, n->permissions);
    put_u64(&e, n->not_before);
    put_u64(&e, n->not_after);
    put_u64(&e, n->issued);
    end(&e, ret);
}

void eip712_access_request_hash(const struct eip712_access_request *r, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("AccessRequest(address account,bytes32 cardHash,string folder,"
                        "string purpose,uint8 permissions,uint64 duration,uint64 expires,"
                        "bytes32 nonce)"));
    put_addr(&e, r->account);
    put_hash(&e, &r->card_hash);
    put_dynamic(&e, r->folder);
    put_dynamic(&e, r->purpose);
    put_u64(&e, r->permissions);
    put_u64(&e, r->duration);
    put_u64(&e, r->expires);
    put_hash(&e, &r->nonce);
    end(&e, ret);
}

void eip712_log_head_hash(const struct eip712_log_head *h, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("LogHead(bytes32 folderId,uint64 seq,bytes32 leaf,uint64 time)"));
    put_hash(&e, &h->folder_id);
    put_u64(&e, h->seq);
    put_hash(&e, &h->leaf);
    put_u64(&e, h->time);
    end(&e, ret);
}

void eip712_forward_request_hash(const struct eip712_forward_request *r, hash32 *ret)
{
    struct encoder e;
    begin(&e, SLICE_LIT("ForwardRequest(address from,address to,uint256 value,uint256 gas,"
                        "uint256 nonce,uint48 deadline,bytes data)"));
    put_addr(&e, r->from);
    put_addr(&e, r->to);
    put_u256(&e, r->value);
    put_u256(&e, r->gas);
    put_u256(&e, r->nonce);
    put_u64(&e, r->deadline);
    put_dynamic(&e, r->data);
    end(&e, ret);
}

static void ehrd_digest(const struct netid *net, const hash32 *struct_hash, hash32 *ret)
{
    hash32 domain;
    eip712_domain_ehrd(net, &domain);
    eip712_digest(&domain, struct_hash, ret);
}

void eip712_key_card_digest(const struct netid *net, const struct eip712_key_card *c, hash32 *ret)
{
    hash32 h;
    eip712_key_card_hash(c, &h);
    ehrd_digest(net, &h, ret);
}

void eip712_member_certificate_digest(const struct netid *net,
                                      const struct eip712_member_certificate *c, hash32 *ret)
{
    hash32 h;
    eip712_member_certificate_hash(c, &h);
    ehrd_digest(net, &h, ret);
}

void eip712_vault_request_digest(const struct netid *net, const struct eip712_vault_request *r,
                                 hash32 *ret)
{
    hash32 h;
    eip712_vault_request_hash(r, &h);
    ehrd_digest(net, &h, ret);
}

void eip712_folder_key_digest(const struct netid *net, const struct eip712_folder_key *k,
                              hash32 *ret)
{
    hash32 h;
    eip712_folder_key_hash(k, &h);
    ehrd_digest(net, &h, ret);
}

void eip712_wrap_note_digest(const struct netid *net, const struct eip712_wrap_note *n, hash32 *ret)
{
    hash32 h;
    eip712_wrap_note_hash(n, &h);
    ehrd_digest(net, &h, ret);
}

void eip712_grant_note_digest(const struct netid *net, const struct eip712_grant_note *n,
                              hash32 *ret)
{
    hash32 h;
    eip712_grant_note_hash(n, &h);
    ehrd_digest(net, &h, ret);
}

void eip712_access_request_digest(const struct netid *net, const struct eip712_access_request *r,
                                  hash32 *ret)
{
    hash32 h;
    eip712_access_request_hash(r, &h);
    ehrd_digest(net, &h, ret);
}

void eip712_log_head_digest(const struct netid *net, const struct eip712_log_head *h, hash32 *ret)
{
    hash32 struct_hash;
    eip712_log_head_hash(h, &struct_hash);
    ehrd_digest(net, &struct_hash, ret);
}

void eip712_forward_request_digest(uint64_t chain_id, addr20 forwarder,
                                   const struct eip712_forward_request *r, hash32 *ret)
{
    hash32 domain;
    hash32 h;
    eip712_domain_forwarder(chain_id, forwarder, &domain);
    eip712_forward_request_hash(r, &h);
    eip712_digest(&domain, &h, ret);
}
