/* SPDX-License-Identifier: Apache-2.0 */
/* Block tests: blocks imported one after the other, valid and invalid ones. */
#ifndef EHRD_TESTS_BLOCKTEST_H
#define EHRD_TESTS_BLOCKTEST_H

#include "conf.h"

extern const struct conf_suite blocktest_suite;

#endif
