/* SPDX-License-Identifier: Apache-2.0 */
/* Transaction tests: raw transactions, and who sent them by the rules of each fork. */
#ifndef EHRD_TESTS_TXTEST_H
#define EHRD_TESTS_TXTEST_H

#include "conf.h"

extern const struct conf_suite txtest_suite;

#endif
