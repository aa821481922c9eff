/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/1.1 server over libmicrohttpd: a listener, epoll threads, workers, limits, deadlines.
 *
 * Callbacks run on the server's threads, several at the same time. plan, handle and a reader's
 * prepare run on one of `workers` threads and may wait (for the ledger, for a store); chunk,
 * readers, error and served run on the `threads` that move bytes and hold up other connections
 * while they run (error also on workers). Life of a request: plan (head known, body not read) ->
 * body buffered, or chunk per piece -> handle -> answer sent. When the client goes away or the body
 * is refused before handle, abort is called instead of handle, if plan gave an upload. */
#ifndef EHRD_NET_HTTP_SERVER_H
#define EHRD_NET_HTTP_SERVER_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/sysio.h"
#include "net/http.h"
#include "net/http_target.h"

#define HTTP_REQUEST_ID_LEN 32 /* hex digits */

struct http_server;

/* A request; all of it is borrowed until the callback returns. */
struct http_request {
    const char *method; /* as received, upper case by custom: "GET" */
    struct http_target target;
    const struct http_header *headers;
    size_t n_headers;
    slice body;         /* buffered body; empty when there is none or it was streamed */
    void *upload;       /* of the plan, for streamed bodies; handle takes it over */
    uint64_t body_len;  /* bytes received, streamed ones too */
    bool waited;        /* handle: the client could take its time between plan and handle */
    const char *remote; /* address of the peer, without its port */
    char request_id[HTTP_REQUEST_ID_LEN + 1]; /* also sent as X-Request-Id */
};

/* How to take the body of one request; plan finds it zeroed except for cap.
 * Buffered (chunk NULL): up to cap bytes. Streamed: chunk gets each piece, in order; cap bounds the
 * sum. cap 0 refuses any body. Over the cap the answer is 413. */
struct http_body_plan {
    uint64_t cap;
    void *upload; /* the caller's state; given to chunk, then to handle or to abort, never both */
    status (*chunk)(void *upload, slice piece, struct err *reterr);
    void (*abort)(void *upload);
};

/* A body read while it is sent, in constant memory. */
struct http_reader {
    /* Write at most max bytes to out at position pos of the body; *ret_n == 0 is the end (only
     * allowed at the end when len is known). */
    status (*read)(void *ctx, uint64_t pos, uint8_t *out, size_t max, size_t *ret_n,
                   struct err *reterr);
    void (*done)(void *ctx); /* may be NULL; called exactly once, also when nothing was read */
    void *ctx;
    /* Both or neither. True: before the body is read at pos, prepare must run, which may wait (for
     * the ledger); it runs on a worker of the main lane, and the answer goes on when it returns OK,
     * else it ends there. What it prepared must last for the next read. */
    bool (*needs_prepare)(void *ctx, uint64_t pos);
    status (*prepare)(void *ctx, struct err *reterr);
};

#define HTTP_LEN_UNKNOWN UINT64_MAX /* sent chunked */

/* The pools of workers. What may take long goes to the small one, so that the rest goes on. */
enum http_lane { HTTP_LANE_MAIN, HTTP_LANE_WAIT, HTTP_LANE_SLOW, HTTP_LANE_HEAVY, HTTP_LANES };

/* A connection that stops being HTTP after an answer 101 (RFC 9110 section 7.8). */
struct http_taken {
    int fd;             /* non-blocking; belongs to the server */
    slice early;        /* what the client sent behind its request; borrowed for the call */
    const char *remote; /* of the peer; borrowed until http_taken_close */
    void *handle;
};

/* The answer. handle finds it empty with code 200. The server releases it. */
struct http_response {
    int code;
    struct buf body;           /* cap: LIMIT_HTTP_ANSWER */
    struct http_reader reader; /* used instead of body when .read is set */
    uint64_t reader_len;       /* bytes, or HTTP_LEN_UNKNOWN */
    struct buf fields;         /* "Name\0value\0"…, written by http_response_header */
    bool close;                /* close the connection after this answer */
    /* handle sets another lane than the one it runs on and returns OK: it is called once more, with
     * the same request, on that lane; a full lane is answered with 503. */
    enum http_lane lane;
    /* With code 101: gets the connection on a thread that moves bytes; it must end with
     * http_taken_close, and may live until `closing`. */
    void (*take)(void *ctx, const struct http_taken *t);
    void *take_ctx;
};

