/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the module share. */
#ifndef EHRD_WEB_WASM_H
#define EHRD_WEB_WASM_H

#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define CHUNK 65536u
#define TAG 16u
#define CHUNKS 16u /* of one call */

extern uint8_t plain[CHUNKS * CHUNK];

/* Four bytes as they stand: wasm is little-endian and knows no alignment. */
static inline uint32_t load32(const uint8_t *p)
{
    uint32_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

#endif
