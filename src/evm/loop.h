/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's loop. Included once plain and once with EVM_TRACED, so that tracing costs
 * nothing where there is none.
 *
 * Threaded code: each instruction ends with its own indirect jump, which branch predictors learn
 * best. EVM_SWITCH builds the same loop as a switch for compilers without label addresses. */
#ifndef EHRD_EVM_LOOP_H
#define EHRD_EVM_LOOP_H

#include "evm/frame.h"
#include "evm/opcode.h"
#include "evm/ops_context.h"
#include "evm/ops_memory.h"
#include "evm/ops_pure.h"

#ifndef EVM_TRACED
#define EVM_TRACED 0
#endif
#if EVM_TRACED
#define LOOP_NAME evm_loop_traced
#else
#define LOOP_NAME evm_loop
#endif

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic" /* addresses of labels */

#ifdef EVM_SWITCH
#define LABEL(name) case OP_##name:
#define DISPATCH() goto dispatch
#else
#define LABEL(name) L_##name:
#define DISPATCH() goto *table[*pc]
#endif

/* After a jump the JUMPDEST is known; where nobody watches it is paid for and stepped over. */
#if EVM_TRACED
#define NEXT() goto trace
#define LAND() NEXT()
#else
#define NEXT() DISPATCH()
#define LAND()                                                                                     \
    pc++;                                                                                          \
    if (--gas < 0)                                                                                 \
        goto out_of_gas;                                                                           \
    NEXT()
#endif

#define FAIL(why)                                                                                  \
    do {                                                                                           \
        st = (why);                                                                                \
        goto fail;                                                                                 \
    } while (0)

