/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 validation (RFC 3629). */
#ifndef EHRD_BASE_UTF8_H
#define EHRD_BASE_UTF8_H

#include "base/slice.h"

/* True if s is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_is_valid(slice s);

#endif
