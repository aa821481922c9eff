/* SPDX-License-Identifier: Apache-2.0 */
/* What HTTP server and client share: header fields. */
#ifndef EHRD_NET_HTTP_H
#define EHRD_NET_HTTP_H

#include "base/slice.h"
#include "base/status.h"

/* One header field, borrowed from the request, the answer or the caller. */
struct http_header {
    slice name;
    slice value; /* without surrounding white space */
};

/* The first field of that name (any case), or NULL. n: elements of h. */
const struct http_header *http_header_find(const struct http_header *h, size_t n, const char *name);
/* How many fields have that name. */
size_t http_header_count(const struct http_header *h, size_t n, const char *name);
/* True if a and the string b are equal in any ASCII case. */
bool http_name_eq(slice a, const char *b);
/* True if s is a token of RFC 9110 section 5.6.2 (not empty): a method or a field name. */
bool http_is_token(slice s);
/* True if s may be a field value: visible ASCII, space and tab, bytes from 0x80; no control
 * characters, so no line can be smuggled in. */
bool http_is_field_value(slice s);
/* Decimal digits only, at most 18 of them. OK | E_SYNTAX | E_RANGE. */
status http_length_read(slice text, uint64_t *ret) MUST_USE;

/* One Range of the form bytes=first-last, bytes=first- or bytes=-suffix over total bytes
 * (RFC 9110 section 14.1.2). ret_n: bytes, at least 1.
 * OK | E_SYNTAX (another form, several ranges: answer the whole) | E_RANGE (answer 416). */
status http_range_read(slice text, uint64_t total, uint64_t *ret_first, uint64_t *ret_n) MUST_USE;

#endif
