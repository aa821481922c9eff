/* SPDX-License-Identifier: Apache-2.0 */
/* Tracers of one transaction or call: structLogs, callTracer, prestateTracer, 4byteTracer,
 * noopTracer. */
#ifndef EHRD_RPC_TRACE_H
#define EHRD_RPC_TRACE_H

#include "rpc/method.h"

#define RPC_TRACE_MEMORY ((size_t)256 << 20) /* frames and accounts of one transaction */

struct rpc_trace;

struct rpc_trace_ops {
    void (*begin)(struct rpc_trace *t);
    /* Write the one value. */
    status (*finish)(struct rpc_trace *t, const struct tx_outcome *o);
};

/* What is traced: set before begin. */
struct rpc_traced {
    struct state *state;
    const struct tx *tx;
    addr20 sender;
    addr20 coinbase;
    enum evm_rev rev;
    uint64_t first_log; /* logs of the block before this transaction */
};

struct rpc_trace {
    const struct rpc_trace_ops *ops;
    struct rpc_req *q;
    struct json config; /* tracerConfig; or, for structLogs, the whole */
    struct rpc_traced what;
    struct evm_tracer tracer; /* ctx: the trace; step NULL: steps are not wanted */
    struct host_watch watch;  /* ctx: the trace; all NULL: messages are not wanted */
    struct arena a;           /* of one transaction */
    status st;                /* the first failure */
    uint64_t steps;
    void *own; /* the tracer's, in a */
};

/* Choose by config = {tracer, tracerConfig, ...}, parameter i; absent: structLogs. */
status rpc_trace_choose(struct rpc_req *q, size_t i, struct json config,
                        struct rpc_trace *ret) MUST_USE;
/* For each transaction: begin, execute with rpc_trace_tracer and t->watch, finish. */
void rpc_trace_begin(struct rpc_trace *t, const struct rpc_traced *what);
const struct evm_tracer *rpc_trace_tracer(const struct rpc_trace *t);
status rpc_trace_finish(struct rpc_trace *t, const struct tx_outcome *o) MUST_USE;
/* After anything. */
void rpc_trace_done(struct rpc_trace *t);

/* A step is to be ignored: a failure, or the time is up (looked at now and then). */
bool rpc_trace_stopped(struct rpc_trace *t);
/* Does tracerConfig say so? */
bool rpc_trace_wants(const struct rpc_trace *t, const char *option);

extern const struct rpc_trace_ops rpc_trace_struct;
extern const struct rpc_trace_ops rpc_trace_call;
extern const struct rpc_trace_ops rpc_trace_prestate;
extern const struct rpc_trace_ops rpc_trace_4byte;
extern const struct rpc_trace_ops rpc_trace_noop;

#endif
