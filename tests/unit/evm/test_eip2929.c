/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-2929: the first access of an account or a slot costs more */
#include "frames.h"

/* EIP-2929: the same, 2100 more for the first access; 2900 to change. */
static void net_metering_of_berlin(void **state)
{
    (void)state;
    static const struct write_row rows[] = {
        {0, "0", 2200, 0},     {0, "1", 22100, 0},    {1, "0", 5000, 15000},
        {1, "2", 5000, 0},     {1, "1", 2200, 0},     {0, "10", 22200, 19900},
        {1, "01", 5100, 2800}, {1, "21", 5100, 2800}, {0, "101", 42200, 19900},
    };
    CHECK_WRITES(EVM_BERLIN, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_metering_of_berlin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
