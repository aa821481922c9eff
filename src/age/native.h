/* SPDX-License-Identifier: Apache-2.0 */
/* The two native stanza types this folder wraps file keys with, X25519 and scrypt. Used only inside
 * src/age. */
#ifndef EHRD_AGE_NATIVE_H
#define EHRD_AGE_NATIVE_H

#include "age/header.h"
#include "crypto/aead.h"

#define AGE_TYPE_X25519 "X25519"
#define AGE_TYPE_SCRYPT "scrypt"
#define AGE_WRAPPED (sizeof(struct age_file_key) + AEAD_TAG)

struct age_x25519_stanza {
    uint8_t share[32];
    uint8_t wrapped[AGE_WRAPPED];
};

struct age_scrypt_stanza {
    uint8_t salt[16];
    unsigned log_n;
    uint8_t wrapped[AGE_WRAPPED];
};

/* From a stanza that keeps to the grammar and has the type.
 * OK | E_SYNTAX (count of arguments, work factor) | E_NOT_CANONICAL | E_RANGE (sizes). */
status age_x25519_stanza_read(const struct age_stanza *s, struct age_x25519_stanza *ret,
                              struct err *reterr) MUST_USE;
status age_scrypt_stanza_read(const struct age_stanza *s, struct age_scrypt_stanza *ret,
                              struct err *reterr) MUST_USE;

/* OK | E_NO_KEY (not for this key) | E_RANGE (low-order share; work factor) | E_NOMEM |
 * E_INTERNAL. */
status age_x25519_unwrap(const struct age_x25519_stanza *s, const struct age_identity *id,
                         struct age_file_key *ret, struct err *reterr) MUST_USE;
status age_scrypt_unwrap(const struct age_scrypt_stanza *s, slice passphrase, unsigned max_log_n,
                         struct age_file_key *ret, struct err *reterr) MUST_USE;

/* Append a stanza. OK | E_RANGE (low-order recipient) | E_IO | buf errors | E_INTERNAL. */
status age_x25519_wrap(struct buf *out, const struct age_file_key *fk,
                       const struct age_recipient *r, const struct random_src *rnd) MUST_USE;
status age_scrypt_wrap(struct buf *out, const struct age_file_key *fk, slice passphrase,
                       unsigned log_n, const struct random_src *rnd) MUST_USE;

#endif
