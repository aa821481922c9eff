/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of records: streamed into the content store, streamed and ranged out of it.
 *
 * A body belongs to a folder once it was uploaded there: who may read the folder may read it, and
 * nobody reaches it through another folder by its CID alone. The vault's row and the store's pin
 * are made and dropped together, under body_lock. */
#include "api/routes.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/sweep.h"
#include "crypto/sha2.h"
#include "vault/lmdb.h"

#define READ_AHEAD ((size_t)1 << 20) /* one block of the store */
#define RIGHT_KEPT_MS 1000u          /* a download asks for its right again after so long */

/* --- upload ---------------------------------------------------------------------------------- */

struct upload {
    struct content_upload *put; /* NULL once it was ended */
    struct sha256_ctx sum;
    struct cid want;
    uint64_t size;
};

static void upload_abort(struct api_call *c)
{
    struct upload *u = c->stream;
    content_put_abort(u->put);
    sha256_done(&u->sum);
    free(u);
    c->stream = NULL;
}

static status upload_begin(struct api_call *c, struct err *reterr)
{
    slice text;
    struct upload *u = calloc(1, sizeof *u);
    if (u == NULL)
        return ERR(reterr, E_NOMEM, "upload");
    if (sha256_init(&u->sum) != OK) {
        free(u);
        return ERR(reterr, E_NOMEM, "upload");
    }
    c->stream = u;
    status st = http_query_find(c->req->target.query, "cid", &c->arena, &text, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_MISSING, "query parameter cid is needed");
    if (st == OK)
        st = cid_read_text(text, &u->want, reterr);
    if (st == OK && u->want.version != 1)
        st = ERR(reterr, E_UNSUPPORTED, "the CID must be of version 1");
    if (st == OK)
        st = upload_fits(c, reterr);
    return st == OK ? content_put_begin(c->api->cfg.content, &u->put, reterr) : st;
}

static status upload_chunk(struct api_call *c, slice piece, struct err *reterr)
{
    struct upload *u = c->stream;
    u->size += piece.n;
    status st = upload_count(c, piece.n, reterr);
    if (st != OK)
        return st;
    st = sha256_update(&u->sum, piece);
    if (st != OK)
        return ERR(reterr, st, "hash of the upload");
    return content_put_write(u->put, piece, reterr);
}

const struct api_stream body_upload = {upload_begin, upload_chunk, upload_abort};

/* Folder and CID as owner of the pin. */
status body_pin_owner(const hash32 *folder, slice cid, hash32 *ret)
{
    struct buf b;
    buf_init(&b, 64 + CID_BIN_MAX);
    status st = buf_put_mem(&b, folder->b, sizeof folder->b);
    if (st == OK)
        st = buf_put(&b, cid);
    if (st == OK)
        st = sha256(buf_slice(&b), ret);
    buf_done(&b);
    return st;
}

/* Row first: a crash before the pin leaves a row that the sweep drops. */
static status body_keep(struct api_call *c, const struct cid *cid, struct err *reterr)
{
    uint8_t bin[CID_BIN_MAX];
    hash32 owner;
    slice name = slice_of(bin, cid_write(cid, bin));
    status st = body_pin_owner(&c->folder, name, &owner);
    if (st != OK)
        return ERR(reterr, st, "pin");
    pthread_rwlock_rdlock(&c->api->body_lock);
    st = vault_lmdb_body_add(c->api->cfg.vault, &c->folder, name, reterr);
    if (st == OK)
        st = content_pin(c->api->cfg.content, &owner, cid, reterr);
    pthread_rwlock_unlock(&c->api->body_lock);
    return st;
}

/* The bytes are the signed ones and the store names them as the client does. */
static status upload_finish(struct api_call *c, struct content_info *ret, struct err *reterr)
{
    struct upload *u = c->stream;
    hash32 sum;
    status st = sha256_final(&u->sum, &sum);
    if (st != OK)
        return ERR(reterr, st, "hash of the upload");
    if (!hash32_eq(sum, c->auth.body))
        return ERR(reterr, E_MISMATCH, "the body is not the one that was signed");
    struct content_upload *put = u->put;
    u->put = NULL;
    st = content_put_finish(put, ret, reterr);
    if (st == OK && !cid_eq(&ret->cid, &u->want))
        st = ERR(reterr, E_MISMATCH, "the body has another CID");
    return st;
}

