/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing of a record: plaintext in, body to the content store, envelope out
 * (docs/formats.md, section 6). */
#ifndef EHRD_EHR_RECORD_SEAL_H
#define EHRD_EHR_RECORD_SEAL_H

#include "age/age.h"
#include "content/content.h"
#include "ehr/envelope.h"

/* Makes the clear meta once size and hash of the plaintext are known: appends its bytes to out. */
struct record_meta_src {
    status (*put)(void *ctx, uint64_t size, const hash32 *sha256, struct buf *out,
                  struct err *reterr);
    void *ctx;
};

/* What is sealed for which place. */
struct record_plan {
    struct netid net;
    struct record_place at;  /* author: the address that will send the transaction */
    struct age_recipient to; /* the folder's recipient of at.epoch */
    struct age_src plain;
    struct record_meta_src meta;
};

struct record_sealed {
    hash32 record;
    uint32_t version;
    uint32_t epoch;
    hash32 inner;
    uint8_t commitment[RECORD_COMMITMENT];
    struct cid cid;
    uint64_t size;      /* of the plaintext */
    uint64_t body_size; /* of the body */
    struct buf envelope;
};

/* Read the plaintext once, seal it with a new file key into an upload of c, and make the envelope.
 * Memory is constant in the size of the plaintext. ret: to be released with record_sealed_done.
 * OK | E_TOO_LONG (LIMIT_RECORD_BYTES, LIMIT_META_BYTES) | errors of the callbacks, age_*,
 * content_*. */
status record_seal(const struct record_plan *plan, struct content *c, const struct random_src *rnd,
                   struct record_sealed *ret, struct err *reterr) MUST_USE;
void record_sealed_done(struct record_sealed *r);

#endif
