/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON-RPC endpoint over HTTP: who may ask, lanes, WebSocket handshakes, figures. */
#include "api/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/endpoint_impl.h"
#include "api/metrics.h"
#include "net/ws_handshake.h"

#define PUMP_QUEUE ((size_t)1 << 20)

/* --- which requests --------------------------------------------------------------------------- */

static bool is_post(const struct http_request *req)
{
    return strcmp(req->method, "POST") == 0;
}

bool endpoint_takes(const struct http_request *req)
{
    if (slice_eq_str(req->target.path, "/rpc"))
        return true;
    return slice_eq_str(req->target.path, "/") &&
           (is_post(req) || strcmp(req->method, "OPTIONS") == 0 || ws_is_asked(req));
}

/* A method's name without escapes stands in the text as it is; a text with escapes counts as
 * heavy. */
enum http_lane endpoint_lane(slice text)
{
    static const struct {
        const char *name;
        enum http_lane lane;
    } rows[] = {
        {"\"eth_call", HTTP_LANE_SLOW},
        {"\"eth_estimateGas", HTTP_LANE_SLOW},
        {"\"eth_getProof", HTTP_LANE_SLOW},
        {"\"eth_sendRawTransactionSync", HTTP_LANE_WAIT},
        {"\"eth_getBlockReceipts", HTTP_LANE_SLOW},
        {"\"eth_getLogs", HTTP_LANE_SLOW},
        {"\"eth_getFilterLogs", HTTP_LANE_SLOW},
        {"\"eth_getFilterChanges", HTTP_LANE_SLOW},
        {"\"eth_createAccessList", HTTP_LANE_HEAVY},
        {"\"eth_simulate", HTTP_LANE_HEAVY},
        {"\"debug_", HTTP_LANE_HEAVY},
        {"_mine\"", HTTP_LANE_HEAVY},
        {"\"eth_feeHistory", HTTP_LANE_HEAVY},
        {"\"testing_", HTTP_LANE_HEAVY},
        {"\"txpool_content", HTTP_LANE_HEAVY},
        {"\"eth_pending", HTTP_LANE_HEAVY},
        {"\"pending\"", HTTP_LANE_SLOW}, /* the pool is executed for it */
    };
    enum http_lane lane = HTTP_LANE_MAIN;
    if (text.n == 0)
        return lane;
    if (memchr(text.p, '\\', text.n) != NULL)
        return HTTP_LANE_HEAVY;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].lane > lane && memmem(text.p, text.n, rows[i].name, strlen(rows[i].name)))
            lane = rows[i].lane;
    return lane;
}

enum http_lane endpoint_lane_of(const struct endpoint *ep, slice text)
{
    return ep->cfg.rpc != NULL ? endpoint_lane(text) : HTTP_LANE_WAIT;
}

static status refuse(struct endpoint *ep, status s)
{
    atomic_fetch_add(&ep->refused, 1);
    return s;
}

static struct origin_rules rules_of(struct endpoint *ep)
{
    struct origin_rules r = ep->cfg.rules;
    r.own = atomic_load(&ep->own);
    return r;
}

static status caller_check(struct endpoint *ep, const struct http_request *req, struct err *reterr)
{
    slice host = http_request_header(req, "Host");
    const struct origin_rules rules = rules_of(ep);
    if (!origin_host_ok(&rules, host))
        return refuse(ep, ERR(reterr, E_FORBIDDEN,
                              "this Host is not served; the node's --rpc-hosts allows names"));
    if (http_header_count(req->headers, req->n_headers, "Origin") > 1 ||
        !origin_ok(&rules, http_request_header(req, "Origin"), host))
        return refuse(ep, ERR(reterr, E_FORBIDDEN,
                              "this Origin is not served; the node's --rpc-cors allows origins"));
    return OK;
}

