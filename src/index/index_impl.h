/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the read model share; not for other folders. */
#ifndef EHRD_INDEX_INDEX_IMPL_H
#define EHRD_INDEX_INDEX_IMPL_H

#include <pthread.h>

#include "index/rows.h"
#include "ledger/follow.h"

struct index {
    struct rows rows;
    struct ledger_follow follow; /* owned by the thread that steps */
    uint64_t first_block;
    pthread_mutex_t mu; /* guards the four below */
    pthread_cond_t moved;
    uint64_t next;
    bool stop;
    bool running; /* set before the thread starts only */
    pthread_t thread;
};

/* Read an archive of logs (archive.c), unless that was done. As index_open. */
status index_archive_read(struct index *ix, const addr20 *proxy, const char *path,
                          struct err *reterr) MUST_USE;

#endif
