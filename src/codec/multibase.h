/* SPDX-License-Identifier: Apache-2.0 */
/* Text whose first character names its base (github.com/multiformats/multibase). */
#ifndef EHRD_CODEC_MULTIBASE_H
#define EHRD_CODEC_MULTIBASE_H

#include "codec/radix.h"

#define MULTIBASE_BASE32 'b'    /* lower case, no padding: the usual text of a CIDv1 */
#define MULTIBASE_BASE58BTC 'z' /* Bitcoin's alphabet */

/* The base with this prefix (static), or NULL. */
const struct radix *multibase_find(uint8_t prefix);
/* Append the prefix and in. OK | E_UNSUPPORTED (prefix) | as radix_put. */
status multibase_put(struct buf *b, uint8_t prefix, slice in) MUST_USE;
/* Append the bytes of text. OK | E_TRUNCATED (empty) | E_UNSUPPORTED (prefix) | as radix_read. */
status multibase_read(slice text, struct buf *ret) MUST_USE;

#endif
