/* SPDX-License-Identifier: Apache-2.0 */
/* Wiping of secrets and comparison in constant time. */
#ifndef EHRD_BASE_WIPE_H
#define EHRD_BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Overwrite n bytes with zeros; the compiler may not drop it. */
static inline void wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}

/* True if the n bytes are equal; time depends on n only. */
static inline bool ct_eq(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t diff = 0;
    for (size_t i = 0; i < n; i++)
        diff |= (uint8_t)(x[i] ^ y[i]);
    return diff == 0;
}

#endif
