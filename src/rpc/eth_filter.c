/* SPDX-License-Identifier: Apache-2.0 */
/* Filters that are polled. Logs and blocks are read from the chain when they are asked for, so a
 * filter is only its criteria and a place. */
#include <pthread.h>
#include <stdlib.h>

#include "rpc/criteria.h"
#include "rpc/filters.h"
#include "rpc/methods.h"
#include "rpc/pending.h"
#include "rpc/put.h"

#define CHANGES_MAX 4096u /* hashes of one answer */
#define ANSWER_HEAD 512u  /* bytes before a result: an answer's id and the like */
#define ROOM_TO_CLOSE 64u /* bytes after it, so that what a filter told is not discarded */
#define SWEEP_MS 10000u   /* between two searches for filters that nobody asks */

enum filter_kind { FILTER_LOGS, FILTER_BLOCKS, FILTER_PENDING };

struct filter {
    struct rpc_id id;
    enum filter_kind kind;
    uint64_t used_ms;
    uint64_t next; /* block that was not looked at yet, or place among pending transactions */
    uint64_t rollbacks;
    bool full; /* whole transactions are wanted */
    bool busy; /* a request is using it */
    struct rpc_client client;
    struct rpc_criteria *logs; /* NULL: of another kind */
};

struct rpc_filters {
    pthread_mutex_t lock;
    struct filter *list[RPC_FILTERS_MAX];
    size_t n;
    _Atomic uint64_t swept_ms;
};

status rpc_filters_new(struct rpc_filters **ret)
{
    struct rpc_filters *f = calloc(1, sizeof *f);
    if (f == NULL || pthread_mutex_init(&f->lock, NULL) != 0) {
        free(f);
        return E_NOMEM;
    }
    *ret = f;
    return OK;
}

static struct rpc_share share_of(const struct filter *f)
{
    return (struct rpc_share){.bytes = sizeof *f + (f->logs != NULL ? f->logs->bytes : 0),
                              .filters = 1};
}

static void filter_free(struct filter *f)
{
    rpc_criteria_free(f->logs);
    free(f);
}

/* One that was added. */
static void drop(struct filter *f, struct rpc_budget *budget)
{
    rpc_budget_give(budget, &f->client, share_of(f));
    filter_free(f);
}

void rpc_filters_free(struct rpc_filters *f, struct rpc_budget *budget)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n; i++)
        drop(f->list[i], budget);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}

status rpc_id_make(const struct random_src *random, struct rpc_id *ret)
{
    status s = random_fill(random, ret->b, sizeof ret->b);
    ret->b[0] |= 0x10; /* no leading zero, as a quantity */
    return s;
}

/* --- the table -------------------------------------------------------------------------------- */

static void remove_at(struct rpc_filters *t, size_t i, struct rpc_budget *budget)
{
    drop(t->list[i], budget);
    t->list[i] = t->list[--t->n];
}

/* used_ms may be after now_ms, of a request that began later. */
static bool is_old(const struct filter *f, uint64_t now_ms)
{
    return !f->busy && now_ms > f->used_ms && now_ms - f->used_ms > RPC_FILTER_MS;
}

static void remove_old(struct rpc_filters *t, struct rpc_budget *budget, uint64_t now_ms)
{
    for (size_t i = t->n; i-- > 0;)
        if (is_old(t->list[i], now_ms))
            remove_at(t, i, budget);
}

void rpc_filters_sweep(struct rpc_filters *t, struct rpc_budget *budget, uint64_t now_ms)
{
    uint64_t last = atomic_load(&t->swept_ms);
    if (now_ms < last + SWEEP_MS || !atomic_compare_exchange_strong(&t->swept_ms, &last, now_ms))
        return;
    (void)pthread_mutex_lock(&t->lock);
    remove_old(t, budget, now_ms);
    (void)pthread_mutex_unlock(&t->lock);
}

static status add(struct rpc_req *q, struct filter *f)
{
    struct rpc_filters *t = q->rpc->filters;
    (void)pthread_mutex_lock(&t->lock);
    remove_old(t, q->rpc->budget, q->begun_ms);
    status s = rpc_budget_take(q, share_of(f));
    if (s == OK)
        t->list[t->n++] = f; /* the budget allows no more than the list holds */
    (void)pthread_mutex_unlock(&t->lock);
    if (s != OK)
        return s;
    jw_hex(q->w, slice_of(f->id.b, sizeof f->id.b));
    return OK;
}

static size_t find(const struct rpc_filters *t, const struct rpc_id *id)
{
    size_t i = 0;
    while (i < t->n && memcmp(t->list[i]->id.b, id->b, sizeof id->b) != 0)
        i++;
    return i;
}

static status read_id(struct rpc_req *q, struct rpc_id *ret)
{
    slice bytes;
    status s = rpc_read_bytes(q, 0, q->param[0], &bytes);
    if (s == OK && bytes.n != sizeof ret->b)
        return rpc_fail(q, RPC_SERVER_ERROR, "filter not found");
    if (s == OK)
        memcpy(ret->b, bytes.p, bytes.n);
    return s;
}

