/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of the test server and plain sockets. */
#include "http_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

uint8_t fixture_byte(uint64_t pos)
{
    return (uint8_t)(pos * 7 + (pos >> 12));
}

uint64_t fixture_sum(uint64_t h, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211ull;
    return h;
}

uint64_t fixture_stream_sum(uint64_t n)
{
    uint64_t h = FNV_START;
    for (uint64_t i = 0; i < n; i++) {
        uint8_t b = fixture_byte(i);
        h = fixture_sum(h, &b, 1);
    }
    return h;
}

struct upload {
    struct fixture *f;
    uint64_t n;
    uint64_t sum;
    bool fails;
};

static status upload_chunk(void *ctx, slice piece, struct err *reterr)
{
    struct upload *u = ctx;
    if (u->fails)
        return ERR(reterr, E_MEDIA, "not this kind of body");
    u->n += piece.n;
    u->sum = fixture_sum(u->sum, piece.p, piece.n);
    return OK;
}

static void upload_abort(void *ctx)
{
    struct upload *u = ctx;
    atomic_fetch_add(&u->f->aborted, 1);
    free(u);
}

static bool path_is(const struct http_request *req, const char *path)
{
    return slice_eq_str(req->target.path, path);
}

static status fixture_plan(void *ctx, const struct http_request *req, struct http_body_plan *ret,
                           struct err *reterr)
{
    struct fixture *f = ctx;
    bool fails = path_is(req, "/chunk-fails");
    if (path_is(req, "/slow-plan"))
        (void)usleep(800000);
    if (path_is(req, "/refuse"))
        return ERR(reterr, E_FORBIDDEN, "refused by plan");
    if (path_is(req, "/nobody"))
        ret->cap = 0;
    if (path_is(req, "/echo"))
        ret->cap = 100000;
    if (!path_is(req, "/upload") && !fails)
        return OK;
    struct upload *u = calloc(1, sizeof *u);
    if (u == NULL)
        return E_NOMEM;
    *u = (struct upload){f, 0, FNV_START, fails};
    *ret = (struct http_body_plan){BIG_BYTES, u, upload_chunk, upload_abort};
    return OK;
}

struct stream {
    struct fixture *f;
    uint64_t len;
    uint64_t fail_at;
    uint64_t prepare_at; /* 0: never */
    status prepared;     /* what prepare returns */
};

static status stream_read(void *ctx, uint64_t pos, uint8_t *out, size_t max, size_t *ret_n,
                          struct err *reterr)
{
    struct stream *s = ctx;
    if (pos >= s->fail_at)
        return ERR(reterr, E_IO, "the source fails here");
    size_t n = s->len - pos < max ? (size_t)(s->len - pos) : max;
    for (size_t i = 0; i < n; i++)
        out[i] = fixture_byte(pos + i);
    *ret_n = n;
    return OK;
}

static void stream_done(void *ctx)
{
    struct stream *s = ctx;
    atomic_fetch_sub(&s->f->readers, 1);
    free(s);
}

static bool stream_needs_prepare(void *ctx, uint64_t pos)
{
    struct stream *s = ctx;
    return s->prepare_at != 0 && pos >= s->prepare_at;
}

static status stream_prepare(void *ctx, struct err *reterr)
{
    struct stream *s = ctx;
    atomic_fetch_add(&s->f->preparing, 1);
    (void)usleep(PREPARE_MS * 1000);
    s->prepare_at = 0;
    return s->prepared == OK ? OK : ERR(reterr, s->prepared, "not prepared");
}

static status answer_stream(struct fixture *f, struct http_response *resp, uint64_t fail_at,
                            bool len_known)
{
    struct stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return E_NOMEM;
    *s = (struct stream){.f = f, .len = BIG_BYTES, .fail_at = fail_at};
    atomic_fetch_add(&f->readers, 1);
    resp->reader = (struct http_reader){.read = stream_read, .done = stream_done, .ctx = s};
    resp->reader_len = len_known ? BIG_BYTES : HTTP_LEN_UNKNOWN;
    return OK;
}

static status answer_prepared(struct fixture *f, struct http_response *resp, status prepared)
{
    status st = answer_stream(f, resp, UINT64_MAX, true);
    if (st != OK)
        return st;
    struct stream *s = resp->reader.ctx;
    s->prepare_at = BIG_BYTES / 2;
    s->prepared = prepared;
    resp->reader.needs_prepare = stream_needs_prepare;
    resp->reader.prepare = stream_prepare;
    return OK;
}

