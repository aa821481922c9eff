/* SPDX-License-Identifier: Apache-2.0 */
/* Ethereum JSON-RPC over HTTP and WebSocket: POST / and /rpc, and both as WebSockets.
 *
 * Behind it stands the embedded chain (rpc/rpc.h) or a pass-through to another node. What may take
 * long runs on other lanes of the server (calls on one, traces and searches on another, what only
 * waits on a third), so that it does not hold up the rest. Wiring: endpoint_new, an HTTP server
 * whose callbacks are endpoint_callbacks (or call the functions below for requests that
 * endpoint_takes), endpoint_start, …, the server's stop, endpoint_free. */
#ifndef EHRD_API_ENDPOINT_H
#define EHRD_API_ENDPOINT_H

#include "api/origin.h"
#include "net/http_server.h"

#define ENDPOINT_BODY ((size_t)5 << 20)      /* one HTTP request or WebSocket message (geth's) */
#define ENDPOINT_PASS_BODY ((size_t)1 << 20) /* the same, passed through */

struct endpoint;
struct rpc; /* rpc/rpc.h */

/* All pointers are borrowed until endpoint_free; the texts of rules are copied. */
struct endpoint_config {
    struct rpc *rpc; /* of the embedded chain; NULL: pass is used */
    /* Append the answer to a request text. */
    status (*pass)(void *ctx, slice request, struct buf *ret, struct err *reterr);
    void *pass_ctx;
    struct origin_rules rules;
    unsigned connections; /* WebSockets at the same time; 0: 4096 */
};

/* OK | E_USAGE (neither rpc nor pass) | E_IO | E_NOMEM. */
status endpoint_new(const struct endpoint_config *cfg, struct endpoint **ret,
                    struct err *reterr) MUST_USE;
/* WebSockets run on the workers of this server; their end is its `closing`. */
void endpoint_start(struct endpoint *ep, struct http_server *server);
/* Once, before the first request from a browser, when the origin was not known. OK | E_NOMEM. */
status endpoint_set_own(struct endpoint *ep, const char *origin, struct err *reterr) MUST_USE;
/* After the server's stop, and after rpc_free, until which it may be woken. NULL is fine. */
void endpoint_free(struct endpoint *ep);

/* Is the request this endpoint's: /rpc, or / unless it asks for a page. */
bool endpoint_takes(const struct http_request *req);
/* As in http_callbacks, with ctx left out: any thread; neither waits before handle. */
status endpoint_plan(struct endpoint *ep, const struct http_request *req,
                     struct http_body_plan *ret, struct err *reterr) MUST_USE;
status endpoint_handle(struct endpoint *ep, const struct http_request *req,
                       struct http_response *resp, struct err *reterr) MUST_USE;
/* A JSON-RPC error object, for what failed before a method was known. */
void endpoint_error(struct endpoint *ep, const struct http_request *req, status s,
                    const struct err *e, struct http_response *resp);
void endpoint_closing(struct endpoint *ep);
/* A server of this endpoint alone: 404 for other paths, GET /healthz and /metrics. */
struct http_callbacks endpoint_callbacks(struct endpoint *ep);
/* Append Prometheus text. */
status endpoint_metrics_put(struct endpoint *ep, struct buf *ret) MUST_USE;

/* The lane of the slowest method that a request text may name: calls and proofs, which an ordinary
 * client needs, do not wait behind traces and searches. */
enum http_lane endpoint_lane(slice text);

#endif
