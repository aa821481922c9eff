/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-1283: net metering of writes, which EIP-1716 took out again */
#include "frames.h"

static void gross_metering_sees_only_the_present_value(void **state)
{
    (void)state;
    static const struct write_row rows[] = {{0, "0", 5000, 0},       {0, "1", 20000, 0},
                                            {1, "0", 5000, 15000},   {1, "1", 5000, 0},
                                            {0, "10", 25000, 15000}, {1, "01", 25000, 15000}};
    CHECK_WRITES(EVM_FRONTIER, rows);
    CHECK_WRITES(EVM_BYZANTIUM, rows);
    CHECK_WRITES(EVM_PETERSBURG, rows); /* EIP-1716 took EIP-1283 out again */
}

/* The table of EIP-1283 */
static void net_metering_of_constantinople(void **state)
{
    (void)state;
    static const struct write_row rows[] = {
        {0, "00", 400, 0},        {0, "01", 20200, 0},      {0, "10", 20200, 19800},
        {0, "12", 20200, 0},      {0, "11", 20200, 0},      {1, "00", 5200, 15000},
        {1, "01", 5200, 4800},    {1, "02", 5200, 0},       {1, "20", 5200, 15000},
        {1, "23", 5200, 0},       {1, "21", 5200, 4800},    {1, "22", 5200, 0},
        {1, "10", 5200, 15000},   {1, "12", 5200, 0},       {1, "11", 400, 0},
        {0, "101", 40200, 19800}, {1, "010", 10200, 19800},
    };
    CHECK_WRITES(EVM_CONSTANTINOPLE, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gross_metering_sees_only_the_present_value),
        cmocka_unit_test(net_metering_of_constantinople),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
