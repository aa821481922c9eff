/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer: head, plan, body, handler. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "net/http_server_impl.h"

#define BODY_RESERVE ((size_t)1 << 20) /* a declared length is believed up to here */

static void exchange_work(struct http_job *job);

static status exchange_fill(struct http_exchange *x, const char *target)
{
    uint8_t id[HTTP_REQUEST_ID_LEN / 2];
    status s = random_fill(x->server->o.random, id, sizeof id);
    if (s != OK)
        return s;
    hex_write(slice_of(id, sizeof id), x->req.request_id);
    buf_init(&x->target, SIZE_MAX / 2);
    return buf_put_str(&x->target, target);
}

struct http_exchange *http_exchange_new(struct http_server *s, struct http_conn *conn,
                                        const char *target)
{
    struct http_exchange *x = calloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    x->server = s;
    x->conn = conn;
    x->start_ms = clock_mono_ms(s->o.clock);
    x->job.run = exchange_work;
    x->req.remote = conn->remote;
    x->req.method = x->method;
    x->req.headers = x->headers;
    http_response_init(&x->resp);
    buf_init(&x->body, 0);
    if (exchange_fill(x, target) != OK) {
        buf_done(&x->target);
        free(x);
        return NULL;
    }
    http_exchange_moved(x, 0);
    pthread_mutex_lock(&s->lock);
    s->busy++;
    pthread_mutex_unlock(&s->lock);
    return x;
}

void http_exchange_moved(struct http_exchange *x, uint64_t n)
{
    const struct http_server_options *o = &x->server->o;
    x->moved += n;
    atomic_store(&x->conn->deadline_ms,
                 x->start_ms + o->request_ms + x->moved / o->min_bytes_per_s * 1000);
}

status http_exchange_hold(struct http_exchange *x, uint64_t n)
{
    struct http_server *s = x->server;
    if (atomic_fetch_add(&s->buffered, n) + n > s->o.max_buffered) {
        atomic_fetch_sub(&s->buffered, n);
        return E_BUSY;
    }
    x->held += n;
    return OK;
}

void http_exchange_drop(struct http_exchange *x, uint64_t n)
{
    n = n < x->held ? n : x->held;
    x->held -= n;
    atomic_fetch_sub(&x->server->buffered, n);
}

static void abort_upload(struct http_exchange *x)
{
    if (x->upload_given && x->plan.abort != NULL)
        x->plan.abort(x->plan.upload);
    x->upload_given = false;
    x->req.upload = NULL;
}

/* Release all but x itself, and count it out. */
static void exchange_end(struct http_exchange *x, bool sent)
{
    struct http_server *s = x->server;
    abort_upload(x);
    if (s->cb.served != NULL && x->step != STEP_HEAD)
        s->cb.served(s->cb.ctx, &x->req, x->step == STEP_ANSWERED ? x->resp.code : 0,
                     sent && x->step == STEP_ANSWERED, clock_mono_ms(s->o.clock) - x->start_ms);
    http_exchange_drop(x, x->held);
    http_response_done(&x->resp);
    buf_done(&x->body);
    buf_done(&x->target);
    pthread_mutex_lock(&s->lock);
    s->busy--;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

void http_exchange_free(struct http_exchange *x, bool sent)
{
    const struct http_server_options *o = &x->server->o;
    if (x->step != STEP_TAKEN) {
        uint64_t end = clock_mono_ms(o->clock) + o->idle_s * 1000ull + o->request_ms;
        atomic_store(&x->conn->deadline_ms, end);
        exchange_end(x, sent);
    }
    free(x);
}

void http_exchange_taken(struct http_exchange *x)
{
    atomic_store(&x->conn->deadline_ms, UINT64_MAX);
    exchange_end(x, true);
    x->step = STEP_TAKEN;
}

static enum MHD_Result take_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   size_t name_n, const char *value, size_t value_n)
{
    struct http_exchange *x = ctx;
    (void)kind;
    if (x->headers_seen++ < LIMIT_HTTP_HEADERS)
        x->headers[x->req.n_headers++] =
            (struct http_header){slice_of(name, name_n), slice_of(value, value_n)};
    return MHD_YES;
}

static size_t head_size(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return i != NULL ? i->header_size : 0;
}

