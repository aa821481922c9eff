/* SPDX-License-Identifier: Apache-2.0 */
/* A file without a name, or under another one, and rename. */
#include "app/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define FD_PATH 32
#define NAME_TRIES 1000u /* others' leftovers, or of another process with this number */

static status os_err(struct err *reterr, const char *path, const char *what)
{
    int e = errno;
    status st = e == ENOENT ? E_NOT_FOUND : e == ENOSPC || e == EDQUOT ? E_NO_SPACE : E_IO;
    return ERR(reterr, st, "%s: %s: %s", path, what, strerror(e));
}

/* Where a file without a name can be linked from. */
static char *fd_path(int fd, char out[FD_PATH])
{
    (void)snprintf(out, FD_PATH, "/proc/self/fd/%d", fd);
    return out;
}

/* False where the file system has no files without a name, or where none could be named later. */
static bool open_unnamed(struct out_file *o, unsigned mode)
{
    char copy[PATH_MAX];
    char link_path[FD_PATH];
    memcpy(copy, o->path, sizeof copy);
    o->fd = open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, (mode_t)mode);
    if (o->fd < 0)
        return false;
    if (access(fd_path(o->fd, link_path), F_OK) == 0)
        return true;
    (void)close(o->fd);
    return false;
}

/* Give the file, or a new one, a name beside path. -1 with errno. */
static int take_name(struct out_file *o, int (*take)(struct out_file *o, unsigned mode),
                     unsigned mode)
{
    int rc = -1;
    errno = EEXIST;
    for (unsigned i = 0; rc < 0 && errno == EEXIST && i < NAME_TRIES; i++) {
        (void)snprintf(o->tmp, sizeof o->tmp, "%s.%lx-%x", o->path, (long)getpid(), i);
        rc = take(o, mode);
    }
    o->named = rc >= 0;
    return rc;
}

static int take_new(struct out_file *o, unsigned mode)
{
    o->fd = open(o->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    return o->fd;
}

static int take_link(struct out_file *o, unsigned mode)
{
    char from[FD_PATH];
    (void)mode;
    return linkat(AT_FDCWD, fd_path(o->fd, from), AT_FDCWD, o->tmp, AT_SYMLINK_FOLLOW);
}

static status open_temporary(struct out_file *o, unsigned mode, struct err *reterr)
{
    o->temporary = true;
    return open_unnamed(o, mode) || take_name(o, take_new, mode) >= 0
               ? OK
               : os_err(reterr, o->path, "create");
}

status out_file_open(struct out_file *o, const char *path, unsigned mode, struct err *reterr)
{
    struct stat sb;
    *o = (struct out_file){.fd = STDOUT_FILENO, .path = "standard output"};
    if (path == NULL || strcmp(path, "-") == 0)
        return OK;
    if (snprintf(o->path, sizeof o->path, "%s", path) >= (int)sizeof o->path)
        return ERR(reterr, E_IO, "path too long");
    if (stat(path, &sb) != 0)
        return open_temporary(o, mode, reterr);
    if (S_ISREG(sb.st_mode)) {
        if (realpath(path, o->path) == NULL)
            return os_err(reterr, path, "open");
        return open_temporary(o, sb.st_mode & 0777, reterr);
    }
    o->fd = open(path, O_WRONLY | O_CLOEXEC);
    return o->fd >= 0 ? OK : os_err(reterr, path, "open");
}

status out_file_write(void *ctx, slice s, struct err *reterr)
{
    const struct out_file *o = ctx;
    return file_write_fd(o->fd, o->path, s, reterr);
}

/* What path named before is replaced by a rename only. */
static status finish(struct out_file *o, struct err *reterr)
{
    if (fsync(o->fd) != 0)
        return os_err(reterr, o->path, "fsync");
    if (!o->named && take_name(o, take_link, 0) < 0)
        return os_err(reterr, o->path, "name");
    return OK;
}

status out_file_commit(struct out_file *o, struct err *reterr)
{
    if (o->fd == STDOUT_FILENO)
        return OK;
    status st = o->temporary ? finish(o, reterr) : OK;
    if (close(o->fd) != 0 && st == OK)
        st = os_err(reterr, o->path, "close");
    if (st == OK && o->temporary && rename(o->tmp, o->path) != 0)
        st = os_err(reterr, o->path, "rename");
    if (st != OK && o->named)
        (void)unlink(o->tmp);
    return st;
}

void out_file_abort(struct out_file *o)
{
    if (o->fd == STDOUT_FILENO)
        return;
    (void)close(o->fd);
    if (o->named)
        (void)unlink(o->tmp);
}
