/* SPDX-License-Identifier: Apache-2.0 */
/* Who may write an owner state: nobody without the identity, and nobody at another version. */
#include "test.h"

#include "base/sysio.h"
#include "ehr/state.h"

static const struct netid net = {.chain_id = 31337, .proxy = {{1, 2, 3}}};

struct world {
    struct identity id;
    struct age_identity age;
    struct state_place at;
    struct owner_state state;
    struct buf blob;
    struct err err;
};

static void world_make(struct world *w)
{
    *w = (struct world){.id = {.net = net, .root = {7}}};
    assert_int_equal(identity_age(&w->id, 0, &w->age), OK);
    w->at = (struct state_place){.id = &w->id, .account = {{9}}, .version = 4};
    state_init(&w->state);
    w->state.next_owner = 11;
    buf_init(&w->blob, STATE_BYTES);
    assert_ok(state_seal(&w->state, &w->age, &w->at, &random_system, &w->blob, &w->err), &w->err);
}

static void world_done(struct world *w)
{
    buf_done(&w->blob);
    state_done(&w->state);
}

static void refuses(struct world *w, slice blob, const struct state_place *at)
{
    struct owner_state got;
    state_init(&got);
    assert_status(state_open(blob, &w->age, at, false, &got, &w->err), E_MISMATCH);
    assert_non_null(strstr(w->err.msg, "owner state"));
}

static void opens_what_the_identity_wrote_for_this_place(void **s)
{
    struct world w;
    struct owner_state got;
    (void)s;
    world_make(&w);
    state_init(&got);
    assert_ok(state_open(buf_slice(&w.blob), &w.age, &w.at, false, &got, &w.err), &w.err);
    assert_int_equal(got.next_owner, 11);
    assert_false(got.unproved);
    state_done(&got);
    world_done(&w);
}

static void refuses_it_in_another_place(void **s)
{
    struct world w;
    (void)s;
    world_make(&w);
    struct state_place other = w.at;
    other.version = 3;
    refuses(&w, buf_slice(&w.blob), &other);
    other = w.at;
    other.account.b[19] ^= 1;
    refuses(&w, buf_slice(&w.blob), &other);
    struct identity elsewhere = w.id;
    elsewhere.net.chain_id++;
    other = w.at;
    other.id = &elsewhere;
    refuses(&w, buf_slice(&w.blob), &other);
    world_done(&w);
}

static void refuses_every_changed_byte_and_every_shorter_one(void **s)
{
    struct world w;
    (void)s;
    world_make(&w);
    for (size_t i = 0; i < w.blob.n; i++) {
        w.blob.p[i] ^= 0x20;
        refuses(&w, buf_slice(&w.blob), &w.at);
        w.blob.p[i] ^= 0x20;
        refuses(&w, slice_first(buf_slice(&w.blob), i), &w.at);
    }
    world_done(&w);
}

/* The recipient stands on the key card: anybody can seal to it. */
static void refuses_what_anybody_sealed_to_the_card(void **s)
{
    struct world w;
    struct buf forged;
    struct buf plain;
    struct owner_state got;
    struct age_to to;
    (void)s;
    world_make(&w);
    to = (struct age_to){.r = &w.age.recipient, .n = 1};
    state_init(&got);
    buf_init(&plain, STATE_BYTES);
    buf_init(&forged, STATE_BYTES);
    assert_ok(state_put(&w.state, &plain, &w.err), &w.err);
    assert_ok(age_seal(&forged, &to, buf_slice(&plain), &random_system, &w.err), &w.err);
    refuses(&w, buf_slice(&forged), &w.at);
    assert_ok(state_open(buf_slice(&forged), &w.age, &w.at, true, &got, &w.err), &w.err);
    assert_true(got.unproved); /* the owner accepted it, knowing */
    state_done(&got);
    /* A mac of something else before it does not help, accepted or not. */
    buf_clear(&plain);
    assert_int_equal(buf_put(&plain, slice_first(buf_slice(&w.blob), 32)), OK);
    assert_int_equal(buf_put(&plain, buf_slice(&forged)), OK);
    refuses(&w, buf_slice(&plain), &w.at);
    assert_status(state_open(buf_slice(&plain), &w.age, &w.at, true, &got, &w.err), E_MISMATCH);
    buf_done(&forged);
    buf_done(&plain);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_the_identity_wrote_for_this_place),
        cmocka_unit_test(refuses_it_in_another_place),
        cmocka_unit_test(refuses_every_changed_byte_and_every_shorter_one),
        cmocka_unit_test(refuses_what_anybody_sealed_to_the_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