status body_answer(struct api_call *c, const struct content_info *info, struct err *reterr)
{
    struct jw w;
    char text[CID_TEXT_MAX];
    status st = body_keep(c, &info->cid, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    atomic_fetch_add(&c->api->metrics.uploaded_bytes, info->size);
    c->resp->code = 201;
    jw_member_str(&w, "cid", cid_text(&info->cid, text));
    jw_member_u64(&w, "size", info->size);
    return answer_end(&w, reterr);
}

status post_body(struct api_call *c, struct err *reterr)
{
    struct content_info info;
    status st = upload_finish(c, &info, reterr);
    return st == OK ? body_answer(c, &info, reterr) : st;
}

/* --- download -------------------------------------------------------------------------------- */

/* A holder gets the bodies of records that are there and not removed, by whatever CID it knows. In
 * a folder of before envelopes of several records may refer to one body; whose it is cannot be
 * told, so all of them must be there still. */
static status body_is_live(struct api_call *c, slice cid, struct err *reterr)
{
    struct vault_ref refs[VAULT_BODY_REFS];
    struct index_record r;
    size_t n = 0;
    bool more = false;
    bool live = false;
    status st = index_at_head(c, reterr);
    if (st == OK)
        st = vault_lmdb_body_refs(c->api->cfg.vault, &c->folder, cid, refs, &n, &more, reterr);
    if (st == OK && more)
        st = ERR(reterr, E_CONFLICT, "more than %zu envelopes refer to this body", n);
    for (size_t i = 0; i < n && st == OK; i++) {
        st = index_record(c->api->cfg.index, &c->folder, &refs[i].record, &c->arena, &r, reterr);
        if (st == OK && r.status == INDEX_REC_REMOVED)
            return ERR(reterr, E_REMOVED, "the record was removed");
        live = live || st == OK;
        if (st == E_NOT_FOUND) /* not on the chain */
            st = OK;
    }
    if (st == OK && !live)
        st = ERR(reterr, E_NOT_FOUND, "no record refers to this body");
    return st;
}

/* The folder has the body, and the signer may have it. */
static status body_is_for(struct api_call *c, slice cid, struct err *reterr)
{
    status st = vault_lmdb_body_has(c->api->cfg.vault, &c->folder, cid, reterr);
    return st == OK && !c->facts.is_owner ? body_is_live(c, cid, reterr) : st;
}

/* A piece of the file is kept, so that each block of the store is read and checked once. */
struct download {
    struct api_call reader; /* who reads by which right: no request; its arena is right_again's */
    uint64_t asked_at_ms;
    struct content *content;
    struct cid cid;
    uint64_t first; /* offset in the file of the answer's first byte */
    uint64_t kept_at;
    struct buf kept;
};

static status keep(void *ctx, slice bytes, struct err *reterr)
{
    struct download *d = ctx;
    status st = buf_put(&d->kept, bytes);
    return st == OK ? OK : ERR(reterr, st, "download");
}

static bool is_kept(const struct download *d, uint64_t at)
{
    return at >= d->kept_at && at - d->kept_at < d->kept.n;
}

/* A slow reader must not outlast the grant. What was read ahead it gets. */
static bool needs_right(void *ctx, uint64_t pos)
{
    struct download *d = ctx;
    uint64_t now_ms = clock_mono_ms(d->reader.api->cfg.clock);
    return !is_kept(d, d->first + pos) && now_ms >= d->asked_at_ms + RIGHT_KEPT_MS;
}

/* On a worker: the ledger may take its time, which counts for nothing, or nothing would ever be
 * read from behind a slow one. */
static status right_again(void *ctx, struct err *reterr)
{
    struct download *d = ctx;
    uint8_t bin[CID_BIN_MAX];
    struct api_call *c = &d->reader;
    arena_init(&c->arena, CALL_ARENA, false);
    status st = access_check(c, reterr);
    if (st == OK)
        st = body_is_for(c, slice_of(bin, cid_write(&d->cid, bin)), reterr);
    arena_done(&c->arena);
    d->asked_at_ms = clock_mono_ms(d->reader.api->cfg.clock);
    return st;
}

static status download_read(void *ctx, uint64_t pos, uint8_t *out, size_t max, size_t *ret_n,
                            struct err *reterr)
{
    struct download *d = ctx;
    uint64_t at = d->first + pos;
    if (!is_kept(d, at)) {
        struct content_sink sink = {keep, d};
        buf_clear(&d->kept);
        d->kept_at = at - at % READ_AHEAD;
        status st = content_get(d->content, &d->cid, d->kept_at, READ_AHEAD, &sink, reterr);
        if (st != OK)
            return st;
    }
    slice have = slice_after(buf_slice(&d->kept), (size_t)(at - d->kept_at));
    have = slice_first(have, max);
    if (have.n > 0)
        memcpy(out, have.p, have.n);
    *ret_n = have.n;
    return OK;
}

static void download_done(void *ctx)
{
    struct download *d = ctx;
    buf_done(&d->kept);
    free(d);
}

static status download_answer(struct api_call *c, const struct cid *cid, uint64_t first,
                              uint64_t len, struct err *reterr)
{
    struct download *d = calloc(1, sizeof *d);
    if (d == NULL)
        return ERR(reterr, E_NOMEM, "download");
    d->reader = (struct api_call){.api = c->api,
                                  .route = c->route,
                                  .auth = c->auth,
                                  .folder = c->folder,
                                  .has_folder = true,
                                  .facts = c->facts};
    d->asked_at_ms = clock_mono_ms(c->api->cfg.clock);
    d->content = c->api->cfg.content;
    d->cid = *cid;
    d->first = first;
    buf_init(&d->kept, READ_AHEAD);
    c->resp->reader = (struct http_reader){.read = download_read,
                                           .done = download_done,
                                           .ctx = d,
                                           .needs_prepare = needs_right,
                                           .prepare = right_again};
    c->resp->reader_len = len;
    return answer_bytes(c, "application/octet-stream", SLICE_EMPTY, reterr);
}

static status range_answer(struct api_call *c, const struct content_info *info, uint64_t *ret_first,
                           uint64_t *ret_n, struct err *reterr)
{
    char text[80];
    slice range = http_request_header(c->req, "Range");
    *ret_first = 0;
    *ret_n = info->size;
    status st = http_response_header(c->resp, "Accept-Ranges", "bytes", reterr);
    if (st != OK || range.p == NULL)
        return st;
    st = http_range_read(range, info->size, ret_first, ret_n);
    if (st == E_SYNTAX)
        return OK; /* RFC 9110 section 14.2: what is not understood is ignored */
    if (st == E_RANGE) {
        c->resp->code = 416;
        (void)snprintf(text, sizeof text, "bytes */%llu", (unsigned long long)info->size);
    } else {
        c->resp->code = 206;
        (void)snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)*ret_first,
                       (unsigned long long)(*ret_first + *ret_n - 1),
                       (unsigned long long)info->size);
    }
    return http_response_header(c->resp, "Content-Range", text, reterr);
}

status get_body(struct api_call *c, struct err *reterr)
{
    struct cid cid;
    struct content_info info;
    uint8_t bin[CID_BIN_MAX];
    uint64_t first;
    uint64_t n;
    status st = cid_read_text(c->cid, &cid, reterr);
    slice name = st == OK ? slice_of(bin, cid_write(&cid, bin)) : SLICE_EMPTY;
    if (st == OK)
        st = body_is_for(c, name, reterr);
    if (st == OK)
        st = content_stat(c->api->cfg.content, &cid, &info, reterr);
    if (st == OK)
        st = range_answer(c, &info, &first, &n, reterr);
    if (st != OK)
        return st;
    if (c->resp->code == 416 || n == 0)
        return answer_bytes(c, "application/octet-stream", SLICE_EMPTY, reterr);
    return download_answer(c, &cid, first, n, reterr);
}
