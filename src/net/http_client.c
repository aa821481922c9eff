/* SPDX-License-Identifier: Apache-2.0 */
/* One libcurl handle per running call; handles with their open connections are kept for the next
 * call. */
#include "net/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

#define CLIENT_FIELDS_CAP ((size_t)64 << 10) /* head of an answer */
#define CLIENT_FIELDS_MAX 128u
#define CLIENT_STALL_BYTES 1024L /* per second */
#define CLIENT_KEEP_MAX 64u

struct http_client {
    struct http_client_options o; /* defaults filled in; texts are own copies */
    char *ca_file;
    char *user_agent;
    pthread_mutex_t lock; /* of idle */
    CURL *idle[CLIENT_KEEP_MAX];
    unsigned n_idle;
};

/* What the callbacks of one running call share. */
struct exchange {
    CURL *curl;
    const struct http_call *call;
    struct http_answer *answer;
    struct curl_slist *fields;
    uint64_t sent;
    uint64_t max_body;
    CURLcode set;  /* the first option that could not be set */
    status failed; /* by a callback */
    struct err err;
    char text[CURL_ERROR_SIZE];
};

/* An option that is not set (no memory) might be one that keeps the request where it belongs. */
#define SET(x, option, value)                                                                      \
    do {                                                                                           \
        CURLcode set_ = curl_easy_setopt((x)->curl, option, value);                                \
        if ((x)->set == CURLE_OK)                                                                  \
            (x)->set = set_;                                                                       \
    } while (0)

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready;

static void curl_setup(void)
{
    curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static status copy_text(const char *from, char **ret)
{
    *ret = from != NULL ? strdup(from) : NULL;
    return from != NULL && *ret == NULL ? E_NOMEM : OK;
}

status http_client_new(const struct http_client_options *o, struct http_client **ret,
                       struct err *reterr)
{
    (void)pthread_once(&curl_once, curl_setup);
    struct http_client *c = curl_ready == CURLE_OK ? calloc(1, sizeof *c) : NULL;
    if (c == NULL)
        return ERR(reterr, E_NOMEM, "HTTP client");
    c->o = *o;
    c->o.connect_ms = o->connect_ms != 0 ? o->connect_ms : 5000;
    c->o.total_ms = o->total_ms != 0 ? o->total_ms : 30000;
    c->o.max_idle = o->max_idle != 0 ? o->max_idle : 8;
    c->o.max_idle = c->o.max_idle < CLIENT_KEEP_MAX ? c->o.max_idle : CLIENT_KEEP_MAX;
    (void)pthread_mutex_init(&c->lock, NULL);
    if (copy_text(o->ca_file, &c->ca_file) != OK ||
        copy_text(o->user_agent != NULL ? o->user_agent : "ehrd", &c->user_agent) != OK) {
        http_client_free(c);
        return ERR(reterr, E_NOMEM, "HTTP client");
    }
    *ret = c;
    return OK;
}

void http_client_free(struct http_client *c)
{
    if (c == NULL)
        return;
    for (unsigned i = 0; i < c->n_idle; i++)
        curl_easy_cleanup(c->idle[i]);
    (void)pthread_mutex_destroy(&c->lock);
    free(c->ca_file);
    free(c->user_agent);
    free(c);
}

static CURL *handle_take(struct http_client *c)
{
    CURL *h = NULL;
    pthread_mutex_lock(&c->lock);
    if (c->n_idle > 0)
        h = c->idle[--c->n_idle];
    pthread_mutex_unlock(&c->lock);
    return h != NULL ? h : curl_easy_init();
}

static void handle_give(struct http_client *c, CURL *h)
{
    curl_easy_reset(h); /* keeps its connections */
    pthread_mutex_lock(&c->lock);
    bool keep = c->n_idle < c->o.max_idle;
    if (keep)
        c->idle[c->n_idle++] = h;
    pthread_mutex_unlock(&c->lock);
    if (!keep)
        curl_easy_cleanup(h);
}

static bool has_code_2xx(struct exchange *x)
{
    long code = 0;
    (void)curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &code);
    return code >= 200 && code < 300;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    slice piece = slice_of(p, size * n);
    bool to_sink = x->call->sink != NULL && has_code_2xx(x);
    /* What is buffered instead of going to a sink says why there is no such body. */
    uint64_t max = x->call->sink == NULL || to_sink || x->max_body < LIMIT_HTTP_BODY_SMALL
                       ? x->max_body
                       : LIMIT_HTTP_BODY_SMALL;
    if (x->answer->body_len > max || piece.n > max - x->answer->body_len) {
        x->failed = ERR(&x->err, E_TOO_LONG, "answer over %llu bytes", (unsigned long long)max);
        return 0;
    }
    x->answer->body_len += piece.n;
    if (to_sink)
        x->failed = x->call->sink(x->call->ctx, piece, &x->err);
    else
        x->failed = buf_put(&x->answer->body, piece);
    return x->failed == OK ? piece.n : 0;
}

