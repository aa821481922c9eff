/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a store's file into the page cache. */
#include "kv/warm.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_BYTES ((uint64_t)4 << 20) /* between looks at stop */

static uint64_t half_of_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page / 2 : 0;
}

static void *run(void *arg)
{
    struct kv_warm *w = arg;
    for (uint64_t at = 0; at < w->bytes && !atomic_load(&w->stop); at += STEP_BYTES)
        if (posix_fadvise(w->fd, (off_t)at, (off_t)STEP_BYTES, POSIX_FADV_WILLNEED) != 0)
            break;
    return NULL;
}

void kv_warm_begin(struct kv_warm *w, int fd)
{
    struct stat st;
    sigset_t all;
    sigset_t before;
    w->runs = false;
    if (fstat(fd, &st) != 0 || st.st_size <= 0 || (uint64_t)st.st_size > half_of_memory())
        return;
    w->fd = fd;
    w->bytes = (uint64_t)st.st_size;
    atomic_store(&w->stop, false);
    (void)sigfillset(&all); /* signals are for the program's own threads */
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return;
    w->runs = pthread_create(&w->thread, NULL, run, w) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void kv_warm_end(struct kv_warm *w)
{
    if (!w->runs)
        return;
    atomic_store(&w->stop, true);
    (void)pthread_join(w->thread, NULL);
    w->runs = false;
}
