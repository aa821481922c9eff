/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to unlock an identity, as files of the home folder: identities/NAME/WAY.age each, and
 * the note that the recovery code is stored elsewhere (docs/formats.md, sections 2 and 11). */
#ifndef EHRD_APP_IDENTITY_WAYS_H
#define EHRD_APP_IDENTITY_WAYS_H

#include "app/cli.h"

#define WAYS_MAX 8u            /* files of one identity */
#define WAYS_MIN 2u            /* ways an identity has, the recovery code included */
#define WAY_FIRST "passphrase" /* the way every identity begins with */
#define WAY_CODE "recovery-code"

struct ways {
    char name[WAYS_MAX][CLI_NAME_MAX]; /* WAY_FIRST first, if it is there */
    size_t n;
    bool code_stored; /* somebody said that the recovery code is stored elsewhere */
};

static inline size_t ways_count(const struct ways *w)
{
    return w->n + (w->code_stored ? 1 : 0);
}

/* An account without identity has none. OK | E_RANGE | E_TOO_LONG (more than WAYS_MAX). */
status ways_list(const struct cli *c, const char *account, struct ways *ret,
                 struct err *reterr) MUST_USE;
/* Open the identity with a passphrase by whichever way it belongs to, but not by the way skip
 * (NULL: none). way: room for CLI_NAME_MAX bytes, or NULL.
 * OK | E_NOT_FOUND (no identity) | E_NO_KEY (opens none) | errors of identity_open. */
status ways_open(const struct cli *c, const char *account, slice pass, const char *skip,
                 struct identity *ret, char *way, struct err *reterr) MUST_USE;
/* Write a way. replace: it may be there already. log_n: scrypt work, 0: age's own.
 * OK | E_CONFLICT (it is there) | E_TOO_LONG (WAYS_MAX) | errors of identity_seal and of files. */
status ways_store(const struct cli *c, const char *account, const char *way,
                  const struct identity *id, slice pass, unsigned log_n, bool replace,
                  struct err *reterr) MUST_USE;
/* Take a way's file away. OK | E_NOT_FOUND | E_IO. */
status ways_remove(const struct cli *c, const char *account, const char *way,
                   struct err *reterr) MUST_USE;
/* Note, or forget, that the recovery code is stored. OK | E_IO. */
status ways_code_note(const struct cli *c, const char *account, bool stored,
                      struct err *reterr) MUST_USE;
/* The scrypt work for an identity file of an account: its key file's, for both lie under one
 * passphrase; 0 without key file. OK | errors of keyfile_log_n. */
status ways_log_n(const struct cli *c, const char *account, unsigned *ret,
                  struct err *reterr) MUST_USE;

#endif
