/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of jobs and the threads that run them. */
#include "net/http_workers.h"

#include <stdlib.h>

/* The oldest waiting job; NULL when the workers are to end and none waits. */
static struct http_job *queue_take(struct http_workers *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->first == NULL && !w->quit)
        (void)pthread_cond_wait(&w->wake, &w->lock);
    struct http_job *job = w->first;
    if (job != NULL) {
        w->waiting--;
        w->first = job->next;
        w->last = w->first != NULL ? w->last : NULL;
    }
    pthread_mutex_unlock(&w->lock);
    return job;
}

static void *worker_main(void *arg)
{
    struct http_job *job;
    while ((job = queue_take(arg)) != NULL)
        job->run(job);
    return NULL;
}

status http_workers_start(struct http_workers *w, unsigned n, unsigned max_waiting)
{
    *w =
        (struct http_workers){.threads = calloc(n, sizeof *w->threads), .max_waiting = max_waiting};
    if (w->threads == NULL)
        return E_NOMEM;
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->wake, NULL);
    for (; w->n < n; w->n++) {
        if (pthread_create(&w->threads[w->n], NULL, worker_main, w) != 0) {
            http_workers_stop(w);
            http_workers_done(w);
            return E_NOMEM;
        }
    }
    return OK;
}

bool http_workers_put(struct http_workers *w, struct http_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&w->lock);
    bool take = !w->quit && (w->max_waiting == 0 || w->waiting < w->max_waiting);
    if (take) {
        if (w->last != NULL)
            w->last->next = job;
        else
            w->first = job;
        w->last = job;
        w->waiting++;
        (void)pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    return take;
}

void http_workers_stop(struct http_workers *w)
{
    pthread_mutex_lock(&w->lock);
    w->quit = true;
    (void)pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->n; i++)
        (void)pthread_join(w->threads[i], NULL);
    w->n = 0;
}

void http_workers_done(struct http_workers *w)
{
    if (w->threads == NULL)
        return;
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_mutex_destroy(&w->lock);
    free(w->threads);
    *w = (struct http_workers){0};
}
