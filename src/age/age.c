/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: header and body together, armored or not. */
#include "age/age.h"

#include <stdlib.h>

#define READ_STEP ((size_t)65536)
#define PEEK_MAX ((size_t)1100) /* enough to see armor behind white space */

static status put_header(struct buf *out, const struct age_to *to, const struct age_file_key *fk,
                         const struct random_src *rnd, struct err *reterr)
{
    if (to->n > 0)
        return age_header_put(out, fk, to->r, to->n, rnd, reterr);
    unsigned log_n = to->log_n == 0 ? AGE_SCRYPT_LOGN : to->log_n;
    return age_header_put_passphrase(out, fk, to->passphrase, log_n, rnd, reterr);
}

/* Header, then body, not armored. */
static status seal_plain(const struct age_to *to, struct age_src in, struct age_sink out,
                         const struct random_src *rnd, struct err *reterr)
{
    struct age_file_key fk;
    struct buf header;
    status st = age_file_key_generate(rnd, &fk);
    if (st != OK)
        return ERR(reterr, st, "no randomness");
    buf_init(&header, LIMIT_AGE_HEADER_BYTES);
    st = put_header(&header, to, &fk, rnd, reterr);
    if (st == OK)
        st = out.write(out.ctx, buf_slice(&header), reterr);
    if (st == OK)
        st = age_body_seal_stream(&fk, in, out, rnd, reterr);
    buf_done(&header);
    age_file_key_done(&fk);
    return st;
}

status age_seal_stream(const struct age_to *to, struct age_src in, struct age_sink out,
                       const struct random_src *rnd, struct err *reterr)
{
    if (!to->armor)
        return seal_plain(to, in, out, rnd, reterr);
    struct age_armor_writer *w = malloc(sizeof *w);
    if (w == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = age_armor_writer_init(w, out, reterr);
    if (st == OK)
        st = seal_plain(to, in, age_armor_writer_sink(w), rnd, reterr);
    if (st == OK)
        st = age_armor_writer_finish(w, reterr);
    free(w);
    return st;
}

/* A source with bytes put back in front of it. */
struct peeked {
    struct buf head;
    size_t pos;
    struct age_src in;
    bool ended;
};

static status read_peeked(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    struct peeked *s = ctx;
    slice left = slice_after(buf_slice(&s->head), s->pos);
    if (left.n == 0) {
        *ret_n = 0;
        return s->ended ? OK : s->in.read(s->in.ctx, p, n, ret_n, reterr);
    }
    left = slice_first(left, n);
    memcpy(p, left.p, left.n);
    s->pos += left.n;
    *ret_n = left.n;
    return OK;
}

/* Read up to n bytes more to the head. */
static status peek(struct peeked *s, size_t n, struct err *reterr)
{
    size_t got;
    status st = buf_reserve(&s->head, n);
    if (st != OK)
        return ERR(reterr, st, "%s", status_text(st));
    st = s->in.read(s->in.ctx, s->head.p + s->head.n, n, &got, reterr);
    if (st == OK) {
        s->head.n += got;
        s->ended = got == 0;
    }
    return st;
}

/* Read until the head holds a whole header. */
static status peek_header(struct peeked *s, struct age_header *ret, struct err *reterr)
{
    size_t n;
    status st;
    while ((st = age_header_find_end(buf_slice(&s->head), &n, reterr)) == E_TRUNCATED &&
           !s->ended) {
        st = peek(s, READ_STEP, reterr);
        if (st != OK)
            return st;
    }
    if (st == OK)
        st = age_header_read(buf_slice(&s->head), ret, reterr);
    return st == OK ? OK : err_prefix(reterr, st, "header");
}

static status open_plain(const struct age_keys *keys, struct age_src in, struct age_sink out,
                         struct err *reterr)
{
    struct peeked s = {.in = in};
    struct age_header h;
    struct age_file_key fk;
    buf_init(&s.head, LIMIT_AGE_HEADER_BYTES + READ_STEP);
    status st = peek_header(&s, &h, reterr);
    if (st != OK)
        goto out;
    st = age_header_open(&h, keys, &fk, reterr);
    if (st != OK) {
        st = err_prefix(reterr, st, "header");
        goto out;
    }
    s.pos = h.text.n;
    st = age_body_open_stream(&fk, (struct age_src){read_peeked, &s}, out, reterr);
    age_file_key_done(&fk);
    if (st != OK)
        st = err_prefix(reterr, st, "body");
out:
    buf_done(&s.head);
    return st;
}

static status open_armored(const struct age_keys *keys, struct age_src in, struct age_sink out,
                           struct err *reterr)
{
    struct age_armor_reader *r = malloc(sizeof *r);
    if (r == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    age_armor_reader_init(r, in);
    status st = open_plain(keys, age_armor_reader_src(r), out, reterr);
    if (r->failed)
        st = err_prefix(reterr, st, "armor");
    free(r);
    return st;
}

status age_open_stream(const struct age_keys *keys, struct age_src in, struct age_sink out,
                       struct err *reterr)
{
    struct peeked s = {.in = in};
    status st = OK;
    buf_init(&s.head, PEEK_MAX);
    while (st == OK && !s.ended && s.head.n < PEEK_MAX)
        st = peek(&s, PEEK_MAX - s.head.n, reterr);
    struct age_src all = {read_peeked, &s};
    if (st == OK)
        st = age_armor_is(buf_slice(&s.head)) ? open_armored(keys, all, out, reterr)
                                              : open_plain(keys, all, out, reterr);
    buf_done(&s.head);
    return st;
}

static status seal_in_memory(struct buf *out, const struct age_to *to, slice plain,
                             const struct random_src *rnd, struct err *reterr)
{
    struct age_file_key fk;
    status st = age_file_key_generate(rnd, &fk);
    if (st != OK)
        return ERR(reterr, st, "no randomness");
    st = put_header(out, to, &fk, rnd, reterr);
    if (st == OK)
        st = age_body_put(out, &fk, plain, rnd, reterr);
    age_file_key_done(&fk);
    return st;
}

status age_seal(struct buf *out, const struct age_to *to, slice plain, const struct random_src *rnd,
                struct err *reterr)
{
    size_t from = out->n;
    status st = to->armor
                    ? age_seal_stream(to, age_src_slice(&plain), age_sink_buf(out), rnd, reterr)
                    : seal_in_memory(out, to, plain, rnd, reterr);
    if (st != OK)
        out->n = from;
    return st;
}

static status open_in_memory(struct buf *out, const struct age_keys *keys, slice file,
                             struct err *reterr)
{
    struct age_header h;
    struct age_file_key fk;
    status st = age_header_read(file, &h, reterr);
    if (st == OK)
        st = age_header_open(&h, keys, &fk, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "header");
    st = age_body_open(out, &fk, slice_after(file, h.text.n), reterr);
    age_file_key_done(&fk);
    return st == OK ? OK : err_prefix(reterr, st, "body");
}

status age_open(struct buf *out, const struct age_keys *keys, slice file, struct err *reterr)
{
    return age_armor_is(file)
               ? age_open_stream(keys, age_src_slice(&file), age_sink_buf(out), reterr)
               : open_in_memory(out, keys, file, reterr);
}
