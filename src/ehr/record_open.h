/* SPDX-License-Identifier: Apache-2.0 */
/* Opening of a record with every check of docs/formats.md, section 6, in that order:
 * slot (record_prove) · commitment · inner (record_check) · CID · AEAD · size and hash
 * (record_read). Each failure names what does not match. */
#ifndef EHRD_EHR_RECORD_OPEN_H
#define EHRD_EHR_RECORD_OPEN_H

#include "age/age.h"
#include "content/content.h"
#include "ehr/envelope.h"
#include "ehr/record_slot.h"
#include "ehr/wrap.h"
#include "ledger/ledger.h"

/* The slots of n records (at most LEDGER_SLOTS_MAX), proved against the header of the head block.
 * When the ledger has a second source, the block's hash must be vouched for by it; ret_vouched
 * tells whether there was one.
 * OK | E_MISMATCH (proof, header, other hash at the second source) | ledger statuses. */
status record_prove(struct ledger *l, const addr20 *proxy, const hash32 *folder,
                    const hash32 *records, size_t n, struct arena *a, struct record_slot *ret,
                    struct ledger_block *ret_block, bool *ret_vouched, struct err *reterr) MUST_USE;

/* The identities of a folder by epoch; borrowed. */
struct folder_ring {
    const struct epoch_key *keys;
    size_t n;
};
/* NULL: none of this epoch. */
const struct age_identity *folder_ring_find(const struct folder_ring *ring, uint32_t epoch);

/* A record whose envelope and meta are proved. */
struct record_view {
    struct envelope e; /* borrows from the envelope's bytes */
    hash32 inner;
    enum record_status state;
    struct buf meta; /* clear meta: secret, wiped by record_view_done */
    uint64_t size;   /* of the plaintext, as meta says */
    hash32 sha256;
};

/* Check an envelope and its inner, as a node handed them out, for (folder, record) against a
 * commitment and version that the chain gave, and open its meta.
 * OK | E_MISMATCH (folder, record, version, commitment, inner; envelope or meta.age cannot be read
 * or opened) | E_NO_KEY (no identity of its epoch) | statuses of fhir_meta_read. */
struct record_expect {
    hash32 folder;
    hash32 record;
    struct record_slot slot;
};
status record_check(const struct netid *net, const struct record_expect *x, slice envelope,
                    const hash32 *inner, const struct folder_ring *ring, struct record_view *ret,
                    struct err *reterr) MUST_USE;
void record_view_done(struct record_view *v);

/* Fetch the body, checked against its CID, open it and compare size and hash with meta. Plaintext
 * reaches out chunk by chunk: what was written before a failure must not be used.
 * OK | E_MISMATCH (header, CID, size, hash) | E_NOT_FOUND (body) | E_DECRYPT, E_TRUNCATED,
 * E_TRAILING (a chunk) | errors of out. */
status record_read(const struct record_view *v, const struct folder_ring *ring, struct content *c,
                   struct age_sink out, struct err *reterr) MUST_USE;
/* The same checks, and header || body as they are go out: a plain age file. */
status record_read_sealed(const struct record_view *v, const struct folder_ring *ring,
                          struct content *c, struct age_sink out, struct err *reterr) MUST_USE;

/* The file key of the body, from the envelope's header. OK | E_NO_KEY | E_MISMATCH. */
status record_file_key(const struct record_view *v, const struct folder_ring *ring,
                       struct age_file_key *ret, struct err *reterr) MUST_USE;

/* The event that carries this commitment must name the envelope's author, version and epoch.
 * Looks at the blocks from..to. OK | E_MISMATCH (also: no such event) | ledger statuses. */
status record_author_check(struct ledger *l, const addr20 *proxy, const struct envelope *e,
                           const uint8_t commitment[RECORD_COMMITMENT], uint64_t from, uint64_t to,
                           struct arena *a, struct err *reterr) MUST_USE;

/* The same of many, each in its one block, with few questions.
 * OK, even when some failed: each has its own result | ledger statuses. */
struct record_claim {
    const struct envelope *e;
    uint8_t commitment[RECORD_COMMITMENT];
    uint64_t block;
    status st; /* set by the check */
    struct err err;
};
status record_authors_check(struct ledger *l, const addr20 *proxy, struct record_claim *list,
                            size_t n, struct arena *a, struct err *reterr) MUST_USE;

#endif
