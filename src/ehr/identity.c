/* SPDX-License-Identifier: Apache-2.0 */
/* Roots, HKDF labels and identity files. */
#include "ehr/identity.h"

#include "base/checked.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "codec/json.h"
#include "crypto/kdf.h"

#define INFO_MAX 96u
#define IDENTITY_PLAIN 1024u /* bytes of the JSON text */

/* K(label, ctx, n) */
static status derive(const struct identity *id, const char *label, slice ctx, uint8_t *out,
                     size_t n)
{
    uint8_t info[INFO_MAX];
    size_t len = strlen(label);
    if (len + 1 + ctx.n > sizeof info)
        return E_INTERNAL;
    memcpy(info, label, len);
    info[len] = 0;
    if (ctx.n > 0)
        memcpy(info + len + 1, ctx.p, ctx.n);
    return hkdf_sha256(slice_of(id->root, sizeof id->root), SLICE_LIT("ehrd/v1"),
                       slice_of(info, len + 1 + ctx.n), out, n);
}

/* N - 1 of secp256k1, most significant limb first. */
static const uint64_t order_less_1[4] = {0xffffffffffffffff, 0xfffffffffffffffe, 0xbaaedce6af48a03b,
                                         0xbfd25e8cd0364140};

/* 1 if a < b, else 0 (Hacker's Delight, 2-12). */
static uint64_t ct_less(uint64_t a, uint64_t b)
{
    return ((~a & b) | ((~a | b) & (a - b))) >> 63;
}

/* r = 2 r + bit, reduced; r < N - 1 before and after. No branch depends on r. */
static void double_add(uint64_t r[4], unsigned bit)
{
    uint64_t carry = bit;
    uint64_t borrow = 0;
    uint64_t less[4];
    for (int i = 3; i >= 0; i--) {
        uint64_t top = r[i] >> 63;
        r[i] = r[i] << 1 | carry;
        carry = top;
    }
    for (int i = 3; i >= 0; i--) {
        uint64_t d = r[i] - order_less_1[i];
        uint64_t low = ct_less(r[i], order_less_1[i]) | ct_less(d, borrow);
        less[i] = d - borrow;
        borrow = low;
    }
    uint64_t take = 0 - (carry | (borrow ^ 1)); /* 2 r + bit >= N - 1 */
    for (int i = 0; i < 4; i++)
        r[i] ^= (r[i] ^ less[i]) & take;
    wipe(less, sizeof less);
}

/* 48 bytes big-endian, mod (N - 1), + 1. */
static void scalar_of(const uint8_t in[48], struct secp_key *ret)
{
    uint64_t r[4] = {0};
    for (size_t i = 0; i < 48 * 8; i++)
        double_add(r, in[i / 8] >> (7 - i % 8) & 1u);
    uint64_t carry = 1;
    for (int i = 3; i >= 0; i--) {
        r[i] += carry;
        carry &= ct_less(r[i], 1);
    }
    for (size_t i = 0; i < 4; i++)
        be64_write(ret->b + 8 * i, r[i]);
    wipe(r, sizeof r);
}

static status derive_scalar(const struct identity *id, const char *label, slice ctx,
                            struct secp_key *ret)
{
    uint8_t wide[48];
    status st = derive(id, label, ctx, wide, sizeof wide);
    if (st == OK)
        scalar_of(wide, ret);
    wipe(wide, sizeof wide);
    return st;
}

status identity_generate(const struct netid *net, const char *node, const struct random_src *rnd,
                         struct identity *ret, struct err *reterr)
{
    struct identity id = {.net = *net};
    if (strlen(node) >= sizeof id.node)
        return ERR(reterr, E_RANGE, "the node's address is longer than %zu", sizeof id.node - 1);
    memcpy(id.node, node, strlen(node) + 1);
    status st = random_fill(rnd, id.root, sizeof id.root);
    if (st != OK)
        return ERR(reterr, st, "no randomness");
    *ret = id;
    identity_done(&id);
    return OK;
}

void identity_done(struct identity *id)
{
    wipe(id, sizeof *id);
}

status identity_age(const struct identity *id, uint32_t generation, struct age_identity *ret)
{
    uint8_t ctx[4];
    uint8_t secret[32];
    be32_write(ctx, generation);
    status st = derive(id, "age", slice_of(ctx, sizeof ctx), secret, sizeof secret);
    if (st == OK)
        st = age_identity_of(secret, ret);
    wipe(secret, sizeof secret);
    return st;
}

