/* SPDX-License-Identifier: Apache-2.0 */
/* Prices from the tips of blocks. */
#include "box.h"
#include "test.h"

#define TXS 20u /* of a block, each of 3,000,000 gas */

/* A creation that emits 7,200 logs without data: PUSH2 n; again: LOG0(0, 0); n--; JUMPI again. */
static const uint8_t many_logs[] = {0x61, 0x1c, 0x20, 0x5b, 0x5f, 0x5f, 0xa0, 0x60,
                                    0x01, 0x90, 0x03, 0x80, 0x60, 0x03, 0x57, 0x00};

/* Blocks whose logs, all together, do not fit in the memory of one request. */
static void prices_are_found_however_many_logs_blocks_have(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    for (unsigned i = 0; i < 12; i++) {
        for (unsigned k = 0; k < TXS; k++)
            box_send(&b, NULL, slice_of(many_logs, sizeof many_logs), 0, NULL);
        box_mine(&b, 1);
    }
    assert_true(json_eq(box_result(&b, "eth_maxPriorityFeePerGas", "[]"), "0x2"));
    assert_true(json_eq(box_result(&b, "eth_gasPrice", "[]"), "0x9"));
    struct json reward =
        json_get(box_result(&b, "eth_feeHistory", "[\"0xc\",\"latest\",[50]]"), "reward");
    assert_int_equal(json_count(reward), 12);
    assert_true(json_eq(json_at(json_at(reward, 0), 0), "0x2"));
    box_down(&b);
}

static void the_suggestion_follows_the_head(void **state)
{
    struct box b;
    (void)state;
    box_up(&b, 0);
    assert_true(json_eq(box_result(&b, "eth_maxPriorityFeePerGas", "[]"), "0xf4240"));
    box_mine(&b, 40);
    assert_true(json_eq(box_result(&b, "eth_maxPriorityFeePerGas", "[]"), "0xf4240"));
    box_send_word(&b, BOX_STORE, 1, NULL);
    box_mine(&b, 1);
    assert_true(json_eq(box_result(&b, "eth_maxPriorityFeePerGas", "[]"), "0x2"));
    assert_status(chain_rollback(b.chain, 40, NULL), OK);
    assert_true(json_eq(box_result(&b, "eth_maxPriorityFeePerGas", "[]"), "0xf4240"));
    b.nonce = 0;
    box_send_word(&b, BOX_STORE, 2, NULL);
    b.now_s += 100;
    box_mine(&b, 1);
    assert_true(json_eq(box_result(&b, "eth_maxPriorityFeePerGas", "[]"), "0x2"));
    box_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_are_found_however_many_logs_blocks_have),
        cmocka_unit_test(the_suggestion_follows_the_head),
    };
    return cmocka_run_group_tests_name("rpc fee", tests, NULL, NULL);
}
