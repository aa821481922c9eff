/* SPDX-License-Identifier: Apache-2.0 */
/* The clock and randomness, as interfaces: everything above base receives them, so tests, fuzzers
 * and the chain are deterministic. */
#ifndef EHRD_BASE_SYSIO_H
#define EHRD_BASE_SYSIO_H

#include "base/slice.h"
#include "base/status.h"

/* Seconds since 1970-01-01 UTC, and a monotonic clock in milliseconds. */
struct clock_src {
    uint64_t (*unix_s)(void *ctx);
    uint64_t (*mono_ms)(void *ctx);
    void *ctx;
};

/* fill: n random bytes fit for keys. OK | E_IO. */
struct random_src {
    status (*fill)(void *ctx, uint8_t *out, size_t n);
    void *ctx;
};

/* The system's own: clock_gettime and getrandom(2). Thread-safe, static. */
extern const struct clock_src clock_system;
extern const struct random_src random_system;

static inline uint64_t clock_unix_s(const struct clock_src *c)
{
    return c->unix_s(c->ctx);
}

static inline uint64_t clock_mono_ms(const struct clock_src *c)
{
    return c->mono_ms(c->ctx);
}

static inline status random_fill(const struct random_src *r, uint8_t *out, size_t n)
{
    return r->fill(r->ctx, out, n);
}

#endif
