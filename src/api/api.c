/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request: route, signature, nonce, rights (plan, before its body is read), body,
 * route's function, access log, answer (handle). */
#include "api/api.h"

#include <stdlib.h>

#include "api/call.h"
#include "api/endpoint.h"
#include "api/routes.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypto/sha2.h"
#include "vault/lmdb.h"

/* A sweep that waits goes before new uploads, or it would wait for ever on a busy node. */
static void body_lock_init(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(lock, &attr);
    pthread_rwlockattr_destroy(&attr);
}

status api_new(const struct api_config *cfg, struct api **ret, struct err *reterr)
{
    struct api *a = calloc(1, sizeof *a);
    if (a == NULL)
        return ERR(reterr, E_NOMEM, "api");
    a->cfg = *cfg;
    if (a->cfg.sweep_age_s == 0)
        a->cfg.sweep_age_s = 3600;
    body_lock_init(&a->body_lock);
    uploads_init(a->uploads, cfg->clock);
    throttle_init(&a->refusals, THROTTLE_REFUSALS, THROTTLE_REFUSAL_EACH_S);
    throttle_init(&a->refusals_all, THROTTLE_ALL_REFUSALS, THROTTLE_ALL_REFUSAL_EACH_S);
    throttle_init(&a->notes, THROTTLE_NOTES, THROTTLE_NOTE_EACH_S);
    throttle_init(&a->registrations, THROTTLE_REGISTRATIONS, THROTTLE_REGISTRATION_EACH_S);
    throttle_init(&a->local_registrations, THROTTLE_LOCAL_REGISTRATIONS,
                  THROTTLE_LOCAL_REGISTRATION_EACH_S);
    status st = random_fill(cfg->random, a->throttle_salt.b, sizeof a->throttle_salt.b);
    if (st == OK)
        st = quota_init(&a->bytes, cfg->bytes_a_day, cfg->random);
    if (st == OK)
        st = quota_init(&a->log_bytes, cfg->bytes_a_day != 0 ? LOG_BYTES_A_DAY : 0, cfg->random);
    if (st == OK)
        st = quota_init(&a->last_bytes, cfg->bytes_a_day != 0 ? LAST_BYTES_A_DAY : 0, cfg->random);
    if (st == OK)
        st = sessions_init(&a->sessions, cfg->random);
    if (st != OK)
        st = ERR(reterr, st, "api: no random bytes or no memory");
    a->origin = strdup(cfg->origin);
    a->version = strdup(cfg->version);
    if (st == OK && (a->origin == NULL || a->version == NULL))
        st = ERR(reterr, E_NOMEM, "api");
    secp_key_done(&a->cfg.node_key);
    a->node_key = secret_alloc(sizeof *a->node_key);
    if (a->node_key == NULL)
        st = ERR(reterr, E_NOMEM, "api");
    else
        *a->node_key = cfg->node_key;
    if (cfg->authority != NULL)
        a->authority = *cfg->authority;
    if (st == OK && (st = secp_key_addr(&cfg->node_key, &a->node_address)) != OK)
        st = ERR(reterr, st, "the node's key is not usable");
    if (st == OK)
        st = chain_reader_new(cfg->ledger, cfg->net.proxy, cfg->clock, &a->chain, reterr);
    if (st != OK) {
        api_free(a);
        return st;
    }
    *ret = a;
    return OK;
}

void api_free(struct api *a)
{
    if (a == NULL)
        return;
    chain_reader_free(a->chain);
    secret_free(a->node_key, sizeof *a->node_key);
    pthread_rwlock_destroy(&a->body_lock);
    uploads_done(a->uploads);
    sessions_done(&a->sessions);
    quota_done(&a->bytes);
    quota_done(&a->log_bytes);
    quota_done(&a->last_bytes);
    throttle_done(&a->refusals);
    throttle_done(&a->refusals_all);
    throttle_done(&a->notes);
    throttle_done(&a->registrations);
    throttle_done(&a->local_registrations);
    free(a->origin);
    free(a->origin_before);
    free(a->version);
    free(a);
}

