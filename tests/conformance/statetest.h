/* SPDX-License-Identifier: Apache-2.0 */
/* State tests: one transaction on a state. */
#ifndef EHRD_TESTS_STATETEST_H
#define EHRD_TESTS_STATETEST_H

#include "conf.h"

extern const struct conf_suite statetest_suite;

#endif
