/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch costs at most, and how that is shared. */
#include "test.h"

#include "contract/registry_abi.h"
#include "relay/cost.h"

static uint8_t zeros[5000];

static struct relay_request request(uint64_t gas, size_t data_n)
{
    return (struct relay_request){.gas = gas, .data = slice_of(zeros, data_n)};
}

static size_t encoded(const struct relay_request *reqs, size_t n)
{
    struct forward_request_data list[RELAY_BATCH_MAX];
    struct buf b;
    buf_init(&b, (size_t)1 << 20);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct forward_request_data){.data = reqs[i].data,
                                                .signature = slice_of(reqs[i].sig65, 65)};
    assert_status(n == 1 ? forwarder_put_execute(&b, &list[0])
                         : forwarder_put_execute_batch(&b, list, n, (addr20){{0}}),
                  OK);
    size_t bytes = b.n;
    buf_done(&b);
    return bytes;
}

static uint64_t sum_of_parts(const struct relay_request *reqs, size_t n)
{
    uint64_t parts[RELAY_BATCH_MAX];
    uint64_t sum = 0;
    cost_parts(reqs, n, parts);
    for (size_t i = 0; i < n; i++)
        sum += parts[i];
    return sum;
}

static void knows_the_size_of_the_forwarders_calldata(void **state)
{
    static const size_t sizes[] = {4, 36, 68, 132, 4100};
    struct relay_request list[RELAY_BATCH_MAX];
    (void)state;
    for (size_t n = 1; n <= RELAY_BATCH_MAX; n++) {
        list[n - 1] = request(30000, sizes[n % 5]);
        assert_int_equal(cost_calldata(list, n), encoded(list, n));
    }
}

static void covers_calls_forwarder_and_calldata(void **state)
{
    (void)state;
    struct relay_request one = request(320000, 132);
    assert_int_equal(cost_gas(&one, 1), 320000 + 10000 + 80000 + 60000 + 40 * encoded(&one, 1));
}

static void never_exceeds_what_a_transaction_may_have(void **state)
{
    struct relay_request list[RELAY_BATCH_MAX];
    (void)state;
    for (size_t i = 0; i < RELAY_BATCH_MAX; i++)
        list[i] = request(RELAY_GAS_MAX / RELAY_BATCH_MAX, 4100);
    assert_int_equal(cost_gas(list, RELAY_BATCH_MAX), 1 << 24);
    assert_in_range(sum_of_parts(list, RELAY_BATCH_MAX), 1 << 24, (1 << 24) + RELAY_BATCH_MAX);
}

static void parts_add_up_to_the_whole(void **state)
{
    const struct relay_request list[] = {request(30000, 36), request(300000, 132),
                                         request(9000000, 4100)};
    (void)state;
    for (size_t n = 1; n <= 3; n++)
        assert_in_range(sum_of_parts(list, n), cost_gas(list, n), cost_gas(list, n) + n);
}

static void a_short_call_does_not_pay_for_a_long_one(void **state)
{
    const struct relay_request alone = request(30000, 36);
    const struct relay_request both[] = {request(30000, 36), request(9000000, 4100)};
    uint64_t parts[RELAY_BATCH_MAX];
    (void)state;
    cost_parts(both, 2, parts);
    assert_true(parts[0] < cost_gas(&alone, 1));
    assert_true(parts[1] > 9000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_size_of_the_forwarders_calldata),
        cmocka_unit_test(covers_calls_forwarder_and_calldata),
        cmocka_unit_test(never_exceeds_what_a_transaction_may_have),
        cmocka_unit_test(parts_add_up_to_the_whole),
        cmocka_unit_test(a_short_call_does_not_pay_for_a_long_one),
    };
    return cmocka_run_group_tests_name("relay_cost", tests, NULL, NULL);
}
