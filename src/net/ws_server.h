/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket connections after their handshake: one epoll thread moves bytes and frames, the HTTP
 * server's workers handle messages. Connections come from http_response.take.
 *
 *     request -> ws_handshake_read -> 101, take = ws_server_take -> opened -> message … -> closed
 *
 * The callbacks of one connection never run at the same time, and its messages in their order;
 * different connections run side by side. */
#ifndef EHRD_NET_WS_SERVER_H
#define EHRD_NET_WS_SERVER_H

#include "base/slice.h"
#include "base/status.h"
#include "base/sysio.h"
#include "net/http_server.h"

struct ws_server;
struct ws_conn;

struct ws_callbacks {
    void *ctx; /* borrowed until ws_server_free */
    /* On the WebSocket thread. *ret_user goes to the other callbacks.
     * OK | anything else closes the connection; closed is then not called. */
    status (*opened)(void *ctx, struct ws_conn *c, void **ret_user);
    /* The lane for a message; on the WebSocket thread, so it must be quick. NULL: the main one. */
    enum http_lane (*lane)(void *ctx, slice text);
    /* On a worker. May use ws_conn_send. */
    void (*message)(void *user, slice text);
    /* On a worker, after ws_server_wake or when there is room in the queue again: send what is to
     * be told unasked. Returns true to be called again soon. Only for connections that are active
     * (ws_conn_set_active). May be NULL. */
    bool (*pump)(void *user);
    /* After the last of the above. */
    void (*closed)(void *user);
};

/* Zeroed fields mean the default in brackets. */
struct ws_server_options {
    unsigned connections;          /* at the same time [4096] */
    size_t max_message;            /* bytes of one message received [5 MiB] */
    size_t max_queue;              /* bytes waiting for one client before pump must stop [1 MiB] */
    size_t max_buffered;           /* messages received and queued, of all connections [256 MiB] */
    unsigned ping_s;               /* silence before a ping, and once more before the end [30] */
    unsigned stall_s;              /* a client that takes no byte so long is cut off [30] */
    const struct clock_src *clock; /* [clock_system] */
};

/* OK | E_IO | E_NOMEM. */
status ws_server_new(const struct ws_server_options *o, const struct ws_callbacks *cb,
                     struct ws_server **ret, struct err *reterr) MUST_USE;
/* Whose workers run the callbacks; before the first connection is taken. */
void ws_server_use(struct ws_server *s, struct http_server *http);
/* For http_response.take, with the ws_server as its ctx. */
void ws_server_take(void *ws_server, const struct http_taken *t);
/* Something is to be told: pump the active connections. Any thread, quick. */
void ws_server_wake(struct ws_server *s);
/* Connections now open. Any thread. */
unsigned ws_server_connections(const struct ws_server *s);
/* Close all connections (1001), wait for their callbacks, end the thread. For http_callbacks
 * .closing. A second call returns at once. */
void ws_server_stop(struct ws_server *s);
void ws_server_free(struct ws_server *s); /* stops; NULL is fine */

/* Queue a text message (copied), from message or pump of this connection only. is_reply: an answer
 * to what the client asked is queued also behind a full queue, since nothing more is handled then.
 * OK | E_BUSY (the queue is full; pump is called when there is room) | E_CANCELLED (the connection
 * ends) | E_NOMEM (the connection ends). */
status ws_conn_send(struct ws_conn *c, slice text, bool is_reply) MUST_USE;
/* Whether pump has anything to do for c; from the same callbacks. */
void ws_conn_set_active(struct ws_conn *c, bool active);
/* End the connection without more words; from the same callbacks. */
void ws_conn_drop(struct ws_conn *c);
const char *ws_conn_remote(const struct ws_conn *c);

#endif
