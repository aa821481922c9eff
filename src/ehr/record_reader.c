/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies opened for reading on. */
#include "ehr/record_reader.h"

static status keep(void *ctx, slice bytes, struct err *reterr)
{
    return spool_write(ctx, bytes, reterr);
}

static status sealed_at(void *ctx, uint64_t off, uint8_t *p, size_t n, struct err *reterr)
{
    const struct spool *s = ctx;
    size_t got = 0;
    status st = spool_read(s, off, p, n, &got, reterr);
    if (st == OK && got != n)
        st = ERR(reterr, E_TRUNCATED, "body: shorter than it was");
    return st;
}

static status plain_read(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    struct record_reader *r = ctx;
    status st = age_reader_read(&r->age, r->at, p, n, ret_n, reterr);
    if (st == OK)
        r->at += *ret_n;
    return st;
}

struct age_src record_reader_src(struct record_reader *r)
{
    return (struct age_src){plain_read, r};
}

static status reader_start(const struct record_view *v, const struct folder_ring *ring,
                           struct record_reader *r, struct err *reterr)
{
    struct age_file_key fk;
    struct age_at body = {sealed_at, &r->spool, r->spool.size};
    status st = record_file_key(v, ring, &fk, reterr);
    if (st != OK)
        return st;
    st = age_reader_open(&r->age, &fk, body, reterr);
    age_file_key_done(&fk);
    if (st != OK)
        return err_prefix(reterr, st, "body");
    if (r->age.size == v->size)
        return OK;
    age_reader_done(&r->age);
    return ERR(reterr, E_MISMATCH, "size: meta says %llu, the plaintext has %llu bytes",
               (unsigned long long)v->size, (unsigned long long)r->age.size);
}

status record_reader_open(const struct record_view *v, const struct folder_ring *ring,
                          struct content *c, const char *spool_dir, struct record_reader *ret,
                          struct err *reterr)
{
    struct content_sink sink = {keep, &ret->spool};
    ret->at = 0;
    spool_init(&ret->spool, spool_dir);
    status st = content_get(c, &v->e.cid, 0, CONTENT_TO_END, &sink, reterr);
    if (st == OK)
        st = reader_start(v, ring, ret, reterr);
    if (st != OK)
        spool_done(&ret->spool);
    return st;
}

void record_reader_done(struct record_reader *r)
{
    age_reader_done(&r->age);
    spool_done(&r->spool);
}
