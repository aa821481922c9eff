/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments, threads and the report. */
#include "conf.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define STACK_BYTES ((size_t)256 << 20) /* 1,025 frames of the EVM, sanitizers included */
#define ARENA_CAP ((size_t)2 << 30)
#define LINES_CAP ((size_t)256 << 20)
#define JOBS_MAX 256
#define EVERY_MAX 1000000

struct options {
    const char *fork;
    const char *name;
    bool json;
    long jobs;
    long every;
    char **paths;
    size_t n_paths;
};

/* One run of conf_main: files are taken by the threads in order, each opt->every-th. */
struct pool {
    const struct conf_suite *suite;
    const struct options *opt;
    struct conf_files files;
    atomic_size_t next;
    pthread_mutex_t lock; /* of what follows, and of standard output */
    size_t passed;
    size_t failed;
    size_t skipped;
    bool broken; /* a thread had no memory */
};

/* --- cases ---------------------------------------------------------------------------------- */

bool conf_wants(const struct conf_run *r, slice name, slice fork)
{
    if (r->fork != NULL && !slice_eq_str(fork, r->fork))
        return false;
    return r->name == NULL || memmem(name.p, name.n, r->name, strlen(r->name)) != NULL;
}

static void put_json_line(struct conf_run *r, slice name, slice fork, const char *verdict,
                          const char *why)
{
    struct jw w;
    jw_init(&w, r->lines);
    jw_object(&w);
    jw_key(&w, "file"), jw_cstr(&w, r->path);
    jw_key(&w, "name"), jw_str(&w, name);
    jw_key(&w, "fork"), jw_str(&w, fork);
    jw_key(&w, "verdict"), jw_cstr(&w, verdict);
    if (why != NULL)
        jw_key(&w, "why"), jw_cstr(&w, why);
    jw_end(&w);
    if (jw_done(&w, NULL) == OK)
        (void)!buf_put_u8(r->lines, '\n');
}

static void put_line(struct conf_run *r, slice name, slice fork, const char *verdict,
                     const char *why)
{
    if (r->json)
        put_json_line(r, name, fork, verdict, why);
    else
        (void)!buf_printf(r->lines, "%s %s %.*s [%.*s]: %s\n", verdict, r->path, (int)name.n,
                          (const char *)name.p, (int)fork.n, (const char *)fork.p, why);
}

void conf_pass(struct conf_run *r, slice name, slice fork)
{
    r->passed++;
    if (r->json)
        put_json_line(r, name, fork, "PASS", NULL);
}

void conf_skip(struct conf_run *r, slice name, slice fork, const char *why)
{
    r->skipped++;
    put_line(r, name, fork, "SKIP", why);
}

void conf_fail(struct conf_run *r, slice name, slice fork, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    r->failed++;
    put_line(r, name, fork, "FAIL", text);
}

/* --- files ---------------------------------------------------------------------------------- */

static status run_file(const struct conf_suite *suite, void *worker, struct conf_run *run,
                       struct err *err)
{
    struct buf text;
    struct arena arena;
    struct json_doc doc;
    buf_init(&text, LIMIT_JSON_BYTES);
    arena_init(&arena, ARENA_CAP, false);
    status s = file_read(run->path, &text, err);
    if (s == OK)
        s = json_read(buf_slice(&text), &arena, &doc, err);
    if (s == OK)
        s = json_want_object(json_root(&doc), err);
    if (s == OK)
        s = suite->file(worker, json_root(&doc), run, err);
    arena_done(&arena);
    buf_done(&text);
    return s;
}

static void report(struct pool *p, const struct conf_run *run)
{
    (void)pthread_mutex_lock(&p->lock);
    p->passed += run->passed;
    p->failed += run->failed;
    p->skipped += run->skipped;
    if (run->lines->n > 0)
        (void)fwrite(run->lines->p, 1, run->lines->n, stdout);
    (void)fflush(stdout);
    (void)pthread_mutex_unlock(&p->lock);
}

static void *work(void *arg)
{
    struct pool *p = arg;
    void *worker = p->suite->worker_new();
    struct buf lines;
    buf_init(&lines, LINES_CAP);
    if (worker == NULL)
        p->broken = true;
    while (worker != NULL) {
        struct err err = {.msg = ""};
        size_t i = atomic_fetch_add(&p->next, 1) * (size_t)p->opt->every;
        if (i >= p->files.n)
            break;
        struct conf_run run = {.path = p->files.path[i],
                               .fork = p->opt->fork,
                               .name = p->opt->name,
                               .json = p->opt->json,
                               .lines = &lines};
        if (run_file(p->suite, worker, &run, &err) != OK)
            conf_fail(&run, SLICE_EMPTY, SLICE_EMPTY, "bad file: %s", err.msg);
        report(p, &run);
        buf_clear(&lines);
    }
    buf_done(&lines);
    if (worker != NULL)
        p->suite->worker_free(worker);
    return NULL;
}

