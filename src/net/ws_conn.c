/* SPDX-License-Identifier: Apache-2.0 */
/* One WebSocket connection: bytes, queues, the worker it is lent to, deadlines. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "net/ws_server_impl.h"

#define TURN_BYTES ((size_t)256 << 10) /* read from one client before others have their turn */
#define WAITING_MAX 16u                /* messages of one client that wait for a worker */
#define FRAMES_MAX 8192u               /* frames queued before nothing more is read */
#define CLOSING_MS 5000u               /* for the client's part of the closing */

/* --- queues ----------------------------------------------------------------------------------- */

static void queue_put(struct ws_queue *q, struct ws_text *t)
{
    t->next = NULL;
    if (q->last != NULL)
        q->last->next = t;
    else
        q->first = t;
    q->last = t;
    q->n++;
}

static struct ws_text *queue_take(struct ws_queue *q)
{
    struct ws_text *t = q->first;
    if (t != NULL) {
        q->first = t->next;
        q->last = q->first != NULL ? q->last : NULL;
        q->n--;
    }
    return t;
}

static void text_free(struct ws_conn *c, struct ws_text *t)
{
    if (t == NULL)
        return;
    ws_budget_give(&c->server->budget, t->text.n);
    buf_done(&t->text);
    free(t);
}

/* --- transport -------------------------------------------------------------------------------- */

static status conn_read(void *ctx, uint8_t *out, size_t max, size_t *ret_n)
{
    struct ws_conn *c = ctx;
    slice early = slice_after(buf_slice(&c->early), c->early_at);
    *ret_n = 0;
    if (early.n > 0) {
        *ret_n = early.n < max ? early.n : max;
        memcpy(out, early.p, *ret_n);
        c->early_at += *ret_n;
        return OK;
    }
    if (c->turn >= TURN_BYTES)
        return OK;
    ssize_t n = recv(c->taken.fd, out, max, 0);
    if (n > 0) {
        *ret_n = (size_t)n;
        c->turn += (size_t)n;
        return OK;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? OK : E_IO;
}

static status conn_write(void *ctx, slice bytes, size_t *ret_n)
{
    struct ws_conn *c = ctx;
    ssize_t n = send(c->taken.fd, bytes.p, bytes.n, MSG_NOSIGNAL);
    *ret_n = n > 0 ? (size_t)n : 0;
    c->unsent -= *ret_n < c->unsent ? *ret_n : c->unsent;
    c->wrote = c->wrote || n > 0;
    return n >= 0 || errno == EAGAIN || errno == EINTR ? OK : E_IO;
}

static void conn_message(void *ctx, struct buf *m)
{
    struct ws_conn *c = ctx;
    struct ws_text *t = calloc(1, sizeof *t);
    if (t == NULL) {
        c->dead = true;
        return;
    }
    t->text = *m;
    buf_init(m, m->cap);
    queue_put(&c->in, t);
}

struct ws_conn *ws_conn_new(struct ws_server *s, const struct http_taken *t)
{
    struct ws_conn *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->server = s;
    c->taken = *t;
    (void)snprintf(c->remote, sizeof c->remote, "%s", t->remote);
    c->taken.remote = c->remote;
    c->taken.early = SLICE_EMPTY;
    buf_init(&c->early, LIMIT_HTTP_HEADER * 16);
    if (buf_put(&c->early, t->early) != OK) {
        free(c);
        return NULL;
    }
    return c;
}

static void queue_free(struct ws_conn *c, struct ws_queue *q)
{
    struct ws_text *t;
    while ((t = queue_take(q)) != NULL)
        text_free(c, t);
}

static void conn_free(struct ws_conn *c)
{
    struct ws_server *s = c->server;
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    if (c->watched)
        (void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, c->taken.fd, NULL);
    if (c->user != NULL)
        s->cb.closed(c->user);
    queue_free(c, &c->in);
    queue_free(c, &c->out);
    text_free(c, c->message);
    ws_budget_give(&s->budget, c->held);
    ws_session_free(c->session);
    buf_done(&c->early);
    http_taken_close(&c->taken);
    atomic_fetch_sub(&s->n_conns, 1);
    free(c);
}

bool ws_conn_open(struct ws_conn *c, uint64_t now)
{
    struct ws_server *s = c->server;
    const struct ws_io io = {c, conn_read, conn_write, conn_message};
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
    int one = 1;
    c->next = s->conns;
    if (c->next != NULL)
        c->next->prev = c;
    s->conns = c;
    c->heard_ms = c->moved_ms = now;
    (void)fcntl(c->taken.fd, F_SETFL, fcntl(c->taken.fd, F_GETFL) | O_NONBLOCK);
    (void)setsockopt(c->taken.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    bool ok = ws_session_new(&io, s->o.max_message, &s->budget, &c->session) == OK;
    ok = ok && epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, c->taken.fd, &ev) == 0;
    c->watched = ok;
    c->events = ev.events;
    if (ok && atomic_load(&s->n_conns) > s->o.connections)
        ws_conn_begin_close(c, WS_CLOSE_TRY_LATER, "too many connections", now);
    else if (ok && s->cb.opened(s->cb.ctx, c, &c->user) != OK)
        ok = false;
    if (!ok) {
        conn_free(c);
        return false;
    }
    ws_conn_event(c, EPOLLIN, now); /* what came early */
    return ws_conn_settle(c, now);
}

void ws_conn_begin_close(struct ws_conn *c, unsigned code, const char *reason, uint64_t now)
{
    if (c->closing)
        return;
    c->closing = true;
    c->closing_ms = now;
    ws_session_close(c->session, code, reason);
}

/* --- reading and writing ---------------------------------------------------------------------- */

static bool is_backed_up(const struct ws_conn *c)
{
    return c->unsent >= c->server->o.max_queue ||
           ws_session_queued_frames(c->session) >= FRAMES_MAX;
}

static bool may_read(const struct ws_conn *c)
{
    return !c->dead && c->in.n < WAITING_MAX && !is_backed_up(c);
}

static void conn_flush(struct ws_conn *c, uint64_t now)
{
    c->wrote = false;
    if (!c->dead && ws_session_wants_write(c->session) && ws_session_write(c->session) != OK)
        c->dead = true;
    if (c->dead || !ws_session_wants_write(c->session)) {
        c->unsent = 0;
        c->wrote = true;
    }
    if (c->wrote && c->unsent > 0)
        c->heard_ms = now; /* it takes bytes, so it lives */
    if (c->wrote)
        c->moved_ms = now;
    if (c->unsent < c->held) {
        ws_budget_give(&c->server->budget, c->held - c->unsent);
        c->held = c->unsent;
    }
}

void ws_conn_event(struct ws_conn *c, uint32_t events, uint64_t now)
{
    c->turn = 0;
    if (c->dead)
        return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && !may_read(c)) {
        c->dead = true; /* it is told again and again, and nobody would listen */
    } else if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && may_read(c)) {
        if (ws_session_read(c->session) != OK)
            c->dead = true;
        if (c->turn > 0) {
            c->heard_ms = now;
            c->pinged = false;
        }
    }
    conn_flush(c, now);
}

