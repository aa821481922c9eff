/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in, replies out: JSON-RPC 2.0 with geth's limits and words. */
#include "rpc/criteria.h"
#include "rpc/filters.h"
#include "rpc/method.h"
#include "rpc/methods.h"
#include "rpc/param.h"

#define REQUEST_BYTES ((size_t)32 << 20) /* one request text */
#define PARSED_BYTES ((size_t)512 << 20) /* its table of values */
#define ID_BYTES 128u                    /* an id as written */
#define SILENT_BYTES ((size_t)1 << 20)   /* what a notification's method may write for nobody */

static const struct rpc_method_row {
    const char *name;
    rpc_method *run;
    uint8_t min;
    uint8_t max;
    unsigned group;
} methods[] = {
#define METHOD(name, handler, min, max, group) {name, rpc_##handler, min, max, group},
#include "rpc/methods.def"
#undef METHOD
};

const char *rpc_method_name(size_t i, unsigned *ret_group)
{
    if (i >= sizeof methods / sizeof *methods)
        return NULL;
    *ret_group = methods[i].group;
    return methods[i].name;
}

/* --- one request ------------------------------------------------------------------------------ */

struct call {
    struct json id; /* absent: answer with null */
    bool silent;    /* a notification */
    slice method;
    struct json params;
    struct rpc_error error; /* of the request's form */
};

static void call_fail(struct call *c, int code, const char *text)
{
    c->error = (struct rpc_error){.code = code, .text = slice_str(text)};
}

static bool id_ok(struct json id)
{
    enum json_type t = json_type(id);
    return (t == JSON_STRING || t == JSON_NUMBER || t == JSON_NULL) && json_raw(id).n <= ID_BYTES;
}

static void read_call(struct json v, struct call *c)
{
    struct json id = json_get(v, "id");
    *c = (struct call){.params = json_get(v, "params")};
    if (id_ok(id))
        c->id = id;
    if (json_type(v) != JSON_OBJECT || !json_eq(json_get(v, "jsonrpc"), "2.0") ||
        (!json_is_absent(id) && !id_ok(id)) ||
        json_str(json_get(v, "method"), &c->method, NULL) != OK || c->method.n == 0) {
        call_fail(c, RPC_INVALID_REQUEST, "invalid request");
        return;
    }
    c->silent = json_is_absent(id);
    if (rpc_given(c->params) && json_type(c->params) != JSON_ARRAY)
        call_fail(c, RPC_INVALID_PARAMS, "non-array args");
}

static const struct rpc_method_row *find_method(const struct rpc *r, slice name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (slice_eq_str(name, methods[i].name))
            return methods[i].group == 0 || (methods[i].group & r->cfg.groups) != 0 ? &methods[i]
                                                                                    : NULL;
    return NULL;
}

static status take_params(struct rpc_req *q, const struct rpc_method_row *m, struct json params)
{
    struct json_iter it = json_iter(params);
    if (json_count(params) > m->max)
        return rpc_fail(q, RPC_INVALID_PARAMS, "too many arguments, want at most %u", m->max);
    while (rpc_given(params) && json_next(&it))
        q->param[q->n_params++] = it.value;
    for (size_t i = 0; i < m->min; i++)
        if (!rpc_param_given(q, i))
            return rpc_fail(q, RPC_INVALID_PARAMS, "missing value for required argument %zu", i);
    return OK;
}

static status run_method(struct rpc_req *q, const struct call *c)
{
    const struct rpc_method_row *m = find_method(q->rpc, c->method);
    if (m == NULL)
        return rpc_fail(q, RPC_METHOD_NOT_FOUND, "the method %.*s does not exist/is not available",
                        (int)(c->method.n < 200 ? c->method.n : 200), (const char *)c->method.p);
    status s = take_params(q, m, c->params);
    if (s == OK)
        s = m->run(q);
    return s == OK ? q->w->st : s;
}

