/* SPDX-License-Identifier: Apache-2.0 */
/* Nonces, what a sign-in message must say, the table of sessions, the cookie. */
#include "test.h"

#include "api/session.h"

#define NOW 1795992521u
#define ORIGIN "https://records.example:8443"

static struct sessions sessions;

static int begin(void **state)
{
    (void)state;
    return sessions_init(&sessions, &random_system) == OK ? 0 : 1;
}

static int end(void **state)
{
    (void)state;
    sessions_done(&sessions);
    return 0;
}

static struct siwe message(char nonce[SESSION_NONCE_TEXT])
{
    assert_int_equal(sessions_nonce(&sessions, &random_system, NOW, nonce), OK);
    return (struct siwe){.scheme = SLICE_LIT("https"),
                         .domain = SLICE_LIT("records.example:8443"),
                         .uri = SLICE_LIT(ORIGIN "/"),
                         .chain_id = 7,
                         .nonce = slice_str(nonce),
                         .issued_at = NOW};
}

static status check(const struct siwe *m, uint64_t now)
{
    hash32 nonce;
    return sessions_message_check(&sessions, m, ORIGIN, 7, now, &nonce, NULL);
}

static void takes_its_own_nonces_for_five_minutes(void **state)
{
    (void)state;
    char a[SESSION_NONCE_TEXT];
    char b[SESSION_NONCE_TEXT];
    hash32 got;
    assert_int_equal(sessions_nonce(&sessions, &random_system, NOW, a), OK);
    assert_int_equal(sessions_nonce(&sessions, &random_system, NOW, b), OK);
    assert_string_not_equal(a, b);
    assert_int_equal(sessions_nonce_check(&sessions, slice_str(a), NOW, &got, NULL), OK);
    assert_int_equal(
        sessions_nonce_check(&sessions, slice_str(a), NOW + SESSION_NONCE_S, &got, NULL), OK);
    assert_status(
        sessions_nonce_check(&sessions, slice_str(a), NOW + SESSION_NONCE_S + 1, &got, NULL),
        E_EXPIRED);
}

static void refuses_a_nonce_with_any_digit_changed(void **state)
{
    (void)state;
    char a[SESSION_NONCE_TEXT];
    hash32 got;
    assert_int_equal(sessions_nonce(&sessions, &random_system, NOW, a), OK);
    for (size_t i = 0; i + 1 < sizeof a; i++) {
        char was = a[i];
        a[i] = was == '0' ? '1' : '0';
        assert_status(sessions_nonce_check(&sessions, slice_str(a), NOW, &got, NULL), E_AUTH);
        a[i] = was;
    }
    assert_status(sessions_nonce_check(&sessions, slice_of(a, 63), NOW, &got, NULL), E_AUTH);
}

static void takes_a_message_for_this_node_only(void **state)
{
    (void)state;
    char nonce[SESSION_NONCE_TEXT];
    struct siwe m = message(nonce);
    assert_int_equal(check(&m, NOW), OK);
    m.scheme = SLICE_EMPTY;
    assert_int_equal(check(&m, NOW), OK);
    m.scheme = SLICE_LIT("http");
    assert_status(check(&m, NOW), E_AUTH);
    m = message(nonce);
    m.domain = SLICE_LIT("records.example");
    assert_status(check(&m, NOW), E_AUTH);
    m = message(nonce);
    m.uri = SLICE_LIT(ORIGIN "0/");
    assert_status(check(&m, NOW), E_AUTH);
    m.uri = SLICE_LIT("https://evil.example/");
    assert_status(check(&m, NOW), E_AUTH);
    m = message(nonce);
    m.chain_id = 1;
    assert_status(check(&m, NOW), E_AUTH);
    m = message(nonce);
    m.resources = 1;
    assert_status(check(&m, NOW), E_AUTH);
    m = message(nonce);
    m.nonce = SLICE_LIT("0123456789abcdef");
    assert_status(check(&m, NOW), E_AUTH);
}

static void takes_a_message_in_its_time_only(void **state)
{
    (void)state;
    char nonce[SESSION_NONCE_TEXT];
    struct siwe m = message(nonce);
    m.issued_at = NOW + 121;
    assert_status(check(&m, NOW), E_EXPIRED);
    m.issued_at = NOW - SESSION_NONCE_S - 121;
    assert_status(check(&m, NOW), E_EXPIRED);
    m = message(nonce);
    m.expiration_time = NOW;
    assert_status(check(&m, NOW), E_EXPIRED);
    m.expiration_time = NOW + 1;
    assert_int_equal(check(&m, NOW), OK);
    m.not_before = NOW + 1;
    assert_status(check(&m, NOW), E_EXPIRED);
}

