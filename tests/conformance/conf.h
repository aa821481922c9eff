/* SPDX-License-Identifier: Apache-2.0 */
/* What the runners of the official suites share: arguments, files, threads, counts and lines.
 *
 * A runner is conf_main with its suite. Exit code: 0 all passed, 1 a case failed, 2 nothing was
 * run because the request was wrong (no such path, a folder without tests, an unknown fork, no case
 * that matches). */
#ifndef EHRD_TESTS_CONF_H
#define EHRD_TESTS_CONF_H

#include "base/buf.h"
#include "codec/json.h"

/* The cases of one file. */
struct conf_run {
    const char *path;
    const char *fork; /* wanted; NULL: all */
    const char *name; /* text that the name must hold; NULL: all */
    bool json;
    struct buf *lines;
    size_t passed;
    size_t failed;
    size_t skipped;
};

/* Is this case wanted? */
bool conf_wants(const struct conf_run *r, slice name, slice fork);
void conf_pass(struct conf_run *r, slice name, slice fork);
/* Not judged, for lack of something in this build: named, and never counted as passed. */
void conf_skip(struct conf_run *r, slice name, slice fork, const char *why);
#define CONF_NO_BLST "built without blst: KZG and BLS12-381 calls fail"
void conf_fail(struct conf_run *r, slice name, slice fork, const char *fmt, ...) PRINTF_LIKE(4, 5);

struct conf_suite {
    const char *program;
    const char *what;                  /* for --help */
    bool (*fork_is_known)(slice name); /* of --fork */
    void *(*worker_new)(void);         /* one per thread; NULL: no memory */
    void (*worker_free)(void *worker);
    /* Run all cases of one file. Not OK: the file is not of this suite or damaged. */
    status (*file)(void *worker, struct json root, struct conf_run *run, struct err *reterr);
};

int conf_main(int argc, char **argv, const struct conf_suite *suite);

/* Sorted list of the files below the paths that end so (".json"); owned strings.
 * OK | E_NOT_FOUND (a path, or nothing below it) | E_IO | E_NOMEM. */
struct conf_files {
    char **path;
    size_t n;
    size_t max;
};
status conf_files_find(char *const *paths, size_t n, const char *suffix, struct conf_files *ret,
                       struct err *reterr);
void conf_files_done(struct conf_files *f);

#endif