/* Undefined, stack and gas checks; those that cannot fail for the opcode fold away. */
#define ENTER(name, in, out, cost)                                                                 \
    LABEL(name)                                                                                    \
    if ((cost) < 0 && costs[OP_##name] < 0)                                                        \
        goto undefined;                                                                            \
    if ((in) > 0 && (out) > (in)) { /* both ends at once */                                        \
        if ((size_t)((char *)sp - (char *)base) - (in) * sizeof *sp >=                             \
            (EVM_STACK_MAX - (in)) * sizeof *sp)                                                   \
            goto stack_fault;                                                                      \
    } else if ((in) > 0 && sp < base + (in)) {                                                     \
        goto underflow;                                                                            \
    } else if ((out) > (in) && sp >= base + EVM_STACK_MAX) {                                       \
        goto overflow;                                                                             \
    }                                                                                              \
    gas -= (cost) < 0 ? costs[OP_##name] : (cost);                                                 \
    if ((cost) != 0 && gas < 0)                                                                    \
        goto out_of_gas;

#define RUN_PURE(name, in, out, n)                                                                 \
    op_##name(sp);                                                                                 \
    sp += (out) - (in);                                                                            \
    pc++;                                                                                          \
    NEXT();

#define RUN_CONTEXT(name, in, out, n)                                                              \
    op_##name(f, sp);                                                                              \
    sp += (out) - (in);                                                                            \
    pc++;                                                                                          \
    NEXT();

#define RUN_MEMORY(name, in, out, n)                                                               \
    if (__builtin_expect(!memory_has(f, sp, MEMORY_SIZE_##name), 0)) {                             \
        f->gas = gas;                                                                              \
        st = frame_mem(f, sp, MEMORY_SIZE_##name);                                                 \
        gas = f->gas;                                                                              \
        if (st != EVM_SUCCESS)                                                                     \
            goto fail;                                                                             \
    }                                                                                              \
    op_##name(f, sp);                                                                              \
    sp += (out) - (in);                                                                            \
    pc++;                                                                                          \
    NEXT();

#define RUN_CALLED(call, in, out)                                                                  \
    f->gas = gas;                                                                                  \
    st = (call);                                                                                   \
    gas = f->gas;                                                                                  \
    if (st != EVM_SUCCESS)                                                                         \
        goto fail;                                                                                 \
    sp += (out) - (in);                                                                            \
    pc++;                                                                                          \
    NEXT();

#define RUN_SLOW(name, in, out, n) RUN_CALLED(op_##name(f, sp), in, out)
#define RUN_LOG(name, in, out, n) RUN_CALLED(op_log(f, sp, n), in, out)

#define RUN_PUSH(name, in, out, n)                                                                 \
    *++sp = loop_push(pc + 1, n);                                                                  \
    pc += (n) + 1;                                                                                 \
    NEXT();

/* PUSH2. Nearly all of them push the target of a JUMP or JUMPI that follows: done in one step where
 * nobody watches. The padding makes pc[3] readable. */
#if EVM_TRACED
#define RUN_PUSH_TARGET RUN_PUSH
#else
#define RUN_PUSH_TARGET(name, in, out, n)                                                          \
    if (pc[3] == OP_JUMPI) {                                                                       \
        if (sp == base)                                                                            \
            goto underflow;                                                                        \
        if ((gas -= 10) < 0)                                                                       \
            goto out_of_gas;                                                                       \
        sp--;                                                                                      \
        if (u256_is_zero(sp[1])) {                                                                 \
            pc += 4;                                                                               \
            NEXT();                                                                                \
        }                                                                                          \
        goto push_jump;                                                                            \
    }                                                                                              \
    if (pc[3] == OP_JUMP) {                                                                        \
        if ((gas -= 8) < 0)                                                                        \
            goto out_of_gas;                                                                       \
        goto push_jump;                                                                            \
    }                                                                                              \
    RUN_PUSH(name, in, out, n)
#endif

#define RUN_DUP(name, in, out, n)                                                                  \
    sp[1] = sp[1 - (n)];                                                                           \
    sp++;                                                                                          \
    pc++;                                                                                          \
    NEXT();

/* SWAP and POP: nearly half of all SWAPs are followed by it. */
#if EVM_TRACED
#define MERGE_SWAP_POP(n)
#else
#define MERGE_SWAP_POP(n)                                                                          \
    if (pc[1] == OP_POP && gas >= 2) {                                                             \
        gas -= 2;                                                                                  \
        sp[-(n)] = sp[0];                                                                          \
        sp--;                                                                                      \
        pc += 2;                                                                                   \
        NEXT();                                                                                    \
    }
#endif

#define RUN_SWAP(name, in, out, n)                                                                 \
    MERGE_SWAP_POP(n)                                                                              \
    loop_swap(sp, sp - (n));                                                                       \
    pc++;                                                                                          \
    NEXT();

/* ISZERO, PUSH2 of a target, JUMPI: how a compiler writes "if not". */
#if EVM_TRACED
#define RUN_NOT RUN_PURE
#else
#define RUN_NOT(name, in, out, n)                                                                  \
    if (pc[1] == OP_PUSH2 && pc[4] == OP_JUMPI && gas >= 13 && sp < base + EVM_STACK_MAX) {        \
        gas -= 13;                                                                                 \
        pc++;                                                                                      \
        sp--;                                                                                      \
        if (u256_is_zero(sp[1]))                                                                   \
            goto push_jump;                                                                        \
        pc += 4;                                                                                   \
        NEXT();                                                                                    \
    }                                                                                              \
    RUN_PURE(name, in, out, n)
#endif

/* PUSH1 and ADD: offsets into memory. */
#if EVM_TRACED
#define RUN_PUSH_SMALL RUN_PUSH
#else
#define RUN_PUSH_SMALL(name, in, out, n)                                                           \
    if (pc[2] == OP_ADD && sp > base && gas >= 3) {                                                \
        gas -= 3;                                                                                  \
        *sp = u256_wadd(*sp, u256_from_u64(pc[1]));                                                \
        pc += 3;                                                                                   \
        NEXT();                                                                                    \
    }                                                                                              \
    RUN_PUSH(name, in, out, n)
#endif

#define RUN_CTRL(name, in, out, n) LOOP_##name

#define LOOP_STOP                                                                                  \
    st = EVM_SUCCESS;                                                                              \
    goto done;
#define LOOP_POP                                                                                   \
    sp--;                                                                                          \
    pc++;                                                                                          \
    NEXT();
#define LOOP_PC                                                                                    \
    *++sp = u256_from_u64((uint64_t)(pc - f->code));                                               \
    pc++;                                                                                          \
    NEXT();
#define LOOP_GAS                                                                                   \
    *++sp = u256_from_u64((uint64_t)gas);                                                          \
    pc++;                                                                                          \
    NEXT();
#define LOOP_JUMPDEST                                                                              \
    pc++;                                                                                          \
    NEXT();
#define LOOP_JUMP                                                                                  \
    if (!loop_may_jump(f, sp))                                                                     \
        FAIL(EVM_BAD_JUMP);                                                                        \
    pc = f->code + sp->w[0];                                                                       \
    sp--;                                                                                          \
    LAND();
#define LOOP_JUMPI                                                                                 \
    sp -= 2;                                                                                       \
    if (u256_is_zero(sp[1])) {                                                                     \
        pc++;                                                                                      \
        NEXT();                                                                                    \
    }                                                                                              \
    if (!loop_may_jump(f, sp + 2))                                                                 \
        FAIL(EVM_BAD_JUMP);                                                                        \
    pc = f->code + sp[2].w[0];                                                                     \
    LAND();
#define LOOP_RETURN                                                                                \
    st = EVM_SUCCESS;                                                                              \
    goto give_back;
#define LOOP_REVERT                                                                                \
    st = EVM_REVERT;                                                                               \
    goto give_back;
#define LOOP_INVALID FAIL(EVM_INVALID);
#define LOOP_SELFDESTRUCT                                                                          \
    f->gas = gas;                                                                                  \
    st = op_selfdestruct(f, sp);                                                                   \
    gas = f->gas;                                                                                  \
    if (st != EVM_SUCCESS)                                                                         \
        goto fail;                                                                                 \
    goto done;

/* The n bytes at p as a number. n is constant; reading 8 at a time may see bytes after them, which
 * are in the code or its padding, and shifts them out. */
static inline __attribute__((always_inline)) u256 loop_push(const uint8_t *p, unsigned n)
{
    u256 r = {{0}};
    for (unsigned i = 0; i < (n + 7) / 8; i++) {
        unsigned end = n - 8 * i; /* bytes of the number up to the end of word i */
        r.w[i] = frame_be64(end >= 8 ? p + end - 8 : p) >> (end >= 8 ? 0 : 64 - 8 * end);
    }
    return r;
}

static inline void loop_swap(u256 *a, u256 *b)
{
    u256 t = *a;
    *a = *b;
    *b = t;
}

static inline bool loop_is_jumpdest(const struct frame *f, uint64_t at)
{
    return at < f->code_n && (f->jumpdests[at / 64] >> (at % 64) & 1) != 0;
}

static inline bool loop_may_jump(const struct frame *f, const u256 *to)
{
    return u256_fits_u64(*to) && loop_is_jumpdest(f, to->w[0]);
}

#if EVM_TRACED
static void loop_trace(struct frame *f, const uint8_t *pc, int64_t gas, const u256 *sp)
{
    if (f->step_open)
        frame_trace_cost(f, gas, EVM_SUCCESS);
    struct evm_step step = {.depth = f->msg->depth,
                            .pc = (size_t)(pc - f->code),
                            .op = *pc,
                            .gas = gas,
                            .refund = f->refund,
                            .stack = f->base + 1,
                            .n_stack = (size_t)(sp - f->base),
                            .memory = slice_of(f->mem, f->mem_n),
                            .return_data = f->return_data,
                            .msg = f->msg};
    f->step_gas = gas;
    f->step_open = true;
    f->tracer->step(f->tracer->ctx, &step);
}
#endif

void LOOP_NAME(struct frame *f)
{
#ifndef EVM_SWITCH
    static const void *const labels[256] = {
#define OP(code, name, in, out, cost, kind, n) &&L_##name,
#define NONE(code) &&undefined,
#include "evm/opcodes.def"
    };
#endif
#ifndef EVM_SWITCH
    const void *const *table = labels;
    __asm__("" : "+r"(table)); /* kept in a register instead of being computed at each step */
#endif
    const uint8_t *pc = f->code;
    u256 *const base = f->base;
    u256 *sp = base;
    int64_t gas = f->gas;
    const int16_t *const costs = f->costs->op;
    enum evm_status st;
    NEXT();
#if EVM_TRACED
trace:
    loop_trace(f, pc, gas, sp);
    DISPATCH();
#endif
#ifdef EVM_SWITCH
dispatch:
    switch (*pc) {
#define NONE(code)
#define OP(code, name, in, out, cost, kind, n)                                                     \
    ENTER(name, in, out, cost)                                                                     \
    RUN_##kind(name, in, out, n)
#include "evm/opcodes.def"
    }
    goto undefined;
#else
#define NONE(code)
#define OP(code, name, in, out, cost, kind, n)                                                     \
    ENTER(name, in, out, cost)                                                                     \
    RUN_##kind(name, in, out, n)
#include "evm/opcodes.def"
#endif
#if !EVM_TRACED
push_jump:; /* to the number that the PUSH2 at pc holds */
    uint64_t target = (uint64_t)pc[1] << 8 | pc[2];
    if (!loop_is_jumpdest(f, target))
        FAIL(EVM_BAD_JUMP);
    pc = f->code + target;
    LAND();
#endif
give_back: /* RETURN and REVERT: st says which */
    f->gas = gas;
    f->status = st;
    uint64_t size;
    st = frame_mem_range(f, sp, sp - 1, &size);
    gas = f->gas;
    if (st != EVM_SUCCESS)
        goto fail;
    f->output = frame_slice(f, sp, size);
    st = f->status;
    goto done;
undefined:
    FAIL(EVM_UNDEFINED);
stack_fault:
    FAIL(sp >= base + EVM_STACK_MAX ? EVM_STACK_OVERFLOW : EVM_STACK_UNDERFLOW);
underflow:
    FAIL(EVM_STACK_UNDERFLOW);
overflow:
    FAIL(EVM_STACK_OVERFLOW);
out_of_gas:
    st = EVM_OUT_OF_GAS;
fail:
done:
    f->gas = gas;
    f->status = st;
}

#pragma GCC diagnostic pop
#endif
