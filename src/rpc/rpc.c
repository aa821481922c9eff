/* SPDX-License-Identifier: Apache-2.0 */
/* The object that all requests share. */
#include "rpc/rpc.h"

#include <stdlib.h>

#include "rpc/criteria.h"
#include "rpc/filters.h"
#include "rpc/method.h"
#include "rpc/pending.h"
#include "rpc/tips.h"

static void wake(struct rpc *r)
{
    if (r->wake != NULL)
        r->wake(r->wake_ctx);
}

static void on_head(void *ctx, uint64_t number, const hash32 *hash)
{
    (void)number, (void)hash;
    wake(ctx);
}

static void on_rollback(void *ctx, uint64_t number)
{
    struct rpc *r = ctx;
    rpc_rollback_add(r->pending, number);
    wake(r);
}

static void on_pending(void *ctx, const hash32 *tx)
{
    struct rpc *r = ctx;
    rpc_pending_add(r->pending, tx);
    wake(r);
}

static void fill_shares(struct rpc_config *c)
{
    if (c->filters_client == 0)
        c->filters_client = RPC_FILTERS_CLIENT;
    if (c->criteria_all == 0)
        c->criteria_all = RPC_CRITERIA_ALL;
    if (c->criteria_client == 0)
        c->criteria_client = RPC_CRITERIA_CLIENT;
    if (c->criteria_session == 0)
        c->criteria_session = RPC_CRITERIA_SESSION;
}

static void fill_defaults(struct rpc_config *c)
{
    if (c->call_gas == 0)
        c->call_gas = RPC_CALL_GAS;
    if (c->call_ms == 0)
        c->call_ms = RPC_CALL_MS;
    if (c->batch_ms == 0)
        c->batch_ms = RPC_BATCH_MS;
    if (c->batch_requests == 0)
        c->batch_requests = RPC_BATCH_REQUESTS;
    if (c->batch_reply == 0)
        c->batch_reply = RPC_BATCH_REPLY;
    if (c->logs_blocks == 0)
        c->logs_blocks = RPC_LOGS_BLOCKS;
    if (c->logs_max == 0)
        c->logs_max = RPC_LOGS_MAX;
    if (c->waits_max == 0)
        c->waits_max = RPC_WAITS_MAX;
    fill_shares(c);
}

status rpc_new(const struct rpc_config *c, struct rpc **ret, struct err *reterr)
{
    struct rpc *r = calloc(1, sizeof *r);
    status s = r != NULL ? OK : E_NOMEM;
    if (s == OK) {
        r->cfg = *c;
        fill_defaults(&r->cfg);
        s = rpc_pending_new(&r->pending);
    }
    if (s == OK)
        s = rpc_tips_new(&r->tips);
    if (s == OK)
        s = rpc_budget_new(&r->budget);
    if (s == OK)
        s = rpc_filters_new(&r->filters);
    if (s != OK) {
        rpc_free(r);
        return ERR(reterr, s, "JSON-RPC");
    }
    r->listener = (struct chain_listener){on_head, on_rollback, on_pending, r};
    s = chain_listen(c->chain, &r->listener, reterr);
    if (s != OK) {
        rpc_free(r);
        return s;
    }
    r->is_listening = true;
    *ret = r;
    return OK;
}

void rpc_free(struct rpc *r)
{
    if (r == NULL)
        return;
    if (r->is_listening)
        chain_unlisten(r->cfg.chain, &r->listener);
    rpc_filters_free(r->filters, r->budget);
    rpc_budget_free(r->budget);
    rpc_tips_free(r->tips);
    rpc_pending_free(r->pending);
    free(r);
}

void rpc_set_wake(struct rpc *r, void (*wake_up)(void *ctx), void *ctx)
{
    r->wake_ctx = ctx;
    r->wake = wake_up;
}
