/* SPDX-License-Identifier: Apache-2.0 */
/* JSON-RPC over WebSockets: a session of the RPC layer for each connection. */
#include <stdlib.h>

#include "api/endpoint_impl.h"
#include "base/limits.h"

struct link {
    struct endpoint *ep;
    struct ws_conn *conn;
    struct rpc_session *session; /* NULL with a pass-through */
};

static enum http_lane lane(void *ctx, slice text)
{
    return endpoint_lane_of(ctx, text);
}

static status notify(void *ctx, slice text)
{
    struct link *l = ctx;
    status st = ws_conn_send(l->conn, text, false);
    if (st == OK) {
        atomic_fetch_add(&l->ep->ws_notifications, 1);
        atomic_fetch_add(&l->ep->sent_bytes, text.n);
    }
    return st;
}

static status opened(void *ctx, struct ws_conn *conn, void **ret_user)
{
    struct endpoint *ep = ctx;
    struct link *l = calloc(1, sizeof *l);
    if (l == NULL)
        return E_NOMEM;
    *l = (struct link){ep, conn, NULL};
    const struct rpc_sink sink = {notify, l, ws_conn_remote(conn)};
    status st = ep->cfg.rpc != NULL ? rpc_session_new(ep->cfg.rpc, &sink, &l->session, NULL) : OK;
    if (st != OK) {
        free(l);
        return st;
    }
    *ret_user = l;
    return OK;
}

static void message(void *user, slice text)
{
    struct link *l = user;
    struct buf reply;
    buf_init(&reply, LIMIT_HTTP_ANSWER);
    atomic_fetch_add(&l->ep->ws_messages, 1);
    const struct rpc_caller who = {.session = l->session,
                                   .brief = endpoint_is_brief(lane(l->ep, text))};
    status st = endpoint_serve(l->ep, &who, text, &reply, NULL);
    if (st != OK) {
        buf_clear(&reply);
        st = endpoint_put_error(&reply, status_rpc_code(st), status_text(st));
    }
    if (st == OK && reply.n > 0)
        st = ws_conn_send(l->conn, buf_slice(&reply), true);
    buf_done(&reply);
    if (st != OK)
        ws_conn_drop(l->conn);
    if (l->session != NULL)
        ws_conn_set_active(l->conn, rpc_session_is_active(l->session));
}

static bool pump(void *user)
{
    struct link *l = user;
    bool more = false;
    status st = rpc_session_pump(l->session, &more, NULL);
    if (st != OK && st != E_BUSY)
        ws_conn_drop(l->conn);
    return st == OK && more;
}

static void closed(void *user)
{
    struct link *l = user;
    rpc_session_free(l->session);
    free(l);
}

struct ws_callbacks endpoint_ws_callbacks(struct endpoint *ep)
{
    return (struct ws_callbacks){ep, opened, lane, message, pump, closed};
}
