/* SPDX-License-Identifier: Apache-2.0 */
/* Whole age v1 files (C2SP age.md), and all headers of this folder.
 *
 * Three forms serve three uses: a whole file from source to sink with constant memory; a whole file
 * in memory; and header and body apart (age/header.h, age/stream.h), which is how ehrd stores
 * records: header || body is a plain age file.
 *
 * Who sealed a file is not proved by age: anyone who knows a recipient can seal for it. */
#ifndef EHRD_AGE_AGE_H
#define EHRD_AGE_AGE_H

#include "age/armor.h"
#include "age/header.h"
#include "age/key.h"
#include "age/stream.h"

/* For whom a file is sealed: n recipients, or else a passphrase (n == 0). All borrowed. */
struct age_to {
    const struct age_recipient *r;
    size_t n;
    slice passphrase;
    unsigned log_n; /* scrypt work factor; 0: AGE_SCRYPT_LOGN */
    bool armor;
};

/* Seal with a new file key. Errors of age_header_put*, age_body_* and of the callbacks. */
status age_seal_stream(const struct age_to *to, struct age_src in, struct age_sink out,
                       const struct random_src *rnd, struct err *reterr) MUST_USE;
/* Open, armored or not. Plaintext reaches out chunk by chunk, each verified.
 * Errors of age_armor_*, age_header_* and age_body_*; the message begins with "armor", "header"
 * or "body". */
status age_open_stream(const struct age_keys *keys, struct age_src in, struct age_sink out,
                       struct err *reterr) MUST_USE;

/* The same in memory. On failure of age_open out holds the chunks before the one that failed. */
status age_seal(struct buf *out, const struct age_to *to, slice plain, const struct random_src *rnd,
                struct err *reterr) MUST_USE;
status age_open(struct buf *out, const struct age_keys *keys, slice file,
                struct err *reterr) MUST_USE;

#endif
