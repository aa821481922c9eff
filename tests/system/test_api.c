/* SPDX-License-Identifier: Apache-2.0 */
/* The real ehrd beside the real contracts: who gets what, and what is refused with which reason. */
#include "fixture.h"

#include <signal.h>
#include <time.h>

#define FAR_AHEAD 1000000u

static void grant_doctor(uint8_t permissions)
{
    clinic_grant(&world, permissions, 0, clinic_now(&world) + FAR_AHEAD);
}

/* --- who am I -------------------------------------------------------------------------------- */

static void describes_itself_to_anyone(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(NULL, "GET", "/api/v1/node", SLICE_EMPTY);
    expect_text(&world.w, &q, 200, "\"chainId\":\"31337\"");
    expect_text(&world.w, &q, 200, world.w.origin);
    q.target = "/api/v1/openapi.json";
    expect_text(&world.w, &q, 200, "openapi");
    q.target = "/healthz";
    expect(&world.w, &q, 200);
    q.target = "/readyz";
    expect_text(&world.w, &q, 200, "\"ready\":true");
    q.target = "/metrics";
    expect_text(&world.w, &q, 200, "ehrd_ledger_up 1");
    expect_text(&world.w, &q, 200, "\nehrd_relayer_balance_wei ");
    q.target = "/";
    expect_text(&world.w, &q, 200, "<html lang=\"en\">");
    q.target = "/api/v1/nowhere"; /* others are places of the page, where it is built */
    expect_text(&world.w, &q, 404, "E_NOT_FOUND");
    q = as(NULL, "DELETE", "/api/v1/node", SLICE_EMPTY);
    expect_text(&world.w, &q, 405, "E_METHOD");
}

static void passes_allowed_rpc_on(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(NULL, "POST", "/rpc", SLICE_EMPTY);
    q.body = SLICE_LIT("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"eth_chainId\",\"params\":[]}");
    expect_text(&world.w, &q, 200, "\"0x7a69\"");
    q.body = SLICE_LIT("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"anvil_mine\",\"params\":[]}");
    expect_text(&world.w, &q, 200, "-32601");
}

/* --- signatures ------------------------------------------------------------------------------ */

static void refuses_a_request_without_signature(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(NULL, "GET", below(&world, "/keys"), SLICE_EMPTY);
    expect_text(&world.w, &q, 401, "E_AUTH");
    q.key = &world.patient_key;
    q.no_signature_field = true;
    expect_text(&world.w, &q, 401, "E_AUTH");
}

