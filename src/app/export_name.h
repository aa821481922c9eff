/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the files that records are written to: DATE_TITLE_ID.EXT, of letters, digits, "-_.". */
#ifndef EHRD_APP_EXPORT_NAME_H
#define EHRD_APP_EXPORT_NAME_H

#include "ehr/flow_read.h"
#include "fhir/meta.h"

#define EXPORT_NAME_MAX 192u

/* How many hex digits (8..64) tell each id of a list from every other, so that whoever chooses ids
 * cannot have one record's file take the place of another's. OK | E_NOMEM. */
status export_digits(const struct told_record *list, size_t n, unsigned *ret,
                     struct err *reterr) MUST_USE;
/* The name of a record's file; sealed: with ".age" behind it. */
void export_name(const struct fhir_meta *m, const hash32 *record, unsigned digits, bool sealed,
                 char out[EXPORT_NAME_MAX]);

#endif