/* Fill the request from libmicrohttpd and check it. */
static status head_read(struct http_exchange *x, struct MHD_Connection *c, const char *method,
                        const char *version)
{
    if (strlen(method) >= sizeof x->method)
        return ERR(&x->err, E_UNSUPPORTED, "unknown method");
    (void)snprintf(x->method, sizeof x->method, "%s", method);
    (void)MHD_get_connection_values_n(c, MHD_HEADER_KIND, take_header, x);
    if (head_size(c) > LIMIT_HTTP_HEADER) {
        x->refusal_code = 431;
        return ERR(&x->err, E_TOO_LONG, "the head of the request is too long");
    }
    status s = http_target_read(buf_slice(&x->target), &x->req.target, &x->err);
    if (s != OK) {
        x->refusal_code = s == E_TOO_LONG ? 414 : 0;
        return s;
    }
    return http_head_check(x, version, &x->refusal_code, &x->err);
}

static status plan_body(struct http_exchange *x, uint64_t declared)
{
    status s = OK;
    x->plan.cap = LIMIT_HTTP_BODY_SMALL;
    if (x->server->cb.plan != NULL)
        s = x->server->cb.plan(x->server->cb.ctx, &x->req, &x->plan, &x->err);
    if (s != OK)
        return s;
    x->req.upload = x->plan.upload;
    x->upload_given = x->plan.upload != NULL;
    if (declared != HTTP_LEN_UNKNOWN && declared > x->plan.cap)
        return ERR(&x->err, E_TOO_LONG, "body of %llu bytes; at most %llu are accepted",
                   (unsigned long long)declared, (unsigned long long)x->plan.cap);
    if (x->plan.chunk == NULL) {
        buf_init(&x->body, x->plan.cap < SIZE_MAX ? (size_t)x->plan.cap : SIZE_MAX);
        if (declared > 0 && declared <= BODY_RESERVE)
            s = buf_reserve(&x->body, (size_t)declared);
    }
    return s;
}

/* Refuse now, or after throwing away what the client is still sending: a client that is cut off
 * while it sends often does not see the answer. */
static enum MHD_Result refuse(struct http_exchange *x, struct MHD_Connection *c, status s,
                              uint64_t declared)
{
    abort_upload(x);
    x->refusal = s;
    x->step = STEP_DRAIN;
    bool waits = http_header_find(x->headers, x->req.n_headers, "Expect") != NULL;
    if (!waits && (declared == HTTP_LEN_UNKNOWN || declared <= LIMIT_HTTP_DRAIN))
        return MHD_YES;
    x->resp.close = true;
    http_answer_error(x, s, x->refusal_code);
    return http_answer_queue(x, c);
}

/* Give x to a worker; the connection sleeps until the worker is done. */
static enum MHD_Result hand_over(struct http_exchange *x, struct MHD_Connection *c,
                                 enum exchange_step step)
{
    x->step = step;
    x->mhd = c;
    MHD_suspend_connection(c); /* before the worker can resume it */
    if (!http_workers_put(&x->server->workers[x->lane], &x->job)) {
        abort_upload(x);
        x->resp.close = true;
        http_answer_error(x, ERR(&x->err, E_CANCELLED, "the server is stopping"), 0);
        x->step = STEP_READY;
        MHD_resume_connection(c);
    }
    return MHD_YES;
}

static enum MHD_Result step_planned(struct http_exchange *x, struct MHD_Connection *c)
{
    x->step = STEP_BODY;
    if (x->refusal == OK)
        return MHD_YES;
    return refuse(x, c, x->refusal, http_request_body_len(&x->req));
}

static enum MHD_Result step_head(struct http_exchange *x, struct MHD_Connection *c,
                                 const char *method, const char *version)
{
    status s = head_read(x, c, method, version);
    if (s != OK) { /* where the body ends is not sure: nothing more is read from this client */
        x->refusal = s;
        x->resp.close = true;
        http_answer_error(x, s, x->refusal_code);
        return http_answer_queue(x, c);
    }
    const struct http_callbacks *cb = &x->server->cb;
    if (cb->plan != NULL && (cb->is_quick == NULL || !cb->is_quick(cb->ctx, &x->req)))
        return hand_over(x, c, STEP_PLAN);
    x->refusal = plan_body(x, http_request_body_len(&x->req));
    return step_planned(x, c);
}

static status take_piece(struct http_exchange *x, slice piece)
{
    if (piece.n > x->plan.cap - x->req.body_len)
        return ERR(&x->err, E_TOO_LONG, "body over %llu bytes", (unsigned long long)x->plan.cap);
    x->req.body_len += piece.n;
    if (x->plan.chunk != NULL)
        return x->plan.chunk(x->plan.upload, piece, &x->err);
    status s = http_exchange_hold(x, piece.n);
    return s == OK ? buf_put(&x->body, piece) : ERR(&x->err, s, "too many requests at once");
}

