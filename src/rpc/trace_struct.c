/* SPDX-License-Identifier: Apache-2.0 */
/* structLogs: an entry for each instruction, written as it runs. */
#include "base/hex.h"
#include "evm/opcode.h"
#include "rpc/call.h"
#include "rpc/put.h"
#include "rpc/trace.h"

/* A slot that a contract has looked at or written. */
struct seen {
    addr20 addr;
    u256 key;
    u256 word;
    struct seen *next;
};

struct logger {
    bool stack;
    bool storage;
    bool memory;
    bool return_data;
    uint64_t limit; /* 0: none */
    uint64_t n;
    bool open; /* an entry waits for its cost */
    struct seen *seen;
    uint32_t depth;
    int64_t last_refund[EVM_DEPTH_MAX + 1]; /* of the frames under way */
    int64_t base_refund[EVM_DEPTH_MAX + 1]; /* of those above each */
};

static void remember(struct rpc_trace *t, const addr20 *addr, u256 key, u256 word)
{
    struct logger *l = t->own;
    struct seen **at = &l->seen;
    while (*at != NULL && !(addr20_eq((*at)->addr, *addr) && u256_eq((*at)->key, key)))
        at = &(*at)->next;
    if (*at == NULL) {
        *at = arena_alloc(&t->a, sizeof **at);
        if (*at == NULL) {
            t->st = E_NOMEM;
            return;
        }
        (*at)->addr = *addr;
        (*at)->key = key;
    }
    (*at)->word = word;
}

static void put_storage(struct rpc_trace *t, const struct evm_step *s)
{
    const struct logger *l = t->own;
    struct jw *w = t->q->w;
    const u256 *top = s->stack + s->n_stack - 1;
    const addr20 *self = &s->msg->recipient;
    if (s->op == OP_SLOAD && s->n_stack >= 1) {
        struct account *a = state_account(t->what.state, self);
        remember(t, self, *top, state_slot(t->what.state, a, top)->v.current);
    } else if (s->op == OP_SSTORE && s->n_stack >= 2) {
        remember(t, self, *top, top[-1]);
    } else {
        return;
    }
    jw_key(w, "storage");
    jw_object(w);
    for (const struct seen *e = l->seen; e != NULL; e = e->next) {
        char key[67] = "0x";
        uint8_t be[32];
        if (!addr20_eq(e->addr, *self))
            continue;
        u256_to_be(e->key, be);
        jw_key(w, hex_0x(slice_of(be, sizeof be), key));
        rpc_put_word(w, e->word);
    }
    jw_end(w);
}

static void put_memory(struct jw *w, slice memory)
{
    jw_key(w, "memory");
    jw_array(w);
    for (size_t at = 0; at < memory.n; at += 32)
        jw_hex(w, slice_first(slice_after(memory, at), 32));
    jw_end(w);
}

static void put_stack(struct jw *w, const struct evm_step *s)
{
    jw_key(w, "stack");
    jw_array(w);
    for (size_t i = 0; i < s->n_stack; i++)
        jw_hex_u256(w, s->stack[i]);
    jw_end(w);
}

/* The counter of the transaction: that of this frame and those above it. */
static int64_t refund_of(struct logger *l, const struct evm_step *s)
{
    if (s->depth > l->depth)
        l->base_refund[s->depth] = l->base_refund[l->depth] + l->last_refund[l->depth];
    l->depth = s->depth;
    l->last_refund[s->depth] = s->refund;
    return l->base_refund[s->depth] + s->refund;
}

static void on_step(void *ctx, const struct evm_step *s)
{
    struct rpc_trace *t = ctx;
    struct logger *l = t->own;
    struct jw *w = t->q->w;
    int64_t refund = refund_of(l, s);
    if (rpc_trace_stopped(t) || (l->limit != 0 && l->n >= l->limit))
        return;
    if (w->st != OK) {
        t->st = w->st;
        return;
    }
    const char *name = evm_op_name(s->op);
    l->n++;
    l->open = true;
    jw_object(w);
    jw_key(w, "pc");
    jw_u64(w, s->pc);
    jw_key(w, "op");
    if (name != NULL)
        jw_cstr(w, name);
    else
        jw_printf(w, "opcode 0x%x not defined", s->op);
    jw_key(w, "gas");
    jw_i64(w, s->gas);
    jw_key(w, "depth");
    jw_u64(w, s->depth + 1);
    if (l->stack)
        put_stack(w, s);
    if (l->memory && s->memory.n > 0)
        put_memory(w, s->memory);
    if (l->return_data && s->return_data.n > 0) {
        jw_key(w, "returnData");
        jw_hex(w, s->return_data);
    }
    if (l->storage)
        put_storage(t, s);
    if (refund > 0) {
        jw_key(w, "refund");
        jw_i64(w, refund);
    }
}

static void on_cost(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault)
{
    struct rpc_trace *t = ctx;
    struct logger *l = t->own;
    (void)depth;
    if (t->st != OK || !l->open)
        return;
    l->open = false;
    jw_key(t->q->w, "gasCost");
    jw_i64(t->q->w, gas_cost);
    if (fault != EVM_SUCCESS) {
        jw_key(t->q->w, "error");
        jw_cstr(t->q->w, rpc_vm_text(fault));
    }
    jw_end(t->q->w);
}

static void struct_begin(struct rpc_trace *t)
{
    struct logger *l = arena_alloc(&t->a, sizeof *l);
    t->own = l;
    if (l == NULL) {
        t->st = E_NOMEM;
        return;
    }
    l->stack = !rpc_trace_wants(t, "disableStack");
    l->storage = !rpc_trace_wants(t, "disableStorage");
    l->memory = rpc_trace_wants(t, "enableMemory");
    l->return_data = rpc_trace_wants(t, "enableReturnData");
    if (json_u64(json_get(t->config, "limit"), &l->limit, NULL) != OK)
        l->limit = 0;
    t->tracer.step = on_step;
    t->tracer.cost = on_cost;
    jw_object(t->q->w);
    jw_key(t->q->w, "structLogs");
    jw_array(t->q->w);
}

static status struct_finish(struct rpc_trace *t, const struct tx_outcome *o)
{
    struct logger *l = t->own;
    struct jw *w = t->q->w;
    bool whole = o->status == EVM_SUCCESS || o->status == EVM_REVERT;
    if (l->open) /* the machine stopped within it */
        jw_end(w);
    jw_end(w);
    jw_key(w, "gas");
    jw_u64(w, o->gas_used);
    jw_key(w, "failed");
    jw_bool(w, o->status != EVM_SUCCESS);
    jw_key(w, "returnValue");
    jw_hex(w, whole ? o->output : SLICE_EMPTY);
    jw_end(w);
    return w->st;
}

const struct rpc_trace_ops rpc_trace_struct = {struct_begin, struct_finish};
