/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger over JSON-RPC: one HTTP exchange per batch, answers matched by id. */
#include "ledger/remote.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "ledger/remote_int.h"
#include "net/http_client.h"

#define DEFAULT_TIMEOUT_MS 10000u
#define DEFAULT_POLL_MS 250u
#define REQUEST_MAX ((size_t)32 << 20) /* bytes of one request text */

struct remote {
    struct ledger base; /* first: the port's struct is this one's beginning */
    struct http_client *http;
    char *url;
    char *second_url; /* or NULL */
    uint32_t timeout_ms;
    uint32_t poll_ms;
    uint64_t chain_id; /* expected, 0: any */
    bool has_authority;
    addr20 authority; /* pinned */
    atomic_bool chain_checked;
    pthread_mutex_t lock; /* of what follows */
    bool has_vouched;     /* the block that was vouched for last: it stays so */
    uint64_t vouched_number;
    hash32 vouched_hash;
};

static struct remote *remote_of(struct ledger *l)
{
    return (struct remote *)(void *)l;
}

/* --- one exchange ----------------------------------------------------------------------------- */

/* HTTP statuses other than 200 may still carry a JSON-RPC error; only texts that cannot be one are
 * refused here, and 429, whose bodies come in many forms. */
static status check_answer(const struct http_answer *ans, struct err *reterr)
{
    bool json = ans->body.n > 0 && (ans->body.p[0] == '{' || ans->body.p[0] == '[');
    if (ans->code == 429)
        return ERR(reterr, E_RATE, "the node says 429: too many requests");
    if (ans->code == 200 || (json && ans->code < 500))
        return OK;
    return ERR(reterr, E_UNAVAILABLE, "the node answers with HTTP status %d", ans->code);
}

static status post(struct remote *r, const char *url, slice request, struct http_answer *ret,
                   struct err *reterr)
{
    const struct http_header headers[] = {
        {SLICE_LIT("Content-Type"), SLICE_LIT("application/json")},
        {SLICE_LIT("Accept"), SLICE_LIT("application/json")},
    };
    const struct http_call call = {.method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .n_headers = 2,
                                   .body = request,
                                   .max_body = LIMIT_RPC_ANSWER,
                                   .total_ms = r->timeout_ms};
    status s = http_client_call(r->http, &call, ret, reterr);
    if (s == E_SYNTAX)
        s = ERR(reterr, E_CORRUPT, "the node does not speak HTTP");
    return s == OK ? check_answer(ret, reterr) : s;
}

/* --- batches ---------------------------------------------------------------------------------- */

/* The calls of one exchange: requests with their ids 1..calls_n in order. */
struct batch {
    struct ledger_req *reqs;
    size_t n;
    size_t calls_n;
    struct remote_answer *answers; /* by id - 1, in the temporary arena */
    struct arena tmp;              /* the answer document and what is decoded from it */
};

static status put_batch(const struct batch *b, struct buf *out, struct err *reterr)
{
    struct jw w;
    uint64_t id = 0;
    jw_init(&w, out);
    if (b->calls_n > 1)
        jw_array(&w);
    for (size_t i = 0; i < b->n; i++)
        for (size_t part = 0; part < remote_put_count(&b->reqs[i]); part++)
            remote_put_call(&w, &b->reqs[i], part, ++id);
    if (b->calls_n > 1)
        jw_end(&w);
    return jw_done(&w, reterr);
}

/* One answer object goes to the call of its id. */
static status sort_answer(struct batch *b, struct json v, struct err *reterr)
{
    uint64_t id = 0;
    struct json error = json_get(v, "error");
    struct json result = json_get(v, "result");
    if (json_type(error) == JSON_NULL) /* some nodes send both, one of them null */
        error = (struct json){0};
    else if (!json_is_absent(error) && json_type(result) == JSON_NULL)
        result = (struct json){0};
    if (!json_eq(json_get(v, "jsonrpc"), "2.0"))
        return ERR(reterr, E_CORRUPT, "the node's answer is no JSON-RPC 2.0");
    if (json_is_absent(error) == json_is_absent(result))
        return ERR(reterr, E_CORRUPT, "the node's answer needs either result or error");
    if (json_u64(json_get(v, "id"), &id, NULL) != OK || id == 0 || id > b->calls_n)
        return ERR(reterr, E_CORRUPT, "the node answers a call that was not made");
    struct remote_answer *a = &b->answers[id - 1];
    if (a->seen)
        return ERR(reterr, E_CORRUPT, "the node answers call %llu twice", (unsigned long long)id);
    *a = (struct remote_answer){.seen = true, .result = result, .error = error};
    return OK;
}

/* A whole exchange may be refused by one error without an id, a batch also by one with the id of
 * some call. */
