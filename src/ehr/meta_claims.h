/* SPDX-License-Identifier: Apache-2.0 */
/* What the clear meta claims of the plaintext (docs/formats.md, section 7). */
#ifndef EHRD_EHR_META_CLAIMS_H
#define EHRD_EHR_META_CLAIMS_H

#include "base/slice.h"
#include "base/status.h"

/* Size and SHA-256 of the plaintext, as a DocumentReference states them.
 * Errors of fhir_meta_read. */
status meta_claims_read(slice meta, uint64_t *ret_size, hash32 *ret_sha256,
                        struct err *reterr) MUST_USE;

#endif
