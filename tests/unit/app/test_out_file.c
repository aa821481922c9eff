/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs: nothing of them stays but what is complete. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/out_file.h"
#include "base/file.h"
#include "tmpdir.h"

struct fix {
    char dir[PATH_MAX];
    char path[PATH_MAX + 8];
    struct err e;
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    tmpdir_make(f->dir, sizeof f->dir);
    (void)snprintf(f->path, sizeof f->path, "%s/out", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    tmpdir_remove(f->dir);
    free(f);
    return 0;
}

static size_t names_in(const char *dir)
{
    size_t n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

static void put(struct out_file *o, const char *path, unsigned mode, const char *text,
                struct err *e)
{
    assert_int_equal(out_file_open(o, path, mode, e), OK);
    assert_int_equal(out_file_write(o, slice_str(text), e), OK);
}

static void expect_file(struct fix *f, const char *want, unsigned mode)
{
    struct buf b;
    struct stat sb;
    buf_init(&b, 4096);
    assert_int_equal(file_read(f->path, &b, &f->e), OK);
    assert_true(slice_eq_str(buf_slice(&b), want));
    assert_int_equal(stat(f->path, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, mode);
    buf_done(&b);
}

static bool has_unnamed_files(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_WRONLY, 0600);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void what_a_killed_program_had_written_is_gone(void **state)
{
    struct fix *f = *state;
    int go[2];
    char c;
    if (!has_unnamed_files(f->dir))
        skip();
    assert_int_equal(pipe(go), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct out_file o;
        put(&o, f->path, 0600, "half of a record", &f->e);
        (void)!write(go[1], "x", 1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(go[0], &c, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(names_in(f->dir), 0);
    (void)close(go[0]);
    (void)close(go[1]);
}

static void a_complete_one_has_its_name_and_nothing_else(void **state)
{
    struct fix *f = *state;
    struct out_file o;
    mode_t before = umask(027);
    put(&o, f->path, 0666, "first", &f->e);
    assert_false(file_exists(f->path));
    assert_int_equal(out_file_commit(&o, &f->e), OK);
    expect_file(f, "first", 0640);
    assert_int_equal(umask(before), 027);
    assert_int_equal(names_in(f->dir), 1);
}

static void replaces_what_was_there_and_keeps_its_permissions(void **state)
{
    struct fix *f = *state;
    struct out_file o;
    assert_int_equal(file_create(f->path, SLICE_LIT("old"), 0640, &f->e), OK);
    put(&o, f->path, 0600, "new", &f->e);
    expect_file(f, "old", 0640);
    assert_int_equal(out_file_commit(&o, &f->e), OK);
    expect_file(f, "new", 0640);
    assert_int_equal(names_in(f->dir), 1);
}

static void follows_a_link(void **state)
{
    struct fix *f = *state;
    struct out_file o;
    struct stat sb;
    char link_path[PATH_MAX + 8];
    (void)snprintf(link_path, sizeof link_path, "%s/link", f->dir);
    assert_int_equal(file_create(f->path, SLICE_LIT("old"), 0600, &f->e), OK);
    assert_int_equal(symlink("out", link_path), 0);
    put(&o, link_path, 0600, "new", &f->e);
    assert_int_equal(out_file_commit(&o, &f->e), OK);
    expect_file(f, "new", 0600);
    assert_int_equal(lstat(link_path, &sb), 0);
    assert_true(S_ISLNK(sb.st_mode));
}

static void an_aborted_one_leaves_nothing(void **state)
{
    struct fix *f = *state;
    struct out_file o;
    put(&o, f->path, 0600, "half", &f->e);
    out_file_abort(&o);
    assert_int_equal(names_in(f->dir), 0);
}

/* A leftover of a process with the same number. */
static void passes_over_names_that_are_taken(void **state)
{
    struct fix *f = *state;
    struct out_file o;
    char taken[PATH_MAX + 64];
    (void)snprintf(taken, sizeof taken, "%s.%lx-0", f->path, (long)getpid());
    assert_int_equal(file_create(taken, SLICE_LIT("other's"), 0600, &f->e), OK);
    put(&o, f->path, 0600, "ours", &f->e);
    assert_int_equal(out_file_commit(&o, &f->e), OK);
    expect_file(f, "ours", 0600);
    assert_true(file_exists(taken));
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    struct fix *f = *state;
    struct out_file o;
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/none/out", f->dir);
    assert_int_equal(out_file_open(&o, path, 0600, &f->e), E_NOT_FOUND);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_a_killed_program_had_written_is_gone),
        T(a_complete_one_has_its_name_and_nothing_else),
        T(replaces_what_was_there_and_keeps_its_permissions),
        T(follows_a_link),
        T(an_aborted_one_leaves_nothing),
        T(passes_over_names_that_are_taken),
        T(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
