/* SPDX-License-Identifier: Apache-2.0 */
/* The titles of a folder's records, read once, for what names many of them. */
#ifndef EHRD_APP_FOLDER_TITLES_H
#define EHRD_APP_FOLDER_TITLES_H

#include "app/cli.h"

struct folder_title {
    hash32 record;
    hash32 body; /* sha256 of the CID's text, present version */
    slice title; /* empty: the record could not be proved */
};

struct folder_titles {
    struct folder_title *list;
    size_t n;
    struct arena a; /* of list and titles */
};

/* All records of the folder, proved; the session is open. ret: to be released, also on failure, and
 * has none then. OK | as flow_list and flow_check. */
status folder_titles_read(struct cli *c, const hash32 *folder, struct folder_titles *ret,
                          struct err *reterr) MUST_USE;
void folder_titles_done(struct folder_titles *t);
/* By the record, or by the body of its present version; NULL: there is none. */
const struct folder_title *folder_titles_find(const struct folder_titles *t, const hash32 *what,
                                              bool is_body);

#endif
