/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that run jobs which may wait, so that none of them holds up input and output of others.
 * Private to net. */
#ifndef EHRD_NET_HTTP_WORKERS_H
#define EHRD_NET_HTTP_WORKERS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/status.h"

/* Part of what is worked on; run may free what holds it. */
struct http_job {
    struct http_job *next; /* in the queue */
    void (*run)(struct http_job *job);
};

struct http_workers {
    pthread_mutex_t lock; /* all below */
    pthread_cond_t wake;
    struct http_job *first; /* waiting, oldest first */
    struct http_job *last;
    unsigned waiting;
    unsigned max_waiting; /* 0: no bound */
    bool quit;
    pthread_t *threads;
    unsigned n;
};

/* Each job given to http_workers_put is run by one of n threads.
 * OK | E_NOMEM. On failure nothing is left running. */
status http_workers_start(struct http_workers *w, unsigned n, unsigned max_waiting) MUST_USE;
/* False when the workers were stopped or max_waiting jobs wait: the job is not taken. */
bool http_workers_put(struct http_workers *w, struct http_job *job) MUST_USE;
/* Let all that was put finish and end the threads. */
void http_workers_stop(struct http_workers *w);
/* After stop, when nobody can put any more. A zeroed struct is fine. */
void http_workers_done(struct http_workers *w);

#endif
