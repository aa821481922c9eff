/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies in memory: sealed and opened straight from the input to the output. */
#include "age/chunk.h"
#include "base/checked.h"

bool age_body_len(uint64_t n, uint64_t *ret)
{
    uint64_t chunks = n / AGE_CHUNK + (n % AGE_CHUNK != 0 || n == 0);
    return u64_add(n, AGE_NONCE + chunks * AEAD_TAG, ret);
}

status age_body_plain_len(uint64_t n, uint64_t *ret)
{
    if (n < AGE_NONCE + AEAD_TAG)
        return E_TRUNCATED;
    uint64_t whole = (n - AGE_NONCE) / AGE_SEALED;
    uint64_t tail = (n - AGE_NONCE) % AGE_SEALED;
    if (tail > 0 && (tail < AEAD_TAG || (tail == AEAD_TAG && whole > 0)))
        return E_RANGE;
    *ret = whole * AGE_CHUNK + (tail > 0 ? tail - AEAD_TAG : 0);
    return OK;
}

/* out: room for the sealed chunks. */
static status seal_chunks(struct aead *a, slice plain, uint8_t *out)
{
    bool last = false;
    status st = OK;
    for (uint64_t i = 0; st == OK && !last; i++) {
        slice part = slice_first(plain, AGE_CHUNK);
        last = part.n == plain.n;
        st = age_chunk_seal(a, i, last, part, out);
        out += part.n + AEAD_TAG;
        plain = slice_after(plain, part.n);
    }
    return st;
}

status age_body_put(struct buf *out, const struct age_file_key *fk, slice plain,
                    const struct random_src *rnd, struct err *reterr)
{
    uint64_t n;
    if (!age_body_len(plain.n, &n))
        return ERR(reterr, E_TOO_LONG, "body too long");
    status st = buf_reserve(out, n);
    if (st != OK)
        return ERR(reterr, st, "body of %zu bytes: %s", (size_t)n, status_text(st));
    struct aead a;
    uint8_t *p = out->p + out->n;
    st = random_fill(rnd, p, AGE_NONCE);
    if (st == OK)
        st = age_chunk_key(&a, fk, p);
    if (st != OK)
        return ERR(reterr, st, "payload key: %s", status_text(st));
    st = seal_chunks(&a, plain, p + AGE_NONCE);
    aead_done(&a);
    if (st != OK)
        return ERR(reterr, st, "seal: %s", status_text(st));
    out->n += n;
    return OK;
}

static status open_chunks(struct buf *out, struct aead *a, slice sealed, struct err *reterr)
{
    bool last = false;
    status st = OK;
    uint8_t none; /* where nothing is written: an empty buf has no storage */
    for (uint64_t i = 0; st == OK && !last; i++) {
        size_t n;
        slice part = slice_first(sealed, AGE_SEALED);
        last = part.n == sealed.n;
        uint8_t *to = out->p == NULL ? &none : out->p + out->n;
        st = age_chunk_open(a, i, last, part, to, &n, reterr);
        out->n += n;
        sealed = slice_after(sealed, part.n);
    }
    return st;
}

status age_body_open(struct buf *out, const struct age_file_key *fk, slice body, struct err *reterr)
{
    struct aead a;
    if (body.n < AGE_NONCE)
        return ERR(reterr, E_TRUNCATED, "ends inside the nonce");
    size_t whole = (body.n - AGE_NONCE) / AGE_SEALED;
    size_t tail = (body.n - AGE_NONCE) % AGE_SEALED;
    status st = buf_reserve(out, whole * AGE_CHUNK + (tail > AEAD_TAG ? tail - AEAD_TAG : 0));
    if (st == OK)
        st = age_chunk_key(&a, fk, body.p);
    if (st != OK)
        return ERR(reterr, st, "body of %zu bytes: %s", body.n, status_text(st));
    st = open_chunks(out, &a, slice_after(body, AGE_NONCE), reterr);
    aead_done(&a);
    return st;
}
