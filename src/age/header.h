/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of age v1: they wrap a file key for recipients or a passphrase (C2SP age.md, "Header").
 *
 * A file is header || body. ehrd stores the two apart: a new header for other readers can be made
 * from an old one (age_header_rewrap) while the body stays as it is. */
#ifndef EHRD_AGE_HEADER_H
#define EHRD_AGE_HEADER_H

#include "age/key.h"
#include "base/limits.h"

/* A header that keeps to the grammar; its MAC is not checked yet. All slices borrow from the text
 * given to age_header_read. */
struct age_header {
    slice text;    /* all of it, with the final line feed */
    slice stanzas; /* from the first "->" up to "---" */
    uint8_t mac[32];
    size_t n_stanzas;
    bool is_scrypt; /* one stanza, opened by a passphrase */
};

/* One recipient stanza. */
struct age_stanza {
    slice type; /* first argument */
    slice args; /* the others, separated by one space; may be empty */
    slice body; /* base64 lines with their line feeds */
};

/* What a reader has to open files with; all borrowed. */
struct age_keys {
    const struct age_identity *ids;
    size_t n_ids;
    slice passphrase;   /* .p == NULL: none */
    unsigned max_log_n; /* largest scrypt work factor to accept; 0: LIMIT_AGE_SCRYPT_LOGN */
    /* Asked for the passphrase when a file needs one and .passphrase is none; may be NULL. What
     * *ret borrows must live until age_header_open is done. */
    status (*ask)(void *ctx, slice *ret, struct err *reterr);
    void *ask_ctx;
};

/* Work factor for new passphrase headers: 2^18, as age itself. */
#define AGE_SCRYPT_LOGN 18u

/* Find where the header at the start of in ends.
 * OK | E_TRUNCATED (could go on: give more) | E_UNSUPPORTED (another version of age) |
 * E_SYNTAX (not age) | E_TOO_LONG (> LIMIT_AGE_HEADER_BYTES). */
status age_header_find_end(slice in, size_t *ret_n, struct err *reterr) MUST_USE;

/* Read the header at the start of in; what follows ret->text in in is the body.
 * Native stanzas are checked in form, others only against the grammar.
 * OK | E_TRUNCATED | E_UNSUPPORTED | E_SYNTAX | E_NOT_CANONICAL (base64) | E_RANGE (sizes, work
 * factor) | E_TOO_LONG (LIMIT_AGE_HEADER_BYTES, LIMIT_AGE_STANZAS). */
status age_header_read(slice in, struct age_header *ret, struct err *reterr) MUST_USE;

/* Take the first stanza from *rest (start with h->stanzas). False: no more. */
bool age_stanza_next(slice *rest, struct age_stanza *ret);

/* The file key, by the first key that opens a stanza; the MAC is checked with it.
 * OK | E_NO_KEY (none of the keys fits) | E_MISMATCH (MAC) | E_RANGE (low-order share, work factor
 * over keys->max_log_n) | E_NOMEM | E_INTERNAL. */
status age_header_open(const struct age_header *h, const struct age_keys *keys,
                       struct age_file_key *ret, struct err *reterr) MUST_USE;

/* Append a header that wraps fk for n recipients (1 to LIMIT_AGE_STANZAS).
 * OK | E_RANGE (n, or a low-order recipient) | E_IO (randomness) | buf errors | E_INTERNAL.
 * out is unchanged on failure. */
status age_header_put(struct buf *out, const struct age_file_key *fk, const struct age_recipient *r,
                      size_t n, const struct random_src *rnd, struct err *reterr) MUST_USE;

/* Append a header that wraps fk for a passphrase, with scrypt work factor 2^log_n.
 * OK | E_RANGE (log_n is 0 or over LIMIT_AGE_SCRYPT_LOGN; empty passphrase) | as above. */
status age_header_put_passphrase(struct buf *out, const struct age_file_key *fk, slice passphrase,
                                 unsigned log_n, const struct random_src *rnd,
                                 struct err *reterr) MUST_USE;

/* Append a header for the same body and other recipients: open the header at the start of in with
 * keys, then age_header_put. The body needs no change. Errors of the three functions above. */
status age_header_rewrap(struct buf *out, slice in, const struct age_keys *keys,
                         const struct age_recipient *r, size_t n, const struct random_src *rnd,
                         struct err *reterr) MUST_USE;

#endif
