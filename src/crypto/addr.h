/* SPDX-License-Identifier: Apache-2.0 */
/* Address text with the EIP-55 checksum. */
#ifndef EHRD_CRYPTO_ADDR_H
#define EHRD_CRYPTO_ADDR_H

#include "base/slice.h"
#include "base/status.h"

#define ADDR_TEXT 43u /* "0x", 40 digits, NUL */

/* Mixed case with checksum, and a NUL. Returns out. */
char *addr_text(addr20 a, char out[ADDR_TEXT]);
/* "0x" and 40 digits: all lower, all upper, or with a right checksum.
 * OK | E_SYNTAX (no address) | E_MISMATCH (checksum). */
status addr_read(slice text, addr20 *ret) MUST_USE;

#endif