status identity_scalar(const struct identity *id, const char *label, struct secp_key *ret)
{
    uint8_t ctx[NETID_BYTES];
    netid_write(&id->net, ctx);
    return derive_scalar(id, label, slice_of(ctx, sizeof ctx), ret);
}

status identity_state_key(const struct identity *id, uint8_t ret[32])
{
    uint8_t ctx[NETID_BYTES];
    netid_write(&id->net, ctx);
    return derive(id, "state", slice_of(ctx, sizeof ctx), ret, 32);
}

status identity_owner(const struct identity *id, uint32_t i, struct secp_key *ret)
{
    uint8_t ctx[NETID_BYTES + 4];
    netid_write(&id->net, ctx);
    be32_write(ctx + NETID_BYTES, i);
    return derive_scalar(id, "owner", slice_of(ctx, sizeof ctx), ret);
}

status identity_owner_addr(const struct identity *id, uint32_t i, addr20 *ret)
{
    struct secp_key key = {{0}};
    status st = identity_owner(id, i, &key);
    if (st == OK)
        st = secp_key_addr(&key, ret);
    secp_key_done(&key);
    return st;
}

static status plain_put(const struct identity *id, struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "ehrd"), jw_cstr(&w, "identity/v1");
    jw_key(&w, "root"), jw_hex(&w, slice_of(id->root, sizeof id->root));
    jw_key(&w, "chainId"), jw_printf(&w, "%llu", (unsigned long long)id->net.chain_id);
    jw_key(&w, "proxy"), jw_hex(&w, slice_of(id->net.proxy.b, sizeof id->net.proxy.b));
    jw_key(&w, "node"), jw_cstr(&w, id->node);
    jw_end(&w);
    return jw_done(&w, reterr);
}

status identity_seal(const struct identity *id, slice passphrase, unsigned log_n,
                     const struct random_src *rnd, struct buf *out, struct err *reterr)
{
    struct buf plain;
    buf_init_secret(&plain, IDENTITY_PLAIN);
    struct age_to to = {.passphrase = passphrase, .log_n = log_n};
    status st = plain_put(id, &plain, reterr);
    if (st == OK)
        st = age_seal(out, &to, buf_slice(&plain), rnd, reterr);
    buf_done(&plain);
    return st;
}

static status chain_id_read(struct json v, uint64_t *ret, struct err *reterr)
{
    slice text;
    status st = json_str(v, &text, reterr);
    if (st != OK)
        return st;
    uint64_t n = 0;
    if (text.n == 0 || text.n > 20)
        return json_err(reterr, E_RANGE, v, "no chain id");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || !u64_mul(n, 10, &n) ||
            !u64_add(n, text.p[i] - '0', &n))
            return json_err(reterr, E_RANGE, v, "no chain id");
    }
    *ret = n;
    return OK;
}

static status plain_read(struct json v, struct identity *ret, struct err *reterr)
{
    slice node;
    if (!json_eq(json_get(v, "ehrd"), "identity/v1"))
        return ERR(reterr, E_TYPE, "not an identity file of version 1");
    status st = json_hex_fixed(json_get(v, "root"), ret->root, sizeof ret->root, reterr);
    if (st == OK)
        st = chain_id_read(json_get(v, "chainId"), &ret->net.chain_id, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "proxy"), &ret->net.proxy, reterr);
    if (st == OK)
        st = json_str(json_get(v, "node"), &node, reterr);
    if (st != OK)
        return st;
    if (node.n >= sizeof ret->node)
        return ERR(reterr, E_RANGE, "node: too long");
    memcpy(ret->node, node.p, node.n);
    ret->node[node.n] = 0;
    return OK;
}

status identity_open(slice file, slice passphrase, struct identity *ret, struct err *reterr)
{
    struct buf plain;
    struct arena a;
    struct json_doc doc;
    struct identity id = {0};
    buf_init_secret(&plain, IDENTITY_PLAIN);
    arena_init(&a, (size_t)64 << 10, true);
    struct age_keys keys = {.passphrase = passphrase};
    status st = age_open(&plain, &keys, file, reterr);
    if (st == OK)
        st = json_read(buf_slice(&plain), &a, &doc, reterr);
    if (st == OK)
        st = plain_read(json_root(&doc), &id, reterr);
    if (st == OK)
        *ret = id;
    identity_done(&id);
    arena_done(&a);
    buf_done(&plain);
    return st;
}
