/* SPDX-License-Identifier: Apache-2.0 */
/* The listener: sockets, threads, connections and their deadlines, stopping. */
#include "net/http_server.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/wipe.h"
#include "net/http_server_impl.h"

#define SERVER_MEMORY ((size_t)64 << 10) /* of one connection, for head and input/output */
#define SERVER_BACKLOG 256
#define WATCHDOG_MS 200

static const union MHD_ConnectionInfo *info(struct MHD_Connection *c,
                                            enum MHD_ConnectionInfoType type)
{
    return MHD_get_connection_info(c, type);
}

static void remote_text(struct MHD_Connection *c, char *out, size_t n)
{
    const union MHD_ConnectionInfo *i = info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = i != NULL ? i->client_addr : NULL;
    socklen_t len = a != NULL && a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                          : sizeof(struct sockaddr_in);
    if (a == NULL || getnameinfo(a, len, out, (socklen_t)n, NULL, 0, NI_NUMERICHOST) != 0)
        (void)snprintf(out, n, "unknown");
}

static struct http_conn *conn_new(struct http_server *s, struct MHD_Connection *c)
{
    struct http_conn *k = calloc(1, sizeof *k);
    const union MHD_ConnectionInfo *i = info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (k == NULL || i == NULL) {
        free(k);
        return NULL;
    }
    k->fd = i->connect_fd;
    atomic_init(&k->deadline_ms, clock_mono_ms(s->o.clock) + s->o.request_ms);
    remote_text(c, k->remote, sizeof k->remote);
    pthread_mutex_lock(&s->lock);
    k->next = s->conns;
    if (k->next != NULL)
        k->next->prev = k;
    s->conns = k;
    pthread_mutex_unlock(&s->lock);
    return k;
}

static void conn_free(struct http_server *s, struct http_conn *k)
{
    pthread_mutex_lock(&s->lock);
    if (k->prev != NULL)
        k->prev->next = k->next;
    else
        s->conns = k->next;
    if (k->next != NULL)
        k->next->prev = k->prev;
    pthread_mutex_unlock(&s->lock);
    free(k);
}

/* No new connections while the server stops. MHD_quiesce_daemon is for that, but it aborts the
 * process where it takes the listening socket out of an epoll set at the same time as the thread
 * whose set it is. */
static enum MHD_Result on_accept(void *cls, const struct sockaddr *address, socklen_t n)
{
    struct http_server *s = cls;
    (void)address, (void)n;
    pthread_mutex_lock(&s->lock);
    bool stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return stopping ? MHD_NO : MHD_YES;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **ctx,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *ctx = conn_new(cls, c);
    else if (*ctx != NULL)
        conn_free(cls, *ctx);
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *i = info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (i == NULL || i->socket_context == NULL)
        return NULL;
    return http_exchange_new(cls, i->socket_context, target);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **ctx)
{
    slice piece = slice_of(data, *n);
    (void)cls;
    (void)url;
    if (*ctx == NULL)
        return MHD_NO;
    *n = 0;
    return http_exchange_step(*ctx, c, method, version, piece);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **ctx,
                         enum MHD_RequestTerminationCode how)
{
    (void)cls;
    (void)c;
    if (*ctx != NULL)
        http_exchange_free(*ctx, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    *ctx = NULL;
}

/* Leave the target as it came. */
static size_t no_unescape(void *cls, struct MHD_Connection *c, char *s)
{
    (void)cls;
    (void)c;
    return strlen(s);
}

/* Wait on changed until the monotonic time at_ms; the lock is held. */
static void wait_until(struct http_server *s, uint64_t at_ms)
{
    struct timespec t = {.tv_sec = (time_t)(at_ms / 1000),
                         .tv_nsec = (long)(at_ms % 1000) * 1000000};
    (void)pthread_cond_timedwait(&s->changed, &s->lock, &t);
}

static uint64_t real_mono_ms(void)
{
    return clock_mono_ms(&clock_system);
}

/* Shut down the sockets whose deadline is before now; the lock is held, so none is closed yet. */
static void shut_overdue(struct http_server *s, uint64_t now)
{
    for (struct http_conn *k = s->conns; k != NULL; k = k->next) {
        if (atomic_load(&k->deadline_ms) >= now)
            continue;
        (void)shutdown(k->fd, SHUT_RDWR);
        atomic_store(&k->deadline_ms, UINT64_MAX);
    }
}

static void *watchdog_main(void *arg)
{
    struct http_server *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->quit) {
        shut_overdue(s, clock_mono_ms(s->o.clock));
        wait_until(s, real_mono_ms() + WATCHDOG_MS);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static status port_read(int fd, uint16_t *ret)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    memset(&a, 0, sizeof a);
    if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        return E_IO;
    if (a.ss_family == AF_INET6)
        *ret = ntohs(((const struct sockaddr_in6 *)&a)->sin6_port);
    else
        *ret = ntohs(((const struct sockaddr_in *)&a)->sin_port);
    return OK;
}

static status listen_on(const struct addrinfo *a, const struct http_server_options *o, int *ret_fd,
                        struct err *reterr)
{
    int one = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ERR(reterr, E_IO, "socket: %s", strerror(errno));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, SERVER_BACKLOG) != 0) {
        int e = errno;
        (void)close(fd);
        return ERR(reterr, E_UNAVAILABLE, "cannot listen on %s port %u: %s", o->address, o->port,
                   strerror(e));
    }
    *ret_fd = fd;
    return OK;
}

