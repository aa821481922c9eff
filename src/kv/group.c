/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of writes and its leaders. */
#include "kv/group.h"

struct kv_group_job {
    kv_group_write *write;
    void *arg;
    size_t bytes;
    status st;
    struct err err;
    bool done;
    struct kv_group_job *next;
};

void kv_group_init(struct kv_group *g, const struct kv_group_ops *ops)
{
    *g = (struct kv_group){.ops = *ops};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    g->last = &g->first;
}

void kv_group_done(struct kv_group *g)
{
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->changed);
}

/* Take jobs for one transaction off the queue, at least one; the lock is held. */
static struct kv_group_job *take(struct kv_group *g)
{
    struct kv_group_job *list = g->first;
    struct kv_group_job **end = &list;
    size_t bytes = 0;
    for (size_t n = 0; *end != NULL && n < KV_GROUP_JOBS; n++) {
        if (n > 0 && (*end)->bytes > KV_GROUP_BYTES - bytes)
            break;
        bytes += (*end)->bytes < KV_GROUP_BYTES - bytes ? (*end)->bytes : KV_GROUP_BYTES - bytes;
        end = &(*end)->next;
    }
    g->first = *end;
    *end = NULL;
    if (g->first == NULL)
        g->last = &g->first;
    return list;
}

/* Jobs that have no answer of their own fail with the transaction. */
static void fail(struct kv_group_job *list, status st, const struct err *e)
{
    for (struct kv_group_job *j = list; j != NULL; j = j->next) {
        if (j->st > 0)
            continue;
        j->st = st;
        j->err = *e;
    }
}

static void write_all(struct kv_group *g, struct kv_group_job *list)
{
    struct err e = {0};
    status st = g->ops.begin(g->ops.ctx, &e);
    if (st != OK) {
        fail(list, st, &e);
        return;
    }
    for (struct kv_group_job *j = list; j != NULL; j = j->next) {
        j->st = j->write(g->ops.ctx, j->arg, &j->err);
        if (j->st < 0) {
            e = j->err;
            st = j->st;
            g->ops.abort(g->ops.ctx);
            fail(list, st, &e);
            return;
        }
    }
    st = g->ops.commit(g->ops.ctx, &e);
    if (st != OK)
        fail(list, st, &e);
}

/* The lock is held, before and afterwards. */
static void lead(struct kv_group *g)
{
    g->led = true;
    struct kv_group_job *list = take(g);
    pthread_mutex_unlock(&g->lock);
    write_all(g, list);
    pthread_mutex_lock(&g->lock);
    g->led = false;
    while (list != NULL) { /* a job is gone as soon as its thread sees done */
        struct kv_group_job *next = list->next;
        list->done = true;
        list = next;
    }
    pthread_cond_broadcast(&g->changed);
}

status kv_group_run(struct kv_group *g, size_t bytes, kv_group_write *write, void *arg,
                    struct err *reterr)
{
    struct kv_group_job job = {.write = write, .arg = arg, .bytes = bytes};
    pthread_mutex_lock(&g->lock);
    *g->last = &job;
    g->last = &job.next;
    while (!job.done) {
        if (g->led)
            pthread_cond_wait(&g->changed, &g->lock);
        else
            lead(g);
    }
    pthread_mutex_unlock(&g->lock);
    if (job.st != OK && reterr != NULL)
        *reterr = job.err;
    return job.st;
}
