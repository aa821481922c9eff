/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads write at the same time: nothing is lost, nothing is taken twice. */
#include "vault_test.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 16u
#define ROUNDS 40u

struct worker {
    struct vault_world *w;
    unsigned id;
    _Atomic unsigned *taken;
    status failed;
};

/* All threads use the same nonces: one of them gets each. */
static void *work(void *arg)
{
    struct worker *me = arg;
    struct err err;
    hash32 folder = hash_of((uint8_t)(me->id % 2));
    addr20 signer = addr_of(1);
    slice entry = SLICE_LIT("{\"action\":\"body\"}");
    for (unsigned i = 0; i < ROUNDS && me->failed == OK; i++) {
        hash32 nonce = hash_of((uint8_t)i);
        status st = vault_lmdb_nonce_use(me->w->vault, &signer, &nonce, me->w->now + 300, &err);
        if (st == OK)
            atomic_fetch_add(me->taken, 1);
        else if (st != E_REPLAY)
            me->failed = st;
        st = vault_lmdb_log_append(me->w->vault, &folder, &entry, 1, &err);
        if (st != OK)
            me->failed = st;
    }
    return NULL;
}

static void check_log(struct vault_world *w, uint8_t fill)
{
    hash32 folder = hash_of(fill);
    struct vault_log_entry *list;
    struct vault_log_head head;
    size_t n;
    assert_ok(vault_log(w->vault, &folder, 0, 500, &w->arena, &list, &n, &head, &w->err), &w->err);
    assert_int_equal(head.seq, THREADS / 2 * ROUNDS);
    assert_int_equal(n, THREADS / 2 * ROUNDS);
}

static void threads_share_commits(void **state)
{
    struct vault_world *w = *state;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    _Atomic unsigned taken = 0;
    uint64_t start = clock_mono_ms(&clock_system);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){w, i, &taken, OK};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_status(workers[i].failed, OK);
    }
    uint64_t took = clock_mono_ms(&clock_system) - start;
    print_message("%u durable writes by %u threads in %llu ms\n", 2 * THREADS * ROUNDS, THREADS,
                  (unsigned long long)took);
    assert_int_equal(taken, ROUNDS);
    check_log(w, 0);
    check_log(w, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(threads_share_commits, world_setup, world_teardown),
    };
    return cmocka_run_group_tests_name("vault_threads", tests, NULL, NULL);
}