struct http_callbacks {
    void *ctx; /* borrowed until the server is freed */
    /* True if plan of this request waits for nothing: it then runs at once, on a thread that moves
     * bytes. NULL: none. */
    bool (*is_quick)(void *ctx, const struct http_request *req);
    /* The server stops: close all connections that were taken over before returning. The workers
     * still run. May be NULL. */
    void (*closing)(void *ctx);
    /* Decide about the body before it is read; also the place to refuse early: a status other than
     * OK is answered at once. NULL: bodies up to LIMIT_HTTP_BODY_SMALL are buffered. */
    status (*plan)(void *ctx, const struct http_request *req, struct http_body_plan *ret,
                   struct err *reterr);
    /* Answer req. On a status other than OK resp is dropped and the error is answered. */
    status (*handle)(void *ctx, const struct http_request *req, struct http_response *resp,
                     struct err *reterr);
    /* Write the answer for a failed request (code is set already, body empty). NULL: JSON
     * {"error":{"code":"E_NAME","reason":"…"},"requestId":"…"}; the reason of faults of ours (< 0)
     * is only the status's text. req may lack target and headers when the head could not be read.
     */
    void (*error)(void *ctx, const struct http_request *req, status s, const struct err *e,
                  struct http_response *resp);
    /* After the answer was sent (or failed: sent = false); for the log. May be NULL. */
    void (*served)(void *ctx, const struct http_request *req, int code, bool sent,
                   uint64_t took_ms);
};

/* Zeroed fields mean the default in brackets. */
struct http_server_options {
    const char *address;    /* numeric IPv4 or IPv6 ["127.0.0.1"] */
    uint16_t port;          /* 0: the system picks one */
    unsigned threads;       /* that move bytes [2] */
    unsigned workers;       /* that run plan and handle [16] */
    unsigned wait_workers;  /* of HTTP_LANE_WAIT [16]: they sleep, others run meanwhile */
    unsigned slow_workers;  /* of HTTP_LANE_SLOW [8]: several, so that short ones need not wait for
                               long ones */
    unsigned heavy_workers; /* of HTTP_LANE_HEAVY [2] */
    unsigned slow_waiting;  /* requests that may wait for each of these [512] */
    uint64_t max_buffered;  /* bodies and answers of all requests together, bytes [512 MiB] */
    unsigned connections;   /* at the same time [512] */
    unsigned connections_per_ip; /* [256] */
    unsigned idle_s;             /* a connection without a byte moved is closed [30] */
    unsigned request_ms; /* from first byte of a request to the last of its answer … [60000] */
    unsigned min_bytes_per_s; /* … plus one second for this much body, either way [65536] */
    const char *tls_cert_pem; /* both or neither; PEM texts, copied */
    const char *tls_key_pem;
    const struct clock_src *clock;   /* [clock_system] */
    const struct random_src *random; /* [random_system] for request ids */
};

/* Start listening and serving. ret: to be freed with http_server_free.
 * OK | E_USAGE (options) | E_UNAVAILABLE (cannot listen there) | E_IO | E_NOMEM. */
status http_server_new(const struct http_server_options *o, const struct http_callbacks *cb,
                       struct http_server **ret, struct err *reterr) MUST_USE;
/* The port it listens on. */
uint16_t http_server_port(const struct http_server *s);
/* The workers of a lane, for what else is to run on them; until http_server_stop. */
struct http_workers *http_server_workers(struct http_server *s, enum http_lane lane);
/* Give a connection that was taken over back to be closed; its fd is not to be used any more. Any
 * thread, once. */
void http_taken_close(const struct http_taken *t);
/* Requests begun and not yet answered. */
unsigned http_server_busy(struct http_server *s);
/* Accept nothing new, wait for running requests up to deadline_ms, then close all connections.
 * OK | E_TIMEOUT (some requests were cut off). A handler that is still running is always waited
 * for. Any thread but the server's own; a second call returns OK at once. */
status http_server_stop(struct http_server *s, unsigned deadline_ms, struct err *reterr);
/* Stops with deadline 0 if not stopped. NULL is fine. */
void http_server_free(struct http_server *s);

/* The value of a request header, or SLICE_EMPTY with .p == NULL when absent. */
slice http_request_header(const struct http_request *req, const char *name);
/* Bytes of the body as the head declares it; HTTP_LEN_UNKNOWN: chunked, which an empty one may be.
 * Behind any but 0 the client decides when it ends. */
uint64_t http_request_body_len(const struct http_request *req);

/* Add a header to the answer. Content-Length, Transfer-Encoding, Connection, Date, X-Request-Id are
 * the server's own. OK | E_SYNTAX (no token, or control characters) | E_TOO_LONG | E_NOMEM. */
status http_response_header(struct http_response *resp, const char *name, const char *value,
                            struct err *reterr) MUST_USE;
/* code, Content-Type and a copy of the body. */
status http_response_text(struct http_response *resp, int code, const char *content_type,
                          slice body, struct err *reterr) MUST_USE;
/* The value of an answer's header, or NULL. */
const char *http_response_find(const struct http_response *resp, const char *name);
/* For tests of handlers without a server. */
void http_response_init(struct http_response *resp);
void http_response_done(struct http_response *resp);

#endif
