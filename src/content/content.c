/* SPDX-License-Identifier: Apache-2.0 */
/* The port's functions: calls through the adapter's table, and the two whole-file forms. */
#include "content/content.h"

status content_put_begin(struct content *c, struct content_upload **ret, struct err *reterr)
{
    return c->ops->put_begin(c, ret, reterr);
}

status content_put_write(struct content_upload *u, slice bytes, struct err *reterr)
{
    return bytes.n > 0 ? u->content->ops->put_write(u, bytes, reterr) : OK;
}

status content_put_finish(struct content_upload *u, struct content_info *ret, struct err *reterr)
{
    return u->content->ops->put_finish(u, ret, reterr);
}

void content_put_abort(struct content_upload *u)
{
    if (u != NULL)
        u->content->ops->put_abort(u);
}

status content_put(struct content *c, slice bytes, struct content_info *ret, struct err *reterr)
{
    struct content_upload *u = NULL;
    status s = content_put_begin(c, &u, reterr);
    if (s != OK)
        return s;
    s = content_put_write(u, bytes, reterr);
    if (s == OK)
        return content_put_finish(u, ret, reterr);
    content_put_abort(u);
    return s;
}

status content_get(struct content *c, const struct cid *cid, uint64_t from, uint64_t len,
                   const struct content_sink *sink, struct err *reterr)
{
    return c->ops->get(c, cid, from, len, sink, reterr);
}

static status to_buf(void *ctx, slice bytes, struct err *reterr)
{
    status s = buf_put(ctx, bytes);
    return s == OK ? OK
                   : ERR(reterr, s, "file is longer than the %zu bytes allowed",
                         ((struct buf *)ctx)->cap);
}

status content_get_buf(struct content *c, const struct cid *cid, struct buf *ret,
                       struct err *reterr)
{
    struct content_sink sink = {to_buf, ret};
    size_t before = ret->n;
    status s = content_get(c, cid, 0, CONTENT_TO_END, &sink, reterr);
    if (s != OK)
        ret->n = before;
    return s;
}

status content_stat(struct content *c, const struct cid *cid, struct content_info *ret,
                    struct err *reterr)
{
    return c->ops->stat(c, cid, ret, reterr);
}

status content_pin(struct content *c, const hash32 *owner, const struct cid *cid,
                   struct err *reterr)
{
    return c->ops->pin(c, owner, cid, reterr);
}

status content_unpin(struct content *c, const hash32 *owner, const struct cid *cid,
                     struct err *reterr)
{
    return c->ops->unpin(c, owner, cid, reterr);
}

status content_sweep(struct content *c, uint64_t age_s, struct content_swept *ret,
                     struct err *reterr)
{
    return c->ops->sweep(c, age_s, ret, reterr);
}

void content_close(struct content *c)
{
    if (c != NULL)
        c->ops->close(c);
}
