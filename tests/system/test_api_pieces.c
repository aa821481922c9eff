/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that come in pieces: order, cuts, strangers, limits. */
#include "fixture.h"

#include "api/uploads.h"
#include "codec/json.h"

#define FAR_AHEAD 1000000u
#define BODY "a body that comes in three pieces"

/* Begin one; its path below the folder. */
static void begin(const struct secp_key *key, char path[128])
{
    struct reply r;
    char id[80];
    struct ask q = as(key, "POST", below(&world, "/uploads"), SLICE_EMPTY);
    ask(&world.w, &q, &r);
    assert_int_equal(r.code, 201);
    answer_text(&r.http, "id", id, sizeof id);
    (void)snprintf(path, 128, "/uploads/%s", id);
    reply_done(&r);
}

static void puts_pieces_together(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char path[128];
    struct sample s;
    const struct secp_key *key = &world.patient_key;
    sample_make(&world, key, 1, SLICE_LIT(BODY), &s);
    slice all = buf_slice(&s.body);
    begin(key, path);
    ask_for(key, "PATCH", below(&world, "%s?offset=0", path), slice_first(all, 10), 200,
            "\"offset\":10");
    ask_for(key, "PATCH", below(&world, "%s?offset=0", path), slice_first(all, 10), 409,
            "is at 10");
    ask_for(key, "PATCH", below(&world, "%s?offset=11", path), slice_after(all, 11), 409,
            "is at 10");
    ask_for(key, "PATCH", below(&world, "%s", path), slice_after(all, 10), 400, "offset");
    ask_for(key, "PATCH", below(&world, "%s?offset=10x", path), slice_after(all, 10), 400,
            "offset");
    ask_for(key, "GET", below(&world, "%s", path), SLICE_EMPTY, 200, "\"offset\":10");
    ask_for(key, "PATCH", below(&world, "%s?offset=10", path), slice_after(all, 10), 200,
            "\"offset\":");
    ask_for(key, "POST", below(&world, "%s/finish?cid=%s", path, s.cid_text), SLICE_EMPTY, 201,
            s.cid_text);
    ask_for(key, "GET", below(&world, "%s", path), SLICE_EMPTY, 404, "no such upload");
    ask_for(key, "GET", below(&world, "/bodies/%s", s.cid_text), SLICE_EMPTY, 200, "");
    sample_done(&s);
}

static void belongs_to_who_began_it(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char path[128];
    clinic_grant(&world, REGISTRY_VIEW | REGISTRY_ADD, 0, clinic_now(&world) + FAR_AHEAD);
    begin(&world.doctor_key, path);
    ask_for(&world.patient_key, "GET", below(&world, "%s", path), SLICE_EMPTY, 404,
            "no such upload");
    ask_for(&world.patient_key, "DELETE", below(&world, "%s", path), SLICE_EMPTY, 404, "no such");
    clinic_revoke(&world);
    ask_for(&world.doctor_key, "PATCH", below(&world, "%s?offset=0", path), SLICE_LIT("late"), 403,
            "revoked");
    ask_for(&world.doctor_key, "POST", below(&world, "/uploads"), SLICE_EMPTY, 403, "revoked");
}

static void ends_with_a_wrong_piece_or_cid(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char path[128];
    struct sample s;
    const struct secp_key *key = &world.patient_key;
    sample_make(&world, key, 1, SLICE_LIT("another body"), &s);
    begin(key, path);
    struct ask forged = {.key = key, .method = "PATCH", .body = SLICE_LIT("forged")};
    forged.target = below(&world, "%s?offset=0", path);
    forged.signed_body = SLICE_LIT("signed");
    expect_text(&world.w, &forged, 422, "not the one that was signed");
    ask_for(key, "GET", below(&world, "%s", path), SLICE_EMPTY, 404, "no such upload");
    begin(key, path);
    ask_for(key, "PATCH", below(&world, "%s?offset=0", path), SLICE_LIT("other"), 200, "5");
    ask_for(key, "POST", below(&world, "%s/finish?cid=%s", path, s.cid_text), SLICE_EMPTY, 422,
            "another CID");
    ask_for(key, "GET", below(&world, "/bodies/%s", s.cid_text), SLICE_EMPTY, 404, "");
    sample_done(&s);
}

static void bounds_the_number_of_one_signer(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char path[UPLOADS_EACH][128];
    const struct secp_key *key = &world.patient_key;
    for (unsigned i = 0; i < UPLOADS_EACH; i++)
        begin(key, path[i]);
    ask_for(key, "POST", below(&world, "/uploads"), SLICE_EMPTY, 429, "too many");
    struct ask drop = {.key = key, .method = "DELETE"};
    for (unsigned i = 0; i < UPLOADS_EACH; i++) {
        drop.target = below(&world, "%s", path[i]);
        expect(&world.w, &drop, 204);
    }
    begin(key, path[0]);
    drop.target = below(&world, "%s", path[0]);
    expect(&world.w, &drop, 204);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_pieces_together),
        cmocka_unit_test(belongs_to_who_began_it),
        cmocka_unit_test(ends_with_a_wrong_piece_or_cid),
        cmocka_unit_test(bounds_the_number_of_one_signer),
    };
    return cmocka_run_group_tests_name("api_pieces", tests, clinic_setup, clinic_teardown);
}
