/* SPDX-License-Identifier: Apache-2.0 */
/* What a removed record and a resealed one leave behind: bodies by their CID, envelopes to erase.
 */
#include "fixture.h"

#include "vault/lmdb.h"

#define FAR_AHEAD 1000000u

static void status_set(const struct sample *s, uint8_t to)
{
    struct buf data;
    buf_init(&data, 4096);
    assert_int_equal(registry_put_set_record_status(&data, world.folder, s->record, 1, to), OK);
    world_send(&world.w, world.patient, &data);
}

static void a_removed_body_is_for_the_owner_only(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    char target[512];
    const struct secp_key *doctor = &world.doctor_key;
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    sample_make(&world, &world.patient_key, 1, SLICE_LIT("soon removed"), &s);
    (void)snprintf(target, sizeof target, "%s", below(&world, "/bodies/%s", s.cid_text));
    sample_upload(&world, &world.patient_key, &s);
    ask_for(doctor, "GET", target, SLICE_EMPTY, 404, "no record refers");
    sample_add_to_chain(&world, world.patient, &s);
    ask_for(doctor, "GET", target, SLICE_EMPTY, 200, "soon removed");
    status_set(&s, 3);
    ask_for(doctor, "GET", target, SLICE_EMPTY, 410, "removed");
    ask_for(&world.patient_key, "GET", target, SLICE_EMPTY, 200, "soon removed");
    status_set(&s, 1);
    ask_for(doctor, "GET", target, SLICE_EMPTY, 200, "soon removed");
    sample_done(&s);
}

static void reseal(const struct sample *s)
{
    struct buf data;
    buf_init(&data, 4096);
    assert_int_equal(registry_put_reseal_record(&data, world.folder, s->record, 1, 1, s->inner),
                     OK);
    world_send(&world.w, world.patient, &data);
}

static const char *envelope_path(const struct sample *s)
{
    return below(&world, "/envelopes/%s", hex_of(&world, slice_of(s->inner.b, 32)));
}

static void a_resealed_envelope_is_erased_with_its_body(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample old;
    struct sample now;
    const struct secp_key *owner = &world.patient_key;
    sample_make(&world, owner, 1, SLICE_LIT("under the old key"), &old);
    sample_make(&world, owner, 1, SLICE_LIT("under the new key"), &now);
    struct cid of_now = now.cid;
    sample_upload(&world, owner, &old);
    sample_add_to_chain(&world, world.patient, &old);
    ask_for(owner, "DELETE", envelope_path(&old), SLICE_EMPTY, 409, "reseal");
    struct ask up = {.key = owner, .method = "POST"};
    up.target = below(&world, "/bodies?cid=%s", now.cid_text);
    up.body = buf_slice(&now.body);
    expect(&world.w, &up, 201);
    struct sample again;
    sample_make_around(&world, owner, &old.record, 1, &of_now, &again);
    up.target = below(&world, "/envelopes");
    up.body = buf_slice(&again.post);
    expect(&world.w, &up, 201);
    ask_for(owner, "DELETE", envelope_path(&old), SLICE_EMPTY, 409, "reseal");
    reseal(&again);
    ask_for(&world.doctor_key, "DELETE", envelope_path(&old), SLICE_EMPTY, 403, "owner");
    ask_for(owner, "DELETE", envelope_path(&again), SLICE_EMPTY, 409, "reseal");
    struct ask drop = {.key = owner, .method = "DELETE", .target = envelope_path(&old)};
    expect(&world.w, &drop, 204);
    ask_for(owner, "DELETE", envelope_path(&old), SLICE_EMPTY, 404, "does not hold");
    ask_for(owner, "GET", below(&world, "/bodies/%s", old.cid_text), SLICE_EMPTY, 404,
            "E_NOT_FOUND");
    ask_for(owner, "GET", below(&world, "/bodies/%s", now.cid_text), SLICE_EMPTY, 200,
            "under the new key");
    struct ask get = {.key = owner, .method = "GET"};
    get.target = below(&world, "/records/%s", hex_of(&world, slice_of(old.record.b, 32)));
    expect(&world.w, &get, 200);
    sample_done(&old);
    sample_done(&now);
    sample_done(&again);
}

