/* SPDX-License-Identifier: Apache-2.0 */
/* How fast bodies are sealed and opened, in memory and as a stream, on one core.
 *
 * bench_age [MIB [ROUNDS]]: prints "what GB/s" lines, each the best of ROUNDS. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "age/age.h"

/* Time of this process on the processor, as openssl speed measures it. */
static double cpu_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void check(status st, const struct err *e)
{
    if (st == OK)
        return;
    (void)fprintf(stderr, "bench_age: %s: %s\n", status_name(st), e->msg);
    exit(1);
}

struct run {
    struct age_file_key fk;
    slice plain;
    struct buf body;
    struct buf back;
    size_t seen; /* bytes that reached the null sink */
};

static status null_write(void *ctx, slice s, struct err *reterr)
{
    struct run *r = ctx;
    (void)reterr;
    r->seen += s.n;
    return OK;
}

static void seal_memory(struct run *r)
{
    struct err e;
    buf_clear(&r->body);
    check(age_body_put(&r->body, &r->fk, r->plain, &random_system, &e), &e);
}

static void open_memory(struct run *r)
{
    struct err e;
    buf_clear(&r->back);
    check(age_body_open(&r->back, &r->fk, buf_slice(&r->body), &e), &e);
}

static void seal_stream(struct run *r)
{
    struct err e;
    slice in = r->plain;
    struct age_sink out = {null_write, r};
    check(age_body_seal_stream(&r->fk, age_src_slice(&in), out, &random_system, &e), &e);
}

static void open_stream(struct run *r)
{
    struct err e;
    slice in = buf_slice(&r->body);
    struct age_sink out = {null_write, r};
    check(age_body_open_stream(&r->fk, age_src_slice(&in), out, &e), &e);
}

static void measure(struct run *r, const char *what, void (*f)(struct run *), int rounds)
{
    double best = 0;
    for (int i = 0; i < rounds; i++) {
        double t = cpu_s();
        f(r);
        double rate = (double)r->plain.n / (cpu_s() - t) * 1e-9;
        if (rate > best)
            best = rate;
    }
    (void)printf("%s %.2f\n", what, best);
}

int main(int argc, char **argv)
{
    size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 256) << 20;
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    struct run r = {0};
    struct err e = {0};
    struct buf plain;
    buf_init(&plain, n);
    buf_init(&r.body, SIZE_MAX / 4);
    buf_init(&r.back, n);
    check(buf_put_zero(&plain, n), &e);
    memset(plain.p, 0x5a, n);
    check(age_file_key_generate(&random_system, &r.fk), &e);
    r.plain = buf_slice(&plain);
    measure(&r, "seal_memory", seal_memory, rounds);
    measure(&r, "open_memory", open_memory, rounds);
    measure(&r, "seal_stream", seal_stream, rounds);
    measure(&r, "open_stream", open_stream, rounds);
    bool same = slice_eq(buf_slice(&r.back), r.plain);
    buf_done(&plain);
    buf_done(&r.body);
    buf_done(&r.back);
    if (!same)
        (void)fprintf(stderr, "bench_age: the opened bytes differ\n");
    return same ? 0 : 1;
}
