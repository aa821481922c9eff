/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of the API for Prometheus. Any thread. */
#ifndef EHRD_API_METRICS_H
#define EHRD_API_METRICS_H

#include <stdatomic.h>

#include "base/buf.h"

#define METRICS_CODES 600u

struct metrics {
    _Atomic uint64_t codes[METRICS_CODES]; /* answers by HTTP code; 0: none was sent */
    _Atomic uint64_t took_ms;
    _Atomic uint64_t released;
    _Atomic uint64_t refused;
    _Atomic uint64_t stored;
    _Atomic uint64_t uploaded_bytes;
    _Atomic uint64_t relayed;
    _Atomic uint64_t swept_envelopes;
    _Atomic uint64_t swept_bodies;
};

void metrics_count_answer(struct metrics *m, int code, uint64_t took_ms);
/* Append the Prometheus text of the counters. */
status metrics_put(struct metrics *m, struct buf *ret) MUST_USE;
status metrics_put_gauge(struct buf *ret, const char *name, const char *help,
                         uint64_t value) MUST_USE;

#endif
