/* SPDX-License-Identifier: Apache-2.0 */
/* What a holder has had of a folder, by the access log: the part of a revocation that cannot be
 * undone. */
#ifndef EHRD_APP_OPENED_H
#define EHRD_APP_OPENED_H

#include "app/cli.h"

/* Print (or put into the JSON answer) which records an account, or a holder, opened and when, how
 * many it saw in lists only, and how many records are still sealed for keys from before the present
 * one. folder is one's own, name is as the user calls it. */
status opened_report(struct cli *c, const hash32 *folder, const char *name, const addr20 *who,
                     struct err *reterr) MUST_USE;

#endif