static status server_listen(struct http_server *s, struct err *reterr)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *a = NULL;
    char port[8];
    (void)snprintf(port, sizeof port, "%u", s->o.port);
    if (getaddrinfo(s->o.address, port, &hints, &a) != 0)
        return ERR(reterr, E_USAGE, "%s is no numeric address", s->o.address);
    status st = listen_on(a, &s->o, &s->listen_fd, reterr);
    freeaddrinfo(a);
    if (st == OK && port_read(s->listen_fd, &s->port) != OK)
        st = ERR(reterr, E_IO, "getsockname: %s", strerror(errno));
    return st;
}

static status server_daemon(struct http_server *s, struct err *reterr)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE;
    struct MHD_OptionItem more[4] = {{MHD_OPTION_END, 0, NULL}};
    size_t n = 0;
    if (s->o.threads > 1)
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, s->o.threads, NULL};
    if (s->o.tls_cert_pem != NULL) {
        flags |= MHD_USE_TLS;
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, s->tls_cert};
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, s->tls_key};
    }
    more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    s->daemon = MHD_start_daemon(
        flags, 0, on_accept, s, on_request, s, MHD_OPTION_LISTEN_SOCKET, s->listen_fd,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, SERVER_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        s->o.connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, s->o.connections_per_ip,
        MHD_OPTION_CONNECTION_TIMEOUT, s->o.idle_s, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_UNESCAPE_CALLBACK, no_unescape,
        NULL, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    if (s->daemon == NULL)
        return ERR(reterr, E_IO, "the HTTP server does not start%s",
                   s->o.tls_cert_pem != NULL ? "; are certificate and key readable PEM?" : "");
    return OK;
}

static unsigned or_default(unsigned v, unsigned d)
{
    return v != 0 ? v : d;
}

static void options_fill(struct http_server_options *o)
{
    o->address = o->address != NULL ? o->address : "127.0.0.1";
    o->threads = or_default(o->threads, 2);
    o->workers = or_default(o->workers, 16);
    o->wait_workers = or_default(o->wait_workers, 16);
    o->slow_workers = or_default(o->slow_workers, 8);
    o->heavy_workers = or_default(o->heavy_workers, 2);
    o->slow_waiting = or_default(o->slow_waiting, 512);
    o->max_buffered = o->max_buffered != 0 ? o->max_buffered : (uint64_t)512 << 20;
    o->connections = or_default(o->connections, 512);
    o->connections = o->connections < o->threads ? o->threads : o->connections;
    o->connections_per_ip = or_default(o->connections_per_ip, 256);
    o->idle_s = or_default(o->idle_s, 30);
    o->request_ms = or_default(o->request_ms, 60000);
    o->min_bytes_per_s = or_default(o->min_bytes_per_s, 65536);
    o->clock = o->clock != NULL ? o->clock : &clock_system;
    o->random = o->random != NULL ? o->random : &random_system;
}

static void server_sync_init(struct http_server *s)
{
    pthread_condattr_t a;
    (void)pthread_condattr_init(&a);
    (void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&s->changed, &a);
    (void)pthread_condattr_destroy(&a);
    (void)pthread_mutex_init(&s->lock, NULL);
}

/* Releases what is neither thread nor daemon. */
static void server_release(struct http_server *s)
{
    for (unsigned i = 0; i < HTTP_LANES; i++)
        http_workers_done(&s->workers[i]);
    (void)pthread_cond_destroy(&s->changed);
    (void)pthread_mutex_destroy(&s->lock);
    if (s->listen_fd >= 0)
        (void)close(s->listen_fd);
    free(s->tls_cert);
    if (s->tls_key != NULL)
        wipe(s->tls_key, strlen(s->tls_key));
    free(s->tls_key);
    free(s);
}

