/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for secrets: what the kernel says of it, what is left of what was freed. */
#include "test.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/secret.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define skip_when_sanitized()                                                                      \
    do {                                                                                           \
        if (SANITIZED) {                                                                           \
            print_message("SKIPPED %s: sanitizers make mlock a no-op\n", __func__);                \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/* The flags that /proc/self/smaps gives the mapping of p, as " rd wr … lo … dd ". */
static void flags_of(const void *p, char out[512])
{
    char line[512];
    bool here = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    assert_non_null(f);
    out[0] = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        char *end = NULL;
        unsigned long long from = strtoull(line, &end, 16);
        if (end > line && *end == '-') {
            unsigned long long to = strtoull(end + 1, NULL, 16);
            here = (uintptr_t)p >= from && (uintptr_t)p < to;
        } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
            (void)snprintf(out, 512, "%s", line + 8);
        }
    }
    (void)fclose(f);
}

static void is_locked_and_left_out_of_dumps(void **state)
{
    (void)state;
    char flags[512];
    skip_when_sanitized();
    uint8_t *p = secret_alloc(32);
    assert_non_null(p);
    flags_of(p, flags);
    assert_non_null(strstr(flags, " dd "));
    assert_non_null(strstr(flags, " wf "));
    if (secret_unlocked() == 0)
        assert_non_null(strstr(flags, " lo "));
    else
        print_message("SKIPPED the lock: RLIMIT_MEMLOCK is too small here\n");
    secret_free(p, 32);
}

static void is_zero_and_aligned_again_after_use(void **state)
{
    (void)state;
    for (size_t n = 1; n < 100000; n = n * 3 + 1) {
        uint8_t *p = secret_alloc(n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xa5, n);
        secret_free(p, n);
    }
    assert_null(secret_alloc(0));
    secret_free(NULL, 7);
}

static void what_is_freed_is_wiped(void **state)
{
    (void)state;
    skip_when_sanitized();
    uint8_t *keep = secret_alloc(64); /* so that the chunk stays */
    uint8_t *p = secret_alloc(100);
    memset(p, 0x5a, 128); /* to the end of its run */
    secret_free(p, 100);
    for (int i = 0; i < 128; i++)
        assert_int_equal(p[i], 0);
    secret_free(keep, 64);
}

static void blocks_do_not_overlap(void **state)
{
    (void)state;
    enum { N = 600 };
    static uint8_t *p[N];
    static size_t n[N];
    uint32_t seed = 1;
    for (int round = 0; round < 4000; round++) {
        seed = seed * 1103515245u + 12345u;
        size_t i = (seed >> 8) % N;
        if (p[i] != NULL) {
            for (size_t k = 0; k < n[i]; k++)
                assert_int_equal(p[i][k], (uint8_t)i);
            secret_free(p[i], n[i]);
            p[i] = NULL;
            continue;
        }
        n[i] = 1 + (seed >> 12) % ((seed & 0x80) != 0 ? 3000 : 90);
        p[i] = secret_alloc(n[i]);
        assert_non_null(p[i]);
        memset(p[i], (uint8_t)i, n[i]);
    }
    for (size_t i = 0; i < N; i++)
        secret_free(p[i], n[i]);
}

static void secret_buffers_and_arenas_lie_inside_until_their_share_is_used(void **state)
{
    (void)state;
    enum { N = 200 };
    struct buf b[N];
    struct arena a;
    skip_when_sanitized();
    arena_init(&a, 1000, true);
    void *in = arena_alloc(&a, 10);
    assert_true(secret_is_inside(in, 10));
    size_t inside = 0;
    for (size_t i = 0; i < N; i++) {
        buf_init_secret(&b[i], 10000);
        assert_status(buf_put_zero(&b[i], 4000), OK);
        inside += secret_is_inside(b[i].p, b[i].n);
    }
    assert_in_range(inside, 10, N - 10);
    void *key = secret_alloc(32); /* has no such limit */
    assert_true(secret_is_inside(key, 32));
    secret_free(key, 32);
    for (size_t i = 0; i < N; i++)
        buf_done(&b[i]);
    arena_done(&a);
}

/* In a child: limits cannot be raised again. */
static int without_lock(void)
{
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
        return 2;
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        return 2;
    uint8_t *p = secret_alloc(200000);
    if (p == NULL)
        return 3;
    memset(p, 1, 200000);
    int rc = secret_unlocked() >= 200000 ? 0 : 4;
    secret_free(p, 200000);
    return rc;
}

static void works_without_the_right_to_lock_and_tells(void **state)
{
    (void)state;
    int rc = 0;
    skip_when_sanitized();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(without_lock());
    assert_int_equal(waitpid(pid, &rc, 0), pid);
    assert_int_equal(rc, 0);
}

static void *churn(void *ctx)
{
    uint8_t tag = *(uint8_t *)ctx;
    for (int i = 0; i < 3000; i++) {
        size_t n = 1 + (size_t)i % 500;
        uint8_t *p = secret_alloc(n);
        if (p == NULL)
            return ctx;
        memset(p, tag, n);
        for (size_t k = 0; k < n; k++)
            if (p[k] != tag)
                return ctx;
        secret_free(p, n);
    }
    return NULL;
}

static void threads_may_share_it(void **state)
{
    (void)state;
    pthread_t t[4];
    uint8_t tags[4] = {1, 2, 3, 4};
    void *bad = NULL;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, churn, &tags[i]), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(t[i], &bad), 0);
        assert_null(bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_locked_and_left_out_of_dumps),
        cmocka_unit_test(is_zero_and_aligned_again_after_use),
        cmocka_unit_test(what_is_freed_is_wiped),
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(secret_buffers_and_arenas_lie_inside_until_their_share_is_used),
        cmocka_unit_test(works_without_the_right_to_lock_and_tells),
        cmocka_unit_test(threads_may_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
