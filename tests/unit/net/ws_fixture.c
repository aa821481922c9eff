/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket server of the tests and its client. */
#include "ws_fixture.h"

#include <sys/socket.h>
#include <unistd.h>

#include "net/ws_handshake.h"
#include "test.h"

struct talk {
    struct ws_fixture *f;
    struct ws_conn *conn;
    uint64_t sent;
    atomic_int inside;
};

static status opened(void *ctx, struct ws_conn *c, void **ret_user)
{
    struct talk *t = calloc(1, sizeof *t);
    if (t == NULL)
        return E_NOMEM;
    t->f = ctx;
    t->conn = c;
    atomic_fetch_add(&t->f->opened, 1);
    *ret_user = t;
    return OK;
}

static enum http_lane lane(void *ctx, slice text)
{
    (void)ctx;
    return slice_eq_str(text, "slow") ? HTTP_LANE_SLOW : HTTP_LANE_MAIN;
}

static void answer(struct talk *t, slice text)
{
    char *big = NULL;
    if (text.n > 4 && memcmp(text.p, "big ", 4) == 0) {
        char number[16] = {0};
        memcpy(number, text.p + 4, text.n - 4 < 15 ? text.n - 4 : 15);
        size_t n = strtoul(number, NULL, 10);
        big = malloc(n);
        assert_non_null(big);
        memset(big, 'b', n);
        text = slice_of(big, n);
    } else if (slice_eq_str(text, "slow")) {
        while (atomic_load(&t->f->gate))
            (void)usleep(1000);
    } else if (slice_eq_str(text, "tell")) {
        ws_conn_set_active(t->conn, true);
    }
    if (ws_conn_send(t->conn, text, true) != OK)
        atomic_fetch_add(&t->f->lost, 1);
    free(big);
}

static void message(void *user, slice text)
{
    struct talk *t = user;
    if (atomic_fetch_add(&t->inside, 1) != 0)
        atomic_fetch_add(&t->f->at_once, 1);
    answer(t, text);
    atomic_fetch_sub(&t->inside, 1);
}

static bool pump(void *user)
{
    struct talk *t = user;
    char text[32];
    unsigned n = 0;
    if (atomic_fetch_add(&t->inside, 1) != 0)
        atomic_fetch_add(&t->f->at_once, 1);
    status st = OK;
    while (st == OK && n < 100 && t->sent < atomic_load(&t->f->told)) {
        (void)snprintf(text, sizeof text, "n %llu", (unsigned long long)t->sent + 1);
        st = ws_conn_send(t->conn, slice_str(text), false);
        t->sent += st == OK ? 1 : 0;
        n++;
    }
    atomic_fetch_sub(&t->inside, 1);
    return st == OK && t->sent < atomic_load(&t->f->told);
}

static void closed(void *user)
{
    struct talk *t = user;
    atomic_fetch_add(&t->f->closed, 1);
    free(t);
}

static status handle(void *ctx, const struct http_request *req, struct http_response *resp,
                     struct err *reterr)
{
    struct ws_fixture *f = ctx;
    char accept[WS_ACCEPT_LEN + 1];
    if (slice_eq_str(req->target.path, "/slow-lane") && resp->lane == HTTP_LANE_MAIN) {
        resp->lane = HTTP_LANE_SLOW;
        return OK;
    }
    if (slice_eq_str(req->target.path, "/slow-lane")) {
        (void)usleep(200000);
        return http_response_text(resp, 200, "text/plain", req->body, reterr);
    }
    if (!ws_is_asked(req))
        return http_response_text(resp, 200, "text/plain", SLICE_LIT("plain"), reterr);
    status st = ws_handshake_read(req, accept, reterr);
    if (st == OK)
        st = http_response_header(resp, "Sec-WebSocket-Accept", accept, reterr);
    if (st == OK)
        st = http_response_header(resp, "Upgrade", "websocket", reterr);
    resp->code = 101;
    resp->take = ws_server_take;
    resp->take_ctx = f->ws;
    return st;
}

static void closing(void *ctx)
{
    ws_server_stop(((struct ws_fixture *)ctx)->ws);
}

static uint64_t mono_ms(void *ctx)
{
    return atomic_load(&((struct ws_fixture *)ctx)->now_ms);
}