static status refused_whole(const struct batch *b, struct json v, struct err *reterr)
{
    slice revert;
    bool known;
    struct err inner;
    struct json error = json_get(v, "error");
    struct json id = json_get(v, "id");
    bool is_whole = b->calls_n > 1 || json_is_absent(id) || json_type(id) == JSON_NULL;
    if (json_is_absent(error) || json_type(error) == JSON_NULL || !is_whole)
        return OK;
    status s = remote_error_read(error, LEDGER_NUMBER, &revert, &known, &inner);
    if (s == OK)
        return ERR(reterr, E_CORRUPT, "the node refused the request");
    return ERR(reterr, s == E_RATE ? E_RATE : E_UNAVAILABLE, "%s", inner.msg);
}

static status sort_answers(struct batch *b, slice text, struct err *reterr)
{
    struct json_doc *doc = arena_alloc(&b->tmp, sizeof *doc);
    if (doc == NULL)
        return ERR(reterr, E_NOMEM, "answer");
    status s = json_read(text, &b->tmp, doc, reterr);
    if (s != OK)
        return ERR(reterr, s == E_NOMEM ? E_NOMEM : E_CORRUPT, "the node's answer is no JSON");
    struct json root = json_root(doc);
    bool is_array = json_type(root) == JSON_ARRAY;
    s = is_array ? OK : refused_whole(b, root, reterr);
    if (s == OK && is_array != (b->calls_n > 1))
        s = ERR(reterr, E_CORRUPT, "the node answers a batch with one answer or the reverse");
    if (s == OK && !is_array)
        s = sort_answer(b, root, reterr);
    struct json_iter it = json_iter(root);
    while (s == OK && is_array && json_next(&it))
        s = sort_answer(b, it.value, reterr);
    for (size_t i = 0; s == OK && i < b->calls_n; i++)
        if (!b->answers[i].seen)
            s = ERR(reterr, E_CORRUPT, "the node left call %zu without an answer", i + 1);
    return s;
}

static void read_batch(struct batch *b, uint64_t now_s, struct arena *a)
{
    const struct remote_answer *ans = b->answers;
    for (size_t i = 0; i < b->n; i++) {
        remote_read(&b->reqs[i], ans, now_s, a);
        ans += remote_put_count(&b->reqs[i]);
    }
}

static status check_requests(const struct ledger_req *reqs, size_t n, struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        if (reqs[i].kind == LEDGER_PROOF && reqs[i].in.proof.slots_n > LEDGER_SLOTS_MAX)
            return ERR(reterr, E_TOO_LONG, "proof of %zu slots", reqs[i].in.proof.slots_n);
        if (reqs[i].kind == LEDGER_PROOF && reqs[i].at.kind != LEDGER_AT_NUMBER &&
            reqs[i].at.kind != LEDGER_AT_HASH)
            return ERR(reterr, E_USAGE, "a proof needs a block number or hash");
    }
    return OK;
}

static status exchange(struct remote *r, const char *url, struct ledger_req *reqs, size_t n,
                       struct arena *a, struct err *reterr)
{
    struct batch b = {.reqs = reqs, .n = n};
    struct buf request;
    struct http_answer ans = {0};
    status s = check_requests(reqs, n, reterr);
    if (s != OK)
        return s;
    arena_init(&b.tmp, 4 * LIMIT_RPC_ANSWER, false);
    buf_init(&request, REQUEST_MAX);
    for (size_t i = 0; i < n; i++)
        b.calls_n += remote_put_count(&reqs[i]);
    b.answers = arena_array(&b.tmp, b.calls_n, sizeof *b.answers);
    s = b.answers != NULL ? put_batch(&b, &request, reterr) : ERR(reterr, E_NOMEM, "batch");
    if (s == OK)
        s = post(r, url, buf_slice(&request), &ans, reterr);
    if (s == OK)
        s = sort_answers(&b, buf_slice(&ans.body), reterr);
    if (s == OK)
        read_batch(&b, clock_unix_s(r->base.clock), a);
    http_answer_done(&ans);
    buf_done(&request);
    arena_done(&b.tmp);
    return s;
}

/* --- the port --------------------------------------------------------------------------------- */

static status check_chain(struct remote *r, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_CHAIN_ID};
    if (r->chain_id == 0 || atomic_load(&r->chain_checked))
        return OK;
    status s = exchange(r, r->url, &req, 1, NULL, reterr);
    if (s == OK && req.st != OK && reterr != NULL)
        *reterr = req.err;
    if (s != OK || req.st != OK)
        return s != OK ? s : req.st;
    if (req.out.number != r->chain_id)
        return ERR(reterr, E_MISMATCH, "the node is of chain %llu, wanted is chain %llu",
                   (unsigned long long)req.out.number, (unsigned long long)r->chain_id);
    atomic_store(&r->chain_checked, true);
    return OK;
}

static status remote_run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                         struct err *reterr)
{
    struct remote *r = remote_of(l);
    status s = check_chain(r, reterr);
    return s == OK ? exchange(r, r->url, reqs, n, a, reterr) : s;
}

