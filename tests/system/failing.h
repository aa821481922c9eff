/* SPDX-License-Identifier: Apache-2.0 */
/* Failures at a chosen time: see failing.c. */
#ifndef EHRD_TESTS_FAILING_H
#define EHRD_TESTS_FAILING_H

#include <stdbool.h>

/* Counts; true if this is the time that must fail. */
bool failing_now(void);

#endif
