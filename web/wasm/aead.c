/* SPDX-License-Identifier: Apache-2.0 */
/* ChaCha20-Poly1305 (RFC 8439) over the 64 KiB chunks of an age payload, for the page.
 * Freestanding: no libc, memory at fixed places that the page reads and writes. Four blocks of
 * ChaCha20 at once in SIMD; Poly1305 in 26-bit limbs. Nothing depends on secret data but values. */
#include "wasm.h"

typedef uint32_t u32x4 __attribute__((vector_size(16), aligned(4)));
typedef uint8_t u8x16 __attribute__((vector_size(16), aligned(1)));

static uint8_t key[32];
uint8_t plain[CHUNKS * CHUNK];
static uint8_t sealed[CHUNKS * (CHUNK + TAG)];

EXPORT(key_at) uint8_t *key_at(void)
{
    return key;
}
EXPORT(plain_at) uint8_t *plain_at(void)
{
    return plain;
}
EXPORT(sealed_at) uint8_t *sealed_at(void)
{
    return sealed;
}

void *memset(void *p, int c, unsigned long n)
{
    uint8_t *b = p;
    for (unsigned long i = 0; i < n; i++)
        b[i] = (uint8_t)c;
    return p;
}

void *memcpy(void *to, const void *from, unsigned long n)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    for (unsigned long i = 0; i < n; i++)
        t[i] = f[i];
    return to;
}

