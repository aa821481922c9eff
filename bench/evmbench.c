/* SPDX-License-Identifier: Apache-2.0 */
/* ehrd-evmbench: own time of the machine for every case of state-test files: the transaction's call
 * alone, on an in-memory host with analysed code, the best of many runs. The outcome and gas are
 * printed so that a wrong run shows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../tests/conformance/conf.h"
#include "../tests/unit/evm/memhost.h"
#include "base/file.h"
#include "codec/json.h"

#define FILE_CAP ((size_t)64 << 20)
#define RUNS_MAX 100000

static const char usage_text[] =
    "usage: ehrd-evmbench [OPTION...] PATH...\n"
    "Own time of the machine for every case of state-test files (PATH: a file, or a folder with "
    "all\n"
    "*.json below it), one line a case, the best of many runs.\n"
    "\n"
    "  --fork NAME   rules (default Osaka); --rev is the same\n"
    "  --name TEXT   only cases whose name holds TEXT\n"
    "  --min-ms N    repeat each case for at least so long (default 300)\n"
    "  --cpu         time of the processor, for cases above a millisecond on a busy machine\n"
    "  --json        one JSON object a line\n"
    "\n"
    "Exit code: 0 all were measured, 1 a file could not be read, 2 nothing was measured.\n";

static struct options {
    const char *name; /* wanted; NULL: all */
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

static struct {
    size_t cases;
    size_t files;
    size_t bad;
    double us;
    double gas;
} sums;

/* Numbers of state tests may have leading zeros; of those here 64 bits count. */
static status number(struct json v, uint64_t *ret, struct err *e)
{
    slice text;
    status s = json_str(v, &text, e);
    if (s != OK)
        return s;
    if (slice_has_prefix(text, SLICE_LIT("0x")))
        text = slice_after(text, 2);
    *ret = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i] | 0x20;
        bool digit = c >= '0' && c <= '9';
        if (!digit && (c < 'a' || c > 'f'))
            return json_err(e, E_SYNTAX, v, "no number");
        *ret = *ret << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    return OK;
}

