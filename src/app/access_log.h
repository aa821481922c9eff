/* SPDX-License-Identifier: Apache-2.0 */
/* A folder's access log, read with its chain of leaves and the node's signature checked. */
#ifndef EHRD_APP_ACCESS_LOG_H
#define EHRD_APP_ACCESS_LOG_H

#include "app/cli.h"

struct access_log {
    hash32 folder;
    /* Told of each entry that was checked, oldest first. */
    status (*entry)(void *ctx, struct json v, struct err *reterr);
    void *ctx;
    /* ---- */
    uint64_t seq; /* of the last entry that was checked */
    hash32 leaf;
};

/* Read all of it. The session is open. OK | E_MISMATCH, E_SIGNATURE (the log was changed) | what
 * entry returned | vault statuses. */
status access_log_read(struct cli *c, struct access_log *log, struct err *reterr) MUST_USE;

/* Whose right was used: the account that a certifier signed for, or the signer.
 * OK | E_SYNTAX (json_hex_addr). */
status access_log_who(struct json entry, addr20 *ret, struct err *reterr) MUST_USE;

#endif