static void ends_a_session_when_idle_when_old_and_when_asked(void **state)
{
    (void)state;
    uint8_t t[SESSION_TOKEN];
    addr20 who = {{1}};
    addr20 got;
    uint64_t expires;
    uint64_t e;
    for (int registered = 0; registered < 2; registered++) {
        assert_int_equal(
            sessions_begin(&sessions, &random_system, &who, registered, NOW, 1u << 30, t, &expires),
            OK);
        assert_int_equal(expires, NOW + SESSION_LIFE_S);
        for (uint64_t at = NOW; at < expires; at += SESSION_IDLE_S)
            assert_int_equal(sessions_use(&sessions, t, at, &got, &e), OK);
        assert_memory_equal(got.b, who.b, 20);
        assert_status(sessions_use(&sessions, t, expires, &got, &e), E_AUTH);
        assert_status(sessions_use(&sessions, t, NOW, &got, &e), E_AUTH);

        assert_int_equal(
            sessions_begin(&sessions, &random_system, &who, registered, NOW, 60, t, &expires), OK);
        assert_int_equal(expires, NOW + 60);
        sessions_end(&sessions, t);
        assert_status(sessions_use(&sessions, t, NOW, &got, &e), E_AUTH);

        assert_int_equal(
            sessions_begin(&sessions, &random_system, &who, registered, NOW, 1u << 30, t, &expires),
            OK);
        assert_status(sessions_use(&sessions, t, NOW + SESSION_IDLE_S + 1, &got, &e), E_AUTH);
    }
}

static void throw_away_keys_push_out_no_registered_account(void **state)
{
    (void)state;
    uint8_t person[SESSION_TOKEN];
    uint8_t first[SESSION_TOKEN];
    uint8_t t[SESSION_TOKEN];
    addr20 who = {{1}};
    addr20 got;
    uint64_t e;
    assert_int_equal(
        sessions_begin(&sessions, &random_system, &who, true, NOW, 1u << 30, person, &e), OK);
    assert_int_equal(
        sessions_begin(&sessions, &random_system, &who, false, NOW, 1u << 30, first, &e), OK);
    for (unsigned i = 0; i < SESSIONS_OTHER + 3; i++) {
        who.b[1] = (uint8_t)i;
        assert_int_equal(
            sessions_begin(&sessions, &random_system, &who, false, NOW + 1, 1u << 30, t, &e), OK);
    }
    assert_int_equal(sessions_use(&sessions, person, NOW + 1, &got, &e), OK);
    assert_int_equal(sessions_use(&sessions, t, NOW + 1, &got, &e), OK);
    assert_status(sessions_use(&sessions, first, NOW + 1, &got, &e), E_AUTH);
}

static void an_account_pushes_out_its_own_sessions_only(void **state)
{
    (void)state;
    uint8_t person[SESSION_TOKEN];
    uint8_t t[SESSIONS_EACH + 1][SESSION_TOKEN];
    const addr20 who = {{1}};
    const addr20 eager = {{2}};
    addr20 got;
    uint64_t e;
    assert_int_equal(
        sessions_begin(&sessions, &random_system, &who, true, NOW, 1u << 30, person, &e), OK);
    for (unsigned i = 0; i <= SESSIONS_EACH; i++) {
        if (i == SESSIONS_EACH) /* the first is used again: the second is the one longest unused */
            assert_int_equal(sessions_use(&sessions, t[0], NOW + i, &got, &e), OK);
        assert_int_equal(
            sessions_begin(&sessions, &random_system, &eager, true, NOW + i, 1u << 30, t[i], &e),
            OK);
    }
    for (unsigned i = 0; i <= SESSIONS_EACH; i++)
        assert_status(sessions_use(&sessions, t[i], NOW + 20, &got, &e), i == 1 ? E_AUTH : OK);
    uint8_t more[SESSION_TOKEN];
    for (unsigned i = 0; i < SESSIONS_REGISTERED; i++)
        assert_int_equal(
            sessions_begin(&sessions, &random_system, &eager, true, NOW + 21, 1u << 30, more, &e),
            OK);
    assert_int_equal(sessions_use(&sessions, person, NOW + 21, &got, &e), OK);
    assert_memory_equal(got.b, who.b, 20);
}

static void finds_the_cookie_among_others(void **state)
{
    (void)state;
#define DIGITS "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    static const char *const good[] = {
        SESSION_COOKIE "=" DIGITS,
        "a=b; " SESSION_COOKIE "=" DIGITS,
        SESSION_COOKIE "=" DIGITS "; a=b",
        "x" SESSION_COOKIE "=1; " SESSION_COOKIE "=" DIGITS,
    };
    static const char *const bad[] = {
        "",
        "a=b",
        SESSION_COOKIE "=",
        SESSION_COOKIE "=" DIGITS "0",
        SESSION_COOKIE "=0x" DIGITS,
        SESSION_COOKIE "=" DIGITS "; " SESSION_COOKIE "=" DIGITS,
        "x" SESSION_COOKIE "=" DIGITS,
    };
    uint8_t t[SESSION_TOKEN];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(session_cookie_read(slice_str(good[i]), t), OK);
    assert_int_equal(t[1], 0x11);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(session_cookie_read(slice_str(bad[i]), t), E_AUTH);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_its_own_nonces_for_five_minutes),
        TEST(refuses_a_nonce_with_any_digit_changed),
        TEST(takes_a_message_for_this_node_only),
        TEST(takes_a_message_in_its_time_only),
        TEST(ends_a_session_when_idle_when_old_and_when_asked),
        TEST(throw_away_keys_push_out_no_registered_account),
        TEST(an_account_pushes_out_its_own_sessions_only),
        TEST(finds_the_cookie_among_others),
    };
    return cmocka_run_group_tests_name("api_session", tests, NULL, NULL);
}
