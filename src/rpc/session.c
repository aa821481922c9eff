/* SPDX-License-Identifier: Apache-2.0 */
/* eth_subscribe: places in the chain that are moved on by sending what lies between. */
#include <stdlib.h>

#include "rpc/criteria.h"
#include "rpc/filters.h"
#include "rpc/methods.h"
#include "rpc/pending.h"
#include "rpc/put.h"

#define NOTICE_BYTES ((size_t)8 << 20) /* one notification */
#define PUMP_BLOCKS 256u               /* looked at by one pump, for each subscription */
#define PUMP_TXS 512u                  /* pending transactions, the same */
#define PUMP_MEMORY ((size_t)64 << 20)

enum sub_kind { SUB_HEADS, SUB_LOGS, SUB_PENDING, SUB_SYNCING };

struct sub {
    struct rpc_id id;
    enum sub_kind kind;
    bool full;     /* whole pending transactions */
    uint64_t next; /* block that was not sent yet, or place among pending transactions */
    uint64_t sent; /* logs of block `next` that were sent already */
    uint64_t rollbacks;
    struct rpc_criteria *logs; /* NULL: of another kind, or all logs */
};

struct rpc_session {
    struct rpc *rpc;
    struct rpc_sink sink;
    struct rpc_client client;
    size_t bytes; /* of subscriptions, all counted in the client's share */
    struct sub *sub[RPC_SUBSCRIPTIONS_MAX];
    size_t n;
};

static void sub_free(struct sub *s)
{
    if (s == NULL)
        return;
    rpc_criteria_free(s->logs);
    free(s);
}

static size_t bytes_of(const struct sub *s)
{
    return sizeof *s + (s->logs != NULL ? s->logs->bytes : 0);
}

/* One that was added. */
static void drop(struct rpc_session *session, struct sub *s)
{
    size_t n = bytes_of(s);
    session->bytes -= n;
    rpc_budget_give(session->rpc->budget, &session->client, (struct rpc_share){.bytes = n});
    sub_free(s);
}

struct rpc_client rpc_session_client(const struct rpc_session *s)
{
    return s->client;
}

status rpc_session_new(struct rpc *r, const struct rpc_sink *sink, struct rpc_session **ret,
                       struct err *reterr)
{
    struct rpc_session *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR(reterr, E_NOMEM, "session");
    s->rpc = r;
    s->sink = *sink;
    s->client = rpc_client_of(sink->remote);
    *ret = s;
    return OK;
}

void rpc_session_free(struct rpc_session *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n; i++)
        drop(s, s->sub[i]);
    free(s);
}

bool rpc_session_is_active(const struct rpc_session *s)
{
    return s->n > 0;
}

/* --- methods ---------------------------------------------------------------------------------- */

static status read_kind(struct rpc_req *q, struct sub *s)
{
    static const char *const names[] = {
        [SUB_HEADS] = "newHeads",
        [SUB_LOGS] = "logs",
        [SUB_PENDING] = "newPendingTransactions",
        [SUB_SYNCING] = "syncing",
    };
    slice name = SLICE_EMPTY;
    if (json_str(q->param[0], &name, NULL) != OK)
        return rpc_bad_param(q, 0, "json: cannot unmarshal value into Go value of type string");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_eq_str(name, names[i])) {
            s->kind = (enum sub_kind)i;
            return OK;
        }
    }
    return rpc_fail(q, RPC_METHOD_NOT_FOUND, "no \"%.*s\" subscription in eth namespace",
                    (int)(name.n < 64 ? name.n : 64), (const char *)name.p);
}

static status read_options(struct rpc_req *q, struct sub *s)
{
    if (!rpc_param_given(q, 1))
        return OK;
    if (s->kind == SUB_PENDING)
        return rpc_read_bool(q, 1, q->param[1], &s->full);
    if (s->kind != SUB_LOGS)
        return rpc_fail(q, RPC_INVALID_PARAMS, "too many arguments, want at most 1");
    return rpc_criteria_read(q, 1, q->param[1], &s->logs);
}

