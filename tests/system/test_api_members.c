/* SPDX-License-Identifier: Apache-2.0 */
/* Relationship addresses at the real ehrd: certificates put, shown, erased and over; the certifier
 * as signer; what a suspension stops; which calls share a transaction. */
#include "fixture.h"

#include "api/uploads.h"
#include "codec/eip712.h"
#include "codec/json.h"
#include "ehr/card.h"
#include "ehr/certificate.h"
#include "ehr/identity.h"

#define SHUFFLES 24

/* Somebody with a published card. */
struct somebody {
    const struct secp_key *account;
    struct ledger_sender *sender;
    struct secp_key cert;
    hash32 card;
    uint32_t seq;
};
static struct somebody patient;
static struct somebody doctor;

static const char *path_of(const char *prefix, const struct secp_key *member)
{
    static char out[4][128];
    static unsigned next;
    addr20 a = key_addr(member);
    char *p = out[next++ % 4];
    (void)snprintf(p, sizeof out[0], "%s%s", prefix, hex_of(&world, slice_of(a.b, 20)));
    return p;
}

static struct identity kept_identity;
/* Named as certifier by the cards that are made while it is set: anybody's address. */
static const addr20 *claimed_certifier;

/* The next card of a new identity, or with the certifier of the one before. */
static void card_publish_of(struct somebody *who, const char *role, bool is_new)
{
    struct identity id;
    struct card card;
    struct buf json;
    struct buf data;
    who->seq++;
    if (is_new)
        assert_ok(identity_generate(&world.w.net, world.w.origin, &random_system, &kept_identity,
                                    &world.w.err),
                  &world.w.err);
    id = kept_identity;
    assert_int_equal(identity_scalar(&id, "cert", &who->cert), OK);
    assert_ok(
        card_build(&id, who->account, who->seq, "Name", role, &random_system, &card, &world.w.err),
        &world.w.err);
    if (claimed_certifier != NULL) {
        card.cert_key = *claimed_certifier;
        card_digest(&world.w.net, &card, &who->card);
        assert_int_equal(secp_sign(who->account, &who->card, card.sig65), OK);
    }
    identity_done(&id);
    if (!is_new)
        identity_done(&kept_identity);
    buf_init(&json, CARD_BYTES);
    assert_ok(card_put(&card, &json, &world.w.err), &world.w.err);
    card_digest(&world.w.net, &card, &who->card);
    struct ask put =
        as(who->account, "PUT", path_of("/api/v1/cards/", who->account), buf_slice(&json));
    expect(&world.w, &put, 204);
    buf_init(&data, 4096);
    assert_int_equal(registry_put_set_key_card(&data, who->card), OK);
    world_send(&world.w, who->sender, &data);
    buf_done(&json);
}

static void card_publish(struct somebody *who, const char *role)
{
    card_publish_of(who, role, true);
}

static void certificate(const struct somebody *who, const struct secp_key *member, int64_t for_s,
                        struct buf *json)
{
    struct certificate c;
    uint64_t not_after = (uint64_t)((int64_t)clinic_now(&world) + for_s);
    assert_int_equal(certificate_build(&world.w.net, key_addr(who->account), &who->card, not_after,
                                       &who->cert, member, &c),
                     OK);
    buf_init(json, CERTIFICATE_BYTES);
    assert_ok(certificate_put(&c, json, &world.w.err), &world.w.err);
}

static void certify(const struct somebody *who, const struct secp_key *member)
{
    struct buf json;
    certificate(who, member, 1000000, &json);
    struct ask put = as(member, "PUT", path_of("/api/v1/certificates/", member), buf_slice(&json));
    expect(&world.w, &put, 204);
    buf_done(&json);
}

/* --- forward requests ------------------------------------------------------------------------ */

static struct secp_key new_key(void)
{
    struct secp_key k;
    assert_int_equal(secp_key_generate(&random_system, &k), OK);
    return k;
}

