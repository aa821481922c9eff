/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets, HTTP and clocks of the load generator. */
#include "rpc_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_BYTES ((size_t)1 << 30)
#define ANSWER_BYTES ((size_t)64 << 20)
#define WAIT_MS 60000
#define EVENTS 64

struct conn {
    int fd;
    struct load_queue *q;
    size_t next; /* of the queue's bodies */
    struct buf out;
    size_t sent;
    struct buf in;
    double since;
};

static double now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "bench_rpc: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void need(status s)
{
    if (s != OK)
        die(status_text(s));
}

/* --- queues ---------------------------------------------------------------------------------- */

void load_queue_init(struct load_queue *q)
{
    *q = (struct load_queue){.n = 0};
    buf_init(&q->text, QUEUE_BYTES);
}

void load_queue_done(struct load_queue *q)
{
    buf_done(&q->text);
    free(q->end);
}

void load_queue_close(struct load_queue *q)
{
    if (q->n == q->cap) {
        q->cap = q->cap == 0 ? 64 : 2 * q->cap;
        q->end = realloc(q->end, q->cap * sizeof *q->end);
        if (q->end == NULL)
            die("queue");
    }
    q->end[q->n++] = q->text.n;
}

/* --- connections ----------------------------------------------------------------------------- */

static int dial(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static void put_request(struct buf *out, slice body)
{
    buf_clear(out);
    need(buf_printf(out,
                    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    "Content-Length: %zu\r\n\r\n",
                    body.n));
    need(buf_put(out, body));
}

/* Where the answer's body begins, once the whole answer is in; 0: not yet. */
static size_t whole(struct buf *in, size_t *ret_end)
{
    const char *text = buf_cstr(in);
    const char *body = text != NULL ? strstr(text, "\r\n\r\n") : NULL;
    if (body == NULL)
        return 0;
    size_t head = (size_t)(body - text) + 4;
    for (const char *p = text; p < body; p++)
        if (strncasecmp(p, "\r\ncontent-length:", 17) == 0) {
            *ret_end = head + strtoul(p + 17, NULL, 10);
            return in->n >= *ret_end ? head : 0;
        }
    *ret_end = in->n; /* chunks: the last one is empty */
    return in->n >= 7 && memcmp(in->p + in->n - 7, "\r\n0\r\n\r\n", 7) == 0 ? head : 0;
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
        n++;
    return n;
}

static void judge(struct load_result *r, const char *body)
{
    const char *wrong = strstr(body, "\"error\"");
    r->results += count(body, "\"result\":");
    if (wrong == NULL)
        return;
    r->errors += count(body, "\"error\":");
    if (r->first_error[0] == '\0')
        (void)snprintf(r->first_error, sizeof r->first_error, "%.200s", wrong);
}

/* --- the loop -------------------------------------------------------------------------------- */

static void watch(int ep, struct conn *c, uint32_t events, int op)
{
    struct epoll_event e = {.events = events, .data.ptr = c};
    if (epoll_ctl(ep, op, c->fd, &e) != 0)
        die("epoll");
}

static void send_more(int ep, struct conn *c)
{
    while (c->sent < c->out.n) {
        ssize_t n =
            send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            watch(ep, c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n < 0)
            die("send");
        c->sent += (size_t)n;
    }
}

static void begin(int ep, struct conn *c)
{
    size_t from = c->next > 0 ? c->q->end[c->next - 1] : 0;
    put_request(&c->out, slice_of(c->q->text.p + from, c->q->end[c->next] - from));
    c->next++;
    c->sent = 0;
    c->since = now_ms();
    send_more(ep, c);
}

/* True when the connection has nothing more to say. */
static bool receive(int ep, struct conn *c, struct load_result *r)
{
    size_t end = 0;
    need(buf_reserve(&c->in, 65536));
    ssize_t n = recv(c->fd, c->in.p + c->in.n, 65536, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    if (n <= 0)
        die("the node hung up");
    c->in.n += (size_t)n;
    size_t body = whole(&c->in, &end);
    if (body == 0)
        return false;
    r->ms[r->answers++] = now_ms() - c->since;
    judge(r, buf_cstr(&c->in) + body);
    buf_clear(&c->in);
    if (c->next == c->q->n)
        return true;
    begin(ep, c);
    return false;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t start_all(int ep, uint16_t port, struct conn *c, struct load_queue *q, size_t n)
{
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        if (q[i].n == 0)
            continue;
        c[i] = (struct conn){.fd = dial(port), .q = &q[i]};
        if (c[i].fd < 0)
            die("connect");
        buf_init(&c[i].out, QUEUE_BYTES);
        buf_init(&c[i].in, ANSWER_BYTES);
        watch(ep, &c[i], EPOLLIN, EPOLL_CTL_ADD);
        open++;
    }
    return open;
}

void load_run(uint16_t port, struct load_queue *q, size_t n, struct load_result *ret)
{
    struct epoll_event event[EVENTS];
    struct conn *c = calloc(n, sizeof *c);
    size_t bodies = 0;
    int ep = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < n; i++)
        bodies += q[i].n;
    *ret = (struct load_result){.ms = calloc(bodies + 1, sizeof *ret->ms)};
    if (c == NULL || ep < 0 || ret->ms == NULL)
        die("load");
    size_t open = start_all(ep, port, c, q, n);
    double t0 = now_ms();
    for (size_t i = 0; i < n; i++)
        if (q[i].n > 0)
            begin(ep, &c[i]);
    while (open > 0) {
        int k = epoll_wait(ep, event, EVENTS, WAIT_MS);
        if (k <= 0)
            die("no answer");
        for (int i = 0; i < k; i++) {
            struct conn *x = event[i].data.ptr;
            if ((event[i].events & EPOLLOUT) != 0) {
                watch(ep, x, EPOLLIN, EPOLL_CTL_MOD);
                send_more(ep, x);
            }
            if ((event[i].events & ~(uint32_t)EPOLLOUT) != 0 && receive(ep, x, ret)) {
                watch(ep, x, 0, EPOLL_CTL_DEL);
                open--;
            }
        }
    }
    ret->seconds = (now_ms() - t0) / 1e3;
    qsort(ret->ms, ret->answers, sizeof *ret->ms, ascending);
    for (size_t i = 0; i < n; i++) {
        if (c[i].q != NULL)
            (void)close(c[i].fd);
        buf_done(&c[i].out);
        buf_done(&c[i].in);
    }
    (void)close(ep);
    free(c);
}

bool load_ask(uint16_t port, slice body, struct buf *ret)
{
    struct buf out;
    struct buf in;
    size_t end = 0;
    size_t at = 0;
    int fd = dial(port);
    if (fd < 0)
        return false;
    buf_init(&out, QUEUE_BYTES);
    buf_init(&in, ANSWER_BYTES);
    put_request(&out, body);
    bool ok = send(fd, out.p, out.n, MSG_NOSIGNAL) == (ssize_t)out.n;
    while (ok && (at = whole(&in, &end)) == 0) {
        need(buf_reserve(&in, 65536));
        ssize_t n = recv(fd, in.p + in.n, 65536, 0);
        ok = n > 0;
        in.n += ok ? (size_t)n : 0;
    }
    buf_clear(ret);
    if (ok)
        need(buf_put_mem(ret, in.p + at, in.n - at));
    buf_done(&out);
    buf_done(&in);
    (void)close(fd);
    return ok;
}
