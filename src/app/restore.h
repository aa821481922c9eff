/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that "ehr identity restore" and "ehr recover" share. */
#ifndef EHRD_APP_RESTORE_H
#define EHRD_APP_RESTORE_H

#include "app/cli.h"

/* Secret. */
struct restored {
    struct identity id;
    struct secp_key key;
    addr20 addr;
    bool has_account; /* key and addr are the account's */
};

/* Read the recovery code (fd: number of a descriptor as text, or NULL: ask for it). */
status restore_code_open(struct cli *c, const char *fd, struct restored *r,
                         struct err *reterr) MUST_USE;
/* What is there under this name may be replaced only when it is the same account. */
status restore_check(struct cli *c, const char *name, const struct restored *r,
                     struct err *reterr) MUST_USE;
/* Key file, identity, note; each step may be repeated. */
status restore_store(struct cli *c, const char *name, const struct restored *r, bool light,
                     struct err *reterr) MUST_USE;

#endif
