/* SPDX-License-Identifier: Apache-2.0 */
/* debug_trace*: transactions executed again on the state before them. */
#include "base/hex.h"
#include "rpc/call.h"
#include "rpc/methods.h"
#include "rpc/put.h"
#include "rpc/trace.h"

/* A block being executed again. */
struct again {
    struct rpc_req *q;
    struct chain_block b;
    struct chain_exec x;
    struct block_run run;
    bool open;
    bool begun;
    struct rlp_list txs;
    struct chain_receipt *receipt; /* of each transaction */
    size_t n_receipts;
    uint64_t logs;  /* so far */
    uint32_t index; /* of the next transaction */
};

static status again_begin(struct rpc_req *q, uint64_t number, struct again *ret)
{
    *ret = (struct again){.q = q};
    status s = chain_view_block(&q->view, number, &ret->b, NULL);
    if (s != OK)
        return s;
    if (number == 0)
        return rpc_fail(q, RPC_SERVER_ERROR, "genesis is not traceable");
    s = chain_exec_open(&q->view, number - 1, &ret->b.block.header, &ret->x, NULL);
    if (s == E_REMOVED)
        return rpc_fail(q, RPC_SERVER_ERROR, "historical state of block %llu is not available",
                        (unsigned long long)number - 1);
    if (s != OK)
        return s;
    ret->open = true;
    chain_exec_as_sealed(&ret->x, number, &ret->b.block.hash);
    s = chain_view_rules(&q->view, number, &ret->x.rules, NULL);
    if (s == OK)
        s = chain_view_receipts(&q->view, number, q->a, &ret->receipt, &ret->n_receipts, NULL);
    if (s != OK)
        return s;
    ret->txs.rest = ret->b.block.txs;
    ret->begun = true;
    return block_begin(&ret->run, &ret->x.rules, &ret->x.header, &ret->x.state, ret->x.vm, NULL,
                       chain_view_hash, &q->view, NULL);
}

static void again_done(struct again *g)
{
    if (g->begun)
        block_done(&g->run);
    if (g->open)
        chain_exec_close(&g->x);
}

/* It does not come out as when it was sealed. That is damage, unless the set controls of a chain
 * for development changed something that is not known any more. */
static status other_outcome(const struct again *g)
{
    if (!chain_is_dev(g->q->rpc->cfg.chain))
        return E_CORRUPT;
    return rpc_fail(g->q, RPC_SERVER_ERROR,
                    "block %llu cannot be executed again: the state before it was changed by "
                    "anvil_set... or the like in an earlier run of this node",
                    (unsigned long long)g->b.block.header.number);
}

/* Execute the next transaction; traced if t is not NULL. Its sender is the receipt's: a chain for
 * development takes transactions that nobody signed. */
static status again_next(struct again *g, struct rpc_trace *t)
{
    struct tx tx;
    struct tx_outcome o;
    slice raw;
    status s = rpc_check_time(g->q, "trace");
    if (s == OK && (block_next_tx(&g->txs, &raw, NULL) != OK || tx_read(raw, &tx, NULL) != OK ||
                    g->index >= g->n_receipts))
        s = E_CORRUPT;
    if (s != OK)
        return s;
    const struct chain_receipt *r = &g->receipt[g->index];
    if (t != NULL) {
        rpc_trace_begin(t, &(struct rpc_traced){&g->x.state, &tx, r->sender, g->x.header.coinbase,
                                                g->x.rules.rev, g->logs});
        evm_bind(g->x.vm, g->x.rules.rev, &g->run.host.evm, rpc_trace_tracer(t));
        g->run.host.watch = &t->watch;
    }
    s = block_tx(&g->run, &tx, &r->sender, &o, NULL);
    evm_bind(g->x.vm, g->x.rules.rev, &g->run.host.evm, NULL);
    g->run.host.watch = NULL;
    if (s == E_RANGE || (s == OK && o.gas_used != r->gas_used))
        return other_outcome(g);
    if (s != OK)
        return s;
    g->logs += g->x.state.log_n;
    g->index++;
    return t != NULL ? rpc_trace_finish(t, &o) : OK;
}

/* --- blocks ----------------------------------------------------------------------------------- */

static status trace_all(struct again *g, struct rpc_trace *t)
{
    struct jw *w = g->q->w;
    struct rlp_list ahead = g->txs;
    slice raw;
    status s = OK;
    jw_array(w);
    while (s == OK && !rlp_list_is_empty(&g->txs)) {
        hash32 hash;
        if (block_next_tx(&ahead, &raw, NULL) != OK)
            return E_CORRUPT;
        tx_hash(raw, &hash);
        jw_object(w);
        jw_key(w, "txHash");
        rpc_put_hash(w, &hash);
        jw_key(w, "result");
        s = again_next(g, t);
        jw_end(w);
    }
    jw_end(w);
    return s;
}

