/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of age v1: X25519 recipients and identities, file keys, and their texts. */
#ifndef EHRD_AGE_KEY_H
#define EHRD_AGE_KEY_H

#include "base/buf.h"
#include "base/sysio.h"

/* Public: who a file is sealed for. */
struct age_recipient {
    uint8_t pub[32]; /* X25519 */
};

/* Secret: opens what is sealed for .recipient. */
struct age_identity {
    uint8_t secret[32]; /* X25519 */
    struct age_recipient recipient;
};

/* Secret: opens one file. It must never be used for a second file. */
struct age_file_key {
    uint8_t k[16];
};

#define AGE_RECIPIENT_TEXT 63u /* bytes of "age1…" with the final NUL */
#define AGE_IDENTITY_TEXT 75u  /* bytes of "AGE-SECRET-KEY-1…" with the final NUL */

/* A new random identity / file key. OK | E_IO (no randomness) | E_INTERNAL. */
status age_identity_generate(const struct random_src *rnd, struct age_identity *ret) MUST_USE;
status age_file_key_generate(const struct random_src *rnd, struct age_file_key *ret) MUST_USE;
/* The identity of a secret scalar that was derived elsewhere. OK | E_INTERNAL. */
status age_identity_of(const uint8_t secret[32], struct age_identity *ret) MUST_USE;
void age_identity_done(struct age_identity *id); /* wipes */
void age_file_key_done(struct age_file_key *fk); /* wipes */
bool age_recipient_eq(const struct age_recipient *a, const struct age_recipient *b);

/* Texts as age writes them. The text of an identity is secret: wipe it.
 * OK | E_NOMEM | E_INTERNAL. */
status age_recipient_write(const struct age_recipient *r, char out[AGE_RECIPIENT_TEXT]) MUST_USE;
status age_identity_write(const struct age_identity *id, char out[AGE_IDENTITY_TEXT]) MUST_USE;

/* text: "age1…" in lower case, or "AGE-SECRET-KEY-1…" in upper case, nothing before or after.
 * OK | E_UNSUPPORTED (a post-quantum or plugin key) | E_SYNTAX | E_MISMATCH (checksum) |
 * E_RANGE (length) | E_TYPE | E_NOT_CANONICAL. The message never holds a secret. */
status age_recipient_read(slice text, struct age_recipient *ret, struct err *reterr) MUST_USE;
status age_identity_read(slice text, struct age_identity *ret, struct err *reterr) MUST_USE;

/* Files of keys: one a line, empty lines and lines starting with '#' are skipped, CRLF is fine.
 * out: room for max keys. ret_n: keys read, at least 1.
 * OK | E_MISSING (no key) | E_TOO_LONG (more than max) | errors of a line, with its number.
 * On failure identities read so far are wiped. */
status age_recipients_read(slice text, struct age_recipient *out, size_t max, size_t *ret_n,
                           struct err *reterr) MUST_USE;
status age_identities_read(slice text, struct age_identity *out, size_t max, size_t *ret_n,
                           struct err *reterr) MUST_USE;

#endif
