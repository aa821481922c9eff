/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, signing and writing transactions. */
#include "codec/tx.h"

#include "codec/rlp.h"
#include "crypto/keccak.h"

#define FIXED_BYTES 512u /* more than all fields but data and access list take */

#define GAS_TX 21000u
#define GAS_CREATE 32000u
#define GAS_DATA_ZERO 4u
#define GAS_DATA_NONZERO 16u  /* EIP-2028 */
#define GAS_ACCESS_ADDR 2400u /* EIP-2930 */
#define GAS_ACCESS_KEY 1900u  /* EIP-2930 */
#define GAS_INITCODE_WORD 2u  /* EIP-3860 */
#define INITCODE_MAX 49152u   /* EIP-3860 */
#define V_UNPROTECTED 27u     /* legacy v without chain id: 27 + parity */
#define V_EIP155 35u          /* legacy v with chain id: 35 + 2 * chain id + parity */
#define AUTH_MAGIC 0x05u      /* EIP-7702: first byte of what an authority signs */
#define CHAIN_ID_MAX ((UINT64_MAX - V_EIP155) / 2)

static status read_access_entry(struct rlp_list *list, size_t *keys, struct err *reterr)
{
    struct rlp_list entry;
    struct rlp_list slots;
    addr20 addr;
    hash32 key;
    status s = rlp_next_list(list, &entry, reterr);
    if (s == OK)
        s = rlp_next_fixed(&entry, addr.b, sizeof addr.b, reterr);
    if (s == OK)
        s = rlp_next_list(&entry, &slots, reterr);
    if (s == OK)
        s = rlp_list_end(&entry, reterr);
    for (; s == OK && !rlp_list_is_empty(&slots); ++*keys)
        s = rlp_next_fixed(&slots, key.b, sizeof key.b, reterr);
    return s;
}

status tx_access_count(slice access_list, size_t *ret_addrs, size_t *ret_keys, struct err *reterr)
{
    struct rlp_list list = {SLICE_EMPTY};
    size_t addrs = 0;
    size_t keys = 0;
    status s = access_list.n > 0 ? rlp_read_list(access_list, &list, reterr) : OK;
    for (; s == OK && !rlp_list_is_empty(&list); addrs++)
        s = read_access_entry(&list, &keys, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "access list");
    *ret_addrs = addrs;
    *ret_keys = keys;
    return OK;
}

static status next_access_list(struct rlp_list *l, slice *ret, struct err *reterr)
{
    struct rlp_item item;
    size_t addrs;
    size_t keys;
    status s = rlp_next(l, &item, reterr);
    if (s == OK)
        s = tx_access_count(item.raw, &addrs, &keys, reterr);
    if (s == OK)
        *ret = item.raw;
    return s;
}

/* The list of blob hashes, as many as there are: at most what a block may hold is the chain's to
 * say. */
static status next_blob_hashes(struct rlp_list *l, slice *ret, struct err *reterr)
{
    struct rlp_list hashes;
    hash32 h;
    status s = rlp_next_list(l, &hashes, reterr);
    slice all = hashes.rest;
    while (s == OK && !rlp_list_is_empty(&hashes))
        s = rlp_next_fixed(&hashes, h.b, sizeof h.b, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "blob hashes");
    *ret = all;
    return OK;
}

static status next_parity(struct rlp_list *l, uint8_t *ret, struct err *reterr)
{
    uint64_t v;
    status s = rlp_next_u64(l, &v, reterr);
    if (s == OK && v > UINT8_MAX)
        s = ERR(reterr, E_RANGE, "parity does not fit in a byte");
    if (s == OK)
        *ret = (uint8_t)v;
    return s;
}

static status read_auth(struct rlp_list *l, struct tx_auth *a, struct err *reterr)
{
    u256 r;
    u256 sig_s;
    status s = rlp_next_u256(l, &a->chain_id, reterr);
    if (s == OK)
        s = rlp_next_fixed(l, a->addr.b, sizeof a->addr.b, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &a->nonce, reterr);
    if (s == OK)
        s = next_parity(l, &a->y_parity, reterr);
    if (s == OK)
        s = rlp_next_u256(l, &r, reterr);
    if (s == OK)
        s = rlp_next_u256(l, &sig_s, reterr);
    if (s == OK)
        s = rlp_list_end(l, reterr);
    if (s != OK)
        return s;
    u256_to_be(r, a->r);
    u256_to_be(sig_s, a->s);
    return OK;
}

