/* SPDX-License-Identifier: Apache-2.0 */
/* What --help prints of the commands of `ehr`. */
#ifndef EHRD_APP_COMMAND_HELP_H
#define EHRD_APP_COMMAND_HELP_H

#include <stdio.h>

#include "app/cli.h"

/* All commands and what holds for each. */
void command_help_all(FILE *f);
/* Usage of the commands that begin with name. False: none does. */
bool command_help_group(const char *name, FILE *f);
/* One command: usage, and each of its options. */
void command_help_one(const struct command *k, FILE *f);
/* "usage: ehr …", one line. */
void command_help_usage(const struct command *k, FILE *f);

#endif
