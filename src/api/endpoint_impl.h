/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the JSON-RPC endpoint. */
#ifndef EHRD_API_ENDPOINT_IMPL_H
#define EHRD_API_ENDPOINT_IMPL_H

#include <stdatomic.h>

#include "api/endpoint.h"
#include "net/ws_server.h"
#include "rpc/rpc.h"

struct endpoint {
    struct endpoint_config cfg;
    struct ws_server *ws;
    char *hosts; /* own copies of the rules' texts */
    char *cors;
    _Atomic(char *) own; /* cfg.rules.own is not used; set once more when the port is known */
    char *own_before;    /* the first one, which a request may still be reading */
    _Atomic uint64_t http_requests;
    _Atomic uint64_t ws_messages;
    _Atomic uint64_t ws_notifications;
    _Atomic uint64_t slow_requests;
    _Atomic uint64_t refused; /* by host, origin or size */
    _Atomic uint64_t received_bytes;
    _Atomic uint64_t sent_bytes;
    _Atomic uint64_t took_us;
};

/* Where a text is answered: what is passed on to another node waits for that one. */
enum http_lane endpoint_lane_of(const struct endpoint *ep, slice text);
/* Answer one text; statistics. As rpc_serve_as. */
status endpoint_serve(struct endpoint *ep, const struct rpc_caller *who, slice text,
                      struct buf *ret, struct err *reterr) MUST_USE;
/* Only on the lane that is there for it may a request sleep for long. */
static inline bool endpoint_is_brief(enum http_lane lane)
{
    return lane != HTTP_LANE_WAIT;
}
/* {"jsonrpc":"2.0","id":null,"error":…} */
status endpoint_put_error(struct buf *out, int code, const char *message) MUST_USE;

/* endpoint_ws.c: the callbacks of ws_server, ctx: the endpoint. */
struct ws_callbacks endpoint_ws_callbacks(struct endpoint *ep);

#endif
