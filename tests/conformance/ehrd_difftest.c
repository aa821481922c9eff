/* SPDX-License-Identifier: Apache-2.0 */
/* ehrd-difftest: random bytecode and transactions on anvil and here, compared step by step. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "diff_case.h"

#define FAILURES_SHOWN 20u
#define CASES_PER_NODE 4000u /* anvil keeps what it has mined, snapshots or not */

static const char usage_text[] =
    "usage: ehrd-difftest [OPTION...]\n"
    "Random contracts and transactions, executed by anvil and by this machine: each step's pc,\n"
    "opcode, gas, cost, depth and stack are compared (memory and return data in every eighth\n"
    "case), then receipts and the block's roots.\n"
    "\n"
    "  --seed N      the first case's seed (default: the time)\n"
    "  --cases N     how many (default 500)\n"
    "  --seconds N   instead: go on for so long; --minutes N the same in minutes\n"
    "  --rev NAME    our machine's rules (default Osaka, as anvil's)\n"
    "  --plant WHAT  put a fault in, which must be found: cost, stack, code or balance\n"
    "  --drop LIST   leave these pieces of the cases out, as a shrunk case was printed with\n"
    "  --shrink      make each failing case small and print it\n"
    "  --print       print the cases\n"
    "\n"
    "Exit code: 0 no difference, 1 some, 2 nothing was compared. anvil: see tools/anvil-path, or\n"
    "the environment variable EHRD_ANVIL.\n";

static struct options {
    uint64_t seed;
    uint64_t cases;
    uint64_t seconds;
    enum evm_rev rev;
    enum diff_plant plant;
    bool shrink;
    bool print;
    bool has_drop;
    uint8_t drop[DIFF_PIECES / 8];
} opt = {.cases = 500, .rev = EVM_OSAKA};

static uint64_t now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

static bool read_number(const char *text, uint64_t *ret)
{
    u256 v;
    if (text == NULL || u256_read_dec(slice_str(text), &v) != OK || !u256_fits_u64(v))
        return false;
    *ret = v.w[0];
    return true;
}

static bool read_plant(const char *text)
{
    static const char *const names[] = {[PLANT_COST] = "cost",
                                        [PLANT_STACK] = "stack",
                                        [PLANT_CODE] = "code",
                                        [PLANT_BALANCE] = "balance"};
    for (size_t i = 1; text != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            opt.plant = (enum diff_plant)i;
            return true;
        }
    return false;
}

/* 3,17-20,… */
static bool read_drop(const char *text)
{
    opt.has_drop = true;
    while (text != NULL && *text != 0) {
        char *end;
        unsigned long from = strtoul(text, &end, 10);
        unsigned long to = from;
        if (end == text)
            return false;
        if (*end == '-') {
            text = end + 1;
            to = strtoul(text, &end, 10);
        }
        if (end == text || to >= DIFF_PIECES || from > to || (*end != 0 && *end != ','))
            return false;
        for (; from <= to; from++)
            opt.drop[from / 8] = (uint8_t)(opt.drop[from / 8] | 1u << from % 8);
        text = *end == ',' ? end + 1 : end;
    }
    return text != NULL;
}

static bool read_option(const char *name, const char *value, int *used)
{
    uint64_t minutes;
    *used = 2;
    if (strcmp(name, "--seed") == 0)
        return read_number(value, &opt.seed);
    if (strcmp(name, "--cases") == 0)
        return read_number(value, &opt.cases);
    if (strcmp(name, "--seconds") == 0)
        return read_number(value, &opt.seconds);
    if (strcmp(name, "--minutes") == 0 && read_number(value, &minutes)) {
        opt.seconds = minutes * 60;
        return true;
    }
    if (strcmp(name, "--rev") == 0)
        return value != NULL && evm_rev_read(slice_str(value), &opt.rev) == OK;
    if (strcmp(name, "--plant") == 0)
        return read_plant(value);
    if (strcmp(name, "--drop") == 0)
        return read_drop(value);
    *used = 1;
    if (strcmp(name, "--shrink") == 0)
        return opt.shrink = true;
    return strcmp(name, "--print") == 0 && (opt.print = true);
}

static void print_drop(const uint8_t *drop)
{
    const char *sep = " --drop ";
    for (size_t i = 0; i < DIFF_PIECES; i++) {
        size_t to = i;
        if ((drop[i / 8] >> i % 8 & 1) == 0)
            continue;
        while (to + 1 < DIFF_PIECES && (drop[(to + 1) / 8] >> (to + 1) % 8 & 1) != 0)
            to++;
        (void)printf(to > i ? "%s%zu-%zu" : "%s%zu", sep, i, to);
        sep = ",";
        i = to;
    }
}

