/* SPDX-License-Identifier: Apache-2.0 */
/* A load generator: HTTP/1.1 over loopback, one thread, a closed loop on each of many connections.
 * It spends as little as it can, since it shares the machine with the node that is measured. */
#ifndef EHRD_BENCH_RPC_LOAD_H
#define EHRD_BENCH_RPC_LOAD_H

#include "base/buf.h"

/* What one connection sends, in order: request bodies back to back. */
struct load_queue {
    struct buf text;
    size_t *end; /* of each body in text */
    size_t n;
    size_t cap;
};

void load_queue_init(struct load_queue *q);
void load_queue_done(struct load_queue *q);
/* The text put into q->text since the last call is one body. */
void load_queue_close(struct load_queue *q);

struct load_result {
    double seconds;
    size_t answers;
    size_t results; /* "result" members in all answers */
    size_t errors;  /* "error" members */
    double *ms;     /* latency of each answer, ascending; free it */
    char first_error[256];
};

/* Send all queues, one connection each, and wait for all answers. Ends the process when the node
 * does not answer for 60 s. */
void load_run(uint16_t port, struct load_queue *q, size_t n, struct load_result *ret);
/* One request, its answer's body in ret (cleared before). False: no connection. */
bool load_ask(uint16_t port, slice body, struct buf *ret);

#endif
