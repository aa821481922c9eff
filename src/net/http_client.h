/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP client over libcurl: http and https only, no redirects, no proxy, no cookies, no signals,
 * certificates checked. Connections are kept and used again.
 *
 * A client may be used by any number of threads; each call takes one of its idle connections or
 * makes one. */
#ifndef EHRD_NET_HTTP_CLIENT_H
#define EHRD_NET_HTTP_CLIENT_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "net/http.h"

struct http_client;

/* Zeroed fields mean the default in brackets. */
struct http_client_options {
    unsigned connect_ms;    /* [5000] */
    unsigned total_ms;      /* of a call that names none [30000] */
    unsigned max_idle;      /* idle handles kept [8] */
    const char *ca_file;    /* PEM file of trusted authorities instead of the system's [NULL] */
    const char *user_agent; /* ["ehrd"] */
};

struct http_call {
    const char *method; /* "GET", "POST"… */
    const char *url;    /* http:// or https:// */
    const struct http_header *headers;
    size_t n_headers;
    slice body; /* sent when .p is not NULL or read_body is set */
    /* Instead of body: body_len bytes asked for in order; *ret_n == 0 before the end is an error.
     */
    status (*read_body)(void *ctx, uint8_t *out, size_t max, size_t *ret_n, struct err *reterr);
    uint64_t body_len;
    /* Pieces of an answer with code 2xx instead of buffering it; other answers are buffered, up to
     * LIMIT_HTTP_BODY_SMALL. */
    status (*sink)(void *ctx, slice piece, struct err *reterr);
    void *ctx;         /* of read_body and sink */
    uint64_t max_body; /* bytes of answer accepted [LIMIT_HTTP_ANSWER] */
    unsigned total_ms; /* [the client's] */
    /* Less than 1 KiB/s for this long ends the call; with it set, total_ms 0 means no total limit.
     * For bodies of gigabytes [0: not checked]. */
    unsigned stall_ms;
    /* Never sent twice: on a connection of its own. On a used one that ends without an answer, as
     * when the server closed it at that moment, libcurl sends any request again by itself. */
    bool once;
};

struct http_answer {
    int code;
    struct buf body;   /* empty when a sink took it */
    struct buf fields; /* storage of headers */
    struct http_header *headers;
    size_t n_headers;
    uint64_t body_len; /* bytes received */
};

status http_client_new(const struct http_client_options *o, struct http_client **ret,
                       struct err *reterr) MUST_USE;
void http_client_free(struct http_client *c);

/* Send call and read its answer, whatever its code is. ret: filled on OK, then to be released with
 * http_answer_done; zero it before.
 * OK | E_USAGE (URL or header not usable) | E_UNAVAILABLE (no connection in time, or cut
 * off) | E_TIMEOUT (no answer in time) |
 * E_TOO_LONG (answer over max_body) | E_SYNTAX (no HTTP) | E_AUTH (certificate not trusted) |
 * E_NOMEM | what read_body or sink returned. */
status http_client_call(struct http_client *c, const struct http_call *call,
                        struct http_answer *ret, struct err *reterr) MUST_USE;
void http_answer_done(struct http_answer *a);
/* The value of a header of the answer, or SLICE_EMPTY with .p == NULL when absent. */
slice http_answer_header(const struct http_answer *a, const char *name);

#endif
