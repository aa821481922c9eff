/* SPDX-License-Identifier: Apache-2.0 */
/* ehrd-evmbench [--json] [--cpu] [--rev NAME] [--min-ms N] PATH...: own time of the machine for
 * every case of state-test files: the transaction's call alone, on an in-memory host with analysed
 * code, the best of many runs. PATH is a file; the outcome and gas are printed so that a wrong run
 * shows. --cpu: time of the processor, for cases above a millisecond on a busy machine. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../tests/unit/evm/memhost.h"
#include "base/file.h"
#include "codec/json.h"

#define FILE_CAP ((size_t)64 << 20)
#define RUNS_MAX 100000

static struct options {
    bool json;
    clockid_t clock;
    enum evm_rev rev;
    int min_ms; /* repeat a case for at least so long */
} opt = {.clock = CLOCK_MONOTONIC, .rev = EVM_OSAKA, .min_ms = 300};

struct bench_case {
    const char *name;
    slice label;
    slice input;
    addr20 to;
    int64_t gas;
};

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(opt.clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void die(const char *what, const struct err *e)
{
    (void)fprintf(stderr, "ehrd-evmbench: %s: %s\n", what, e->msg);
    exit(1);
}

/* Numbers of state tests may have leading zeros. */
static u256 number(struct json v, const char *what)
{
    struct err e;
    slice text;
    if (json_str(v, &text, &e) != OK)
        die(what, &e);
    u256 r = {{0}};
    for (size_t i = 2; i < text.n; i++) {
        uint8_t c = text.p[i] | 0x20;
        r.w[0] = r.w[0] << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return r;
}

static void load_pre(struct memhost *m, struct json pre)
{
    struct err e;
    for (struct json_iter it = json_iter(pre); json_next(&it);) {
        addr20 a;
        slice code;
        if (json_hex_addr(it.key, &a, &e) != OK ||
            json_hex_bytes(json_get(it.value, "code"), &code, &e) != OK)
            die("pre", &e);
        (void)memhost_put(m, a, number(json_get(it.value, "balance"), "balance"), code);
    }
}

static void report(const struct bench_case *c, const struct evm_result *r, int64_t best, int runs)
{
    int64_t gas = c->gas - r->gas_left;
    double ns = (double)best;
    if (opt.json)
        (void)printf("{\"case\":\"%s/%.*s\",\"status\":\"%s\",\"gas\":%" PRId64
                     ",\"us\":%.3f,\"runs\":%d}\n",
                     c->name, (int)c->label.n, (const char *)c->label.p, evm_status_text(r->status),
                     gas, ns / 1000, runs);
    else
        (void)printf("%-20s %-24.*s %-20s %12" PRId64 " gas %12.3f us %8.2f Mgas/s\n", c->name,
                     (int)c->label.n, (const char *)c->label.p, evm_status_text(r->status), gas,
                     ns / 1000, (double)gas * 1000 / ns);
}

static void run_case(struct json test, const struct bench_case *c)
{
    struct memhost *m = memhost_new(opt.rev);
    struct evm_msg msg = {.gas = c->gas, .recipient = c->to, .code_addr = c->to, .input = c->input};
    struct evm_result r;
    int64_t best = INT64_MAX;
    int64_t spent = 0;
    int runs = 0;
    load_pre(m, json_get(test, "pre"));
    m->block.gas_limit = (uint64_t)c->gas;
    msg.sender.b[0] = 0xa9;
    for (; runs < RUNS_MAX && (runs < 3 || spent < (int64_t)opt.min_ms * 1000000); runs++) {
        int64_t ns = memhost_run_timed(m, &msg, &r, now_ns);
        spent += ns;
        best = ns < best ? ns : best;
    }
    report(c, &r, best, runs);
    memhost_free(m);
}

static void run_test(slice name, struct json test)
{
    struct err e;
    char text[128];
    struct json tx = json_get(test, "transaction");
    struct json labels = json_get(json_get(test, "_info"), "labels");
    struct bench_case c = {.name = text};
    (void)snprintf(text, sizeof text, "%.*s", (int)name.n, (const char *)name.p);
    if (json_hex_addr(json_get(tx, "to"), &c.to, &e) != OK)
        die(text, &e);
    c.gas = (int64_t)number(json_at(json_get(tx, "gasLimit"), 0), "gasLimit").w[0];
    size_t i = 0;
    for (struct json_iter it = json_iter(json_get(tx, "data")); json_next(&it); i++) {
        char index[24];
        (void)snprintf(index, sizeof index, "%zu", i);
        struct json label = json_get(labels, index);
        if (json_is_absent(label) || json_str(label, &c.label, &e) != OK)
            c.label = slice_str(index);
        if (json_hex_bytes(it.value, &c.input, &e) != OK)
            die(text, &e);
        run_case(test, &c);
    }
}

static void run_file(const char *path)
{
    struct err e;
    struct buf text;
    struct arena arena;
    struct json_doc doc;
    buf_init(&text, FILE_CAP);
    arena_init(&arena, FILE_CAP, false);
    if (file_read(path, &text, &e) != OK || json_read(buf_slice(&text), &arena, &doc, &e) != OK)
        die(path, &e);
    for (struct json_iter it = json_iter(json_root(&doc)); json_next(&it);) {
        slice name;
        if (json_str(it.key, &name, &e) != OK)
            die(path, &e);
        run_test(name, it.value);
    }
    arena_done(&arena);
    buf_done(&text);
}

static int usage(void)
{
    (void)fputs("usage: ehrd-evmbench [--json] [--cpu] [--rev NAME] [--min-ms N] FILE...\n",
                stderr);
    return 2;
}

int main(int argc, char **argv)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--json") == 0)
            opt.json = true;
        else if (strcmp(argv[i], "--cpu") == 0)
            opt.clock = CLOCK_THREAD_CPUTIME_ID;
        else if (strcmp(argv[i], "--rev") == 0 && i + 1 < argc) {
            if (evm_rev_read(slice_str(argv[++i]), &opt.rev) != OK)
                return usage();
        } else if (strcmp(argv[i], "--min-ms") == 0 && i + 1 < argc)
            opt.min_ms = (int)strtol(argv[++i], NULL, 10);
        else
            return usage();
    }
    if (i == argc)
        return usage();
    for (; i < argc; i++)
        run_file(argv[i]);
    return 0;
}
