/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of document some bytes are: light checks before a record is made of them. */
#ifndef EHRD_FHIR_SNIFF_H
#define EHRD_FHIR_SNIFF_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

enum fhir_kind {
    FHIR_KIND_BYTES, /* not recognised */
    FHIR_KIND_FHIR_JSON,
    FHIR_KIND_FHIR_XML,
    FHIR_KIND_CDA, /* HL7 CDA, C-CDA */
    FHIR_KIND_PDF,
    FHIR_KIND_DICOM,
    FHIR_KIND_JPEG,
    FHIR_KIND_PNG,
    FHIR_KIND_TEXT, /* UTF-8 without control characters but tabs and line ends, and none of these */
};

/* What the first bytes look like: signatures, the name of an XML root, "resourceType" in the first
 * kilobytes of JSON. head: the first 4 KiB or more of the document; no check of the rest. */
enum fhir_kind fhir_sniff(slice head);
/* "application/pdf"; "application/octet-stream" for FHIR_KIND_BYTES. Static. */
const char *fhir_media_type(enum fhir_kind k);

/* text is one FHIR R4 resource in JSON: strict JSON, an object, resourceType known. ret_type
 * borrows from text or a.
 * OK | errors of json_read | E_TYPE (no object) | E_MISSING (resourceType) | E_UNSUPPORTED (no type
 * of R4). */
status fhir_resource_check(slice text, struct arena *a, slice *ret_type,
                           struct err *reterr) MUST_USE;

#endif
