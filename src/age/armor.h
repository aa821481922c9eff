/* SPDX-License-Identifier: Apache-2.0 */
/* ASCII armor of age files: strict PEM (RFC 7468, figure 3), label "AGE ENCRYPTED FILE".
 *
 * Only the canonical form is read; line ends may be LF or CRLF, and up to 1,024 bytes of white
 * space may stand before and after the block. */
#ifndef EHRD_AGE_ARMOR_H
#define EHRD_AGE_ARMOR_H

#include "age/stream.h"

#define AGE_ARMOR_BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define AGE_ARMOR_END "-----END AGE ENCRYPTED FILE-----"

/* True if in starts, after white space, like armor. */
bool age_armor_is(slice in);
/* In memory. OK | E_SYNTAX | E_NOT_CANONICAL | E_TRUNCATED (no end line) | E_TRAILING | buf errors;
 * out is unchanged on failure. */
status age_armor_put(struct buf *out, slice file) MUST_USE;
status age_armor_read(struct buf *out, slice text, struct err *reterr) MUST_USE;

#define AGE_ARMOR_STEP ((size_t)49152) /* bytes of the file encoded at once; a multiple of 48 */

/* A sink that armors what is written to it; finish writes the end line. About 112 KiB on the
 * caller's side. */
struct age_armor_writer {
    struct age_sink out;
    size_t n_held;
    uint8_t held[AGE_ARMOR_STEP];
    char text[AGE_ARMOR_STEP / 48 * 65];
};
status age_armor_writer_init(struct age_armor_writer *w, struct age_sink out,
                             struct err *reterr) MUST_USE;
struct age_sink age_armor_writer_sink(struct age_armor_writer *w);
status age_armor_writer_finish(struct age_armor_writer *w, struct err *reterr) MUST_USE;

/* A source that reads what the armor of another source holds. Reading to the end (0 bytes) is what
 * verifies the end line and what follows. */
struct age_armor_reader {
    struct age_src in;
    int state;
    bool in_ended;
    bool failed;    /* the error came from the armor's form, not from in */
    size_t n_white; /* bytes of white space seen outside of the block */
    size_t raw_pos, n_raw;
    size_t out_pos, n_out;
    uint8_t out[48]; /* a decoded line that did not fit the caller's room */
    uint8_t raw[AGE_ARMOR_STEP];
};
void age_armor_reader_init(struct age_armor_reader *r, struct age_src in);
struct age_src age_armor_reader_src(struct age_armor_reader *r);

#endif
