/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in of browsers by ERC-4361 at the real node: what begins a session, what it serves, what it
 * does not, how it ends. */
#include "fixture.h"

#include <time.h>

#include "api/session.h"
#include "codec/eip191.h"
#include "codec/json.h"
#include "crypto/addr.h"
#include "crypto/secp256k1.h"

/* A request as a browser sends it. cookie, origin: NULL: none. */
static int call(const char *method, const char *target, const char *cookie, const char *origin,
                slice body, struct http_answer *ret)
{
    char url[512];
    struct http_header headers[2];
    size_t n = 0;
    (void)snprintf(url, sizeof url, "%s%s", world.w.origin, target);
    if (cookie != NULL)
        headers[n++] = (struct http_header){SLICE_LIT("Cookie"), slice_str(cookie)};
    if (origin != NULL)
        headers[n++] = (struct http_header){SLICE_LIT("Origin"), slice_str(origin)};
    struct http_call c = {
        .method = method, .url = url, .headers = headers, .n_headers = n, .body = body};
    *ret = (struct http_answer){0};
    assert_ok(http_client_call(world.w.http, &c, ret, &world.w.err), &world.w.err);
    return ret->code;
}

static int code_of(const char *method, const char *target, const char *cookie, const char *origin,
                   slice body)
{
    struct http_answer a;
    int code = call(method, target, cookie, origin, body, &a);
    http_answer_done(&a);
    return code;
}

static void nonce_get(char out[80])
{
    struct http_answer a;
    assert_int_equal(call("GET", "/api/v1/session/nonce", NULL, NULL, SLICE_EMPTY, &a), 200);
    answer_text(&a, "nonce", out, 80);
    http_answer_done(&a);
}