static void run_threads(struct pool *p, size_t n)
{
    pthread_t thread[JOBS_MAX];
    pthread_attr_t attr;
    size_t started = 0;
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, STACK_BYTES);
    while (started < n && pthread_create(&thread[started], &attr, work, p) == 0)
        started++;
    if (started == 0)
        p->broken = true;
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
    (void)pthread_attr_destroy(&attr);
}

/* --- program -------------------------------------------------------------------------------- */

static void usage(const struct conf_suite *s, FILE *to)
{
    (void)fprintf(to,
                  "%s PATH... [--fork F] [--name TEXT] [--every N] [--json] [-j N]\n\n"
                  "Run %s: each PATH is a JSON file or a folder of them.\n"
                  "  --fork F    only cases of this fork, as the suites write it\n"
                  "  --name TEXT only cases whose name holds TEXT\n"
                  "  --every N   only the first of each N files, by their sorted paths\n"
                  "  --json      one JSON object a line for every case and for the summary\n"
                  "  -j N        threads (default: one per core)\n"
                  "Exit code: 0 all passed, 1 a case failed, 2 wrong usage or nothing to run.\n",
                  s->program, s->what);
}

/* The value of an option with one. NULL: it has none. */
static const char *take_value(int argc, char **argv, int *i)
{
    return *i + 1 < argc ? argv[++*i] : NULL;
}

/* From 1 to max. */
static bool read_number(const char *text, long max, long *ret)
{
    char *end = NULL;
    *ret = text != NULL ? strtol(text, &end, 10) : 0;
    return text != NULL && end != text && *end == 0 && *ret > 0 && *ret <= max;
}

/* 0, or the exit code. */
static int read_options(int argc, char **argv, const struct conf_suite *suite, struct options *o)
{
    bool ok = true;
    for (int i = 1; ok && i < argc; i++) {
        if (strcmp(argv[i], "--fork") == 0)
            ok = (o->fork = take_value(argc, argv, &i)) != NULL;
        else if (strcmp(argv[i], "--name") == 0)
            ok = (o->name = take_value(argc, argv, &i)) != NULL;
        else if (strcmp(argv[i], "--json") == 0)
            o->json = true;
        else if (strcmp(argv[i], "-j") == 0)
            ok = read_number(take_value(argc, argv, &i), JOBS_MAX, &o->jobs);
        else if (strcmp(argv[i], "--every") == 0)
            ok = read_number(take_value(argc, argv, &i), EVERY_MAX, &o->every);
        else if (argv[i][0] != '-')
            o->paths[o->n_paths++] = argv[i];
        else
            ok = false;
    }
    if (!ok || o->n_paths == 0) {
        usage(suite, stderr);
        return 2;
    }
    if (o->fork != NULL && !suite->fork_is_known(slice_str(o->fork))) {
        (void)fprintf(stderr, "%s: unknown fork '%s'\n", suite->program, o->fork);
        return 2;
    }
    return 0;
}

static int summary(const struct pool *p, double seconds)
{
    size_t every = (size_t)p->opt->every;
    if (p->opt->json)
        (void)printf("{\"passed\":%zu,\"failed\":%zu,\"skipped\":%zu,\"files\":%zu}\n", p->passed,
                     p->failed, p->skipped, (p->files.n + every - 1) / every);
    else
        (void)printf("%zu files in %.1f s\n%s: %zu passed, %zu failed, %zu skipped\n",
                     (p->files.n + every - 1) / every, seconds, p->suite->program, p->passed,
                     p->failed, p->skipped);
    if (p->broken) {
        (void)fprintf(stderr, "%s: out of memory\n", p->suite->program);
        return 2;
    }
    if (p->passed + p->failed + p->skipped == 0) {
        (void)fprintf(stderr, "%s: no case matches\n", p->suite->program);
        return 2;
    }
    return p->failed > 0 ? 1 : 0;
}

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run_all(const struct conf_suite *suite, const struct options *o)
{
    struct pool p = {.suite = suite, .opt = o, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct err err;
    double start = now_seconds();
    if (conf_files_find(o->paths, o->n_paths, ".json", &p.files, &err) != OK) {
        (void)fprintf(stderr, "%s: %s\n", suite->program, err.msg);
        return 2;
    }
    size_t jobs = (size_t)(o->jobs > 0 ? o->jobs : sysconf(_SC_NPROCESSORS_ONLN));
    jobs = jobs < p.files.n ? jobs : p.files.n;
    run_threads(&p, jobs < JOBS_MAX ? jobs : JOBS_MAX);
    int rc = summary(&p, now_seconds() - start);
    conf_files_done(&p.files);
    return rc;
}

int conf_main(int argc, char **argv, const struct conf_suite *suite)
{
    struct options o = {.every = 1, .paths = calloc((size_t)argc + 1, sizeof(char *))};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        usage(suite, stdout);
        free(o.paths);
        return 0;
    }
    int rc = o.paths != NULL ? read_options(argc, argv, suite, &o) : 2;
    if (rc == 0)
        rc = run_all(suite, &o);
    free(o.paths);
    return rc;
}
