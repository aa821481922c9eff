/* SPDX-License-Identifier: Apache-2.0 */
/* ERC-4361 messages: those that viem 2 makes, and every line left out, doubled or changed. */
#include "test.h"

#include "codec/eip191.h"
#include "codec/siwe.h"

#define PLAIN                                                                                      \
    "127.0.0.1:8545 wants you to sign in with your Ethereum account:\n"                            \
    "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1\n\n\n"                                             \
    "URI: http://127.0.0.1:8545/\nVersion: 1\nChain ID: 1\nNonce: 0123456789abcdef\n"              \
    "Issued At: 2026-11-29T22:48:41.500Z"
#define HEAD                                                                                       \
    "http://127.0.0.1:8545 wants you to sign in with your Ethereum account:\n"                     \
    "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1\n\n"
#define FACTS                                                                                      \
    "URI: http://127.0.0.1:8545/\nVersion: 1\nChain ID: 1\nNonce: 0123456789abcdef\n"              \
    "Issued At: 2026-11-29T22:48:41.500Z"
#define OPTIONS                                                                                    \
    "\nExpiration Time: 2026-11-30T10:00:00.000Z\nNot Before: 2026-11-29T22:48:00.000Z\n"          \
    "Request ID: some-id\nResources:\n- ipfs://bafy/\n- https://example.com/x?y#z"
#define FULL HEAD "Sign in to your health records.\n\n" FACTS OPTIONS

static void reads_the_shortest_message(void **state)
{
    (void)state;
    struct siwe m;
    struct err err;
    char hex[2 * 32 + 3];
    hash32 digest;
    assert_ok(siwe_read(SLICE_LIT(PLAIN), &m, &err), &err);
    assert_slice(m.scheme, SLICE_EMPTY);
    assert_slice(m.domain, SLICE_LIT("127.0.0.1:8545"));
    assert_slice(m.statement, SLICE_EMPTY);
    assert_slice(m.uri, SLICE_LIT("http://127.0.0.1:8545/"));
    assert_slice(m.nonce, SLICE_LIT("0123456789abcdef"));
    assert_int_equal(m.chain_id, 1);
    assert_int_equal(m.issued_at, 1795992521);
    assert_int_equal(m.expiration_time, 0);
    eip191_digest(SLICE_LIT(PLAIN), &digest);
    assert_string_equal(hex_0x(slice_of(digest.b, 32), hex),
                        "0x76b467a734a6007572cb886c859d68d285daac450457f8fa810dce6f6eb2c867");
}

static void reads_a_message_with_every_field(void **state)
{
    (void)state;
    struct siwe m;
    struct err err;
    assert_ok(siwe_read(SLICE_LIT(FULL), &m, &err), &err);
    assert_slice(m.scheme, SLICE_LIT("http"));
    assert_slice(m.domain, SLICE_LIT("127.0.0.1:8545"));
    assert_slice(m.statement, SLICE_LIT("Sign in to your health records."));
    assert_int_equal(m.expiration_time, 1796032800);
    assert_int_equal(m.not_before, 1795992480);
    assert_slice(m.request_id, SLICE_LIT("some-id"));
    assert_int_equal(m.resources, 2);
}

/* Every line of the full message removed, and every line twice. */
static void refuses_a_line_too_few_or_too_many(void **state)
{
    (void)state;
    /* These may be absent: statement, expiration, not before, request id, a resource. */
    static const unsigned free_to_go[] = {3, 10, 11, 12, 14, 15};
    static const unsigned free_to_double[] = {14, 15};
    struct siwe m;
    char text[sizeof FULL + 128];
    unsigned line = 0;
    for (const char *at = FULL; at != NULL; line++) {
        const char *next = strchr(at, '\n');
        size_t before = (size_t)(at - FULL);
        const char *rest = next != NULL ? next + 1 : "";
        bool may_go = false;
        bool may_double = false;
        for (size_t i = 0; i < 6; i++)
            may_go |= free_to_go[i] == line;
        for (size_t i = 0; i < 2; i++)
            may_double |= free_to_double[i] == line;
        int n = snprintf(text, sizeof text, "%.*s%s", (int)(next != NULL ? before : before - 1),
                         FULL, rest);
        assert_int_equal(siwe_read(slice_of(text, (size_t)n), &m, NULL) == OK, may_go);
        int one = next != NULL ? (int)(next - at) : (int)strlen(at);
        n = snprintf(text, sizeof text, "%.*s%.*s\n%s", (int)before, FULL, one, at, at);
        assert_int_equal(siwe_read(slice_of(text, (size_t)n), &m, NULL) == OK, may_double);
        at = next != NULL ? next + 1 : NULL;
    }
    assert_int_equal(line, 16);
}

