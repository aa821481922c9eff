/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery codes: an identity's root as a text to print (docs/formats.md, section 2). */
#ifndef EHRD_EHR_RECOVERY_H
#define EHRD_EHR_RECOVERY_H

#include "ehr/identity.h"

#define RECOVERY_TEXT 82u            /* bytes of a code with the final NUL */
#define RECOVERY_INPUT ((size_t)512) /* bytes of a code as typed, with white space */

/* Write the code. has_account: the account's key is the identity's scalar "account".
 * The text is secret: wipe it. OK | E_NOMEM | E_INTERNAL. */
status recovery_write(const struct identity *id, bool has_account,
                      char out[RECOVERY_TEXT]) MUST_USE;
/* Read a code for the registry net into an identity at home at node. White space is dropped and
 * either case taken. The message never holds a part of the code.
 * OK | E_TOO_LONG | E_SYNTAX (no code) | E_TYPE (another kind of code) | E_RANGE (length; node) |
 * E_MISMATCH (mistyped, or of another registry) | E_NOT_CANONICAL | E_UNSUPPORTED (version). */
status recovery_read(slice text, const struct netid *net, const char *node, struct identity *ret,
                     bool *ret_has_account, struct err *reterr) MUST_USE;

#endif