/* --- workers ---------------------------------------------------------------------------------- */

static void conn_work(struct http_job *job)
{
    struct ws_conn *c = (struct ws_conn *)(void *)((char *)job - offsetof(struct ws_conn, job));
    struct ws_server *s = c->server;
    c->again = c->full = false;
    if (c->work == WS_WORK_MESSAGE)
        s->cb.message(c->user, buf_slice(&c->message->text));
    else
        c->again = s->cb.pump(c->user);
    pthread_mutex_lock(&s->lock);
    c->next_done = s->done;
    s->done = c;
    pthread_mutex_unlock(&s->lock);
    ws_server_signal(s);
}

/* True if a worker has c now. */
static bool lend(struct ws_conn *c, enum ws_work work, enum http_lane lane)
{
    struct http_server *http = atomic_load(&c->server->http);
    size_t max = c->server->o.max_queue;
    c->job.run = conn_work;
    c->work = work;
    c->out_room = c->unsent < max ? max - c->unsent : 0;
    c->busy = true;
    if (http == NULL || !http_workers_put(http_server_workers(http, lane), &c->job)) {
        c->busy = false;
        c->server->retry = true;
    }
    return c->busy;
}

static void lend_message(struct ws_conn *c)
{
    struct ws_server *s = c->server;
    struct ws_text *t = c->in.first;
    enum http_lane lane = HTTP_LANE_MAIN;
    if (s->cb.lane != NULL)
        lane = s->cb.lane(s->cb.ctx, buf_slice(&t->text));
    c->message = queue_take(&c->in);
    if (lend(c, WS_WORK_MESSAGE, lane))
        return;
    t->next = c->in.first; /* back to the front */
    c->in.first = t;
    c->in.last = c->in.last != NULL ? c->in.last : t;
    c->in.n++;
    c->message = NULL;
}