static void refuses_every_truncation_of_the_shortest_message(void **state)
{
    (void)state;
    struct siwe m;
    for (size_t n = 0; n < sizeof PLAIN - 1; n++)
        assert_status(siwe_read(slice_of(PLAIN, n), &m, NULL), E_SYNTAX);
}

static void names_the_line_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
        status st;
    } cases[] = {
        {"x wants you\n", "line 1", E_SYNTAX},
        {"a b wants you to sign in with your Ethereum account:\n", "line 1: no domain", E_SYNTAX},
        {"1://a wants you to sign in with your Ethereum account:\n", "no scheme", E_SYNTAX},
        {"a wants you to sign in with your Ethereum account:\n0x12\n", "line 2", E_SYNTAX},
        {"a wants you to sign in with your Ethereum account:\n"
         "0x1a642f0e3c3af545e7acbd38b07251b3990914f1\n",
         "checksum", E_MISMATCH},
        {HEAD "tab\there\n\n" FACTS, "line 4: the statement", E_SYNTAX},
        {HEAD "\nURI: \n", "line 5: no URI", E_SYNTAX},
        {HEAD "\nURI: a:b\nVersion: 2\n", "version 1", E_SYNTAX},
        {HEAD "\nURI: a:b\nVersion: 1\nChain ID: 01\n", "chain id", E_SYNTAX},
        {HEAD "\nURI: a:b\nVersion: 1\nChain ID: 1\nNonce: 1234567\n", "nonce", E_SYNTAX},
        {HEAD "\nURI: a:b\nVersion: 1\nChain ID: 1\nNonce: 12345678\nIssued At: now\n", "RFC 3339",
         E_SYNTAX},
        {PLAIN "\n", "Resources", E_SYNTAX},
        {PLAIN "\r", "RFC 3339", E_SYNTAX},
        {PLAIN "\nRequest ID: a/b", "line 10: no request id", E_SYNTAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct siwe m;
        struct err err = {0};
        assert_status(siwe_read(slice_str(cases[i].text), &m, &err), cases[i].st);
        if (strstr(err.msg, cases[i].says) == NULL)
            fail_msg("case %zu: \"%s\" lacks \"%s\"", i, err.msg, cases[i].says);
    }
}

static void bounds_the_message(void **state)
{
    (void)state;
    static char text[SIWE_MAX + 1];
    struct siwe m;
    memset(text, 'a', sizeof text);
    assert_status(siwe_read(slice_of(text, sizeof text), &m, NULL), E_TOO_LONG);
}

static void reads_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t at;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T23:59:59+01:00", 951865199},
        {"2026-11-29T22:48:41Z", 1795992521},
        {"2026-11-29T23:48:41.123456789+01:00", 1795992521},
        {"2026-11-29T17:18:41-05:30", 1795992521},
        {"2016-12-31T23:59:60Z", 1483228799},
        {"9999-12-31T00:00:00Z", 253402214400},
    };
    static const char *const bad[] = {
        "",
        "2026-11-29",
        "2026-11-29T22:48:41",
        "2026-11-29 22:48:41Z",
        "2026-11-29t22:48:41Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Zz",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "+026-01-01T00:00:00Z",
    };
    uint64_t at;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(rfc3339_read(slice_str(good[i].text), &at), OK);
        assert_int_equal(at, good[i].at);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (rfc3339_read(slice_str(bad[i]), &at) != E_SYNTAX)
            fail_msg("taken: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_shortest_message),
        cmocka_unit_test(reads_a_message_with_every_field),
        cmocka_unit_test(refuses_a_line_too_few_or_too_many),
        cmocka_unit_test(refuses_every_truncation_of_the_shortest_message),
        cmocka_unit_test(names_the_line_that_is_wrong),
        cmocka_unit_test(bounds_the_message),
        cmocka_unit_test(reads_times),
    };
    return cmocka_run_group_tests_name("siwe", tests, NULL, NULL);
}