void ws_fixture_pass(struct ws_fixture *f, unsigned ms)
{
    atomic_fetch_add(&f->now_ms, ms);
}

void ws_fixture_start(struct ws_fixture *f, const struct http_server_options *ho,
                      const struct ws_server_options *wo)
{
    struct err e = {0};
    memset(f, 0, sizeof *f);
    f->now_ms = 1000;
    f->clock = (struct clock_src){.mono_ms = mono_ms, .ctx = f};
    struct ws_server_options o = *wo;
    o.clock = &f->clock;
    struct http_callbacks cb = {.ctx = f, .handle = handle, .closing = closing};
    struct ws_callbacks wcb = {f, opened, lane, message, pump, closed};
    assert_ok(ws_server_new(&o, &wcb, &f->ws, &e), &e);
    assert_ok(http_server_new(ho, &cb, &f->http.server, &e), &e);
    ws_server_use(f->ws, f->http.server);
}

void ws_fixture_stop(struct ws_fixture *f)
{
    http_server_free(f->http.server);
    assert_int_equal(ws_server_connections(f->ws), 0);
    ws_server_free(f->ws);
    assert_int_equal(atomic_load(&f->opened), atomic_load(&f->closed));
    assert_int_equal(atomic_load(&f->at_once), 0);
}

int ws_connect(struct ws_fixture *f)
{
    char head[1024];
    size_t n = 0;
    int fd = raw_connect(&f->http);
    raw_send(fd,
             "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
        assert_true(n + 1 < sizeof head);
        assert_int_equal(recv(fd, head + n, 1, 0), 1);
        n++;
    }
    head[n] = '\0';
    assert_non_null(strstr(head, "HTTP/1.1 101 "));
    assert_non_null(strstr(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    return fd;
}

static bool send_all(int fd, const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

bool ws_frame(int fd, uint8_t first, const void *payload, size_t n)
{
    uint8_t *f = malloc(n + 14);
    const uint8_t mask[4] = {0x11, 0x22, 0x33, 0x44};
    size_t at = 2;
    assert_non_null(f);
    f[0] = first;
    if (n < 126) {
        f[1] = (uint8_t)(0x80 | n);
    } else {
        unsigned width = n < 65536 ? 2 : 8;
        f[1] = width == 2 ? 0xfe : 0xff;
        for (unsigned i = 0; i < width; i++)
            f[at++] = (uint8_t)((uint64_t)n >> (8 * (width - 1 - i)));
    }
    memcpy(f + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < n; i++)
        f[at + i] = ((const uint8_t *)payload)[i] ^ mask[i % 4];
    bool ok = send_all(fd, f, at + n);
    free(f);
    return ok;
}

bool ws_say(int fd, const char *text)
{
    return ws_frame(fd, 0x81, text, strlen(text));
}

static bool recv_all(int fd, uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t k = recv(fd, p, n, 0);
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

int ws_hear(int fd, char *out, size_t max, size_t *ret_n)
{
    uint8_t head[10];
    if (!recv_all(fd, head, 2))
        return -1;
    assert_int_equal(head[1] & 0x80, 0); /* servers do not mask */
    uint64_t n = head[1];
    unsigned more = n == 127 ? 8 : n == 126 ? 2 : 0;
    if (more > 0 && !recv_all(fd, head + 2, more))
        return -1;
    for (unsigned i = 0; i < more; i++)
        n = (i == 0 ? 0 : n << 8) | head[2 + i];
    if (ret_n != NULL)
        *ret_n = n;
    static uint8_t payload[4 << 20];
    assert_true(n <= sizeof payload);
    if (!recv_all(fd, payload, n))
        return -1;
    size_t keep = n < max ? n : max - 1;
    memcpy(out, payload, keep);
    out[keep] = '\0';
    return head[0];
}

unsigned ws_hear_close(int fd)
{
    char text[200];
    int first;
    size_t n;
    while ((first = ws_hear(fd, text, sizeof text, &n)) >= 0)
        if (first == 0x88)
            return n < 2 ? 1005 : (unsigned)(uint8_t)text[0] << 8 | (uint8_t)text[1];
    return 0;
}
