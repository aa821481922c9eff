/* SPDX-License-Identifier: Apache-2.0 */
/* Which hosts and origins the JSON-RPC endpoint serves. */
#include "test.h"

#include "api/origin.h"

static const struct origin_rules plain = {.own = "https://records.example.org"};

static void serves_this_machine_and_its_own_name(void **state)
{
    (void)state;
    static const char *const good[] = {
        "127.0.0.1:8545",   "localhost",           "LocalHost:80",           "[::1]:8545",
        "192.168.1.7:8545", "records.example.org", "Records.Example.org:443"};
    static const char *const bad[] = {"",
                                      "evil.example",
                                      "evil.example:8545",
                                      "127.0.0.1.evil.example",
                                      "localhost.evil.example",
                                      "1.2.3",
                                      "[::1",
                                      "records.example.org.evil:1",
                                      "xrecords.example.org",
                                      ":8545"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(origin_host_ok(&plain, slice_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(origin_host_ok(&plain, slice_str(bad[i])));
    assert_true(origin_host_ok(&plain, SLICE_EMPTY)); /* HTTP/1.0 */
}

static void serves_names_that_were_allowed(void **state)
{
    (void)state;
    struct origin_rules r = {.hosts = "node.internal, other.internal"};
    assert_true(origin_host_ok(&r, slice_str("NODE.internal:8545")));
    assert_true(origin_host_ok(&r, slice_str("other.internal")));
    assert_false(origin_host_ok(&r, slice_str("third.internal")));
    r.hosts = "*";
    assert_true(origin_host_ok(&r, slice_str("third.internal")));
}

static bool ok(const struct origin_rules *r, const char *origin, const char *host)
{
    return origin_ok(r, slice_str(origin), slice_str(host));
}

static void carries_out_what_its_own_pages_ask(void **state)
{
    (void)state;
    assert_true(origin_ok(&plain, SLICE_EMPTY, slice_str("127.0.0.1:8545"))); /* no browser */
    assert_true(ok(&plain, "http://127.0.0.1:8545", "127.0.0.1:8545"));
    assert_true(ok(&plain, "https://records.example.org", "127.0.0.1:8545")); /* behind a proxy */
    assert_true(ok(&plain, "chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn", "127.0.0.1"));
    assert_true(ok(&plain, "moz-extension://a-b", "127.0.0.1:8545"));
}

static void refuses_other_pages(void **state)
{
    (void)state;
    static const char *const bad[] = {"null",
                                      "",
                                      "https://evil.example",
                                      "http://127.0.0.1:3000",
                                      "http://localhost:8545",
                                      "https://records.example.org.evil",
                                      "file://",
                                      "http://127.0.0.1:8545/path",
                                      "evil://127.0.0.1:8545"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ok(&plain, bad[i], "127.0.0.1:8545"));
}

static void serves_origins_that_were_allowed(void **state)
{
    (void)state;
    struct origin_rules r = {.cors = "https://a.example,https://b.example:8443"};
    assert_true(ok(&r, "https://b.example:8443", "127.0.0.1:8545"));
    assert_false(ok(&r, "https://b.example", "127.0.0.1:8545"));
    r.cors = "*";
    assert_true(ok(&r, "null", "127.0.0.1:8545"));
}

static void a_chain_for_development_serves_this_machines_pages(void **state)
{
    (void)state;
    const struct origin_rules r = {.loopback = true};
    assert_true(ok(&r, "http://localhost:3000", "127.0.0.1:8545"));
    assert_true(ok(&r, "http://127.0.0.1:5173", "127.0.0.1:8545"));
    assert_true(ok(&r, "http://[::1]:5173", "127.0.0.1:8545"));
    assert_false(ok(&r, "http://127.evil.example", "127.0.0.1:8545"));
    assert_false(ok(&r, "http://192.168.1.7", "127.0.0.1:8545"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_this_machine_and_its_own_name),
        cmocka_unit_test(serves_names_that_were_allowed),
        cmocka_unit_test(carries_out_what_its_own_pages_ask),
        cmocka_unit_test(refuses_other_pages),
        cmocka_unit_test(serves_origins_that_were_allowed),
        cmocka_unit_test(a_chain_for_development_serves_this_machines_pages),
    };
    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
