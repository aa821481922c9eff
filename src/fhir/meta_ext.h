/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions of a meta that FHIR has no field for. Private to fhir. */
#ifndef EHRD_FHIR_META_EXT_H
#define EHRD_FHIR_META_EXT_H

#include "codec/json.h"
#include "fhir/meta.h"

/* Write the member "extension". */
void meta_ext_put(struct jw *w, const struct fhir_meta *m);
/* Set size, sha256, author_account, author_card and author_certificate from the extensions of a
 * DocumentReference. OK | E_MISSING | E_DUPLICATE | E_TYPE | E_SYNTAX | E_RANGE. */
status meta_ext_read(struct json resource, struct fhir_meta *m, struct err *reterr) MUST_USE;

#endif