static void put_error(struct jw *w, const struct rpc_error *e)
{
    jw_key(w, "error");
    jw_object(w);
    jw_key(w, "code");
    jw_i64(w, e->code);
    jw_key(w, "message");
    jw_str(w, e->text);
    if (e->has_data) {
        jw_key(w, "data");
        jw_hex(w, e->data);
    }
    jw_end(w);
}

static void put_head(struct jw *w, const struct call *c)
{
    jw_object(w);
    jw_key(w, "jsonrpc");
    jw_cstr(w, "2.0");
    jw_key(w, "id");
    if (json_is_absent(c->id))
        jw_null(w);
    else
        jw_json(w, c->id);
}

/* What to say of a method that failed without words of its own. */
static struct rpc_error error_of(status s)
{
    if (s == E_TOO_LONG)
        return (struct rpc_error){.code = RPC_TOO_LARGE, .text = SLICE_LIT("response too large")};
    int code = s < 0 ? status_rpc_code(s) : RPC_SERVER_ERROR;
    return (struct rpc_error){.code = code, .text = slice_str(status_text(s))};
}

struct serving {
    struct rpc *r;
    struct rpc_session *session;
    struct rpc_client client;
    bool brief;
    struct buf *out;
    size_t start;
    struct arena parsed;
};

static void req_init(struct rpc_req *q, const struct serving *sv, struct arena *a, struct jw *w)
{
    *q = (struct rpc_req){.rpc = sv->r,
                          .session = sv->session,
                          .client = sv->client,
                          .brief = sv->brief,
                          .a = a,
                          .w = w};
    q->begun_ms = clock_mono_ms(sv->r->cfg.clock);
    arena_init(a, RPC_MEMORY, false);
}

static void req_done(struct rpc_req *q)
{
    if (q->has_view)
        chain_view_close(&q->view);
    arena_done(q->a);
}

/* Run the method and write the whole reply object. */
static void answer(const struct serving *sv, const struct call *c, struct jw *w)
{
    struct rpc_req q;
    struct arena a;
    put_head(w, c);
    const struct jw before = *w;
    const size_t n = w->out->n;
    req_init(&q, sv, &a, w);
    q.error = c->error;
    status s = E_RANGE;
    if (c->error.code == 0) {
        jw_key(w, "result");
        s = run_method(&q, c);
    }
    if (s != OK) {
        *w = before;
        w->out->n = n;
        if (q.error.code == 0)
            q.error = error_of(s);
        put_error(w, &q.error);
    }
    jw_end(w);
    req_done(&q);
}

/* A notification: carried out, whatever it says is for nobody. */
static void perform(const struct serving *sv, const struct call *c)
{
    struct buf nowhere;
    struct jw w;
    struct rpc_req q;
    struct arena a;
    if (c->error.code != 0)
        return;
    buf_init(&nowhere, SILENT_BYTES);
    jw_init(&w, &nowhere);
    req_init(&q, sv, &a, &w);
    (void)run_method(&q, c);
    req_done(&q);
    buf_done(&nowhere);
}

/* --- whole texts ------------------------------------------------------------------------------ */

static status finish(struct serving *sv, struct jw *w)
{
    status s = jw_done(w, NULL);
    if (s != OK)
        sv->out->n = sv->start;
    return s;
}

/* One error for the whole text; id: of some request in it, or absent. */
static status refuse(struct serving *sv, struct json id, bool in_array, int code, const char *text)
{
    struct jw w;
    struct call c = {.id = id};
    sv->out->n = sv->start;
    jw_init(&w, sv->out);
    if (in_array)
        jw_array(&w);
    call_fail(&c, code, text);
    put_head(&w, &c);
    put_error(&w, &c.error);
    jw_end(&w);
    if (in_array)
        jw_end(&w);
    return finish(sv, &w);
}

