/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with files of the page. index.html is answered for every place inside the page, with a
 * fresh nonce and the rules that the browser is to hold the page to. */
#include "api/embedded.h"
#include "api/page.h"
#include "api/routes.h"
#include "base/hex.h"

#include <stdio.h>

#define CSP_CAP 1024u
/* Styles: Angular puts component styles into <style> elements, which carry the nonce. Workers and
 * pictures of decrypted records are blob: URLs made by the page. */
#define CSP                                                                                        \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-%s'; "      \
    "img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "     \
    "media-src blob:; base-uri 'self'; form-action 'none'; frame-ancestors 'none'; "               \
    "require-trusted-types-for 'script'; trusted-types angular default ehrd"

static status header(struct api_call *c, const char *name, const char *value, struct err *reterr)
{
    return http_response_header(c->resp, name, value, reterr);
}

static status common_headers(struct api_call *c, const char *media, const char *cache,
                             struct err *reterr)
{
    status st = header(c, "Content-Type", media, reterr);
    if (st == OK)
        st = header(c, "Cache-Control", cache, reterr);
    return st == OK ? header(c, "Cross-Origin-Resource-Policy", "same-origin", reterr) : st;
}

/* The bytes of index.html with each placeholder replaced. */
static status put_with_nonce(struct buf *out, slice html, const char *nonce)
{
    const size_t n = sizeof PAGE_NONCE - 1;
    size_t from = 0;
    status st = OK;
    for (size_t i = 0; st == OK && i + n <= html.n; i++) {
        if (memcmp(html.p + i, PAGE_NONCE, n) != 0)
            continue;
        st = buf_put(out, slice_of(html.p + from, i - from));
        if (st == OK)
            st = buf_put_str(out, nonce);
        from = i + n;
        i = from - 1;
    }
    return st == OK ? buf_put(out, slice_after(html, from)) : st;
}

static status nonce_make(struct api_call *c, char out[PAGE_NONCE_LEN + 1], struct err *reterr)
{
    uint8_t raw[PAGE_NONCE_LEN / 2];
    status st = random_fill(c->api->cfg.random, raw, sizeof raw);
    if (st != OK)
        return ERR(reterr, st, "no random bytes");
    for (size_t i = 0; i < sizeof raw; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", raw[i]);
    return OK;
}

static status index_answer(struct api_call *c, struct err *reterr)
{
    char nonce[PAGE_NONCE_LEN + 1];
    char csp[CSP_CAP];
    status st = nonce_make(c, nonce, reterr);
    if (st == OK)
        st = common_headers(c, "text/html; charset=utf-8", "no-store", reterr);
    if (st != OK)
        return st;
    (void)snprintf(csp, sizeof csp, CSP, nonce);
    st = header(c, "Content-Security-Policy", csp, reterr);
    if (st == OK)
        st = header(c, "Referrer-Policy", "no-referrer", reterr);
    if (st == OK)
        st = header(c, "Cross-Origin-Opener-Policy", "same-origin", reterr);
    if (st == OK)
        st = header(c, "Permissions-Policy",
                    "camera=(self), microphone=(), geolocation=(), payment=(), usb=()", reterr);
    if (st == OK)
        st = put_with_nonce(&c->resp->body, page_index(c->api->cfg.page)->bytes, nonce);
    return st == OK ? OK : ERR(reterr, st, "page");
}

static status file_answer(struct api_call *c, const struct page_file *f, struct err *reterr)
{
    bool zipped =
        f->gzip.p != NULL && page_takes_gzip(http_request_header(c->req, "Accept-Encoding"));
    status st = common_headers(
        c, f->media, f->immutable ? "public, max-age=31536000, immutable" : "no-cache", reterr);
    if (st == OK)
        st = header(c, "ETag", f->etag, reterr);
    if (st == OK)
        st = header(c, "Vary", "Accept-Encoding", reterr);
    if (st == OK && slice_eq_str(http_request_header(c->req, "If-None-Match"), f->etag)) {
        c->resp->code = 304;
        return OK;
    }
    if (st == OK && zipped)
        st = header(c, "Content-Encoding", "gzip", reterr);
    return st == OK ? buf_put(&c->resp->body, zipped ? f->gzip : f->bytes) : st;
}

static status embedded_answer(struct api_call *c, struct err *reterr)
{
    status st = header(c, "Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; base-uri 'none'; "
                       "form-action 'none'; frame-ancestors 'none'",
                       reterr);
    return st == OK ? answer_bytes(c, "text/html; charset=utf-8", embedded_page(), reterr) : st;
}

/* The path without its first '/'; undecoded, since no file of the page needs an escape. */
static slice path_in_page(const struct api_call *c)
{
    slice path = c->req->target.path;
    return path.n > 0 ? slice_after(path, 1) : path;
}

bool page_answers(const struct page *page, slice path)
{
    if (page == NULL || path.n == 0)
        return false;
    slice rest = slice_after(path, 1);
    return page_find(page, rest) != NULL || page_is_place(rest);
}

status get_page(struct api_call *c, struct err *reterr)
{
    slice path = path_in_page(c);
    if (c->api->cfg.page == NULL)
        return embedded_answer(c, reterr);
    const struct page_file *f = page_find(c->api->cfg.page, path);
    return f == NULL || f == page_index(c->api->cfg.page) ? index_answer(c, reterr)
                                                          : file_answer(c, f, reterr);
}