/* One call of the batch, which is released. */
static void forward_call_put(const struct secp_key *key, uint64_t nonce, struct buf *of,
                             struct buf *json)
{
    struct buf call = *of;
    uint8_t sig[65];
    hash32 digest;
    struct eip712_forward_request r = {.from = key_addr(key),
                                       .to = world.w.net.proxy,
                                       .gas = u256_from_u64(300000),
                                       .nonce = u256_from_u64(nonce),
                                       .deadline = clinic_now(&world) + 600,
                                       .data = buf_slice(&call)};
    eip712_forward_request_digest(world.w.net.chain_id, world.w.forwarder, &r, &digest);
    assert_int_equal(secp_sign(key, &digest, sig), OK);
    assert_int_equal(buf_printf(json,
                                "%s{\"from\":\"%s\",\"to\":\"%s\",\"value\":\"0\",\"gas\":300000,"
                                "\"nonce\":%llu,\"deadline\":%llu,\"data\":\"0x",
                                json->n == 0 ? "{\"requests\":[" : ",",
                                hex_of(&world, slice_of(r.from.b, 20)),
                                hex_of(&world, slice_of(r.to.b, 20)), (unsigned long long)nonce,
                                (unsigned long long)r.deadline),
                     OK);
    assert_int_equal(buf_put_hex(json, buf_slice(&call)), OK);
    assert_int_equal(
        buf_printf(json, "\",\"signature\":\"%s\"}", hex_of(&world, slice_of(sig, 65))), OK);
    buf_done(&call);
}

/* openFolder by key with a salt of its own. */
static void forward_put(const struct secp_key *key, uint64_t nonce, uint8_t salt, struct buf *json)
{
    struct buf call;
    buf_init(&call, 4096);
    assert_int_equal(registry_put_open_folder(&call, (hash32){{salt}}, world.key_hash), OK);
    forward_call_put(key, nonce, &call, json);
}

static struct ask relay_of(struct buf *json)
{
    assert_int_equal(buf_put_str(json, "]}"), OK);
    return as(NULL, "POST", "/api/v1/relay", buf_slice(json));
}

static void relay_one(const struct secp_key *key, uint64_t nonce, uint8_t salt, int code,
                      const char *text)
{
    struct buf json;
    buf_init(&json, 65536);
    forward_put(key, nonce, salt, &json);
    struct ask q = relay_of(&json);
    expect_text(&world.w, &q, code, text);
    buf_done(&json);
}

/* --- certificates ---------------------------------------------------------------------------- */

static void takes_a_certificate_that_holds_and_no_other(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key member = new_key();
    struct secp_key other = new_key();
    struct buf json;
    const char *target = path_of("/api/v1/certificates/", &member);
    certificate(&patient, &member, 1000000, &json);
    struct ask put = as(&world.stranger_key, "PUT", target, buf_slice(&json));
    expect(&world.w, &put, 403); /* neither account nor member */
    put.key = doctor.account;
    expect(&world.w, &put, 403);
    put.key = &member;
    put.target = path_of("/api/v1/certificates/", &other);
    expect_text(&world.w, &put, 422, "another address");
    put.target = target;
    json.p[json.n - 10] = json.p[json.n - 10] == '1' ? '2' : '1'; /* in the member's signature */
    put.body = buf_slice(&json);
    expect_text(&world.w, &put, 422, "does not hold");
    buf_done(&json);
    certificate(&patient, &member, -5, &json);
    put.body = buf_slice(&json);
    expect_text(&world.w, &put, 422, "does not hold");
    buf_done(&json);
    struct somebody forged = patient;
    forged.cert = other;
    certificate(&forged, &member, 1000000, &json);
    put.body = buf_slice(&json);
    expect_text(&world.w, &put, 422, "does not hold");
    put.key = patient.account;
    expect_text(&world.w, &put, 422, "does not hold");
    buf_done(&json);
}

