/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and checking of the Authorization header. */
#include "api/auth.h"

#include "base/hex.h"
#include "codec/eip712.h"
#include "crypto/secp256k1.h"

#define SCHEME SLICE_LIT("Ehrd ")

/* Take "name=" and what follows up to the next comma or the end. */
static status field_take(slice *rest, const char *name, bool last, slice *ret, struct err *reterr)
{
    slice want = slice_str(name);
    if (!slice_has_prefix(*rest, want) || rest->n == want.n || rest->p[want.n] != '=')
        return ERR(reterr, E_AUTH, "authorization: field %s is not where it belongs", name);
    slice value = slice_after(*rest, want.n + 1);
    const uint8_t *comma = value.n > 0 ? memchr(value.p, ',', value.n) : NULL;
    if ((comma == NULL) != last)
        return ERR(reterr, E_AUTH, "authorization: five fields are needed");
    *ret = comma == NULL ? value : slice_of(value.p, (size_t)(comma - value.p));
    *rest = comma == NULL ? SLICE_EMPTY : slice_after(value, ret->n + 1);
    return OK;
}

static status hex_take(slice *rest, const char *name, bool last, uint8_t *out, size_t n,
                       struct err *reterr)
{
    slice value;
    status st = field_take(rest, name, last, &value, reterr);
    if (st != OK)
        return st;
    if (!slice_has_prefix(value, SLICE_LIT("0x")) || hex_read(value, out, n) != OK)
        return ERR(reterr, E_AUTH, "authorization: %s must be 0x and %zu digits", name, 2 * n);
    return OK;
}

static status seconds_take(slice *rest, uint64_t *ret, struct err *reterr)
{
    slice value;
    uint64_t v = 0;
    status st = field_take(rest, "issued", false, &value, reterr);
    if (st != OK)
        return st;
    bool ok = value.n >= 1 && value.n <= 12 && (value.p[0] != '0' || value.n == 1);
    for (size_t i = 0; i < value.n && ok; i++) {
        ok = value.p[i] >= '0' && value.p[i] <= '9';
        v = v * 10 + (uint64_t)(value.p[i] - '0');
    }
    if (!ok)
        return ERR(reterr, E_AUTH, "authorization: issued must be seconds since 1970");
    *ret = v;
    return OK;
}

status auth_header_read(slice value, struct auth_header *ret, struct err *reterr)
{
    struct auth_header h;
    if (value.n > AUTH_HEADER_MAX || !slice_has_prefix(value, SCHEME))
        return ERR(reterr, E_AUTH, "authorization: scheme Ehrd is needed");
    slice rest = slice_after(value, SCHEME.n);
    status st = hex_take(&rest, "signer", false, h.signer.b, sizeof h.signer.b, reterr);
    if (st == OK)
        st = hex_take(&rest, "nonce", false, h.nonce.b, sizeof h.nonce.b, reterr);
    if (st == OK)
        st = seconds_take(&rest, &h.issued, reterr);
    if (st == OK)
        st = hex_take(&rest, "body", false, h.body.b, sizeof h.body.b, reterr);
    if (st == OK)
        st = hex_take(&rest, "signature", true, h.sig65, sizeof h.sig65, reterr);
    if (st == OK)
        *ret = h;
    return st;
}

static status put_hex_field(struct buf *out, const char *name, const uint8_t *p, size_t n)
{
    status st = buf_put_str(out, name);
    if (st == OK)
        st = buf_put_str(out, "=0x");
    return st == OK ? buf_put_hex(out, slice_of(p, n)) : st;
}

status auth_header_put(const struct auth_header *h, struct buf *out)
{
    status st = put_hex_field(out, "Ehrd signer", h->signer.b, sizeof h->signer.b);
    if (st == OK)
        st = put_hex_field(out, ",nonce", h->nonce.b, sizeof h->nonce.b);
    if (st == OK)
        st = buf_printf(out, ",issued=%llu", (unsigned long long)h->issued);
    if (st == OK)
        st = put_hex_field(out, ",body", h->body.b, sizeof h->body.b);
    return st == OK ? put_hex_field(out, ",signature", h->sig65, sizeof h->sig65) : st;
}

void auth_digest(const struct netid *net, const struct auth_target *t, const struct auth_header *h,
                 hash32 *ret)
{
    struct eip712_vault_request r = {
        .signer = h->signer,
        .origin = t->origin,
        .method = t->method,
        .target = t->target,
        .body_sha256 = h->body,
        .nonce = h->nonce,
        .issued_at = h->issued,
    };
    eip712_vault_request_digest(net, &r, ret);
}

status auth_check(const struct netid *net, const struct auth_target *t, const struct auth_header *h,
                  uint64_t now, struct err *reterr)
{
    hash32 digest;
    uint64_t apart = now > h->issued ? now - h->issued : h->issued - now;
    if (apart > AUTH_SKEW_S)
        return ERR(reterr, E_EXPIRED, "the request was signed %llu s %s; at most %u s are accepted",
                   (unsigned long long)apart, now > h->issued ? "ago" : "in the future",
                   AUTH_SKEW_S);
    auth_digest(net, t, h, &digest);
    if (secp_verify_addr(&digest, slice_of(h->sig65, sizeof h->sig65), h->signer) != OK)
        return ERR(reterr, E_SIGNATURE,
                   "the request is not signed by its signer for this origin, "
                   "method, target and body");
    return OK;
}
