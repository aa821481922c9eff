/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies to and from a node. */
#include "content/node.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/limits.h"
#include "content/spool.h"
#include "crypto/sha2.h"
#include "ipfs/import.h"

#define TARGET_MAX 512u
#define AUTH_MAX 1024u
#define STALL_MS 60000u

struct content_node {
    struct content base; /* first */
    struct content_node_config cfg;
};

/* Bytes whose CID and SHA-256 are made while they are kept aside. */
struct measured {
    struct import *im;
    struct block_sink none;
    struct sha256_ctx sha;
    struct spool spool;
};

struct upload {
    struct content_upload base; /* first */
    struct measured m;
};

static struct content_node *node_of(struct content *c)
{
    return (struct content_node *)c;
}

static status measured_init(struct measured *m, const char *dir, struct err *reterr)
{
    *m = (struct measured){0};
    spool_init(&m->spool, dir);
    status st = sha256_init(&m->sha);
    if (st != OK)
        return ERR(reterr, st, "body: cannot be hashed");
    return import_new(&import_v1_2025, &m->none, &m->im, reterr);
}

static void measured_done(struct measured *m)
{
    import_free(m->im);
    sha256_done(&m->sha);
    spool_done(&m->spool);
}

static status measured_write(struct measured *m, slice bytes, struct err *reterr)
{
    status st = sha256_update(&m->sha, bytes);
    if (st != OK)
        return ERR(reterr, st, "body: cannot be hashed");
    st = import_write(m->im, bytes, reterr);
    return st == OK ? spool_write(&m->spool, bytes, reterr) : st;
}

static status put_begin(struct content *c, struct content_upload **ret, struct err *reterr)
{
    struct upload *u = calloc(1, sizeof *u);
    if (u == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    u->base.content = c;
    status st = measured_init(&u->m, node_of(c)->cfg.spool_dir, reterr);
    if (st != OK) {
        measured_done(&u->m);
        free(u);
        return st;
    }
    *ret = &u->base;
    return OK;
}

static status put_write(struct content_upload *up, slice bytes, struct err *reterr)
{
    return measured_write(&((struct upload *)up)->m, bytes, reterr);
}

static void put_abort(struct content_upload *up)
{
    struct upload *u = (struct upload *)up;
    measured_done(&u->m);
    free(u);
}

/* Where a body that is sent comes from. */
struct sending {
    const struct spool *spool;
    uint64_t at;
};

static status sending_read(void *ctx, uint8_t *out, size_t max, size_t *ret_n, struct err *reterr)
{
    struct sending *s = ctx;
    status st = spool_read(s->spool, s->at, out, max, ret_n, reterr);
    if (st == OK)
        s->at += *ret_n;
    return st;
}

/* One signed request for a body. answer: zeroed, to be released by the caller. */
static status exchange(struct content_node *n, const char *target, const hash32 *sha,
                       struct http_call *call, struct http_answer *answer, struct err *reterr)
{
    char url[TARGET_MAX * 2];
    struct buf auth;
    struct http_header h[2] = {{SLICE_LIT("Authorization"), SLICE_EMPTY},
                               {SLICE_LIT("Content-Type"), SLICE_LIT("application/octet-stream")}};
    buf_init(&auth, AUTH_MAX);
    status st = n->cfg.gate.authorize(n->cfg.gate.ctx, call->method, target, sha, &auth, reterr);
    (void)snprintf(url, sizeof url, "%s%s", n->cfg.url, target);
    h[0].value = buf_slice(&auth);
    call->url = url;
    call->headers = h;
    call->n_headers = call->read_body != NULL ? 2 : 1;
    call->stall_ms = STALL_MS;
    if (st == OK)
        st = http_client_call(n->cfg.http, call, answer, reterr);
    if (st == OK && (answer->code < 200 || answer->code > 299))
        st = n->cfg.gate.refusal(n->cfg.gate.ctx, answer->code, buf_slice(&answer->body), reterr);
    buf_done(&auth);
    return st;
}

static status send_body(struct content_node *n, struct measured *m, const struct cid *cid,
                        struct err *reterr)
{
    char target[TARGET_MAX];
    char folder[67];
    char text[CID_TEXT_MAX];
    hash32 sha;
    struct http_answer answer = {0};
    struct sending src = {.spool = &m->spool};
    status st = sha256_final(&m->sha, &sha);
    if (st != OK)
        return ERR(reterr, st, "body: cannot be hashed");
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/bodies?cid=%s",
                   hex_0x(slice_of(n->cfg.folder.b, 32), folder), cid_text(cid, text));
    struct http_call call = {
        .method = "POST", .read_body = sending_read, .body_len = m->spool.size, .ctx = &src};
    st = exchange(n, target, &sha, &call, &answer, reterr);
    http_answer_done(&answer);
    return st;
}

