/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes: all of a sealed record but its body (docs/formats.md, section 6). */
#ifndef EHRD_EHR_ENVELOPE_H
#define EHRD_EHR_ENVELOPE_H

#include "base/buf.h"
#include "codec/cid.h"
#include "codec/domain_hash.h"
#include "codec/netid.h"

#define ENVELOPE_MEDIA "application/vnd.ehrd.envelope"

struct envelope {
    hash32 folder;
    hash32 record;
    uint32_t version; /* from 1 */
    uint32_t epoch;   /* from 1 */
    addr20 author;
    struct cid cid; /* of the body, version 1 */
    slice cid_bin;  /* its binary form; slices are borrowed from what was read */
    hash32 salt;
    slice header; /* age header of the body */
    slice meta;   /* meta.age */
};

/* Append the RLP text; cid_bin, not cid, is written. OK | E_TOO_LONG (LIMIT_ENVELOPE_BYTES). */
status envelope_put(const struct envelope *e, struct buf *out, struct err *reterr) MUST_USE;
/* OK | RLP and CID statuses | E_TYPE (no envelope) | E_RANGE (version, epoch) | E_TOO_LONG. */
status envelope_read(slice in, struct envelope *ret, struct err *reterr) MUST_USE;
/* The commitment of this envelope with inner, for comparison with the slot on the chain. */
void envelope_commitment(const struct netid *net, const struct envelope *e, const hash32 *inner,
                         uint8_t ret[RECORD_COMMITMENT]);

#endif
