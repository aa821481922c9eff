/* SPDX-License-Identifier: Apache-2.0 */
/* The same work on many items by a few threads. */
#ifndef EHRD_BASE_PARALLEL_H
#define EHRD_BASE_PARALLEL_H

#include <stddef.h>

#define PARALLEL_MAX 16u

/* Call run(ctx, i) once for each i < n, by up to `threads` threads (at most PARALLEL_MAX) of which
 * the caller is one, in order of i as far as they begin; returns when all calls have. run must be
 * fit for several threads at once and keeps its own results by i. Where threads cannot be made,
 * fewer do the work. */
void parallel_run(size_t n, unsigned threads, void (*run)(void *ctx, size_t i), void *ctx);

#endif
