/* SPDX-License-Identifier: Apache-2.0 */
/* What one account may use in a day. */
#include "test.h"

#include "relay/quota.h"

#define DAY 86400u
#define T0 1000000u

static struct quota q;

static const addr20 one = {{1}};
static const addr20 two = {{2}};

static int set_up(void **state)
{
    (void)state;
    return quota_init(&q, 10u * DAY + 5, &random_system) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    quota_done(&q);
    return 0;
}

static void gives_a_days_share_at_once_and_no_more(void **state)
{
    struct err e = {0};
    (void)state;
    assert_ok(quota_take(&q, &one, T0, 10u * DAY, &e), &e);
    assert_ok(quota_take(&q, &one, T0, 5, &e), &e);
    assert_status(quota_take(&q, &one, T0, 1, &e), E_RATE);
}

static void gives_back_evenly(void **state)
{
    struct err e = {0};
    (void)state;
    assert_ok(quota_take(&q, &one, T0, 10u * DAY + 5, &e), &e);
    assert_status(quota_take(&q, &one, T0 + 60, 601, &e), E_RATE);
    assert_ok(quota_take(&q, &one, T0 + 60, 600, &e), &e);
    assert_status(quota_take(&q, &one, T0 + 60, 1, &e), E_RATE);
    assert_ok(quota_take(&q, &one, T0 + 60 + DAY, 10u * DAY + 5, &e), &e);
}

static void what_is_refused_takes_nothing(void **state)
{
    struct err e = {0};
    (void)state;
    assert_status(quota_take(&q, &one, T0, 10u * DAY + 6, &e), E_RATE);
    assert_status(quota_take(&q, &one, T0, UINT64_MAX, &e), E_RATE);
    assert_ok(quota_take(&q, &one, T0, 10u * DAY + 5, &e), &e);
}

static void asking_whether_it_fits_takes_nothing(void **state)
{
    struct err e = {0};
    (void)state;
    assert_status(quota_fits(&q, &one, T0, 10u * DAY + 6, &e), E_RATE);
    assert_ok(quota_fits(&q, &one, T0, 10u * DAY + 5, &e), &e);
    assert_ok(quota_take(&q, &one, T0, 10u * DAY + 5, &e), &e);
    assert_status(quota_fits(&q, &one, T0, 1, &e), E_RATE);
}

static void what_is_given_back_may_be_taken_again(void **state)
{
    struct err e = {0};
    (void)state;
    assert_ok(quota_take(&q, &one, T0, 10u * DAY + 5, &e), &e);
    quota_give(&q, &one, T0, 7);
    assert_status(quota_take(&q, &one, T0, 8, &e), E_RATE);
    assert_ok(quota_take(&q, &one, T0, 7, &e), &e);
    quota_give(&q, &one, T0, UINT64_MAX); /* never more than a day's share */
    assert_ok(quota_take(&q, &one, T0, 10u * DAY + 5, &e), &e);
    assert_status(quota_take(&q, &one, T0, 1, &e), E_RATE);
}

static void keeps_accounts_apart(void **state)
{
    struct err e = {0};
    (void)state;
    memset(q.salt.b, 7, sizeof q.salt.b); /* a salt with which they do not fall together */
    assert_ok(quota_take(&q, &one, T0, 10u * DAY + 5, &e), &e);
    assert_ok(quota_take(&q, &two, T0, 10u * DAY + 5, &e), &e);
}

static void a_clock_that_goes_back_gives_nothing(void **state)
{
    struct err e = {0};
    (void)state;
    assert_ok(quota_take(&q, &one, T0, 10u * DAY, &e), &e);
    assert_status(quota_take(&q, &one, T0 - DAY, 6, &e), E_RATE);
    assert_ok(quota_take(&q, &one, T0 - DAY, 5, &e), &e);
    assert_status(quota_take(&q, &one, T0, 1, &e), E_RATE);
}

static void a_limit_of_zero_is_none(void **state)
{
    struct err e = {0};
    (void)state;
    q.a_day = 0;
    for (int i = 0; i < 3; i++)
        assert_ok(quota_take(&q, &one, T0, UINT64_MAX, &e), &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_a_days_share_at_once_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gives_back_evenly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_refused_takes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asking_whether_it_fits_takes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_given_back_may_be_taken_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_accounts_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_goes_back_gives_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_limit_of_zero_is_none, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("relay_quota", tests, NULL, NULL);
}
