/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit: the first thread that comes leads; those that come while it writes form the next
 * group, led by one of them. */
#include "vault/group.h"

#include "vault/lmdb_rows.h"

#define GROUP_MAX 256u /* jobs of one transaction */

void group_init(struct group *g)
{
    *g = (struct group){0};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    g->last = &g->first;
}

void group_done(struct group *g)
{
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->changed);
}

/* Take up to GROUP_MAX jobs off the queue; the lock is held. */
static struct group_job *take(struct group *g)
{
    struct group_job *list = g->first;
    struct group_job **end = &list;
    for (size_t n = 0; *end != NULL && n < GROUP_MAX; n++)
        end = &(*end)->next;
    g->first = *end;
    *end = NULL;
    if (g->first == NULL)
        g->last = &g->first;
    return list;
}

static void fail_all(struct group_job *list, status st, const struct err *e)
{
    for (struct group_job *j = list; j != NULL; j = j->next) {
        j->st = st;
        j->err = *e;
    }
}

static void fail_written(struct group_job *list, status st, const struct err *e)
{
    for (struct group_job *j = list; j != NULL; j = j->next) {
        if (j->st != OK)
            continue;
        j->st = st;
        j->err = *e;
    }
}

static void write_all(struct vault_lmdb *v, struct group_job *list)
{
    struct vtxn t;
    struct err e = {0};
    status st = vtxn_begin(v, &t, &e);
    if (st != OK) {
        fail_all(list, st, &e);
        return;
    }
    for (struct group_job *j = list; j != NULL; j = j->next) {
        j->st = j->run(&t, j->arg, &j->err);
        if (j->st < 0) {
            e = j->err;
            st = j->st;
            vtxn_abort(&t);
            fail_all(list, st, &e);
            return;
        }
    }
    st = vtxn_commit(&t, &e);
    if (st != OK)
        fail_written(list, st, &e);
}

/* The lock is held, before and afterwards. */
static void lead(struct vault_lmdb *v)
{
    struct group *g = &v->group;
    g->led = true;
    struct group_job *list = take(g);
    pthread_mutex_unlock(&g->lock);
    write_all(v, list);
    pthread_mutex_lock(&g->lock);
    g->led = false;
    while (list != NULL) { /* a job is gone as soon as its thread sees done */
        struct group_job *next = list->next;
        list->done = true;
        list = next;
    }
    pthread_cond_broadcast(&g->changed);
}

status group_run(struct vault_lmdb *v, status (*run)(struct vtxn *t, void *arg, struct err *reterr),
                 void *arg, struct err *reterr)
{
    struct group *g = &v->group;
    struct group_job job = {.run = run, .arg = arg};
    pthread_mutex_lock(&g->lock);
    *g->last = &job;
    g->last = &job.next;
    while (!job.done) {
        if (g->led)
            pthread_cond_wait(&g->changed, &g->lock);
        else
            lead(v);
    }
    pthread_mutex_unlock(&g->lock);
    if (job.st != OK && reterr != NULL)
        *reterr = job.err;
    return job.st;
}
