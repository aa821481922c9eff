/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of an access log as lines for the terminal: what follows itself within a minute is one.
 */
#ifndef EHRD_APP_AUDIT_LINES_H
#define EHRD_APP_AUDIT_LINES_H

#include "app/folder_titles.h"

#define AUDIT_WORD 16u /* bytes of action and outcome with the final NUL; longer ones are cut */

struct audit_line {
    uint64_t time; /* of the first one */
    uint64_t last;
    uint64_t times;
    addr20 who;
    char action[AUDIT_WORD];
    char outcome[AUDIT_WORD];
    bool has_what;
    bool is_body;
    hash32 what;  /* the record, or sha256 of the text of the body's CID */
    char *reason; /* of the lines */
};

struct audit_lines {
    struct audit_line *list;
    size_t n;
    size_t max;
};

/* Entries are the node's words, whose chain was checked. OK | E_NOMEM (also: too many). */
status audit_lines_add(struct audit_lines *l, struct json entry, struct err *reterr) MUST_USE;
/* others: leave out what the account itself did. */
void audit_lines_print(const struct audit_lines *l, struct cli *c, const struct folder_titles *t,
                       bool others);
bool audit_lines_name_records(const struct audit_lines *l);
void audit_lines_done(struct audit_lines *l);

#endif
