/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of a record on its way to the reader. */
#include "ehr/record_open.h"

#include "base/limits.h"
#include "crypto/sha2.h"
#include "ehr/meta_claims.h"

const struct age_identity *folder_ring_find(const struct folder_ring *ring, uint32_t epoch)
{
    for (size_t i = 0; i < ring->n; i++)
        if (ring->keys[i].epoch == epoch)
            return &ring->keys[i].id;
    return NULL;
}

/* The envelope is of the place asked for, and its commitment is the chain's. */
static status check_place(const struct netid *net, const struct record_expect *x,
                          const struct envelope *e, const hash32 *inner, struct err *reterr)
{
    uint8_t c[RECORD_COMMITMENT];
    if (x->slot.status == RECORD_NONE)
        return ERR(reterr, E_MISMATCH, "slot: the chain has no such record");
    if (!hash32_eq(e->folder, x->folder))
        return ERR(reterr, E_MISMATCH, "envelope: of another folder");
    if (!hash32_eq(e->record, x->record))
        return ERR(reterr, E_MISMATCH, "envelope: of another record");
    if (e->version != x->slot.version)
        return ERR(reterr, E_MISMATCH, "envelope: version %u, the chain has %u", e->version,
                   x->slot.version);
    envelope_commitment(net, e, inner, c);
    if (memcmp(c, x->slot.commitment, sizeof c) != 0)
        return ERR(reterr, E_MISMATCH,
                   "commitment: not the chain's, so folder, record, version, epoch, author or "
                   "inner of the envelope was changed");
    return OK;
}

/* What cannot be read or opened is not what was committed to, whatever is wrong with its form. */
static status as_mismatch(status st, struct err *reterr)
{
    if (st <= 0)
        return st;
    if (reterr != NULL)
        reterr->code = E_MISMATCH;
    return E_MISMATCH;
}

static status open_meta(const struct envelope *e, const struct age_identity *id, struct buf *out,
                        struct err *reterr)
{
    struct age_keys keys = {.ids = id, .n_ids = 1};
    status st = age_open(out, &keys, e->meta, reterr);
    return st == OK ? OK : as_mismatch(err_prefix(reterr, st, "meta.age"), reterr);
}

static status check_inner(const struct netid *net, const struct envelope *e, const hash32 *inner,
                          slice meta, struct err *reterr)
{
    hash32 meta_sha;
    hash32 got;
    status st = sha256(meta, &meta_sha);
    if (st != OK)
        return ERR(reterr, st, "meta: cannot be hashed");
    record_inner(net, &e->salt, e->cid_bin, &meta_sha, &got);
    if (!hash32_eq(got, *inner))
        return ERR(reterr, E_MISMATCH, "inner: salt, CID or meta of the envelope was changed");
    return OK;
}

status record_check(const struct netid *net, const struct record_expect *x, slice envelope,
                    const hash32 *inner, const struct folder_ring *ring, struct record_view *ret,
                    struct err *reterr)
{
    struct record_view v = {.inner = *inner, .state = x->slot.status};
    status st = as_mismatch(envelope_read(envelope, &v.e, reterr), reterr);
    if (st == OK)
        st = check_place(net, x, &v.e, inner, reterr);
    if (st != OK)
        return st;
    const struct age_identity *id = folder_ring_find(ring, v.e.epoch);
    if (id == NULL)
        return ERR(reterr, E_NO_KEY, "no key of epoch %u of this folder", v.e.epoch);
    buf_init_secret(&v.meta, LIMIT_META_BYTES);
    st = open_meta(&v.e, id, &v.meta, reterr);
    if (st == OK)
        st = check_inner(net, &v.e, inner, buf_slice(&v.meta), reterr);
    if (st == OK)
        st = meta_claims_read(buf_slice(&v.meta), &v.size, &v.sha256, reterr);
    if (st != OK) {
        buf_done(&v.meta);
        return st;
    }
    *ret = v;
    return OK;
}

void record_view_done(struct record_view *v)
{
    buf_done(&v->meta);
}

/* Body on its way to the plaintext: content -> opener -> count and hash; one of the two goes out.
 */
