/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-2200: net metering of writes again, and never with the stipend alone */
#include "frames.h"

/* The table of EIP-2200 */
static void net_metering_of_istanbul(void **state)
{
    (void)state;
    static const struct write_row rows[] = {
        {0, "00", 1600, 0},       {0, "01", 20800, 0},      {0, "10", 20800, 19200},
        {0, "12", 20800, 0},      {0, "11", 20800, 0},      {1, "00", 5800, 15000},
        {1, "01", 5800, 4200},    {1, "02", 5800, 0},       {1, "20", 5800, 15000},
        {1, "23", 5800, 0},       {1, "21", 5800, 4200},    {1, "22", 5800, 0},
        {1, "10", 5800, 15000},   {1, "12", 5800, 0},       {1, "11", 1600, 0},
        {0, "101", 40800, 19200}, {1, "010", 10800, 19200},
    };
    CHECK_WRITES(EVM_ISTANBUL, rows);
}

/* EIP-2200: not with the stipend alone */
static void sstore_needs_more_than_the_stipend(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_ISTANBUL);
    struct code c = {0};
    struct evm_result r;
    CODE(&c, N(0), N(0), OP_SSTORE);
    run_gas(m, &c, 6 + 2300, &r);
    assert_ends(r, EVM_OUT_OF_GAS);
    run_gas(m, &c, 6 + 2301, &r);
    assert_ends(r, EVM_SUCCESS);
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_metering_of_istanbul),
        cmocka_unit_test(sstore_needs_more_than_the_stipend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
