/* SPDX-License-Identifier: Apache-2.0 */
/* The journaled state: whatever was done since a mark is undone, what ends with a transaction ends.
 */
#include "test.h"

#include "chain/state.h"

#define ACCOUNTS 6u
#define SLOTS 4u

static struct code_cache codes;
static struct state st;

static int setup(void **state)
{
    (void)state;
    code_cache_init(&codes);
    state_init(&st, NULL, &codes);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(state_failure(&st), OK);
    state_done(&st);
    code_cache_done(&codes);
    return 0;
}

static struct account *nth(uint32_t i)
{
    addr20 a = {.b = {[18] = 0x10, [19] = (uint8_t)i}};
    return state_account(&st, &a);
}

static struct slot *slot_of(struct account *a, uint64_t key)
{
    const u256 k = u256_from_u64(key);
    return state_slot(&st, a, &k);
}

static void set_slot(struct account *a, uint64_t key, uint64_t value)
{
    const u256 v = u256_from_u64(value);
    state_set_slot(&st, a, slot_of(a, key), &v);
}

static hash32 root(void)
{
    hash32 h;
    assert_int_equal(state_root(&st, &h), OK);
    return h;
}

static void assert_root(hash32 want)
{
    hash32 got = root();
    assert_memory_equal(got.b, want.b, sizeof got.b);
}

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

/* Anything that a transaction can do. */
static void random_change(uint32_t *seed)
{
    uint8_t code[2] = {0x60, (uint8_t)next_random(seed)};
    struct account *a = nth(next_random(seed) % ACCOUNTS);
    uint64_t v = next_random(seed) % 3;
    switch (next_random(seed) % 8) {
    case 0:
        state_set_balance(&st, a, u256_from_u64(v));
        break;
    case 1:
        state_set_nonce(&st, a, v);
        break;
    case 2:
        state_set_code(&st, a, slice_of(code, v));
        break;
    case 3:
        state_touch(&st, a);
        break;
    case 4:
        (void)state_set_destructed(&st, a);
        break;
    case 5:
        state_end_tx(&st, v == 1);
        state_begin_tx(&st);
        break;
    default:
        if (a->head.exists)
            set_slot(a, next_random(seed) % SLOTS, v);
    }
}

static void nested_marks_give_back_each_root(void **state)
{
    (void)state;
    uint32_t seed = 11;
    for (size_t round = 0; round < 400; round++) {
        struct state_mark mark[3];
        hash32 before[3];
        for (size_t depth = 0; depth < 3; depth++) {
            before[depth] = root();
            mark[depth] = state_mark(&st);
            for (size_t i = 0; i < 12; i++)
                random_change(&seed);
        }
        for (size_t depth = 3; depth-- > 0;) {
            state_revert(&st, mark[depth]);
            assert_root(before[depth]);
        }
        for (size_t i = 0; i < 6; i++)
            random_change(&seed);
        state_keep(&st);
    }
}

static void touched_empty_accounts_end_with_the_transaction(void **state)
{
    (void)state;
    hash32 empty = root();
    state_touch(&st, nth(1));
    assert_true(nth(1)->head.exists);
    state_end_tx(&st, true);
    assert_false(nth(1)->head.exists);
    assert_root(empty);
    state_begin_tx(&st);
    state_touch(&st, nth(1));
    state_end_tx(&st, false); /* as before EIP-161 */
    assert_true(nth(1)->head.exists);
}

static void a_touch_that_was_undone_removes_nothing(void **state)
{
    (void)state;
    state_touch(&st, nth(1));
    state_end_tx(&st, false);
    state_begin_tx(&st);
    struct state_mark m = state_mark(&st);
    state_touch(&st, nth(1));
    state_revert(&st, m);
    state_end_tx(&st, true);
    assert_true(nth(1)->head.exists);
}

/* The main network did so once, and so everyone must. */
static void a_touch_of_the_ripemd_contract_is_never_undone(void **state)
{
    (void)state;
    const addr20 ripemd = {.b = {[19] = 3}};
    struct account *a = state_account(&st, &ripemd);
    state_touch(&st, a);
    state_end_tx(&st, false);
    state_begin_tx(&st);
    struct state_mark m = state_mark(&st);
    state_touch(&st, a);
    state_revert(&st, m);
    state_end_tx(&st, true);
    assert_false(a->head.exists);
}

static void the_original_value_is_that_of_the_transactions_start(void **state)
{
    (void)state;
    struct account *a = nth(1);
    state_set_nonce(&st, a, 1);
    set_slot(a, 1, 5);
    assert_true(u256_is_zero(slot_of(a, 1)->v.original));
    state_begin_tx(&st);
    assert_true(u256_eq(slot_of(a, 1)->v.original, u256_from_u64(5)));
    set_slot(a, 1, 6);
    assert_true(u256_eq(slot_of(a, 1)->v.original, u256_from_u64(5)));
}

