/* SPDX-License-Identifier: Apache-2.0 */
/* A consistent copy of a store in use. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kv/kv_priv.h"

#define PATH_BYTES 4096

static status sync_folder(const char *dir, struct err *reterr)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return kv_status(errno, dir, reterr);
    int rc = fsync(fd) == 0 ? 0 : errno;
    (void)close(fd);
    return kv_status(rc, dir, reterr);
}

static status copy_to(struct kv *kv, const char *path, struct err *reterr)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return kv_status(errno, path, reterr);
    int rc = mdb_env_copyfd2(kv->env, fd, MDB_CP_COMPACT);
    if (rc == 0 && fsync(fd) != 0)
        rc = errno;
    if (close(fd) != 0 && rc == 0)
        rc = errno;
    if (rc != 0)
        (void)unlink(path);
    return kv_status(rc, path, reterr);
}

status kv_backup(struct kv *kv, const char *dir, struct err *reterr)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return ERR(reterr, E_TOO_LONG, "path of the copy is too long");
    if (mkdir(dir, 0700) != 0)
        return errno == EEXIST ? ERR(reterr, E_CONFLICT, "%s exists", dir)
                               : kv_status(errno, dir, reterr);
    status s = copy_to(kv, path, reterr);
    if (s == OK)
        s = sync_folder(dir, reterr);
    if (s != OK)
        (void)rmdir(dir);
    return s;
}