static status serve_one(struct serving *sv, struct json v)
{
    struct call c;
    struct jw w;
    read_call(v, &c);
    if (c.silent && c.error.code == 0) {
        perform(sv, &c);
        return OK;
    }
    jw_init(&w, sv->out);
    answer(sv, &c, &w);
    status s = finish(sv, &w);
    return s == E_TOO_LONG ? refuse(sv, c.id, false, RPC_TOO_LARGE, "response too large") : s;
}

/* The id of the first call of a batch: the best that can be said when all of it is refused. */
static struct json first_id(struct json batch)
{
    struct json_iter it = json_iter(batch);
    while (json_next(&it)) {
        struct json id = json_get(it.value, "id");
        if (id_ok(id))
            return id;
    }
    return (struct json){0};
}

static status serve_batch(struct serving *sv, struct json batch)
{
    const struct rpc_config *cfg = &sv->r->cfg;
    struct json_iter it = json_iter(batch);
    struct jw w;
    size_t said = 0;
    uint64_t begun = clock_mono_ms(cfg->clock);
    if (json_count(batch) == 0)
        return refuse(sv, (struct json){0}, false, RPC_INVALID_REQUEST, "empty batch");
    if (json_count(batch) > cfg->batch_requests)
        return refuse(sv, first_id(batch), true, RPC_INVALID_REQUEST, "batch too large");
    jw_init(&w, sv->out);
    jw_array(&w);
    while (json_next(&it)) {
        struct call c;
        read_call(it.value, &c);
        if (c.silent && c.error.code == 0) {
            perform(sv, &c);
            continue;
        }
        if (sv->out->n - sv->start > cfg->batch_reply)
            call_fail(&c, RPC_TOO_LARGE, "response too large");
        else if (clock_mono_ms(cfg->clock) - begun > cfg->batch_ms)
            call_fail(&c, RPC_TIMEOUT, "request timed out");
        answer(sv, &c, &w);
        said++;
    }
    if (said == 0) {
        sv->out->n = sv->start;
        return OK;
    }
    jw_end(&w);
    status s = finish(sv, &w);
    return s == E_TOO_LONG ? refuse(sv, first_id(batch), true, RPC_TOO_LARGE, "response too large")
                           : s;
}

static status serve_text(struct serving *sv, slice request, struct err *reterr)
{
    struct json_doc doc;
    status s;
    sv->start = sv->out->n;
    arena_init(&sv->parsed, PARSED_BYTES, false);
    if (request.n > REQUEST_BYTES) {
        s = refuse(sv, (struct json){0}, false, RPC_INVALID_REQUEST, "request too large");
    } else {
        s = json_read(request, &sv->parsed, &doc, NULL);
        if (s != OK && s != E_NOMEM)
            s = refuse(sv, (struct json){0}, false, RPC_PARSE_ERROR, "parse error");
        else if (s == OK && json_type(json_root(&doc)) == JSON_ARRAY)
            s = serve_batch(sv, json_root(&doc));
        else if (s == OK)
            s = serve_one(sv, json_root(&doc));
    }
    arena_done(&sv->parsed);
    return s == OK ? OK : ERR(reterr, s, "JSON-RPC reply");
}

status rpc_serve_as(struct rpc *r, const struct rpc_caller *who, slice request,
                    struct buf *ret_reply, struct err *reterr)
{
    struct serving sv = {.r = r, .session = who->session, .brief = who->brief, .out = ret_reply};
    sv.client =
        who->session != NULL ? rpc_session_client(who->session) : rpc_client_of(who->remote);
    rpc_filters_sweep(r->filters, r->budget, clock_mono_ms(r->cfg.clock));
    return serve_text(&sv, request, reterr);
}

status rpc_serve(struct rpc *r, struct rpc_session *session, slice request, struct buf *ret_reply,
                 struct err *reterr)
{
    return rpc_serve_as(r, &(struct rpc_caller){.session = session}, request, ret_reply, reterr);
}
