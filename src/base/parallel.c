/* SPDX-License-Identifier: Apache-2.0 */
/* A counter that threads draw from. */
#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>

struct job {
    size_t n;
    void (*run)(void *ctx, size_t i);
    void *ctx;
    atomic_size_t next;
};

static void *work(void *arg)
{
    struct job *j = arg;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < j->n;)
        j->run(j->ctx, i);
    return NULL;
}

void parallel_run(size_t n, unsigned threads, void (*run)(void *ctx, size_t i), void *ctx)
{
    pthread_t others[PARALLEL_MAX];
    struct job j = {.n = n, .run = run, .ctx = ctx};
    unsigned k = 0;
    while (k + 1 < threads && k + 1 < PARALLEL_MAX && k + 1 < n &&
           pthread_create(&others[k], NULL, work, &j) == 0)
        k++;
    (void)work(&j);
    while (k > 0)
        (void)pthread_join(others[--k], NULL);
}
