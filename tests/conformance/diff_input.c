/* SPDX-License-Identifier: Apache-2.0 */
/* Input for precompiled contracts: half of it valid, the rest near to it. */
#include "crypto/keccak.h"
#include "diff_gen.h"

static status put_random(struct diff_rng *r, uint64_t n, struct buf *out)
{
    status s = OK;
    for (; s == OK && n > 0; n--)
        s = buf_put_u8(out, (uint8_t)diff_next(r));
    return s;
}

static status put_word(u256 v, struct buf *out)
{
    uint8_t be[32];
    u256_to_be(v, be);
    return buf_put_mem(out, be, sizeof be);
}

static status ecrecover(struct diff_rng *r, const struct diff_people *p, struct buf *out)
{
    uint8_t sig[SECP_SIG];
    hash32 digest;
    uint64_t any = diff_next(r);
    keccak256(slice_of(&any, sizeof any), &digest);
    status s = secp_sign(&p->key[diff_below(r, DIFF_SENDERS)], &digest, sig);
    if (s == OK)
        s = buf_put_mem(out, digest.b, sizeof digest.b);
    if (s == OK)
        s = put_word(u256_from_u64(sig[64]), out);
    return s == OK ? buf_put_mem(out, sig, 64) : s;
}

static status modexp(struct diff_rng *r, struct buf *out)
{
    uint64_t n[3];
    status s = OK;
    for (size_t i = 0; i < 3; i++)
        n[i] = diff_below(r, diff_one_in(r, 10) ? 300 : 40);
    for (size_t i = 0; s == OK && i < 3; i++)
        s = put_word(diff_one_in(r, 60) ? diff_word(r) : u256_from_u64(n[i]), out);
    for (size_t i = 0; s == OK && i < 3; i++)
        s = put_random(r, n[i], out);
    return s;
}

static status blake2f(struct diff_rng *r, struct buf *out)
{
    status s = buf_put_be32(out, (uint32_t)diff_below(r, 200));
    if (s == OK)
        s = put_random(r, 208, out);
    return s == OK ? buf_put_u8(out, (uint8_t)diff_below(r, 20) / 9) : s;
}