status endpoint_plan(struct endpoint *ep, const struct http_request *req,
                     struct http_body_plan *ret, struct err *reterr)
{
    bool other = strcmp(req->method, "OPTIONS") == 0 || ws_is_asked(req);
    ret->cap = ep->cfg.rpc != NULL ? ENDPOINT_BODY : ENDPOINT_PASS_BODY;
    if (other)
        ret->cap = 0;
    else if (!is_post(req))
        return ERR(reterr, E_METHOD, "JSON-RPC: POST or a WebSocket is needed");
    return caller_check(ep, req, reterr);
}

/* --- answers ---------------------------------------------------------------------------------- */

status endpoint_put_error(struct buf *out, int code, const char *message)
{
    status st = buf_printf(
        out, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":%d,\"message\":\"", code);
    for (; st == OK && *message != '\0'; message++) {
        char c = *message;
        st = buf_put_u8(out, c < 0x20 || c > 0x7e || c == '"' || c == '\\' ? '?' : (uint8_t)c);
    }
    return st == OK ? buf_put_str(out, "\"}}") : st;
}

/* What lets a page of an allowed origin read the answer. */
static status cors_put(const struct http_request *req, struct http_response *resp,
                       struct err *reterr)
{
    char origin[512];
    slice o = http_request_header(req, "Origin");
    if (o.p == NULL || o.n >= sizeof origin)
        return OK;
    memcpy(origin, o.p, o.n);
    origin[o.n] = '\0';
    status st = http_response_header(resp, "Access-Control-Allow-Origin", origin, reterr);
    return st == OK ? http_response_header(resp, "Vary", "Origin", reterr) : st;
}

static status preflight(const struct http_request *req, struct http_response *resp,
                        struct err *reterr)
{
    status st = cors_put(req, resp, reterr);
    if (st == OK)
        st = http_response_header(resp, "Access-Control-Allow-Methods", "POST", reterr);
    if (st == OK)
        st = http_response_header(resp, "Access-Control-Allow-Headers", "Content-Type", reterr);
    if (st == OK)
        st = http_response_header(resp, "Access-Control-Max-Age", "600", reterr);
    resp->code = 204;
    return st;
}

static status upgrade(struct endpoint *ep, const struct http_request *req,
                      struct http_response *resp, struct err *reterr)
{
    char accept[WS_ACCEPT_LEN + 1];
    status st = ws_handshake_read(req, accept, reterr);
    if (st == OK)
        st = http_response_header(resp, "Sec-WebSocket-Accept", accept, reterr);
    if (st == OK)
        st = http_response_header(resp, "Upgrade", "websocket", reterr);
    if (st != OK)
        return st;
    resp->code = 101;
    resp->take = ws_server_take;
    resp->take_ctx = ep->ws;
    return OK;
}

static uint64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

status endpoint_serve(struct endpoint *ep, const struct rpc_caller *who, slice text,
                      struct buf *ret, struct err *reterr)
{
    uint64_t begun = now_us();
    size_t before = ret->n;
    status st = ep->cfg.rpc != NULL ? rpc_serve_as(ep->cfg.rpc, who, text, ret, reterr)
                                    : ep->cfg.pass(ep->cfg.pass_ctx, text, ret, reterr);
    atomic_fetch_add(&ep->received_bytes, text.n);
    atomic_fetch_add(&ep->sent_bytes, ret->n - before);
    atomic_fetch_add(&ep->took_us, now_us() - begun);
    return st;
}

