/* SPDX-License-Identifier: Apache-2.0 */
/* Short names of records: number in the list, first hex digits of the id, or the exact title. */
#ifndef EHRD_APP_RECORD_HANDLE_H
#define EHRD_APP_RECORD_HANDLE_H

#include "app/cli.h"
#include "ehr/flow_read.h"

/* Find one record of a folder; f: access to it, or NULL to open it when it is needed. An id or its
 * beginning costs one small request; a title reads and proves the whole folder. OK | E_NOT_FOUND |
 * E_CONFLICT (fits several) | those of lists. */
status record_handle_find(struct cli *c, const hash32 *folder, const struct folder_access *f,
                          const char *text, struct arena *a, struct told_record *ret,
                          struct err *reterr) MUST_USE;

#endif
