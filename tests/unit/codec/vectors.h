/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking the Ethereum test suites and reading their JSON files. */
#ifndef EHRD_TESTS_VECTORS_H
#define EHRD_TESTS_VECTORS_H

#include <sys/wait.h>
#include <unistd.h>

#include "codec/json.h"
#include "test.h"

struct vector_file {
    struct buf text;
    struct arena arena;
    struct json_doc doc;
};

static inline int vectors_run(char *const argv[])
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    int st = -1;
    return pid > 0 && waitpid(pid, &st, 0) == pid && WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

/* Unpack archive into a new folder below the working directory (the build folder). */
static inline void vectors_unpack(const char *archive, char *dir, size_t n)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s", archive);
    (void)snprintf(dir, n, "vectors-XXXXXX");
    assert_non_null(mkdtemp(dir));
    char *argv[] = {(char[]){"tar"}, (char[]){"-xJf"}, path, (char[]){"-C"}, dir, NULL};
    assert_int_equal(vectors_run(argv), 0);
}

static inline void vectors_remove(char *dir)
{
    char *argv[] = {(char[]){"rm"}, (char[]){"-rf"}, (char[]){"--"}, dir, NULL};
    assert_int_equal(vectors_run(argv), 0);
}

static inline struct json vectors_open(struct vector_file *f, const char *dir, const char *rel)
{
    char path[4096];
    struct err e = {0};
    (void)snprintf(path, sizeof path, "%s/%s", dir, rel);
    buf_init(&f->text, (size_t)16 << 20);
    arena_init(&f->arena, (size_t)64 << 20, false);
    assert_ok(file_read(path, &f->text, &e), &e);
    assert_ok(json_read(buf_slice(&f->text), &f->arena, &f->doc, &e), &e);
    return json_root(&f->doc);
}

static inline void vectors_close(struct vector_file *f)
{
    buf_done(&f->text);
    arena_done(&f->arena);
}

/* The text of a member that must be a string. */
static inline slice vectors_str(struct json v, const char *key)
{
    slice s = SLICE_EMPTY;
    struct err e = {0};
    assert_ok(json_str(json_get(v, key), &s, &e), &e);
    return s;
}

#endif
