/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts for shells, made from the very texts that --help prints. */
#ifndef EHRD_APP_COMPLETION_H
#define EHRD_APP_COMPLETION_H

#include <stdio.h>

#include "base/status.h"

/* One command as its usage tells it: options are what begins with a dash in the text; one space
 * and a word behind it is its value: FILE, DIR and OUT are files, "a|b" in lower case are all there
 * is. A usage that itself begins with "a|b" takes one of these words. */
struct completion_entry {
    const char *name; /* NULL: the program without a command */
    const char *sub;  /* NULL: the command has none */
    const char *usage;
};

struct completion {
    const char *program;                    /* letters only: it names shell functions */
    const struct completion_entry *entries; /* the first without a name */
    size_t n;
    const char *global_usage;  /* options every entry takes unless its usage is a whole help */
    const char *accounts_home; /* shell text: folder of NAME.json for --as; NULL: none */
};

/* Write the script for "bash" or "zsh". OK | E_USAGE (another shell) | E_RANGE (too many options).
 */
status completion_put(const struct completion *c, const char *shell, FILE *out,
                      struct err *reterr) MUST_USE;

#endif
