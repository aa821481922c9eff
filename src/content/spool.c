/* SPDX-License-Identifier: Apache-2.0 */
/* Memory first, then an unlinked file. */
#include "content/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

void spool_init(struct spool *s, const char *dir)
{
    *s = (struct spool){.dir = dir, .fd = -1};
    buf_init(&s->mem, SPOOL_MEMORY);
}

void spool_done(struct spool *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    buf_done(&s->mem);
    s->fd = -1;
}

static status to_file(struct spool *s, struct err *reterr)
{
    int fd = open(s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR(reterr, E_IO, "no temporary file in %s: %s", s->dir, strerror(errno));
    status st = file_write_fd(fd, "temporary file", buf_slice(&s->mem), reterr);
    if (st != OK) {
        (void)close(fd);
        return st;
    }
    s->fd = fd;
    buf_done(&s->mem);
    return OK;
}

status spool_write(struct spool *s, slice bytes, struct err *reterr)
{
    status st = OK;
    if (s->fd < 0 && s->mem.n + bytes.n > SPOOL_MEMORY)
        st = to_file(s, reterr);
    if (st == OK && s->fd >= 0)
        st = file_write_fd(s->fd, "temporary file", bytes, reterr);
    else if (st == OK && (st = buf_put(&s->mem, bytes)) != OK)
        st = ERR(reterr, st, "out of memory");
    if (st == OK)
        s->size += bytes.n;
    return st;
}

status spool_read(const struct spool *s, uint64_t off, uint8_t *p, size_t n, size_t *ret_n,
                  struct err *reterr)
{
    uint64_t left = off < s->size ? s->size - off : 0;
    size_t want = left < n ? (size_t)left : n;
    size_t got = 0;
    if (s->fd < 0 && want > 0)
        memcpy(p, s->mem.p + off, want);
    if (s->fd >= 0) {
        status st = file_read_at(s->fd, "temporary file", p, want, off, &got, reterr);
        if (st != OK)
            return st;
        if (got < want)
            return ERR(reterr, E_IO, "temporary file: it ends too early");
    }
    *ret_n = want;
    return OK;
}
