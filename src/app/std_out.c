/* SPDX-License-Identifier: Apache-2.0 */
/* Flushing standard output, and standing in for closed descriptors. */
#include "app/std_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void std_out_begin(void)
{
    /* open takes the lowest free number. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

status std_out_flush(struct err *reterr)
{
    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return OK;
    return ERR(reterr, errno == ENOSPC ? E_NO_SPACE : E_IO, "standard output: %s",
               errno != 0 ? strerror(errno) : "not everything was written");
}

int std_out_end(const char *program, int code)
{
    struct err e = {.msg = ""};
    if (std_out_flush(&e) == OK || code != 0)
        return code;
    (void)fprintf(stderr, "%s: %s\n", program, e.msg);
    return 1;
}
