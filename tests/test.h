/* SPDX-License-Identifier: Apache-2.0 */
/* What every cmocka test includes, with the few helpers they share. */
#ifndef EHRD_TESTS_TEST_H
#define EHRD_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/slice.h"
#include "base/status.h"

/* Fail with the status's name and the message when s is not OK. */
#define assert_ok(s, err)                                                                          \
    do {                                                                                           \
        status s_ = (s);                                                                           \
        if (s_ != OK)                                                                              \
            fail_msg("%s: %s", status_name(s_), (err)->msg);                                       \
    } while (0)

#define assert_status(s, want) assert_string_equal(status_name(s), status_name(want))

static inline void assert_slice(slice got, slice want)
{
    assert_int_equal(got.n, want.n);
    if (want.n > 0)
        assert_memory_equal(got.p, want.p, want.n);
}

/* Path below EHRD_FIXTURES, in out. Skips the test by name when the folder is not there. */
#define fixture_or_skip(rel, out, n)                                                               \
    do {                                                                                           \
        const char *root_ = getenv("EHRD_FIXTURES");                                               \
        (void)snprintf((out), (n), "%s/%s", root_ != NULL ? root_ : "../shared", (rel));           \
        if (!file_exists(out)) {                                                                   \
            print_message("SKIPPED %s: no %s (set EHRD_FIXTURES)\n", __func__, (rel));             \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#endif
