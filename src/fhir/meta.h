/* SPDX-License-Identifier: Apache-2.0 */
/* The meta of a record: a FHIR R4 DocumentReference (docs/formats.md, section 7). */
#ifndef EHRD_FHIR_META_H
#define EHRD_FHIR_META_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

#define FHIR_META_TEXT_MAX 1024u /* bytes of each text */

/* All texts are UTF-8 without control characters, at most FHIR_META_TEXT_MAX bytes; those marked
 * optional may be empty. */
struct fhir_meta {
    slice doc_status;    /* "preliminary", "final", "amended" or "entered-in-error" */
    slice type_code;     /* LOINC code of the kind of document */
    slice type_text;     /* its name */
    slice category_code; /* optional; slug of fhir/category.h */
    slice category_text; /* optional */
    slice date;          /* instant of writing this meta: "2026-11-23T10:00:00Z" */
    slice author;        /* name of the author, as text */
    slice title;         /* one line for the patient */
    slice content_type;  /* media type of the plaintext */
    slice file_name;     /* optional */
    slice creation;      /* optional; dateTime of what is recorded: "2015-03-02" */
    uint64_t size;       /* bytes of plaintext */
    hash32 sha256;       /* of the plaintext */
    addr20 author_account;
    hash32 author_card; /* key-card hash */
    /* Optional: JSON of the member certificate by which the author's address on the chain is the
     * account's (ehr/certificate.h; opaque here), at most FHIR_META_CERTIFICATE bytes. */
    slice author_certificate;
};
#define FHIR_META_CERTIFICATE 1024u

/* Append m as JSON; the bytes are what gets hashed, so the same m always gives the same.
 * OK | E_RANGE, E_MISSING, E_SYNTAX (a field of m) | E_TOO_LONG (LIMIT_META_BYTES) | E_NOMEM. */
status fhir_meta_put(const struct fhir_meta *m, struct buf *out, struct err *reterr) MUST_USE;

/* Read a meta. Members this program does not know are passed over, as FHIR has it, but not
 * modifierExtension and implicitRules, which change the meaning. ret borrows from text and a.
 * OK | errors of json_read | E_MISSING | E_TYPE | E_RANGE | E_SYNTAX | E_DUPLICATE (an extension) |
 * E_MISMATCH (the two sizes) | E_UNSUPPORTED. */
status fhir_meta_read(slice text, struct arena *a, struct fhir_meta *ret,
                      struct err *reterr) MUST_USE;

/* A FHIR dateTime (year, year-month, date, or with time and zone) / instant (seconds and zone). */
bool fhir_is_datetime(slice s);
bool fhir_is_instant(slice s);

#endif
