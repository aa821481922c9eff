/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a Bundle into records: one per encounter and category, the patient's demographics, and one
 * per category for what belongs to no encounter.
 *
 * A resource belongs to the encounter that it names (encounter, context, item.encounter), or else
 * to that of the claim, prescription or medication request it hangs on. Every readable entry lands
 * in exactly one record, verbatim; unreadable ones are reported. Memory beside the bundle: below
 * 500 bytes an entry plus the largest entry's parse, so a bundle of any size is handled in little.
 */
#ifndef EHRD_FHIR_BUNDLE_SPLIT_H
#define EHRD_FHIR_BUNDLE_SPLIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "fhir/category.h"

#define FHIR_SPLIT_ENTRIES_MAX 1000000u
#define FHIR_SPLIT_TITLE_MAX 200u /* bytes */

struct fhir_split_entry; /* private */

/* A record to be made. Texts are static or in the arena of the split. */
struct fhir_split_record {
    slice title; /* "Encounter for check up 2015-03-02: results" */
    enum fhir_category category;
    slice date; /* FHIR dateTime as in the source: start of the encounter, or the latest of the
                   entries; empty if unknown */
    bool has_encounter;
    uint32_t n_entries;
    const uint32_t *entries; /* indexes into the input, in order */
};

/* An entry that went nowhere. */
struct fhir_split_skip {
    uint32_t index;
    status why;
    slice reason; /* in the arena; no content of the entry */
};

struct fhir_split {
    slice bundle;       /* borrowed */
    uint32_t n_entries; /* of the input */
    const struct fhir_split_entry *entries;
    uint32_t n_records;
    const struct fhir_split_record *records;
    uint32_t n_skipped;
    const struct fhir_split_skip *skipped;
};

/* Split bundle (type transaction, batch, collection or searchset). The entries of all records and
 * n_skipped add up to n_entries. ret borrows from bundle and a.
 * OK | E_SYNTAX, E_TRUNCATED, E_TRAILING (the frame around the entries) | E_TOO_DEEP | E_TYPE,
 * E_MISSING (no Bundle) | E_UNSUPPORTED (another type: a document stays whole) | E_TOO_LONG (more
 * than FHIR_SPLIT_ENTRIES_MAX) | E_NOMEM. */
status fhir_split_read(slice bundle, struct arena *a, struct fhir_split *ret,
                       struct err *reterr) MUST_USE;

/* Append record i as a FHIR Bundle of type collection: fullUrl and resource of each entry with the
 * bytes of the source. OK | buf errors. */
status fhir_split_put(const struct fhir_split *s, uint32_t i, struct buf *out,
                      struct err *reterr) MUST_USE;

#endif