status endpoint_handle(struct endpoint *ep, const struct http_request *req,
                       struct http_response *resp, struct err *reterr)
{
    if (strcmp(req->method, "OPTIONS") == 0)
        return preflight(req, resp, reterr);
    if (ws_is_asked(req))
        return upgrade(ep, req, resp, reterr);
    enum http_lane lane =
        resp->lane == HTTP_LANE_MAIN ? endpoint_lane_of(ep, req->body) : HTTP_LANE_MAIN;
    if (lane != HTTP_LANE_MAIN) {
        atomic_fetch_add(&ep->slow_requests, 1);
        resp->lane = lane;
        return OK;
    }
    atomic_fetch_add(&ep->http_requests, 1);
    const struct rpc_caller who = {.remote = req->remote, .brief = endpoint_is_brief(resp->lane)};
    status st = endpoint_serve(ep, &who, req->body, &resp->body, reterr);
    if (st == OK)
        st = http_response_header(resp, "Content-Type", "application/json", reterr);
    return st == OK ? cors_put(req, resp, reterr) : st;
}

void endpoint_error(struct endpoint *ep, const struct http_request *req, status s,
                    const struct err *e, struct http_response *resp)
{
    const struct origin_rules rules = rules_of(ep);
    const char *text = s > 0 && e->msg[0] != '\0' ? e->msg : status_text(s);
    if (s == E_TOO_LONG)
        (void)refuse(ep, s);
    status st = endpoint_put_error(&resp->body, s > 0 ? -32600 : status_rpc_code(s), text);
    if (st == OK)
        st = http_response_header(resp, "Content-Type", "application/json", NULL);
    if (st == OK && req->n_headers > 0 &&
        origin_ok(&rules, http_request_header(req, "Origin"), http_request_header(req, "Host")))
        st = cors_put(req, resp, NULL);
    if (st == OK && s == E_UNSUPPORTED && ws_is_asked(req))
        st = http_response_header(resp, "Sec-WebSocket-Version", "13", NULL);
    if (st != OK)
        buf_clear(&resp->body);
}

/* --- figures ---------------------------------------------------------------------------------- */

static status put_counter(struct buf *b, const char *name, const char *help, uint64_t v)
{
    return buf_printf(b, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n", name, help, name, name,
                      (unsigned long long)v);
}

status endpoint_metrics_put(struct endpoint *ep, struct buf *ret)
{
    const struct {
        const char *name;
        const char *help;
        _Atomic uint64_t *value;
    } rows[] = {
        {"ehrd_rpc_http_requests_total", "JSON-RPC texts over HTTP.", &ep->http_requests},
        {"ehrd_rpc_ws_messages_total", "JSON-RPC texts over WebSockets.", &ep->ws_messages},
        {"ehrd_rpc_ws_notifications_total", "Notifications queued.", &ep->ws_notifications},
        {"ehrd_rpc_slow_total", "HTTP requests that went to another lane than the main one.",
         &ep->slow_requests},
        {"ehrd_rpc_refused_total", "Refused by Host, Origin or size.", &ep->refused},
        {"ehrd_rpc_received_bytes_total", "Bytes of requests.", &ep->received_bytes},
        {"ehrd_rpc_sent_bytes_total", "Bytes of answers and notifications.", &ep->sent_bytes},
        {"ehrd_rpc_took_us_total", "Microseconds spent on requests.", &ep->took_us},
    };
    status st = OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && st == OK; i++)
        st = put_counter(ret, rows[i].name, rows[i].help, atomic_load(rows[i].value));
    return st == OK ? metrics_put_gauge(ret, "ehrd_rpc_ws_connections", "WebSockets open.",
                                        ws_server_connections(ep->ws))
                    : st;
}

/* --- life ------------------------------------------------------------------------------------- */

static status copy_text(const char *text, char **ret)
{
    *ret = text != NULL ? strdup(text) : NULL;
    return text != NULL && *ret == NULL ? E_NOMEM : OK;
}

static void wake(void *ctx)
{
    ws_server_wake(ctx);
}