static void warmth_is_undone_and_ends_with_the_transaction(void **state)
{
    (void)state;
    struct state_mark m = state_mark(&st);
    assert_true(state_warm(&st, nth(1)));
    assert_false(state_warm(&st, nth(1)));
    assert_true(state_warm_slot(&st, slot_of(nth(1), 2)));
    assert_false(state_warm_slot(&st, slot_of(nth(1), 2)));
    state_revert(&st, m);
    assert_true(state_warm(&st, nth(1)));
    assert_true(state_warm_slot(&st, slot_of(nth(1), 2)));
    state_begin_tx(&st);
    assert_true(state_warm(&st, nth(1)));
}

static void transient_words_are_undone_and_end_with_the_transaction(void **state)
{
    (void)state;
    const u256 key = u256_from_u64(1);
    const u256 one = u256_from_u64(1);
    const u256 two = u256_from_u64(2);
    state_set_transient(&st, nth(1), &key, &one);
    struct state_mark m = state_mark(&st);
    state_set_transient(&st, nth(1), &key, &two);
    assert_true(u256_eq(state_transient(&st, nth(1), &key), two));
    state_revert(&st, m);
    assert_true(u256_eq(state_transient(&st, nth(1), &key), one));
    state_begin_tx(&st);
    assert_true(u256_is_zero(state_transient(&st, nth(1), &key)));
}

static void a_removed_account_leaves_no_storage(void **state)
{
    (void)state;
    struct account *a = nth(1);
    state_set_nonce(&st, a, 1);
    set_slot(a, 1, 5);
    assert_true(state_has_storage(&st, a));
    state_begin_tx(&st);
    assert_true(state_set_destructed(&st, a));
    assert_false(state_set_destructed(&st, a));
    struct state_mark m = state_mark(&st);
    state_end_tx(&st, true);
    assert_false(a->head.exists);
    assert_false(state_has_storage(&st, a));
    assert_true(u256_is_zero(slot_of(a, 1)->v.current));
    state_revert(&st, m);
    assert_true(u256_eq(slot_of(a, 1)->v.current, u256_from_u64(5)));
}

static void logs_after_a_mark_go_with_it(void **state)
{
    (void)state;
    const struct state_log log = {.n_topics = 1, .data = SLICE_LIT("data")};
    state_add_log(&st, &log);
    struct state_mark m = state_mark(&st);
    state_add_log(&st, &log);
    assert_int_equal(st.log_n, 2);
    state_revert(&st, m);
    assert_int_equal(st.log_n, 1);
    assert_slice(st.log[0].data, SLICE_LIT("data"));
}

/* Only what no state holds any more is given up. */
static void the_code_cache_is_emptied_between_states(void **unused)
{
    (void)unused;
    struct code_cache c;
    struct state a;
    struct state b;
    code_cache_init(&c);
    c.cap = 1000;
    state_init(&a, NULL, &c);
    addr20 addr = {{1}};
    for (uint8_t i = 0; i < 40; i++) { /* 32 bytes and what belongs to them, each */
        uint8_t code[32] = {i};
        state_set_code(&a, state_account(&a, &addr), slice_of(code, sizeof code));
    }
    const struct code *last = state_code(&a, state_account(&a, &addr));
    state_init(&b, NULL, &c); /* over the cap, but a lives */
    assert_true(c.n == 40 && c.bytes > c.cap);
    assert_ptr_equal(code_cache_find(&c, &last->hash), last);
    state_done(&a);
    state_done(&b);
    state_init(&a, NULL, &c);
    assert_true(c.n == 0 && c.bytes == 0);
    uint8_t code = 7;
    state_set_code(&a, state_account(&a, &addr), slice_of(&code, 1));
    state_done(&a);
    state_init(&a, NULL, &c); /* below the cap: kept */
    assert_int_equal(c.n, 1);
    state_done(&a);
    code_cache_done(&c);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(nested_marks_give_back_each_root),
        CASE(touched_empty_accounts_end_with_the_transaction),
        CASE(a_touch_that_was_undone_removes_nothing),
        CASE(a_touch_of_the_ripemd_contract_is_never_undone),
        CASE(the_original_value_is_that_of_the_transactions_start),
        CASE(warmth_is_undone_and_ends_with_the_transaction),
        CASE(transient_words_are_undone_and_end_with_the_transaction),
        CASE(a_removed_account_leaves_no_storage),
        CASE(logs_after_a_mark_go_with_it),
        cmocka_unit_test(the_code_cache_is_emptied_between_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
