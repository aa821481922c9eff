/* SPDX-License-Identifier: Apache-2.0 */
/* The node's chain is believed for the time as far as a day ahead. */
#include "test.h"

#include "ehr/client.h"

#define NOW 1800000000u
#define DAY_S 86400u

static uint64_t noon(void *ctx)
{
    (void)ctx;
    return NOW;
}

static const struct clock_src clock_fixed = {.unix_s = noon, .mono_ms = noon};

static void takes_the_later_of_clock_and_head(void **state)
{
    static const struct {
        uint64_t head;
        uint64_t want;
    } cases[] = {{0, NOW}, {NOW - 1, NOW}, {NOW + 1, NOW + 1}, {NOW + DAY_S, NOW + DAY_S}};
    (void)state;
    const struct client c = {.clock = &clock_fixed};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err;
        uint64_t got = 0;
        assert_ok(client_time(&c, cases[i].head, &got, &err), &err);
        assert_int_equal(got, cases[i].want);
    }
}

static void refuses_a_head_that_is_far_ahead_and_names_both_times(void **state)
{
    static const struct {
        uint64_t head;
        const char *text;
    } cases[] = {{NOW + DAY_S + 1, "2027-01-16 08:00 UTC"},
                 {4000000000u, "2096-10-02 07:06 UTC"},
                 {UINT64_MAX, "18446744073709551615"}};
    (void)state;
    const struct client c = {.clock = &clock_fixed};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err;
        uint64_t got;
        assert_status(client_time(&c, cases[i].head, &got, &err), E_MISMATCH);
        assert_non_null(strstr(err.msg, cases[i].text));
        assert_non_null(strstr(err.msg, "2027-01-15 08:00 UTC"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_later_of_clock_and_head),
        cmocka_unit_test(refuses_a_head_that_is_far_ahead_and_names_both_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