status tx_auth_next(slice *list, struct tx_auth *ret, struct err *reterr)
{
    struct rlp_list l = {*list};
    struct rlp_list fields;
    struct tx_auth a;
    status s = rlp_next_list(&l, &fields, reterr);
    if (s == OK)
        s = read_auth(&fields, &a, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "authorization");
    *list = l.rest;
    *ret = a;
    return OK;
}

slice tx_auths(const struct tx *t)
{
    struct rlp_list l;
    if (t->authorizations.n == 0 || rlp_read_list(t->authorizations, &l, NULL) != OK)
        return SLICE_EMPTY;
    return l.rest;
}

status tx_auth_signer(const struct tx_auth *a, addr20 *ret)
{
    struct buf b;
    size_t mark = 0;
    hash32 digest;
    buf_init(&b, FIXED_BYTES);
    status s = buf_put_u8(&b, AUTH_MAGIC);
    if (s == OK)
        s = rlp_put_list_begin(&b, &mark);
    if (s == OK)
        s = rlp_put_u256(&b, a->chain_id);
    if (s == OK)
        s = rlp_put_bytes(&b, slice_of(a->addr.b, sizeof a->addr.b));
    if (s == OK)
        s = rlp_put_u64(&b, a->nonce);
    if (s == OK)
        s = rlp_put_list_end(&b, mark);
    if (s == OK)
        keccak256(buf_slice(&b), &digest);
    buf_done(&b);
    if (s != OK)
        return s;
    return secp_recover_parity(&digest, a->r, a->s, a->y_parity, false, ret);
}

static status next_authorizations(struct rlp_list *l, struct tx *t, struct err *reterr)
{
    struct rlp_item item;
    struct tx_auth a;
    status s = rlp_next(l, &item, reterr);
    if (s == OK && !item.is_list)
        s = ERR(reterr, E_TYPE, "authorizations: not a list");
    for (slice rest = s == OK ? item.body : SLICE_EMPTY; s == OK && rest.n > 0;)
        s = tx_auth_next(&rest, &a, reterr);
    if (s == OK)
        t->authorizations = item.raw;
    return s;
}

/* to: 20 bytes, or empty for a creation. */
static status next_to(struct rlp_list *l, struct tx *t, struct err *reterr)
{
    slice to;
    status s = rlp_next_bytes(l, &to, reterr);
    if (s != OK)
        return s;
    t->is_create = to.n == 0;
    if (to.n == sizeof t->to.b)
        memcpy(t->to.b, to.p, to.n);
    else if (to.n != 0)
        return ERR(reterr, E_RANGE, "to: %zu bytes", to.n);
    return OK;
}

/* nonce to access list, in the order they have in t's type. */
static status next_fields(struct rlp_list *l, struct tx *t, struct err *reterr)
{
    status s = OK;
    if (t->type != TX_LEGACY)
        s = rlp_next_u64(l, &t->chain_id, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &t->nonce, reterr);
    if (s == OK && t->type >= TX_FEE_MARKET)
        s = rlp_next_u256(l, &t->max_priority, reterr);
    if (s == OK)
        s = rlp_next_u256(l, &t->max_fee, reterr);
    if (s == OK)
        s = rlp_next_u64(l, &t->gas, reterr);
    if (s == OK)
        s = next_to(l, t, reterr);
    if (s == OK)
        s = rlp_next_u256(l, &t->value, reterr);
    if (s == OK)
        s = rlp_next_bytes(l, &t->data, reterr);
    if (s == OK && t->type != TX_LEGACY)
        s = next_access_list(l, &t->access_list, reterr);
    if (s == OK && t->type == TX_BLOB)
        s = rlp_next_u256(l, &t->max_blob_fee, reterr);
    if (s == OK && t->type == TX_BLOB)
        s = next_blob_hashes(l, &t->blob_hashes, reterr);
    if (s == OK && t->type == TX_SET_CODE)
        s = next_authorizations(l, t, reterr);
    if (t->type < TX_FEE_MARKET)
        t->max_priority = t->max_fee;
    return s;
}

