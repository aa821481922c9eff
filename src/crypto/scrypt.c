/* SPDX-License-Identifier: Apache-2.0 */
/* scrypt after RFC 7914, sections 3 to 6; names are those of the RFC. */
#include "crypto/scrypt.h"

#include <endian.h>
#include <stdlib.h>

#include "base/wipe.h"
#include "crypto/kdf.h"

#define BLOCK_WORDS 16u /* of one Salsa20 block */

static inline uint32_t rol(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

static inline void quarter(uint32_t x[BLOCK_WORDS], int a, int b, int c, int d)
{
    x[b] ^= rol(x[a] + x[d], 7);
    x[c] ^= rol(x[b] + x[a], 9);
    x[d] ^= rol(x[c] + x[b], 13);
    x[a] ^= rol(x[d] + x[c], 18);
}

/* Section 3: Salsa20/8. */
static void salsa20_8(uint32_t b[BLOCK_WORDS])
{
    uint32_t x[BLOCK_WORDS];
    memcpy(x, b, sizeof x);
    for (int i = 0; i < 8; i += 2) {
        quarter(x, 0, 4, 8, 12);
        quarter(x, 5, 9, 13, 1);
        quarter(x, 10, 14, 2, 6);
        quarter(x, 15, 3, 7, 11);
        quarter(x, 0, 1, 2, 3);
        quarter(x, 5, 6, 7, 4);
        quarter(x, 10, 11, 8, 9);
        quarter(x, 15, 12, 13, 14);
    }
    for (unsigned i = 0; i < BLOCK_WORDS; i++)
        b[i] += x[i];
}

static void xor_words(uint32_t *to, const uint32_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] ^= from[i];
}

/* Section 4: scryptBlockMix of b; y is scratch of the same size. */
static void block_mix(uint32_t *b, uint32_t *y, uint32_t r)
{
    uint32_t x[BLOCK_WORDS];
    size_t half = (size_t)r * BLOCK_WORDS;
    memcpy(x, b + 2 * half - BLOCK_WORDS, sizeof x);
    for (size_t i = 0; i < 2 * (size_t)r; i++) {
        xor_words(x, b + i * BLOCK_WORDS, BLOCK_WORDS);
        salsa20_8(x);
        memcpy(y + (i % 2) * half + i / 2 * BLOCK_WORDS, x, sizeof x);
    }
    memcpy(b, y, 2 * half * sizeof *b);
}

/* Section 5: scryptROMix of b; v holds N copies of it, y one. */
static void ro_mix(uint32_t *b, uint32_t *v, uint32_t *y, uint32_t r, uint64_t n)
{
    size_t words = 2 * (size_t)r * BLOCK_WORDS;
    for (uint64_t i = 0; i < n; i++) {
        memcpy(v + i * words, b, words * sizeof *b);
        block_mix(b, y, r);
    }
    for (uint64_t i = 0; i < n; i++) {
        const uint32_t *last = b + words - BLOCK_WORDS;
        uint64_t j = (last[0] | (uint64_t)last[1] << 32) & (n - 1);
        xor_words(b, v + j * words, words);
        block_mix(b, y, r);
    }
}

static void swap_words(uint32_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b[i] = le32toh(b[i]);
}

/* Section 6. */
status scrypt_plain(slice password, slice salt, unsigned log_n, uint32_t r, uint32_t p,
                    uint8_t *out, size_t n)
{
    if (log_n < 1 || log_n > 32 || r < 1 || r > 1024 || p < 1 || p > 1024)
        return E_RANGE;
    uint64_t big_n = 1ull << log_n;
    size_t words = 2 * (size_t)r * BLOCK_WORDS;
    size_t bytes = words * (big_n + p + 1) * sizeof(uint32_t);
    uint32_t *b = malloc(bytes);
    if (b == NULL)
        return E_NOMEM;
    uint32_t *y = b + p * words;
    uint32_t *v = y + words;
    size_t b_bytes = p * words * sizeof *b;
    status s = pbkdf2_sha256(password, salt, 1, (uint8_t *)b, b_bytes);
    if (s == OK) {
        swap_words(b, p * words);
        for (uint32_t i = 0; i < p; i++)
            ro_mix(b + i * words, v, y, r, big_n);
        swap_words(b, p * words);
        s = pbkdf2_sha256(password, slice_of(b, b_bytes), 1, out, n);
    }
    wipe(b, bytes);
    free(b);
    return s;
}
