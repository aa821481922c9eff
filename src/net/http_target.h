/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets (RFC 9112 section 3.2.1, origin form): path segments and query parameters, with
 * strict percent decoding. Pure: no sockets. */
#ifndef EHRD_NET_HTTP_TARGET_H
#define EHRD_NET_HTTP_TARGET_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define HTTP_PATH_SEGMENTS_MAX 16u

/* The raw bytes cut at the first '?'; both borrow from the target. */
struct http_target {
    slice raw;   /* exactly as received; what signatures cover */
    slice path;  /* begins with '/' */
    slice query; /* after the '?', empty when there is none */
};

/* A path cut at '/', each segment decoded. "/" has no segment. */
struct http_path {
    slice seg[HTTP_PATH_SEGMENTS_MAX]; /* borrowed from the path or the arena given to the reader */
    size_t n;
    bool trailing_slash; /* "/a/": one segment and this */
};

/* Cut raw into path and query. Only origin form; only visible ASCII without '#', so that no byte
 * has two readings. OK | E_SYNTAX | E_TOO_LONG (over LIMIT_HTTP_TARGET). */
status http_target_read(slice raw, struct http_target *ret, struct err *reterr) MUST_USE;

/* Decode the segments of path (of an http_target). Empty segments, "." and "..", an encoded '/'
 * or NUL, control characters and what is not UTF-8 are refused.
 * OK | E_SYNTAX | E_TOO_LONG (more than HTTP_PATH_SEGMENTS_MAX) | E_NOMEM. */
status http_path_read(slice path, struct arena *a, struct http_path *ret,
                      struct err *reterr) MUST_USE;

/* Segment i is exactly this text; false when there is no segment i. */
bool http_path_is(const struct http_path *p, size_t i, const char *text);

/* The decoded value of the query parameter name; "name" without '=' has the empty value, '+' means
 * a space as browsers write it. *ret borrows from query or a.
 * OK | E_NOT_FOUND | E_DUPLICATE | E_SYNTAX (bad escape, not UTF-8, control character) | E_NOMEM.
 */
status http_query_find(slice query, const char *name, struct arena *a, slice *ret,
                       struct err *reterr) MUST_USE;

/* The next "name=value" of *rest, both raw; *rest moves on. False at the end. */
bool http_query_next(slice *rest, slice *ret_name, slice *ret_value);

/* Decode %XX; plus_is_space for query parts. The result is UTF-8 without control characters.
 * Borrows raw when nothing needs decoding. OK | E_SYNTAX | E_NOMEM. */
status http_percent_decode(slice raw, bool plus_is_space, struct arena *a, slice *ret) MUST_USE;

#endif
