/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes that are as long as somebody who may add to a folder can make them: what is taken, and
 * that the others are still read. */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/limits.h"
#include "ehr/envelope.h"
#include "vault/lmdb.h"
#include "vault/node.h"

#define FAR_AHEAD 1000000u
#define LARGE 80u
#define LARGE_BYTES (VAULT_ENVELOPE_MAX - 512)
#define QUERY_BYTES 16384u

static struct vault_ref refs[LARGE];

static void post_with(size_t header_n, size_t meta_n, int code, const char *text)
{
    struct sample s;
    char body[sizeof "large 0123456789"];
    static unsigned made;
    (void)snprintf(body, sizeof body, "large %u", made++);
    world.header_n = header_n;
    world.meta_n = meta_n;
    sample_make(&world, &world.patient_key, 1, slice_str(body), &s);
    ask_for(&world.patient_key, "POST", below(&world, "/bodies?cid=%s", s.cid_text),
            buf_slice(&s.body), 201, "");
    ask_for(&world.patient_key, "POST", below(&world, "/envelopes"), buf_slice(&s.post), code,
            text);
    world.header_n = 0;
    world.meta_n = 0;
    sample_done(&s);
}

static void takes_none_that_is_longer_than_it_has_to_be(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    post_with(LIMIT_BODY_HEADER, LIMIT_META_AGE, 201, "stored");
    post_with(LIMIT_BODY_HEADER + 1, 0, 413, "header");
    post_with(0, LIMIT_META_AGE + 1, 413, "meta");
}

/* As a node of before took them: longer ones, too. */
static void store(const struct sample *s)
{
    static struct vault *v;
    struct vault_lmdb_config cfg = {
        .dir = world.w.data, .net = world.w.net, .clock = &clock_system, .random = &random_system};
    uint8_t bin[CID_BIN_MAX];
    struct vault_envelope e = {.inner = s->inner,
                               .record = s->record,
                               .bytes = buf_slice(&s->envelope),
                               .cid = slice_of(bin, cid_write(&s->cid, bin))};
    assert_ok(vault_lmdb_open(&cfg, &v, &world.w.err), &world.w.err);
    assert_ok(vault_lmdb_body_add(v, &world.folder, e.cid, &world.w.err), &world.w.err);
    struct envelope read;
    assert_ok(envelope_read(e.bytes, &read, &world.w.err), &world.w.err);
    envelope_commitment(&world.w.net, &read, &s->inner, e.commitment);
    assert_ok(vault_envelopes_put(v, &world.folder, &e, 1, &world.w.err), &world.w.err);
    vault_close(v);
}

static int setup(void **state)
{
    (void)clinic_setup(state);
    if (!has_ledger())
        return 0;
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    world.meta_n = LARGE_BYTES;
    for (uint8_t i = 0; i < LARGE; i++) {
        struct sample s;
        sample_make(&world, &world.patient_key, 1, slice_of(&i, 1), &s);
        sample_add_to_chain(&world, world.patient, &s);
        store(&s);
        refs[i] = (struct vault_ref){.record = s.record, .version = 1, .inner = s.inner};
        sample_done(&s);
    }
    world.meta_n = 0;
    ehrd_start(&world.w);
    return 0;
}

static slice query_of(struct buf *json)
{
    buf_init(json, QUERY_BYTES);
    for (unsigned i = 0; i < LARGE; i++)
        assert_int_equal(buf_printf(json, "%s\"%s\"", i == 0 ? "{\"records\":[" : ",",
                                    hex_of(&world, slice_of(refs[i].record.b, 32))),
                         OK);
    assert_int_equal(buf_put_str(json, "]}"), OK);
    return buf_slice(json);
}

static void an_answer_in_part_says_how_much_is_left_out(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf json;
    struct reply r;
    struct ask q =
        as(&world.doctor_key, "POST", below(&world, "/envelopes/query"), query_of(&json));
    ask(&world.w, &q, &r);
    assert_int_equal(r.code, 200);
    assert_in_range(r.http.body.n, (size_t)32 << 20, ((size_t)32 << 20) + VAULT_ENVELOPE_MAX + 64);
    slice left = http_answer_header(&r.http, "Ehrd-Left-Out");
    size_t looked = (r.http.body.n + LARGE_BYTES / 2) / LARGE_BYTES;
    assert_int_equal(left.n, 2);
    assert_int_equal((left.p[0] - '0') * 10 + left.p[1] - '0', LARGE - looked);
    reply_done(&r);
    buf_done(&json);
}

static void a_client_gets_all_that_is_there(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct vault *v;
    struct arena a;
    struct vault_envelope *got;
    size_t n = 0;
    struct vault_ref asked[LARGE + 2];
    struct vault_node_config cfg = {.http = world.w.http,
                                    .url = world.w.origin,
                                    .origin = world.w.origin,
                                    .net = world.w.net,
                                    .clock = &clock_system,
                                    .random = &random_system};
    asked[0] = (struct vault_ref){.record = {{1}}, .version = 1}; /* no record's */
    memcpy(asked + 1, refs, sizeof refs);
    asked[LARGE + 1] = (struct vault_ref){.record = {{2}}, .version = 1};
    arena_init(&a, (size_t)256 << 20, false);
    assert_ok(vault_node_open(&cfg, &v, &world.w.err), &world.w.err);
    vault_node_sign_as(v, &world.doctor_key, key_addr(&world.doctor_key));
    assert_ok(vault_envelopes_get(v, &world.folder, asked, LARGE + 2, &a, &got, &n, &world.w.err),
              &world.w.err);
    assert_int_equal(n, LARGE);
    for (unsigned i = 0; i < LARGE; i++)
        assert_true(hash32_eq(got[i].inner, refs[i].inner) && got[i].bytes.n > LARGE_BYTES);
    vault_close(v);
    arena_done(&a);
}

struct reader {
    struct world w; /* a copy: its error is this thread's */
    struct ask q;
    int code;
};

static void *read_all(void *arg)
{
    struct reader *r = arg;
    struct reply answer;
    r->code = ask_try(&r->w, &r->q, &answer) == OK ? answer.code : 0;
    reply_done(&answer);
    return NULL;
}

/* What is being read when a revoke is mined is in the log then, or is not handed out. */
static void the_log_behind_a_revoke_has_all_that_left(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char target[256];
    struct buf json;
    slice body = query_of(&json);
    for (long ms = 20; ms <= 80; ms += 20) {
        pthread_t t;
        struct reply log;
        struct reader r = {.w = world.w};
        const struct timespec wait = {.tv_nsec = ms * 1000000};
        (void)snprintf(target, sizeof target, "%s", below(&world, "/envelopes/query?in%ld", ms));
        r.q = as(&world.doctor_key, "POST", target, body);
        assert_int_equal(pthread_create(&t, NULL, read_all, &r), 0);
        (void)nanosleep(&wait, NULL);
        clinic_revoke(&world);
        get(&world.w, &world.patient_key, below(&world, "/log"), &log);
        assert_int_equal(pthread_join(t, NULL), 0);
        if (r.code != 403 && (r.code != 200 || !reply_has(&log, strrchr(target, '?'))))
            fail_msg("answered %d, and not in the log that followed the revoke", r.code);
        reply_done(&log);
        clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    }
    buf_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_none_that_is_longer_than_it_has_to_be),
        cmocka_unit_test(an_answer_in_part_says_how_much_is_left_out),
        cmocka_unit_test(a_client_gets_all_that_is_there),
        cmocka_unit_test(the_log_behind_a_revoke_has_all_that_left),
    };
    return cmocka_run_group_tests_name("api_envelopes", tests, setup, clinic_teardown);
}
