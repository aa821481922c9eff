/* SPDX-License-Identifier: Apache-2.0 */
/* Something fails the n-th time it is done, once. What it is is said by failing_malloc.c (linked
 * into ehr_failing and ehrd_failing) or failing_io.c (preloaded); which time, by the environment,
 * read before main:
 *
 * EHRD_FAIL_FILE=PATH       two u64, at (0: never) and count, shared with whoever writes them
 * EHRD_FAIL_LOOP=FROM:STEP  run the program again and again, in a process of its own each time,
 *                           failing time FROM, FROM + STEP …, until it ends before it gets there.
 *                           Each must end by itself with an exit code below 90, without a signal;
 *                           sanitizers end with 99. EHRD_FAIL_BEFORE: a command that is run before
 *                           each. EHRD_FAIL_LOG: what the last run said. */
#include "failing.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct failing {
    _Atomic uint64_t at;    /* 0: never */
    _Atomic uint64_t count; /* times since at was set */
};
static struct failing none;
static struct failing *failing = &none;

bool failing_now(void)
{
    uint64_t at = atomic_load_explicit(&failing->at, memory_order_relaxed);
    return at != 0 && atomic_fetch_add(&failing->count, 1) + 1 == at;
}

static void die(const char *what)
{
    perror(what);
    _exit(97);
}

/* A file both sides map, or memory that parent and children share. */
static struct failing *shared(const char *path)
{
    int flags = path != NULL ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS;
    int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (path != NULL && (fd < 0 || ftruncate(fd, sizeof(struct failing)) != 0))
        die(path);
    void *p = mmap(NULL, sizeof(struct failing), PROT_READ | PROT_WRITE, flags, fd, 0);
    if (p == MAP_FAILED)
        die("mmap");
    if (fd >= 0)
        close(fd);
    return p;
}

/* Run a command of the test's own and wait for it. */
static void before(const char *command)
{
    int rc = 0;
    pid_t pid = fork();
    if (pid == 0) {
        unsetenv("EHRD_FAIL_LOOP");
        unsetenv("LD_PRELOAD");
        execl("/bin/bash", "bash", "-c", command, (char *)NULL);
        _exit(97);
    }
    if (pid < 0 || waitpid(pid, &rc, 0) != pid || rc != 0)
        die("the command before");
}

static void say_to(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
        die(path);
    close(fd);
}

static int is_clean(int rc)
{
    return WIFEXITED(rc) && WEXITSTATUS(rc) < 90;
}

/* Returns in each child; the parent ends here. */
static void loop(uint64_t from, uint64_t step)
{
    const char *hook = getenv("EHRD_FAIL_BEFORE");
    const char *log = getenv("EHRD_FAIL_LOG");
    unsigned runs = 0;
    unsigned failed = 0;
    unsigned bad = 0;
    for (uint64_t n = from;; n += step, runs++) {
        int rc = 0;
        if (hook != NULL)
            before(hook);
        atomic_store(&failing->count, 0);
        atomic_store(&failing->at, n);
        pid_t pid = fork();
        if (pid == 0) {
            unsetenv("EHRD_FAIL_LOOP"); /* not in what it runs itself */
            say_to(log != NULL ? log : "/dev/null");
            return;
        }
        if (pid < 0 || waitpid(pid, &rc, 0) != pid)
            die("fork");
        if (!is_clean(rc)) {
            printf("FAIL at %llu: %s %d; %s\n", (unsigned long long)n,
                   WIFSIGNALED(rc) ? "signal" : "exit code",
                   WIFSIGNALED(rc) ? WTERMSIG(rc) : WEXITSTATUS(rc), log != NULL ? log : "");
            if (log != NULL && bad++ < 5) {
                char kept[4096];
                (void)snprintf(kept, sizeof kept, "%s.%llu", log, (unsigned long long)n);
                (void)rename(log, kept);
            }
        }
        if (rc == 0 && log != NULL && atomic_load(&failing->count) >= n) { /* to be looked at */
            char kept[4096];
            (void)snprintf(kept, sizeof kept, "%s.fine.%llu", log, (unsigned long long)n);
            (void)rename(log, kept);
        }
        failed += WIFEXITED(rc) && WEXITSTATUS(rc) != 0;
        if (atomic_load(&failing->count) < n) {
            printf("%u runs, %u ended with an error, %llu times in the last, %u bad\n", runs,
                   failed, (unsigned long long)atomic_load(&failing->count), bad);
            (void)fflush(stdout);
            _exit(bad > 0 || !WIFEXITED(rc) || WEXITSTATUS(rc) != 0);
        }
    }
}

__attribute__((constructor)) static void set_up(void)
{
    const char *path = getenv("EHRD_FAIL_FILE");
    const char *loops = getenv("EHRD_FAIL_LOOP");
    if (path != NULL || loops != NULL)
        failing = shared(path);
    if (loops != NULL) {
        char *end;
        uint64_t from = strtoull(loops, &end, 10);
        uint64_t step = *end == ':' ? strtoull(end + 1, NULL, 10) : 1;
        loop(from > 0 ? from : 1, step > 0 ? step : 1);
    }
}
