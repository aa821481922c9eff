/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as text in any base: bit groups (RFC 4648: base2 to base64) and big integers (base8, 10,
 * 36, 58). */
#ifndef EHRD_CODEC_RADIX_H
#define EHRD_CODEC_RADIX_H

#include "base/buf.h"

#define RADIX_INT_BYTES 1024u /* most bytes taken as one big integer, since time is quadratic */
#define RADIX_INT_CHARS (RADIX_INT_BYTES * 8 / 3 + 2) /* base8 needs 8/3 a byte */

struct radix {
    const char *alphabet; /* 2, 8, 10, 16, 32, 36, 58 or 64 characters */
    unsigned bits;        /* of one character; 0 = big integer */
    bool pad;             /* with '=' to whole groups */
    bool fold_case;       /* readers take letters of either case */
};

/* Append in as text. OK | E_TOO_LONG (big integers) | buf errors. */
status radix_put(struct buf *b, const struct radix *r, slice in) MUST_USE;
/* Append the bytes of text. Each text has one reading and (but for case) each value one text.
 * OK | E_SYNTAX (character, length, padding) | E_NOT_CANONICAL (bits left over) | E_TOO_LONG | buf
 * errors. */
status radix_read(slice text, const struct radix *r, struct buf *ret) MUST_USE;

#endif
