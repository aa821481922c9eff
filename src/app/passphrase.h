/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases from the terminal, without echo, or from a descriptor. */
#ifndef EHRD_APP_PASSPHRASE_H
#define EHRD_APP_PASSPHRASE_H

#include "base/buf.h"

#define PASSPHRASE_MAX ((size_t)1024) /* bytes */

/* ret: empty, made by buf_init_secret(…, PASSPHRASE_MAX).
 * OK | E_MISSING (empty) | E_TOO_LONG | E_UNAVAILABLE (no terminal) | E_CANCELLED (Ctrl-C or end
 * of input) | E_IO. On failure ret is empty. */
status passphrase_ask(const char *prompt, struct buf *ret, struct err *reterr) MUST_USE;
/* Ask twice. Also E_MISMATCH (not the same). */
status passphrase_ask_new(const char *prompt, struct buf *ret, struct err *reterr) MUST_USE;
/* The first line of a descriptor without its line end. */
status passphrase_read_fd(int fd, struct buf *ret, struct err *reterr) MUST_USE;

#endif
