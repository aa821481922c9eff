/* SPDX-License-Identifier: Apache-2.0 */
/* An out_file (app/out_file.h) that is printed to. Of several that belong together, all are opened
 * before anything is written, and get their names when all are complete. */
#ifndef EHRD_APP_OUT_STREAM_H
#define EHRD_APP_OUT_STREAM_H

#include <stdio.h>

#include "app/out_file.h"

struct out_stream {
    struct out_file out;
    FILE *f; /* NULL: not opened */
};

/* As out_file_open; a new file has mode 0666, before umask. */
status out_stream_open(struct out_stream *o, const char *path, struct err *reterr) MUST_USE;
/* Nothing more is printed. st, or when that is OK: OK if all of it is in the file
 * | E_NO_SPACE | E_IO. */
status out_stream_finish(struct out_stream *o, status st, struct err *reterr) MUST_USE;
/* After finish, and with what came of it: give it its name if st is OK, else throw it away. */
status out_stream_end(struct out_stream *o, status st, struct err *reterr) MUST_USE;

#endif
