/* SPDX-License-Identifier: Apache-2.0 */
/* Time of each precompiled contract, over the calls of a vector file.
 *
 * bench_precompile FILE [ADDRESS]: for every address (hexadecimal) of
 * tests/unit/evm/precompile_vectors.txt, the mean and the slowest of its calls that succeed, each
 * the best of several rounds, and the slowest in nanoseconds per gas. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/hex.h"
#include "evm/precompile.h"

#define ROUNDS 7
#define ADDRESSES 0x101u

struct sum {
    double total, worst, worst_per_gas;
    unsigned n;
};

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static slice next_word(slice *line)
{
    const uint8_t *end = line->n > 0 ? memchr(line->p, ' ', line->n) : NULL;
    size_t n = end != NULL ? (size_t)(end - line->p) : line->n;
    slice word = slice_first(*line, n);
    *line = slice_after(*line, n + 1);
    return word;
}

/* Best time of one call in microseconds; < 0 if it fails. */
static double call_us(enum evm_rev rev, const addr20 *a, slice in, struct buf *out, int64_t *gas)
{
    struct precompile_result r;
    double best = 1e12;
    unsigned calls = 1;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_us();
        for (unsigned i = 0; i < calls; i++)
            if (precompile_run(rev, a, in, INT64_MAX, out, &r) != OK || !r.ok)
                return -1;
        double took = (now_us() - start) / calls;
        best = took < best ? took : best;
        calls = took > 0.001 && took < 500 ? (unsigned)(1000 / took) + 1 : calls;
    }
    *gas = r.gas_cost;
    return best;
}

static void measure(slice line, struct sum sums[ADDRESSES], long only, struct buf *out)
{
    char hex[8];
    int64_t gas = 0;
    (void)next_word(&line);
    slice rev = next_word(&line), addr = next_word(&line), price = next_word(&line);
    if (slice_eq_str(price, "fail") || slice_eq_str(rev, "Byzantium"))
        return;
    (void)snprintf(hex, sizeof hex, "%.*s", (int)addr.n, (const char *)addr.p);
    unsigned long n = strtoul(hex, NULL, 16);
    struct buf in;
    buf_init(&in, (size_t)1 << 20);
    slice text = next_word(&line);
    if (n >= ADDRESSES || (only > 0 && n != (unsigned long)only) ||
        (!slice_eq_str(text, "-") && hex_read_buf(text, &in) != OK))
        return;
    addr20 a = {{0}};
    a.b[18] = (uint8_t)(n >> 8);
    a.b[19] = (uint8_t)n;
    double us = call_us(EVM_OSAKA, &a, buf_slice(&in), out, &gas);
    buf_done(&in);
    if (us < 0)
        return;
    struct sum *s = &sums[n];
    s->n++;
    s->total += us;
    s->worst = us > s->worst ? us : s->worst;
    double per_gas = gas > 0 ? us * 1000 / (double)gas : 0;
    s->worst_per_gas = per_gas > s->worst_per_gas ? per_gas : s->worst_per_gas;
}

int main(int argc, char **argv)
{
    static struct sum sums[ADDRESSES];
    struct buf file, out;
    struct err e;
    buf_init(&file, (size_t)16 << 20);
    buf_init(&out, PRECOMPILE_OUTPUT_CAP);
    if (argc < 2 || file_read(argv[1], &file, &e) != OK) {
        (void)fprintf(stderr, "bench_precompile FILE [ADDRESS]: no vectors\n");
        return 1;
    }
    long only = argc > 2 ? strtol(argv[2], NULL, 16) : 0;
    for (slice rest = buf_slice(&file); rest.n > 0;) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
        if (n > 0 && rest.p[0] != '#')
            measure(slice_first(rest, n), sums, only, &out);
        rest = slice_after(rest, n + 1);
    }
    for (unsigned i = 0; i < ADDRESSES; i++)
        if (sums[i].n > 0)
            printf("%03x %3u calls, mean %10.2f us, slowest %10.2f us, at most %7.2f ns per gas\n",
                   i, sums[i].n, sums[i].total / sums[i].n, sums[i].worst, sums[i].worst_per_gas);
    buf_done(&file);
    buf_done(&out);
    return 0;
}
