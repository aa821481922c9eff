/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that run plan and handle, so that one that waits holds up nobody's input and output.
 * Private to net. */
#ifndef EHRD_NET_HTTP_WORKERS_H
#define EHRD_NET_HTTP_WORKERS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/status.h"

struct http_exchange;

struct http_workers {
    pthread_mutex_t lock; /* all below */
    pthread_cond_t wake;
    struct http_exchange *first; /* waiting, oldest first */
    struct http_exchange *last;
    bool quit;
    pthread_t *threads;
    unsigned n;
};

/* Each exchange given to http_workers_put is worked on (http_exchange_work) by one of n threads.
 * OK | E_NOMEM. On failure nothing is left running. */
status http_workers_start(struct http_workers *w, unsigned n) MUST_USE;
/* False when the workers were stopped: x is not taken. */
bool http_workers_put(struct http_workers *w, struct http_exchange *x) MUST_USE;
/* Let all that was put finish and end the threads. */
void http_workers_stop(struct http_workers *w);
/* After stop, when nobody can put any more. A zeroed struct is fine. */
void http_workers_done(struct http_workers *w);

#endif
