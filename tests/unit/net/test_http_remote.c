/* SPDX-License-Identifier: Apache-2.0 */
/* Which peers are of one network. */
#include "test.h"

#include "net/http_remote.h"

static bool same(const char *a, const char *b)
{
    struct http_network x = http_network_of(a, 24, 64);
    struct http_network y = http_network_of(b, 24, 64);
    return memcmp(x.b, y.b, sizeof x.b) == 0;
}

static void addresses_of_one_prefix_are_of_one_network(void **state)
{
    (void)state;
    assert_true(same("192.0.2.1", "192.0.2.254"));
    assert_true(same("192.0.2.1", "::ffff:192.0.2.9"));
    assert_true(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
    assert_true(same("fe80::1%eth0", "fe80::2"));
}

static void addresses_of_other_prefixes_are_of_others(void **state)
{
    (void)state;
    assert_false(same("192.0.2.1", "192.0.3.1"));
    assert_false(same("2001:db8:1:2::1", "2001:db8:1:3::1"));
    assert_false(same("2001:db8:1:2::1", "unknown"));
    struct http_network a = http_network_of("192.0.2.1", 32, 128);
    struct http_network b = http_network_of("192.0.2.0", 32, 128);
    assert_memory_not_equal(a.b, b.b, sizeof a.b);
    a = http_network_of("2001:db8::4", 32, 127);
    b = http_network_of("2001:db8::5", 32, 127);
    assert_memory_equal(a.b, b.b, sizeof a.b);
}

static void knows_loopback(void **state)
{
    (void)state;
    assert_true(http_network_of("127.0.0.1", 24, 64).is_loopback);
    assert_true(http_network_of("127.9.9.9", 24, 64).is_loopback);
    assert_true(http_network_of("::1", 24, 64).is_loopback);
    assert_true(http_network_of("::ffff:127.0.0.1", 24, 64).is_loopback);
    assert_false(http_network_of("::2", 24, 64).is_loopback);
    assert_false(http_network_of("128.0.0.1", 24, 64).is_loopback);
    assert_false(http_network_of("unknown", 24, 64).is_loopback);
    assert_false(http_network_of("", 24, 64).is_loopback);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_one_prefix_are_of_one_network),
        cmocka_unit_test(addresses_of_other_prefixes_are_of_others),
        cmocka_unit_test(knows_loopback),
    };
    return cmocka_run_group_tests_name("http_remote", tests, NULL, NULL);
}
