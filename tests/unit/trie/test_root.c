/* SPDX-License-Identifier: Apache-2.0 */
/* Roots made from sorted pairs equal those of the naive trie. */
#include "test.h"

#include "naive_trie.h"
#include "trie/proof.h"
#include "trie/root.h"

#define PAIRS 40u

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

static void the_empty_trie_has_the_empty_root(void **state)
{
    (void)state;
    hash32 h;
    assert_int_equal(trie_root(NULL, 0, &h), OK);
    assert_memory_equal(h.b, trie_empty_root.b, sizeof h.b);
}

static void refuses_pairs_out_of_order_and_empty_values(void **state)
{
    (void)state;
    hash32 h;
    const struct trie_pair twice[] = {{.key = SLICE_LIT("a"), .value = SLICE_LIT("1")},
                                      {.key = SLICE_LIT("a"), .value = SLICE_LIT("2")}};
    const struct trie_pair down[] = {{.key = SLICE_LIT("b"), .value = SLICE_LIT("1")},
                                     {.key = SLICE_LIT("a"), .value = SLICE_LIT("2")}};
    const struct trie_pair empty[] = {{.key = SLICE_LIT("a"), .value = SLICE_EMPTY}};
    assert_int_equal(trie_root(twice, 2, &h), E_RANGE);
    assert_int_equal(trie_root(down, 2, &h), E_RANGE);
    assert_int_equal(trie_root(empty, 1, &h), E_RANGE);
}

/* n pairs of random keys over few byte values, so that prefixes are shared and keys end early. */
static size_t random_pairs(uint32_t *seed, struct trie_pair *pairs, uint8_t keys[][4])
{
    static const uint8_t bytes[] = {0x00, 0x01, 0x10, 0x11};
    size_t n = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        size_t len = 1 + next_random(seed) % 4;
        for (size_t k = 0; k < len; k++)
            keys[i][k] = bytes[next_random(seed) % 4];
        pairs[n].key = slice_of(keys[i], len);
        pairs[n].value = slice_first(SLICE_LIT("a value of more than thirty-two bytes in all"),
                                     1 + next_random(seed) % 44);
        bool seen = false;
        for (size_t k = 0; k < n; k++)
            seen = seen || slice_eq(pairs[k].key, pairs[n].key);
        n += seen ? 0 : 1;
    }
    return n;
}

static void equals_the_naive_trie_on_random_pairs(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (size_t round = 0; round < 300; round++) {
        struct trie_pair pairs[PAIRS];
        struct naive_pair naive[PAIRS];
        uint8_t keys[PAIRS][4];
        struct arena a;
        hash32 got;
        arena_init(&a, 1 << 24, false);
        size_t n = random_pairs(&seed, pairs, keys);
        for (size_t i = 0; i < n; i++) {
            naive_key(pairs[i].key, &naive[i]);
            naive[i].value = pairs[i].value;
        }
        hash32 want = naive_root(naive, n, NULL, &a, NULL);
        qsort(pairs, n, sizeof *pairs, trie_pair_cmp);
        assert_int_equal(trie_root(pairs, n, &got), OK);
        assert_memory_equal(got.b, want.b, sizeof got.b);
        arena_done(&a);
    }
}

/* Three items, whose keys 0x80, 0x01 and 0x02 do not sort as their indexes do. */
static void a_list_is_keyed_by_the_rlp_of_its_index(void **state)
{
    (void)state;
    const slice items[] = {SLICE_LIT("zero"), SLICE_LIT("one"), SLICE_LIT("two")};
    const struct trie_pair pairs[] = {{.key = SLICE_LIT("\x01"), .value = SLICE_LIT("one")},
                                      {.key = SLICE_LIT("\x02"), .value = SLICE_LIT("two")},
                                      {.key = SLICE_LIT("\x80"), .value = SLICE_LIT("zero")}};
    hash32 got;
    hash32 want;
    assert_int_equal(trie_root_list(items, 3, &got), OK);
    assert_int_equal(trie_root(pairs, 3, &want), OK);
    assert_memory_equal(got.b, want.b, sizeof got.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_trie_has_the_empty_root),
        cmocka_unit_test(refuses_pairs_out_of_order_and_empty_values),
        cmocka_unit_test(equals_the_naive_trie_on_random_pairs),
        cmocka_unit_test(a_list_is_keyed_by_the_rlp_of_its_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