status api_set_origin(struct api *a, const char *origin, struct err *reterr)
{
    char *copy = strdup(origin);
    if (copy == NULL)
        return ERR(reterr, E_NOMEM, "api");
    a->origin_before = atomic_exchange(&a->origin, copy);
    return OK;
}

addr20 api_node_address(const struct api *a)
{
    return a->node_address;
}

static void call_free(struct api_call *c)
{
    if (c->stream != NULL)
        c->route->stream->abort(c);
    arena_done(&c->arena);
    free(c);
}

/* The signature of the request as its head tells it; the body's hash is compared later. */
static status signature_check(struct api_call *c, struct err *reterr)
{
    struct api *a = c->api;
    const struct http_request *req = c->req;
    size_t n = http_header_count(req->headers, req->n_headers, "Authorization");
    if (n == 0 && c->route->session && http_request_header(req, "Cookie").p != NULL)
        return session_check(c, reterr);
    if (n != 1)
        return ERR(reterr, E_AUTH,
                   n == 0 ? "the request is not signed" : "more than one authorization");
    status st = auth_header_read(http_request_header(req, "Authorization"), &c->auth, reterr);
    if (st != OK)
        return st;
    c->is_claimed = true;
    struct auth_target t = {slice_str(a->origin), slice_str(req->method), req->target.raw};
    uint64_t now = clock_unix_s(a->cfg.clock);
    st = auth_check(&a->cfg.net, &t, &c->auth, now, reterr);
    if (st == OK)
        st = vault_lmdb_nonce_use(a->cfg.vault, &c->auth.signer, &c->auth.nonce,
                                  now + VAULT_NONCE_KEPT_S, reterr);
    c->is_signed = st == OK;
    return st;
}

/* A chunked body that never ends, or an empty one, would hold the request back as well. */
static status bodiless_check(struct api_call *c, struct err *reterr)
{
    if (c->route->body_cap == 0 && http_request_body_len(c->req) != 0)
        return ERR(reterr, E_TOO_LONG, "this path takes no body, nor an empty one that is chunked");
    return OK;
}

static status admit(struct api_call *c, struct err *reterr)
{
    status st = route_find(c, reterr);
    if (st == OK && c->route->who != WHO_ANYONE)
        st = signature_check(c, reterr);
    if (st == OK)
        st = access_check(c, reterr);
    if (st == OK)
        st = bodiless_check(c, reterr);
    if (st == OK)
        st = room_check(c, reterr);
    if (st > 0)
        access_log_refusal(c, reterr->msg);
    if (st == OK && c->route->stream != NULL)
        st = c->route->stream->begin(c, reterr);
    return st;
}

static status chunk(void *upload, slice piece, struct err *reterr)
{
    struct api_call *c = upload;
    return c->route->stream->chunk(c, piece, reterr);
}

static void call_abort(void *upload)
{
    call_free(upload);
}

/* Is the request the JSON-RPC endpoint's? */
static bool is_rpc(const struct api *a, const struct http_request *req)
{
    return a->cfg.endpoint != NULL && req->target.path.n > 0 && endpoint_takes(req);
}

static bool is_quick(void *ctx, const struct http_request *req)
{
    return is_rpc(ctx, req);
}

static status plan(void *ctx, const struct http_request *req, struct http_body_plan *ret,
                   struct err *reterr)
{
    struct api *a = ctx;
    if (is_rpc(a, req))
        return endpoint_plan(a->cfg.endpoint, req, ret, reterr);
    struct api_call *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ERR(reterr, E_NOMEM, "request");
    c->api = a;
    c->req = req;
    arena_init(&c->arena, CALL_ARENA, false);
    status st = admit(c, reterr);
    if (st != OK) {
        call_free(c);
        return st;
    }
    ret->cap = c->route->body_cap;
    ret->upload = c;
    ret->abort = call_abort;
    ret->chunk = c->route->stream != NULL ? chunk : NULL;
    return OK;
}

