/* SPDX-License-Identifier: Apache-2.0 */
/* Writing, reading and signatures of access requests. */
#include "ehr/access_request.h"

#include "codec/base64.h"
#include "codec/eip712.h"
#include "codec/json.h"
#include "codec/rlp.h"
#include "ehr/members.h"

#define TAG "ehrd/request/v1"
#define NOTE_TAG "access-request/v1"
#define NOTE_BYTES ((size_t)8 << 10)
#define LINK_MARK SLICE_LIT("#/request/")
#define PERMISSIONS_ALL 15u

void access_request_id(const struct netid *net, const struct access_request *r, hash32 *ret)
{
    struct eip712_access_request t = {.account = r->account,
                                      .card_hash = r->card_hash,
                                      .folder = slice_str(r->folder),
                                      .purpose = slice_str(r->purpose),
                                      .permissions = r->permissions,
                                      .duration = r->duration,
                                      .expires = r->expires,
                                      .nonce = r->nonce};
    eip712_access_request_digest(net, &t, ret);
}

static status bounds_check(const struct access_request *r, struct err *reterr)
{
    if (r->purpose[0] == 0)
        return ERR(reterr, E_RANGE, "request: a purpose is needed");
    if (r->permissions == 0 || r->permissions > PERMISSIONS_ALL)
        return ERR(reterr, E_RANGE, "request: permissions");
    if (r->duration == 0 || r->duration > ACCESS_REQUEST_DURATION)
        return ERR(reterr, E_RANGE, "request: for up to ten years");
    return OK;
}

status access_request_sign(const struct netid *net, const struct secp_key *key,
                           struct access_request *r, struct err *reterr)
{
    hash32 digest;
    status st = bounds_check(r, reterr);
    if (st != OK)
        return st;
    access_request_id(net, r, &digest);
    st = secp_sign(key, &digest, r->sig65);
    return st == OK ? OK : ERR(reterr, st, "request: cannot be signed");
}

status access_request_verify(const struct netid *net, const struct access_request *r,
                             addr20 cert_key, uint64_t now, struct err *reterr)
{
    hash32 digest;
    slice sig = slice_of(r->sig65, sizeof r->sig65);
    access_request_id(net, r, &digest);
    if (secp_verify_addr(&digest, sig, r->account) != OK &&
        secp_verify_addr(&digest, sig, cert_key) != OK)
        return ERR(reterr, E_SIGNATURE, "request: not signed by the account it is of");
    return now < r->expires ? OK : ERR(reterr, E_EXPIRED, "request: its time to answer is over");
}

status access_request_put(const struct access_request *r, struct buf *out, struct err *reterr)
{
    size_t mark;
    status st = rlp_put_list_begin(out, &mark);
    if (st == OK)
        st = rlp_put_bytes(out, SLICE_LIT(TAG));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(r->account.b, sizeof r->account.b));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(r->card_hash.b, sizeof r->card_hash.b));
    if (st == OK)
        st = rlp_put_bytes(out, slice_str(r->folder));
    if (st == OK)
        st = rlp_put_bytes(out, slice_str(r->purpose));
    if (st == OK)
        st = rlp_put_u64(out, r->permissions);
    if (st == OK)
        st = rlp_put_u64(out, r->duration);
    if (st == OK)
        st = rlp_put_u64(out, r->expires);
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(r->nonce.b, sizeof r->nonce.b));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(r->sig65, sizeof r->sig65));
    if (st == OK)
        st = rlp_put_list_end(out, mark);
    return st == OK ? OK : ERR(reterr, st, "request: %s", status_text(st));
}

static status text_read(struct rlp_list *l, char *out, size_t max, struct err *reterr)
{
    slice s;
    status st = rlp_next_bytes(l, &s, reterr);
    if (st == OK && members_text(s, out, max) != OK)
        st = ERR(reterr, E_RANGE, "a text is too long, or holds control characters");
    return st;
}

static status who_read(struct rlp_list *l, struct access_request *r, struct err *reterr)
{
    slice tag;
    status st = rlp_next_bytes(l, &tag, reterr);
    if (st == OK && !slice_eq_str(tag, TAG))
        st = ERR(reterr, E_TYPE, "not of version 1");
    if (st == OK)
        st = rlp_next_fixed(l, r->account.b, sizeof r->account.b, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, r->card_hash.b, sizeof r->card_hash.b, reterr);
    if (st == OK)
        st = text_read(l, r->folder, sizeof r->folder, reterr);
    if (st == OK)
        st = text_read(l, r->purpose, sizeof r->purpose, reterr);
    return st;
}

static status what_read(struct rlp_list *l, struct access_request *r, struct err *reterr)
{
    uint64_t permissions = 0;
    status st = rlp_next_u64(l, &permissions, reterr);
    if (st == OK)
        st = rlp_next_u64(l, &r->duration, reterr);
    if (st == OK)
        st = rlp_next_u64(l, &r->expires, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, r->nonce.b, sizeof r->nonce.b, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, r->sig65, sizeof r->sig65, reterr);
    r->permissions = permissions <= PERMISSIONS_ALL ? (uint8_t)permissions : 0;
    return st;
}

