/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies pushed through a pipe in pieces of any size. */
#include "age/stream.h"

#include <stdlib.h>

#include "age/chunk.h"
#include "base/wipe.h"

#define READY_CHUNKS 4u /* sealed or opened before the sink is called */
#define READY_MAX (READY_CHUNKS * AGE_SEALED)
#define READ_CHUNKS 2u /* read from a source at once */
#define READ_MAX (READ_CHUNKS * AGE_CHUNK + 4096)
_Static_assert(READ_MAX >= READ_CHUNKS * AGE_SEALED, "a buffer holds its chunks");

static status read_slice(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    slice *s = ctx;
    (void)reterr;
    slice part = slice_first(*s, n);
    if (part.n > 0)
        memcpy(p, part.p, part.n);
    *s = slice_after(*s, part.n);
    *ret_n = part.n;
    return OK;
}

struct age_src age_src_slice(slice *s)
{
    return (struct age_src){read_slice, s};
}

static status write_buf(void *ctx, slice s, struct err *reterr)
{
    status st = buf_put(ctx, s);
    return st == OK ? OK : ERR(reterr, st, "output: %s", status_text(st));
}

struct age_sink age_sink_buf(struct buf *b)
{
    return (struct age_sink){write_buf, b};
}

static status pipe_init(struct age_pipe *p, const struct age_file_key *fk, struct age_sink out,
                        bool sealing, struct err *reterr)
{
    *p = (struct age_pipe){.fk = *fk, .sink = out, .sealing = sealing};
    p->held = malloc(AGE_SEALED);
    p->ready = malloc(READY_MAX);
    if (p->held != NULL && p->ready != NULL)
        return OK;
    age_pipe_done(p);
    (void)ERR(reterr, E_NOMEM, "out of memory");
    return E_NOMEM;
}

void age_pipe_done(struct age_pipe *p)
{
    if (p->has_key)
        aead_done(&p->aead);
    if (p->held != NULL)
        wipe(p->held, AGE_SEALED);
    if (p->ready != NULL)
        wipe(p->ready, READY_MAX);
    free(p->held);
    free(p->ready);
    *p = (struct age_pipe){0}; /* to be released again; analyzers do not see through wipe */
    wipe(p, sizeof *p);
}

/* Derive the payload key; the file key is not needed any more. */
static status pipe_key(struct age_pipe *p, const uint8_t nonce[AGE_NONCE], struct err *reterr)
{
    status st = age_chunk_key(&p->aead, &p->fk, nonce);
    if (st != OK)
        return ERR(reterr, st, "payload key: %s", status_text(st));
    p->has_key = true;
    age_file_key_done(&p->fk);
    return OK;
}

status age_sealer_init(struct age_pipe *p, const struct age_file_key *fk, struct age_sink out,
                       const struct random_src *rnd, struct err *reterr)
{
    status st = pipe_init(p, fk, out, true, reterr);
    if (st != OK)
        return st;
    st = random_fill(rnd, p->ready, AGE_NONCE);
    if (st != OK)
        st = ERR(reterr, st, "no randomness");
    else
        st = pipe_key(p, p->ready, reterr);
    p->n_ready = AGE_NONCE;
    if (st != OK)
        age_pipe_done(p);
    return st;
}

status age_opener_init(struct age_pipe *p, const struct age_file_key *fk, struct age_sink out,
                       struct err *reterr)
{
    return pipe_init(p, fk, out, false, reterr);
}

static status flush(struct age_pipe *p, struct err *reterr)
{
    slice s = slice_of(p->ready, p->n_ready);
    p->n_ready = 0;
    return s.n > 0 ? p->sink.write(p->sink.ctx, s, reterr) : OK;
}

/* Seal or open one chunk to ready. What was opened before a bad chunk still goes to the sink. */
static status do_chunk(struct age_pipe *p, slice in, bool last, struct err *reterr)
{
    status st = READY_MAX - p->n_ready < AGE_SEALED ? flush(p, reterr) : OK;
    if (st != OK)
        return st;
    uint8_t *out = p->ready + p->n_ready;
    size_t n = in.n + AEAD_TAG;
    if (p->sealing) {
        st = age_chunk_seal(&p->aead, p->chunk, last, in, out);
        if (st != OK)
            return ERR(reterr, st, "seal: %s", status_text(st));
    } else {
        st = age_chunk_open(&p->aead, p->chunk, last, in, out, &n, reterr);
    }
    p->n_ready += n;
    p->chunk++;
    if (st == OK)
        return OK;
    status flushed = flush(p, reterr);
    return flushed == OK ? st : flushed;
}

