/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of the machine and its memory: what the parts of the interpreter share. */
#ifndef EHRD_EVM_FRAME_H
#define EHRD_EVM_FRAME_H

#include <endian.h>

#include "evm/cost.h"
#include "evm/evm.h"

/* The state of one call depth, made when that depth is first reached and used again. The loop
 * keeps gas, stack pointer and position in registers; gas is here while it runs a function. */
struct frame {
    int64_t gas;
    int64_t refund;
    uint8_t *mem;
    uint64_t mem_n;      /* bytes in use, a multiple of 32 */
    uint64_t mem_max;    /* bytes allocated */
    const uint8_t *code; /* of the evm_code that runs */
    uint64_t code_n;
    const uint64_t *jumpdests;
    u256 *base; /* one below the lowest word of the stack */
    const struct evm_msg *msg;
    struct evm_host *host;
    const struct evm_costs *costs;
    struct evm *vm;
    slice input;       /* calldata */
    slice return_data; /* of the last call; borrowed from the depth below or from the host */
    slice output;
    enum evm_status status;
    enum evm_rev rev;
    const struct evm_tracer *tracer; /* NULL: not traced */
    int64_t step_gas;                /* gas before the present instruction */
    bool step_open;                  /* its cost is not yet told */
    u256 *stack;                     /* EVM_STACK_MAX + 1 words */
};

struct evm {
    struct evm_host *host;
    const struct evm_tracer *tracer;
    enum evm_rev rev;
    size_t n_frames; /* frames[0 .. n_frames - 1] exist */
    struct evm_costs costs;
    struct frame *frames[EVM_DEPTH_MAX + 1];
};

/* Run f until it halts: f->status, gas, refund, output say how. */
void evm_loop(struct frame *f);
void evm_loop_traced(struct frame *f);

/* Tell the tracer the cost of the open step. gas: what is left. */
void frame_trace_cost(struct frame *f, int64_t gas, enum evm_status fault);

/* ---- memory ---- */

#define FRAME_MEM_MAX UINT32_MAX /* gas for more than this is out of reach: 2^45 and above */

/* Grow to hold end bytes and take the price from f->gas.
 * EVM_SUCCESS | EVM_OUT_OF_GAS | EVM_NO_MEMORY. */
enum evm_status frame_mem_grow(struct frame *f, uint64_t end) MUST_USE;

/* Make [off, off + n) usable. Nothing happens for n == 0, whatever off is. */
static inline MUST_USE enum evm_status frame_mem(struct frame *f, const u256 *off, uint64_t n)
{
    if (n == 0)
        return EVM_SUCCESS;
    if (!u256_fits_u64(*off) || off->w[0] > FRAME_MEM_MAX || n > FRAME_MEM_MAX)
        return EVM_OUT_OF_GAS;
    return off->w[0] + n <= f->mem_n ? EVM_SUCCESS : frame_mem_grow(f, off->w[0] + n);
}

/* The same for a size that is a word of the stack; *ret_n is the size. */
static inline MUST_USE enum evm_status frame_mem_range(struct frame *f, const u256 *off,
                                                       const u256 *n, uint64_t *ret_n)
{
    *ret_n = 0;
    if (!u256_fits_u64(*n))
        return EVM_OUT_OF_GAS;
    enum evm_status st = frame_mem(f, off, n->w[0]);
    if (st == EVM_SUCCESS)
        *ret_n = n->w[0];
    return st;
}

/* A range that frame_mem has made usable. */
static inline slice frame_slice(const struct frame *f, const u256 *off, uint64_t n)
{
    return n == 0 ? SLICE_EMPTY : slice_of(f->mem + off->w[0], n);
}

/* ---- gas ---- */

static inline MUST_USE bool frame_charge(struct frame *f, int64_t cost)
{
    return (f->gas -= cost) >= 0;
}

static inline int64_t frame_words(uint64_t bytes)
{
    return (int64_t)((bytes + 31) / 32);
}

/* ---- words ---- */

static inline uint64_t frame_be64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return be64toh(v);
}

static inline void frame_put_be64(uint8_t *p, uint64_t v)
{
    v = htobe64(v);
    memcpy(p, &v, sizeof v);
}

static inline u256 frame_load(const uint8_t *p)
{
    return (u256){{frame_be64(p + 24), frame_be64(p + 16), frame_be64(p + 8), frame_be64(p)}};
}

static inline void frame_store(uint8_t *p, u256 a)
{
    frame_put_be64(p, a.w[3]);
    frame_put_be64(p + 8, a.w[2]);
    frame_put_be64(p + 16, a.w[1]);
    frame_put_be64(p + 24, a.w[0]);
}

static inline addr20 frame_addr(const u256 *a)
{
    uint8_t be[32];
    addr20 r;
    frame_store(be, *a);
    memcpy(r.b, be + 12, sizeof r.b);
    return r;
}

static inline u256 frame_addr_word(const addr20 *a)
{
    uint8_t be[32] = {0};
    memcpy(be + 12, a->b, sizeof a->b);
    return frame_load(be);
}

/* ---- the instructions of kind SLOW: s is the top of the stack, results go where they belong;
 * dynamic gas is taken from f->gas, fixed gas and the stack have been checked ---- */
#define DECLARE_SLOW(name) enum evm_status op_##name(struct frame *f, u256 *s) MUST_USE;
#define DECLARE_PURE(name)
#define DECLARE_CONTEXT(name)
#define DECLARE_MEMORY(name)
#define DECLARE_CTRL(name)
#define DECLARE_PUSH(name)
#define DECLARE_PUSH_TARGET(name)
#define DECLARE_PUSH_SMALL(name)
#define DECLARE_NOT(name)
#define DECLARE_DUP(name)
#define DECLARE_SWAP(name)
#define DECLARE_LOG(name)
#define OP(code, name, in, out, cost, kind, n) DECLARE_##kind(name)
#define NONE(code)
#include "evm/opcodes.def"

enum evm_status op_log(struct frame *f, u256 *s, size_t n_topics) MUST_USE;
enum evm_status op_selfdestruct(struct frame *f, const u256 *s) MUST_USE;

#endif
