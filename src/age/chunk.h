/* SPDX-License-Identifier: Apache-2.0 */
/* One chunk of a body: nonces and flags (C2SP age.md, "Payload"). Used only inside src/age. */
#ifndef EHRD_AGE_CHUNK_H
#define EHRD_AGE_CHUNK_H

#include "age/stream.h"

/* Set up a with the payload key of fk and nonce. */
status age_chunk_key(struct aead *a, const struct age_file_key *fk,
                     const uint8_t nonce[AGE_NONCE]) MUST_USE;

/* out: plain.n + AEAD_TAG bytes, not overlapping plain. */
status age_chunk_seal(struct aead *a, uint64_t number, bool last, slice plain,
                      uint8_t *out) MUST_USE;

/* Open chunk number; last: nothing follows it. out: up to AGE_CHUNK bytes, not overlapping sealed.
 * *ret_n is always set: bytes of out that are genuine and to be handed out, also beside
 * E_TRAILING (it is a final chunk, but something follows) and E_TRUNCATED (it is not a final chunk,
 * but nothing follows).
 * OK | E_TRAILING | E_TRUNCATED | E_NOT_CANONICAL (empty chunk after another) | E_DECRYPT |
 * E_INTERNAL. */
status age_chunk_open(struct aead *a, uint64_t number, bool last, slice sealed, uint8_t *out,
                      size_t *ret_n, struct err *reterr) MUST_USE;

#endif