status endpoint_new(const struct endpoint_config *cfg, struct endpoint **ret, struct err *reterr)
{
    if (cfg->rpc == NULL && cfg->pass == NULL)
        return ERR(reterr, E_USAGE, "endpoint: nothing stands behind it");
    struct endpoint *ep = calloc(1, sizeof *ep);
    if (ep == NULL)
        return ERR(reterr, E_NOMEM, "endpoint");
    char *own;
    ep->cfg = *cfg;
    status st = copy_text(cfg->rules.hosts, &ep->hosts);
    st = copy_text(cfg->rules.cors, &ep->cors) == OK ? st : E_NOMEM;
    st = copy_text(cfg->rules.own, &own) == OK ? st : E_NOMEM;
    ep->cfg.rules.hosts = ep->hosts;
    ep->cfg.rules.cors = ep->cors;
    atomic_store(&ep->own, own);
    const struct ws_server_options o = {.connections = cfg->connections,
                                        .max_message =
                                            cfg->rpc != NULL ? ENDPOINT_BODY : ENDPOINT_PASS_BODY,
                                        .max_queue = PUMP_QUEUE};
    const struct ws_callbacks cb = endpoint_ws_callbacks(ep);
    if (st == OK)
        st = ws_server_new(&o, &cb, &ep->ws, reterr);
    if (st != OK) {
        endpoint_free(ep);
        return st;
    }
    if (cfg->rpc != NULL)
        rpc_set_wake(cfg->rpc, wake, ep->ws);
    *ret = ep;
    return OK;
}

void endpoint_start(struct endpoint *ep, struct http_server *server)
{
    ws_server_use(ep->ws, server);
}

status endpoint_set_own(struct endpoint *ep, const char *origin, struct err *reterr)
{
    char *copy = strdup(origin);
    if (copy == NULL)
        return ERR(reterr, E_NOMEM, "endpoint");
    ep->own_before = atomic_exchange(&ep->own, copy);
    return OK;
}

void endpoint_closing(struct endpoint *ep)
{
    ws_server_stop(ep->ws);
}

void endpoint_free(struct endpoint *ep)
{
    if (ep == NULL)
        return;
    ws_server_free(ep->ws);
    free(ep->hosts);
    free(ep->cors);
    free(ep->own);
    free(ep->own_before);
    free(ep);
}

/* --- a server of its own ---------------------------------------------------------------------- */

static status alone_plan(void *ctx, const struct http_request *req, struct http_body_plan *ret,
                         struct err *reterr)
{
    if (endpoint_takes(req))
        return endpoint_plan(ctx, req, ret, reterr);
    ret->cap = 0;
    return OK;
}

static status alone_handle(void *ctx, const struct http_request *req, struct http_response *resp,
                           struct err *reterr)
{
    struct endpoint *ep = ctx;
    if (endpoint_takes(req))
        return endpoint_handle(ep, req, resp, reterr);
    if (strcmp(req->method, "GET") != 0)
        return ERR(reterr, E_METHOD, "this path does not take that method");
    if (slice_eq_str(req->target.path, "/healthz"))
        return http_response_text(resp, 200, "text/plain", SLICE_LIT("ok\n"), reterr);
    if (!slice_eq_str(req->target.path, "/metrics"))
        return ERR(reterr, E_NOT_FOUND, "no such path");
    status st = endpoint_metrics_put(ep, &resp->body);
    return st == OK
               ? http_response_header(resp, "Content-Type", "text/plain; version=0.0.4", reterr)
               : st;
}

static void alone_error(void *ctx, const struct http_request *req, status s, const struct err *e,
                        struct http_response *resp)
{
    endpoint_error(ctx, req, s, e, resp);
}

static bool alone_is_quick(void *ctx, const struct http_request *req)
{
    (void)ctx;
    (void)req;
    return true;
}

static void alone_closing(void *ctx)
{
    endpoint_closing(ctx);
}

struct http_callbacks endpoint_callbacks(struct endpoint *ep)
{
    return (struct http_callbacks){.ctx = ep,
                                   .is_quick = alone_is_quick,
                                   .closing = alone_closing,
                                   .plan = alone_plan,
                                   .handle = alone_handle,
                                   .error = alone_error};
}