/* The body of POST /session; the message has "\n" as JSON writes it. */
static void body_make(const struct secp_key *key, const char *domain, const char *nonce,
                      struct buf *out)
{
    char address[ADDR_TEXT];
    char issued[32];
    char message[1024];
    char escaped[1024];
    char hex[2 * 65 + 3];
    uint8_t sig[65];
    hash32 digest;
    time_t now = (time_t)clock_unix_s(&clock_system);
    struct tm tm;
    assert_non_null(gmtime_r(&now, &tm));
    assert_true(strftime(issued, sizeof issued, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
    int n = snprintf(message, sizeof message,
                     "%s wants you to sign in with your Ethereum account:\n%s\n\n\nURI: "
                     "http://%s/\nVersion: 1\nChain ID: %llu\nNonce: %s\nIssued At: %s",
                     domain, addr_text(key_addr(key), address), domain,
                     (unsigned long long)world.w.net.chain_id, nonce, issued);
    eip191_digest(slice_of(message, (size_t)n), &digest);
    assert_int_equal(secp_sign(key, &digest, sig), OK);
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        if (message[i] == '\n')
            escaped[at++] = '\\';
        escaped[at++] = message[i] == '\n' ? 'n' : message[i];
    }
    escaped[at] = '\0';
    buf_init(out, 8192);
    assert_int_equal(buf_printf(out, "{\"message\":\"%s\",\"signature\":\"%s\"}", escaped,
                                hex_0x(slice_of(sig, sizeof sig), hex)),
                     OK);
}

static const char *domain(void)
{
    return strstr(world.w.origin, "://") + 3;
}

/* Sign in; the cookie to send from then on. */
static void sign_in(const struct secp_key *key, char cookie[128])
{
    char nonce[80];
    struct buf body;
    struct http_answer a;
    nonce_get(nonce);
    body_make(key, domain(), nonce, &body);
    assert_int_equal(call("POST", "/api/v1/session", NULL, world.w.origin, buf_slice(&body), &a),
                     201);
    slice set = http_answer_header(&a, "Set-Cookie");
    char text[256];
    (void)snprintf(text, sizeof text, "%.*s", (int)set.n, (const char *)set.p);
    assert_non_null(strstr(text, "; Path=/api/v1; "));
    assert_non_null(strstr(text, "; HttpOnly; SameSite=Strict"));
    (void)snprintf(cookie, 128, "%.*s", (int)strcspn(text, ";"), text);
    http_answer_done(&a);
    /* The same message again: its nonce is used. */
    assert_int_equal(code_of("POST", "/api/v1/session", NULL, world.w.origin, buf_slice(&body)),
                     403);
    buf_done(&body);
}

static void a_session_serves_account_matters_and_nothing_else(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char cookie[128];
    struct http_answer a;
    char account[64];
    char address[64];
    addr20 patient = key_addr(&world.patient_key);
    sign_in(&world.patient_key, cookie);
    assert_int_equal(call("GET", "/api/v1/session", cookie, NULL, SLICE_EMPTY, &a), 200);
    answer_text(&a, "account", account, sizeof account);
    assert_string_equal(account, hex_0x(slice_of(patient.b, 20), address));
    http_answer_done(&a);
    assert_int_equal(code_of("GET", "/api/v1/directory", cookie, NULL, SLICE_EMPTY), 200);
    assert_int_equal(code_of("GET", "/api/v1/registrations", cookie, NULL, SLICE_EMPTY), 403);
    static const char *const others[] = {"/api/v1/state", "/api/v1/inbox"};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(code_of("GET", others[i], cookie, NULL, SLICE_EMPTY), 401);
    static const char *const below_folder[] = {"/keys", "/records", "/grants", "/log"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            code_of("GET", below(&world, "%s", below_folder[i]), cookie, NULL, SLICE_EMPTY), 401);
}

static void a_session_asks_to_be_registered_for_a_key_nobody_knows(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char cookie[128];
    char target[128];
    char address[64];
    slice body = SLICE_LIT("{\"name\":\"A New Person\",\"role\":\"patient\"}");
    addr20 stranger = key_addr(&world.stranger_key);
    sign_in(&world.stranger_key, cookie);
    const char *own = world.w.origin;
    /* Not from another page, nor from none. */
    assert_int_equal(code_of("POST", "/api/v1/registrations", cookie, NULL, body), 403);
    assert_int_equal(code_of("POST", "/api/v1/registrations", cookie, "http://evil.example", body),
                     403);
    assert_int_equal(code_of("POST", "/api/v1/registrations", cookie, own, body), 201);
    (void)snprintf(target, sizeof target, "/api/v1/registrations/%s",
                   hex_0x(slice_of(stranger.b, 20), address));
    assert_int_equal(code_of("GET", target, cookie, NULL, SLICE_EMPTY), 200);
    assert_int_equal(code_of("DELETE", target, cookie, own, SLICE_EMPTY), 204);
    assert_int_equal(code_of("GET", target, cookie, NULL, SLICE_EMPTY), 404);
}

static void refuses_messages_that_do_not_hold(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char nonce[80];
    struct buf body;
    const char *own = world.w.origin;
    nonce_get(nonce);
    body_make(&world.patient_key, "evil.example", nonce, &body);
    assert_int_equal(code_of("POST", "/api/v1/session", NULL, own, buf_slice(&body)), 401);
    buf_done(&body);
    body_make(&world.patient_key, domain(), "0123456789abcdef", &body);
    assert_int_equal(code_of("POST", "/api/v1/session", NULL, own, buf_slice(&body)), 401);
    buf_done(&body);
    body_make(&world.patient_key, domain(), nonce, &body);
    assert_int_equal(code_of("POST", "/api/v1/session", NULL, NULL, buf_slice(&body)), 403);
    assert_int_equal(
        code_of("POST", "/api/v1/session", NULL, "http://evil.example", buf_slice(&body)), 403);
    /* Another's signature: one digit of it changed. */
    uint8_t *digit = body.p + body.n - 10;
    *digit = *digit == '1' ? '2' : '1';
    assert_true(code_of("POST", "/api/v1/session", NULL, own, buf_slice(&body)) / 100 == 4);
    buf_done(&body);
    assert_int_equal(code_of("POST", "/api/v1/session", NULL, own, SLICE_LIT("{}")), 400);
    assert_int_equal(code_of("GET", "/api/v1/session", NULL, NULL, SLICE_EMPTY), 401);
    assert_int_equal(code_of("GET", "/api/v1/session", "ehrd-session=00", NULL, SLICE_EMPTY), 401);
}

static void a_session_ends_when_asked(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char cookie[128];
    sign_in(&world.doctor_key, cookie);
    assert_int_equal(code_of("DELETE", "/api/v1/session", cookie, NULL, SLICE_EMPTY), 403);
    assert_int_equal(code_of("GET", "/api/v1/directory", cookie, NULL, SLICE_EMPTY), 200);
    assert_int_equal(code_of("DELETE", "/api/v1/session", cookie, world.w.origin, SLICE_EMPTY),
                     204);
    assert_int_equal(code_of("GET", "/api/v1/directory", cookie, NULL, SLICE_EMPTY), 401);
}

static void one_account_signs_in_at_its_own_expense(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char first[128];
    char theirs[128];
    char cookie[128];
    sign_in(&world.patient_key, theirs);
    sign_in(&world.doctor_key, first);
    for (unsigned i = 0; i < SESSIONS_EACH; i++) {
        const struct timespec second = {.tv_sec = 1};
        if (i == 0) /* what is older by the clock's seconds goes first */
            (void)nanosleep(&second, NULL);
        sign_in(&world.doctor_key, cookie);
    }
    assert_int_equal(code_of("GET", "/api/v1/session", first, NULL, SLICE_EMPTY), 401);
    assert_int_equal(code_of("GET", "/api/v1/session", cookie, NULL, SLICE_EMPTY), 200);
    assert_int_equal(code_of("GET", "/api/v1/session", theirs, NULL, SLICE_EMPTY), 200);
}

static void suspension_ends_what_a_session_serves(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char cookie[128];
    sign_in(&world.doctor_key, cookie);
    assert_int_equal(code_of("GET", "/api/v1/directory", cookie, NULL, SLICE_EMPTY), 200);
    clinic_suspend(&world, &world.doctor_key, true);
    assert_int_equal(code_of("GET", "/api/v1/directory", cookie, NULL, SLICE_EMPTY), 403);
    clinic_suspend(&world, &world.doctor_key, false);
    assert_int_equal(code_of("GET", "/api/v1/directory", cookie, NULL, SLICE_EMPTY), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_serves_account_matters_and_nothing_else),
        cmocka_unit_test(a_session_asks_to_be_registered_for_a_key_nobody_knows),
        cmocka_unit_test(refuses_messages_that_do_not_hold),
        cmocka_unit_test(a_session_ends_when_asked),
        cmocka_unit_test(one_account_signs_in_at_its_own_expense),
        cmocka_unit_test(suspension_ends_what_a_session_serves),
    };
    return cmocka_run_group_tests_name("api_session_system", tests, clinic_setup, clinic_teardown);
}
