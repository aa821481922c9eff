/* SPDX-License-Identifier: Apache-2.0 */
/* "ehrd completion", from the help texts of ehrd. */
#include "app/ehrd_completion.h"

#include <stdlib.h>

#include "app/completion.h"
#include "app/ehrd_chain.h"
#include "app/ehrd_dev.h"
#include "app/ehrd_options.h"

#define ENTRIES_MAX 32u
#define EXIT_USAGE 2

int ehrd_completion_main(int argc, char **argv)
{
    struct completion_entry list[ENTRIES_MAX];
    struct err e = {0};
    size_t n = 0;
    list[n++] = (struct completion_entry){NULL, NULL, ehrd_help()};
    list[n++] = (struct completion_entry){"dev", NULL, ehrd_dev_help};
    list[n++] = (struct completion_entry){"completion", NULL, "bash|zsh"};
    const char *name;
    for (size_t i = 0; n < ENTRIES_MAX && (name = ehrd_chain_command(i)) != NULL; i++)
        list[n++] = (struct completion_entry){"chain", name, ehrd_chain_help};
    const struct completion c = {.program = "ehrd", .entries = list, .n = n, .global_usage = ""};
    status st = argc == 3 ? completion_put(&c, argv[2], stdout, &e)
                          : ERR(&e, E_USAGE, "usage: ehrd completion bash|zsh");
    if (st == OK)
        return EXIT_SUCCESS;
    (void)fprintf(stderr, "ehrd: %s\n", e.msg);
    return st == E_USAGE ? EXIT_USAGE : EXIT_FAILURE;
}
