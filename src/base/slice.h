/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed, read-only run of bytes, and the small fixed-size byte types. */
#ifndef EHRD_BASE_SLICE_H
#define EHRD_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *p; /* may be NULL only if n == 0 */
    size_t n;         /* bytes */
} slice;

typedef struct {
    uint8_t b[20];
} addr20;

typedef struct {
    uint8_t b[32];
} hash32;

#define SLICE_EMPTY ((slice){NULL, 0})
#define SLICE_LIT(s) ((slice){(const uint8_t *)(s), sizeof(s) - 1})

static inline slice slice_of(const void *p, size_t n)
{
    return (slice){(const uint8_t *)p, n};
}

/* The bytes of a NUL-terminated string without the NUL. */
static inline slice slice_str(const char *s)
{
    return (slice){(const uint8_t *)s, strlen(s)};
}

static inline bool slice_eq(slice a, slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_eq_str(slice a, const char *s)
{
    return slice_eq(a, slice_str(s));
}

static inline bool slice_has_prefix(slice a, slice prefix)
{
    return a.n >= prefix.n && slice_eq((slice){a.p, prefix.n}, prefix);
}

/* The first n bytes / all after the first n bytes; n is cut to the length. */
static inline slice slice_first(slice a, size_t n)
{
    return (slice){a.p, n < a.n ? n : a.n};
}

static inline slice slice_after(slice a, size_t n)
{
    return n < a.n ? (slice){a.p + n, a.n - n} : SLICE_EMPTY;
}

static inline bool addr20_eq(addr20 a, addr20 b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

static inline bool addr20_is_zero(addr20 a)
{
    static const addr20 zero;
    return addr20_eq(a, zero);
}

static inline bool hash32_eq(hash32 a, hash32 b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

static inline bool hash32_is_zero(hash32 a)
{
    static const hash32 zero;
    return hash32_eq(a, zero);
}

#endif