status access_request_read(slice in, struct access_request *ret, struct err *reterr)
{
    struct rlp_list l;
    struct access_request r = {0};
    if (in.n > ACCESS_REQUEST_BYTES)
        return ERR(reterr, E_TOO_LONG, "request: more than %zu bytes", ACCESS_REQUEST_BYTES);
    status st = rlp_read_list(in, &l, reterr);
    if (st == OK)
        st = who_read(&l, &r, reterr);
    if (st == OK)
        st = what_read(&l, &r, reterr);
    if (st == OK)
        st = rlp_list_end(&l, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "request");
    st = bounds_check(&r, reterr);
    if (st == OK)
        *ret = r;
    return st;
}

/* --- as text --------------------------------------------------------------------------------- */

/* base64url differs in two characters. */
static void swap_alphabet(uint8_t *p, size_t n, const char from[2], const char to[2])
{
    for (size_t i = 0; i < n; i++)
        p[i] = p[i] == (uint8_t)from[0]   ? (uint8_t)to[0]
               : p[i] == (uint8_t)from[1] ? (uint8_t)to[1]
                                          : p[i];
}

status access_request_text_put(const struct access_request *r, const char *origin, struct buf *out,
                               struct err *reterr)
{
    struct buf bytes;
    buf_init(&bytes, ACCESS_REQUEST_BYTES);
    status st = access_request_put(r, &bytes, reterr);
    status put = st;
    if (put == OK && origin != NULL && (put = buf_put_str(out, origin)) == OK)
        put = buf_put_str(out, "/#/request/");
    size_t start = out->n;
    if (put == OK)
        put = base64_put(out, buf_slice(&bytes), BASE64_RAW);
    if (put == OK)
        swap_alphabet(out->p + start, out->n - start, "+/", "-_");
    buf_done(&bytes);
    return st != OK || put == OK ? st : ERR(reterr, put, "request: %s", status_text(put));
}

/* What follows the mark of a link, or all of it. */
static slice after_mark(slice text)
{
    for (size_t i = 0; i + LINK_MARK.n <= text.n; i++)
        if (slice_has_prefix(slice_after(text, i), LINK_MARK))
            return slice_after(text, i + LINK_MARK.n);
    return text;
}

status access_request_text_read(slice text, struct access_request *ret, struct err *reterr)
{
    uint8_t plain[ACCESS_REQUEST_TEXT];
    uint8_t bytes[ACCESS_REQUEST_BYTES];
    size_t n = 0;
    size_t got = 0;
    if (text.n > ACCESS_REQUEST_TEXT)
        return ERR(reterr, E_TOO_LONG, "request: more than %zu characters", ACCESS_REQUEST_TEXT);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ' && text.p[i] != '\n' && text.p[i] != '\r' && text.p[i] != '\t')
            plain[n++] = text.p[i];
    slice body = after_mark(slice_of(plain, n));
    size_t at = n - body.n;
    if (body.n == 0)
        return ERR(reterr, E_SYNTAX, "request: neither a link nor the text of one");
    if (memchr(body.p, '+', body.n) != NULL || memchr(body.p, '/', body.n) != NULL)
        return ERR(reterr, E_SYNTAX, "request: neither a link nor the text of one");
    swap_alphabet(plain + at, body.n, "-_", "+/");
    status st = base64_read(body, BASE64_RAW, bytes, sizeof bytes, &got);
    if (st != OK)
        return ERR(reterr, st, "request: neither a link nor the text of one");
    return access_request_read(slice_of(bytes, got), ret, reterr);
}

/* --- in an inbox ----------------------------------------------------------------------------- */

static status note_put(const struct access_request *r, struct buf *out, struct err *reterr)
{
    struct jw w;
    struct buf text;
    buf_init(&text, ACCESS_REQUEST_TEXT);
    jw_init(&w, out);
    status st = access_request_text_put(r, NULL, &text, reterr);
    jw_object(&w);
    jw_key(&w, "ehrd"), jw_cstr(&w, NOTE_TAG);
    jw_key(&w, "request"), jw_str(&w, buf_slice(&text));
    jw_end(&w);
    if (st == OK)
        st = jw_done(&w, reterr);
    buf_done(&text);
    return st;
}

status access_request_note_seal(const struct access_request *r, const struct age_recipient *to,
                                const struct random_src *rnd, struct buf *out, struct err *reterr)
{
    struct buf plain;
    struct age_to dest = {.r = to, .n = 1};
    buf_init_secret(&plain, NOTE_BYTES);
    status st = note_put(r, &plain, reterr);
    if (st == OK)
        st = age_seal(out, &dest, buf_slice(&plain), rnd, reterr);
    buf_done(&plain);
    return st;
}

static status note_read(slice json, struct access_request *ret, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    slice text;
    arena_init(&a, NOTE_BYTES * 16, true);
    status st = json_read(json, &a, &doc, reterr);
    if (st == OK && !json_eq(json_get(json_root(&doc), "ehrd"), NOTE_TAG))
        st = ERR(reterr, E_TYPE, "not an access request of version 1");
    if (st == OK)
        st = json_str(json_get(json_root(&doc), "request"), &text, reterr);
    if (st == OK)
        st = access_request_text_read(text, ret, reterr);
    arena_done(&a);
    return st;
}

status access_request_note_open(slice file, const struct age_identity *id,
                                struct access_request *ret, struct err *reterr)
{
    struct buf plain;
    struct age_keys keys = {.ids = id, .n_ids = 1};
    buf_init_secret(&plain, NOTE_BYTES);
    status st = age_open(&plain, &keys, file, reterr);
    if (st == OK)
        st = note_read(buf_slice(&plain), ret, reterr);
    buf_done(&plain);
    return st;
}
