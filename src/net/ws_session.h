/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket protocol (RFC 6455) of one connection, server side, over any transport. No sockets,
 * no threads: one thread owns a session.
 *
 * Messages are text or binary and at most max_message bytes, whatever their fragments. Pings are
 * answered. What breaks the protocol gets a close frame with the RFC's code, and nothing more is
 * read. */
#ifndef EHRD_NET_WS_SESSION_H
#define EHRD_NET_WS_SESSION_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

/* Codes of close frames, RFC 6455 section 7.4.1. */
#define WS_CLOSE_NORMAL 1000u
#define WS_CLOSE_GOING_AWAY 1001u
#define WS_CLOSE_POLICY 1008u
#define WS_CLOSE_TOO_BIG 1009u
#define WS_CLOSE_TRY_LATER 1013u

/* Bytes that many sessions may hold together; shared, any thread. */
struct ws_budget {
    _Atomic size_t used;
    size_t max;
};
/* False, and nothing taken, when n more would be over max. */
bool ws_budget_take(struct ws_budget *b, size_t n) MUST_USE;
void ws_budget_give(struct ws_budget *b, size_t n);

struct ws_io {
    void *ctx;
    /* *ret_n == 0: nothing there now. OK | anything else ends the session. */
    status (*read)(void *ctx, uint8_t *out, size_t max, size_t *ret_n);
    /* *ret_n < bytes.n: no more can be written now. OK | anything else ends the session. */
    status (*write)(void *ctx, slice bytes, size_t *ret_n);
    /* A whole message; its bytes may be moved out of m. They are counted in the budget; who moves
     * them gives them back to it. */
    void (*message)(void *ctx, struct buf *m);
};

struct ws_session;

/* budget: borrowed until free. OK | E_NOMEM. */
status ws_session_new(const struct ws_io *io, size_t max_message, struct ws_budget *budget,
                      struct ws_session **ret) MUST_USE;
void ws_session_free(struct ws_session *s); /* NULL is fine */

/* Read and handle what is there. OK | E_IO (the session is over: transport ended or failed). */
status ws_session_read(struct ws_session *s) MUST_USE;
/* Write what is queued, as far as the transport takes it. OK | E_IO (the session is over). */
status ws_session_write(struct ws_session *s) MUST_USE;
/* Queue a text message (copied), a ping, a close frame. After a close frame nothing more is queued.
 * OK | E_NOMEM | E_CANCELLED (closing). */
status ws_session_send(struct ws_session *s, slice text) MUST_USE;
status ws_session_ping(struct ws_session *s) MUST_USE;
void ws_session_close(struct ws_session *s, unsigned code, const char *reason);

bool ws_session_wants_write(const struct ws_session *s);
/* Nothing is left to do: close the transport. */
bool ws_session_is_over(const struct ws_session *s);
/* Frames waiting to be written; a flood of pings makes many small ones. */
size_t ws_session_queued_frames(const struct ws_session *s);

#endif