/* Chain id and parity out of v; typed ones have the parity itself. */
static status split_v(struct tx *t, uint64_t v, struct err *reterr)
{
    t->has_chain_id = t->type != TX_LEGACY || v >= V_EIP155;
    if (t->type == TX_LEGACY && t->has_chain_id) {
        t->chain_id = (v - V_EIP155) / 2;
        v = (v - V_EIP155) % 2;
    } else if (t->type == TX_LEGACY) {
        v -= V_UNPROTECTED; /* wraps below 27, and is refused */
    }
    if (v > 1)
        return ERR(reterr, E_RANGE, "v: neither parity of a signature");
    t->y_parity = (unsigned)v;
    return OK;
}

static status next_signature(struct rlp_list *l, struct tx *t, struct err *reterr)
{
    uint64_t v;
    u256 r;
    u256 sig_s;
    status s = rlp_next_u64(l, &v, reterr);
    if (s == OK)
        s = rlp_next_u256(l, &r, reterr);
    if (s == OK)
        s = rlp_next_u256(l, &sig_s, reterr);
    if (s == OK)
        s = rlp_list_end(l, reterr);
    if (s == OK)
        s = split_v(t, v, reterr);
    if (s != OK)
        return s;
    u256_to_be(r, t->r);
    u256_to_be(sig_s, t->s);
    return OK;
}

status tx_check_fees(const struct tx *t, struct err *reterr)
{
    u256 cost;
    if (u256_cmp(t->max_priority, t->max_fee) > 0)
        return ERR(reterr, E_RANGE, "maxPriorityFeePerGas: above maxFeePerGas");
    if (!u256_mul_u64(t->max_fee, t->gas, &cost))
        return ERR(reterr, E_RANGE, "gas: limit times price exceeds 2^256");
    return OK;
}

status tx_read(slice raw, struct tx *ret, struct err *reterr)
{
    struct tx t = {.type = TX_LEGACY};
    struct rlp_list l;
    if (raw.n > 0 && raw.p[0] < 0xc0) {
        if (raw.p[0] < TX_ACCESS_LIST || raw.p[0] > TX_SET_CODE)
            return ERR(reterr, E_UNSUPPORTED, "transaction of type 0x%02x", raw.p[0]);
        t.type = (enum tx_type)raw.p[0];
        raw = slice_after(raw, 1);
    }
    status s = rlp_read_list(raw, &l, reterr);
    if (s == OK)
        s = next_fields(&l, &t, reterr);
    if (s == OK)
        s = next_signature(&l, &t, reterr);
    if (s == OK && t.nonce == UINT64_MAX)
        s = ERR(reterr, E_RANGE, "nonce: 2^64 - 1 can never be used (EIP-2681)");
    if (s == OK)
        *ret = t;
    return s;
}

static status put_blob_fields(const struct tx *t, struct buf *b)
{
    size_t mark = 0;
    status s = rlp_put_u256(b, t->max_blob_fee);
    if (s == OK)
        s = rlp_put_list_begin(b, &mark);
    if (s == OK)
        s = buf_put(b, t->blob_hashes);
    if (s == OK)
        s = rlp_put_list_end(b, mark);
    return s;
}

static status put_fields(const struct tx *t, struct buf *b)
{
    status s = OK;
    if (t->type != TX_LEGACY)
        s = rlp_put_u64(b, t->chain_id);
    if (s == OK)
        s = rlp_put_u64(b, t->nonce);
    if (s == OK && t->type >= TX_FEE_MARKET)
        s = rlp_put_u256(b, t->max_priority);
    if (s == OK)
        s = rlp_put_u256(b, t->max_fee);
    if (s == OK)
        s = rlp_put_u64(b, t->gas);
    if (s == OK)
        s = rlp_put_bytes(b, t->is_create ? SLICE_EMPTY : slice_of(t->to.b, sizeof t->to.b));
    if (s == OK)
        s = rlp_put_u256(b, t->value);
    if (s == OK)
        s = rlp_put_bytes(b, t->data);
    if (s == OK && t->type != TX_LEGACY)
        s = buf_put(b, t->access_list.n > 0 ? t->access_list : SLICE_LIT("\xc0"));
    if (s == OK && t->type == TX_BLOB)
        s = put_blob_fields(t, b);
    if (s == OK && t->type == TX_SET_CODE)
        s = buf_put(b, t->authorizations.n > 0 ? t->authorizations : SLICE_LIT("\xc0"));
    return s;
}

