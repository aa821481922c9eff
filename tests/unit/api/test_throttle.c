/* SPDX-License-Identifier: Apache-2.0 */
/* The bound on refusals in one folder's access log. */
#include "test.h"

#include "api/throttle.h"

static void takes_a_burst_then_one_now_and_then_and_counts_the_others(void **state)
{
    (void)state;
    static struct throttle t;
    hash32 folder = {{1, 2}};
    hash32 other = {{1, 3}};
    uint64_t missed = 9;
    throttle_init(&t, THROTTLE_REFUSALS, THROTTLE_REFUSAL_EACH_S);
    for (unsigned i = 0; i < THROTTLE_REFUSALS; i++)
        assert_true(throttle_take(&t, &folder, 100000, &missed));
    assert_int_equal(missed, 0);
    assert_false(throttle_take(&t, &folder, 100000, &missed));
    assert_false(throttle_take(&t, &folder, 100000 + THROTTLE_REFUSAL_EACH_S - 1, &missed));
    assert_true(throttle_take(&t, &other, 100000, &missed));
    assert_int_equal(missed, 0);
    assert_true(throttle_take(&t, &folder, 100000 + THROTTLE_REFUSAL_EACH_S, &missed));
    assert_int_equal(missed, 2);
    assert_false(throttle_take(&t, &folder, 100000 + THROTTLE_REFUSAL_EACH_S, &missed));
    throttle_done(&t);
}

static void counts_what_was_let_through_and_not_written(void **state)
{
    (void)state;
    static struct throttle t;
    hash32 folder = {{1, 2}};
    uint64_t missed = 9;
    throttle_init(&t, 2, 10);
    assert_true(throttle_take(&t, &folder, 100000, &missed));
    throttle_miss(&t, &folder, missed + 1);
    assert_true(throttle_take(&t, &folder, 100000, &missed));
    assert_int_equal(missed, 1);
    throttle_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_burst_then_one_now_and_then_and_counts_the_others),
        cmocka_unit_test(counts_what_was_let_through_and_not_written),
    };
    return cmocka_run_group_tests_name("api_throttle", tests, NULL, NULL);
}
