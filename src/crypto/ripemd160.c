/* SPDX-License-Identifier: Apache-2.0 */
/* RIPEMD-160: two lines of five rounds of sixteen steps, joined crosswise. */
#include "crypto/ripemd160.h"

#include <endian.h>

/* Which word of the block each step takes, and by how much it rotates: left line, right line. */
static const uint8_t word_l[80] = {
    0,  1, 2,  3, 4,  5,  6, 7,  8, 9,  10, 11, 12, 13, 14, 15, 7,  4,  13, 1,
    10, 6, 15, 3, 12, 0,  9, 5,  2, 14, 11, 8,  3,  10, 14, 4,  9,  15, 8,  1,
    2,  7, 0,  6, 13, 11, 5, 12, 1, 9,  11, 10, 0,  8,  12, 4,  13, 3,  7,  15,
    14, 5, 6,  2, 4,  0,  5, 9,  7, 12, 2,  10, 14, 1,  3,  8,  11, 6,  15, 13,
};
static const uint8_t word_r[80] = {
    5,  14, 7,  0,  9,  2,  11, 4,  13, 6, 15, 8, 1,  10, 3,  12, 6, 11, 3, 7,
    0,  13, 5,  10, 14, 15, 8,  12, 4,  9, 1,  2, 15, 5,  1,  3,  7, 14, 6, 9,
    11, 8,  12, 2,  10, 0,  4,  13, 8,  6, 4,  1, 3,  11, 15, 0,  5, 12, 2, 13,
    9,  7,  10, 14, 12, 15, 10, 4,  1,  5, 8,  7, 6,  2,  13, 14, 0, 3,  9, 11,
};
static const uint8_t rot_l[80] = {
    11, 14, 15, 12, 5, 8,  7,  9,  11, 13, 14, 15, 6,  7,  9,  8,  7,  6,  8,  13,
    11, 9,  7,  15, 7, 12, 15, 9,  11, 7,  13, 12, 11, 13, 6,  7,  14, 9,  13, 15,
    14, 8,  13, 6,  5, 12, 7,  5,  11, 12, 14, 15, 14, 15, 9,  8,  9,  14, 5,  6,
    8,  6,  5,  12, 9, 15, 5,  11, 6,  8,  13, 12, 5,  12, 13, 14, 11, 8,  5,  6,
};
static const uint8_t rot_r[80] = {
    8,  9,  9,  11, 13, 15, 15, 5, 7,  7,  8,  11, 14, 14, 12, 6,  9,  13, 15, 7,
    12, 8,  9,  11, 7,  7,  12, 7, 6,  15, 13, 11, 9,  7,  15, 11, 8,  6,  6,  14,
    12, 13, 5,  14, 13, 13, 7,  5, 15, 5,  8,  11, 14, 14, 6,  14, 6,  9,  12, 9,
    12, 5,  15, 8,  8,  5,  12, 9, 12, 5,  14, 6,  8,  13, 6,  5,  15, 13, 11, 11,
};
static const uint32_t add_l[5] = {0, 0x5a827999u, 0x6ed9eba1u, 0x8f1bbcdcu, 0xa953fd4eu};
static const uint32_t add_r[5] = {0x50a28be6u, 0x5c4dd124u, 0x6d703ef3u, 0x7a6d76e9u, 0};

static inline uint32_t rol(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

static inline uint32_t mix(unsigned round, uint32_t x, uint32_t y, uint32_t z)
{
    switch (round) {
    case 0:
        return x ^ y ^ z;
    case 1:
        return (x & y) | (~x & z);
    case 2:
        return (x | ~y) ^ z;
    case 3:
        return (x & z) | (y & ~z);
    default:
        return x ^ (y | ~z);
    }
}

static void line(uint32_t v[5], const uint32_t x[16], const uint8_t word[80], const uint8_t rot[80],
                 const uint32_t add[5], bool right)
{
    uint32_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4];
    for (unsigned round = 0; round < 5; round++) {
        unsigned f = right ? 4 - round : round;
        for (unsigned j = 16 * round; j < 16 * round + 16; j++) {
            uint32_t t = rol(a + mix(f, b, c, d) + x[word[j]] + add[round], rot[j]) + e;
            a = e;
            e = d;
            d = rol(c, 10);
            c = b;
            b = t;
        }
    }
    v[0] = a;
    v[1] = b;
    v[2] = c;
    v[3] = d;
    v[4] = e;
}

static void compress(uint32_t h[5], const uint8_t block[64])
{
    uint32_t x[16], l[5], r[5];
    memcpy(x, block, 64);
    for (unsigned i = 0; i < 16; i++)
        x[i] = le32toh(x[i]);
    memcpy(l, h, sizeof l);
    memcpy(r, h, sizeof r);
    line(l, x, word_l, rot_l, add_l, false);
    line(r, x, word_r, rot_r, add_r, true);
    uint32_t t = h[1] + l[2] + r[3];
    h[1] = h[2] + l[3] + r[4];
    h[2] = h[3] + l[4] + r[0];
    h[3] = h[4] + l[0] + r[1];
    h[4] = h[0] + l[1] + r[2];
    h[0] = t;
}

void ripemd160(slice in, uint8_t ret[20])
{
    uint32_t h[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
    uint8_t last[128] = {0};
    size_t whole = in.n / 64 * 64;
    for (size_t at = 0; at < whole; at += 64)
        compress(h, in.p + at);
    slice rest = slice_after(in, whole);
    if (rest.n > 0)
        memcpy(last, rest.p, rest.n);
    last[rest.n] = 0x80;
    size_t n = rest.n < 56 ? 64 : 128;
    uint64_t bits = htole64((uint64_t)in.n * 8);
    memcpy(last + n - 8, &bits, 8);
    for (size_t at = 0; at < n; at += 64)
        compress(h, last + at);
    for (unsigned i = 0; i < 5; i++) {
        uint32_t v = htole32(h[i]);
        memcpy(ret + 4 * i, &v, 4);
    }
}
