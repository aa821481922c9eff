/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit: small writes of many threads share one write transaction and so one sync of the
 * disk. The first thread that comes leads; those that come while it writes form the next group, led
 * by one of them. */
#ifndef EHRD_KV_GROUP_H
#define EHRD_KV_GROUP_H

#include <pthread.h>
#include <stddef.h>

#include "base/status.h"

#define KV_GROUP_JOBS 256u                /* jobs of one transaction */
#define KV_GROUP_BYTES ((size_t)16 << 20) /* of jobs that share one; a larger job goes alone */

/* The transaction of the store that has the group; called by the leading thread only. */
struct kv_group_ops {
    status (*begin)(void *ctx, struct err *reterr);
    status (*commit)(void *ctx, struct err *reterr); /* ends it whatever it returns */
    void (*abort)(void *ctx);
    void *ctx;
};

/* One write, run with the ctx of the ops. It either changes rows and returns OK, or returns a
 * status > 0 and has changed nothing: that is its own answer and the others go on. A status < 0
 * fails the whole group. */
typedef status kv_group_write(void *ctx, void *arg, struct err *reterr);

struct kv_group_job;

struct kv_group {
    struct kv_group_ops ops;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct kv_group_job *first;
    struct kv_group_job **last;
    bool led; /* a thread is writing for the others */
};

void kv_group_init(struct kv_group *g, const struct kv_group_ops *ops);
void kv_group_done(struct kv_group *g);

/* Run a write of about `bytes` changed bytes with those of other threads; on return it is durable,
 * or failed. OK | what write returned | as ops->begin and ops->commit. */
status kv_group_run(struct kv_group *g, size_t bytes, kv_group_write *write, void *arg,
                    struct err *reterr) MUST_USE;

#endif
