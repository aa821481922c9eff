/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of "ehr content" through its entry point: exit codes, output, files. */
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "app/cmd_content.h"
#include "tmpdir.h"

#define HELLO "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq" /* "hello" */
#define ARGS_MAX 10

struct fix {
    char dir[128];
    char store[160];
    char file[160];
    char out[160];
    struct buf text; /* what the last command printed */
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    struct err e;
    tmpdir_make(f->dir, sizeof f->dir);
    (void)snprintf(f->store, sizeof f->store, "%s/store", f->dir);
    (void)snprintf(f->file, sizeof f->file, "%s/file", f->dir);
    (void)snprintf(f->out, sizeof f->out, "%s/out", f->dir);
    buf_init(&f->text, 1 << 20);
    assert_ok(file_create(f->file, SLICE_LIT("hello"), 0600, &e), &e);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    buf_done(&f->text);
    tmpdir_remove(f->dir);
    free(f);
    return 0;
}

/* Run the command with both outputs in files; standard output is kept in f->text. */
static int run(struct fix *f, const char *const *args)
{
    char *argv[ARGS_MAX + 2];
    char path[192];
    struct err e;
    int argc = 0;
    argv[argc++] = strdup("content");
    for (; *args != NULL; args++)
        argv[argc++] = strdup(*args);
    argv[argc] = NULL;
    (void)snprintf(path, sizeof path, "%s/stdout", f->dir);
    (void)fflush(NULL);
    int keep[2] = {dup(1), dup(2)};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int null = open("/dev/null", O_WRONLY);
    assert_true(keep[0] >= 0 && keep[1] >= 0 && fd >= 0 && null >= 0);
    assert_true(dup2(fd, 1) == 1 && dup2(null, 2) == 2);
    int code = cmd_content(argc, argv);
    (void)fflush(NULL);
    assert_true(dup2(keep[0], 1) == 1 && dup2(keep[1], 2) == 2);
    for (size_t i = 0; i < 2; i++)
        (void)close(keep[i]);
    (void)close(fd);
    (void)close(null);
    while (argc > 0)
        free(argv[--argc]);
    buf_clear(&f->text);
    assert_ok(file_read(path, &f->text, &e), &e);
    return code;
}

#define RUN(f, ...) run((f), (const char *[]){__VA_ARGS__, NULL})

static void expect_text(struct fix *f, const char *want)
{
    assert_slice(buf_slice(&f->text), slice_str(want));
}

static void adds_and_gets(void **state)
{
    struct fix *f = *state;
    struct buf got;
    struct err e;
    buf_init(&got, 100);
    assert_int_equal(RUN(f, "add", "--store", f->store, f->file), 0);
    expect_text(f, HELLO "\n");
    assert_int_equal(RUN(f, "get", HELLO, "--store", f->store), 0);
    expect_text(f, "hello");
    assert_int_equal(RUN(f, "get", HELLO, "--store", f->store, "--range", "1-3"), 0);
    expect_text(f, "ell");
    assert_int_equal(
        RUN(f, "get", HELLO, "--store", f->store, "--range=2-", "-o", f->out, "--json"), 0);
    expect_text(f, "{\"cid\":\"" HELLO "\",\"bytes\":3}\n");
    assert_ok(file_read(f->out, &got, &e), &e);
    assert_slice(buf_slice(&got), SLICE_LIT("llo"));
    buf_done(&got);
}

static void hashes_without_a_store(void **state)
{
    struct fix *f = *state;
    assert_int_equal(RUN(f, "add", "--only-hash", f->file), 0);
    expect_text(f, HELLO "\n");
    assert_int_equal(RUN(f, "add", "--only-hash", "--json", f->file), 0);
    expect_text(f, "{\"cid\":\"" HELLO "\",\"size\":5,\"blockSize\":5}\n");
    assert_false(file_exists(f->store));
}

static void states_and_verifies(void **state)
{
    struct fix *f = *state;
    assert_int_equal(RUN(f, "add", "--store", f->store, f->file), 0);
    assert_int_equal(RUN(f, "stat", HELLO, "--store", f->store, "--json"), 0);
    expect_text(f, "{\"cid\":\"" HELLO "\",\"size\":5,\"blockSize\":5}\n");
    assert_int_equal(RUN(f, "verify", "--store", f->store, "--json"), 0);
    expect_text(f, "{\"blocks\":1,\"bytes\":5,\"damaged\":0}\n");
    assert_int_equal(RUN(f, "verify", HELLO, "--store", f->store), 0);
    expect_text(f, "1 blocks, 5 bytes, 0 damaged\n");
}

static void failures_exit_with_1_and_write_nothing(void **state)
{
    struct fix *f = *state;
    assert_int_equal(RUN(f, "get", HELLO, "--store", f->store, "-o", f->out), 1);
    assert_false(file_exists(f->out));
    assert_int_equal(RUN(f, "stat", HELLO, "--store", f->store), 1);
    assert_int_equal(RUN(f, "verify", HELLO, "--store", f->store), 1);
    assert_int_equal(RUN(f, "verify", "--store", f->store), 1);
    assert_false(file_exists(f->store));
    assert_int_equal(RUN(f, "add", "--store", f->store, "/nonexistent/file"), 1);
    assert_int_equal(RUN(f, "get", "Qmnonsense", "--store", f->store), 1);
    assert_int_equal(RUN(f, "add", "--store", f->store, f->file), 0);
    assert_int_equal(RUN(f, "get", HELLO, "--store", f->store, "--range", "6-"), 1);
}

static void wrong_usage_exits_with_2(void **state)
{
    struct fix *f = *state;
    assert_int_equal(RUN(f, "paint"), 2);
    assert_int_equal(RUN(f, "add", "--store", f->store), 2);
    assert_int_equal(RUN(f, "add", "--only-hash", f->file, f->file), 2);
    assert_int_equal(RUN(f, "add", "--only-hash", "--range", "1-2", f->file), 2);
    assert_int_equal(RUN(f, "stat", "--only-hash", HELLO), 2);
    assert_int_equal(RUN(f, "stat", "--colour", HELLO), 2);
    assert_int_equal(RUN(f, "stat", HELLO), 2);
    assert_int_equal(RUN(f, "get", "--json", HELLO, "--store", f->store), 2);
    const char *ranges[] = {"",
                            "-",
                            "-5",
                            "5",
                            "3-2",
                            "1-2x",
                            "+1-2",
                            "1--2",
                            "99999999999999999999-",
                            "0-18446744073709551615"};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        assert_int_equal(RUN(f, "get", HELLO, "--store", f->store, "--range", ranges[i]), 2);
    assert_int_equal(RUN(f, "--help"), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(adds_and_gets),
        T(hashes_without_a_store),
        T(states_and_verifies),
        T(failures_exit_with_1_and_write_nothing),
        T(wrong_usage_exits_with_2),
    };
    (void)unsetenv("EHR_CONTENT_STORE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