static void watchdog_stop(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->quit = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    (void)pthread_join(s->watchdog, NULL);
}

static status lanes_start(struct http_server *s)
{
    const struct {
        unsigned workers;
        unsigned waiting;
    } lanes[HTTP_LANES] = {[HTTP_LANE_MAIN] = {s->o.workers, 0},
                           [HTTP_LANE_WAIT] = {s->o.wait_workers, s->o.slow_waiting},
                           [HTTP_LANE_SLOW] = {s->o.slow_workers, s->o.slow_waiting},
                           [HTTP_LANE_HEAVY] = {s->o.heavy_workers, s->o.slow_waiting}};
    for (unsigned i = 0; i < HTTP_LANES; i++) {
        status st = http_workers_start(&s->workers[i], lanes[i].workers, lanes[i].waiting);
        while (st != OK && i > 0)
            http_workers_stop(&s->workers[--i]);
        if (st != OK)
            return st;
    }
    return OK;
}

static void lanes_stop(struct http_server *s)
{
    for (unsigned i = 0; i < HTTP_LANES; i++)
        http_workers_stop(&s->workers[i]);
}

static status server_start(struct http_server *s, struct err *reterr)
{
    status st = server_listen(s, reterr);
    if (st != OK)
        return st;
    if (lanes_start(s) != OK)
        return ERR(reterr, E_NOMEM, "no threads for the HTTP server");
    if (pthread_create(&s->watchdog, NULL, watchdog_main, s) != 0) {
        lanes_stop(s);
        return ERR(reterr, E_NOMEM, "no thread for the HTTP server");
    }
    st = server_daemon(s, reterr);
    if (st != OK) {
        watchdog_stop(s);
        lanes_stop(s);
    }
    return st;
}

status http_server_new(const struct http_server_options *o, const struct http_callbacks *cb,
                       struct http_server **ret, struct err *reterr)
{
    if (cb->handle == NULL || (o->tls_cert_pem == NULL) != (o->tls_key_pem == NULL))
        return ERR(reterr, E_USAGE, "HTTP server: no handler, or half of certificate and key");
    struct http_server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR(reterr, E_NOMEM, "HTTP server");
    s->o = *o;
    s->cb = *cb;
    s->listen_fd = -1;
    options_fill(&s->o);
    server_sync_init(s);
    status st = OK;
    if (o->tls_cert_pem != NULL) {
        s->tls_cert = strdup(o->tls_cert_pem);
        s->tls_key = strdup(o->tls_key_pem);
        if (s->tls_cert == NULL || s->tls_key == NULL)
            st = ERR(reterr, E_NOMEM, "HTTP server");
    }
    if (st == OK)
        st = server_start(s, reterr);
    if (st != OK) {
        server_release(s);
        return st;
    }
    *ret = s;
    return OK;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

struct http_workers *http_server_workers(struct http_server *s, enum http_lane lane)
{
    return &s->workers[lane];
}

unsigned http_server_busy(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned n = s->busy;
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* True when all requests ended in time; else their sockets are shut down. */
static bool wait_idle(struct http_server *s, unsigned deadline_ms)
{
    uint64_t end = real_mono_ms() + deadline_ms;
    pthread_mutex_lock(&s->lock);
    while (s->busy > 0 && real_mono_ms() < end)
        wait_until(s, end);
    bool idle = s->busy == 0;
    shut_overdue(s, UINT64_MAX);
    pthread_mutex_unlock(&s->lock);
    return idle;
}

status http_server_stop(struct http_server *s, unsigned deadline_ms, struct err *reterr)
{
    pthread_mutex_lock(&s->lock);
    bool again = s->stopping;
    s->stopping = true;
    pthread_mutex_unlock(&s->lock);
    if (again)
        return OK;
    bool idle = wait_idle(s, deadline_ms);
    if (s->cb.closing != NULL)
        s->cb.closing(s->cb.ctx); /* libmicrohttpd may not stop before */
    watchdog_stop(s);
    lanes_stop(s); /* all are resumed: libmicrohttpd asks for that */
    MHD_stop_daemon(s->daemon);
    s->listen_fd = -1; /* closed by libmicrohttpd */
    return idle ? OK : ERR(reterr, E_TIMEOUT, "requests were cut off after %u ms", deadline_ms);
}

void http_server_free(struct http_server *s)
{
    if (s == NULL)
        return;
    (void)http_server_stop(s, 0, NULL);
    server_release(s);
}