static void refuses_a_request_signed_for_another_signer_target_method_or_origin(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    addr20 patient = key_addr(&world.patient_key);
    struct ask good = as(&world.patient_key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    expect(&world.w, &good, 200);
    struct ask q = good;
    q.key = &world.stranger_key;
    q.signer = &patient;
    expect_text(&world.w, &q, 403, "E_SIGNATURE");
    q = good;
    q.signed_target = "/api/v1/state";
    expect_text(&world.w, &q, 403, "E_SIGNATURE");
    q = good;
    q.signed_method = "PUT";
    expect_text(&world.w, &q, 403, "E_SIGNATURE");
    q = good;
    q.signed_origin = "http://example.org";
    expect_text(&world.w, &q, 403, "E_SIGNATURE");
    struct ask log = as(&world.patient_key, "GET", below(&world, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &log, 200, "not signed by its signer");
}

static void refuses_a_request_signed_too_long_ago_or_ahead(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(&world.patient_key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    q.late_s = 130;
    expect_text(&world.w, &q, 403, "E_EXPIRED");
    q.late_s = -130;
    expect_text(&world.w, &q, 403, "E_EXPIRED");
    q.late_s = 100;
    expect(&world.w, &q, 200);
}

static void refuses_the_same_request_twice_also_after_kill(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    hash32 nonce = {{1, 2, 3}};
    char origin[64];
    struct ask q = as(&world.patient_key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    q.nonce = &nonce;
    expect(&world.w, &q, 200);
    expect_text(&world.w, &q, 403, "E_REPLAY");
    (void)snprintf(origin, sizeof origin, "%s", world.w.origin);
    assert_int_equal(ehrd_stop(&world.w, SIGKILL), 128 + SIGKILL);
    ehrd_start(&world.w);
    expect_text(&world.w, &q, 403, "E_REPLAY");
    struct ask log = as(&world.patient_key, "GET", below(&world, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &log, 200, "this nonce was used before");
}

static void refuses_a_body_that_was_not_signed(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(&world.patient_key, "PUT", "/api/v1/state", SLICE_EMPTY);
    q.body = SLICE_LIT("what is sent");
    q.signed_body = SLICE_LIT("what was signed");
    q.etag = "\"0\"";
    expect_text(&world.w, &q, 422, "E_MISMATCH");
    q = as(&world.patient_key, "GET", "/api/v1/state", SLICE_EMPTY);
    expect(&world.w, &q, 404);
}

/* --- rights ---------------------------------------------------------------------------------- */

static void keeps_owner_state_by_version(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask put = as(&world.patient_key, "PUT", "/api/v1/state", SLICE_EMPTY);
    struct ask read = as(&world.patient_key, "GET", "/api/v1/state", SLICE_EMPTY);
    put.body = SLICE_LIT("sealed state");
    expect_text(&world.w, &put, 400, "If-Match");
    put.etag = "\"0\"";
    expect(&world.w, &put, 204);
    expect_text(&world.w, &put, 409, "E_CONFLICT");
    put.etag = "\"1\"";
    expect(&world.w, &put, 204);
    expect_text(&world.w, &read, 200, "sealed state");
    read.key = &world.doctor_key;
    expect(&world.w, &read, 404);
    read.key = &world.stranger_key;
    expect_text(&world.w, &read, 403, "not an active account");
}

static void releases_a_record_to_its_owner(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct reply r;
    struct ask q = as(&world.patient_key, "GET", below(&world, "/records?limit=10"), SLICE_EMPTY);
    expect_text(&world.w, &q, 200, hex_of(&world, slice_of(sample.inner.b, 32)));
    get(&world.w, &world.patient_key, sample_target(), &r);
    assert_int_equal(r.code, 200);
    assert_slice(buf_slice(&r.http.body), buf_slice(&sample.envelope));
    reply_done(&r);
    get(&world.w, &world.patient_key, below(&world, "/bodies/%s", sample.cid_text), &r);
    assert_int_equal(r.code, 200);
    assert_slice(buf_slice(&r.http.body), buf_slice(&sample.body));
    reply_done(&r);
}

static void releases_part_of_a_body(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct reply r;
    struct ask q =
        as(&world.patient_key, "GET", below(&world, "/bodies/%s", sample.cid_text), SLICE_EMPTY);
    q.range = "bytes=2-5";
    ask(&world.w, &q, &r);
    assert_int_equal(r.code, 206);
    assert_slice(buf_slice(&r.http.body), slice_of(sample.body.p + 2, 4));
    reply_done(&r);
    q.range = "bytes=100000-";
    expect(&world.w, &q, 416);
}

static void releases_nothing_without_a_grant_and_logs_it(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(&world.doctor_key, "GET", sample_target(), SLICE_EMPTY);
    expect_text(&world.w, &q, 403, "no grant");
    q.target = below(&world, "/bodies/%s", sample.cid_text);
    expect_text(&world.w, &q, 403, "E_FORBIDDEN");
    q.target = below(&world, "/grants");
    expect_text(&world.w, &q, 403, "owner");
    struct ask log = as(&world.patient_key, "GET", below(&world, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &log, 200, "\\\"outcome\\\":\\\"refused\\\",\\\"reason\\\":\\\"no grant");
}

static void logs_refusals_whatever_bytes_the_request_had(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(&world.patient_key, "PUT", below(&world, "/keys/1"), SLICE_EMPTY);
    q.body = SLICE_LIT("{\"\xc3\xa4\xc3\xa4\xc3\xa4\":1,\"folderId\":1}");
    expect_text(&world.w, &q, 400, "\"reason\":\"");
    struct ask log = as(&world.patient_key, "GET", below(&world, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &log, 200, "\\\"action\\\":\\\"key\\\"");
}

static void releases_to_the_holder_of_a_live_grant_until_it_is_revoked(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(&world.doctor_key, "GET", sample_target(), SLICE_EMPTY);
    grant_doctor(REGISTRY_VIEW);
    expect(&world.w, &q, 200);
    struct ask up = as(&world.doctor_key, "POST", below(&world, "/envelopes"), SLICE_EMPTY);
    up.body = buf_slice(&sample.post);
    expect_text(&world.w, &up, 403, "lacks the permission");
    struct ask log = as(&world.patient_key, "GET", below(&world, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &log, 200, hex_of(&world, slice_of(key_addr(&world.doctor_key).b, 20)));
    clinic_revoke(&world);
    expect_text(&world.w, &q, 403, "revoked");
    struct ask grants = as(&world.patient_key, "GET", below(&world, "/grants"), SLICE_EMPTY);
    expect_text(&world.w, &grants, 200, "\"status\":\"revoked\"");
}

static void releases_nothing_before_a_grant_begins_or_after_it_ended(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(&world.doctor_key, "GET", sample_target(), SLICE_EMPTY);
    uint64_t now = clinic_now(&world);
    clinic_grant(&world, REGISTRY_VIEW, now + FAR_AHEAD, now + 2 * FAR_AHEAD);
    expect_text(&world.w, &q, 403, "has not begun");
    now = clinic_now(&world);
    clinic_grant(&world, REGISTRY_VIEW, 0, now + 4);
    expect(&world.w, &q, 200);
    const struct timespec pause = {.tv_sec = 5};
    (void)nanosleep(&pause, NULL);
    expect_text(&world.w, &q, 403, "is over"); /* by the clock: the idle chain stands still */
}

static void releases_nothing_to_or_of_a_suspended_account(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct ask q = as(&world.doctor_key, "GET", sample_target(), SLICE_EMPTY);
    grant_doctor(REGISTRY_VIEW);
    clinic_suspend(&world, &world.doctor_key, true);
    expect_text(&world.w, &q, 403, "suspended");
    struct ask directory = as(&world.doctor_key, "GET", "/api/v1/directory", SLICE_EMPTY);
    expect(&world.w, &directory, 403);
    clinic_suspend(&world, &world.doctor_key, false);
    expect(&world.w, &q, 200);
    clinic_suspend(&world, &world.patient_key, true);
    expect_text(&world.w, &q, 403, "owner");
    clinic_suspend(&world, &world.patient_key, false);
    expect(&world.w, &q, 200);
    clinic_revoke(&world);
}

/* --- uploads --------------------------------------------------------------------------------- */

static void takes_no_body_under_a_wrong_cid(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    struct cid other;
    char text[CID_TEXT_MAX];
    sample_make(&world, &world.patient_key, 1, SLICE_LIT("a body of its own"), &s);
    assert_int_equal(cid_of_content(CID_RAW, SLICE_LIT("something else"), &other), OK);
    struct ask q = as(&world.patient_key, "POST",
                      below(&world, "/bodies?cid=%s", cid_text(&other, text)), SLICE_EMPTY);
    q.body = buf_slice(&s.body);
    expect_text(&world.w, &q, 422, "another CID");
    q = as(&world.patient_key, "GET", below(&world, "/bodies/%s", text), SLICE_EMPTY);
    expect(&world.w, &q, 404);
    q.target = below(&world, "/bodies/%s", s.cid_text);
    expect(&world.w, &q, 404);
    struct ask envelope = as(&world.patient_key, "POST", below(&world, "/envelopes"), SLICE_EMPTY);
    envelope.body = buf_slice(&s.post);
    expect_text(&world.w, &envelope, 409, "not uploaded");
    sample_done(&s);
}

static void takes_no_body_that_was_not_signed(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    sample_make(&world, &world.patient_key, 1, SLICE_LIT("another body"), &s);
    struct ask q =
        as(&world.patient_key, "POST", below(&world, "/bodies?cid=%s", s.cid_text), SLICE_EMPTY);
    q.body = buf_slice(&s.body);
    q.signed_body = SLICE_LIT("x");
    expect_text(&world.w, &q, 422, "signed");
    q = as(&world.patient_key, "GET", below(&world, "/bodies/%s", s.cid_text), SLICE_EMPTY);
    expect(&world.w, &q, 404);
    q.key = &world.stranger_key;
    q.method = "POST";
    q.target = below(&world, "/bodies?cid=%s", s.cid_text);
    expect(&world.w, &q, 403);
    sample_done(&s);
}

static void takes_an_envelope_from_its_author_only(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    sample_make(&world, &world.doctor_key, 1, SLICE_LIT("written by the doctor"), &s);
    struct ask q = as(&world.patient_key, "POST", below(&world, "/envelopes"), SLICE_EMPTY);
    q.body = buf_slice(&s.post);
    expect_text(&world.w, &q, 422, "author");
    grant_doctor(REGISTRY_ADD);
    sample_upload(&world, &world.doctor_key, &s);
    sample_add_to_chain(&world, world.doctor, &s);
    struct ask list = as(&world.patient_key, "GET", below(&world, "/records"), SLICE_EMPTY);
    expect_text(&world.w, &list, 200, hex_of(&world, slice_of(s.record.b, 32)));
    list.key = &world.doctor_key; /* who may add may not read */
    expect(&world.w, &list, 403);
    clinic_revoke(&world);
    sample_done(&s);
}

static void answers_several_envelopes_at_once(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char body[256];
    struct reply r;
    (void)snprintf(body, sizeof body, "{\"records\":[\"%s\",\"%s\"]}",
                   hex_of(&world, slice_of(sample.record.b, 32)),
                   hex_of(&world, slice_of(world.folder.b, 32)));
    struct ask q = as(&world.patient_key, "POST", below(&world, "/envelopes/query"), SLICE_EMPTY);
    q.body = slice_str(body);
    ask(&world.w, &q, &r);
    assert_int_equal(r.code, 200);
    assert_slice(buf_slice(&r.http.body), buf_slice(&sample.post));
    reply_done(&r);
}

static void keeps_an_inbox_for_active_accounts(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char target[128];
    struct ask q = as(&world.doctor_key, "POST", "", SLICE_EMPTY);
    (void)snprintf(target, sizeof target, "/api/v1/inbox/%s",
                   hex_of(&world, slice_of(key_addr(&world.patient_key).b, 20)));
    q.target = target;
    q.body = SLICE_LIT("no age file");
    expect(&world.w, &q, 400);
    q.body = SLICE_LIT("age-encryption.org/v1\n…");
    expect_text(&world.w, &q, 201, "\"id\":\"0x");
    q = as(&world.patient_key, "GET", "/api/v1/inbox", SLICE_EMPTY);
    expect_text(&world.w, &q, 200, "\"size\":25");
    q.key = &world.doctor_key;
    expect_text(&world.w, &q, 200, "{\"notes\":[]}");
}

/* --- the node's life ------------------------------------------------------------------------- */

static void refuses_to_start_beside_another_or_with_wrong_contracts(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf said;
    const char *const none[] = {NULL};
    const char *const chain[] = {"--chain-id", "1", NULL};
    const char *const proxy[] = {"--proxy", "0x00000000000000000000000000000000000000aa", NULL};
    const char *forwarder[] = {"--forwarder", NULL, NULL};
    const struct {
        const char *const *extra;
        const char *text;
    } cases[] = {{none, "E_BUSY"},
                 {chain, "the ledger is of chain 31337"},
                 {proxy, "no contract at the address given as --proxy"},
                 {forwarder, "trusts another forwarder"}};
    forwarder[1] = hex_of(&world, slice_of(world.w.net.proxy.b, 20));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_init(&said, 65536);
        assert_int_equal(ehrd_run(&world.w, cases[i].extra, &said), 1);
        const char *text = buf_cstr(&said);
        if (text == NULL || strstr(text, cases[i].text) == NULL)
            fail_msg("\"%s\" is not said: %s", cases[i].text, text);
        buf_done(&said);
    }
}

static void keeps_everything_over_kill_and_stops_on_sigterm(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    assert_int_equal(ehrd_stop(&world.w, SIGKILL), 128 + SIGKILL);
    ehrd_start(&world.w);
    releases_a_record_to_its_owner(NULL);
    struct ask log = as(&world.patient_key, "GET", below(&world, "/log"), SLICE_EMPTY);
    expect_text(&world.w, &log, 200, "\"seq\":1");
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    ehrd_start(&world.w);
}

static void releases_nothing_when_the_ledger_is_gone(void **state)
{
    (void)state;
    if (world.w.anvil.pid <= 0) /* the embedded chain cannot be gone */
        skip();
    struct ask q = as(&world.patient_key, "GET", sample_target(), SLICE_EMPTY);
    expect(&world.w, &q, 200);
    anvil_stop(&world.w.anvil);
    expect_text(&world.w, &q, 503, "E_");
    q = as(NULL, "GET", "/healthz", SLICE_EMPTY);
    expect(&world.w, &q, 200);
    q.target = "/readyz";
    expect_text(&world.w, &q, 503, "\"ready\":false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_itself_to_anyone),
        cmocka_unit_test(passes_allowed_rpc_on),
        cmocka_unit_test(refuses_a_request_without_signature),
        cmocka_unit_test(refuses_a_request_signed_for_another_signer_target_method_or_origin),
        cmocka_unit_test(refuses_a_request_signed_too_long_ago_or_ahead),
        cmocka_unit_test(refuses_the_same_request_twice_also_after_kill),
        cmocka_unit_test(refuses_a_body_that_was_not_signed),
        cmocka_unit_test(keeps_owner_state_by_version),
        cmocka_unit_test(releases_a_record_to_its_owner),
        cmocka_unit_test(releases_part_of_a_body),
        cmocka_unit_test(releases_nothing_without_a_grant_and_logs_it),
        cmocka_unit_test(logs_refusals_whatever_bytes_the_request_had),
        cmocka_unit_test(releases_to_the_holder_of_a_live_grant_until_it_is_revoked),
        cmocka_unit_test(releases_nothing_before_a_grant_begins_or_after_it_ended),
        cmocka_unit_test(releases_nothing_to_or_of_a_suspended_account),
        cmocka_unit_test(takes_no_body_under_a_wrong_cid),
        cmocka_unit_test(takes_no_body_that_was_not_signed),
        cmocka_unit_test(takes_an_envelope_from_its_author_only),
        cmocka_unit_test(answers_several_envelopes_at_once),
        cmocka_unit_test(keeps_an_inbox_for_active_accounts),
        cmocka_unit_test(refuses_to_start_beside_another_or_with_wrong_contracts),
        cmocka_unit_test(keeps_everything_over_kill_and_stops_on_sigterm),
        cmocka_unit_test(releases_nothing_when_the_ledger_is_gone),
    };
    return cmocka_run_group_tests_name("api", tests, sample_setup, sample_teardown);
}
