/* SPDX-License-Identifier: Apache-2.0 */
/* Random access to a body, with one chunk cached. */
#include <stdlib.h>

#include "age/chunk.h"
#include "base/wipe.h"

#define NONE UINT64_MAX

static status read_at_slice(void *ctx, uint64_t off, uint8_t *p, size_t n, struct err *reterr)
{
    const slice *s = ctx;
    if (off > s->n || n > s->n - off)
        return ERR(reterr, E_RANGE, "read past the end");
    if (n > 0)
        memcpy(p, s->p + off, n);
    return OK;
}

struct age_at age_at_slice(slice *s)
{
    return (struct age_at){read_at_slice, s, s->n};
}

/* Verify chunk number and write its plaintext to out (AGE_CHUNK bytes). */
static status open_chunk(struct age_reader *r, uint64_t number, uint8_t *out, size_t *ret_n,
                         struct err *reterr)
{
    uint64_t off = AGE_NONCE + number * AGE_SEALED;
    uint64_t left = r->body.size - off;
    size_t n = left < AGE_SEALED ? (size_t)left : AGE_SEALED;
    status st = r->body.read_at(r->body.ctx, off, r->sealed, n, reterr);
    if (st != OK)
        return st;
    return age_chunk_open(&r->aead, number, left == n, slice_of(r->sealed, n), out, ret_n, reterr);
}

static status load_chunk(struct age_reader *r, uint64_t number, struct err *reterr)
{
    size_t n;
    if (r->cached == number)
        return OK;
    r->cached = NONE;
    status st = open_chunk(r, number, r->plain, &n, reterr);
    if (st == OK)
        r->cached = number;
    return st;
}

static status reader_start(struct age_reader *r, const struct age_file_key *fk, struct err *reterr)
{
    uint8_t nonce[AGE_NONCE];
    status st = r->body.read_at(r->body.ctx, 0, nonce, sizeof nonce, reterr);
    if (st != OK)
        return st;
    st = age_chunk_key(&r->aead, fk, nonce);
    if (st != OK)
        return ERR(reterr, st, "payload key: %s", status_text(st));
    /* Offsets from the end mean something only once the last chunk is known to be the last. */
    st = load_chunk(r, r->size == 0 ? 0 : (r->size - 1) / AGE_CHUNK, reterr);
    if (st != OK)
        aead_done(&r->aead);
    return st;
}

status age_reader_open(struct age_reader *r, const struct age_file_key *fk, struct age_at body,
                       struct err *reterr)
{
    *r = (struct age_reader){.body = body, .cached = NONE};
    status st = age_body_plain_len(body.size, &r->size);
    if (st != OK)
        return ERR(reterr, st, "no body has %llu bytes", (unsigned long long)body.size);
    r->sealed = malloc(AGE_SEALED);
    r->plain = malloc(AGE_CHUNK);
    if (r->sealed != NULL && r->plain != NULL)
        st = reader_start(r, fk, reterr);
    else
        st = ERR(reterr, E_NOMEM, "out of memory");
    if (st != OK) {
        r->aead = (struct aead){0};
        age_reader_done(r);
    }
    return st;
}

/* Copy from one chunk at off, at most n bytes, to out; whole chunks are opened in place. */
static status read_part(struct age_reader *r, uint64_t off, uint8_t *out, size_t n, size_t *ret_n,
                        struct err *reterr)
{
    uint64_t number = off / AGE_CHUNK;
    size_t skip = (size_t)(off % AGE_CHUNK);
    if (skip == 0 && n >= AGE_CHUNK && r->cached != number)
        return open_chunk(r, number, out, ret_n, reterr);
    status st = load_chunk(r, number, reterr);
    if (st != OK)
        return st;
    *ret_n = n < AGE_CHUNK - skip ? n : AGE_CHUNK - skip;
    memcpy(out, r->plain + skip, *ret_n);
    return OK;
}

status age_reader_read(struct age_reader *r, uint64_t off, uint8_t *out, size_t n, size_t *ret_n,
                       struct err *reterr)
{
    uint64_t left = off < r->size ? r->size - off : 0;
    if (n > left)
        n = (size_t)left;
    for (size_t done = 0, part; done < n; done += part) {
        status st = read_part(r, off + done, out + done, n - done, &part, reterr);
        if (st != OK)
            return st;
    }
    *ret_n = n;
    return OK;
}

void age_reader_done(struct age_reader *r)
{
    aead_done(&r->aead);
    if (r->plain != NULL)
        wipe(r->plain, AGE_CHUNK);
    free(r->sealed);
    free(r->plain);
    wipe(r, sizeof *r);
}