static status trace_block(struct rpc_req *q, const struct rpc_at *at)
{
    struct rpc_trace t;
    uint64_t number;
    struct again *g = arena_alloc(q->a, sizeof *g);
    status s = g != NULL ? rpc_trace_choose(q, 1, q->param[1], &t) : E_NOMEM;
    if (s == OK)
        s = rpc_at_find(q, at, &number);
    if (s == E_NOT_FOUND && at->kind == RPC_AT_HASH) {
        char text[67];
        return rpc_fail(q, RPC_SERVER_ERROR, "block %s not found",
                        hex_0x(slice_of(at->hash.b, 32), text));
    }
    if (s == E_NOT_FOUND)
        return rpc_fail(q, RPC_SERVER_ERROR, "block #%llu not found",
                        (unsigned long long)at->number);
    if (s != OK)
        return s;
    s = again_begin(q, number, g);
    if (s == OK)
        s = trace_all(g, &t);
    again_done(g);
    rpc_trace_done(&t);
    return s;
}

status rpc_debug_trace_block_by_number(struct rpc_req *q)
{
    struct rpc_at at;
    status s = rpc_param_number(q, 0, &at);
    return s == OK ? trace_block(q, &at) : s;
}

status rpc_debug_trace_block_by_hash(struct rpc_req *q)
{
    struct rpc_at at = {.kind = RPC_AT_HASH};
    status s = rpc_read_hash(q, 0, q->param[0], &at.hash);
    return s == OK ? trace_block(q, &at) : s;
}

/* --- one transaction -------------------------------------------------------------------------- */

status rpc_debug_trace_tx(struct rpc_req *q)
{
    struct rpc_trace t;
    hash32 hash;
    uint64_t number;
    uint32_t index;
    struct again *g = arena_alloc(q->a, sizeof *g);
    status s = g != NULL ? rpc_read_hash(q, 0, q->param[0], &hash) : E_NOMEM;
    if (s == OK)
        s = rpc_trace_choose(q, 1, q->param[1], &t);
    if (s == OK)
        s = rpc_view(q);
    if (s != OK)
        return s;
    s = chain_view_tx(&q->view, &hash, &number, &index, NULL);
    if (s == E_NOT_FOUND)
        return rpc_fail(q, RPC_SERVER_ERROR, "transaction not found");
    if (s != OK)
        return s;
    s = again_begin(q, number, g);
    while (s == OK && g->index < index)
        s = again_next(g, NULL);
    if (s == OK)
        s = again_next(g, &t);
    again_done(g);
    rpc_trace_done(&t);
    return s;
}

/* --- calls ------------------------------------------------------------------------------------ */

static status begin_call(struct rpc_req *q, struct rpc_call_args *args, struct rpc_exec *x)
{
    struct rpc_at at;
    struct json config = q->param[2];
    status s = rpc_read_call(q, 0, q->param[0], args);
    if (s == OK)
        s = rpc_param_at(q, 1, &at);
    if (s == OK)
        s = rpc_exec_begin(q, &at, x);
    if (s == OK)
        s = rpc_override_block(q, 2, json_get(config, "blockOverrides"), x);
    if (s == OK)
        s = rpc_override_state(q, 2, json_get(config, "stateOverrides"), x);
    return s;
}

status rpc_debug_trace_call(struct rpc_req *q)
{
    struct rpc_call_args args;
    struct rpc_result r;
    struct rpc_trace t;
    struct tx tx;
    struct rpc_exec *x = arena_alloc(q->a, sizeof *x);
    status s = x != NULL ? rpc_trace_choose(q, 2, q->param[2], &t) : E_NOMEM;
    if (s != OK)
        return s;
    s = begin_call(q, &args, x);
    if (s == OK) {
        uint64_t nonce = state_account(&x->x.state, &args.from)->head.nonce;
        rpc_call_tx(&args, x->x.rules.chain_id, nonce, rpc_call_gas(q, &args), &tx);
        rpc_trace_begin(&t, &(struct rpc_traced){&x->x.state, &tx, args.from, x->env.coinbase,
                                                 x->x.rules.rev, 0});
        struct rpc_run run = {
            .args = &args, .gas = tx.gas, .tracer = rpc_trace_tracer(&t), .watch = &t.watch};
        s = rpc_run(q, x, &run, &r);
    }
    if (s == OK)
        s = rpc_trace_finish(&t, &r.out);
    rpc_exec_done(x);
    rpc_trace_done(&t);
    return s;
}
