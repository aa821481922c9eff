/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of age v1: a 16-byte nonce and sealed chunks of 64 KiB (C2SP age.md, "Payload"), in
 * memory, as a stream with constant memory, and at any offset. */
#ifndef EHRD_AGE_STREAM_H
#define EHRD_AGE_STREAM_H

#include "age/key.h"
#include "crypto/aead.h"

#define AGE_NONCE 16u                     /* bytes before the first chunk */
#define AGE_CHUNK ((size_t)65536)         /* plaintext of all chunks but the last */
#define AGE_SEALED (AGE_CHUNK + AEAD_TAG) /* the same, sealed */

/* Where bytes come from. read: up to n bytes to p, *ret_n = 0 only at the end. Its errors end the
 * operation and are handed on. */
struct age_src {
    status (*read)(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr);
    void *ctx;
};

/* Where bytes go: all of s, or an error. */
struct age_sink {
    status (*write)(void *ctx, slice s, struct err *reterr);
    void *ctx;
};

/* Bytes at any offset: exactly n bytes from off to p; off + n <= size. */
struct age_at {
    status (*read_at)(void *ctx, uint64_t off, uint8_t *p, size_t n, struct err *reterr);
    void *ctx;
    uint64_t size;
};

/* A source that reads a slice (*s, borrowed, is advanced); a sink that appends to a buf; bytes at
 * offsets of a slice (*s borrowed, not changed). */
struct age_src age_src_slice(slice *s);
struct age_sink age_sink_buf(struct buf *b);
struct age_at age_at_slice(slice *s);

/* Bytes of the body for n bytes of plaintext. False when it does not fit 64 bits. */
bool age_body_len(uint64_t n, uint64_t *ret);
/* Plaintext bytes of a body of n bytes. OK | E_TRUNCATED | E_RANGE (no body has this length). */
status age_body_plain_len(uint64_t n, uint64_t *ret) MUST_USE;

/* In memory. Seal: out is unchanged on failure. Open: on failure out holds exactly the chunks
 * before the one that failed, which are genuine but not all; use out->n from before the call to
 * cut them off.
 * OK | E_TRUNCATED (no final chunk) | E_TRAILING (bytes after the final chunk) | E_DECRYPT (a chunk
 * was changed, or is of another file) | buf errors | E_IO (randomness) | E_INTERNAL. */
status age_body_put(struct buf *out, const struct age_file_key *fk, slice plain,
                    const struct random_src *rnd, struct err *reterr) MUST_USE;
status age_body_open(struct buf *out, const struct age_file_key *fk, slice body,
                     struct err *reterr) MUST_USE;

/* From a source to a sink, with constant memory (about 600 KiB). The opening one hands out each
 * chunk once it is verified: what was written before a failure is genuine but not all of it. Errors
 * as above and those of the callbacks. */
status age_body_seal_stream(const struct age_file_key *fk, struct age_src in, struct age_sink out,
                            const struct random_src *rnd, struct err *reterr) MUST_USE;
status age_body_open_stream(const struct age_file_key *fk, struct age_src in, struct age_sink out,
                            struct err *reterr) MUST_USE;

/* The same, pushed: write any number of times with any sizes, then finish once, then done. After
 * an error only _done may be called. One thread owns it. */
struct age_pipe {
    struct aead aead;
    struct age_file_key fk;
    struct age_sink sink;
    uint64_t chunk; /* number of the next chunk */
    uint8_t *held;  /* input that may still be the last chunk */
    size_t n_held;
    uint8_t *ready; /* output not handed to the sink yet */
    size_t n_ready;
    bool sealing;
    bool has_key; /* the nonce is known */
};
status age_sealer_init(struct age_pipe *p, const struct age_file_key *fk, struct age_sink out,
                       const struct random_src *rnd, struct err *reterr) MUST_USE;
status age_opener_init(struct age_pipe *p, const struct age_file_key *fk, struct age_sink out,
                       struct err *reterr) MUST_USE;
status age_pipe_write(struct age_pipe *p, slice s, struct err *reterr) MUST_USE;
status age_pipe_finish(struct age_pipe *p, struct err *reterr) MUST_USE;
void age_pipe_done(struct age_pipe *p); /* wipes */

/* Random access. Opening verifies the last chunk, so .size is genuine and a cut body is refused;
 * each chunk is verified when it is read. One thread owns it. */
struct age_reader {
    struct aead aead;
    struct age_at body;
    uint64_t size;   /* bytes of plaintext */
    uint64_t cached; /* number of the chunk in plain; UINT64_MAX: none */
    uint8_t *sealed; /* AGE_SEALED bytes */
    uint8_t *plain;  /* AGE_CHUNK bytes, secret */
};
status age_reader_open(struct age_reader *r, const struct age_file_key *fk, struct age_at body,
                       struct err *reterr) MUST_USE;
/* Up to n bytes at off to out. *ret_n < n only at the end; 0 at or after it.
 * OK | E_DECRYPT | errors of read_at. */
status age_reader_read(struct age_reader *r, uint64_t off, uint8_t *out, size_t n, size_t *ret_n,
                       struct err *reterr) MUST_USE;
void age_reader_done(struct age_reader *r); /* wipes */

#endif
