/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output, of which somebody may keep what was said only once: it is written, or told. */
#ifndef EHRD_APP_STD_OUT_H
#define EHRD_APP_STD_OUT_H

#include "base/status.h"

/* At the program's start: a standard descriptor that is closed is opened so that its use is an
 * error. Otherwise the next file, which may be one of a store, had its number. */
void std_out_begin(void);
/* Everything printed so far is written. OK | E_NO_SPACE | E_IO. */
status std_out_flush(struct err *reterr) MUST_USE;
/* The exit code of a program that would end with code: 1 instead of 0, and said on standard error,
 * when what it printed was not written. */
int std_out_end(const char *program, int code);

#endif
