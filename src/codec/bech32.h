/* SPDX-License-Identifier: Apache-2.0 */
/* Bech32 (BIP-173) over whole bytes, without BIP-173's limit of 90 characters, as age uses it. */
#ifndef EHRD_CODEC_BECH32_H
#define EHRD_CODEC_BECH32_H

#include "base/buf.h"

/* Append hrp, '1', data and checksum. hrp: 1 to 83 lower-case characters in the range 33 to 126.
 * upper: all in upper case, as for secret keys.
 * OK | E_RANGE (hrp) | buf errors; out is unchanged on failure. */
status bech32_put(struct buf *out, const char *hrp, slice data, bool upper) MUST_USE;

/* Read exactly n bytes from a text of one case with human-readable part hrp (lower case).
 * out: n bytes, written to in part on failure (wipe it if secret).
 * OK | E_SYNTAX (character, mixed case, no separator) | E_TYPE (another hrp) |
 * E_RANGE (other length) | E_MISMATCH (checksum) | E_NOT_CANONICAL (padding bits). */
status bech32_read(slice text, const char *hrp, uint8_t *out, size_t n) MUST_USE;

#endif
