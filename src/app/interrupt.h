/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C for commands that work in steps: the first one ends it after the step under way, a second
 * one at once. */
#ifndef EHRD_APP_INTERRUPT_H
#define EHRD_APP_INTERRUPT_H

#include <stdbool.h>

void interrupt_watch(void); /* SIGINT and SIGTERM, from now on */
bool interrupt_came(void);

#endif
