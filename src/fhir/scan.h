/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over the outer frame of a JSON text without parsing what is inside, so that a Bundle is
 * read entry by entry. The values it cuts out are to be checked by json_read. Private to fhir. */
#ifndef EHRD_FHIR_SCAN_H
#define EHRD_FHIR_SCAN_H

#include "base/slice.h"
#include "base/status.h"

/* A place inside an object or array; begin with scan_open. */
struct scan {
    slice rest;
    uint8_t close;  /* '}' or ']' */
    bool has_value; /* a comma must come before the next value */
    status st;      /* of the last step: OK at a value and at the proper end */
};

/* Enter the object ('{') or array ('[') that in begins with. OK | E_TYPE | E_TRUNCATED. */
status scan_open(slice in, uint8_t open, struct scan *ret) MUST_USE;
/* The next element, or member with its key without quotes (refused if it holds an escape). False at
 * the end and on an error: see st. After the proper end, rest is what follows the bracket. */
bool scan_next(struct scan *s, slice *ret_key, slice *ret_value);
slice scan_skip_space(slice in);

#endif