static void a_removed_record_is_erased_by_its_owner(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    char record[256];
    const struct secp_key *owner = &world.patient_key;
    sample_make(&world, owner, 1, SLICE_LIT("to be forgotten"), &s);
    sample_upload(&world, owner, &s);
    sample_add_to_chain(&world, world.patient, &s);
    ask_for(owner, "DELETE", envelope_path(&s), SLICE_EMPTY, 409, "what is removed");
    status_set(&s, 3);
    ask_for(&world.doctor_key, "DELETE", envelope_path(&s), SLICE_EMPTY, 403, "owner");
    struct ask drop = {.key = owner, .method = "DELETE", .target = envelope_path(&s)};
    expect(&world.w, &drop, 204);
    status_set(&s, 1); /* brought back on the chain: there is nothing to bring */
    ask_for(owner, "GET", below(&world, "/bodies/%s", s.cid_text), SLICE_EMPTY, 404, "E_NOT_FOUND");
    (void)snprintf(record, sizeof record, "%s",
                   below(&world, "/records/%s", hex_of(&world, slice_of(s.record.b, 32))));
    ask_for(owner, "GET", record, SLICE_EMPTY, 404, "E_NOT_FOUND");
    sample_done(&s);
}

/* Somebody who may add to the folder and once saw the record: an envelope of their own around its
 * body. */
static void post_around(const struct sample *s, const hash32 *record, int code, const char *text)
{
    struct sample own;
    sample_make_around(&world, &world.doctor_key, record, 1, &s->cid, &own);
    ask_for(&world.doctor_key, "POST", below(&world, "/envelopes"), buf_slice(&own.post), code,
            text);
    sample_done(&own);
}

static void a_body_belongs_to_one_record(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    struct sample other;
    char body[256];
    const struct secp_key *owner = &world.patient_key;
    clinic_grant(&world, REGISTRY_VIEW | REGISTRY_ADD, 0, clinic_now(&world) + FAR_AHEAD);
    sample_make(&world, owner, 1, SLICE_LIT("removed, and asked for"), &s);
    sample_make(&world, owner, 1, SLICE_LIT("stays"), &other);
    sample_upload(&world, owner, &s);
    sample_upload(&world, owner, &other);
    sample_add_to_chain(&world, world.patient, &s);
    sample_add_to_chain(&world, world.patient, &other);
    (void)snprintf(body, sizeof body, "%s", below(&world, "/bodies/%s", s.cid_text));
    post_around(&s, &other.record, 409, "another record's");
    post_around(&s, NULL, 409, "another record's");
    status_set(&s, 3);
    post_around(&s, &other.record, 409, "another record's");
    for (unsigned i = 1; i < VAULT_BODY_REFS; i++)
        post_around(&s, &s.record, 201, "stored");
    post_around(&s, &s.record, 409, "refer to the body");
    ask_for(&world.doctor_key, "GET", body, SLICE_EMPTY, 410, "removed");
    struct ask drop = {.key = owner, .method = "DELETE", .target = envelope_path(&s)};
    expect(&world.w, &drop, 204);
    ask_for(owner, "GET", body, SLICE_EMPTY, 404, "E_NOT_FOUND");
    post_around(&s, &other.record, 409, "not uploaded");
    post_around(&s, &s.record, 409, "not uploaded");
    sample_done(&s);
    sample_done(&other);
}

/* A version of the removed record that is on the chain is erased by its own name only. */
static void a_committed_version_keeps_the_body_it_shares(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    struct sample again;
    const struct secp_key *owner = &world.patient_key;
    sample_make(&world, owner, 1, SLICE_LIT("under two headers"), &s);
    sample_upload(&world, owner, &s);
    sample_add_to_chain(&world, world.patient, &s);
    sample_make_around(&world, owner, &s.record, 1, &s.cid, &again);
    struct ask post = as(owner, "POST", below(&world, "/envelopes"), buf_slice(&again.post));
    expect(&world.w, &post, 201);
    reseal(&again);
    status_set(&s, 3);
    struct ask drop = {.key = owner, .method = "DELETE", .target = envelope_path(&s)};
    expect(&world.w, &drop, 204);
    ask_for(owner, "GET", below(&world, "/bodies/%s", s.cid_text), SLICE_EMPTY, 200, "two headers");
    drop.target = envelope_path(&again);
    expect(&world.w, &drop, 204);
    ask_for(owner, "GET", below(&world, "/bodies/%s", s.cid_text), SLICE_EMPTY, 404, "E_NOT_FOUND");
    sample_done(&s);
    sample_done(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_removed_body_is_for_the_owner_only),
        cmocka_unit_test(a_resealed_envelope_is_erased_with_its_body),
        cmocka_unit_test(a_removed_record_is_erased_by_its_owner),
        cmocka_unit_test(a_body_belongs_to_one_record),
        cmocka_unit_test(a_committed_version_keeps_the_body_it_shares),
    };
    return cmocka_run_group_tests_name("api_erase", tests, clinic_setup, clinic_teardown);
}
