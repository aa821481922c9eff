/* SPDX-License-Identifier: Apache-2.0 */
/* stdio over an out_file. */
#include "app/out_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

status out_stream_open(struct out_stream *o, const char *path, struct err *reterr)
{
    status st = out_file_open(&o->out, path, 0666, reterr);
    int fd = st == OK ? fcntl(o->out.fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (st != OK)
        return st;
    if (fd >= 0 && (o->f = fdopen(fd, "w")) != NULL)
        return OK;
    if (fd >= 0)
        (void)close(fd);
    out_file_abort(&o->out);
    return ERR(reterr, E_IO, "%s: %s", path, strerror(errno));
}

status out_stream_finish(struct out_stream *o, status st, struct err *reterr)
{
    if (o->f == NULL)
        return st;
    bool ok = ferror(o->f) == 0 && fflush(o->f) == 0;
    int e = errno;
    ok = fclose(o->f) == 0 && ok;
    if (st == OK && !ok)
        return ERR(reterr, e == ENOSPC ? E_NO_SPACE : E_IO, "%s: %s", o->out.path, strerror(e));
    return st;
}

status out_stream_end(struct out_stream *o, status st, struct err *reterr)
{
    if (o->f == NULL)
        return st;
    if (st == OK)
        return out_file_commit(&o->out, reterr);
    out_file_abort(&o->out);
    return st;
}
