/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing a tracer, its life, and the two simplest. */
#include "rpc/trace.h"

#include "evm/precompile.h"
#include "rpc/param.h"

#define STEPS_BETWEEN_CLOCKS 4096u

static const struct {
    const char *name;
    const struct rpc_trace_ops *ops;
} tracers[] = {
    {"callTracer", &rpc_trace_call},     {"prestateTracer", &rpc_trace_prestate},
    {"4byteTracer", &rpc_trace_4byte},   {"noopTracer", &rpc_trace_noop},
    {"structLogger", &rpc_trace_struct},
};

static status check_options(struct rpc_req *q, const struct rpc_trace *t)
{
    if (t->ops == &rpc_trace_prestate && rpc_trace_wants(t, "diffMode") &&
        rpc_trace_wants(t, "includeEmpty"))
        return rpc_fail(q, RPC_SERVER_ERROR, "cannot use diffMode with includeEmpty");
    return OK;
}

status rpc_trace_choose(struct rpc_req *q, size_t i, struct json config, struct rpc_trace *ret)
{
    struct json tracer = json_get(config, "tracer");
    *ret = (struct rpc_trace){.ops = &rpc_trace_struct, .q = q, .config = config};
    if (!rpc_given(config))
        return OK;
    if (json_type(config) != JSON_OBJECT)
        return rpc_bad_param(q, i, "trace options must be an object");
    if (!rpc_given(tracer) || json_eq(tracer, ""))
        return OK;
    ret->config = json_get(config, "tracerConfig");
    for (size_t k = 0; k < sizeof tracers / sizeof *tracers; k++) {
        if (json_eq(tracer, tracers[k].name)) {
            ret->ops = tracers[k].ops;
            return check_options(q, ret);
        }
    }
    return rpc_fail(q, RPC_SERVER_ERROR, "tracer not found");
}

void rpc_trace_begin(struct rpc_trace *t, const struct rpc_traced *what)
{
    t->what = *what;
    t->st = OK;
    t->steps = 0;
    t->own = NULL;
    t->tracer = (struct evm_tracer){.ctx = t};
    t->watch = (struct host_watch){.ctx = t};
    arena_done(&t->a);
    arena_init(&t->a, RPC_TRACE_MEMORY, false);
    t->ops->begin(t);
}

const struct evm_tracer *rpc_trace_tracer(const struct rpc_trace *t)
{
    return t->tracer.step != NULL ? &t->tracer : NULL;
}

status rpc_trace_finish(struct rpc_trace *t, const struct tx_outcome *o)
{
    return t->st == OK ? t->ops->finish(t, o) : t->st;
}

void rpc_trace_done(struct rpc_trace *t)
{
    arena_done(&t->a);
}

bool rpc_trace_stopped(struct rpc_trace *t)
{
    if (t->st == OK && ++t->steps % STEPS_BETWEEN_CLOCKS == 0)
        t->st = rpc_check_time(t->q, "trace");
    return t->st != OK;
}

bool rpc_trace_wants(const struct rpc_trace *t, const char *option)
{
    return json_type(json_get(t->config, option)) == JSON_TRUE;
}

/* --- noopTracer ------------------------------------------------------------------------------- */

static void noop_begin(struct rpc_trace *t)
{
    (void)t;
}

static status noop_finish(struct rpc_trace *t, const struct tx_outcome *o)
{
    (void)o;
    jw_object(t->q->w);
    jw_end(t->q->w);
    return OK;
}

const struct rpc_trace_ops rpc_trace_noop = {noop_begin, noop_finish};

/* --- 4byteTracer ------------------------------------------------------------------------------ */

/* Calls of one selector with one size of arguments. */
struct selector {
    uint8_t b[4];
    size_t args;
    uint64_t calls;
    struct selector *next;
};

static void count_call(void *ctx, const struct evm_msg *msg)
{
    struct rpc_trace *t = ctx;
    struct selector **at = (struct selector **)&t->own;
    if (evm_kind_is_create(msg->kind) || msg->input.n < 4 || rpc_trace_stopped(t) ||
        precompile_is(t->what.rev, &msg->code_addr))
        return;
    while (*at != NULL &&
           (memcmp((*at)->b, msg->input.p, 4) != 0 || (*at)->args != msg->input.n - 4))
        at = &(*at)->next;
    if (*at == NULL) {
        *at = arena_alloc(&t->a, sizeof **at);
        if (*at == NULL) {
            t->st = E_NOMEM;
            return;
        }
        memcpy((*at)->b, msg->input.p, 4);
        (*at)->args = msg->input.n - 4;
    }
    (*at)->calls++;
}

static void selectors_begin(struct rpc_trace *t)
{
    t->watch.enter = count_call;
}

static status selectors_finish(struct rpc_trace *t, const struct tx_outcome *o)
{
    (void)o;
    jw_object(t->q->w);
    for (const struct selector *s = t->own; s != NULL; s = s->next) {
        char *key = arena_printf(&t->a, "0x%02x%02x%02x%02x-%zu", s->b[0], s->b[1], s->b[2],
                                 s->b[3], s->args);
        if (key == NULL)
            return E_NOMEM;
        jw_key(t->q->w, key);
        jw_u64(t->q->w, s->calls);
    }
    jw_end(t->q->w);
    return OK;
}

const struct rpc_trace_ops rpc_trace_4byte = {selectors_begin, selectors_finish};
