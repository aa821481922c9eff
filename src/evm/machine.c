/* SPDX-License-Identifier: Apache-2.0 */
/* Frames, their memory, and the way from a message to a result. */
#include <stdlib.h>

#include "evm/frame.h"

/* Memory that a frame keeps for the next use; larger ones are freed when the machine is bound. */
#define KEEP_BYTES ((uint64_t)1 << 20)
#define STACK_ALIGN 64u

struct evm *evm_new(void)
{
    return calloc(1, sizeof(struct evm));
}

void evm_free(struct evm *vm)
{
    if (vm == NULL)
        return;
    for (size_t i = 0; i < vm->n_frames; i++) {
        free(vm->frames[i]->stack);
        free(vm->frames[i]->mem);
        free(vm->frames[i]);
    }
    free(vm);
}

void evm_bind(struct evm *vm, enum evm_rev rev, struct evm_host *host,
              const struct evm_tracer *tracer)
{
    vm->host = host;
    vm->tracer = tracer;
    if (vm->costs.exp_byte == 0 || vm->rev != rev)
        cost_init(&vm->costs, rev);
    vm->rev = rev;
    for (size_t i = 0; i < vm->n_frames; i++) {
        struct frame *f = vm->frames[i];
        if (f->mem_max <= KEEP_BYTES)
            continue;
        free(f->mem);
        f->mem = NULL;
        f->mem_max = 0;
    }
}

static struct frame *frame_new(void)
{
    struct frame *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    size_t bytes = (EVM_STACK_MAX + 1) * sizeof(u256);
    f->stack = aligned_alloc(STACK_ALIGN, (bytes + STACK_ALIGN - 1) / STACK_ALIGN * STACK_ALIGN);
    if (f->stack == NULL) {
        free(f);
        return NULL;
    }
    f->base = f->stack;
    return f;
}

/* The frame of a depth, which is reached from the one above it. NULL when out of memory. */
static struct frame *frame_at(struct evm *vm, uint32_t depth)
{
    while (vm->n_frames <= depth) {
        struct frame *f = frame_new();
        if (f == NULL)
            return NULL;
        vm->frames[vm->n_frames++] = f;
    }
    return vm->frames[depth];
}

static void frame_start(struct frame *f, struct evm *vm, const struct evm_msg *msg,
                        const struct evm_code *code)
{
    f->gas = msg->gas;
    f->refund = 0;
    f->mem_n = 0;
    f->code = code->bytes;
    f->code_n = code->n;
    f->jumpdests = code->jumpdests;
    f->msg = msg;
    f->host = vm->host;
    f->costs = &vm->costs;
    f->vm = vm;
    f->rev = vm->rev;
    f->input = evm_kind_is_create(msg->kind) ? SLICE_EMPTY : msg->input;
    f->return_data = SLICE_EMPTY;
    f->output = SLICE_EMPTY;
    f->tracer = vm->tracer;
    f->step_open = false;
}

static enum evm_status grow_storage(struct frame *f, uint64_t end)
{
    uint64_t max = f->mem_max < 4096 ? 4096 : f->mem_max;
    while (max < end)
        max *= 2;
    uint8_t *mem = realloc(f->mem, max);
    if (mem == NULL)
        return EVM_NO_MEMORY;
    f->mem = mem;
    f->mem_max = max;
    return EVM_SUCCESS;
}

/* Yellow Paper, appendix H: C_mem */
static int64_t memory_cost(int64_t words)
{
    return 3 * words + words * words / 512;
}

enum evm_status frame_mem_grow(struct frame *f, uint64_t end)
{
    int64_t words = frame_words(end);
    if (!frame_charge(f, memory_cost(words) - memory_cost((int64_t)(f->mem_n / 32))))
        return EVM_OUT_OF_GAS;
    uint64_t n = (uint64_t)words * 32;
    if (n > f->mem_max) {
        enum evm_status st = grow_storage(f, n);
        if (st != EVM_SUCCESS)
            return st;
    }
    memset(f->mem + f->mem_n, 0, n - f->mem_n);
    f->mem_n = n;
    return EVM_SUCCESS;
}

/* What the code that init code returned must fulfil, and its price. */
static void finish_create(struct frame *f)
{
    int64_t cost = COST_CODE_BYTE * (int64_t)f->output.n;
    if (f->rev >= EVM_SPURIOUS && f->output.n > EVM_CODE_MAX)
        f->status = EVM_CODE_TOO_LARGE;
    else if (f->rev >= EVM_LONDON && f->output.n > 0 && f->output.p[0] == 0xef)
        f->status = EVM_CODE_EF;
    else if (cost <= f->gas)
        f->gas -= cost;
    else if (f->rev >= EVM_HOMESTEAD)
        f->status = EVM_OUT_OF_GAS; /* EIP-2 */
    else
        f->output = SLICE_EMPTY;
}

static void frame_result(const struct frame *f, struct evm_result *ret)
{
    *ret = (struct evm_result){.status = f->status};
    if (f->status == EVM_SUCCESS || f->status == EVM_REVERT) {
        ret->gas_left = f->gas;
        ret->output = f->output;
    }
    if (f->status == EVM_SUCCESS)
        ret->gas_refund = f->refund;
}

void frame_trace_cost(struct frame *f, int64_t gas, enum evm_status fault)
{
    f->step_open = false;
    f->tracer->cost(f->tracer->ctx, f->msg->depth, f->step_gas - gas, fault);
}

static void run_traced(struct frame *f)
{
    evm_loop_traced(f);
    if (f->step_open)
        frame_trace_cost(f, f->gas, f->status == EVM_REVERT ? EVM_SUCCESS : f->status);
}

static void run_frame(struct frame *f)
{
    const struct evm_tracer *tracer = f->tracer;
    if (tracer == NULL)
        evm_loop(f);
    else
        run_traced(f);
    if (f->status == EVM_SUCCESS && evm_kind_is_create(f->msg->kind))
        finish_create(f);
}

void evm_execute(struct evm *vm, const struct evm_msg *msg, const struct evm_code *code,
                 struct evm_result *ret)
{
    const struct evm_tracer *tracer = vm->tracer;
    struct frame *f = frame_at(vm, msg->depth);
    if (tracer != NULL && tracer->enter != NULL)
        tracer->enter(tracer->ctx, msg);
    if (f == NULL) {
        *ret = (struct evm_result){.status = EVM_NO_MEMORY};
    } else {
        frame_start(f, vm, msg, code);
        run_frame(f);
        frame_result(f, ret);
    }
    if (tracer != NULL && tracer->leave != NULL)
        tracer->leave(tracer->ctx, msg, ret);
}