/* bn254's generators; those of G2 as the contract wants them, imaginary part first. */
static const char bn_g1[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
                            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2";
static const uint8_t bn_g2[128] = {
    0x19, 0x8e, 0x93, 0x93, 0x92, 0x0d, 0x48, 0x3a, 0x72, 0x60, 0xbf, 0xb7, 0x31, 0xfb, 0x5d, 0x25,
    0xf1, 0xaa, 0x49, 0x33, 0x35, 0xa9, 0xe7, 0x12, 0x97, 0xe4, 0x85, 0xb7, 0xae, 0xf3, 0x12, 0xc2,
    0x18, 0x00, 0xde, 0xef, 0x12, 0x1f, 0x1e, 0x76, 0x42, 0x6a, 0x00, 0x66, 0x5e, 0x5c, 0x44, 0x79,
    0x67, 0x43, 0x22, 0xd4, 0xf7, 0x5e, 0xda, 0xdd, 0x46, 0xde, 0xbd, 0x5c, 0xd9, 0x92, 0xf6, 0xed,
    0x09, 0x06, 0x89, 0xd0, 0x58, 0x5f, 0xf0, 0x75, 0xec, 0x9e, 0x99, 0xad, 0x69, 0x0c, 0x33, 0x95,
    0xbc, 0x4b, 0x31, 0x33, 0x70, 0xb3, 0x8e, 0xf3, 0x55, 0xac, 0xda, 0xdc, 0xd1, 0x22, 0x97, 0x5b,
    0x12, 0xc8, 0x5e, 0xa5, 0xdb, 0x8c, 0x6d, 0xeb, 0x4a, 0xab, 0x71, 0x80, 0x8d, 0xcb, 0x40, 0x8f,
    0xe3, 0xd1, 0xe7, 0x69, 0x0c, 0x43, 0xd3, 0x7b, 0x4c, 0xe6, 0xcc, 0x01, 0x66, 0xfa, 0x7d, 0xaa};

static status bn_point(struct diff_rng *r, struct buf *out)
{
    if (diff_one_in(r, 4))
        return buf_put_zero(out, 64);
    return buf_put_mem(out, bn_g1, 64);
}

static status bn254(struct diff_rng *r, unsigned n, struct buf *out)
{
    status s = OK;
    if (n == 7)
        s = bn_point(r, out);
    if (n == 7)
        return s == OK ? put_word(diff_word(r), out) : s;
    for (uint64_t i = n == 6 ? 2 : diff_below(r, 3); s == OK && i > 0; i--) {
        s = bn_point(r, out);
        if (s == OK && n == 8)
            s = diff_one_in(r, 4) ? buf_put_zero(out, 128) : buf_put_mem(out, bn_g2, sizeof bn_g2);
    }
    return s;
}

/* BLS12-381's G1 generator. Points of G2 are infinity here: the suites have the others. */
static const uint8_t bls_g1[128] = {
    [16] = 0x17, 0xf1, 0xd3, 0xa7, 0x31, 0x97, 0xd7, 0x94, 0x26, 0x95, 0x63, 0x8c,
    0x4f,        0xa9, 0xac, 0x0f, 0xc3, 0x68, 0x8c, 0x4f, 0x97, 0x74, 0xb9, 0x05,
    0xa1,        0x4e, 0x3a, 0x3f, 0x17, 0x1b, 0xac, 0x58, 0x6c, 0x55, 0xe8, 0x3f,
    0xf9,        0x7a, 0x1a, 0xef, 0xfb, 0x3a, 0xf0, 0x0a, 0xdb, 0x22, 0xc6, 0xbb,
    [80] = 0x08, 0xb3, 0xf4, 0x81, 0xe3, 0xaa, 0xa0, 0xf1, 0xa0, 0x9e, 0x30, 0xed,
    0x74,        0x1d, 0x8a, 0xe4, 0xfc, 0xf5, 0xe0, 0x95, 0xd5, 0xd0, 0x0a, 0xf6,
    0x00,        0xdb, 0x18, 0xcb, 0x2c, 0x04, 0xb3, 0xed, 0xd0, 0x3c, 0xc7, 0x44,
    0xa2,        0x88, 0x8a, 0xe4, 0x0c, 0xaa, 0x23, 0x29, 0x46, 0xc5, 0xe7, 0xe1};

static status bls_g1_or_none(struct diff_rng *r, struct buf *out)
{
    return diff_one_in(r, 4) ? buf_put_zero(out, 128) : buf_put_mem(out, bls_g1, sizeof bls_g1);
}

/* An element of the base field, seldom one that is too large. */
static status bls_field(struct diff_rng *r, struct buf *out)
{
    status s = buf_put_zero(out, 17);
    return s == OK ? put_random(r, 47, out) : s;
}

static status bls(struct diff_rng *r, unsigned n, struct buf *out)
{
    status s = OK;
    switch (n) {
    case 0x0b:
        s = bls_g1_or_none(r, out);
        return s == OK ? bls_g1_or_none(r, out) : s;
    case 0x0c:
        for (uint64_t i = diff_below(r, 4); s == OK && i > 0; i--) {
            s = bls_g1_or_none(r, out);
            if (s == OK)
                s = put_word(diff_word(r), out);
        }
        return s;
    case 0x0d:
        return buf_put_zero(out, 512);
    case 0x0e:
        s = buf_put_zero(out, 256);
        return s == OK ? put_word(diff_word(r), out) : s;
    case 0x0f:
        s = bls_g1_or_none(r, out);
        return s == OK ? buf_put_zero(out, 256) : s;
    case 0x11:
        s = bls_field(r, out);
        break;
    default:
        break;
    }
    return s == OK ? bls_field(r, out) : s;
}

static status good_input(struct diff_rng *r, const struct diff_people *people, unsigned n,
                         struct buf *out)
{
    if (n == 1)
        return ecrecover(r, people, out);
    if (n == 5)
        return modexp(r, out);
    if (n >= 6 && n <= 8)
        return bn254(r, n, out);
    if (n == 9)
        return blake2f(r, out);
    if (n >= 0x0b && n <= 0x11)
        return bls(r, n, out);
    return put_random(r, n == 0x0a ? 192 : n == 18 ? 160 : diff_below(r, 200), out);
}

status diff_precompile_input(struct diff_rng *r, const struct diff_people *people, unsigned n,
                             struct buf *out)
{
    status s = good_input(r, people, n, out);
    if (s != OK || out->n == 0)
        return s;
    size_t at = diff_below(r, out->n);
    switch (diff_below(r, 8)) {
    case 0:
        out->p[at] ^= (uint8_t)(1u << diff_below(r, 8));
        break;
    case 1:
        out->n -= diff_below(r, out->n < 33 ? out->n : 33);
        break;
    case 2:
        s = put_random(r, 1 + diff_below(r, 32), out);
        break;
    default:
        break;
    }
    return s;
}
