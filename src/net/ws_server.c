/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that owns all WebSocket connections. */
#include "net/ws_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/ws_server_impl.h"

#define EVENTS 64
#define TICK_MS 1000
#define RETRY_MS 20
#define STOP_MS 2000u /* for the closing frames */

void ws_server_signal(struct ws_server *s)
{
    uint64_t one = 1;
    (void)!write(s->wake_fd, &one, sizeof one);
}

void ws_server_wake(struct ws_server *s)
{
    if (!atomic_exchange(&s->woken, true))
        ws_server_signal(s);
}

static void signals_read(struct ws_server *s)
{
    uint64_t n;
    (void)!read(s->wake_fd, &n, sizeof n);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void take_new(struct ws_server *s, uint64_t now)
{
    pthread_mutex_lock(&s->lock);
    struct ws_conn *c = s->taken;
    s->taken = NULL;
    pthread_mutex_unlock(&s->lock);
    while (c != NULL) {
        struct ws_conn *next = c->next;
        c->next = NULL;
        (void)ws_conn_open(c, now);
        c = next;
    }
}

static void take_done(struct ws_server *s, uint64_t now)
{
    pthread_mutex_lock(&s->lock);
    struct ws_conn *c = s->done;
    s->done = NULL;
    pthread_mutex_unlock(&s->lock);
    while (c != NULL) {
        struct ws_conn *next = c->next_done;
        ws_conn_done(c, now);
        (void)ws_conn_settle(c, now);
        c = next;
    }
}

static void settle_all(struct ws_server *s, uint64_t now, bool tick, bool pump)
{
    struct ws_conn *next;
    s->retry = false;
    for (struct ws_conn *c = s->conns; c != NULL; c = next) {
        next = c->next;
        c->wants_pump = c->wants_pump || pump;
        if (tick)
            ws_conn_tick(c, now);
        (void)ws_conn_settle(c, now);
    }
}

static void close_all(struct ws_server *s, uint64_t now)
{
    struct ws_conn *next;
    for (struct ws_conn *c = s->conns; c != NULL; c = next) {
        next = c->next;
        ws_conn_begin_close(c, WS_CLOSE_GOING_AWAY, "the server stops", now);
        ws_conn_tick(c, now);
        (void)ws_conn_settle(c, now);
    }
}

static void kill_all(struct ws_server *s, uint64_t now)
{
    struct ws_conn *next;
    for (struct ws_conn *c = s->conns; c != NULL; c = next) {
        next = c->next;
        c->dead = true;
        (void)ws_conn_settle(c, now);
    }
}

static bool is_quitting(struct ws_server *s)
{
    pthread_mutex_lock(&s->lock);
    bool quit = s->quit;
    pthread_mutex_unlock(&s->lock);
    return quit;
}

/* One round: what the sockets have, what workers have finished. */
static void turn(struct ws_server *s, int wait_ms)
{
    struct epoll_event ev[EVENTS];
    int n = epoll_wait(s->epoll_fd, ev, EVENTS, wait_ms);
    uint64_t now = clock_mono_ms(s->o.clock);
    for (int i = 0; i < n; i++) {
        struct ws_conn *c = ev[i].data.ptr;
        if (c == NULL) {
            signals_read(s);
            continue;
        }
        ws_conn_event(c, ev[i].events, now); /* each connection stands once in ev */
        (void)ws_conn_settle(c, now);
    }
    take_new(s, now);
    take_done(s, now);
    if (atomic_exchange(&s->woken, false))
        settle_all(s, now, false, true);
    else if (s->retry)
        settle_all(s, now, false, false);
}

static void *thread_main(void *arg)
{
    struct ws_server *s = arg;
    uint64_t ticked = clock_mono_ms(s->o.clock);
    while (!is_quitting(s)) {
        turn(s, s->retry ? RETRY_MS : TICK_MS);
        uint64_t now = clock_mono_ms(s->o.clock);
        if (now - ticked >= TICK_MS) {
            settle_all(s, now, true, false);
            ticked = now;
        }
    }
    uint64_t begun = clock_mono_ms(&clock_system);
    close_all(s, clock_mono_ms(s->o.clock));
    while (s->conns != NULL && clock_mono_ms(&clock_system) - begun < STOP_MS)
        turn(s, RETRY_MS);
    kill_all(s, clock_mono_ms(s->o.clock));
    while (s->conns != NULL) /* workers still have some */
        turn(s, RETRY_MS);
    return NULL;
}

/* --- outside ---------------------------------------------------------------------------------- */

void ws_server_take(void *ws_server, const struct http_taken *t)
{
    struct ws_server *s = ws_server;
    struct ws_conn *c = ws_conn_new(s, t);
    if (c == NULL) {
        http_taken_close(t);
        return;
    }
    pthread_mutex_lock(&s->lock);
    bool late = s->quit;
    if (!late) {
        atomic_fetch_add(&s->n_conns, 1);
        c->next = s->taken;
        s->taken = c;
    }
    pthread_mutex_unlock(&s->lock);
    if (late) {
        buf_done(&c->early);
        free(c);
        http_taken_close(t);
    } else {
        ws_server_signal(s);
    }
}

static void options_fill(struct ws_server_options *o)
{
    o->connections = o->connections != 0 ? o->connections : 4096;
    o->max_message = o->max_message != 0 ? o->max_message : LIMIT_WS_MESSAGE;
    o->max_queue = o->max_queue != 0 ? o->max_queue : (size_t)1 << 20;
    o->max_buffered = o->max_buffered != 0 ? o->max_buffered : (size_t)256 << 20;
    o->ping_s = o->ping_s != 0 ? o->ping_s : 30;
    o->stall_s = o->stall_s != 0 ? o->stall_s : 30;
    o->clock = o->clock != NULL ? o->clock : &clock_system;
}

static status server_start(struct ws_server *s, struct err *reterr)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->epoll_fd < 0 || s->wake_fd < 0 ||
        epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->wake_fd, &ev) != 0)
        return ERR(reterr, E_IO, "WebSockets: %s", strerror(errno));
    if (pthread_create(&s->thread, NULL, thread_main, s) != 0)
        return ERR(reterr, E_NOMEM, "no thread for WebSockets");
    return OK;
}

