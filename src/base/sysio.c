/* SPDX-License-Identifier: Apache-2.0 */
/* The system's clock and random numbers. */
#include "base/sysio.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

static uint64_t sys_unix_s(void *ctx)
{
    (void)ctx;
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec;
}

static uint64_t sys_mono_ms(void *ctx)
{
    (void)ctx;
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static status sys_fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    while (n > 0) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return E_IO;
        out += got;
        n -= (size_t)got;
    }
    return OK;
}

const struct clock_src clock_system = {sys_unix_s, sys_mono_ms, NULL};
const struct random_src random_system = {sys_fill, NULL};
