/* SPDX-License-Identifier: Apache-2.0 */
/* Answers and the common parts of requests: JSON bodies, errors, query parameters. */
#include "api/call.h"
#include "base/hex.h"

#define JSON_MEDIA "application/json"

static status no_store(struct http_response *resp, const char *media, struct err *reterr)
{
    status st = http_response_header(resp, "Content-Type", media, reterr);
    if (st == OK)
        st = http_response_header(resp, "Cache-Control", "no-store", reterr);
    return st == OK ? http_response_header(resp, "X-Content-Type-Options", "nosniff", reterr) : st;
}

status answer_begin(struct api_call *c, struct jw *w, struct err *reterr)
{
    status st = no_store(c->resp, JSON_MEDIA, reterr);
    if (st == OK) {
        jw_init(w, &c->resp->body);
        jw_object(w);
    }
    return st;
}

status answer_end(struct jw *w, struct err *reterr)
{
    jw_end(w);
    return jw_done(w, reterr);
}

status answer_bytes(struct api_call *c, const char *media, slice bytes, struct err *reterr)
{
    status st = no_store(c->resp, media, reterr);
    if (st == OK && (st = buf_put(&c->resp->body, bytes)) != OK)
        st = ERR(reterr, st, "answer of %zu bytes", bytes.n);
    return st;
}

status answer_none(struct api_call *c, int code, struct err *reterr)
{
    c->resp->code = code;
    return http_response_header(c->resp, "Cache-Control", "no-store", reterr);
}

const char *plain_text(const char *text, char out[ERR_MSG_MAX])
{
    size_t n = 0;
    for (; text[n] != '\0' && n + 1 < ERR_MSG_MAX; n++)
        out[n] = (char)(text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?');
    out[n] = '\0';
    return out;
}

/* Faults of ours are told by their general text only. */
static const char *reason_of(status s, const struct err *e)
{
    return s > 0 && e->msg[0] != '\0' ? e->msg : status_text(s);
}

void answer_error(const struct http_request *req, status s, const struct err *e,
                  struct http_response *resp)
{
    struct jw w;
    char text[ERR_MSG_MAX];
    jw_init(&w, &resp->body);
    jw_object(&w);
    jw_key(&w, "error");
    jw_object(&w);
    jw_member_str(&w, "code", status_name(s));
    jw_member_str(&w, "reason", plain_text(reason_of(s, e), text));
    jw_end(&w);
    jw_member_str(&w, "requestId", req->request_id);
    jw_end(&w);
    status st = jw_done(&w, NULL);
    if (st == OK)
        st = no_store(resp, JSON_MEDIA, NULL);
    if (st == OK && s == E_AUTH)
        st = http_response_header(resp, "WWW-Authenticate", "Ehrd", NULL);
    if (st != OK)
        buf_clear(&resp->body);
}

void jw_member_hash(struct jw *w, const char *key, const hash32 *h)
{
    jw_key(w, key);
    jw_hex(w, slice_of(h->b, sizeof h->b));
}

void jw_member_addr(struct jw *w, const char *key, const addr20 *a)
{
    jw_key(w, key);
    jw_hex(w, slice_of(a->b, sizeof a->b));
}

void jw_member_u64(struct jw *w, const char *key, uint64_t v)
{
    jw_key(w, key);
    jw_u64(w, v);
}

void jw_member_str(struct jw *w, const char *key, const char *text)
{
    jw_key(w, key);
    jw_cstr(w, text);
}

status query_u64(struct api_call *c, const char *name, uint64_t max, uint64_t *ret,
                 struct err *reterr)
{
    slice text;
    uint64_t v;
    status st = http_query_find(c->req->target.query, name, &c->arena, &text, reterr);
    if (st == E_NOT_FOUND)
        return OK;
    if (st != OK)
        return st;
    st = http_length_read(text, &v);
    if (st != OK || v > max)
        return ERR(reterr, st != OK ? st : E_RANGE, "query parameter %s: a number up to %llu", name,
                   (unsigned long long)max);
    *ret = v;
    return OK;
}

status query_hash(struct api_call *c, const char *name, bool *ret_given, hash32 *ret,
                  struct err *reterr)
{
    slice text;
    status st = http_query_find(c->req->target.query, name, &c->arena, &text, reterr);
    *ret_given = st == OK;
    if (st == E_NOT_FOUND)
        return OK;
    if (st == OK && hex_read_hash(text, ret) != OK)
        st = ERR(reterr, E_SYNTAX, "query parameter %s: 0x and 64 digits", name);
    return st;
}

status body_json(struct api_call *c, struct json *ret, struct err *reterr)
{
    struct json_doc *doc = arena_alloc(&c->arena, sizeof *doc);
    if (doc == NULL)
        return ERR(reterr, E_NOMEM, "request body");
    status st = json_read(c->req->body, &c->arena, doc, reterr);
    if (st == OK)
        st = json_want_object(json_root(doc), reterr);
    if (st == OK)
        *ret = json_root(doc);
    return st;
}
