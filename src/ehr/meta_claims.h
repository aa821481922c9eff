/* SPDX-License-Identifier: Apache-2.0 */
/* What the clear meta claims of the plaintext (docs/formats.md, section 7). */
#ifndef EHRD_EHR_META_CLAIMS_H
#define EHRD_EHR_META_CLAIMS_H

#include "base/slice.h"
#include "base/status.h"

/* Read the extensions urn:ehrd:size and urn:ehrd:sha256 of a DocumentReference.
 * OK | JSON statuses | E_MISSING | E_RANGE. */
status meta_claims_read(slice meta, uint64_t *ret_size, hash32 *ret_sha256,
                        struct err *reterr) MUST_USE;

#endif
