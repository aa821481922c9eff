/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing of a record. */
#include "ehr/record_seal.h"

#include "base/limits.h"
#include "crypto/sha2.h"

/* The plaintext on its way: counted and hashed. */
struct tap {
    struct age_src in;
    struct sha256_ctx sha;
    uint64_t n;
};

static status tap_read(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    struct tap *t = ctx;
    status st = t->in.read(t->in.ctx, p, n, ret_n, reterr);
    if (st != OK)
        return st;
    t->n += *ret_n;
    if (t->n > LIMIT_RECORD_BYTES)
        return ERR(reterr, E_TOO_LONG, "a record holds at most %zu bytes", LIMIT_RECORD_BYTES);
    st = sha256_update(&t->sha, slice_of(p, *ret_n));
    return st == OK ? OK : ERR(reterr, st, "plaintext: cannot be hashed");
}

static status upload_write(void *ctx, slice s, struct err *reterr)
{
    return content_put_write(ctx, s, reterr);
}

/* Plaintext to body: what is left is cid and size of the body, size and hash of the plaintext. */
static status seal_body(const struct age_file_key *fk, struct age_src plain, struct content *c,
                        const struct random_src *rnd, struct record_sealed *r, hash32 *ret_sha256,
                        struct err *reterr)
{
    struct tap tap = {.in = plain};
    struct content_upload *up = NULL;
    struct content_info info;
    status st = sha256_init(&tap.sha);
    if (st != OK)
        return ERR(reterr, st, "plaintext: cannot be hashed");
    st = content_put_begin(c, &up, reterr);
    if (st == OK)
        st = age_body_seal_stream(fk, (struct age_src){tap_read, &tap},
                                  (struct age_sink){upload_write, up}, rnd, reterr);
    if (st == OK && (st = sha256_final(&tap.sha, ret_sha256)) != OK)
        st = ERR(reterr, st, "plaintext: cannot be hashed");
    if (st == OK) {
        st = content_put_finish(up, &info, reterr);
        up = NULL;
    }
    content_put_abort(up);
    sha256_done(&tap.sha);
    if (st != OK)
        return st;
    r->cid = info.cid;
    r->body_size = info.size;
    r->size = tap.n;
    return OK;
}

/* meta.age into out, inner into r. */
static status seal_meta(const struct record_plan *plan, const hash32 *sha, const hash32 *salt,
                        slice cid_bin, struct record_sealed *r, const struct random_src *rnd,
                        struct buf *out, struct err *reterr)
{
    struct buf meta;
    hash32 meta_sha;
    struct age_to to = {.r = &plan->to, .n = 1};
    buf_init_secret(&meta, LIMIT_META_BYTES);
    status st = plan->meta.put(plan->meta.ctx, r->size, sha, &meta, reterr);
    if (st == OK && (st = sha256(buf_slice(&meta), &meta_sha)) != OK)
        st = ERR(reterr, st, "meta: cannot be hashed");
    if (st == OK)
        st = age_seal(out, &to, buf_slice(&meta), rnd, reterr);
    if (st == OK)
        record_inner(&plan->net, salt, cid_bin, &meta_sha, &r->inner);
    buf_done(&meta);
    return st;
}

/* Header, meta and the envelope around them. */
static status seal_envelope(const struct record_plan *plan, const struct age_file_key *fk,
                            const hash32 *sha, const struct random_src *rnd,
                            struct record_sealed *r, struct err *reterr)
{
    uint8_t cid_bin[CID_BIN_MAX];
    struct buf header;
    struct buf meta;
    struct envelope e = {.folder = plan->at.folder,
                         .record = plan->at.record,
                         .version = (uint32_t)plan->at.version,
                         .epoch = plan->at.epoch,
                         .author = plan->at.author,
                         .cid_bin = slice_of(cid_bin, cid_write(&r->cid, cid_bin))};
    buf_init(&header, LIMIT_AGE_HEADER_BYTES);
    buf_init(&meta, LIMIT_ENVELOPE_BYTES);
    status st = random_fill(rnd, e.salt.b, sizeof e.salt.b);
    if (st != OK)
        st = ERR(reterr, st, "no randomness");
    if (st == OK)
        st = age_header_put(&header, fk, &plan->to, 1, rnd, reterr);
    if (st == OK)
        st = seal_meta(plan, sha, &e.salt, e.cid_bin, r, rnd, &meta, reterr);
    e.header = buf_slice(&header);
    e.meta = buf_slice(&meta);
    if (st == OK)
        st = envelope_put(&e, &r->envelope, reterr);
    if (st == OK)
        envelope_commitment(&plan->net, &e, &r->inner, r->commitment);
    buf_done(&header);
    buf_done(&meta);
    return st;
}

status record_seal(const struct record_plan *plan, struct content *c, const struct random_src *rnd,
                   struct record_sealed *ret, struct err *reterr)
{
    struct age_file_key fk;
    hash32 sha;
    struct record_sealed r = {
        .record = plan->at.record, .version = (uint32_t)plan->at.version, .epoch = plan->at.epoch};
    buf_init(&r.envelope, LIMIT_ENVELOPE_BYTES + 64);
    status st = age_file_key_generate(rnd, &fk);
    if (st != OK)
        return ERR(reterr, st, "no randomness for a file key");
    st = seal_body(&fk, plan->plain, c, rnd, &r, &sha, reterr);
    if (st == OK)
        st = seal_envelope(plan, &fk, &sha, rnd, &r, reterr);
    age_file_key_done(&fk);
    if (st != OK) {
        record_sealed_done(&r);
        return st;
    }
    *ret = r;
    return OK;
}

void record_sealed_done(struct record_sealed *r)
{
    buf_done(&r->envelope);
}
