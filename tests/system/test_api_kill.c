/* SPDX-License-Identifier: Apache-2.0 */
/* ehrd is killed at random points while it takes uploads: what it had acknowledged is there when it
 * runs again, and the chain of the access log is whole. */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#define ROUNDS 6u
#define ACKED_MAX 2000u

static char acked[ACKED_MAX][CID_TEXT_MAX];
static unsigned acked_n;
static unsigned stored; /* acknowledged requests that are in the access log */

struct killer {
    pid_t pid;
    uint64_t after_ms;
};

static void *kill_later(void *arg)
{
    const struct killer *k = arg;
    const struct timespec t = {.tv_sec = (time_t)(k->after_ms / 1000),
                               .tv_nsec = (long)(k->after_ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
    (void)kill(k->pid, SIGKILL);
    return NULL;
}

static int code_of(const struct ask *q)
{
    struct reply r;
    status st = ask_try(&world.w, q, &r);
    int code = st == OK ? r.code : 0;
    reply_done(&r);
    return code;
}

/* One upload; false when the node is gone. Keeps *last when it was acknowledged as a whole. */
static bool upload(struct sample *last)
{
    char text[64];
    struct sample s;
    (void)snprintf(text, sizeof text, "body %u", acked_n);
    sample_make(&world, &world.patient_key, 1, slice_str(text), &s);
    struct ask body = {.key = &world.patient_key,
                       .method = "POST",
                       .target = below(&world, "/bodies?cid=%s", s.cid_text),
                       .body = buf_slice(&s.body)};
    struct ask envelope = {.key = &world.patient_key,
                           .method = "POST",
                           .target = below(&world, "/envelopes"),
                           .body = buf_slice(&s.post)};
    bool up = code_of(&body) == 201;
    if (up) {
        memcpy(acked[acked_n++], s.cid_text, sizeof s.cid_text);
        stored++;
        up = code_of(&envelope) == 201;
    }
    if (!up) {
        sample_done(&s);
        return false;
    }
    stored++;
    sample_done(last);
    *last = s;
    return true;
}

static unsigned count(const struct buf *b, const char *text)
{
    unsigned n = 0;
    slice rest = buf_slice(b);
    const uint8_t *at;
    while (rest.n > 0 && (at = memmem(rest.p, rest.n, text, strlen(text))) != NULL) {
        n++;
        rest = slice_after(rest, (size_t)(at - rest.p) + strlen(text));
    }
    return n;
}

/* Every page of the log is served only when its leaves follow from each other. */
static unsigned stored_in_log(void)
{
    unsigned n = 0;
    for (unsigned after = 0;; after += 500) {
        struct reply r;
        get(&world.w, &world.patient_key, below(&world, "/log?after=%u", after), &r);
        assert_int_equal(r.code, 200);
        n += count(&r.http.body, "\\\"outcome\\\":\\\"stored\\\"");
        bool more = count(&r.http.body, "\"salt\"") == 500;
        reply_done(&r);
        if (!more)
            return n;
    }
}

static void check_all(struct sample *last)
{
    struct reply r;
    for (unsigned i = 0; i < acked_n; i++) {
        struct ask q = {.key = &world.patient_key,
                        .method = "GET",
                        .target = below(&world, "/bodies/%s", acked[i])};
        expect(&world.w, &q, 200);
    }
    assert_true(stored_in_log() >= stored);
    if (last->body.n == 0)
        return;
    sample_add_to_chain(&world, world.patient, last);
    get(&world.w, &world.patient_key,
        below(&world, "/records/%s", hex_of(&world, slice_of(last->record.b, 32))), &r);
    assert_int_equal(r.code, 200);
    assert_slice(buf_slice(&r.http.body), buf_slice(&last->envelope));
    reply_done(&r);
}

static void keeps_what_it_acknowledged_when_it_is_killed(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    for (unsigned i = 0; i < ROUNDS; i++) {
        pthread_t thread;
        uint8_t random;
        struct sample last = {0};
        ehrd_start(&world.w);
        assert_int_equal(random_fill(&random_system, &random, 1), OK);
        struct killer k = {world.w.ehrd, 50 + 2u * random};
        assert_int_equal(pthread_create(&thread, NULL, kill_later, &k), 0);
        while (acked_n < ACKED_MAX && upload(&last))
            continue;
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(ehrd_stop(&world.w, SIGKILL), 128 + SIGKILL);
        ehrd_start(&world.w);
        check_all(&last);
        sample_done(&last);
        assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    }
    print_message("%u bodies acknowledged over %u kills, all there\n", acked_n, ROUNDS);
    assert_true(acked_n > 0);
}

static int setup(void **state)
{
    (void)state;
    (void)clinic_start(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_it_acknowledged_when_it_is_killed),
    };
    return cmocka_run_group_tests_name("api_kill", tests, setup, clinic_teardown);
}
