/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit: small writes of many threads share one transaction and so one sync of the disk. */
#ifndef EHRD_VAULT_GROUP_H
#define EHRD_VAULT_GROUP_H

#include <pthread.h>

#include "base/status.h"

struct vtxn;
struct vault_lmdb;

/* One write. run either changes rows and returns OK, or returns a status > 0 and has changed
 * nothing: that is its own answer and the others go on. A status < 0 fails the whole group. */
struct group_job {
    status (*run)(struct vtxn *t, void *arg, struct err *reterr);
    void *arg;
    status st;
    struct err err;
    bool done;
    struct group_job *next;
};

struct group {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct group_job *first;
    struct group_job **last;
    bool led; /* a thread is writing for the others */
};

void group_init(struct group *g);
void group_done(struct group *g);

/* Run a write with those of other threads; on return it is durable, or failed. */
status group_run(struct vault_lmdb *v, status (*run)(struct vtxn *t, void *arg, struct err *reterr),
                 void *arg, struct err *reterr) MUST_USE;

#endif