static status put_finish(struct content_upload *up, struct content_info *ret, struct err *reterr)
{
    struct upload *u = (struct upload *)up;
    struct import_result res;
    status st = import_finish(u->m.im, &res, reterr);
    if (st == OK)
        st = send_body(node_of(up->content), &u->m, &res.cid, reterr);
    if (st == OK)
        *ret =
            (struct content_info){.cid = res.cid, .size = res.size, .block_size = res.block_size};
    put_abort(up);
    return st;
}

static status fetched(void *ctx, slice piece, struct err *reterr)
{
    return measured_write(ctx, piece, reterr);
}

/* The whole body into m, and its CID must be the one asked for. */
static status fetch(struct content_node *n, const struct cid *cid, struct measured *m,
                    struct err *reterr)
{
    char target[TARGET_MAX];
    char folder[67];
    char text[CID_TEXT_MAX];
    hash32 none;
    struct import_result res;
    struct http_answer answer = {0};
    status st = sha256(SLICE_EMPTY, &none);
    if (st != OK)
        return ERR(reterr, st, "request: cannot be hashed");
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/bodies/%s",
                   hex_0x(slice_of(n->cfg.folder.b, 32), folder), cid_text(cid, text));
    struct http_call call = {
        .method = "GET", .sink = fetched, .ctx = m, .max_body = LIMIT_RECORD_BYTES * 2};
    st = exchange(n, target, &none, &call, &answer, reterr);
    http_answer_done(&answer);
    if (st == OK)
        st = import_finish(m->im, &res, reterr);
    if (st == OK && !cid_eq(&res.cid, cid))
        st = ERR(reterr, E_MISMATCH, "CID: the body's bytes are not the ones it names");
    return st;
}

static status deliver(const struct spool *s, uint64_t from, uint64_t len,
                      const struct content_sink *sink, struct err *reterr)
{
    uint8_t *p = malloc(SPOOL_STEP);
    status st = p == NULL ? ERR(reterr, E_NOMEM, "out of memory") : OK;
    if (st == OK && from > s->size)
        st = ERR(reterr, E_RANGE, "from: beyond the end of the body");
    while (st == OK && len > 0 && from < s->size) {
        size_t n = 0;
        st = spool_read(s, from, p, len < SPOOL_STEP ? (size_t)len : SPOOL_STEP, &n, reterr);
        if (st == OK)
            st = sink->write(sink->ctx, slice_of(p, n), reterr);
        from += n;
        len -= n;
    }
    free(p);
    return st;
}

static status get(struct content *c, const struct cid *cid, uint64_t from, uint64_t len,
                  const struct content_sink *sink, struct err *reterr)
{
    struct measured m;
    status st = measured_init(&m, node_of(c)->cfg.spool_dir, reterr);
    if (st == OK)
        st = fetch(node_of(c), cid, &m, reterr);
    if (st == OK)
        st = deliver(&m.spool, from, len, sink, reterr);
    measured_done(&m);
    return st;
}

static status stat_none(struct content *c, const struct cid *cid, struct content_info *ret,
                        struct err *reterr)
{
    (void)c, (void)cid, (void)ret;
    return ERR(reterr, E_UNSUPPORTED, "a node tells no sizes of bodies");
}

static status pin_none(struct content *c, const hash32 *owner, const struct cid *cid,
                       struct err *reterr)
{
    (void)c, (void)owner, (void)cid;
    return ERR(reterr, E_UNSUPPORTED, "pins are the node's own business");
}

static status sweep_none(struct content *c, uint64_t age_s, struct content_swept *ret,
                         struct err *reterr)
{
    (void)c, (void)age_s, (void)ret;
    return ERR(reterr, E_UNSUPPORTED, "sweeping is the node's own business");
}

static void close_node(struct content *c)
{
    free(c);
}

static const struct content_ops node_ops = {
    .put_begin = put_begin,
    .put_write = put_write,
    .put_finish = put_finish,
    .put_abort = put_abort,
    .get = get,
    .stat = stat_none,
    .pin = pin_none,
    .unpin = pin_none,
    .sweep = sweep_none,
    .close = close_node,
};

status content_node_open(const struct content_node_config *cfg, struct content **ret,
                         struct err *reterr)
{
    struct content_node *n = calloc(1, sizeof *n);
    if (n == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    n->base.ops = &node_ops;
    n->cfg = *cfg;
    *ret = &n->base;
    return OK;
}