static enum MHD_Result step_piece(struct http_exchange *x, slice piece)
{
    http_exchange_moved(x, piece.n);
    if (x->step == STEP_BODY) {
        status s = take_piece(x, piece);
        if (s == OK)
            return MHD_YES;
        abort_upload(x);
        x->refusal = s;
        x->step = STEP_DRAIN;
    }
    x->drained += piece.n;
    return x->drained <= LIMIT_HTTP_DRAIN ? MHD_YES : MHD_NO;
}

/* Another lane was asked for: true when x went there and is no longer ours. */
static bool move_lane(struct http_exchange *x, status *s)
{
    if (*s != OK || x->resp.lane == x->lane)
        return false;
    x->lane = x->resp.lane;
    if (http_workers_put(&x->server->workers[x->lane], &x->job))
        return true;
    x->upload_given = x->req.upload != NULL;
    abort_upload(x);
    *s = ERR(&x->err, E_BUSY, "too many requests of this kind are waiting");
    return false;
}

/* False when x went to another lane. */
static bool run_handle(struct http_exchange *x)
{
    x->req.body = buf_slice(&x->body);
    x->upload_given = false; /* handle has it from here */
    x->resp.lane = x->lane;
    x->req.waited = !x->early;
    status s = x->server->cb.handle(x->server->cb.ctx, &x->req, &x->resp, &x->err);
    if (move_lane(x, &s))
        return false;
    x->req.body = SLICE_EMPTY;
    x->req.upload = NULL;
    http_exchange_drop(x, x->body.n);
    buf_done(&x->body);
    if (s == OK && x->resp.body.n > 0 && http_exchange_hold(x, x->resp.body.n) != OK)
        s = ERR(&x->err, E_BUSY, "too many answers are on their way");
    if (s != OK)
        http_answer_error(x, s, 0);
    x->step = x->early ? STEP_EARLY : STEP_READY;
    return true;
}

/* False when x went to another lane. */
static bool run_plan(struct http_exchange *x)
{
    uint64_t declared = http_request_body_len(&x->req);
    x->refusal = plan_body(x, declared);
    x->step = STEP_PLANNED;
    if (x->refusal != OK || declared != 0)
        return true;
    x->early = true;
    x->step = STEP_HANDLE;
    return run_handle(x);
}

/* Run plan or handle, on a worker, and wake the connection; x may be gone afterwards. */
static void exchange_work(struct http_job *job)
{
    struct http_exchange *x =
        (struct http_exchange *)(void *)((char *)job - offsetof(struct http_exchange, job));
    struct MHD_Connection *c = x->mhd;
    if (x->step == STEP_PLAN ? run_plan(x) : run_handle(x))
        MHD_resume_connection(c);
}

/* The head and libmicrohttpd must have meant the same body. */
static bool is_whole(const struct http_exchange *x)
{
    uint64_t declared = http_request_body_len(&x->req);
    return declared == HTTP_LEN_UNKNOWN || declared == x->req.body_len;
}

static enum MHD_Result step_end(struct http_exchange *x, struct MHD_Connection *c)
{
    if (x->refusal == OK && !is_whole(x)) {
        abort_upload(x);
        x->resp.close = true;
        x->refusal = ERR(&x->err, E_SYNTAX, "the body has not the length that was declared");
    }
    if (x->refusal != OK) {
        http_answer_error(x, x->refusal, x->refusal_code);
        return http_answer_queue(x, c);
    }
    return hand_over(x, c, STEP_HANDLE);
}

enum MHD_Result http_exchange_step(struct http_exchange *x, struct MHD_Connection *c,
                                   const char *method, const char *version, slice piece)
{
    switch (x->step) {
    case STEP_HEAD:
        return step_head(x, c, method, version);
    case STEP_BODY:
    case STEP_DRAIN:
        return piece.n > 0 ? step_piece(x, piece) : step_end(x, c);
    case STEP_PLANNED:
        return step_planned(x, c);
    case STEP_EARLY: /* an answer before the end of the request would close the connection */
        x->step = STEP_READY;
        return MHD_YES;
    case STEP_READY:
        return http_answer_queue(x, c);
    case STEP_PLAN:
    case STEP_HANDLE:
    case STEP_ANSWERED:
    case STEP_TAKEN:
        break;
    }
    return MHD_YES;
}
