/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes (ISO/IEC 18004) for the terminal, by libqrencode. */
#ifndef EHRD_APP_QR_H
#define EHRD_APP_QR_H

#include "base/buf.h"

#define QR_TEXT ((size_t)1 << 10) /* bytes of the longest text */
#define QR_PRINT_MAX ((size_t)64 << 10)

/* Append text as half-block characters (UTF-8), two rows of modules a line, with the quiet zone of
 * 4 modules; error correction level M. Light modules are drawn. ansi: with black on white set by
 * escape codes, then dark ones are drawn. text: ASCII. OK | E_TOO_LONG | E_RANGE (not ASCII, empty)
 * | E_NOMEM. */
status qr_put(slice text, bool ansi, struct buf *out, struct err *reterr) MUST_USE;

#endif
