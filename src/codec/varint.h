/* SPDX-License-Identifier: Apache-2.0 */
/* Unsigned LEB128 integers of multiformats and protobuf, minimal length only. */
#ifndef EHRD_CODEC_VARINT_H
#define EHRD_CODEC_VARINT_H

#include "base/buf.h"

#define VARINT_MAX 10u /* bytes of the largest 64-bit value */

/* Read the varint at the start of in; ret_rest gets what follows.
 * OK | E_TRUNCATED | E_NOT_CANONICAL (not of minimal length) | E_RANGE (over 64 bits). */
status varint_read(slice in, uint64_t *ret, slice *ret_rest) MUST_USE;
/* Write v, return the number of bytes. */
size_t varint_write(uint64_t v, uint8_t out[VARINT_MAX]);
status varint_put(struct buf *b, uint64_t v) MUST_USE;

#endif
