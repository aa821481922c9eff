/* SPDX-License-Identifier: Apache-2.0 */
/* An output written piece by piece that appears under its name only when it is complete. Until then
 * it has none, where the file system can do that (O_TMPFILE): what is half written, often
 * plaintext, is gone with the program, whatever ends it. */
#ifndef EHRD_APP_OUT_FILE_H
#define EHRD_APP_OUT_FILE_H

#include <limits.h>

#include "base/slice.h"
#include "base/status.h"

struct out_file {
    int fd;
    bool temporary; /* path gets it by out_file_commit */
    bool named;     /* it stands under tmp */
    char path[PATH_MAX];
    char tmp[PATH_MAX + 24];
};

/* path NULL or "-": standard output. Links are followed; what is no plain file (a pipe, /dev/null)
 * is written to directly. mode: of a new file, before umask; one that is there keeps its own.
 * OK | E_NOT_FOUND (folder) | E_NO_SPACE | E_IO. */
status out_file_open(struct out_file *o, const char *path, unsigned mode,
                     struct err *reterr) MUST_USE;
/* struct age_sink's write; ctx: the out_file. */
status out_file_write(void *ctx, slice s, struct err *reterr) MUST_USE;
/* Make its bytes durable, then give it its name. Ends o, also on failure. */
status out_file_commit(struct out_file *o, struct err *reterr) MUST_USE;
/* Throw it away. */
void out_file_abort(struct out_file *o);

#endif
