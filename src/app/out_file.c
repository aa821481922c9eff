/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary file and rename. */
#include "app/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static status os_err(struct err *reterr, const char *path, const char *what)
{
    int e = errno;
    status st = e == ENOENT ? E_NOT_FOUND : e == ENOSPC || e == EDQUOT ? E_NO_SPACE : E_IO;
    return ERR(reterr, st, "%s: %s: %s", path, what, strerror(e));
}

/* The permissions a plain creat(2) would give. */
static mode_t masked(unsigned mode)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    return (mode_t)mode & ~mask;
}

static status open_temporary(struct out_file *o, unsigned mode, struct err *reterr)
{
    (void)snprintf(o->tmp, sizeof o->tmp, "%s.XXXXXX", o->path);
    o->fd = mkostemp(o->tmp, O_CLOEXEC);
    if (o->fd < 0)
        return os_err(reterr, o->path, "create");
    o->temporary = true;
    if (fchmod(o->fd, masked(mode)) == 0)
        return OK;
    status st = os_err(reterr, o->tmp, "chmod");
    out_file_abort(o);
    return st;
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

status out_file_commit(struct out_file *o, struct err *reterr)
{
    status st = OK;
    if (o->fd == STDOUT_FILENO)
        return OK;
    if (o->temporary && fsync(o->fd) != 0)
        st = os_err(reterr, o->path, "fsync");
    if (close(o->fd) != 0 && st == OK)
        st = os_err(reterr, o->path, "close");
    if (st == OK && o->temporary && rename(o->tmp, o->path) != 0)
        st = os_err(reterr, o->path, "rename");
    if (st != OK && o->temporary)
        (void)unlink(o->tmp);
    return st;
}

void out_file_abort(struct out_file *o)
{
    if (o->fd == STDOUT_FILENO)
        return;
    (void)close(o->fd);
    if (o->temporary)
        (void)unlink(o->tmp);
}
