/* SPDX-License-Identifier: Apache-2.0 */
/* A growable byte buffer with a hard cap given at init.
 *
 * buf_init(&b, cap) allocates nothing; buf_done wipes nothing, buf_wipe_done wipes before freeing
 * (and growth of a buf made with buf_init_secret wipes the old storage).
 * Every _put returns OK | E_TOO_LONG (cap would be exceeded) | E_NOMEM and on failure leaves the
 * content as it was. */
#ifndef EHRD_BASE_BUF_H
#define EHRD_BASE_BUF_H

#include "base/slice.h"
#include "base/status.h"

struct buf {
    uint8_t *p;
    size_t n;   /* bytes used */
    size_t max; /* bytes allocated */
    size_t cap; /* hard limit of n */
    bool secret;
};

void buf_init(struct buf *b, size_t cap);
void buf_init_secret(struct buf *b, size_t cap); /* wiped on growth and by buf_done */
void buf_done(struct buf *b);                    /* free; the struct is empty afterwards */
void buf_clear(struct buf *b);                   /* n = 0, keeps storage; wiped if secret */

status buf_reserve(struct buf *b, size_t more) MUST_USE; /* room for more bytes after n */
status buf_put(struct buf *b, slice s) MUST_USE;         /* s may point into b itself */
status buf_put_mem(struct buf *b, const void *p, size_t n) MUST_USE;
status buf_put_str(struct buf *b, const char *s) MUST_USE;
status buf_put_u8(struct buf *b, uint8_t v) MUST_USE;
status buf_put_be32(struct buf *b, uint32_t v) MUST_USE;
status buf_put_be64(struct buf *b, uint64_t v) MUST_USE;
status buf_put_zero(struct buf *b, size_t n) MUST_USE;
status buf_printf(struct buf *b, const char *fmt, ...) MUST_USE PRINTF_LIKE(2, 3);
/* Append lower-case hex of s, no 0x. */
status buf_put_hex(struct buf *b, slice s) MUST_USE;
/* Make sure a NUL follows the content (not counted in n) and return it as a C string, or NULL
 * when out of memory. Valid until the next change. */
const char *buf_cstr(struct buf *b) MUST_USE;

static inline slice buf_slice(const struct buf *b)
{
    return (slice){b->p, b->n};
}

#endif