static status answer_echo(const struct http_request *req, struct http_response *resp,
                          struct err *reterr)
{
    status s = http_response_header(resp, "Content-Type", "text/plain", reterr);
    if (s == OK)
        s = buf_printf(&resp->body, "%s %.*s ", req->method, (int)req->target.raw.n,
                       (const char *)req->target.raw.p);
    return s == OK ? buf_put(&resp->body, req->body) : s;
}

static status answer_upload(const struct http_request *req, struct http_response *resp)
{
    struct upload *u = req->upload;
    status s = buf_printf(&resp->body, "%llu %016llx", (unsigned long long)u->n,
                          (unsigned long long)u->sum);
    free(u);
    return s;
}

static status fixture_handle(void *ctx, const struct http_request *req, struct http_response *resp,
                             struct err *reterr)
{
    struct fixture *f = ctx;
    if (path_is(req, "/slow"))
        (void)usleep(300000);
    if (path_is(req, "/status"))
        return ERR(reterr, E_CONFLICT, "a \"quoted\" reason");
    if (path_is(req, "/internal"))
        return ERR(reterr, E_IO, "secret inner detail");
    if (path_is(req, "/upload") || path_is(req, "/chunk-fails"))
        return answer_upload(req, resp);
    if (path_is(req, "/big"))
        return answer_stream(f, resp, UINT64_MAX, true);
    if (path_is(req, "/big-refusal")) {
        resp->code = 403;
        return answer_stream(f, resp, UINT64_MAX, true);
    }
    if (path_is(req, "/chunked"))
        return answer_stream(f, resp, UINT64_MAX, false);
    if (path_is(req, "/cut"))
        return answer_stream(f, resp, BIG_BYTES / 2, true);
    if (path_is(req, "/prepared"))
        return answer_prepared(f, resp, OK);
    if (path_is(req, "/unprepared"))
        return answer_prepared(f, resp, E_FORBIDDEN);
    if (path_is(req, "/empty")) {
        resp->code = 204;
        return OK;
    }
    return answer_echo(req, resp, reterr);
}

static void fixture_served(void *ctx, const struct http_request *req, int code, bool sent,
                           uint64_t took_ms)
{
    struct fixture *f = ctx;
    (void)req;
    (void)code;
    (void)took_ms;
    atomic_fetch_add(&f->served, 1);
    atomic_fetch_add(&f->unsent, sent ? 0 : 1);
}

void fixture_start(struct fixture *f, const struct http_server_options *o)
{
    struct http_callbacks cb = {
        .ctx = f, .plan = fixture_plan, .handle = fixture_handle, .served = fixture_served};
    struct err e = {0};
    memset(f, 0, sizeof *f);
    assert_ok(http_server_new(o, &cb, &f->server, &e), &e);
    assert_true(http_server_port(f->server) != 0);
}

void fixture_stop(struct fixture *f)
{
    http_server_free(f->server);
    assert_int_equal(atomic_load(&f->readers), 0);
}

int raw_connect(const struct fixture *f)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(http_server_port(f->server))};
    struct timeval t = {.tv_sec = 5};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

void raw_send(int fd, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
        if (k <= 0)
            return; /* the server may have hung up already; what it said is read next */
        text += k;
        n -= (size_t)k;
    }
}

size_t raw_read_all(int fd, char *out, size_t max)
{
    size_t n = 0;
    ssize_t k;
    while (n + 1 < max && (k = recv(fd, out + n, max - 1 - n, 0)) > 0)
        n += (size_t)k;
    out[n] = '\0';
    (void)close(fd);
    return n;
}

void raw_talk(const struct fixture *f, const char *text, char *out, size_t max)
{
    int fd = raw_connect(f);
    raw_send(fd, text);
    (void)raw_read_all(fd, out, max);
}

int count_of(const char *text, const char *part)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, part)) != NULL; p++)
        n++;
    return n;
}

const char *fixture_url(const struct fixture *f, const char *target, char *out, size_t max)
{
    (void)snprintf(out, max, "http://127.0.0.1:%u%s", http_server_port(f->server), target);
    return out;
}

size_t memory_now(void)
{
    unsigned long total = 0;
    unsigned long resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &total, &resident), 2);
    (void)fclose(f);
    return (size_t)resident * 4096;
}
