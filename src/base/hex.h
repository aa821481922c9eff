/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal text. */
#ifndef EHRD_BASE_HEX_H
#define EHRD_BASE_HEX_H

#include "base/buf.h"

/* Write 2 * s.n lower-case digits to out, no NUL. */
void hex_write(slice s, char *out);
/* "0x" and digits and a NUL: out holds 2 * s.n + 3 bytes. Returns out. */
char *hex_0x(slice s, char *out);
/* Exactly n bytes from 2 * n digits of either case, with or without 0x before them.
 * OK | E_SYNTAX (a character that is no digit) | E_RANGE (other length). */
status hex_read(slice text, uint8_t *out, size_t n) MUST_USE;
/* Any even number of digits, appended to ret. OK | E_SYNTAX | E_RANGE (odd) | buf errors. */
status hex_read_buf(slice text, struct buf *ret) MUST_USE;
status hex_read_addr(slice text, addr20 *ret) MUST_USE;
status hex_read_hash(slice text, hash32 *ret) MUST_USE;

#endif
