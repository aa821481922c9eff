/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of "ehr content" share. Used only by cmd_content*.c. */
#ifndef EHRD_APP_CMD_CONTENT_IMPL_H
#define EHRD_APP_CMD_CONTENT_IMPL_H

#include "content/content.h"

/* One call: what the options say. Strings are borrowed from argv and the environment. */
struct cmd_content {
    const char *store;
    const char *output; /* NULL: standard output */
    const char *what;   /* FILE, or the text of a CID; NULL: not given */
    bool only_hash;
    bool json;
    bool help;
    uint64_t from; /* range, both ends included; to is CONTENT_TO_END without an end */
    uint64_t to;
};

/* Each prints its result to standard output. OK | E_USAGE | anything of the store and the files. */
status cmd_content_add(const struct cmd_content *c, struct err *reterr) MUST_USE;
status cmd_content_get(const struct cmd_content *c, struct err *reterr) MUST_USE;
status cmd_content_stat(const struct cmd_content *c, struct err *reterr) MUST_USE;
/* Also E_CORRUPT (a block is damaged). */
status cmd_content_verify(const struct cmd_content *c, struct err *reterr) MUST_USE;

#endif
