/* SPDX-License-Identifier: Apache-2.0 */
/* H(name, …) and the hashes made with it. */
#include "codec/domain_hash.h"

#include <assert.h>

#include "base/checked.h"
#include "crypto/keccak.h"
#include "crypto/sha2.h"

static hash32 word_u64(uint64_t v)
{
    hash32 w = {{0}};
    be64_write(w.b + 24, v);
    return w;
}

static hash32 word_addr(addr20 a)
{
    hash32 w = {{0}};
    memcpy(w.b + 12, a.b, sizeof a.b);
    return w;
}

static void put(struct keccak256_ctx *k, const hash32 *w)
{
    keccak256_update(k, slice_of(w->b, sizeof w->b));
}

void domain_hash(const char *name, const struct netid *net, const hash32 *words, size_t n,
                 hash32 *ret)
{
    assert(n <= DOMAIN_HASH_WORDS);
    struct keccak256_ctx k;
    hash32 tag;
    keccak256_init(&k);
    keccak256_update(&k, SLICE_LIT("ehrd/"));
    keccak256_update(&k, slice_str(name));
    keccak256_update(&k, SLICE_LIT("/v1"));
    keccak256_final(&k, &tag);

    hash32 chain = word_u64(net->chain_id);
    hash32 proxy = word_addr(net->proxy);
    keccak256_init(&k);
    put(&k, &tag);
    put(&k, &chain);
    put(&k, &proxy);
    for (size_t i = 0; i < n; i++)
        put(&k, &words[i]);
    keccak256_final(&k, ret);
}

void folder_id(const struct netid *net, addr20 owner, const hash32 *salt, hash32 *ret)
{
    hash32 w[2] = {word_addr(owner), *salt};
    domain_hash("folder", net, w, 2, ret);
}

void folder_key_hash(const struct netid *net, const hash32 *folder, uint32_t epoch, slice recipient,
                     const hash32 *prev, hash32 *ret)
{
    hash32 w[4] = {*folder, word_u64(epoch), {{0}}, *prev};
    keccak256(recipient, &w[2]);
    domain_hash("folder-key", net, w, 4, ret);
}

void record_inner(const struct netid *net, const hash32 *salt, slice cid, const hash32 *meta_sha256,
                  hash32 *ret)
{
    hash32 w[3] = {*salt, {{0}}, *meta_sha256};
    keccak256(cid, &w[1]);
    domain_hash("inner", net, w, 3, ret);
}

void record_commitment(const struct netid *net, const struct record_place *at, const hash32 *inner,
                       uint8_t ret[RECORD_COMMITMENT])
{
    hash32 w[6] = {
        at->folder, at->record, word_u64(at->version), word_u64(at->epoch), word_addr(at->author),
        *inner};
    hash32 h;
    domain_hash("record", net, w, 6, &h);
    memcpy(ret, h.b, RECORD_COMMITMENT);
}

void log_leaf(const struct netid *net, const hash32 *folder, uint64_t seq, const hash32 *prev,
              const hash32 *entry_sha256, hash32 *ret)
{
    hash32 w[4] = {*folder, word_u64(seq), *prev, *entry_sha256};
    domain_hash("log", net, w, 4, ret);
}

status log_entry_sha256(const hash32 *salt, slice entry, hash32 *ret)
{
    struct sha256_ctx c;
    status s = sha256_init(&c);
    if (s != OK)
        return s;
    s = sha256_update(&c, slice_of(salt->b, sizeof salt->b));
    if (s == OK)
        s = sha256_update(&c, entry);
    if (s == OK)
        s = sha256_final(&c, ret);
    sha256_done(&c);
    return s;
}

void block_seal_digest(uint64_t chain_id, uint64_t number, const hash32 *hash, hash32 *ret)
{
    hash32 words[4] = {{{0}}, word_u64(chain_id), word_u64(number), *hash};
    keccak256(SLICE_LIT("ehrd/seal/v1"), &words[0]);
    keccak256(slice_of(words, sizeof words), ret);
}
