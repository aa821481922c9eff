/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the references between the entries of a Bundle. Private to fhir. */
#ifndef EHRD_FHIR_SPLIT_LINK_H
#define EHRD_FHIR_SPLIT_LINK_H

#include "fhir/split_entry.h"

/* Set encounter of all n entries. OK | E_NOMEM. */
status split_link(struct fhir_split_entry *e, uint32_t n, struct arena *a) MUST_USE;

#endif
