/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 validation (RFC 3629), and what may be shown on a terminal. */
#ifndef EHRD_BASE_UTF8_H
#define EHRD_BASE_UTF8_H

#include "base/slice.h"

/* True if s is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_is_valid(slice s);

/* Length of the first character of s (1 for a malformed byte; s is not empty).
 * ret_plain: it changes nothing but its own place when it is shown on a terminal: not malformed, no
 * control character (C0, DEL, C1), no line or paragraph separator, no control of writing direction
 * (by which a text can be made to read as another one). */
size_t utf8_first(slice s, bool *ret_plain);
/* Bytes of the longest beginning of s that has at most max bytes and splits no character. */
size_t utf8_cut(slice s, size_t max);
/* All characters of s are plain. */
bool utf8_is_plain(slice s);

#endif
