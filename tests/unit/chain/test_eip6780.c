/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-6780: SELFDESTRUCT moves the balance, and ends only an account made in the same transaction.
 */
#include "test.h"

#include "chain/host.h"

static const addr20 contract = {{0xc0, [19] = 1}};
static const addr20 heir = {{0xee, [19] = 2}};

/* A contract with 9 wei, made in the transaction or before it, destroys itself in favour of to.
 * Returns whether it is there afterwards; *ret_wei is what to has. */
static bool survives(enum evm_rev rev, bool fresh, addr20 to, uint64_t *ret_wei)
{
    struct code_cache codes;
    struct state st;
    struct host h;
    struct evm_result r;
    uint8_t code[22] = {0x73, [21] = 0xff}; /* PUSH20 to, SELFDESTRUCT */
    struct evm *vm = evm_new();
    const struct evm_msg msg = {.gas = 100000, .recipient = contract, .code_addr = contract};
    memcpy(code + 1, to.b, sizeof to.b);
    code_cache_init(&codes);
    state_init(&st, NULL, &codes);
    state_begin_tx(&st);
    host_init(&h, rev, &st, vm, NULL);
    struct account *a = state_account(&st, &contract);
    if (fresh)
        state_set_created(&st, a);
    state_set_code(&st, a, slice_of(code, sizeof code));
    state_set_balance(&st, a, u256_from_u64(9));
    if (!fresh)
        state_begin_tx(&st);
    host_call(&h, &msg, &r);
    assert_int_equal(r.status, EVM_SUCCESS);
    state_end_tx(&st, true);
    assert_int_equal(host_failure(&h), OK);
    bool exists = state_account(&st, &contract)->head.exists;
    *ret_wei = state_account(&st, &to)->head.balance.w[0];
    host_done(&h);
    state_done(&st);
    code_cache_done(&codes);
    evm_free(vm);
    return exists;
}

static void an_old_account_stays_and_its_balance_moves(void **state)
{
    (void)state;
    uint64_t wei;
    assert_true(survives(EVM_CANCUN, false, heir, &wei));
    assert_int_equal(wei, 9);
}

static void a_new_account_goes(void **state)
{
    (void)state;
    uint64_t wei;
    assert_false(survives(EVM_CANCUN, true, heir, &wei));
    assert_int_equal(wei, 9);
}

static void what_it_leaves_to_itself_burns_only_if_it_is_new(void **state)
{
    (void)state;
    uint64_t wei;
    assert_true(survives(EVM_CANCUN, false, contract, &wei));
    assert_int_equal(wei, 9);
    assert_false(survives(EVM_CANCUN, true, contract, &wei));
    assert_int_equal(wei, 0);
}

static void before_cancun_every_account_goes(void **state)
{
    (void)state;
    uint64_t wei;
    assert_false(survives(EVM_SHANGHAI, false, heir, &wei));
    assert_int_equal(wei, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_account_stays_and_its_balance_moves),
        cmocka_unit_test(a_new_account_goes),
        cmocka_unit_test(what_it_leaves_to_itself_burns_only_if_it_is_new),
        cmocka_unit_test(before_cancun_every_account_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
