/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for the head of a request: what has two readings is refused (RFC 9112 section 6.3). */
#include "net/http_server_impl.h"

/* libmicrohttpd 0.9.75 glues a folded line to the name of its field: "Content-Length:\r\n 3"
 * becomes the field Content-Length3, and the body would be read as the next request. No field has
 * such a name for a good reason, so it is refused. */
static bool is_glued(slice name)
{
    static const char *const framing[] = {"Content-Length", "Transfer-Encoding"};
    for (size_t i = 0; i < sizeof framing / sizeof framing[0]; i++) {
        size_t n = strlen(framing[i]);
        if (name.n > n && http_name_eq(slice_first(name, n), framing[i]))
            return true;
    }
    return false;
}

static status fields_check(const struct http_request *r, struct err *reterr)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (!http_is_token(r->headers[i].name) || is_glued(r->headers[i].name) ||
            !http_is_field_value(r->headers[i].value))
            return ERR(reterr, E_SYNTAX, "header field %zu is malformed", i);
    return OK;
}

/* One length, or one "chunked", or neither. */
static status framing_check(const struct http_request *r, bool http_1_0, struct err *reterr)
{
    const struct http_header *h = r->headers;
    size_t lengths = http_header_count(h, r->n_headers, "Content-Length");
    size_t codings = http_header_count(h, r->n_headers, "Transfer-Encoding");
    uint64_t n;
    if (lengths + codings > 1)
        return ERR(reterr, E_SYNTAX, "the length of the body is given more than once");
    if (lengths == 1 && http_length_read(http_request_header(r, "Content-Length"), &n) != OK)
        return ERR(reterr, E_SYNTAX, "Content-Length is no decimal number");
    if (codings == 1 &&
        (http_1_0 || !http_name_eq(http_request_header(r, "Transfer-Encoding"), "chunked")))
        return ERR(reterr, E_SYNTAX, "Transfer-Encoding is not chunked");
    return OK;
}

static status host_check(const struct http_request *r, bool http_1_0, struct err *reterr)
{
    size_t hosts = http_header_count(r->headers, r->n_headers, "Host");
    if (hosts > 1 || (hosts == 0 && !http_1_0))
        return ERR(reterr, E_SYNTAX, "Host is given %zu times", hosts);
    return OK;
}

status http_head_check(const struct http_exchange *x, const char *version, int *ret_code,
                       struct err *reterr)
{
    bool http_1_0 = strcmp(version, "HTTP/1.0") == 0;
    if (!http_1_0 && strcmp(version, "HTTP/1.1") != 0) {
        *ret_code = 505;
        return ERR(reterr, E_UNSUPPORTED, "only HTTP/1.1 and HTTP/1.0 are served");
    }
    if (x->headers_seen > LIMIT_HTTP_HEADERS) {
        *ret_code = 431;
        return ERR(reterr, E_TOO_LONG, "more than %u header fields", LIMIT_HTTP_HEADERS);
    }
    if (!http_is_token(slice_str(x->method)))
        return ERR(reterr, E_SYNTAX, "the method is malformed");
    status s = fields_check(&x->req, reterr);
    if (s == OK)
        s = host_check(&x->req, http_1_0, reterr);
    if (s == OK)
        s = framing_check(&x->req, http_1_0, reterr);
    return s;
}

uint64_t http_request_body_len(const struct http_request *req)
{
    uint64_t n = 0;
    if (http_header_find(req->headers, req->n_headers, "Transfer-Encoding") != NULL)
        return HTTP_LEN_UNKNOWN;
    if (http_length_read(http_request_header(req, "Content-Length"), &n) != OK)
        return 0;
    return n;
}

slice http_request_header(const struct http_request *req, const char *name)
{
    const struct http_header *h = http_header_find(req->headers, req->n_headers, name);
    return h != NULL ? h->value : SLICE_EMPTY;
}
