/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) of bytes as they come: the browser's own takes whole messages only. */
#include "wasm.h"

static uint32_t h[8];
static uint8_t block[64];
static uint64_t total;

static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define ROR(v, n) ((v) >> (n) | (v) << (32 - (n)))
#define ROUND(a, b, c, d, e, f, g, hh, i)                                                          \
    do {                                                                                           \
        uint32_t t1 =                                                                              \
            hh + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + (g ^ (e & (f ^ g))) + k[i] + w[(i)&15];   \
        uint32_t t2 = (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + ((a & b) | (c & (a | b)));           \
        d += t1;                                                                                   \
        hh = t1 + t2;                                                                              \
    } while (0)
#define EIGHT(i)                                                                                   \
    do {                                                                                           \
        ROUND(a, b, c, d, e, f, g, hh, i);                                                         \
        ROUND(hh, a, b, c, d, e, f, g, (i) + 1);                                                   \
        ROUND(g, hh, a, b, c, d, e, f, (i) + 2);                                                   \
        ROUND(f, g, hh, a, b, c, d, e, (i) + 3);                                                   \
        ROUND(e, f, g, hh, a, b, c, d, (i) + 4);                                                   \
        ROUND(d, e, f, g, hh, a, b, c, (i) + 5);                                                   \
        ROUND(c, d, e, f, g, hh, a, b, (i) + 6);                                                   \
        ROUND(b, c, d, e, f, g, hh, a, (i) + 7);                                                   \
    } while (0)

static void compress(const uint8_t *p, uint32_t n)
{
    for (; n >= 64; n -= 64, p += 64) {
        uint32_t w[16];
        uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], hh = h[7];
        for (int i = 0; i < 16; i++)
            w[i] = __builtin_bswap32(load32(p + 4 * i));
        EIGHT(0);
        EIGHT(8);
        for (int r = 16; r < 64; r += 16) {
#pragma clang loop unroll(full)
            for (int i = 0; i < 16; i++) {
                uint32_t x = w[(i + 1) & 15];
                uint32_t y = w[(i + 14) & 15];
                w[i] += (ROR(x, 7) ^ ROR(x, 18) ^ x >> 3) + w[(i + 9) & 15] +
                        (ROR(y, 17) ^ ROR(y, 19) ^ y >> 10);
            }
            EIGHT(r);
            EIGHT(r + 8);
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d;
        h[4] += e, h[5] += f, h[6] += g, h[7] += hh;
    }
}

EXPORT(sha_begin) void sha_begin(void)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (int i = 0; i < 8; i++)
        h[i] = start[i];
    total = 0;
}

/* The first n bytes of the buffer plain. */
EXPORT(sha_take) void sha_take(uint32_t n)
{
    const uint8_t *p = plain;
    uint32_t held = (uint32_t)(total % 64);
    total += n;
    for (; held > 0 && n > 0; n--) {
        block[held++] = *p++;
        if (held == 64) {
            compress(block, 64);
            held = 0;
        }
    }
    compress(p, n);
    for (uint32_t i = n - n % 64; i < n; i++)
        block[held++] = p[i];
}

/* The digest into the first 32 bytes of the buffer plain. */
EXPORT(sha_end) void sha_end(void)
{
    uint64_t bits = total * 8;
    uint32_t held = (uint32_t)(total % 64);
    block[held++] = 0x80;
    if (held > 56) {
        while (held < 64)
            block[held++] = 0;
        compress(block, 64);
        held = 0;
    }
    while (held < 56)
        block[held++] = 0;
    for (int i = 0; i < 8; i++)
        block[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
    compress(block, 64);
    for (int i = 0; i < 32; i++)
        plain[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}