static status load_pre(struct memhost *m, struct json pre, struct err *e)
{
    status s = json_want_object(pre, e);
    if (s == OK && json_count(pre) >= MEM_ACCOUNTS / 2)
        s = json_err(e, E_TOO_LONG, pre, "more than %d accounts", MEM_ACCOUNTS / 2);
    for (struct json_iter it = json_iter(pre); s == OK && json_next(&it);) {
        addr20 a;
        slice code;
        uint64_t balance = 0;
        s = json_hex_addr(it.key, &a, e);
        if (s == OK)
            s = json_hex_bytes(json_get(it.value, "code"), &code, e);
        if (s == OK)
            s = number(json_get(it.value, "balance"), &balance, e);
        if (s == OK)
            (void)memhost_put(m, a, u256_from_u64(balance), code);
    }
    return s;
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

static status run_case(struct json test, const struct bench_case *c, struct err *e)
{
    struct memhost *m = memhost_new(opt.rev);
    struct evm_msg msg = {.gas = c->gas, .recipient = c->to, .code_addr = c->to, .input = c->input};
    struct evm_result r = {.status = EVM_SUCCESS};
    int64_t best = INT64_MAX;
    int64_t spent = 0;
    int runs = 0;
    status s = load_pre(m, json_get(test, "pre"), e);
    m->block.gas_limit = (uint64_t)c->gas;
    msg.sender.b[0] = 0xa9;
    for (; s == OK && runs < RUNS_MAX && (runs < 3 || spent < (int64_t)opt.min_ms * 1000000);
         runs++) {
        int64_t ns = memhost_run_timed(m, &msg, &r, now_ns);
        spent += ns;
        best = ns < best ? ns : best;
    }
    if (s == OK) {
        sums.cases++;
        sums.us += (double)best / 1000;
        sums.gas += (double)(c->gas - r.gas_left);
        report(c, &r, best, runs);
    }
    memhost_free(m);
    return s;
}

static bool is_wanted(const struct bench_case *c)
{
    char full[256];
    (void)snprintf(full, sizeof full, "%s/%.*s", c->name, (int)c->label.n,
                   (const char *)c->label.p);
    return opt.name == NULL || strstr(full, opt.name) != NULL;
}

static status run_test(slice name, struct json test, struct err *e)
{
    char text[128];
    uint64_t gas = 0;
    struct json tx = json_get(test, "transaction");
    struct json labels = json_get(json_get(test, "_info"), "labels");
    struct bench_case c = {.name = text};
    (void)snprintf(text, sizeof text, "%.*s", (int)name.n, (const char *)name.p);
    status s = json_hex_addr(json_get(tx, "to"), &c.to, e);
    if (s == OK)
        s = number(json_at(json_get(tx, "gasLimit"), 0), &gas, e);
    if (s == OK && gas > INT64_MAX)
        s = ERR(e, E_RANGE, "gasLimit above 2^63");
    if (s == OK)
        s = json_want_array(json_get(tx, "data"), e);
    c.gas = (int64_t)gas;
    size_t i = 0;
    for (struct json_iter it = json_iter(json_get(tx, "data")); s == OK && json_next(&it); i++) {
        char index[24];
        (void)snprintf(index, sizeof index, "%zu", i);
        struct json label = json_get(labels, index);
        if (json_is_absent(label) || json_str(label, &c.label, e) != OK)
            c.label = slice_str(index);
        s = json_hex_bytes(it.value, &c.input, e);
        if (s == OK && is_wanted(&c))
            s = run_case(test, &c, e);
    }
    return s;
}

static void run_file(const char *path)
{
    struct err e = {.msg = ""};
    struct buf text;
    struct arena arena;
    struct json_doc doc;
    buf_init(&text, FILE_CAP);
    arena_init(&arena, 16 * FILE_CAP, false);
    status s = file_read(path, &text, &e);
    if (s == OK)
        s = json_read(buf_slice(&text), &arena, &doc, &e);
    if (s == OK && json_count(json_root(&doc)) == 0)
        s = ERR(&e, E_MISSING, "no test in it");
    if (s == OK)
        for (struct json_iter it = json_iter(json_root(&doc)); s == OK && json_next(&it);) {
            slice name;
            s = json_str(it.key, &name, &e);
            if (s == OK)
                s = run_test(name, it.value, &e);
        }
    sums.files++;
    if (s != OK) {
        sums.bad++;
        (void)fprintf(stderr, "FAILED %s: %s\n", path, e.msg[0] != 0 ? e.msg : status_text(s));
    }
    arena_done(&arena);
    buf_done(&text);
}

static bool read_option(int argc, char **argv, int *i)
{
    const char *name = argv[*i];
    if (strcmp(name, "--json") == 0)
        return opt.json = true;
    if (strcmp(name, "--cpu") == 0) {
        opt.clock = CLOCK_THREAD_CPUTIME_ID;
        return true;
    }
    if (*i + 1 >= argc)
        return false;
    const char *value = argv[++*i];
    if (strcmp(name, "--rev") == 0 || strcmp(name, "--fork") == 0)
        return evm_rev_read(slice_str(value), &opt.rev) == OK;
    if (strcmp(name, "--name") == 0)
        return (opt.name = value) != NULL;
    char *end;
    long ms = strtol(value, &end, 10);
    opt.min_ms = (int)ms;
    return strcmp(name, "--min-ms") == 0 && *end == 0 && end != value && ms >= 0 && ms <= 600000;
}

static void summary(void)
{
    if (opt.json)
        (void)printf("{\"cases\":%zu,\"files\":%zu,\"bad_files\":%zu,\"us\":%.3f,\"gas\":%.0f}\n",
                     sums.cases, sums.files, sums.bad, sums.us, sums.gas);
    else
        (void)printf("evmbench: %zu cases of %zu files, %zu files bad; %.3f ms, %.2f Mgas/s\n",
                     sums.cases, sums.files, sums.bad, sums.us / 1000,
                     sums.us > 0 ? sums.gas / sums.us : 0);
}

int main(int argc, char **argv)
{
    struct err e = {.msg = ""};
    struct conf_files files;
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++)
        if (!read_option(argc, argv, &i)) {
            bool help = strcmp(argv[i], "--help") == 0;
            (void)fputs(usage_text, help ? stdout : stderr);
            return help ? 0 : 2;
        }
    if (i == argc) {
        (void)fputs(usage_text, stderr);
        return 2;
    }
    if (conf_files_find(argv + i, (size_t)(argc - i), ".json", &files, &e) != OK) {
        (void)fprintf(stderr, "ehrd-evmbench: %s\n", e.msg);
        return 2;
    }
    for (size_t k = 0; k < files.n; k++)
        run_file(files.path[k]);
    conf_files_done(&files);
    summary();
    if (sums.cases == 0)
        (void)fputs("ehrd-evmbench: no case was measured\n", stderr);
    return sums.bad > 0 ? 1 : sums.cases == 0 ? 2 : 0;
}
