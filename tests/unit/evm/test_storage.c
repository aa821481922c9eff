/* SPDX-License-Identifier: Apache-2.0 */
/* SLOAD and SSTORE; how writes are metered is in the files of the EIPs. */
#include "asm.h"

static int64_t sload_gas(enum evm_rev rev, int times)
{
    struct code c = {0};
    for (int i = 0; i < times; i++)
        CODE(&c, N(5), OP_SLOAD);
    return gas_of(rev, &c, EVM_SUCCESS) - 3 * times;
}

static void sload_costs_more_with_every_fork_until_berlin(void **state)
{
    (void)state;
    static const struct {
        enum evm_rev rev;
        int64_t once;
        int64_t twice;
    } rows[] = {{EVM_FRONTIER, 50, 100},   {EVM_TANGERINE, 200, 400}, {EVM_PETERSBURG, 200, 400},
                {EVM_ISTANBUL, 800, 1600}, {EVM_BERLIN, 2100, 2200},  {EVM_OSAKA, 2100, 2200}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(sload_gas(rows[i].rev, 1), rows[i].once);
        assert_int_equal(sload_gas(rows[i].rev, 2), rows[i].twice);
    }
}

static void a_store_is_read_back(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    CODE(&c, N(77), N(3), OP_SSTORE, N(3), OP_SLOAD, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(77));
    assert_word(memhost_storage(m, self, u256_from_u64(3)), u256_from_u64(77));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sload_costs_more_with_every_fork_until_berlin),
        cmocka_unit_test(a_store_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
