/* SPDX-License-Identifier: Apache-2.0 */
/* Whole-file reading with a cap and replacing without a half-written state. */
#ifndef EHRD_BASE_FILE_H
#define EHRD_BASE_FILE_H

#include "base/buf.h"

/* Append the file's content to ret; the cap of ret bounds it. path "-" is standard input.
 * OK | E_NOT_FOUND | E_TOO_LONG | E_IO | E_NOMEM. The message names the path. */
status file_read(const char *path, struct buf *ret, struct err *reterr) MUST_USE;
/* The same from a descriptor (borrowed, read to its end). */
status file_read_fd(int fd, const char *name, struct buf *ret, struct err *reterr) MUST_USE;
/* Write to a temporary file beside path, fsync, rename over path, fsync the folder: after a crash
 * path holds the old or the new content. mode: for example 0600.
 * OK | E_NO_SPACE | E_IO. */
status file_replace(const char *path, slice content, unsigned mode, struct err *reterr) MUST_USE;
/* The same, but E_CONFLICT when path exists already: nothing is overwritten. */
status file_create(const char *path, slice content, unsigned mode, struct err *reterr) MUST_USE;
/* All of s to fd. */
status file_write_fd(int fd, const char *name, slice s, struct err *reterr) MUST_USE;
/* All of s to fd from byte `at` on; on failure part of it may stand there. */
status file_write_at(int fd, const char *name, slice s, uint64_t at, struct err *reterr) MUST_USE;
/* Up to n bytes of fd from byte `at` on; *ret_n is less only where the file ends. */
status file_read_at(int fd, const char *name, uint8_t *out, size_t n, uint64_t at, size_t *ret_n,
                    struct err *reterr) MUST_USE;
/* mkdir -p with mode for the folders it makes. OK | E_IO. */
status file_mkdirs(const char *path, unsigned mode, struct err *reterr) MUST_USE;
/* Has the file system of fd at least reserve / part bytes free? reserve 0: LIMIT_FREE_SPACE, or a
 * twentieth of it when that is less. OK | E_NO_SPACE | E_IO. */
status file_room(int fd, const char *name, uint64_t reserve, unsigned part,
                 struct err *reterr) MUST_USE;
/* Wait until nobody else has this lock, a file that is made when it is not there and stays; closing
 * *ret_fd, or the end of the process, gives it back. OK | E_IO | E_NOT_FOUND (no such folder). */
status file_lock(const char *path, int *ret_fd, struct err *reterr) MUST_USE;
bool file_exists(const char *path);

#endif