/* Count what s keeps. */
static status take_room(struct rpc_req *q, const struct sub *s)
{
    const size_t max = q->rpc->cfg.criteria_session;
    size_t n = bytes_of(s);
    if (n > max - q->session->bytes)
        return rpc_fail(q, RPC_LIMIT,
                        "subscriptions of one connection hold too much (max %zu bytes)", max);
    status r = rpc_budget_take(q, (struct rpc_share){.bytes = n});
    if (r == OK)
        q->session->bytes += n;
    return r;
}

static status subscribe(struct rpc_req *q, struct sub *s)
{
    struct chain_news news;
    status r = read_kind(q, s);
    if (r == OK)
        r = read_options(q, s);
    if (r == OK)
        r = rpc_id_make(q->rpc->cfg.random, &s->id);
    if (r == OK)
        r = take_room(q, s);
    if (r != OK)
        return r;
    /* Before the head: a rollback in between is told, and no block is skipped. */
    s->rollbacks = rpc_rollback_place(q->rpc->pending);
    chain_news_get(q->rpc->cfg.chain, &news);
    s->next = s->kind == SUB_PENDING ? rpc_pending_place(q->rpc->pending) : news.head + 1;
    jw_hex(q->w, slice_of(s->id.b, sizeof s->id.b));
    return OK;
}

status rpc_eth_subscribe(struct rpc_req *q)
{
    struct rpc_session *session = q->session;
    if (session == NULL)
        return rpc_fail(q, RPC_NO_NOTIFICATIONS, "notifications not supported");
    if (session->n == RPC_SUBSCRIPTIONS_MAX)
        return rpc_fail(q, RPC_LIMIT, "too many subscriptions (max %u)", RPC_SUBSCRIPTIONS_MAX);
    struct sub *s = calloc(1, sizeof *s);
    if (s == NULL)
        return E_NOMEM;
    status r = subscribe(q, s);
    if (r == OK)
        session->sub[session->n++] = s;
    else
        sub_free(s);
    return r;
}

status rpc_eth_unsubscribe(struct rpc_req *q)
{
    struct rpc_session *session = q->session;
    slice id;
    if (session == NULL)
        return rpc_fail(q, RPC_NO_NOTIFICATIONS, "notifications not supported");
    status s = rpc_read_bytes(q, 0, q->param[0], &id);
    for (size_t i = 0; s == OK && i < session->n; i++) {
        if (!slice_eq(id, slice_of(session->sub[i]->id.b, sizeof session->sub[i]->id.b)))
            continue;
        drop(session, session->sub[i]);
        session->sub[i] = session->sub[--session->n];
        jw_bool(q->w, true);
        return OK;
    }
    return s == OK ? rpc_fail(q, RPC_SERVER_ERROR, "subscription not found") : s;
}

/* --- pumping ---------------------------------------------------------------------------------- */

struct pump {
    struct rpc_session *session;
    struct sub *sub; /* being served */
    struct chain_view view;
    struct buf text;
    struct jw w;
    struct arena memory;
    bool more;
    uint64_t seen; /* logs of the block so far */
};

static void begin_notice(struct pump *p)
{
    buf_clear(&p->text);
    jw_init(&p->w, &p->text);
    jw_object(&p->w);
    jw_key(&p->w, "jsonrpc");
    jw_cstr(&p->w, "2.0");
    jw_key(&p->w, "method");
    jw_cstr(&p->w, "eth_subscription");
    jw_key(&p->w, "params");
    jw_object(&p->w);
    jw_key(&p->w, "subscription");
    jw_hex(&p->w, slice_of(p->sub->id.b, sizeof p->sub->id.b));
    jw_key(&p->w, "result");
}

static status send_notice(struct pump *p)
{
    jw_end(&p->w);
    jw_end(&p->w);
    status s = jw_done(&p->w, NULL);
    return s == OK ? p->session->sink.send(p->session->sink.ctx, buf_slice(&p->text)) : s;
}

