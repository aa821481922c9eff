/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes kept aside until they are checked or sent: in memory while they are few, then in an
 * unlinked temporary file. Only ciphertext goes through it. */
#ifndef EHRD_CONTENT_SPOOL_H
#define EHRD_CONTENT_SPOOL_H

#include "base/buf.h"

#define SPOOL_MEMORY ((size_t)4 << 20)
#define SPOOL_STEP ((size_t)256 << 10) /* bytes of one piece of spool_each */

struct spool {
    const char *dir; /* of the file; borrowed */
    struct buf mem;
    int fd; /* -1: all in mem */
    uint64_t size;
};

void spool_init(struct spool *s, const char *dir);
void spool_done(struct spool *s);
/* OK | E_IO | E_NO_SPACE | E_NOMEM. */
status spool_write(struct spool *s, slice bytes, struct err *reterr) MUST_USE;
/* Up to n bytes from offset off. *ret_n < n only at the end. OK | E_IO. */
status spool_read(const struct spool *s, uint64_t off, uint8_t *p, size_t n, size_t *ret_n,
                  struct err *reterr) MUST_USE;

#endif
