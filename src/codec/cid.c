/* SPDX-License-Identifier: Apache-2.0 */
/* Content identifiers. */
#include "codec/cid.h"

#include "codec/multibase.h"
#include "codec/varint.h"
#include "crypto/sha2.h"

#define V0_BYTES 34
#define V0_CHARS 46
#define SHA_BYTES 32

struct cid cid_of_digest(uint64_t codec, const hash32 *digest)
{
    struct cid c = {.version = 1, .mh = CID_SHA2_256, .digest_n = SHA_BYTES, .codec = codec};
    memcpy(c.digest, digest->b, SHA_BYTES);
    return c;
}

status cid_of_content(uint64_t codec, slice content, struct cid *ret)
{
    hash32 h;
    status s = sha256(content, &h);
    if (s == OK)
        *ret = cid_of_digest(codec, &h);
    return s;
}

/* A varint of multiformats: at most 63 bits. */
static status read_number(slice *in, const char *what, uint64_t *ret, struct err *reterr)
{
    status s = varint_read(*in, ret, in);
    if (s == OK && *ret > INT64_MAX)
        s = E_RANGE;
    return s == OK ? OK : ERR(reterr, s, "CID: %s: %s", what, status_text(s));
}

static status read_multihash(slice *in, struct cid *c, struct err *reterr)
{
    uint64_t code = 0;
    uint64_t n = 0;
    status s = read_number(in, "multihash", &code, reterr);
    if (s == OK)
        s = read_number(in, "digest length", &n, reterr);
    if (s != OK)
        return s;
    if (code != CID_IDENTITY && code != CID_SHA2_256)
        return ERR(reterr, E_UNSUPPORTED, "CID: multihash 0x%llx", (unsigned long long)code);
    if (code == CID_SHA2_256 ? n != SHA_BYTES : n > CID_DIGEST_MAX)
        return ERR(reterr, E_RANGE, "CID: digest of %llu bytes", (unsigned long long)n);
    if (in->n < n)
        return ERR(reterr, E_TRUNCATED, "CID: ends in its digest");
    c->mh = (uint8_t)code;
    c->digest_n = (uint8_t)n;
    if (n > 0)
        memcpy(c->digest, in->p, n);
    *in = slice_after(*in, n);
    return OK;
}

static status read_v1(slice *in, struct cid *c, struct err *reterr)
{
    uint64_t version = 0;
    status s = read_number(in, "version", &version, reterr);
    if (s != OK)
        return s;
    if (version != 1)
        return ERR(reterr, E_UNSUPPORTED, "CID: version %llu", (unsigned long long)version);
    c->version = 1;
    s = read_number(in, "codec", &c->codec, reterr);
    return s == OK ? read_multihash(in, c, reterr) : s;
}

status cid_read(slice in, struct cid *ret, slice *ret_rest, struct err *reterr)
{
    struct cid c = {.codec = CID_DAG_PB};
    bool v0 = in.n >= 2 && in.p[0] == CID_SHA2_256 && in.p[1] == SHA_BYTES;
    status s = v0 ? read_multihash(&in, &c, reterr) : read_v1(&in, &c, reterr);
    if (s != OK)
        return s;
    if (ret_rest == NULL && in.n > 0)
        return ERR(reterr, E_TRAILING, "CID: %zu bytes follow it", in.n);
    *ret = c;
    if (ret_rest != NULL)
        *ret_rest = in;
    return OK;
}

size_t cid_write(const struct cid *c, uint8_t out[CID_BIN_MAX])
{
    size_t n = 0;
    if (c->version == 1) {
        out[n++] = 1;
        n += varint_write(c->codec, out + n);
    }
    out[n++] = c->mh;
    n += varint_write(c->digest_n, out + n);
    memcpy(out + n, c->digest, c->digest_n);
    return n + c->digest_n;
}

status cid_put(struct buf *b, const struct cid *c)
{
    uint8_t out[CID_BIN_MAX];
    return buf_put_mem(b, out, cid_write(c, out));
}

static status read_text_bytes(slice text, bool v0, struct buf *bin, struct err *reterr)
{
    status s =
        v0 ? radix_read(text, multibase_find(MULTIBASE_BASE58BTC), bin) : multibase_read(text, bin);
    if (s != OK)
        return ERR(reterr, s == E_NOMEM ? s : E_SYNTAX, "CID text: %s", status_text(s));
    if (!v0 && bin->n > 0 && bin->p[0] == CID_SHA2_256)
        return ERR(reterr, E_SYNTAX, "CID text: a version 0 CID has no multibase prefix");
    return OK;
}

status cid_read_text(slice text, struct cid *ret, struct err *reterr)
{
    bool v0 = text.n == V0_CHARS && slice_has_prefix(text, SLICE_LIT("Qm"));
    struct buf bin;
    buf_init(&bin, CID_BIN_MAX);
    status s = text.n == 0 ? ERR(reterr, E_SYNTAX, "CID text: empty")
                           : read_text_bytes(text, v0, &bin, reterr);
    if (s == OK)
        s = cid_read(buf_slice(&bin), ret, NULL, reterr);
    buf_done(&bin);
    return s;
}

char *cid_text(const struct cid *c, char out[CID_TEXT_MAX])
{
    uint8_t bin[CID_BIN_MAX];
    slice bytes = slice_of(bin, cid_write(c, bin));
    /* The caller's array as a buffer: the largest text fits, so nothing is allocated. */
    struct buf b = {.p = (uint8_t *)out, .max = CID_TEXT_MAX, .cap = CID_TEXT_MAX - 1};
    status s = c->version == 0 ? radix_put(&b, multibase_find(MULTIBASE_BASE58BTC), bytes)
                               : multibase_put(&b, MULTIBASE_BASE32, bytes);
    out[s == OK ? b.n : 0] = 0;
    return out;
}

bool cid_eq(const struct cid *a, const struct cid *b)
{
    return a->version == b->version && a->codec == b->codec && a->mh == b->mh &&
           slice_eq(slice_of(a->digest, a->digest_n), slice_of(b->digest, b->digest_n));
}

status cid_verify(const struct cid *c, slice content, struct err *reterr)
{
    hash32 h;
    slice got = content;
    if (c->mh == CID_SHA2_256) {
        status s = sha256(content, &h);
        if (s != OK)
            return ERR(reterr, s, "SHA-256");
        got = slice_of(h.b, sizeof h.b);
    }
    if (slice_eq(got, slice_of(c->digest, c->digest_n)))
        return OK;
    char text[CID_TEXT_MAX];
    return ERR(reterr, E_MISMATCH, "block is not what its CID %.100s says", cid_text(c, text));
}
