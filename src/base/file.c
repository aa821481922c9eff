/* SPDX-License-Identifier: Apache-2.0 */
/* Whole-file reading with a cap and crash-safe replacing. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"

#define READ_STEP ((size_t)65536)

static status io_err(struct err *reterr, const char *what, const char *path)
{
    int e = errno;
    status code = e == ENOENT                                ? E_NOT_FOUND
                  : e == ENOSPC || e == EDQUOT || e == EFBIG ? E_NO_SPACE
                  : e == EEXIST                              ? E_CONFLICT
                                                             : E_IO;
    return ERR(reterr, code, "%s: %s: %s", path, what, strerror(e));
}

status file_read_fd(int fd, const char *name, struct buf *ret, struct err *reterr)
{
    for (;;) {
        size_t room = ret->cap - ret->n;
        size_t step = room < READ_STEP ? room : READ_STEP;
        uint8_t probe;
        if (step > 0 && buf_reserve(ret, step) != OK)
            return ERR(reterr, E_NOMEM, "%s: out of memory", name);
        ssize_t got = step > 0 ? read(fd, ret->p + ret->n, step) : read(fd, &probe, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return io_err(reterr, "read", name);
        if (got == 0)
            return OK;
        if (step == 0)
            return ERR(reterr, E_TOO_LONG, "%s: larger than %zu bytes", name, ret->cap);
        ret->n += (size_t)got;
    }
}

status file_read(const char *path, struct buf *ret, struct err *reterr)
{
    if (strcmp(path, "-") == 0)
        return file_read_fd(0, "standard input", ret, reterr);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_err(reterr, "open", path);
    status st = file_read_fd(fd, path, ret, reterr);
    (void)close(fd);
    return st;
}

status file_write_fd(int fd, const char *name, slice s, struct err *reterr)
{
    while (s.n > 0) {
        ssize_t w = write(fd, s.p, s.n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return io_err(reterr, "write", name);
        s = slice_after(s, (size_t)w);
    }
    return OK;
}

status file_write_at(int fd, const char *name, slice s, uint64_t at, struct err *reterr)
{
    while (s.n > 0) {
        ssize_t w = pwrite(fd, s.p, s.n, (off_t)at);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return io_err(reterr, "write", name);
        s = slice_after(s, (size_t)w);
        at += (uint64_t)w;
    }
    return OK;
}

status file_read_at(int fd, const char *name, uint8_t *out, size_t n, uint64_t at, size_t *ret_n,
                    struct err *reterr)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = pread(fd, out + got, n - got, (off_t)(at + got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return io_err(reterr, "read", name);
        if (r == 0)
            break;
        got += (size_t)r;
    }
    *ret_n = got;
    return OK;
}

static status sync_parent(const char *path, struct err *reterr)
{
    char copy[PATH_MAX];
    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
        return ERR(reterr, E_IO, "path too long");
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_err(reterr, "open folder", path);
    status st = fsync(fd) == 0 ? OK : io_err(reterr, "fsync folder", path);
    (void)close(fd);
    return st;
}

static status write_synced(const char *tmp, int fd, slice content, struct err *reterr)
{
    status st = file_write_fd(fd, tmp, content, reterr);
    if (st == OK && fsync(fd) != 0)
        st = io_err(reterr, "fsync", tmp);
    if (close(fd) != 0 && st == OK)
        st = io_err(reterr, "close", tmp);
    return st;
}

static status write_new(const char *path, slice content, unsigned mode, bool over,
                        struct err *reterr)
{
    char tmp[PATH_MAX];
    if (snprintf(tmp, sizeof tmp, "%s.XXXXXX", path) >= (int)sizeof tmp)
        return ERR(reterr, E_IO, "path too long");
    int fd = mkstemp(tmp);
    if (fd < 0)
        return io_err(reterr, "create", path);
    status st = fchmod(fd, (mode_t)mode) == 0 ? OK : io_err(reterr, "chmod", tmp);
    if (st == OK)
        st = write_synced(tmp, fd, content, reterr);
    else
        (void)close(fd);
    if (st == OK && (over ? rename(tmp, path) : link(tmp, path)) != 0)
        st = io_err(reterr, over ? "rename" : "create", path);
    if (st != OK || !over)
        (void)unlink(tmp);
    return st == OK ? sync_parent(path, reterr) : st;
}

status file_replace(const char *path, slice content, unsigned mode, struct err *reterr)
{
    return write_new(path, content, mode, true, reterr);
}

status file_create(const char *path, slice content, unsigned mode, struct err *reterr)
{
    return write_new(path, content, mode, false, reterr);
}

status file_mkdirs(const char *path, unsigned mode, struct err *reterr)
{
    char p[PATH_MAX];
    int n = snprintf(p, sizeof p, "%s", path);
    if (n <= 0 || n >= (int)sizeof p)
        return ERR(reterr, E_IO, "path too long or empty");
    for (int i = 1; i <= n; i++) {
        if (p[i] != '/' && p[i] != 0)
            continue;
        char keep = p[i];
        p[i] = 0;
        if (mkdir(p, (mode_t)mode) != 0 && errno != EEXIST)
            return io_err(reterr, "mkdir", path);
        p[i] = keep;
    }
    struct stat sb;
    if (stat(path, &sb) != 0 || !S_ISDIR(sb.st_mode))
        return ERR(reterr, E_IO, "%s: not a folder", path);
    return OK;
}

bool file_exists(const char *path)
{
    struct stat sb;
    return stat(path, &sb) == 0;
}

status file_room(int fd, const char *name, uint64_t reserve, unsigned part, struct err *reterr)
{
    struct statvfs fs;
    if (fstatvfs(fd, &fs) != 0)
        return ERR(reterr, E_IO, "%s: free space cannot be told", name);
    uint64_t twentieth = (uint64_t)fs.f_blocks * fs.f_frsize / 20;
    if (reserve == 0)
        reserve = LIMIT_FREE_SPACE < twentieth ? LIMIT_FREE_SPACE : twentieth;
    if ((uint64_t)fs.f_bavail * fs.f_frsize < reserve / part)
        return ERR(reterr, E_NO_SPACE, "%s: the file system is nearly full", name);
    return OK;
}

status file_lock(const char *path, int *ret_fd, struct err *reterr)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_err(reterr, "open", path);
    while (flock(fd, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        status st = io_err(reterr, "lock", path);
        (void)close(fd);
        return st;
    }
    *ret_fd = fd;
    return OK;
}
