/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-3529: less is refunded */
#include "frames.h"

/* The table of EIP-3529 */
static void refunds_of_london(void **state)
{
    (void)state;
    static const struct write_row rows[] = {
        {0, "00", 2300, 0},     {0, "01", 22200, 0},   {0, "10", 22200, 19900},
        {0, "12", 22200, 0},    {1, "00", 5100, 4800}, {1, "01", 5100, 2800},
        {1, "02", 5100, 0},     {1, "20", 5100, 4800}, {1, "23", 5100, 0},
        {1, "21", 5100, 2800},  {1, "10", 5100, 4800}, {0, "101", 42200, 19900},
        {1, "010", 8000, 7600},
    };
    CHECK_WRITES(EVM_LONDON, rows);
    CHECK_WRITES(EVM_OSAKA, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refunds_of_london),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
