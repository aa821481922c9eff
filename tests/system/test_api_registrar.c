/* SPDX-License-Identifier: Apache-2.0 */
/* What the real ehrd shows to those who register others, and no longer shows to them once their
 * own account is suspended or over: it judges as the contract's onlyRegistrar does. */
#include "fixture.h"

#include <time.h>

#include "api/throttle.h"

static const char *of_stranger(void)
{
    static char out[128];
    (void)snprintf(out, sizeof out, "/api/v1/registrations/%s",
                   hex_of(&world, slice_of(key_addr(&world.stranger_key).b, 20)));
    return out;
}

static void applies(void)
{
    ask_for(
        &world.stranger_key, "POST", "/api/v1/registrations",
        SLICE_LIT("{\"name\":\"Nadia Noor\",\"role\":\"patient\",\"contact\":\"n@example.org\"}"),
        201, "received");
}

static void make_registrar(const struct secp_key *who)
{
    struct buf data;
    hash32 role;
    memcpy(role.b, registry_registrar_role, sizeof role.b);
    buf_init(&data, 4096);
    assert_int_equal(registry_put_grant_role(&data, role, key_addr(who)), OK);
    world_send(&world.w, world.w.admin, &data);
}

static void doctor_until(uint64_t valid_until)
{
    struct buf data;
    buf_init(&data, 4096);
    assert_int_equal(registry_put_register_account(&data, key_addr(&world.doctor_key),
                                                   REGISTRY_ROLE_PRACTITIONER, valid_until),
                     OK);
    world_send(&world.w, world.w.admin, &data);
}

static void serves(const struct secp_key *who)
{
    ask_for(who, "GET", "/api/v1/registrations", SLICE_EMPTY, 200, "Nadia Noor");
    ask_for(who, "GET", "/api/v1/directory", SLICE_EMPTY, 200, "cards");
}

static void refuses(const struct secp_key *who)
{
    ask_for(who, "GET", "/api/v1/registrations", SLICE_EMPTY, 403, "suspended or over");
    ask_for(who, "GET", "/api/v1/directory", SLICE_EMPTY, 403, "suspended or over");
    ask_for(who, "DELETE", of_stranger(), SLICE_EMPTY, 404, "no request of yours");
    ask_for(&world.stranger_key, "GET", of_stranger(), SLICE_EMPTY, 200, "Nadia Noor");
}

static void serves_a_registrar_with_an_account_and_one_without(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key admin = anvil_key(0);
    applies();
    ask_for(&world.doctor_key, "GET", "/api/v1/registrations", SLICE_EMPTY, 403, "registers no");
    make_registrar(&world.doctor_key);
    serves(&world.doctor_key);
    serves(&admin); /* no account of its own: the contract asks for none */
    struct ask end = as(&world.doctor_key, "DELETE", of_stranger(), SLICE_EMPTY);
    expect(&world.w, &end, 204);
}

static void a_suspended_registrar_sees_and_ends_nothing(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    applies();
    clinic_suspend(&world, &world.doctor_key, true);
    refuses(&world.doctor_key);
    clinic_suspend(&world, &world.doctor_key, false);
    serves(&world.doctor_key);
}

static void a_registrar_whose_registration_ended_sees_and_ends_nothing(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    const struct timespec second = {.tv_sec = 1};
    uint64_t chain = clinic_now(&world); /* of the last block: the clock may be far ahead */
    uint64_t clock = clock_unix_s(&clock_system);
    uint64_t end = (chain > clock ? chain : clock) + 5;
    doctor_until(end);
    while (clock_unix_s(&clock_system) <= end)
        (void)nanosleep(&second, NULL);
    refuses(&world.doctor_key);
    doctor_until(0);
    serves(&world.doctor_key);
}

/* Through a proxy on this machine all come from one address. */
static void one_sender_behind_a_proxy_holds_up_no_other(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    for (unsigned i = 0; i < 3 * THROTTLE_REGISTRATIONS; i++) {
        struct secp_key somebody;
        assert_int_equal(secp_key_generate(&random_system, &somebody), OK);
        ask_for(&somebody, "POST", "/api/v1/registrations",
                SLICE_LIT("{\"name\":\"N\",\"role\":\"patient\"}"), 201, "received");
    }
    applies();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_a_registrar_with_an_account_and_one_without),
        cmocka_unit_test(a_suspended_registrar_sees_and_ends_nothing),
        cmocka_unit_test(a_registrar_whose_registration_ended_sees_and_ends_nothing),
        cmocka_unit_test(one_sender_behind_a_proxy_holds_up_no_other),
    };
    return cmocka_run_group_tests_name("api_registrar", tests, clinic_setup, clinic_teardown);
}