/* One line of the head; a status line begins the head of another answer (100 Continue). */
static size_t on_field(char *p, size_t size, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    slice line = slice_of(p, size * n);
    if (slice_has_prefix(line, SLICE_LIT("HTTP/")))
        buf_clear(&x->answer->fields);
    else if ((x->failed = buf_put(&x->answer->fields, line)) != OK)
        x->failed = ERR(&x->err, x->failed, "the head of the answer: %s", status_text(x->failed));
    return x->failed == OK ? line.n : 0;
}

static size_t on_upload(char *p, size_t size, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    uint64_t left = x->call->body_len - x->sent;
    size_t max = size * n < left ? size * n : (size_t)left;
    size_t got = 0;
    if (max == 0)
        return 0;
    x->failed = x->call->read_body(x->call->ctx, (uint8_t *)p, max, &got, &x->err);
    if (x->failed == OK && (got == 0 || got > max))
        x->failed = ERR(&x->err, E_TRUNCATED, "the body to send ends too early");
    if (x->failed != OK)
        return CURL_READFUNC_ABORT;
    x->sent += got;
    return got;
}

static status add_field(struct exchange *x, slice name, slice value, struct err *reterr)
{
    struct buf line;
    status s = OK;
    if (!http_is_token(name) || !http_is_field_value(value))
        return ERR(reterr, E_USAGE, "a header of the request is malformed");
    buf_init(&line, CLIENT_FIELDS_CAP);
    s = buf_put(&line, name);
    if (s == OK)
        s = buf_put_str(&line, value.n > 0 ? ": " : ";");
    if (s == OK)
        s = buf_put(&line, value);
    const char *text = s == OK ? buf_cstr(&line) : NULL;
    struct curl_slist *l = text != NULL ? curl_slist_append(x->fields, text) : NULL;
    if (l != NULL)
        x->fields = l;
    buf_done(&line);
    return l != NULL ? OK : ERR(reterr, s != OK ? s : E_NOMEM, "a header of the request");
}

static status set_fields(struct exchange *x, struct err *reterr)
{
    status s = OK;
    for (size_t i = 0; i < x->call->n_headers && s == OK; i++)
        s = add_field(x, x->call->headers[i].name, x->call->headers[i].value, reterr);
    if (s == OK && http_header_find(x->call->headers, x->call->n_headers, "Content-Type") == NULL) {
        /* libcurl would say that the body is a form */
        struct curl_slist *l = curl_slist_append(x->fields, "Content-Type:");
        if (l == NULL)
            return ERR(reterr, E_NOMEM, "a header of the request");
        x->fields = l;
    }
    if (s == OK)
        SET(x, CURLOPT_HTTPHEADER, x->fields);
    return s;
}

