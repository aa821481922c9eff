/* SPDX-License-Identifier: Apache-2.0 */
/* eth_getLogs. */
#include "rpc/log_filter.h"
#include "rpc/methods.h"
#include "rpc/put.h"

#define TOPICS_MAX 4u
#define ALTERNATIVES_MAX 1000u /* addresses, or topics of one position (geth's) */

static status too_many(struct rpc_req *q)
{
    return rpc_fail(q, RPC_INVALID_PARAMS, "exceed max addresses or topics per search position");
}

/* One value or an array of them. */
static struct json_iter alternatives(struct json v, size_t *ret_n)
{
    bool many = json_type(v) == JSON_ARRAY;
    *ret_n = many ? json_count(v) : 1;
    return many ? json_iter(v) : (struct json_iter){0};
}

static status read_addresses(struct rpc_req *q, size_t i, struct json v, struct arena *a,
                             struct chain_filter *f)
{
    size_t n;
    if (!rpc_given(v))
        return OK;
    struct json_iter it = alternatives(v, &n);
    if (n > ALTERNATIVES_MAX)
        return too_many(q);
    addr20 *list = arena_array(a, n, sizeof *list);
    if (list == NULL)
        return E_NOMEM;
    status s = OK;
    if (json_type(v) != JSON_ARRAY)
        s = rpc_read_addr(q, i, v, &list[0]);
    else
        for (size_t k = 0; s == OK && json_next(&it); k++)
            s = rpc_read_addr(q, i, it.value, &list[k]);
    f->addresses = list;
    f->n_addresses = n;
    return s;
}

/* null within the alternatives of a topic makes it match anything. */
static status read_topic(struct rpc_req *q, size_t i, struct json v, struct arena *a,
                         const hash32 **ret, size_t *ret_n)
{
    size_t n;
    *ret = NULL;
    *ret_n = 0;
    if (!rpc_given(v))
        return OK;
    struct json_iter it = alternatives(v, &n);
    if (n > ALTERNATIVES_MAX)
        return too_many(q);
    hash32 *list = arena_array(a, n, sizeof *list);
    if (list == NULL)
        return E_NOMEM;
    status s = OK;
    if (json_type(v) != JSON_ARRAY)
        s = rpc_read_hash(q, i, v, &list[0]);
    for (size_t k = 0; s == OK && json_type(v) == JSON_ARRAY && json_next(&it); k++) {
        if (!rpc_given(it.value))
            return OK;
        s = rpc_read_hash(q, i, it.value, &list[k]);
    }
    *ret = list;
    *ret_n = n;
    return s;
}

static status read_topics(struct rpc_req *q, size_t i, struct json v, struct arena *a,
                          struct chain_filter *f)
{
    struct json_iter it = json_iter(v);
    status s = OK;
    if (!rpc_given(v))
        return OK;
    if (json_type(v) != JSON_ARRAY)
        return rpc_bad_param(q, i, "invalid topic(s)");
    if (json_count(v) > TOPICS_MAX)
        return rpc_fail(q, RPC_INVALID_PARAMS, "exceed max topics");
    for (size_t k = 0; s == OK && json_next(&it); k++)
        s = read_topic(q, i, it.value, a, &f->topics[k], &f->n_topics[k]);
    f->n_positions = json_count(v);
    return s;
}

status rpc_read_log_filter(struct rpc_req *q, size_t i, struct json v, struct arena *a,
                           struct rpc_log_filter *ret)
{
    struct json from = json_get(v, "fromBlock");
    struct json to = json_get(v, "toBlock");
    *ret = (struct rpc_log_filter){.has_from = rpc_given(from), .has_to = rpc_given(to)};
    if (json_type(v) != JSON_OBJECT)
        return rpc_bad_param(q, i, "filter criteria must be an object");
    status s = rpc_member_hash(q, i, v, "blockHash", &ret->hash, &ret->by_hash);
    if (s == OK && ret->by_hash && (ret->has_from || ret->has_to))
        s = rpc_bad_param(
            q, i, "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other");
    if (s == OK && ret->has_from)
        s = rpc_read_number(q, i, from, &ret->from);
    if (s == OK && ret->has_to)
        s = rpc_read_number(q, i, to, &ret->to);
    if (s == OK)
        s = read_addresses(q, i, json_get(v, "address"), a, &ret->f);
    if (s == OK)
        s = read_topics(q, i, json_get(v, "topics"), a, &ret->f);
    return s;
}

static uint64_t bound(const struct rpc_req *q, bool given, const struct rpc_at *at)
{
    return given && at->kind == RPC_AT_NUMBER ? at->number : q->view.head;
}

status rpc_log_span(struct rpc_req *q, struct rpc_log_filter *f)
{
    status s = rpc_view(q);
    if (s == OK && f->by_hash) {
        s = chain_view_number(&q->view, &f->hash, &f->f.from, NULL);
        f->f.to = f->f.from;
        return s == E_NOT_FOUND ? rpc_fail(q, RPC_SERVER_ERROR, "unknown block") : s;
    }
    if (s != OK)
        return s;
    f->f.from = bound(q, f->has_from, &f->from);
    f->f.to = bound(q, f->has_to, &f->to);
    if (f->f.from > f->f.to)
        return rpc_fail(q, RPC_INVALID_PARAMS, "invalid block range params");
    if (f->f.to > q->view.head)
        return rpc_fail(q, RPC_INVALID_PARAMS, "block range extends beyond current head block");
    if (f->f.to - f->f.from >= q->rpc->cfg.logs_blocks)
        return rpc_fail(q, RPC_LIMIT, "exceed maximum block range: %llu",
                        (unsigned long long)q->rpc->cfg.logs_blocks);
    return OK;
}

struct collecting {
    struct rpc_req *q;
    size_t n;
};

static status put_one(void *ctx, const struct chain_log *log, struct err *reterr)
{
    struct collecting *c = ctx;
    (void)reterr;
    if (c->n == c->q->rpc->cfg.logs_max)
        return rpc_fail(c->q, RPC_LIMIT, "query returned more than %u results", (unsigned)c->n);
    c->n++;
    rpc_put_log(c->q->w, log, false);
    return c->q->w->st;
}

static status has_time(void *ctx)
{
    struct collecting *c = ctx;
    return rpc_check_time(c->q, "log search");
}

status rpc_put_logs(struct rpc_req *q, struct rpc_log_filter *f)
{
    struct collecting c = {.q = q};
    status s = rpc_log_span(q, f);
    f->f.may_go_on = has_time;
    jw_array(q->w);
    if (s == OK)
        s = chain_view_logs(&q->view, &f->f, put_one, &c, NULL);
    jw_end(q->w);
    return s;
}

status rpc_eth_get_logs(struct rpc_req *q)
{
    struct rpc_log_filter f;
    status s = rpc_read_log_filter(q, 0, q->param[0], q->a, &f);
    return s == OK ? rpc_put_logs(q, &f) : s;
}
