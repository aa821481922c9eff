/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak-256 of the sizes that contracts and the trie hash, beside OpenSSL's SHA3-256, which is the
 * same permutation with another padding: best of several rounds each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>

#include "crypto/keccak.h"

#define ROUNDS 25
#define ROUND_NS 2000000

typedef void digest(slice in, hash32 *ret);

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static EVP_MD_CTX *sha3_ctx;
static const EVP_MD *sha3;

static void sha3_256(slice in, hash32 *ret)
{
    if (EVP_DigestInit_ex(sha3_ctx, sha3, NULL) != 1 ||
        EVP_DigestUpdate(sha3_ctx, in.p, in.n) != 1 ||
        EVP_DigestFinal_ex(sha3_ctx, ret->b, NULL) != 1)
        abort();
}

/* Nanoseconds of one digest. Each hashes what the one before it gave, so none is left out. */
static double best_ns(digest *f, uint8_t *data, size_t n)
{
    double best = 1e18;
    int64_t count = 16;
    for (int round = 0; round < ROUNDS; round++) {
        hash32 h;
        int64_t start = now_ns();
        for (int64_t i = 0; i < count; i++) {
            f(slice_of(data, n), &h);
            data[0] = h.b[0];
        }
        double spent = (double)(now_ns() - start) / (double)count;
        best = spent < best ? spent : best;
        count = (int64_t)((double)ROUND_NS / spent) + 1;
    }
    return best;
}

int main(void)
{
    static uint8_t data[1 << 20];
    static const size_t sizes[] = {32, 64, 136, 532, 1088, sizeof data};
    sha3_ctx = EVP_MD_CTX_new();
    sha3 = EVP_sha3_256();
    if (sha3_ctx == NULL)
        return 1;
    printf("%9s %14s %18s %10s\n", "bytes", "keccak256 ns", "OpenSSL SHA3 ns", "MB/s ours");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        double ours = best_ns(keccak256, data, sizes[i]);
        double theirs = best_ns(sha3_256, data, sizes[i]);
        printf("%9zu %14.0f %18.0f %10.0f\n", sizes[i], ours, theirs,
               (double)sizes[i] * 1000 / ours);
    }
    EVP_MD_CTX_free(sha3_ctx);
    return 0;
}