static void server_release(struct ws_server *s)
{
    if (s->epoll_fd >= 0)
        (void)close(s->epoll_fd);
    if (s->wake_fd >= 0)
        (void)close(s->wake_fd);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

status ws_server_new(const struct ws_server_options *o, const struct ws_callbacks *cb,
                     struct ws_server **ret, struct err *reterr)
{
    struct ws_server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR(reterr, E_NOMEM, "WebSockets");
    s->o = *o;
    s->cb = *cb;
    s->epoll_fd = s->wake_fd = -1;
    options_fill(&s->o);
    s->budget.max = s->o.max_buffered;
    (void)pthread_mutex_init(&s->lock, NULL);
    status st = server_start(s, reterr);
    if (st != OK) {
        server_release(s);
        return st;
    }
    *ret = s;
    return OK;
}

void ws_server_use(struct ws_server *s, struct http_server *http)
{
    atomic_store(&s->http, http);
    ws_server_wake(s);
}

unsigned ws_server_connections(const struct ws_server *s)
{
    return atomic_load(&s->n_conns);
}

void ws_server_stop(struct ws_server *s)
{
    pthread_mutex_lock(&s->lock);
    bool again = s->stopped;
    s->quit = s->stopped = true;
    pthread_mutex_unlock(&s->lock);
    if (again)
        return;
    ws_server_signal(s);
    (void)pthread_join(s->thread, NULL);
}

void ws_server_free(struct ws_server *s)
{
    if (s == NULL)
        return;
    ws_server_stop(s);
    server_release(s);
}
