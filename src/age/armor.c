/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and strict reading of armor. */
#include "age/armor.h"

#include <stdlib.h>

#include "base/wipe.h"
#include "codec/base64.h"

#define LINE_BYTES 48u
#define LINE_TEXT 64u
#define WHITE_MAX 1024u

static bool is_white(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool age_armor_is(slice in)
{
    size_t i = 0;
    while (i < in.n && i < WHITE_MAX && is_white(in.p[i]))
        i++;
    return slice_has_prefix(slice_after(in, i), SLICE_LIT("-----BEGIN"));
}

/* Writing. */

/* Encode held as lines of 64 characters; only the last call may have a shorter line. */
static status write_held(struct age_armor_writer *w, struct err *reterr)
{
    slice rest = slice_of(w->held, w->n_held);
    size_t n = 0;
    while (rest.n > 0) {
        slice line = slice_first(rest, LINE_BYTES);
        base64_write(line, BASE64_PADDED, w->text + n);
        n += base64_len(line.n, BASE64_PADDED);
        w->text[n++] = '\n';
        rest = slice_after(rest, line.n);
    }
    w->n_held = 0;
    return n > 0 ? w->out.write(w->out.ctx, slice_of(w->text, n), reterr) : OK;
}

status age_armor_writer_init(struct age_armor_writer *w, struct age_sink out, struct err *reterr)
{
    w->out = out;
    w->n_held = 0;
    return out.write(out.ctx, SLICE_LIT(AGE_ARMOR_BEGIN "\n"), reterr);
}

static status armor_write(void *ctx, slice s, struct err *reterr)
{
    struct age_armor_writer *w = ctx;
    status st = OK;
    while (st == OK && s.n > 0) {
        slice part = slice_first(s, sizeof w->held - w->n_held);
        memcpy(w->held + w->n_held, part.p, part.n);
        w->n_held += part.n;
        s = slice_after(s, part.n);
        if (w->n_held == sizeof w->held)
            st = write_held(w, reterr);
    }
    return st;
}

struct age_sink age_armor_writer_sink(struct age_armor_writer *w)
{
    return (struct age_sink){armor_write, w};
}

status age_armor_writer_finish(struct age_armor_writer *w, struct err *reterr)
{
    status st = write_held(w, reterr);
    if (st == OK)
        st = w->out.write(w->out.ctx, SLICE_LIT(AGE_ARMOR_END "\n"), reterr);
    return st;
}

status age_armor_put(struct buf *out, slice file)
{
    size_t from = out->n;
    struct err e;
    struct age_armor_writer *w = malloc(sizeof *w);
    if (w == NULL)
        return E_NOMEM;
    status st = age_armor_writer_init(w, age_sink_buf(out), &e);
    if (st == OK)
        st = armor_write(w, file, &e);
    if (st == OK)
        st = age_armor_writer_finish(w, &e);
    if (st != OK)
        out->n = from;
    free(w);
    return st;
}

/* Reading. */

enum { BEFORE, BODY, LAST, AFTER }; /* LAST: the end line must come next */

#define BAD(r, code, ...) ((r)->failed = true, ERR(reterr, (code), __VA_ARGS__))

void age_armor_reader_init(struct age_armor_reader *r, struct age_src in)
{
    memset(r, 0, sizeof *r);
    r->in = in;
}

/* Have at least want bytes in raw, or all that are left. want is far below the size of raw. */
static status fill(struct age_armor_reader *r, size_t want, struct err *reterr)
{
    if (r->n_raw - r->raw_pos >= want)
        return OK;
    memmove(r->raw, r->raw + r->raw_pos, r->n_raw - r->raw_pos);
    r->n_raw -= r->raw_pos;
    r->raw_pos = 0;
    while (r->n_raw < want && !r->in_ended) {
        size_t n;
        status st = r->in.read(r->in.ctx, r->raw + r->n_raw, sizeof r->raw - r->n_raw, &n, reterr);
        if (st != OK)
            return st;
        r->n_raw += n;
        r->in_ended = n == 0;
    }
    return OK;
}

/* Take a line without its line end; it stays valid until the next fill. */
static status take_line(struct age_armor_reader *r, slice *ret, struct err *reterr)
{
    status st = fill(r, LINE_TEXT + 2, reterr);
    if (st != OK)
        return st;
    slice s = slice_first(slice_of(r->raw + r->raw_pos, r->n_raw - r->raw_pos), LINE_TEXT + 2);
    const uint8_t *lf = memchr(s.p, '\n', s.n);
    if (lf == NULL && s.n > LINE_TEXT)
        return BAD(r, E_SYNTAX, "a line is longer than 64 characters");
    if (lf == NULL && s.n == 0)
        return BAD(r, E_TRUNCATED, "no end line");
    slice line = lf == NULL ? s : slice_first(s, (size_t)(lf - s.p));
    r->raw_pos += line.n + (lf != NULL);
    if (lf != NULL && line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    *ret = line;
    return OK;
}

/* Skip white space. *ret_line_start: the last byte skipped ended a line, or none was skipped. */
static status skip_white(struct age_armor_reader *r, bool *ret_line_start, struct err *reterr)
{
    *ret_line_start = true;
    for (;;) {
        status st = fill(r, 1, reterr);
        if (st != OK)
            return st;
        if (r->raw_pos == r->n_raw || !is_white(r->raw[r->raw_pos]))
            return OK;
        if (++r->n_white > WHITE_MAX)
            return BAD(r, E_TOO_LONG, "too much white space around the armor");
        *ret_line_start = r->raw[r->raw_pos++] == '\n';
    }
}

static status read_begin(struct age_armor_reader *r, struct err *reterr)
{
    bool line_start = false;
    slice line = SLICE_EMPTY;
    status st = skip_white(r, &line_start, reterr);
    if (st == OK)
        st = take_line(r, &line, reterr);
    if (st != OK)
        return st;
    if (!line_start || !slice_eq_str(line, AGE_ARMOR_BEGIN))
        return BAD(r, E_SYNTAX, "the first line is not \"%s\"", AGE_ARMOR_BEGIN);
    r->n_white = 0;
    r->state = BODY;
    return OK;
}

static status read_after(struct age_armor_reader *r, struct err *reterr)
{
    bool line_start = false;
    status st = skip_white(r, &line_start, reterr);
    if (st == OK && r->raw_pos < r->n_raw)
        st = BAD(r, E_TRAILING, "bytes follow the armor");
    return st;
}

/* Decode one body line to out (48 bytes), or take the end line. *ret_n may be 0. */
static status read_body(struct age_armor_reader *r, uint8_t *out, size_t *ret_n, struct err *reterr)
{
    slice line = SLICE_EMPTY;
    *ret_n = 0;
    status st = take_line(r, &line, reterr);
    if (st != OK)
        return st;
    if (slice_eq_str(line, AGE_ARMOR_END)) {
        r->state = AFTER;
        return OK;
    }
    if (r->state == LAST || line.n == 0 || line.n > LINE_TEXT)
        return BAD(r, E_SYNTAX, "%s",
                   r->state == LAST ? "a short line is not the last one"
                   : line.n == 0    ? "an empty line"
                                    : "a line is longer than 64 characters");
    st = base64_read(line, BASE64_PADDED, out, LINE_BYTES, ret_n);
    if (st != OK)
        return BAD(r, st, "not canonical base 64");
    if (*ret_n < LINE_BYTES)
        r->state = LAST;
    return OK;
}

static size_t copy_out(struct age_armor_reader *r, uint8_t *p, size_t n)
{
    size_t left = r->n_out - r->out_pos;
    if (n > left)
        n = left;
    memcpy(p, r->out + r->out_pos, n);
    r->out_pos += n;
    return n;
}

static status armor_read(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    struct age_armor_reader *r = ctx;
    status st = r->state == BEFORE ? read_begin(r, reterr) : OK;
    size_t done = st == OK ? copy_out(r, p, n) : 0;
    while (st == OK && done < n && r->state != AFTER) {
        size_t part;
        if (n - done >= LINE_BYTES) {
            st = read_body(r, p + done, &part, reterr);
        } else {
            r->out_pos = r->n_out = 0;
            st = read_body(r, r->out, &r->n_out, reterr);
            part = st == OK ? copy_out(r, p + done, n - done) : 0;
        }
        done += part;
    }
    if (st == OK && done == 0 && n > 0)
        st = read_after(r, reterr);
    if (st == OK)
        *ret_n = done;
    return st;
}

struct age_src age_armor_reader_src(struct age_armor_reader *r)
{
    return (struct age_src){armor_read, r};
}

/* All that r gives, straight into out. */
static status read_all(struct age_armor_reader *r, struct buf *out, struct err *reterr)
{
    size_t n = 1;
    status st = OK;
    while (st == OK && n > 0) {
        st = buf_reserve(out, LINE_BYTES);
        if (st != OK)
            return ERR(reterr, st, "%s", status_text(st));
        st = armor_read(r, out->p + out->n, LINE_BYTES, &n, reterr);
        if (st == OK)
            out->n += n;
    }
    return st;
}

status age_armor_read(struct buf *out, slice text, struct err *reterr)
{
    size_t from = out->n;
    struct age_armor_reader *r = malloc(sizeof *r);
    if (r == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    age_armor_reader_init(r, age_src_slice(&text));
    status st = read_all(r, out, reterr);
    if (st != OK)
        out->n = from;
    free(r);
    return st;
}
