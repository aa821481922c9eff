/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that a test sets. */
#ifndef EHRD_TESTS_FAKECLOCK_H
#define EHRD_TESTS_FAKECLOCK_H

#include "base/sysio.h"

static inline uint64_t fakeclock_now(void *ctx)
{
    return *(const uint64_t *)ctx;
}

static inline struct clock_src fakeclock(uint64_t *now)
{
    return (struct clock_src){fakeclock_now, fakeclock_now, now};
}

#endif
