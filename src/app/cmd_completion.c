/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr completion". */
#include "app/cmd_age.h"
#include "app/cmd_content.h"
#include "app/commands.h"
#include "app/completion.h"

#define ENTRIES_MAX 96u

status cmd_completion(struct cli *c, struct args *a, struct err *reterr)
{
    static struct completion_entry list[ENTRIES_MAX];
    size_t n = 0;
    status st = args_end(a, 1, 1, reterr);
    (void)c;
    if (st != OK)
        return st;
    if (command_count + 6 > ENTRIES_MAX)
        return ERR(reterr, E_INTERNAL, "completion: too many commands");
    list[n++] = (struct completion_entry){NULL, NULL, ""};
    for (size_t i = 0; i < command_count; i++)
        list[n++] = (struct completion_entry){command_table[i].name, command_table[i].sub,
                                              command_table[i].usage};
    list[n++] = (struct completion_entry){"age", NULL, cmd_age_usage};
    list[n++] = (struct completion_entry){"content", "add", cmd_content_usage};
    list[n++] = (struct completion_entry){"content", "get", cmd_content_usage};
    list[n++] = (struct completion_entry){"content", "stat", cmd_content_usage};
    list[n++] = (struct completion_entry){"content", "verify", cmd_content_usage};
    const struct completion k = {.program = "ehr",
                                 .entries = list,
                                 .n = n,
                                 .global_usage = command_global_usage,
                                 .accounts_home = "${EHR_HOME:-$HOME/.local/share/ehr}"};
    return completion_put(&k, a->v[0], stdout, reterr);
}
