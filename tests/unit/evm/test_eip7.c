/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-7: DELEGATECALL */
#include "frames.h"

static void it_comes_with_homestead(void **state)
{
    (void)state;
    struct code c = {0};
    put_call(&c, OP_DELEGATECALL, other, 0, 0);
    assert_int_equal(gas_of(EVM_FRONTIER, &c, EVM_UNDEFINED), 1000000);
    assert_int_equal(gas_of(EVM_HOMESTEAD, &c, EVM_SUCCESS), 6 * 3 + 40);
}

static void foreign_code_acts_for_the_caller(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_HOMESTEAD);
    struct code callee = {0};
    struct code c = {0};
    struct evm_result r;
    CODE(&callee, OP_CALLER, N(1), OP_SSTORE, OP_CALLVALUE, N(2), OP_SSTORE);
    (void)memhost_put(m, other, u256_from_u64(0), code_slice(&callee));
    put_call(&c, OP_DELEGATECALL, other, 0, 100000);
    struct evm_msg msg = {.gas = 1000000,
                          .recipient = self,
                          .code_addr = self,
                          .sender = caller,
                          .value = u256_from_u64(6)};
    (void)memhost_put(m, caller, u256_from_u64(6), SLICE_EMPTY);
    (void)memhost_put(m, self, u256_from_u64(0), code_slice(&c));
    memhost_run(m, &msg, &r);
    assert_ends(r, EVM_SUCCESS);
    assert_word(memhost_storage(m, self, u256_from_u64(1)), addr_word(caller));
    assert_word(memhost_storage(m, self, u256_from_u64(2)), u256_from_u64(6));
    assert_word(memhost_storage(m, other, u256_from_u64(1)), u256_from_u64(0));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_with_homestead),
        cmocka_unit_test(foreign_code_acts_for_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