static void set_body(struct exchange *x)
{
    const struct http_call *k = x->call;
    if (k->read_body != NULL) {
        SET(x, CURLOPT_UPLOAD, 1L);
        SET(x, CURLOPT_READFUNCTION, on_upload);
        SET(x, CURLOPT_READDATA, x);
        SET(x, CURLOPT_INFILESIZE_LARGE, (curl_off_t)k->body_len);
    } else if (k->body.p != NULL) {
        SET(x, CURLOPT_POST, 1L);
        SET(x, CURLOPT_POSTFIELDS, k->body.p);
        SET(x, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)k->body.n);
    } else if (strcmp(k->method, "HEAD") == 0) {
        SET(x, CURLOPT_NOBODY, 1L);
    }
    SET(x, CURLOPT_CUSTOMREQUEST, k->method);
    SET(x, CURLOPT_FRESH_CONNECT, k->once ? 1L : 0L);
    SET(x, CURLOPT_FORBID_REUSE, k->once ? 1L : 0L);
}

static void set_limits(const struct http_client *c, struct exchange *x)
{
    const struct http_call *k = x->call;
    unsigned total = k->total_ms != 0 || k->stall_ms != 0 ? k->total_ms : c->o.total_ms;
    SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)c->o.connect_ms);
    SET(x, CURLOPT_TIMEOUT_MS, (long)total);
    if (k->stall_ms != 0) {
        SET(x, CURLOPT_LOW_SPEED_LIMIT, CLIENT_STALL_BYTES);
        SET(x, CURLOPT_LOW_SPEED_TIME, (long)((k->stall_ms + 999) / 1000));
    }
    SET(x, CURLOPT_NOSIGNAL, 1L);
    SET(x, CURLOPT_FOLLOWLOCATION, 0L);
    SET(x, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(x, CURLOPT_PROXY, "");
    SET(x, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(x, CURLOPT_SSL_VERIFYHOST, 2L);
    /* Only wishes: a handle that was used keeps the size that it has. */
    (void)curl_easy_setopt(x->curl, CURLOPT_BUFFERSIZE, 128L << 10);
    (void)curl_easy_setopt(x->curl, CURLOPT_UPLOAD_BUFFERSIZE, 128L << 10);
    SET(x, CURLOPT_USERAGENT, c->user_agent);
    if (c->ca_file != NULL)
        SET(x, CURLOPT_CAINFO, c->ca_file);
}

static void set_callbacks(struct exchange *x)
{
    SET(x, CURLOPT_URL, x->call->url);
    SET(x, CURLOPT_PATH_AS_IS, 1L); /* signatures cover the target */
    SET(x, CURLOPT_ERRORBUFFER, x->text);
    SET(x, CURLOPT_WRITEFUNCTION, on_body);
    SET(x, CURLOPT_WRITEDATA, x);
    SET(x, CURLOPT_HEADERFUNCTION, on_field);
    SET(x, CURLOPT_HEADERDATA, x);
}

static status status_of_curl(CURLcode r)
{
    switch (r) {
    case CURLE_OK:
        return OK;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return E_USAGE;
    case CURLE_OPERATION_TIMEDOUT:
        return E_TIMEOUT;
    case CURLE_OUT_OF_MEMORY:
        return E_NOMEM;
    case CURLE_PEER_FAILED_VERIFICATION:
        return E_AUTH;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return E_SYNTAX;
    default:
        return E_UNAVAILABLE;
    }
}

/* Connection and TLS stood, so that the request may have been sent. */
static bool was_connected(const struct exchange *x)
{
    curl_off_t us = 0;
    (void)curl_easy_getinfo(x->curl, CURLINFO_PRETRANSFER_TIME_T, &us);
    return us > 0;
}

static slice trim(slice s)
{
    while (s.n > 0 && strchr(" \t\r\n", s.p[0]) != NULL && s.p[0] != '\0')
        s = slice_after(s, 1);
    while (s.n > 0 && strchr(" \t\r\n", s.p[s.n - 1]) != NULL && s.p[s.n - 1] != '\0')
        s.n--;
    return s;
}

/* Cut the collected lines into headers. */
static status fields_index(struct http_answer *a, struct err *reterr)
{
    slice rest = buf_slice(&a->fields);
    a->headers = calloc(CLIENT_FIELDS_MAX, sizeof *a->headers);
    if (a->headers == NULL)
        return ERR(reterr, E_NOMEM, "headers of the answer");
    while (rest.n > 0 && a->n_headers < CLIENT_FIELDS_MAX) {
        const uint8_t *nl = memchr(rest.p, '\n', rest.n);
        slice line = slice_first(rest, nl != NULL ? (size_t)(nl - rest.p) : rest.n);
        rest = slice_after(rest, line.n + 1);
        const uint8_t *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
        if (colon == NULL)
            continue;
        struct http_header *h = &a->headers[a->n_headers++];
        h->name = slice_first(line, (size_t)(colon - line.p));
        h->value = trim(slice_after(line, h->name.n + 1));
    }
    return OK;
}

/* Scheme, host and port of url: what follows may be a key to the service and is not for messages.
 */
static slice url_origin(const char *url)
{
    slice s = slice_str(url);
    const char *host = strstr(url, "://");
    if (host == NULL)
        return slice_first(s, 0);
    const char *end = host + 3 + strcspn(host + 3, "/?#");
    const char *at = memrchr(host + 3, '@', (size_t)(end - host - 3)); /* as libcurl */
    return at != NULL ? slice_of(at + 1, (size_t)(end - at - 1))
                      : slice_of(url, (size_t)(end - url));
}

static status call_run(struct exchange *x, struct err *reterr)
{
    long code = 0;
    slice at = url_origin(x->call->url);
    CURLcode r = x->set == CURLE_OK ? curl_easy_perform(x->curl) : x->set;
    if (x->failed != OK) {
        if (reterr != NULL && x->err.code != OK)
            *reterr = x->err;
        else
            (void)ERR(reterr, x->failed, "%.*s: the transfer was stopped", (int)at.n,
                      (const char *)at.p);
        return x->failed;
    }
    status s = status_of_curl(r);
    if (s == E_TIMEOUT && !was_connected(x))
        s = E_UNAVAILABLE; /* nothing was sent: the caller may try elsewhere */
    if (r == CURLE_UNSUPPORTED_PROTOCOL && was_connected(x))
        s = E_SYNTAX; /* not the URL's: the answer begins with no status line, or HTTP/3's */
    if (s != OK)
        return ERR(reterr, s, "%s %.*s: %s", x->call->method, (int)at.n, (const char *)at.p,
                   x->text[0] != '\0' ? x->text : curl_easy_strerror(r));
    (void)curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &code);
    x->answer->code = (int)code;
    return fields_index(x->answer, reterr);
}

