/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the HTTP server share: listener, connections, one exchange. Private to net. */
#ifndef EHRD_NET_HTTP_SERVER_IMPL_H
#define EHRD_NET_HTTP_SERVER_IMPL_H

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "net/http_server.h"
#include "net/http_workers.h"

/* One TCP connection; in the list of its server from accept to just before its socket is closed.
 * The watchdog shuts the socket down when deadline_ms has passed. */
struct http_conn {
    struct http_conn *prev;
    struct http_conn *next;
    int fd;
    _Atomic uint64_t deadline_ms; /* monotonic */
    char remote[INET6_ADDRSTRLEN];
};

struct http_server {
    struct http_server_options o; /* defaults filled in */
    struct http_callbacks cb;
    struct MHD_Daemon *daemon;
    int listen_fd;
    char *tls_cert; /* own copies */
    char *tls_key;
    uint16_t port;
    pthread_t watchdog;
    struct http_workers workers[HTTP_LANES];
    _Atomic uint64_t buffered; /* bytes of bodies and answers held for all exchanges */
    pthread_mutex_t lock;      /* all below */
    pthread_cond_t changed;
    struct http_conn *conns;
    unsigned busy; /* exchanges alive */
    bool stopping;
    bool quit; /* the watchdog is to end */
};

/* Steps of one exchange. */
enum exchange_step {
    STEP_HEAD,    /* request line read */
    STEP_PLAN,    /* a worker decides; the connection is suspended */
    STEP_PLANNED, /* the decision is to be carried out */
    STEP_BODY,    /* body is buffered or streamed */
    STEP_DRAIN,   /* refused; what the client still sends is thrown away up to LIMIT_HTTP_DRAIN */
    STEP_HANDLE,  /* a worker has it; the connection is suspended */
    STEP_EARLY,   /* handled together with the plan, since there is no body */
    STEP_READY,   /* the answer is to be queued */
    STEP_ANSWERED,
    STEP_TAKEN, /* the connection is no longer HTTP */
};

/* One request and its answer. Owned by the connection's thread, and by a worker while the
 * connection is suspended. */
struct http_exchange {
    struct http_server *server;
    struct http_conn *conn;
    struct http_request req;
    struct http_body_plan plan;
    struct http_response resp;
    struct buf body;
    struct buf target; /* raw copy: libmicrohttpd cuts its own one up */
    struct http_header headers[LIMIT_HTTP_HEADERS];
    size_t headers_seen;        /* may be more than fit */
    struct MHD_Connection *mhd; /* while a worker has it */
    struct http_job job;        /* of the workers */
    char method[24];
    enum exchange_step step;
    enum http_lane lane;
    bool early;        /* handled together with the plan */
    uint64_t held;     /* this exchange's part of the server's buffered */
    bool upload_given; /* plan gave an upload that neither handle nor abort has got */
    status refusal;    /* why the request is refused, or OK */
    int refusal_code;  /* HTTP code, or 0 for the status's own */
    struct err err;
    uint64_t drained;
    uint64_t moved; /* bytes of body, both ways */
    uint64_t start_ms;
};

/* Make the exchange of a request whose line is target; NULL when out of memory. */
struct http_exchange *http_exchange_new(struct http_server *s, struct http_conn *conn,
                                        const char *target);
/* One call of libmicrohttpd's access handler: head, a piece of body, or the end. */
enum MHD_Result http_exchange_step(struct http_exchange *x, struct MHD_Connection *c,
                                   const char *method, const char *version, slice piece);
/* The answer is sent, or the connection is gone. */
void http_exchange_free(struct http_exchange *x, bool sent);

/* The answer 101 was sent: the exchange counts no more, only its memory stays until the connection
 * ends. */
void http_exchange_taken(struct http_exchange *x);
/* Count n more bytes of memory held for x. OK | E_BUSY (the server holds too much). */
status http_exchange_hold(struct http_exchange *x, uint64_t n) MUST_USE;
/* No longer n of them. */
void http_exchange_drop(struct http_exchange *x, uint64_t n);

/* Push the deadline out for n more bytes of body. */
void http_exchange_moved(struct http_exchange *x, uint64_t n);

/* Check lengths, host, names and values of the head already filled into x.
 * ret_code: an HTTP code when the status's own does not say it. */
status http_head_check(const struct http_exchange *x, const char *version, int *ret_code,
                       struct err *reterr) MUST_USE;
/* Bytes the head declares for the body; HTTP_LEN_UNKNOWN for chunked. Only after the check. */

/* Fill resp for a failed request and hand resp to libmicrohttpd. */
void http_answer_error(struct http_exchange *x, status s, int code);
enum MHD_Result http_answer_queue(struct http_exchange *x, struct MHD_Connection *c);

#endif
