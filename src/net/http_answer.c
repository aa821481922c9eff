/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the HTTP server: header fields, error texts, and handing them to libmicrohttpd. */
#include <stddef.h>
#include <stdlib.h>

#include "net/http_server_impl.h"

#define ANSWER_FIELDS_CAP ((size_t)32 << 10)
#define ANSWER_BLOCK ((size_t)64 << 10) /* what a reader is asked for at once */

void http_response_init(struct http_response *resp)
{
    *resp = (struct http_response){.code = 200};
    buf_init(&resp->body, LIMIT_HTTP_ANSWER);
    buf_init(&resp->fields, ANSWER_FIELDS_CAP);
}

void http_response_done(struct http_response *resp)
{
    if (resp->reader.read != NULL && resp->reader.done != NULL)
        resp->reader.done(resp->reader.ctx);
    resp->reader = (struct http_reader){0};
    buf_done(&resp->body);
    buf_done(&resp->fields);
}

/* The server's own fields. */
static bool is_reserved(const char *name)
{
    static const char *const own[] = {"Content-Length", "Transfer-Encoding", "Connection", "Date",
                                      "X-Request-Id"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (http_name_eq(slice_str(name), own[i]))
            return true;
    return false;
}

status http_response_header(struct http_response *resp, const char *name, const char *value,
                            struct err *reterr)
{
    slice v = slice_str(value);
    if (!http_is_token(slice_str(name)) || !http_is_field_value(v) || is_reserved(name))
        return ERR(reterr, E_SYNTAX, "answer header %s cannot be set", name);
    size_t before = resp->fields.n;
    status s = buf_put_mem(&resp->fields, name, strlen(name) + 1);
    if (s == OK)
        s = buf_put_mem(&resp->fields, value, v.n + 1);
    if (s != OK) {
        resp->fields.n = before;
        return ERR(reterr, s, "answer header %s", name);
    }
    return OK;
}

/* The next pair of fields at *pos; false at the end. */
static bool fields_next(const struct buf *fields, size_t *pos, const char **ret_name,
                        const char **ret_value)
{
    if (*pos >= fields->n)
        return false;
    *ret_name = (const char *)fields->p + *pos;
    *ret_value = *ret_name + strlen(*ret_name) + 1;
    *pos += strlen(*ret_name) + strlen(*ret_value) + 2;
    return true;
}

const char *http_response_find(const struct http_response *resp, const char *name)
{
    size_t pos = 0;
    const char *n;
    const char *v;
    while (fields_next(&resp->fields, &pos, &n, &v))
        if (http_name_eq(slice_str(n), name))
            return v;
    return NULL;
}

status http_response_text(struct http_response *resp, int code, const char *content_type,
                          slice body, struct err *reterr)
{
    status s = http_response_header(resp, "Content-Type", content_type, reterr);
    if (s != OK)
        return s;
    resp->code = code;
    buf_clear(&resp->body);
    s = buf_put(&resp->body, body);
    return s == OK ? OK : ERR(reterr, s, "answer body of %zu bytes", body.n);
}

static status put_json_text(struct buf *b, const char *text)
{
    status s = OK;
    for (; *text != '\0' && s == OK; text++) {
        uint8_t c = (uint8_t)*text;
        if (c == '"' || c == '\\')
            s = buf_printf(b, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            s = buf_printf(b, "\\u%04x", c < 0x20 ? c : '?');
        else
            s = buf_put_u8(b, c);
    }
    return s;
}

/* docs/formats.md, section 9: {"error":{"code":…,"reason":…},"requestId":…} */
static void error_json(const struct http_request *req, status s, const struct err *e,
                       struct http_response *resp)
{
    struct buf *b = &resp->body;
    const char *text = s > 0 && e->msg[0] != '\0' ? e->msg : status_text(s);
    status p = buf_printf(b, "{\"error\":{\"code\":\"%s\",\"reason\":\"", status_name(s));
    if (p == OK)
        p = put_json_text(b, text);
    if (p == OK)
        p = buf_printf(b, "\"},\"requestId\":\"%s\"}\n", req->request_id);
    if (p == OK)
        p = http_response_header(resp, "Content-Type", "application/json", NULL);
    if (p != OK)
        buf_clear(b);
}

void http_answer_error(struct http_exchange *x, status s, int code)
{
    bool close = x->resp.close;
    http_response_done(&x->resp);
    http_response_init(&x->resp);
    x->resp.close = close;
    x->resp.code = code != 0 ? code : status_http(s);
    if (x->server->cb.error != NULL)
        x->server->cb.error(x->server->cb.ctx, &x->req, s, &x->err, &x->resp);
    else
        error_json(&x->req, s, &x->err, &x->resp);
}

/* A reader on its way through libmicrohttpd, which frees it after the exchange. */
struct answer_stream {
    struct http_reader reader;
    struct http_exchange *x; /* alive while read is called */
    struct MHD_Connection *c;
    struct http_job job; /* that prepares, while the connection is suspended */
    status prepared;     /* not OK: the answer ends */
    uint64_t len;
};

/* On a worker; the stream may be gone afterwards. */
static void stream_prepare(struct http_job *job)
{
    struct answer_stream *a =
        (struct answer_stream *)(void *)((char *)job - offsetof(struct answer_stream, job));
    struct err e = {0};
    a->prepared = a->reader.prepare(a->reader.ctx, &e);
    MHD_resume_connection(a->c);
}

/* The connection sleeps meanwhile: nothing can be read now. */
static ssize_t stream_suspend(struct answer_stream *a)
{
    MHD_suspend_connection(a->c); /* before the worker can resume it */
    if (!http_workers_put(&a->x->server->workers[HTTP_LANE_MAIN], &a->job)) {
        a->prepared = E_CANCELLED; /* the server is stopping */
        MHD_resume_connection(a->c);
    }
    return 0;
}

static ssize_t stream_read(void *ctx, uint64_t pos, char *out, size_t max)
{
    struct answer_stream *a = ctx;
    struct err e = {0};
    size_t n = 0;
    if (a->prepared != OK)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (a->reader.needs_prepare != NULL && a->reader.needs_prepare(a->reader.ctx, pos))
        return stream_suspend(a);
    status s = a->reader.read(a->reader.ctx, pos, (uint8_t *)out, max, &n, &e);
    if (s != OK || n > max)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (n == 0)
        return a->len == HTTP_LEN_UNKNOWN || pos >= a->len ? MHD_CONTENT_READER_END_OF_STREAM
                                                           : MHD_CONTENT_READER_END_WITH_ERROR;
    http_exchange_moved(a->x, n);
    return (ssize_t)n;
}

static void stream_free(void *ctx)
{
    struct answer_stream *a = ctx;
    if (a->reader.done != NULL)
        a->reader.done(a->reader.ctx);
    free(a);
}

static struct MHD_Response *response_stream(struct http_exchange *x, struct MHD_Connection *c)
{
    struct answer_stream *a = malloc(sizeof *a);
    if (a == NULL)
        return NULL;
    *a = (struct answer_stream){.reader = x->resp.reader,
                                .x = x,
                                .c = c,
                                .job = {.run = stream_prepare},
                                .len = x->resp.reader_len};
    uint64_t len = a->len == HTTP_LEN_UNKNOWN ? MHD_SIZE_UNKNOWN : a->len;
    struct MHD_Response *r =
        MHD_create_response_from_callback(len, ANSWER_BLOCK, stream_read, a, stream_free);
    if (r == NULL)
        free(a);
    else
        x->resp.reader = (struct http_reader){0}; /* stream_free calls done */
    return r;
}

static struct MHD_Response *response_body(struct http_exchange *x)
{
    struct buf *b = &x->resp.body;
    struct MHD_Response *r;
    if (b->n == 0)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    r = MHD_create_response_from_buffer(b->n, b->p, MHD_RESPMEM_MUST_FREE);
    if (r != NULL) {
        http_exchange_moved(x, b->n);
        buf_init(b, LIMIT_HTTP_ANSWER); /* libmicrohttpd frees the bytes */
    }
    return r;
}

static bool add_fields(struct http_exchange *x, struct MHD_Response *r, bool close)
{
    size_t pos = 0;
    const char *name;
    const char *value;
    bool typed = http_response_find(&x->resp, "Content-Type") != NULL;
    bool ok = MHD_add_response_header(r, "X-Request-Id", x->req.request_id) == MHD_YES;
    ok = ok && MHD_add_response_header(r, "X-Content-Type-Options", "nosniff") == MHD_YES;
    if (!typed && x->resp.code != 204 && x->resp.code != 304 && x->resp.code != 101)
        ok =
            ok && MHD_add_response_header(r, "Content-Type", "application/octet-stream") == MHD_YES;
    if (close && x->resp.code != 101)
        ok = ok && MHD_add_response_header(r, "Connection", "close") == MHD_YES;
    while (ok && fields_next(&x->resp.fields, &pos, &name, &value))
        ok = value[0] == '\0' || MHD_add_response_header(r, name, value) == MHD_YES;
    return ok;
}

/* libmicrohttpd hands the socket over after the head of the answer was sent. */
static void on_upgrade(void *cls, struct MHD_Connection *c, void *con_cls, const char *extra,
                       size_t extra_n, MHD_socket fd, struct MHD_UpgradeResponseHandle *urh)
{
    struct http_exchange *x = con_cls;
    struct http_taken t = {fd, slice_of(extra, extra_n), x->conn->remote, urh};
    void (*take)(void *, const struct http_taken *) = x->resp.take;
    void *ctx = x->resp.take_ctx;
    (void)cls;
    (void)c;
    http_exchange_taken(x);
    take(ctx, &t);
}

void http_taken_close(const struct http_taken *t)
{
    (void)MHD_upgrade_action(t->handle, MHD_UPGRADE_ACTION_CLOSE);
}

enum MHD_Result http_answer_queue(struct http_exchange *x, struct MHD_Connection *c)
{
    bool stream = x->resp.reader.read != NULL && x->resp.reader_len != 0;
    pthread_mutex_lock(&x->server->lock);
    bool close = x->resp.close || x->server->stopping;
    pthread_mutex_unlock(&x->server->lock);
    bool taken = x->resp.code == 101 && x->resp.take != NULL;
    struct MHD_Response *r = taken    ? MHD_create_response_for_upgrade(on_upgrade, NULL)
                             : stream ? response_stream(x, c)
                                      : response_body(x);
    if (r == NULL)
        return MHD_NO;
    enum MHD_Result ok = MHD_NO;
    if (add_fields(x, r, close))
        ok = MHD_queue_response(c, (unsigned)x->resp.code, r);
    MHD_destroy_response(r);
    x->step = STEP_ANSWERED;
    return ok;
}