/* The filter of parameter 0, for this request alone. */
static status take(struct rpc_req *q, struct filter **ret)
{
    struct rpc_filters *t = q->rpc->filters;
    struct rpc_id id;
    status s = read_id(q, &id);
    if (s != OK)
        return s;
    (void)pthread_mutex_lock(&t->lock);
    remove_old(t, q->rpc->budget, q->begun_ms);
    size_t i = find(t, &id);
    struct filter *f = i < t->n ? t->list[i] : NULL;
    bool busy = f != NULL && f->busy;
    if (f != NULL && !busy) {
        f->busy = true;
        f->used_ms = q->begun_ms;
    }
    (void)pthread_mutex_unlock(&t->lock);
    if (f == NULL)
        return rpc_fail(q, RPC_SERVER_ERROR, "filter not found");
    if (busy)
        return rpc_fail(q, RPC_SERVER_ERROR, "the filter is being read by another request");
    *ret = f;
    return OK;
}

static void give_back(struct rpc_req *q, struct filter *f)
{
    (void)pthread_mutex_lock(&q->rpc->filters->lock);
    f->busy = false;
    (void)pthread_mutex_unlock(&q->rpc->filters->lock);
}

status rpc_eth_uninstall_filter(struct rpc_req *q)
{
    struct rpc_filters *t = q->rpc->filters;
    struct rpc_id id;
    status s = read_id(q, &id);
    if (s == E_RANGE && q->error.code == RPC_SERVER_ERROR) {
        jw_bool(q->w, false);
        return OK;
    }
    if (s != OK)
        return s;
    (void)pthread_mutex_lock(&t->lock);
    size_t i = find(t, &id);
    bool there = i < t->n && !t->list[i]->busy;
    if (there)
        remove_at(t, i, q->rpc->budget);
    (void)pthread_mutex_unlock(&t->lock);
    jw_bool(q->w, there);
    return OK;
}

/* --- making them ------------------------------------------------------------------------------ */

static status make(struct rpc_req *q, enum filter_kind kind, struct filter **ret)
{
    struct chain_news news;
    struct filter *f = calloc(1, sizeof *f);
    if (f == NULL)
        return E_NOMEM;
    /* Before the head: a rollback in between is told, and no block is skipped. */
    f->rollbacks = rpc_rollback_place(q->rpc->pending);
    chain_news_get(q->rpc->cfg.chain, &news);
    f->kind = kind;
    f->used_ms = q->begun_ms;
    f->next = kind == FILTER_PENDING ? rpc_pending_place(q->rpc->pending) : news.head + 1;
    f->client = q->client;
    status s = rpc_id_make(q->rpc->cfg.random, &f->id);
    if (s == OK)
        *ret = f;
    else
        filter_free(f);
    return s;
}

static status read_criteria(struct rpc_req *q, struct filter *f)
{
    status s = rpc_criteria_read(q, 0, q->param[0], &f->logs);
    if (s != OK)
        return s;
    const struct rpc_log_filter *c = &f->logs->search;
    if (c->has_from && c->has_to && c->from.kind == RPC_AT_NUMBER && c->to.kind == RPC_AT_NUMBER &&
        c->from.number > c->to.number)
        return rpc_fail(q, RPC_INVALID_PARAMS, "invalid block range params");
    return OK;
}

static status make_and_add(struct rpc_req *q, enum filter_kind kind)
{
    struct filter *f;
    status s = make(q, kind, &f);
    if (s != OK)
        return s;
    if (kind == FILTER_LOGS)
        s = read_criteria(q, f);
    if (s == OK && kind == FILTER_PENDING && rpc_param_given(q, 0))
        s = rpc_read_bool(q, 0, q->param[0], &f->full);
    if (s == OK)
        s = add(q, f);
    if (s != OK)
        filter_free(f);
    return s;
}

status rpc_eth_new_filter(struct rpc_req *q)
{
    return make_and_add(q, FILTER_LOGS);
}

status rpc_eth_new_block_filter(struct rpc_req *q)
{
    return make_and_add(q, FILTER_BLOCKS);
}

status rpc_eth_new_pending_filter(struct rpc_req *q)
{
    return make_and_add(q, FILTER_PENDING);
}

/* --- reading them ----------------------------------------------------------------------------- */

/* Has the answer become long enough? The next one goes on from there. */
static bool is_long(const struct rpc_req *q, size_t begun)
{
    return q->w->out->n - begun > q->rpc->cfg.batch_reply / 4;
}

static bool can_close(const struct rpc_req *q)
{
    return q->w->out->cap - q->w->out->n >= ROOM_TO_CLOSE;
}

