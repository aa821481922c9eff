/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases from the terminal, without echo, or from a descriptor. */
#ifndef EHRD_APP_PASSPHRASE_H
#define EHRD_APP_PASSPHRASE_H

#include "base/buf.h"

#define PASSPHRASE_MAX ((size_t)1024) /* bytes */
#define PASSPHRASE_MIN 12u            /* characters of a new one */

/* ret: empty, made by buf_init_secret(…, PASSPHRASE_MAX).
 * OK | E_TOO_LONG | E_MISSING (empty, or no terminal) | E_CANCELLED (Ctrl-C or end
 * of input) | E_IO. On failure ret is empty. */
status passphrase_ask(const char *prompt, struct buf *ret, struct err *reterr) MUST_USE;
/* Ask twice. Also E_MISMATCH (not the same). */
status passphrase_ask_new(const char *prompt, struct buf *ret, struct err *reterr) MUST_USE;
/* One that is to lock an identity or a key from now on: what guards against guessing is its length.
 * OK | E_RANGE. */
status passphrase_new_check(slice text, struct err *reterr) MUST_USE;
/* The first line of a descriptor without its line end. */
status passphrase_read_fd(int fd, struct buf *ret, struct err *reterr) MUST_USE;

#endif
