/* SPDX-License-Identifier: Apache-2.0 */
/* Many clients at the same time: everything is answered, and after the revocation is mined nothing
 * more is released, however many requests are on their way. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#define READERS 6u
#define REQUESTS 60u
#define FAR_AHEAD 1000000u

static char target[512];
static _Atomic bool revoked;
static _Atomic bool stop;

struct client {
    struct world w; /* a copy: its error is this thread's */
    const struct secp_key *key;
    unsigned answered;
    unsigned released_late; /* asked for after the revocation was mined, and released */
    unsigned other;         /* neither released nor refused */
};

static int read_once(struct client *c)
{
    struct reply r;
    struct ask q = {.key = c->key, .method = "GET", .target = target};
    status st = ask_try(&c->w, &q, &r);
    int code = st == OK ? r.code : 0;
    reply_done(&r);
    return code;
}

static void *owner_reads(void *arg)
{
    struct client *c = arg;
    for (unsigned i = 0; i < REQUESTS; i++) {
        if (read_once(c) == 200)
            c->answered++;
        else
            c->other++;
    }
    return NULL;
}

static void *doctor_reads(void *arg)
{
    struct client *c = arg;
    while (!atomic_load(&stop)) {
        bool late = atomic_load(&revoked);
        int code = read_once(c);
        if (code == 200 && late)
            c->released_late++;
        if (code == 200 || code == 403)
            c->answered++;
        else
            c->other++;
    }
    return NULL;
}

static void start(pthread_t *t, struct client *c, const struct secp_key *key, void *(*f)(void *))
{
    *c = (struct client){.w = world.w, .key = key};
    assert_int_equal(pthread_create(t, NULL, f, c), 0);
}

static void answers_many_clients_at_the_same_time(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    pthread_t threads[READERS];
    struct client clients[READERS];
    uint64_t begin = clock_mono_ms(&clock_system);
    for (unsigned i = 0; i < READERS; i++)
        start(&threads[i], &clients[i], &world.patient_key, owner_reads);
    for (unsigned i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(clients[i].answered, REQUESTS);
    }
    uint64_t took = clock_mono_ms(&clock_system) - begin;
    print_message("%u releases by %u clients in %llu ms\n", READERS * REQUESTS, READERS,
                  (unsigned long long)took);
}

static void releases_nothing_once_the_revocation_is_mined(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    pthread_t threads[READERS];
    struct client clients[READERS];
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    for (unsigned i = 0; i < READERS; i++)
        start(&threads[i], &clients[i], &world.doctor_key, doctor_reads);
    struct client own = {.w = world.w, .key = &world.patient_key};
    (void)owner_reads(&own);
    clinic_revoke(&world);
    atomic_store(&revoked, true);
    (void)owner_reads(&own);
    atomic_store(&stop, true);
    unsigned answered = 0;
    for (unsigned i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(clients[i].released_late, 0);
        assert_int_equal(clients[i].other, 0);
        answered += clients[i].answered;
    }
    assert_int_equal(own.other, 0);
    assert_true(answered > 0);
}

static int setup(void **state)
{
    (void)sample_setup(state);
    if (has_ledger())
        (void)snprintf(target, sizeof target, "%s", sample_target());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_many_clients_at_the_same_time),
        cmocka_unit_test(releases_nothing_once_the_revocation_is_mined),
    };
    return cmocka_run_group_tests_name("api_load", tests, setup, sample_teardown);
}
