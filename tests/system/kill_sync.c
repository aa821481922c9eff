/* SPDX-License-Identifier: Apache-2.0 */
/* To be preloaded: the program ends, as if it were killed, where it would sync a file for the n-th
 * time, n from EHRD_KILL_SYNC. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long count;

static int sync_or_end(long call, int fd)
{
    const char *n = getenv("EHRD_KILL_SYNC");
    if (n != NULL && atomic_fetch_add(&count, 1) + 1 == strtol(n, NULL, 10))
        _exit(137);
    return (int)syscall(call, fd);
}

int fsync(int fd)
{
    return sync_or_end(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_or_end(SYS_fdatasync, fd);
}