/* Move up to max - n_held bytes of *s to held. */
static void hold(struct age_pipe *p, slice *s, size_t max)
{
    slice part = slice_first(*s, max - p->n_held);
    if (part.n > 0)
        memcpy(p->held + p->n_held, part.p, part.n);
    p->n_held += part.n;
    *s = slice_after(*s, part.n);
}

/* more: s is not the end of the input, so that not even its last chunk can be the last one. */
static status push(struct age_pipe *p, slice s, bool more, struct err *reterr)
{
    size_t unit = p->sealing ? AGE_CHUNK : AGE_SEALED;
    status st = OK;
    if (!p->has_key) {
        hold(p, &s, AGE_NONCE);
        if (p->n_held < AGE_NONCE)
            return OK;
        p->n_held = 0;
        st = pipe_key(p, p->held, reterr);
    }
    while (st == OK && s.n > 0) {
        if (p->n_held == unit) { /* s follows, so it is not the last one */
            p->n_held = 0;
            st = do_chunk(p, slice_of(p->held, unit), false, reterr);
        } else if (p->n_held == 0 && (s.n > unit || (more && s.n == unit))) {
            st = do_chunk(p, slice_first(s, unit), false, reterr);
            s = slice_after(s, unit);
        } else {
            hold(p, &s, unit);
        }
    }
    return st;
}

status age_pipe_write(struct age_pipe *p, slice s, struct err *reterr)
{
    return push(p, s, false, reterr);
}

status age_pipe_finish(struct age_pipe *p, struct err *reterr)
{
    if (!p->has_key)
        return ERR(reterr, E_TRUNCATED, "ends inside the nonce");
    status st = do_chunk(p, slice_of(p->held, p->n_held), true, reterr);
    return st == OK ? flush(p, reterr) : st;
}

/* Read until raw holds want bytes or the source ends. */
static status fill(struct age_src in, uint8_t *raw, size_t want, size_t *n, struct err *reterr)
{
    size_t got = 1;
    status st = OK;
    while (st == OK && got > 0 && *n < want) {
        st = in.read(in.ctx, raw + *n, want - *n, &got, reterr);
        *n += st == OK ? got : 0;
    }
    return st;
}

/* Push all of in through p. raw[i]: READ_MAX bytes. One buffer is pushed when the next is filled,
 * so it is known whether more follows, and whole chunks go straight from raw to the output. */
static status pump(struct age_pipe *p, struct age_src in, uint8_t *raw[2], struct err *reterr)
{
    size_t all = READ_CHUNKS * (p->sealing ? AGE_CHUNK : AGE_SEALED);
    size_t n = 0;
    status st = fill(in, raw[0], p->sealing ? all : AGE_NONCE, &n, reterr);
    for (int i = 0; st == OK && n > 0; i = 1 - i) {
        size_t next = 0;
        st = fill(in, raw[1 - i], all, &next, reterr);
        if (st == OK)
            st = push(p, slice_of(raw[i], n), next > 0, reterr);
        n = next;
    }
    return st == OK ? age_pipe_finish(p, reterr) : st;
}

/* Page-aligned: the kernel copies to buffers that are not far more slowly. */
static status pump_all(struct age_pipe *p, struct age_src in, struct err *reterr)
{
    uint8_t *raw = aligned_alloc(4096, 2 * READ_MAX);
    if (raw == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = pump(p, in, (uint8_t *[2]){raw, raw + READ_MAX}, reterr);
    wipe(raw, 2 * READ_MAX);
    free(raw);
    return st;
}

status age_body_seal_stream(const struct age_file_key *fk, struct age_src in, struct age_sink out,
                            const struct random_src *rnd, struct err *reterr)
{
    struct age_pipe p;
    status st = age_sealer_init(&p, fk, out, rnd, reterr);
    if (st != OK)
        return st;
    st = pump_all(&p, in, reterr);
    age_pipe_done(&p);
    return st;
}

status age_body_open_stream(const struct age_file_key *fk, struct age_src in, struct age_sink out,
                            struct err *reterr)
{
    struct age_pipe p;
    status st = age_opener_init(&p, fk, out, reterr);
    if (st != OK)
        return st;
    st = pump_all(&p, in, reterr);
    age_pipe_done(&p);
    return st;
}