static void le32_put(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* --- ChaCha20 -------------------------------------------------------------------------------- */

#define ROT(v, n) (((v) << (n)) | ((v) >> (32 - (n))))
#define ROT16(v)                                                                                   \
    ((u32x4)__builtin_shufflevector((u8x16)(v), (u8x16)(v), 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9,  \
                                    14, 15, 12, 13))
#define ROT8(v)                                                                                    \
    ((u32x4)__builtin_shufflevector((u8x16)(v), (u8x16)(v), 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10,  \
                                    15, 12, 13, 14))
#define QUARTER(a, b, c, d)                                                                        \
    do {                                                                                           \
        a += b, d ^= a, d = ROT16(d);                                                              \
        c += d, b ^= c, b = ROT(b, 12);                                                            \
        a += b, d ^= a, d = ROT8(d);                                                               \
        c += d, b ^= c, b = ROT(b, 7);                                                             \
    } while (0)

static u32x4 all(uint32_t v)
{
    return (u32x4){v, v, v, v};
}

/* Words a..a+3 of four blocks, as rows, to columns: 16 bytes of each block. */
static void transpose(const u32x4 *w, u32x4 out[4])
{
    u32x4 a = __builtin_shufflevector(w[0], w[1], 0, 4, 1, 5);
    u32x4 b = __builtin_shufflevector(w[2], w[3], 0, 4, 1, 5);
    u32x4 c = __builtin_shufflevector(w[0], w[1], 2, 6, 3, 7);
    u32x4 d = __builtin_shufflevector(w[2], w[3], 2, 6, 3, 7);
    out[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    out[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    out[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
    out[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

/* State of four blocks that follow each other. */
static void state_make(u32x4 s[16], const uint8_t nonce[12], uint32_t counter)
{
    static const uint32_t sigma[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    for (int i = 0; i < 4; i++)
        s[i] = all(sigma[i]);
    for (int i = 0; i < 8; i++)
        s[4 + i] = all(load32(key + 4 * i));
    s[12] = all(counter) + (u32x4){0, 1, 2, 3};
    for (int i = 0; i < 3; i++)
        s[13 + i] = all(load32(nonce + 4 * i));
}

/* Keystream of four blocks; s moves on to the next four. */
static void blocks4(u32x4 s[16], u32x4 out[16])
{
    u32x4 x0 = s[0], x1 = s[1], x2 = s[2], x3 = s[3], x4 = s[4], x5 = s[5], x6 = s[6], x7 = s[7];
    u32x4 x8 = s[8], x9 = s[9], xa = s[10], xb = s[11], xc = s[12], xd = s[13], xe = s[14];
    u32x4 xf = s[15];
    for (int i = 0; i < 10; i++) {
        QUARTER(x0, x4, x8, xc);
        QUARTER(x1, x5, x9, xd);
        QUARTER(x2, x6, xa, xe);
        QUARTER(x3, x7, xb, xf);
        QUARTER(x0, x5, xa, xf);
        QUARTER(x1, x6, xb, xc);
        QUARTER(x2, x7, x8, xd);
        QUARTER(x3, x4, x9, xe);
    }
    u32x4 rows[16] = {x0 + s[0],  x1 + s[1],  x2 + s[2],  x3 + s[3], x4 + s[4],  x5 + s[5],
                      x6 + s[6],  x7 + s[7],  x8 + s[8],  x9 + s[9], xa + s[10], xb + s[11],
                      xc + s[12], xd + s[13], xe + s[14], xf + s[15]};
    for (int i = 0; i < 4; i++) {
        u32x4 col[4];
        transpose(rows + 4 * i, col);
        for (int b = 0; b < 4; b++)
            out[4 * b + i] = col[b];
    }
    s[12] += all(4);
}

/* out = in ^ keystream from block 1 on. */
static void chacha20(const uint8_t nonce[12], const uint8_t *in, uint8_t *out, uint32_t n)
{
    u32x4 s[16];
    u32x4 ks[16];
    state_make(s, nonce, 1);
    for (; n >= 256; n -= 256, in += 256, out += 256) {
        blocks4(s, ks);
        for (int i = 0; i < 16; i++)
            *(u32x4 *)(out + 16 * i) = *(const u32x4 *)(in + 16 * i) ^ ks[i];
    }
    if (n == 0)
        return;
    blocks4(s, ks);
    for (uint32_t i = 0; i < n; i++)
        out[i] = in[i] ^ ((const uint8_t *)ks)[i];
}

/* --- Poly1305 -------------------------------------------------------------------------------- */

struct poly {
    uint32_t r[5]; /* 26 bits each */
    uint32_t s[5]; /* 5 r */
    uint32_t h[5];
    uint32_t pad[4];
};

static void poly_init(struct poly *p, const uint8_t k[32])
{
    uint32_t t0 = load32(k), t1 = load32(k + 4), t2 = load32(k + 8), t3 = load32(k + 12);
    p->r[0] = t0 & 0x3ffffff;
    p->r[1] = (t0 >> 26 | t1 << 6) & 0x3ffff03;
    p->r[2] = (t1 >> 20 | t2 << 12) & 0x3ffc0ff;
    p->r[3] = (t2 >> 14 | t3 << 18) & 0x3f03fff;
    p->r[4] = t3 >> 8 & 0x00fffff;
    for (int i = 0; i < 5; i++) {
        p->s[i] = p->r[i] * 5;
        p->h[i] = 0;
    }
    for (int i = 0; i < 4; i++)
        p->pad[i] = load32(k + 16 + 4 * i);
}

/* Whole blocks of 16 bytes. */
static void poly_blocks(struct poly *p, const uint8_t *m, uint32_t n)
{
    const uint64_t r0 = p->r[0], r1 = p->r[1], r2 = p->r[2], r3 = p->r[3], r4 = p->r[4];
    const uint64_t s1 = p->s[1], s2 = p->s[2], s3 = p->s[3], s4 = p->s[4];
    uint64_t h0 = p->h[0], h1 = p->h[1], h2 = p->h[2], h3 = p->h[3], h4 = p->h[4];
    for (; n >= 16; n -= 16, m += 16) {
        uint32_t t0 = load32(m), t1 = load32(m + 4), t2 = load32(m + 8), t3 = load32(m + 12);
        h0 += t0 & 0x3ffffff;
        h1 += (t0 >> 26 | t1 << 6) & 0x3ffffff;
        h2 += (t1 >> 20 | t2 << 12) & 0x3ffffff;
        h3 += (t2 >> 14 | t3 << 18) & 0x3ffffff;
        h4 += t3 >> 8 | 1u << 24;
        uint64_t d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
        uint64_t d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
        uint64_t d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
        uint64_t d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
        uint64_t d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
        d1 += d0 >> 26, h0 = d0 & 0x3ffffff;
        d2 += d1 >> 26, h1 = d1 & 0x3ffffff;
        d3 += d2 >> 26, h2 = d2 & 0x3ffffff;
        d4 += d3 >> 26, h3 = d3 & 0x3ffffff;
        h0 += (d4 >> 26) * 5, h4 = d4 & 0x3ffffff;
        h1 += h0 >> 26, h0 &= 0x3ffffff;
    }
    p->h[0] = (uint32_t)h0, p->h[1] = (uint32_t)h1, p->h[2] = (uint32_t)h2;
    p->h[3] = (uint32_t)h3, p->h[4] = (uint32_t)h4;
}

/* h mod 2^130 - 5, then + pad mod 2^128. */
static void poly_finish(struct poly *p, uint8_t tag[16])
{
    uint32_t h[5];
    uint32_t g[5];
    uint32_t c = 0;
    for (int i = 0; i < 5; i++)
        h[i] = p->h[i];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++) {
            h[i] += c;
            c = h[i] >> 26;
            h[i] &= 0x3ffffff;
        }
        c *= 5;
    }
    h[0] += c;
    c = 5;
    for (int i = 0; i < 5; i++) {
        g[i] = h[i] + c;
        c = g[i] >> 26;
        g[i] &= 0x3ffffff;
    }
    uint32_t take = 0u - c; /* h >= p: all ones */
    for (int i = 0; i < 5; i++)
        h[i] = (h[i] & ~take) | (g[i] & take);
    uint32_t w[4] = {h[0] | h[1] << 26, h[1] >> 6 | h[2] << 20, h[2] >> 12 | h[3] << 14,
                     h[3] >> 18 | h[4] << 8};
    uint64_t f = 0;
    for (int i = 0; i < 4; i++) {
        f += (uint64_t)w[i] + p->pad[i];
        le32_put(tag + 4 * i, (uint32_t)f);
        f >>= 32;
    }
}

/* The tag over n bytes of ciphertext, without additional data. */
static void tag_make(const uint8_t nonce[12], const uint8_t *c, uint32_t n, uint8_t tag[16])
{
    u32x4 s[16];
    u32x4 ks[16];
    struct poly p;
    uint8_t last[32] = {0};
    state_make(s, nonce, 0);
    blocks4(s, ks);
    poly_init(&p, (const uint8_t *)ks);
    uint32_t rest = n % 16;
    poly_blocks(&p, c, n - rest);
    for (uint32_t i = 0; i < rest; i++)
        last[i] = c[n - rest + i];
    uint8_t *lengths = rest > 0 ? last + 16 : last;
    le32_put(lengths + 8, n);
    poly_blocks(&p, last, rest > 0 ? 32 : 16);
    poly_finish(&p, tag);
}

/* --- chunks ---------------------------------------------------------------------------------- */

static void nonce_make(uint8_t nonce[12], uint32_t hi, uint32_t lo, uint32_t last)
{
    nonce[0] = nonce[1] = nonce[2] = 0;
    for (int i = 0; i < 4; i++) {
        nonce[3 + i] = (uint8_t)(hi >> (24 - 8 * i));
        nonce[7 + i] = (uint8_t)(lo >> (24 - 8 * i));
    }
    nonce[11] = (uint8_t)last;
}

/* Seal n bytes of plain (all chunks whole but the last) from counter on; the length of sealed. */
EXPORT(seal) uint32_t seal(uint32_t n, uint32_t hi, uint32_t lo, uint32_t last)
{
    uint8_t nonce[12];
    uint8_t *out = sealed;
    uint32_t at = 0;
    do {
        uint32_t part = n - at < CHUNK ? n - at : CHUNK;
        nonce_make(nonce, hi, lo, last != 0 && at + part == n);
        chacha20(nonce, plain + at, out, part);
        tag_make(nonce, out, part, out + part);
        out += part + TAG;
        at += part;
        hi += ++lo == 0;
    } while (at < n);
    return (uint32_t)(out - sealed);
}

/* Open n bytes of sealed; the length of plain, or -1 when a chunk was changed. */
EXPORT(open) int32_t open(uint32_t n, uint32_t hi, uint32_t lo, uint32_t last)
{
    uint8_t nonce[12];
    uint8_t tag[16];
    uint8_t *out = plain;
    uint32_t at = 0;
    do {
        uint32_t part = n - at < CHUNK + TAG ? n - at : CHUNK + TAG;
        uint8_t differ = 0;
        if (part < TAG)
            return -1;
        nonce_make(nonce, hi, lo, last != 0 && at + part == n);
        tag_make(nonce, sealed + at, part - TAG, tag);
        for (uint32_t i = 0; i < TAG; i++)
            differ |= tag[i] ^ sealed[at + part - TAG + i];
        if (differ != 0)
            return -1;
        chacha20(nonce, sealed + at, out, part - TAG);
        out += part - TAG;
        at += part;
        hi += ++lo == 0;
    } while (at < n);
    return (int32_t)(out - plain);
}

/* Overwrite the key and the first chunks of both buffers, as many as were used. */
EXPORT(wipe) void wipe(uint32_t chunks)
{
    uint32_t n = chunks < CHUNKS ? chunks : CHUNKS;
    memset(key, 0, sizeof key);
    memset(plain, 0, n * CHUNK);
    memset(sealed, 0, n * (CHUNK + TAG));
    __asm__ volatile("" : : "r"(key), "r"(plain), "r"(sealed) : "memory");
}
