/* SPDX-License-Identifier: Apache-2.0 */
/* To be preloaded: writes to files, by us and by LMDB, fail as on a full disk. EHRD_FAIL_SHORT=1:
 * before that a part of the bytes is written, as by a disk that fills up. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "failing.h"

static bool is_file(int fd)
{
    struct stat s;
    int e = errno;
    bool yes = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && fd > 2;
    errno = e;
    return yes;
}

/* True: refuse, with errno set. */
static bool is_full(int fd)
{
    if (!is_file(fd) || !failing_now())
        return false;
    errno = ENOSPC;
    return true;
}

static bool is_short(void)
{
    const char *text = getenv("EHRD_FAIL_SHORT");
    return text != NULL && text[0] == '1';
}

#define REAL(name) (__extension__(__typeof__(&name)) dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *p, size_t n)
{
    if (!is_full(fd))
        return REAL(write)(fd, p, n);
    return is_short() && n > 1 ? REAL(write)(fd, p, n / 2) : -1;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    if (!is_full(fd))
        return REAL(pwrite)(fd, p, n, at);
    return is_short() && n > 1 ? REAL(pwrite)(fd, p, n / 2, at) : -1;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    if (!is_full(fd))
        return REAL(pwrite64)(fd, p, n, at);
    return is_short() && n > 1 ? REAL(pwrite64)(fd, p, n / 2, at) : -1;
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    return is_full(fd) ? -1 : REAL(writev)(fd, v, n);
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at)
{
    return is_full(fd) ? -1 : REAL(pwritev)(fd, v, n, at);
}

int ftruncate(int fd, off_t n)
{
    return is_full(fd) ? -1 : REAL(ftruncate)(fd, n);
}

int fsync(int fd)
{
    return is_full(fd) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    return is_full(fd) ? -1 : REAL(fdatasync)(fd);
}
