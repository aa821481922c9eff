/* SPDX-License-Identifier: Apache-2.0 */
/* Showing and asking for recovery codes. */
#ifndef EHRD_APP_RECOVERY_CODE_H
#define EHRD_APP_RECOVERY_CODE_H

#include "app/cli.h"

/* Show the code of an account's identity, as text and as QR code, ask whether it is stored away
 * from this computer, and note it. In JSON the code is a member of the answer, and noted as stored
 * with --yes only. OK | E_CANCELLED (not stored) | E_IO … */
status recovery_code_show(struct cli *c, const char *account, const struct identity *id,
                          struct err *reterr) MUST_USE;
/* The code from a descriptor, read to its end, alone or as recovery_code_show printed it (NULL:
 * asked for without echo).
 * ret: made by buf_init_secret. OK | E_USAGE | errors of reading. */
status recovery_code_get(const char *fd_text, struct buf *ret, struct err *reterr) MUST_USE;

#endif