/* The last three fields of what is signed (EIP-155), nothing for other kinds. */
static status put_eip155(const struct tx *t, struct buf *b)
{
    if (t->type != TX_LEGACY || !t->has_chain_id)
        return OK;
    status s = rlp_put_u64(b, t->chain_id);
    if (s == OK)
        s = rlp_put_u64(b, 0);
    if (s == OK)
        s = rlp_put_u64(b, 0);
    return s;
}

static status put_signature(const struct tx *t, struct buf *b)
{
    uint64_t v = t->y_parity;
    if (t->type == TX_LEGACY)
        v += t->has_chain_id ? V_EIP155 + 2 * t->chain_id : V_UNPROTECTED;
    status s = rlp_put_u64(b, v);
    if (s == OK)
        s = rlp_put_u256(b, u256_from_be(t->r));
    if (s == OK)
        s = rlp_put_u256(b, u256_from_be(t->s));
    return s;
}

static status put_envelope(const struct tx *t, struct buf *b,
                           status (*put_last)(const struct tx *, struct buf *))
{
    size_t mark = 0;
    if (t->type == TX_LEGACY && t->has_chain_id && t->chain_id > CHAIN_ID_MAX)
        return E_RANGE;
    status s = t->type != TX_LEGACY ? buf_put_u8(b, (uint8_t)t->type) : OK;
    if (s == OK)
        s = rlp_put_list_begin(b, &mark);
    if (s == OK)
        s = put_fields(t, b);
    if (s == OK)
        s = put_last(t, b);
    if (s == OK)
        s = rlp_put_list_end(b, mark);
    return s;
}

status tx_sign_digest(const struct tx *t, hash32 *ret)
{
    struct buf b;
    if (t->data.n > UINT32_MAX || t->access_list.n > UINT32_MAX || t->blob_hashes.n > UINT32_MAX ||
        t->authorizations.n > UINT32_MAX)
        return E_TOO_LONG;
    buf_init(&b,
             t->data.n + t->access_list.n + t->blob_hashes.n + t->authorizations.n + FIXED_BYTES);
    status s = put_envelope(t, &b, put_eip155);
    if (s == OK)
        keccak256(buf_slice(&b), ret);
    buf_done(&b);
    return s;
}

status tx_sign(struct tx *t, const struct secp_key *key)
{
    hash32 digest;
    uint8_t sig[SECP_SIG];
    status s = tx_sign_digest(t, &digest);
    if (s == OK)
        s = secp_sign(key, &digest, sig);
    if (s != OK)
        return s;
    memcpy(t->r, sig, 32);
    memcpy(t->s, sig + 32, 32);
    t->y_parity = sig[64] - 27u;
    return OK;
}

status tx_put_raw(const struct tx *t, struct buf *out)
{
    size_t start = out->n;
    status s = put_envelope(t, out, put_signature);
    if (s != OK)
        out->n = start;
    return s;
}

void tx_hash(slice raw, hash32 *ret)
{
    keccak256(raw, ret);
}

static status recover(const struct tx *t, bool high_s_ok, addr20 *ret)
{
    hash32 digest;
    status s = tx_sign_digest(t, &digest);
    if (s != OK)
        return s;
    return secp_recover_parity(&digest, t->r, t->s, t->y_parity, high_s_ok, ret);
}

status tx_sender(const struct tx *t, addr20 *ret)
{
    return recover(t, false, ret);
}

status tx_sender_frontier(const struct tx *t, addr20 *ret)
{
    return recover(t, true, ret);
}

status tx_intrinsic_gas(const struct tx *t, uint64_t *ret, struct err *reterr)
{
    size_t addrs;
    size_t keys;
    status s = tx_access_count(t->access_list, &addrs, &keys, reterr);
    if (s != OK)
        return s;
    uint64_t gas = GAS_TX + addrs * GAS_ACCESS_ADDR + keys * GAS_ACCESS_KEY;
    for (size_t i = 0; i < t->data.n; i++)
        gas += t->data.p[i] == 0 ? GAS_DATA_ZERO : GAS_DATA_NONZERO;
    if (t->is_create) {
        if (t->data.n > INITCODE_MAX)
            return ERR(reterr, E_TOO_LONG, "init code of %zu bytes", t->data.n);
        gas += GAS_CREATE + (t->data.n + 31) / 32 * GAS_INITCODE_WORD;
    }
    *ret = gas;
    return OK;
}
