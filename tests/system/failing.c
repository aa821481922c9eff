/* SPDX-License-Identifier: Apache-2.0 */
/* Something fails, once in a run. What it is is said by failing_malloc.c (linked into ehr_failing
 * and ehrd_failing) or failing_io.c (preloaded); when, by the environment, read before main:
 *
 * EHRD_FAIL_FILE=PATH       struct failing, shared with whoever arms it
 * EHRD_FAIL_LOOP=FROM:STEP  run the program again and again, in a process of its own each time,
 *                           failing time FROM, FROM + STEP …, until it ends before it gets there.
 *                           Each must end by itself with an exit code below 90, without a signal;
 *                           sanitizers end with 99. EHRD_FAIL_BEFORE: a command that is run before
 *                           each. EHRD_FAIL_LOG: what the last run said.
 * EHRD_FAIL_LOOP=places     the same, but each run fails the first place (failing_places.c) that
 * has not failed yet, until one meets none. */
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

static struct failing none;
static struct failing *failing = &none;

bool failing_now(void)
{
    uint64_t at = atomic_load_explicit(&failing->at, memory_order_relaxed);
    if (at == 0)
        return false;
    uint64_t time = atomic_fetch_add(&failing->count, 1) + 1;
    if (at != FAILING_PLACES)
        return time == at;
    return atomic_load(&failing->failed) == 0 && failing_place_now(failing);
}

static void arm(uint64_t at)
{
    atomic_store(&failing->failed, 0);
    atomic_store(&failing->count, 0);
    atomic_store(&failing->run, atomic_load(&failing->run) + 1);
    atomic_store(&failing->at, at);
}

/* Nothing has failed since it was armed. */
static bool is_through(uint64_t at)
{
    return at == FAILING_PLACES ? atomic_load(&failing->failed) == 0
                                : atomic_load(&failing->count) < at;
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

/* What run n said is kept, to be looked at. */
static void keep(const char *log, const char *why, uint64_t n)
{
    char kept[4096];
    if (log == NULL)
        return;
    (void)snprintf(kept, sizeof kept, "%s.%s%llu", log, why, (unsigned long long)n);
    (void)rename(log, kept);
}

static void tell_bad(uint64_t n, int rc, const char *log)
{
    printf("FAIL at %llu: %s %d; %s\n", (unsigned long long)n,
           WIFSIGNALED(rc) ? "signal" : "exit code",
           WIFSIGNALED(rc) ? WTERMSIG(rc) : WEXITSTATUS(rc), log != NULL ? log : "");
}

/* Returns in each child; the parent ends here. */
static void loop(uint64_t from, uint64_t step)
{
    const char *hook = getenv("EHRD_FAIL_BEFORE");
    const char *log = getenv("EHRD_FAIL_LOG");
    bool by_place = from == FAILING_PLACES;
    unsigned failed = 0;
    unsigned bad = 0;
    for (unsigned runs = 0;; runs++) {
        int rc = 0;
        uint64_t at = by_place ? from : from + runs * step;
        uint64_t n = by_place ? runs : at; /* as it is told */
        if (hook != NULL)
            before(hook);
        arm(at);
        pid_t pid = fork();
        if (pid == 0) {
            unsetenv("EHRD_FAIL_LOOP"); /* not in what it runs itself */
            say_to(log != NULL ? log : "/dev/null");
            return;
        }
        if (pid < 0 || waitpid(pid, &rc, 0) != pid)
            die("fork");
        if (!is_clean(rc)) {
            tell_bad(n, rc, log);
            if (bad++ < 5)
                keep(log, "", n);
        }
        if (rc == 0 && !is_through(at))
            keep(log, "fine.", n);
        failed += WIFEXITED(rc) && WEXITSTATUS(rc) != 0;
        if (is_through(at)) {
            printf("%u runs, %u ended with an error, %llu times in the last, %u bad", runs, failed,
                   (unsigned long long)atomic_load(&failing->count), bad);
            if (by_place)
                printf(", %u places", failing_places_n(failing));
            printf("\n");
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
    if (failing != &none)
        failing_places_init();
    if (loops != NULL && strcmp(loops, "places") == 0) {
        loop(FAILING_PLACES, 0);
    } else if (loops != NULL) {
        char *end;
        uint64_t from = strtoull(loops, &end, 10);
        uint64_t step = *end == ':' ? strtoull(end + 1, NULL, 10) : 1;
        loop(from > 0 ? from : 1, step > 0 ? step : 1);
    }
}