status http_client_call(struct http_client *c, const struct http_call *call,
                        struct http_answer *ret, struct err *reterr)
{
    struct http_answer answer = {0};
    struct exchange x = {.call = call, .answer = &answer};
    x.max_body = call->max_body != 0 ? call->max_body : LIMIT_HTTP_ANSWER;
    x.curl = handle_take(c);
    if (x.curl == NULL)
        return ERR(reterr, E_NOMEM, "HTTP client");
    buf_init(&answer.body, x.max_body < SIZE_MAX ? (size_t)x.max_body : SIZE_MAX);
    buf_init(&answer.fields, CLIENT_FIELDS_CAP);
    set_limits(c, &x);
    set_callbacks(&x);
    set_body(&x);
    status s = set_fields(&x, reterr);
    if (s == OK)
        s = call_run(&x, reterr);
    handle_give(c, x.curl);
    curl_slist_free_all(x.fields);
    if (s != OK)
        http_answer_done(&answer);
    else
        *ret = answer;
    return s;
}

void http_answer_done(struct http_answer *a)
{
    buf_done(&a->body);
    buf_done(&a->fields);
    free(a->headers);
    *a = (struct http_answer){0};
}

slice http_answer_header(const struct http_answer *a, const char *name)
{
    const struct http_header *h = http_header_find(a->headers, a->n_headers, name);
    return h != NULL ? h->value : SLICE_EMPTY;
}