static void shows_a_certificate_to_those_it_names_only(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key member = new_key();
    const char *target = path_of("/api/v1/certificates/", &member);
    struct ask get_it = as(&member, "GET", target, SLICE_EMPTY);
    expect(&world.w, &get_it, 404);
    certify(&patient, &member);
    expect_text(&world.w, &get_it, 200, "memberSignature");
    get_it.key = patient.account;
    expect_text(&world.w, &get_it, 200, "memberSignature");
    get_it.key = &patient.cert;
    expect_text(&world.w, &get_it, 200, "memberSignature");
    get_it.key = doctor.account;
    expect(&world.w, &get_it, 404);
    get_it.key = &world.stranger_key;
    expect(&world.w, &get_it, 404);
    struct ask erase = as(doctor.account, "DELETE", target, SLICE_EMPTY);
    expect(&world.w, &erase, 404);
    erase.key = &patient.cert;
    expect(&world.w, &erase, 204);
    expect(&world.w, &erase, 404);
    relay_one(&member, 0, 0, 403, "no certificate");
}

static void a_certifier_acts_for_its_account(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask put = as(&patient.cert, "PUT", "/api/v1/state", SLICE_LIT("sealed"));
    struct ask read = as(patient.account, "GET", "/api/v1/state", SLICE_EMPTY);
    struct ask theirs = as(&doctor.cert, "GET", "/api/v1/state", SLICE_EMPTY);
    put.etag = "\"0\"";
    expect(&world.w, &put, 204);
    expect_text(&world.w, &read, 200, "sealed");
    expect(&world.w, &theirs, 404);
    /* but publishes no card, and another's certifier cannot be claimed */
    struct ask card =
        as(&patient.cert, "PUT", path_of("/api/v1/cards/", patient.account), SLICE_LIT("{}"));
    expect(&world.w, &card, 403);
}

/* --- what a certificate opens ---------------------------------------------------------------- */

static char folder_path[128];

static void member_folder(const struct secp_key *member, const char **ret_keys)
{
    static char keys[160];
    hash32 id;
    folder_id(&world.w.net, key_addr(member), &(hash32){{0}}, &id);
    (void)snprintf(folder_path, sizeof folder_path, "/api/v1/folders/%s",
                   hex_of(&world, slice_of(id.b, 32)));
    (void)snprintf(keys, sizeof keys, "%s/keys", folder_path);
    *ret_keys = keys;
}

