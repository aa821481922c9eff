/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-7702: calls to a delegated account */
#include "frames.h"

static void a_delegation_is_followed_once_and_paid(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_PRAGUE);
    struct code c = {0};
    struct evm_result r;
    uint8_t designator[EVM_DELEGATION_SIZE] = {0xef, 0x01, 0x00};
    memcpy(designator + 3, third.b, 20);
    struct code callee = {0};
    CODE(&callee, OP_ADDRESS, RETURN_TOP);
    (void)memhost_put(m, third, u256_from_u64(0), code_slice(&callee));
    (void)memhost_put(m, other, u256_from_u64(0), slice_of(designator, sizeof designator));
    put_call(&c, OP_CALL, other, 0, 0);
    run(m, &c, &r);
    assert_int_equal(1000000 - r.gas_left, 7 * 3 + 2600 + 2600);
    assert_true(m->last.delegated);
    assert_true(addr20_eq(m->last.code_addr, other));
    assert_true(addr20_eq(m->last.target, third));
    assert_true(addr20_eq(m->last.recipient, other));
    memhost_rev(m, EVM_CANCUN, NULL);
    run(m, &c, &r);
    assert_false(m->last.delegated);
    memhost_free(m);
}

static void code_reads_see_the_designator_itself(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_PRAGUE);
    struct code c = {0};
    uint8_t designator[EVM_DELEGATION_SIZE] = {0xef, 0x01, 0x00};
    (void)memhost_put(m, other, u256_from_u64(0), slice_of(designator, sizeof designator));
    put_addr(&c, other);
    CODE(&c, OP_EXTCODESIZE, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(EVM_DELEGATION_SIZE));
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delegation_is_followed_once_and_paid),
        cmocka_unit_test(code_reads_see_the_designator_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
