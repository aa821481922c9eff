/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-1014: the addresses that CREATE2 makes, from those of the EIP's examples whose init code
 * succeeds. */
#include "test.h"

#include "base/hex.h"
#include "chain/host.h"

static void addresses_are_those_of_the_examples(void **state)
{
    (void)state;
    const struct {
        const char *creator, *salt;
        slice init;
        const char *want;
    } rows[] = {
        {"0x0000000000000000000000000000000000000000",
         "0x0000000000000000000000000000000000000000000000000000000000000000", SLICE_LIT("\0"),
         "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38"},
        {"0xdeadbeef00000000000000000000000000000000",
         "0x0000000000000000000000000000000000000000000000000000000000000000", SLICE_LIT("\0"),
         "0xb928f69bb1d91cd65274e3c79d8986362984fda3"},
        {"0xdeadbeef00000000000000000000000000000000",
         "0x000000000000000000000000feed000000000000000000000000000000000000", SLICE_LIT("\0"),
         "0xd04116cdd17bebe565eb2422f2497e06cc1c9833"},
        {"0x0000000000000000000000000000000000000000",
         "0x0000000000000000000000000000000000000000000000000000000000000000", SLICE_LIT(""),
         "0xe33c0c7f7df4809055c3eba6c09cfe4baf1bd9e0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct code_cache codes;
        struct state st;
        struct host h;
        struct evm_result r;
        addr20 want;
        struct evm *vm = evm_new();
        struct evm_msg msg = {.kind = EVM_CREATE2, .gas = 100000, .input = rows[i].init};
        assert_non_null(vm);
        assert_int_equal(hex_read_addr(slice_str(rows[i].creator), &msg.sender), OK);
        assert_int_equal(hex_read_hash(slice_str(rows[i].salt), &msg.salt), OK);
        assert_int_equal(hex_read_addr(slice_str(rows[i].want), &want), OK);
        code_cache_init(&codes);
        state_init(&st, NULL, &codes);
        state_begin_tx(&st);
        host_init(&h, EVM_CONSTANTINOPLE, &st, vm, NULL);
        host_call(&h, &msg, &r);
        assert_int_equal(r.status, EVM_SUCCESS);
        assert_memory_equal(r.created.b, want.b, sizeof want.b);
        assert_true(state_account(&st, &want)->head.nonce == 1);
        host_done(&h);
        state_done(&st);
        code_cache_done(&codes);
        evm_free(vm);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_those_of_the_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