/* Messages and pump have turns: neither keeps the other from being handled. */
static void lend_next(struct ws_conn *c)
{
    bool pump = c->active && c->wants_pump && c->server->cb.pump != NULL;
    if (c->busy || c->dead || c->closing || c->user == NULL || is_backed_up(c))
        return;
    if (pump && (c->in.n == 0 || c->work == WS_WORK_MESSAGE)) {
        c->wants_pump = !lend(c, WS_WORK_PUMP, HTTP_LANE_MAIN);
    } else if (c->in.n > 0) {
        lend_message(c);
    }
}

void ws_conn_done(struct ws_conn *c, uint64_t now)
{
    struct ws_text *t;
    c->busy = false;
    text_free(c, c->message);
    c->message = NULL;
    c->wants_pump = c->wants_pump || c->again;
    c->blocked = c->full;
    c->starved = c->full && c->out.n == 0;
    c->dead = c->dead || c->lost;
    while ((t = queue_take(&c->out)) != NULL) {
        size_t n = t->text.n;
        if (!c->dead && ws_session_send(c->session, buf_slice(&t->text)) == OK) {
            c->held += n;
            c->unsent += n;
            buf_done(&t->text); /* its bytes stay counted, as held */
        }
        text_free(c, t);
    }
    conn_flush(c, now);
}

status ws_conn_send(struct ws_conn *c, slice text, bool is_reply)
{
    struct ws_server *s = c->server;
    if (!is_reply && text.n > c->out_room) {
        c->full = c->out.n > 0 || c->out_room < s->o.max_queue;
        if (c->full)
            return E_BUSY; /* else: an empty queue takes a message of any length */
    }
    struct ws_text *t = ws_budget_take(&s->budget, text.n) ? calloc(1, sizeof *t) : NULL;
    if (t != NULL)
        buf_init(&t->text, text.n);
    if (t == NULL || buf_put(&t->text, text) != OK) {
        free(t);
        c->lost = true;
        return E_NOMEM;
    }
    c->out_room -= text.n < c->out_room ? text.n : c->out_room;
    queue_put(&c->out, t);
    return OK;
}

void ws_conn_set_active(struct ws_conn *c, bool active)
{
    if (active && !c->active)
        c->again = true; /* what happened before anybody woke it */
    c->active = active;
}

void ws_conn_drop(struct ws_conn *c)
{
    c->lost = true;
}

const char *ws_conn_remote(const struct ws_conn *c)
{
    return c->remote;
}

/* --- deadlines -------------------------------------------------------------------------------- */

void ws_conn_tick(struct ws_conn *c, uint64_t now)
{
    const struct ws_server_options *o = &c->server->o;
    if (!may_read(c) || c->busy)
        c->heard_ms = now > c->heard_ms ? now : c->heard_ms; /* nobody listens to it */
    if (ws_session_wants_write(c->session) && now - c->moved_ms > o->stall_s * 1000ull)
        c->dead = true;
    else if (c->closing && now - c->closing_ms > CLOSING_MS)
        c->dead = true;
    else if (now - c->heard_ms > 2000ull * o->ping_s)
        c->dead = true;
    else if (now - c->heard_ms > 1000ull * o->ping_s && !c->pinged && !c->closing)
        c->pinged = ws_session_ping(c->session) == OK;
    conn_flush(c, now);
}

/* Watch for what can be done now. */
static void conn_watch(struct ws_conn *c)
{
    struct epoll_event ev = {.data.ptr = c};
    ev.events = (may_read(c) ? (uint32_t)EPOLLIN : 0u) |
                (ws_session_wants_write(c->session) ? (uint32_t)EPOLLOUT : 0u);
    if (c->watched && ev.events != c->events &&
        epoll_ctl(c->server->epoll_fd, EPOLL_CTL_MOD, c->taken.fd, &ev) == 0)
        c->events = ev.events;
}

bool ws_conn_settle(struct ws_conn *c, uint64_t now)
{
    /* Half of the queue, or all of it for a message that had no room behind anything. */
    if (c->blocked && c->unsent <= (c->starved ? 0 : c->server->o.max_queue / 2)) {
        c->blocked = false;
        c->wants_pump = true;
    }
    lend_next(c);
    if (!c->dead && ws_session_is_over(c->session))
        c->dead = true;
    if (c->dead && c->watched) {
        (void)epoll_ctl(c->server->epoll_fd, EPOLL_CTL_DEL, c->taken.fd, NULL);
        c->watched = false;
    }
    if (c->dead && !c->busy) {
        conn_free(c);
        return false;
    }
    if (!c->dead)
        conn_watch(c);
    (void)now;
    return true;
}