static status send_heads(struct pump *p)
{
    struct chain_block b;
    status s = OK;
    for (unsigned i = 0; s == OK && p->sub->next <= p->view.head; i++) {
        if (i == PUMP_BLOCKS) {
            p->more = true;
            return OK;
        }
        s = chain_view_block(&p->view, p->sub->next, &b, NULL);
        if (s != OK)
            return s;
        begin_notice(p);
        jw_object(&p->w);
        rpc_put_header(&p->w, &b.block.header, &b.block.hash, false);
        jw_end(&p->w);
        s = send_notice(p);
        if (s == OK)
            p->sub->next++;
    }
    return s;
}

static status send_log(void *ctx, const struct chain_log *log, struct err *reterr)
{
    struct pump *p = ctx;
    (void)reterr;
    if (p->seen++ < p->sub->sent)
        return OK;
    begin_notice(p);
    rpc_put_log(&p->w, log, false);
    status s = send_notice(p);
    if (s == OK)
        p->sub->sent++;
    return s;
}

static status send_logs(struct pump *p)
{
    struct chain_filter f = {0};
    if (p->sub->logs != NULL)
        f = p->sub->logs->search.f;
    status s = OK;
    for (unsigned i = 0; s == OK && p->sub->next <= p->view.head; i++) {
        if (i == PUMP_BLOCKS) {
            p->more = true;
            return OK;
        }
        f.from = p->sub->next;
        f.to = p->sub->next;
        p->seen = 0;
        s = chain_view_logs(&p->view, &f, send_log, p, NULL);
        if (s == OK) {
            p->sub->next++;
            p->sub->sent = 0;
        }
    }
    return s;
}

static status send_one_pending(struct pump *p, const hash32 *hash)
{
    struct chain_pool_tx t;
    if (!p->sub->full) {
        begin_notice(p);
        rpc_put_hash(&p->w, hash);
        return send_notice(p);
    }
    if (chain_pool_get(p->session->rpc->cfg.chain, hash, &p->memory, &t, NULL) != OK)
        return OK; /* sealed meanwhile */
    begin_notice(p);
    rpc_put_tx(&p->w, &t.tx, &t.hash, &t.sender, NULL, t.tx.max_fee);
    return send_notice(p);
}

static status send_pending(struct pump *p)
{
    struct rpc_pending *ring = p->session->rpc->pending;
    for (unsigned i = 0; i < PUMP_TXS; i++) {
        hash32 hash;
        uint64_t place = p->sub->next;
        if (rpc_pending_read(ring, &place, &hash, 1) == 0)
            return OK;
        status s = send_one_pending(p, &hash);
        if (s != OK)
            return s;
        p->sub->next = place;
    }
    p->more = true;
    return OK;
}

static void apply_rollbacks(struct rpc_session *session, struct sub *s)
{
    uint64_t next = s->next;
    if (s->kind == SUB_PENDING)
        return;
    rpc_rollback_read(session->rpc->pending, &s->rollbacks, &s->next);
    if (s->next != next)
        s->sent = 0;
}

static status pump_all(struct pump *p)
{
    status s = OK;
    for (size_t i = 0; s == OK && i < p->session->n; i++) {
        p->sub = p->session->sub[i];
        if (p->sub->kind == SUB_HEADS)
            s = send_heads(p);
        else if (p->sub->kind == SUB_LOGS)
            s = send_logs(p);
        else if (p->sub->kind == SUB_PENDING)
            s = send_pending(p);
    }
    return s;
}

status rpc_session_pump(struct rpc_session *session, bool *ret_more, struct err *reterr)
{
    struct pump p = {.session = session};
    *ret_more = false;
    if (session->n == 0)
        return OK;
    for (size_t i = 0; i < session->n; i++)
        apply_rollbacks(session, session->sub[i]);
    status s = chain_view_open(session->rpc->cfg.chain, &p.view, reterr);
    if (s != OK)
        return s;
    buf_init(&p.text, NOTICE_BYTES);
    arena_init(&p.memory, PUMP_MEMORY, false);
    s = pump_all(&p);
    arena_done(&p.memory);
    buf_done(&p.text);
    chain_view_close(&p.view);
    if (s == OK)
        *ret_more = p.more;
    return s == OK || s == E_BUSY ? s : ERR(reterr, s, "subscription");
}