struct reading {
    struct age_pipe pipe;
    struct sha256_ctx sha;
    uint64_t n;
    struct age_sink out;
    bool sealed; /* the bytes of the body go out, not the plaintext */
};

static status plain_write(void *ctx, slice s, struct err *reterr)
{
    struct reading *r = ctx;
    r->n += s.n;
    status st = sha256_update(&r->sha, s);
    if (st != OK)
        return ERR(reterr, st, "plaintext: cannot be hashed");
    return r->sealed ? OK : r->out.write(r->out.ctx, s, reterr);
}

static status body_write(void *ctx, slice s, struct err *reterr)
{
    struct reading *r = ctx;
    status st = age_pipe_write(&r->pipe, s, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "body");
    return r->sealed ? r->out.write(r->out.ctx, s, reterr) : OK;
}

status record_file_key(const struct record_view *v, const struct folder_ring *ring,
                       struct age_file_key *ret, struct err *reterr)
{
    struct age_header h;
    const struct age_identity *id = folder_ring_find(ring, v->e.epoch);
    if (id == NULL)
        return ERR(reterr, E_NO_KEY, "no key of epoch %u of this folder", v->e.epoch);
    struct age_keys keys = {.ids = id, .n_ids = 1};
    status st = age_header_read(v->e.header, &h, reterr);
    if (st == OK && h.text.n != v->e.header.n)
        st = ERR(reterr, E_TRAILING, "bytes after the MAC line");
    if (st == OK)
        st = age_header_open(&h, &keys, ret, reterr);
    return st == OK ? OK : as_mismatch(err_prefix(reterr, st, "header"), reterr);
}

static status check_plain(const struct record_view *v, struct reading *r, struct err *reterr)
{
    hash32 sha;
    status st = sha256_final(&r->sha, &sha);
    if (st != OK)
        return ERR(reterr, st, "plaintext: cannot be hashed");
    if (r->n != v->size)
        return ERR(reterr, E_MISMATCH, "size: meta says %llu, the plaintext has %llu bytes",
                   (unsigned long long)v->size, (unsigned long long)r->n);
    if (!hash32_eq(sha, v->sha256))
        return ERR(reterr, E_MISMATCH, "sha256: the plaintext's is not the one in meta");
    return OK;
}

static status pour(const struct record_view *v, struct content *c, struct reading *r,
                   struct err *reterr)
{
    struct content_sink sink = {body_write, r};
    status st = r->sealed ? r->out.write(r->out.ctx, v->e.header, reterr) : OK;
    if (st == OK)
        st = content_get(c, &v->e.cid, 0, CONTENT_TO_END, &sink, reterr);
    if (st == OK && (st = age_pipe_finish(&r->pipe, reterr)) != OK)
        st = err_prefix(reterr, st, "body");
    if (st == OK)
        st = check_plain(v, r, reterr);
    return st;
}

static status read_with(const struct record_view *v, const struct folder_ring *ring,
                        struct content *c, struct reading *r, struct err *reterr)
{
    struct age_file_key fk;
    status st = record_file_key(v, ring, &fk, reterr);
    if (st != OK)
        return st;
    st = sha256_init(&r->sha);
    if (st != OK) {
        age_file_key_done(&fk);
        return ERR(reterr, st, "plaintext: cannot be hashed");
    }
    st = age_opener_init(&r->pipe, &fk, (struct age_sink){plain_write, r}, reterr);
    if (st == OK)
        st = pour(v, c, r, reterr);
    age_pipe_done(&r->pipe);
    sha256_done(&r->sha);
    age_file_key_done(&fk);
    return st;
}

status record_read(const struct record_view *v, const struct folder_ring *ring, struct content *c,
                   struct age_sink out, struct err *reterr)
{
    struct reading r = {.out = out};
    return read_with(v, ring, c, &r, reterr);
}

status record_read_sealed(const struct record_view *v, const struct folder_ring *ring,
                          struct content *c, struct age_sink out, struct err *reterr)
{
    struct reading r = {.out = out, .sealed = true};
    return read_with(v, ring, c, &r, reterr);
}
