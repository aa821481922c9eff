/* SPDX-License-Identifier: Apache-2.0 */
/* What the age tests share: repeatable randomness and made-up plaintexts. */
#ifndef EHRD_TESTS_AGE_TEST_H
#define EHRD_TESTS_AGE_TEST_H

#include "test.h"

#include "age/age.h"

#define MIB ((size_t)1 << 20)

static inline status test_random_fill(void *ctx, uint8_t *out, size_t n)
{
    uint64_t *s = ctx;
    for (size_t i = 0; i < n; i++) {
        *s ^= *s << 13;
        *s ^= *s >> 7;
        *s ^= *s << 17;
        out[i] = (uint8_t)(*s >> 32);
    }
    return OK;
}

/* *state must not be 0. */
static inline struct random_src test_random(uint64_t *state)
{
    return (struct random_src){test_random_fill, state};
}

/* n bytes in a buf; the caller calls buf_done. */
static inline void test_plain(struct buf *b, size_t n)
{
    uint64_t seed = 0x9e3779b97f4a7c15u + n;
    buf_init(b, n);
    assert_status(buf_put_zero(b, n), OK);
    if (n > 0)
        (void)test_random_fill(&seed, b->p, n);
}

#endif
