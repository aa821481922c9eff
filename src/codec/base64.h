/* SPDX-License-Identifier: Apache-2.0 */
/* Base 64 (RFC 4648, section 4), strict: canonical form only (section 3.5), no white space. */
#ifndef EHRD_CODEC_BASE64_H
#define EHRD_CODEC_BASE64_H

#include "base/buf.h"

enum base64_pad {
    BASE64_RAW,    /* no '=' at the end; "=" is refused */
    BASE64_PADDED, /* filled with '=' to a multiple of four characters, which is required */
};

/* Characters that n bytes take. n <= SIZE_MAX / 2. */
size_t base64_len(size_t n, enum base64_pad pad);
/* Write base64_len(in.n, pad) characters to out, no NUL. */
void base64_write(slice in, enum base64_pad pad, char *out);
status base64_put(struct buf *out, slice in, enum base64_pad pad) MUST_USE;

/* Decode text to out, which has room for cap bytes.
 * ret_n: bytes written, set only on OK; out may be written to in part on failure.
 * OK | E_SYNTAX (character or padding) | E_NOT_CANONICAL (bits left over are not zero) |
 * E_RANGE (more than cap bytes). */
status base64_read(slice text, enum base64_pad pad, uint8_t *out, size_t cap,
                   size_t *ret_n) MUST_USE;
/* The same for exactly n bytes; E_RANGE for another length. */
status base64_read_exact(slice text, enum base64_pad pad, uint8_t *out, size_t n) MUST_USE;
/* The same, appended to out; out is unchanged on failure. Also buf errors. */
status base64_read_buf(slice text, enum base64_pad pad, struct buf *out) MUST_USE;

#endif
