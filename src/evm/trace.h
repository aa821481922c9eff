/* SPDX-License-Identifier: Apache-2.0 */
/* A tracer that writes the lines of EIP-3155: one JSON object for each instruction. */
#ifndef EHRD_EVM_TRACE_H
#define EHRD_EVM_TRACE_H

#include "base/buf.h"
#include "evm/evm.h"

struct evm_trace {
    struct evm_tracer tracer; /* give this to evm_bind */
    struct buf *out;          /* borrowed; its cap bounds the trace */
    status st;                /* the first failure; nothing is written after it */
    size_t whole;             /* bytes of out up to the end of the last whole line */
    bool open;                /* a line waits for its cost */
};

/* t must not move while it is in use. */
void evm_trace_init(struct evm_trace *t, struct buf *out);

/* Cut a line that did not come to its end. OK | E_TOO_LONG (out's cap: the trace is cut there) |
 * E_NOMEM. */
status evm_trace_done(struct evm_trace *t) MUST_USE;

#endif