/* One line per failing case, with how to see it again. */
static status report(struct diff_bench *d, uint64_t seed, const char *text, struct err *e)
{
    uint8_t drop[DIFF_PIECES / 8];
    char small[1024] = "";
    memcpy(drop, opt.drop, sizeof drop);
    (void)printf("FAILED seed %llu: %s\n", (unsigned long long)seed, text);
    if (!opt.shrink)
        return OK;
    struct diff_counts counts = d->counts;
    status s = diff_case_shrink(d, seed, drop, e);
    if (s == OK)
        s = diff_case_run(d, seed, drop, small, sizeof small, e);
    d->counts = counts;
    if (s != OK)
        return s;
    (void)printf("  smaller: --seed %llu --cases 1", (unsigned long long)seed);
    print_drop(drop);
    (void)printf("\n  %s\n", small);
    return diff_case_print(d, seed, drop);
}

static void summary(const struct diff_bench *d, uint64_t seconds)
{
    const struct diff_counts *n = &d->counts;
    (void)printf("%llu transactions (types 0/1/2/4: %llu/%llu/%llu/%llu, %llu creations, %llu "
                 "failed or reverted), %llu refused by both\n",
                 (unsigned long long)n->txs, (unsigned long long)n->types[0],
                 (unsigned long long)n->types[1], (unsigned long long)n->types[2],
                 (unsigned long long)n->types[4], (unsigned long long)n->creations,
                 (unsigned long long)n->reverted, (unsigned long long)n->refused);
    (void)printf("%llu steps compared, %llu transactions with memory and return data, %llu too "
                 "long to trace (outcome and state compared), %llu s\n",
                 (unsigned long long)n->steps, (unsigned long long)n->with_memory,
                 (unsigned long long)n->untraced, (unsigned long long)seconds);
    for (size_t i = 0; i < DIFF_QUIRK_COUNT; i++)
        if (n->quirk[i] > 0)
            (void)printf("known difference, %llu times: %s\n", (unsigned long long)n->quirk[i],
                         diff_quirk_text((enum diff_quirk)i));
    (void)printf("difftest: %llu passed, %llu failed, 0 skipped\n",
                 (unsigned long long)(n->cases - n->failed), (unsigned long long)n->failed);
}

static status run(struct diff_bench *d, struct err *e)
{
    uint64_t start = now_s();
    status s = OK;
    for (uint64_t i = 0; s == OK && d->counts.failed < FAILURES_SHOWN; i++) {
        char text[1024];
        if (opt.seconds > 0 ? now_s() - start >= opt.seconds : i >= opt.cases)
            break;
        if (i > 0 && i % CASES_PER_NODE == 0) {
            diff_node_stop(&d->node);
            s = diff_node_start(&d->node, &d->people, e);
        }
        if (s == OK && opt.print)
            s = diff_case_print(d, opt.seed + i, opt.drop);
        if (s == OK)
            s = diff_case_run(d, opt.seed + i, opt.drop, text, sizeof text, e);
        if (s == OK && text[0] != 0)
            s = report(d, opt.seed + i, text, e);
        if (s != OK)
            (void)printf("seed %llu: %s\n", (unsigned long long)(opt.seed + i), e->msg);
        (void)fflush(stdout);
    }
    summary(d, now_s() - start);
    return s;
}

int main(int argc, char **argv)
{
    static struct diff_bench d;
    struct err e = {.msg = ""};
    opt.seed = (uint64_t)time(NULL) * 1000;
    for (int i = 1, used; i < argc; i += used)
        if (!read_option(argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used)) {
            (void)fputs(usage_text, strcmp(argv[i], "--help") == 0 ? stdout : stderr);
            return strcmp(argv[i], "--help") == 0 ? 0 : 2;
        }
    d.rev = opt.rev;
    d.plant = opt.plant;
    d.vm = evm_new();
    status s = d.vm == NULL ? E_NOMEM : secp_init(&random_system);
    if (s == OK)
        s = diff_people_init(&d.people);
    if (s == OK)
        s = diff_node_start(&d.node, &d.people, &e);
    (void)printf("seed %llu\n", (unsigned long long)opt.seed);
    if (s == OK)
        s = run(&d, &e);
    else
        (void)fprintf(stderr, "ehrd-difftest: %s: %s\n", status_text(s), e.msg);
    diff_node_stop(&d.node);
    evm_free(d.vm);
    secp_done();
    return s != OK || d.counts.cases == 0 ? 2 : d.counts.failed > 0 ? 1 : 0;
}