static status second_vouch(struct remote *r, uint64_t number, const hash32 *hash,
                           struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_BLOCK, .at = ledger_at_number(number)};
    status s = exchange(r, r->second_url, &req, 1, NULL, reterr);
    if (s == OK && req.st == E_NOT_FOUND)
        return ERR(reterr, E_UNAVAILABLE, "the second source does not have block %llu yet",
                   (unsigned long long)number);
    if (s == OK && req.st != OK && reterr != NULL)
        *reterr = req.err;
    if (s != OK || req.st != OK)
        return err_prefix(reterr, s != OK ? s : req.st, "second source");
    if (!hash32_eq(req.out.block.hash, *hash))
        return ERR(reterr, E_MISMATCH, "the second source has another block %llu",
                   (unsigned long long)number);
    return OK;
}

static bool is_vouched(struct remote *r, uint64_t number, const hash32 *hash)
{
    pthread_mutex_lock(&r->lock);
    bool yes = r->has_vouched && r->vouched_number == number && hash32_eq(r->vouched_hash, *hash);
    pthread_mutex_unlock(&r->lock);
    return yes;
}

static void set_vouched(struct remote *r, uint64_t number, const hash32 *hash)
{
    pthread_mutex_lock(&r->lock);
    r->vouched_number = number;
    r->vouched_hash = *hash;
    r->has_vouched = true;
    pthread_mutex_unlock(&r->lock);
}

static status remote_vouch(struct ledger *l, uint64_t number, const hash32 *hash,
                           struct err *reterr)
{
    struct remote *r = remote_of(l);
    if (r->second_url == NULL && !r->has_authority)
        return ERR(reterr, E_UNSUPPORTED, "no second source is configured");
    status s = OK;
    if (is_vouched(r, number, hash))
        return OK;
    if (r->has_authority)
        s = remote_seal_check(l, r->chain_id, &r->authority, number, hash, reterr);
    if (s == OK && r->second_url != NULL)
        s = second_vouch(r, number, hash, reterr);
    if (s == OK)
        set_vouched(r, number, hash);
    return s;
}

static void remote_wait(struct ledger *l, uint32_t ms)
{
    uint32_t poll_ms = remote_of(l)->poll_ms;
    uint32_t pause = ms < poll_ms ? ms : poll_ms;
    struct timespec left = {.tv_sec = pause / 1000, .tv_nsec = (long)(pause % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static void remote_close(struct ledger *l)
{
    struct remote *r = remote_of(l);
    http_client_free(r->http);
    pthread_mutex_destroy(&r->lock);
    free(r->url);
    free(r->second_url);
    free(r);
}

static const struct ledger_ops remote_ops = {
    .run = remote_run, .vouch = remote_vouch, .wait = remote_wait, .close = remote_close};

static bool url_ok(const char *url)
{
    return url != NULL && (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0);
}

status ledger_remote_open(const struct ledger_remote_config *cfg, struct ledger **ret_ledger,
                          struct err *reterr)
{
    const struct http_client_options options = {.total_ms = DEFAULT_TIMEOUT_MS};
    if (!url_ok(cfg->url) || (cfg->second_url != NULL && !url_ok(cfg->second_url)))
        return ERR(reterr, E_SYNTAX, "the node's address must begin with http:// or https://");
    struct remote *r = calloc(1, sizeof *r);
    if (r == NULL)
        return ERR(reterr, E_NOMEM, "ledger");
    r->base = (struct ledger){.ops = &remote_ops,
                              .clock = cfg->clock != NULL ? cfg->clock : &clock_system,
                              .max_age_s = cfg->max_age_s};
    pthread_mutex_init(&r->lock, NULL);
    r->timeout_ms = cfg->timeout_ms != 0 ? cfg->timeout_ms : DEFAULT_TIMEOUT_MS;
    r->poll_ms = cfg->poll_ms != 0 ? cfg->poll_ms : DEFAULT_POLL_MS;
    r->chain_id = cfg->chain_id;
    r->has_authority = cfg->authority != NULL;
    if (r->has_authority)
        r->authority = *cfg->authority;
    r->url = strdup(cfg->url);
    r->second_url = cfg->second_url != NULL ? strdup(cfg->second_url) : NULL;
    status s = OK;
    if (r->url == NULL || (cfg->second_url != NULL && r->second_url == NULL))
        s = ERR(reterr, E_NOMEM, "ledger");
    if (s == OK)
        s = http_client_new(&options, &r->http, reterr);
    if (s != OK) {
        remote_close(&r->base);
        return s;
    }
    *ret_ledger = &r->base;
    return OK;
}

status ledger_remote_post(struct ledger *l, slice request, struct buf *ret, struct err *reterr)
{
    struct remote *r = remote_of(l);
    struct http_answer ans = {0};
    status s = post(r, r->url, request, &ans, reterr);
    if (s == OK && (s = buf_put(ret, buf_slice(&ans.body))) != OK)
        s = ERR(reterr, s, "answer of %zu bytes: %s", ans.body.n, status_text(s));
    http_answer_done(&ans);
    return s;
}