/* A streamed body is compared by the route's function, a session signs none. */
static status body_check(struct api_call *c, struct err *reterr)
{
    hash32 sum;
    if (!c->is_signed || c->route->stream != NULL)
        return OK;
    status st = sha256(c->req->body, &sum);
    if (st != OK)
        return ERR(reterr, st, "hash of the body");
    return hash32_eq(sum, c->auth.body)
               ? OK
               : ERR(reterr, E_MISMATCH, "the body is not the one that was signed");
}

/* What could not be judged before the body was there, if only with its last, empty chunk: it can be
 * held back until the right is gone, or many of them until the disk is full. */
static status judge_again(struct api_call *c, struct err *reterr)
{
    status st = body_check(c, reterr);
    if (st != OK || !c->req->waited)
        return st;
    st = access_check(c, reterr);
    return st == OK ? room_check(c, reterr) : st;
}

static bool is_release(const struct api_call *c)
{
    return strcmp(c->route->outcome, "released") == 0;
}

static void count(struct api_call *c)
{
    atomic_fetch_add(is_release(c) ? &c->api->metrics.released : &c->api->metrics.stored, 1);
}

/* Nothing leaves before the entry is on the disk. What is released is judged once more behind it:
 * whoever revokes and then reads the log finds all that left. */
static status entry_write(struct api_call *c, struct err *reterr)
{
    status st = access_log(c, c->route->outcome, "", reterr);
    if (st == OK && is_release(c))
        st = access_check(c, reterr);
    if (st == OK)
        count(c);
    return st;
}

static status handle(void *ctx, const struct http_request *req, struct http_response *resp,
                     struct err *reterr)
{
    struct api *a = ctx;
    if (is_rpc(a, req))
        return endpoint_handle(a->cfg.endpoint, req, resp, reterr);
    struct api_call *c = req->upload;
    c->req = req;
    c->resp = resp;
    status st = judge_again(c, reterr);
    if (st == OK && c->route->outcome != NULL && strcmp(c->route->method, "DELETE") != 0)
        st = log_count(c, 1, reterr);
    if (st == OK)
        st = c->route->handle(c, reterr);
    if (st == OK && c->route->outcome != NULL && resp->code < 400)
        st = entry_write(c, reterr);
    if (st > 0)
        access_log_refusal(c, reterr->msg);
    call_free(c);
    return st;
}

static void error(void *ctx, const struct http_request *req, status s, const struct err *e,
                  struct http_response *resp)
{
    struct api *a = ctx;
    if (s < 0)
        log_failure(LOG_ERROR, "fault", req->request_id, s, e);
    if (is_rpc(a, req))
        endpoint_error(a->cfg.endpoint, req, s, e, resp);
    else
        answer_error(req, s, e, resp);
}

static void closing(void *ctx)
{
    struct api *a = ctx;
    if (a->cfg.endpoint != NULL)
        endpoint_closing(a->cfg.endpoint);
}

/* A wallet asks all the time: its requests are counted, and told when they fail. */
static enum log_level level_of(const struct api *a, const struct http_request *req, int code)
{
    if (code >= 500)
        return LOG_WARN;
    return is_rpc(a, req) && code < 400 ? LOG_DEBUG : LOG_INFO;
}

static void served(void *ctx, const struct http_request *req, int code, bool sent, uint64_t took_ms)
{
    struct api *a = ctx;
    slice path = slice_first(req->target.path, 200);
    metrics_count_answer(&a->metrics, sent ? code : 0, took_ms);
    log_line(level_of(a, req, code), "request",
             "requestId=%s method=%s path=%.*s code=%d sent=%d bytes=%llu tookMs=%llu remote=%s",
             req->request_id, req->method, (int)path.n, path.p != NULL ? (const char *)path.p : "",
             code, sent, (unsigned long long)req->body_len, (unsigned long long)took_ms,
             req->remote);
}

struct http_callbacks api_callbacks(struct api *a)
{
    return (struct http_callbacks){.ctx = a,
                                   .is_quick = is_quick,
                                   .closing = closing,
                                   .plan = plan,
                                   .handle = handle,
                                   .error = error,
                                   .served = served};
}
