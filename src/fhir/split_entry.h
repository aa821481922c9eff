/* SPDX-License-Identifier: Apache-2.0 */
/* What the splitter knows of one entry of a Bundle. Private to fhir. */
#ifndef EHRD_FHIR_SPLIT_ENTRY_H
#define EHRD_FHIR_SPLIT_ENTRY_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"
#include "fhir/category.h"

#define SPLIT_NO_ENCOUNTER UINT32_MAX

struct fhir_split_entry {
    slice full_url_raw; /* with quotes, as in the source; empty if there is none */
    slice resource_raw; /* as in the source */
    slice full_url;     /* decoded, as all below */
    slice type;
    slice id;
    slice encounter_ref;  /* reference to its encounter */
    slice via_ref;        /* reference to what it hangs on: claim, prescription … */
    slice medication_ref; /* reference to a Medication that hangs on this */
    slice date;
    slice name; /* of an Encounter */
    enum fhir_category category;
    uint32_t encounter; /* index of its Encounter, or SPLIT_NO_ENCOUNTER */
    bool is_usable;
};

/* Read one element of Bundle.entry. Texts borrow from raw or a.
 * OK | errors of json_read | E_MISSING | E_TYPE | E_UNSUPPORTED (resourceType) | E_NOMEM. */
status split_entry_read(slice raw, struct arena *a, struct fhir_split_entry *ret,
                        struct err *reterr) MUST_USE;

#endif