static void serves_and_pays_while_the_account_is_active(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key member = new_key();
    const char *keys;
    relay_one(&member, 0, 0, 403, "no certificate");
    certify(&patient, &member);
    relay_one(&member, 0, 0, 200, "\"success\":true");
    member_folder(&member, &keys);
    struct ask q = as(&member, "GET", keys, SLICE_EMPTY);
    struct ask by_account = as(patient.account, "GET", keys, SLICE_EMPTY);
    expect_text(&world.w, &q, 200, "keyHash");
    expect_text(&world.w, &by_account, 403, "no grant"); /* the account has no right of its own */
    clinic_suspend(&world, patient.account, true);
    expect_text(&world.w, &q, 403, "not active");
    relay_one(&member, 1, 1, 403, "suspended");
    clinic_suspend(&world, patient.account, false);
    expect(&world.w, &q, 200);
    struct ask log = as(&member, "GET", strcat(folder_path, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &log, 200, "the account of the signer's certificate is not active");
    struct ask erase =
        as(&member, "DELETE", path_of("/api/v1/certificates/", &member), SLICE_EMPTY);
    expect(&world.w, &erase, 204);
    expect_text(&world.w, &q, 403, "no certificate");
    relay_one(&member, 1, 1, 403, "no certificate");
}

static void certificates_hold_for_a_new_card_of_the_same_certifier(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key member = new_key();
    const char *keys;
    card_publish(&patient, "patient");
    certify(&patient, &member);
    relay_one(&member, 0, 0, 200, "\"success\":true");
    card_publish_of(&patient, "patient", false); /* another name, say */
    member_folder(&member, &keys);
    struct ask q = as(&member, "GET", keys, SLICE_EMPTY);
    expect(&world.w, &q, 200);
    relay_one(&member, 1, 1, 200, "\"success\":true");
    clinic_suspend(&world, patient.account, true);
    expect_text(&world.w, &q, 403, "not active");
    relay_one(&member, 2, 2, 403, "suspended");
    clinic_suspend(&world, patient.account, false);
}

static void a_card_of_another_certifier_needs_new_certificates(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key member = new_key();
    struct secp_key before = patient.cert;
    const char *keys;
    certify(&patient, &member);
    relay_one(&member, 0, 0, 200, "\"success\":true");
    member_folder(&member, &keys);
    struct ask q = as(&member, "GET", keys, SLICE_EMPTY);
    expect(&world.w, &q, 200);
    card_publish(&patient, "patient");
    expect_text(&world.w, &q, 403, "earlier key card");
    relay_one(&member, 1, 1, 403, "earlier key card");
    struct ask old = as(&before, "GET", "/api/v1/state", SLICE_EMPTY);
    expect(&world.w, &old, 403); /* the certifier of the old card */
    certify(&patient, &member);
    expect(&world.w, &q, 200);
}

static void erase_certificate(const struct secp_key *by, const struct secp_key *member, int code)
{
    struct ask erase = as(by, "DELETE", path_of("/api/v1/certificates/", member), SLICE_EMPTY);
    expect(&world.w, &erase, code);
}

static void certify_in_vain(const struct somebody *who, const struct secp_key *member)
{
    struct buf json;
    certificate(who, member, 1000000, &json);
    ask_for(member, "PUT", path_of("/api/v1/certificates/", member), buf_slice(&json), 409,
            "suspended or over");
    buf_done(&json);
}

static void grant_by(const struct secp_key *owner, uint64_t nonce, const struct secp_key *holder)
{
    struct buf json;
    struct buf call;
    hash32 id;
    folder_id(&world.w.net, key_addr(owner), &(hash32){{0}}, &id);
    buf_init(&json, 65536);
    buf_init(&call, 4096);
    assert_int_equal(registry_put_grant(&call, id, (hash32){{0}}, key_addr(holder), REGISTRY_VIEW,
                                        0, clinic_now(&world) + 1000000, 0),
                     OK);
    forward_call_put(owner, nonce, &call, &json);
    struct ask q = relay_of(&json);
    expect_text(&world.w, &q, 200, "\"success\":true");
    buf_done(&json);
}

/* An address of a suspended account is not freed by another account's certificate, nor by none. */
static void a_suspension_holds_for_the_addresses_that_are_known(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key owner = new_key();
    struct secp_key holder = new_key();
    const char *keys;
    certify(&patient, &owner);
    certify(&doctor, &holder);
    relay_one(&owner, 0, 0, 200, "\"success\":true");
    grant_by(&owner, 1, &holder);
    member_folder(&owner, &keys);
    struct ask q = as(&holder, "GET", keys, SLICE_EMPTY);
    expect(&world.w, &q, 200);
    clinic_suspend(&world, doctor.account, true);
    expect_text(&world.w, &q, 403, "not active");
    certify_in_vain(&patient, &holder);
    erase_certificate(&holder, &holder, 409);
    expect_text(&world.w, &q, 403, "not active");
    clinic_suspend(&world, doctor.account, false);
    expect(&world.w, &q, 200);
    clinic_suspend(&world, patient.account, true); /* nor the owner's: its holders are not served */
    expect_text(&world.w, &q, 403, "owner");
    certify_in_vain(&doctor, &owner);
    erase_certificate(&owner, &owner, 409);
    expect_text(&world.w, &q, 403, "owner");
    clinic_suspend(&world, patient.account, false);
    certify(&patient, &holder); /* while nobody is barred, whose it is its key says */
    certify(&doctor, &holder);
    erase_certificate(&holder, &holder, 204);
    expect_text(&world.w, &q, 403, "no certificate");
}

/* --- batches --------------------------------------------------------------------------------- */

static void relay_two(const struct secp_key *a, const struct secp_key *b, int code,
                      const char *text)
{
    struct buf json;
    buf_init(&json, 65536);
    forward_put(a, 0, 9, &json);
    forward_put(b, 0, 9, &json);
    struct ask q = relay_of(&json);
    expect_text(&world.w, &q, code, text);
    buf_done(&json);
}

static void what_belongs_together_shares_no_transaction(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key one = new_key();
    struct secp_key two = new_key();
    struct secp_key theirs = new_key();
    certify(&patient, &one);
    certify(&patient, &two);
    certify(&doctor, &theirs);
    relay_two(&one, &two, 400, "of one account");
    relay_two(&one, patient.account, 400, "do not share");
    relay_two(doctor.account, &one, 400, "do not share");
    relay_two(&one, &theirs, 200, "\"success\":true");
}

/* Whether the first event of the transaction is of this signer. */
static bool is_first(const struct reply *r, const struct secp_key *who)
{
    struct arena a;
    struct json_doc doc;
    hash32 tx;
    struct ledger_receipt receipt;
    addr20 addr = key_addr(who);
    bool first = false;
    arena_init(&a, (size_t)4 << 20, false);
    assert_ok(json_read(buf_slice(&r->http.body), &a, &doc, &world.w.err), &world.w.err);
    assert_ok(json_hex_hash(json_get(json_root(&doc), "tx"), &tx, &world.w.err), &world.w.err);
    assert_ok(ledger_wait(world.w.ledger, &tx, 1, 10000, &a, &receipt, &world.w.err), &world.w.err);
    for (size_t i = 0; i < receipt.logs_n; i++) {
        if (!addr20_eq(receipt.logs[i].address, world.w.forwarder) || receipt.logs[i].topics_n != 2)
            continue;
        first = memcmp(receipt.logs[i].topics[1].b + 12, addr.b, 20) == 0;
        break;
    }
    arena_done(&a);
    return first;
}

static void inner_requests_leave_in_random_order(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key one = new_key();
    struct secp_key theirs = new_key();
    unsigned firsts = 0;
    certify(&patient, &one);
    certify(&doctor, &theirs);
    for (uint8_t i = 0; i < SHUFFLES; i++) {
        struct buf json;
        struct reply r;
        buf_init(&json, 65536);
        forward_put(&one, 2u * i, (uint8_t)(2 * i), &json);
        forward_put(&one, 2u * i + 1, (uint8_t)(2 * i + 1), &json); /* stays behind its first */
        forward_put(&theirs, i, i, &json);
        struct ask q = relay_of(&json);
        ask(&world.w, &q, &r);
        assert_int_equal(r.code, 200);
        assert_false(reply_has(&r, "false"));
        firsts += is_first(&r, &one) ? 1u : 0u;
        reply_done(&r);
        buf_done(&json);
    }
    assert_in_range(firsts, 1, SHUFFLES - 1); /* by chance wrong: once in 17,000 runs */
}

/* --- wallet mode: the account's own folder and grant ------------------------------------------ */

static void a_certifier_serves_the_accounts_own_folder(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    char target[160];
    (void)snprintf(target, sizeof target, "%s", below(&world, "/keys"));
    struct ask keys = as(&patient.cert, "GET", target, SLICE_EMPTY);
    struct ask theirs = as(&doctor.cert, "GET", target, SLICE_EMPTY);
    expect_text(&world.w, &keys, 200, "keyHash");
    expect_text(&world.w, &theirs, 403, "no grant");
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + 1000000);
    expect_text(&world.w, &theirs, 200, "keyHash");
    sample_make(&world, &world.patient_key, 1, SLICE_LIT("by the certifier"), &s);
    sample_upload(&world, &patient.cert, &s); /* the envelope's author is the account */
    sample_add_to_chain(&world, world.patient, &s);
    struct ask body = as(&doctor.cert, "GET", below(&world, "/bodies/%s", s.cid_text), SLICE_EMPTY);
    expect_text(&world.w, &body, 200, "by the certifier");
    struct ask owners = as(&doctor.cert, "GET", below(&world, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &owners, 403, "only the folder's owner");
    owners.key = &patient.cert;
    char named[96];
    addr20 who = key_addr(doctor.account);
    (void)snprintf(named, sizeof named, "\\\"account\\\":\\\"%s\\\"",
                   hex_of(&world, slice_of(who.b, sizeof who.b)));
    expect_text(&world.w, &owners, 200, named);
    /* what destroys is the account's own to sign */
    struct ask erase = as(&patient.cert, "DELETE", NULL, SLICE_EMPTY);
    erase.target = below(&world, "/envelopes/%s", hex_of(&world, slice_of(s.inner.b, 32)));
    expect_text(&world.w, &erase, 403, "own key");
    clinic_suspend(&world, doctor.account, true);
    expect_text(&world.w, &theirs, 403, "suspended");
    clinic_suspend(&world, doctor.account, false);
    clinic_revoke(&world);
    expect_text(&world.w, &theirs, 403, "revoked");
    sample_done(&s);
}

static void a_card_that_names_anothers_address_takes_no_right(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key member = new_key();
    addr20 claimed = key_addr(&member);
    const char *keys;
    certify(&patient, &member);
    relay_one(&member, 0, 0, 200, "\"success\":true");
    member_folder(&member, &keys);
    claimed_certifier = &claimed;
    card_publish(&doctor, "practitioner");
    claimed_certifier = NULL;
    struct ask q = as(&member, "GET", keys, SLICE_EMPTY);
    expect_text(&world.w, &q, 200, "keyHash");
    q.target = below(&world, "/keys"); /* and gets none by it either: the doctor's grant is over */
    expect_text(&world.w, &q, 403, "no grant");
    card_publish(&doctor, "practitioner");
}

/* A new address of somebody's with a folder of its own; folder_path is the folder's then. */
static struct secp_key folder_of(const struct somebody *who)
{
    const char *keys;
    struct secp_key member = new_key();
    certify(who, &member);
    relay_one(&member, 0, 0, 200, "\"success\":true");
    member_folder(&member, &keys);
    strcat(folder_path, "/uploads");
    return member;
}

static void new_addresses_give_an_account_no_more_uploads_at_once(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    for (unsigned i = 0; i < 2; i++) {
        struct secp_key member = folder_of(&patient);
        for (unsigned k = 0; k < UPLOADS_EACH; k++)
            ask_for(&member, "POST", folder_path, SLICE_EMPTY, 201, "\"offset\":0");
    }
    struct secp_key third = folder_of(&patient);
    ask_for(&third, "POST", folder_path, SLICE_EMPTY, 429, "too many uploads");
    struct secp_key theirs = folder_of(&doctor);
    ask_for(&theirs, "POST", folder_path, SLICE_EMPTY, 201, "\"offset\":0");
}

static int setup(void **state)
{
    (void)clinic_setup(state);
    if (!has_ledger())
        return 0;
    patient = (struct somebody){.account = &world.patient_key, .sender = world.patient};
    doctor = (struct somebody){.account = &world.doctor_key, .sender = world.doctor};
    card_publish(&patient, "patient");
    card_publish(&doctor, "practitioner");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_certificate_that_holds_and_no_other),
        cmocka_unit_test(shows_a_certificate_to_those_it_names_only),
        cmocka_unit_test(a_certifier_acts_for_its_account),
        cmocka_unit_test(serves_and_pays_while_the_account_is_active),
        cmocka_unit_test(a_suspension_holds_for_the_addresses_that_are_known),
        cmocka_unit_test(certificates_hold_for_a_new_card_of_the_same_certifier),
        cmocka_unit_test(a_card_of_another_certifier_needs_new_certificates),
        cmocka_unit_test(what_belongs_together_shares_no_transaction),
        cmocka_unit_test(inner_requests_leave_in_random_order),
        cmocka_unit_test(a_certifier_serves_the_accounts_own_folder),
        cmocka_unit_test(a_card_that_names_anothers_address_takes_no_right),
        cmocka_unit_test(new_addresses_give_an_account_no_more_uploads_at_once),
    };
    return cmocka_run_group_tests_name("api_members", tests, setup, clinic_teardown);
}
