/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-3155 lines. The cost of an instruction is known only after it, so it ends the line. */
#include "evm/trace.h"

#include <inttypes.h>

static status put_stack(struct buf *out, const struct evm_step *s)
{
    status st = buf_put_str(out, ",\"stack\":[");
    for (size_t i = 0; st == OK && i < s->n_stack; i++) {
        char text[U256_HEX_MAX];
        (void)u256_hex(s->stack[i], text);
        st = buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", text);
    }
    return st == OK ? buf_put_str(out, "]") : st;
}

static status put_step(struct buf *out, const struct evm_step *s)
{
    const char *name = evm_op_name(s->op);
    status st = buf_printf(out,
                           "{\"pc\":%zu,\"op\":%u,\"opName\":\"%s\",\"gas\":\"0x%" PRIx64
                           "\",\"memSize\":%zu,\"depth\":%u,\"refund\":%" PRId64,
                           s->pc, s->op, name != NULL ? name : "", (uint64_t)s->gas, s->memory.n,
                           s->depth + 1, s->refund);
    return st == OK ? put_stack(out, s) : st;
}

static void on_step(void *ctx, const struct evm_step *s)
{
    struct evm_trace *t = ctx;
    if (t->st != OK)
        return;
    t->st = put_step(t->out, s);
    t->open = true;
}

static void on_cost(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault)
{
    struct evm_trace *t = ctx;
    (void)depth;
    if (t->st != OK || !t->open)
        return;
    t->open = false;
    if (fault == EVM_SUCCESS)
        t->st = buf_printf(t->out, ",\"gasCost\":\"0x%" PRIx64 "\"}\n", (uint64_t)gas_cost);
    else
        t->st = buf_printf(t->out, ",\"gasCost\":\"0x%" PRIx64 "\",\"error\":\"%s\"}\n",
                           (uint64_t)gas_cost, evm_status_text(fault));
    if (t->st == OK)
        t->whole = t->out->n;
}

void evm_trace_init(struct evm_trace *t, struct buf *out)
{
    *t = (struct evm_trace){
        .tracer = {.ctx = t, .step = on_step, .cost = on_cost}, .out = out, .whole = out->n};
}

status evm_trace_done(struct evm_trace *t)
{
    t->out->n = t->whole;
    return t->st;
}