static status put_pending(struct rpc_req *q, const struct filter *f, uint64_t *next)
{
    hash32 *tx = arena_array(q->a, CHANGES_MAX, sizeof *tx);
    size_t begun = q->w->out->n;
    size_t i = 0;
    if (tx == NULL)
        return E_NOMEM;
    size_t n = rpc_pending_read(q->rpc->pending, next, tx, CHANGES_MAX);
    for (; i < n && !is_long(q, begun); i++) {
        struct chain_pool_tx t;
        if (!f->full)
            rpc_put_hash(q->w, &tx[i]);
        else if (chain_pool_get(q->rpc->cfg.chain, &tx[i], q->a, &t, NULL) == OK)
            rpc_put_tx(q->w, &t.tx, &t.hash, &t.sender, NULL, t.tx.max_fee);
    }
    *next -= n - i;
    return OK;
}

static status put_blocks(struct rpc_req *q, uint64_t *next)
{
    for (size_t n = 0; n < CHANGES_MAX && *next <= q->view.head; n++) {
        hash32 h = chain_view_hash(&q->view, (*next)++);
        rpc_put_hash(q->w, &h);
    }
    return OK;
}

static status put_log(void *ctx, const struct chain_log *log, struct err *reterr)
{
    struct rpc_req *q = ctx;
    (void)reterr;
    rpc_put_log(q->w, log, false);
    return can_close(q) ? q->w->st : E_TOO_LONG;
}

/* All of a block's, or E_TOO_LONG and none of them. */
static status put_block_logs(struct rpc_req *q, const struct filter *f, uint64_t number)
{
    const struct jw before = *q->w;
    size_t n = q->w->out->n;
    struct chain_filter one = f->logs->search.f;
    one.from = number;
    one.to = number;
    status s = chain_view_logs(&q->view, &one, put_log, q, NULL);
    if (s == E_TOO_LONG) {
        *q->w = before;
        q->w->out->n = n;
    }
    return s;
}

/* Its logs alone are more than an answer holds: said once, then stepped over. */
static status pass_over(struct rpc_req *q, struct filter *f, uint64_t number)
{
    f->next = number + 1;
    return rpc_fail(q, RPC_TOO_LARGE,
                    "the logs of block %llu are more than one answer holds: they are left out, and "
                    "the next call goes on after it",
                    (unsigned long long)number);
}

static bool is_outside(const struct rpc_log_filter *c, uint64_t number)
{
    return (c->has_from && c->from.kind == RPC_AT_NUMBER && number < c->from.number) ||
           (c->has_to && c->to.kind == RPC_AT_NUMBER && number > c->to.number);
}

/* Block by block, so that the next call goes on where this one stopped. */
static status put_new_logs(struct rpc_req *q, struct filter *f, uint64_t *next)
{
    const struct rpc_config *cfg = &q->rpc->cfg;
    size_t begun = q->w->out->n;
    bool alone = begun - q->w->start < ANSWER_HEAD; /* no other answer of a batch before it */
    for (; *next <= q->view.head; ++*next) {
        if (is_outside(&f->logs->search, *next))
            continue;
        if (is_long(q, begun) || clock_mono_ms(cfg->clock) - q->begun_ms > cfg->call_ms / 2)
            break;
        status s = put_block_logs(q, f, *next);
        if (s == E_TOO_LONG && q->w->out->n > begun)
            break;
        if (s == E_TOO_LONG && alone)
            return pass_over(q, f, *next);
        if (s != OK)
            return s;
    }
    return OK;
}

/* The filter goes on from *next only if this is answered. */
static status put_changes(struct rpc_req *q, struct filter *f, uint64_t *next)
{
    status s = rpc_view(q);
    jw_array(q->w);
    if (s == OK && f->kind == FILTER_PENDING)
        s = put_pending(q, f, next);
    else if (s == OK && f->kind == FILTER_BLOCKS)
        s = put_blocks(q, next);
    else if (s == OK)
        s = put_new_logs(q, f, next);
    jw_end(q->w);
    if (s != OK)
        return s;
    return can_close(q) ? q->w->st : E_TOO_LONG;
}

status rpc_eth_get_filter_changes(struct rpc_req *q)
{
    struct filter *f;
    status s = take(q, &f);
    if (s != OK)
        return s;
    /* Before the view: a rollback in between is told the next time, and no block is skipped. */
    if (f->kind != FILTER_PENDING)
        rpc_rollback_read(q->rpc->pending, &f->rollbacks, &f->next);
    uint64_t next = f->next;
    s = put_changes(q, f, &next);
    if (s == OK)
        f->next = next;
    give_back(q, f);
    return s;
}

status rpc_eth_get_filter_logs(struct rpc_req *q)
{
    struct filter *f;
    status s = take(q, &f);
    if (s != OK)
        return s;
    if (f->kind == FILTER_LOGS) {
        struct rpc_log_filter search = f->logs->search;
        s = rpc_put_logs(q, &search);
    } else {
        s = rpc_fail(q, RPC_SERVER_ERROR, "filter not found");
    }
    give_back(q, f);
    return s;
}
