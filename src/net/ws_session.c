/* SPDX-License-Identifier: Apache-2.0 */
/* One WebSocket over libwslay. Messages are put together here, not by libwslay, which would
 * allocate what a frame's head announces, and a piece of memory for each fragment. */
#include "net/ws_session.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#define CONTROL_MAX 125u /* payload of a control frame */

struct ws_session {
    wslay_event_context_ptr w;
    struct ws_io io;
    struct ws_budget *budget;
    struct buf message; /* as far as it came */
    bool is_control;    /* the frame that is read */
    bool failed;        /* too long, or no memory: its rest is dropped */
    bool broken;        /* the transport */
};

bool ws_budget_take(struct ws_budget *b, size_t n)
{
    size_t before = atomic_fetch_add(&b->used, n);
    if (before <= b->max && n <= b->max - before)
        return true;
    atomic_fetch_sub(&b->used, n);
    return false;
}

void ws_budget_give(struct ws_budget *b, size_t n)
{
    atomic_fetch_sub(&b->used, n);
}

static ssize_t on_read(wslay_event_context_ptr w, uint8_t *out, size_t max, int flags, void *ctx)
{
    struct ws_session *s = ctx;
    size_t n = 0;
    (void)flags;
    status st = s->io.read(s->io.ctx, out, max, &n);
    if (st == OK && n > 0)
        return (ssize_t)n;
    s->broken = s->broken || st != OK;
    wslay_event_set_error(w, st == OK ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_write(wslay_event_context_ptr w, const uint8_t *p, size_t n, int flags, void *ctx)
{
    struct ws_session *s = ctx;
    size_t done = 0;
    (void)flags;
    status st = s->io.write(s->io.ctx, slice_of(p, n), &done);
    if (st == OK && done > 0)
        return (ssize_t)done;
    s->broken = s->broken || st != OK;
    wslay_event_set_error(w, st == OK ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void on_frame(wslay_event_context_ptr w, const struct wslay_event_on_frame_recv_start_arg *a,
                     void *ctx)
{
    struct ws_session *s = ctx;
    (void)w;
    s->is_control = wslay_is_ctrl_frame(a->opcode);
}

/* Give up the message and the connection. */
static void fail(struct ws_session *s, unsigned code, const char *reason)
{
    s->failed = true;
    ws_budget_give(s->budget, s->message.n);
    buf_done(&s->message);
    ws_session_close(s, code, reason);
    wslay_event_shutdown_read(s->w);
}

static void on_piece(wslay_event_context_ptr w, const struct wslay_event_on_frame_recv_chunk_arg *a,
                     void *ctx)
{
    struct ws_session *s = ctx;
    (void)w;
    if (s->is_control || s->failed)
        return;
    if (a->data_length > s->message.cap - s->message.n) {
        fail(s, WS_CLOSE_TOO_BIG, "message too long");
    } else if (!ws_budget_take(s->budget, a->data_length)) {
        fail(s, WS_CLOSE_TRY_LATER, "too much is being received");
    } else if (buf_put_mem(&s->message, a->data, a->data_length) != OK) {
        ws_budget_give(s->budget, a->data_length);
        fail(s, WS_CLOSE_TRY_LATER, "out of memory");
    }
}

static void on_message(wslay_event_context_ptr w, const struct wslay_event_on_msg_recv_arg *a,
                       void *ctx)
{
    struct ws_session *s = ctx;
    (void)w;
    if (wslay_is_ctrl_frame(a->opcode) || s->failed)
        return;
    size_t n = s->message.n;
    s->io.message(s->io.ctx, &s->message);
    if (s->message.n > 0)
        ws_budget_give(s->budget, n);
    size_t cap = s->message.cap;
    buf_done(&s->message);
    buf_init(&s->message, cap);
}

status ws_session_new(const struct ws_io *io, size_t max_message, struct ws_budget *budget,
                      struct ws_session **ret)
{
    const struct wslay_event_callbacks cb = {.recv_callback = on_read,
                                             .send_callback = on_write,
                                             .on_frame_recv_start_callback = on_frame,
                                             .on_frame_recv_chunk_callback = on_piece,
                                             .on_msg_recv_callback = on_message};
    struct ws_session *s = calloc(1, sizeof *s);
    if (s == NULL)
        return E_NOMEM;
    s->io = *io;
    s->budget = budget;
    buf_init(&s->message, max_message);
    if (wslay_event_context_server_init(&s->w, &cb, s) != 0) {
        free(s);
        return E_NOMEM;
    }
    wslay_event_config_set_no_buffering(s->w, 1);
    wslay_event_config_set_max_recv_msg_length(s->w, max_message > CONTROL_MAX ? max_message
                                                                               : CONTROL_MAX);
    *ret = s;
    return OK;
}

void ws_session_free(struct ws_session *s)
{
    if (s == NULL)
        return;
    ws_budget_give(s->budget, s->message.n);
    buf_done(&s->message);
    wslay_event_context_free(s->w);
    free(s);
}

status ws_session_read(struct ws_session *s)
{
    /* It fails for malformed frames, too, and has then queued a close frame without a code. */
    if (!s->broken && wslay_event_recv(s->w) != 0)
        wslay_event_shutdown_read(s->w);
    return s->broken ? E_IO : OK;
}

status ws_session_write(struct ws_session *s)
{
    if (s->broken || wslay_event_send(s->w) != 0)
        return E_IO;
    return s->broken ? E_IO : OK;
}

static status queue(struct ws_session *s, uint8_t opcode, slice payload)
{
    const struct wslay_event_msg m = {opcode, payload.p, payload.n};
    int rc = wslay_event_queue_msg(s->w, &m);
    return rc == 0 ? OK : rc == WSLAY_ERR_NO_MORE_MSG ? E_CANCELLED : E_NOMEM;
}

status ws_session_send(struct ws_session *s, slice text)
{
    return queue(s, WSLAY_TEXT_FRAME, text);
}

status ws_session_ping(struct ws_session *s)
{
    return queue(s, WSLAY_PING, SLICE_EMPTY);
}

void ws_session_close(struct ws_session *s, unsigned code, const char *reason)
{
    int rc = wslay_event_queue_close(s->w, (uint16_t)code, (const uint8_t *)reason, strlen(reason));
    s->broken = s->broken || rc == WSLAY_ERR_NOMEM;
}

bool ws_session_wants_write(const struct ws_session *s)
{
    return !s->broken && wslay_event_want_write(s->w) != 0;
}

bool ws_session_is_over(const struct ws_session *s)
{
    return s->broken || (wslay_event_want_read(s->w) == 0 && wslay_event_want_write(s->w) == 0);
}

size_t ws_session_queued_frames(const struct ws_session *s)
{
    return wslay_event_get_queued_msg_count(s->w);
}
