/* SPDX-License-Identifier: Apache-2.0 */
/* The content port over a few buffers. */
#include "mem_content.h"

#include <stdlib.h>

#include "ipfs/import.h"

#define FILE_MAX ((size_t)64 << 20)

static struct mem_content *mem_of(struct content *c)
{
    return (struct mem_content *)c;
}

static status cid_of(slice s, struct cid *ret, struct err *reterr)
{
    struct block_sink none = {0};
    struct import *im = NULL;
    struct import_result r;
    status st = import_new(&import_v1_2025, &none, &im, reterr);
    if (st == OK && s.n > 0)
        st = import_write(im, s, reterr);
    if (st == OK)
        st = import_finish(im, &r, reterr);
    import_free(im);
    if (st == OK)
        *ret = r.cid;
    return st;
}

static status put_begin(struct content *c, struct content_upload **ret, struct err *reterr)
{
    struct content_upload *u = calloc(1, sizeof *u);
    if (u == NULL || mem_of(c)->n == MEM_FILES)
        return ERR(reterr, E_NO_SPACE, "full");
    u->content = c;
    buf_init(&mem_of(c)->file[mem_of(c)->n], FILE_MAX);
    *ret = u;
    return OK;
}

static status put_write(struct content_upload *u, slice bytes, struct err *reterr)
{
    struct mem_content *m = mem_of(u->content);
    if (bytes.n > m->largest_write)
        m->largest_write = bytes.n;
    status st = buf_put(&m->file[m->n], bytes);
    return st == OK ? OK : ERR(reterr, st, "full");
}

static status put_finish(struct content_upload *u, struct content_info *ret, struct err *reterr)
{
    struct mem_content *m = mem_of(u->content);
    status st = cid_of(buf_slice(&m->file[m->n]), &m->cid[m->n], reterr);
    *ret = (struct content_info){.cid = m->cid[m->n], .size = m->file[m->n].n};
    m->n++;
    free(u);
    return st;
}

static void put_abort(struct content_upload *u)
{
    struct mem_content *m = mem_of(u->content);
    buf_done(&m->file[m->n]);
    free(u);
}

static status get(struct content *c, const struct cid *cid, uint64_t from, uint64_t len,
                  const struct content_sink *sink, struct err *reterr)
{
    struct mem_content *m = mem_of(c);
    struct cid now;
    (void)from, (void)len;
    for (size_t i = 0; i < m->n; i++) {
        if (!cid_eq(&m->cid[i], cid))
            continue;
        status st = cid_of(buf_slice(&m->file[i]), &now, reterr);
        if (st == OK && !cid_eq(&now, cid))
            st = ERR(reterr, E_MISMATCH, "CID: the body's bytes are not the ones it names");
        return st == OK ? sink->write(sink->ctx, buf_slice(&m->file[i]), reterr) : st;
    }
    return ERR(reterr, E_NOT_FOUND, "no such body");
}

static const struct content_ops ops = {
    .put_begin = put_begin,
    .put_write = put_write,
    .put_finish = put_finish,
    .put_abort = put_abort,
    .get = get,
};

void mem_content_init(struct mem_content *m)
{
    *m = (struct mem_content){.base = {&ops}};
}

void mem_content_done(struct mem_content *m)
{
    for (size_t i = 0; i < m->n; i++)
        buf_done(&m->file[i]);
}
