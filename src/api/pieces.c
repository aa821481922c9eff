/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies in pieces: begin, append at an offset, ask how far it came, finish. A cut in the middle of
 * a piece keeps what arrived; whether it is the right bytes the CID tells at the end. */
#include "api/routes.h"

#include <stdlib.h>

#include "api/uploads.h"
#include "crypto/sha2.h"

/* Blocks of an upload are kept for sweep_age_s by the content store. */
static uint64_t life_s(const struct api_call *c)
{
    return c->api->cfg.sweep_age_s - c->api->cfg.sweep_age_s / 6;
}

static status hold(struct api_call *c, struct upload_row **ret, struct err *reterr)
{
    uploads_expire(c->api->uploads, life_s(c));
    return uploads_take(c->api->uploads, &c->id, &c->folder, &c->actor, ret, reterr);
}

static status answer_row(struct api_call *c, const hash32 *id, uint64_t offset, struct err *reterr)
{
    struct jw w;
    status st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_member_hash(&w, "id", id);
    jw_member_u64(&w, "offset", offset);
    return answer_end(&w, reterr);
}

status post_upload(struct api_call *c, struct err *reterr)
{
    struct upload_row row = {.folder = c->folder, .signer = c->actor, .account = c->account};
    uploads_expire(c->api->uploads, life_s(c));
    status st = random_fill(c->api->cfg.random, row.id.b, sizeof row.id.b);
    if (st != OK)
        return ERR(reterr, st, "no random bytes");
    st = content_put_begin(c->api->cfg.content, &row.put, reterr);
    if (st == OK)
        st = uploads_add(c->api->uploads, &row, reterr);
    if (st != OK)
        return st;
    c->resp->code = 201;
    return answer_row(c, &row.id, 0, reterr);
}

status get_upload(struct api_call *c, struct err *reterr)
{
    struct upload_row *row = NULL;
    status st = hold(c, &row, reterr);
    if (st != OK)
        return st;
    uint64_t offset = row->size;
    uploads_give(c->api->uploads, row);
    return answer_row(c, &c->id, offset, reterr);
}

status delete_upload(struct api_call *c, struct err *reterr)
{
    struct upload_row *row = NULL;
    status st = hold(c, &row, reterr);
    if (st != OK)
        return st;
    uploads_end(c->api->uploads, row);
    return answer_none(c, 204, reterr);
}

/* --- a piece --------------------------------------------------------------------------------- */

struct piece {
    struct upload_row *row;
    struct sha256_ctx sum;
    bool broken; /* the store failed: the session is over */
};

static void piece_abort(struct api_call *c)
{
    struct piece *p = c->stream;
    if (p->row != NULL && p->broken)
        uploads_end(c->api->uploads, p->row);
    else if (p->row != NULL)
        uploads_give(c->api->uploads, p->row);
    sha256_done(&p->sum);
    free(p);
    c->stream = NULL;
}

static status offset_check(struct api_call *c, const struct piece *p, struct err *reterr)
{
    slice text;
    uint64_t offset = 0;
    status st = http_query_find(c->req->target.query, "offset", &c->arena, &text, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_MISSING, "query parameter offset is needed");
    if (st == OK && (st = http_length_read(text, &offset)) != OK)
        st = ERR(reterr, E_SYNTAX, "offset: a number is needed");
    if (st == OK && offset != p->row->size)
        st = ERR(reterr, E_CONFLICT, "the upload is at %llu", (unsigned long long)p->row->size);
    return st;
}

static status piece_begin(struct api_call *c, struct err *reterr)
{
    struct piece *p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR(reterr, E_NOMEM, "upload");
    if (sha256_init(&p->sum) != OK) {
        free(p);
        return ERR(reterr, E_NOMEM, "upload");
    }
    c->stream = p;
    status st = hold(c, &p->row, reterr);
    if (st == OK)
        st = offset_check(c, p, reterr);
    return st == OK ? upload_fits(c, reterr) : st;
}

static status piece_chunk(struct api_call *c, slice bytes, struct err *reterr)
{
    struct piece *p = c->stream;
    if (p->row->size + bytes.n > API_BODY_CAP)
        return ERR(reterr, E_TOO_LONG, "the upload is longer than a body may be");
    status st = upload_count(c, bytes.n, reterr);
    if (st != OK)
        return st;
    st = sha256_update(&p->sum, bytes);
    if (st != OK)
        return ERR(reterr, st, "hash of the upload");
    st = content_put_write(p->row->put, bytes, reterr);
    p->broken = p->broken || st != OK;
    p->row->size += bytes.n;
    return st;
}

const struct api_stream piece_upload = {piece_begin, piece_chunk, piece_abort};

status patch_upload(struct api_call *c, struct err *reterr)
{
    struct piece *p = c->stream;
    hash32 sum;
    status st = sha256_final(&p->sum, &sum);
    if (st != OK)
        return ERR(reterr, st, "hash of the upload");
    p->broken = !hash32_eq(sum, c->auth.body);
    if (p->broken)
        return ERR(reterr, E_MISMATCH, "the piece is not the one that was signed");
    return answer_row(c, &c->id, p->row->size, reterr);
}

/* --- finish ---------------------------------------------------------------------------------- */

status post_upload_finish(struct api_call *c, struct err *reterr)
{
    struct upload_row *row = NULL;
    struct content_info info;
    struct cid want;
    slice text;
    status st = http_query_find(c->req->target.query, "cid", &c->arena, &text, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_MISSING, "query parameter cid is needed");
    if (st == OK)
        st = cid_read_text(text, &want, reterr);
    if (st == OK)
        st = hold(c, &row, reterr);
    if (st != OK)
        return st;
    st = content_put_finish(uploads_finish(c->api->uploads, row), &info, reterr);
    uploads_end(c->api->uploads, row);
    if (st == OK && !cid_eq(&info.cid, &want))
        st = ERR(reterr, E_MISMATCH, "the body has another CID");
    return st == OK ? body_answer(c, &info, reterr) : st;
}
