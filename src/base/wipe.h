/* SPDX-License-Identifier: Apache-2.0 */
/* Wiping of secrets and comparison in constant time. */
#ifndef EHRD_BASE_WIPE_H
#define EHRD_BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef EHRD_CT_TEST
#include <valgrind/memcheck.h>
#endif

/* From here on the n bytes are nobody's secret, as the outcome of a comparison. Only the test of
 * constant time (tests/unit/base/ct_probe.c) takes note of it. */
static inline void ct_public(const void *p, size_t n)
{
#ifdef EHRD_CT_TEST
    VALGRIND_MAKE_MEM_DEFINED(p, n);
#else
    (void)p;
    (void)n;
#endif
}

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
    uint8_t differs = diff != 0;
    ct_public(&differs, sizeof differs);
    return differs == 0;
}

#endif
