/* SPDX-License-Identifier: Apache-2.0 */
/* Merkle Patricia proofs: against a naive trie, against the official vectors, and damaged. */
#include "test.h"

#include "crypto/keccak.h"
#include "naive_trie.h"
#include "trie/proof.h"

#define ARENA_CAP ((size_t)64 << 20)

static uint32_t lcg(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

/* n different keys of key_len bytes that share prefixes, with values of 1 to 60 bytes. */
static struct naive_pair *random_pairs(struct arena *a, uint32_t seed, size_t n, size_t key_len)
{
    struct naive_pair *pairs = arena_array(a, n, sizeof *pairs);
    assert_non_null(pairs);
    for (size_t i = 0; i < n; i++) {
        uint8_t key[64] = {0};
        for (size_t k = 0; k < key_len; k++)
            key[k] = (uint8_t)(lcg(&seed) % (k < 2 ? 3 : 256));
        key[key_len - 1] = (uint8_t)i;
        naive_key(slice_of(key, key_len), &pairs[i]);
        size_t len = 1 + lcg(&seed) % 60;
        uint8_t *v = arena_alloc(a, len);
        assert_non_null(v);
        memset(v, (int)(1 + i % 255), len);
        pairs[i].value = slice_of(v, len);
    }
    return pairs;
}

static slice key_of(struct arena *a, const struct naive_pair *p)
{
    uint8_t *k = arena_alloc(a, p->n / 2 + 1);
    assert_non_null(k);
    for (size_t i = 0; i < p->n / 2; i++)
        k[i] = (uint8_t)(p->nibble[2 * i] << 4 | p->nibble[2 * i + 1]);
    return slice_of(k, p->n / 2);
}

static void assert_proves(const struct naive_pair *pairs, size_t n, const struct naive_pair *target,
                          struct arena *a)
{
    struct naive_proof proof;
    struct err err;
    hash32 root = naive_root(pairs, n, target, a, &proof);
    slice got = SLICE_EMPTY;
    assert_ok(trie_proof_value(&root, key_of(a, target), proof.node, proof.n, &got, &err), &err);
    const struct naive_pair *want = NULL;
    for (size_t i = 0; i < n; i++)
        if (pairs[i].n == target->n && memcmp(pairs[i].nibble, target->nibble, target->n) == 0)
            want = &pairs[i];
    if (want == NULL)
        assert_null(got.p);
    else
        assert_slice(got, want->value);
}

static void agrees_with_the_naive_trie_on_present_and_absent_keys(void **state)
{
    (void)state;
    static const size_t key_lens[] = {1, 2, 3, 20, 32, 64};
    for (uint32_t round = 0; round < 36; round++) {
        struct arena a;
        arena_init(&a, ARENA_CAP, false);
        size_t key_len = key_lens[round % 6];
        size_t n = 1 + round;
        struct naive_pair *pairs = random_pairs(&a, round * 77 + 5, n, key_len);
        struct naive_pair *absent = random_pairs(&a, round * 77 + 6, 40, key_len);
        for (size_t i = 0; i < n; i++)
            assert_proves(pairs, n, &pairs[i], &a);
        for (size_t i = 0; i < 40; i++)
            assert_proves(pairs, n, &absent[i], &a);
        arena_done(&a);
    }
}

static void finds_values_in_branches_when_keys_are_prefixes(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, ARENA_CAP, false);
    static const char *const keys[] = {"do", "dog", "doge", "horse", "d", ""};
    struct naive_pair pairs[6];
    for (size_t i = 0; i < 6; i++) {
        naive_key(slice_str(keys[i]), &pairs[i]);
        pairs[i].value = slice_str("some value, longer than a hash would be");
    }
    for (size_t n = 1; n <= 6; n++)
        for (size_t i = 0; i < 6; i++)
            assert_proves(pairs, n, &pairs[i], &a);
    arena_done(&a);
}

static void proves_everything_absent_in_the_empty_trie(void **state)
{
    (void)state;
    struct err err;
    slice value = SLICE_LIT("x");
    slice empty_node = SLICE_LIT("\x80");
    assert_ok(trie_proof_value(&trie_empty_root, SLICE_LIT("k"), NULL, 0, &value, &err), &err);
    assert_null(value.p);
    assert_ok(trie_proof_value(&trie_empty_root, SLICE_LIT("k"), &empty_node, 1, &value, &err),
              &err);
    slice two[2] = {empty_node, empty_node};
    assert_status(trie_proof_value(&trie_empty_root, SLICE_LIT("k"), two, 2, &value, &err),
                  E_TRAILING);
}

static void knows_the_hashes_of_nothing(void **state)
{
    (void)state;
    hash32 h;
    keccak256(SLICE_LIT("\x80"), &h);
    assert_true(hash32_eq(h, trie_empty_root));
    keccak256(SLICE_EMPTY, &h);
    assert_true(hash32_eq(h, trie_empty_code));
}

/* A proof of one key of 40, deep enough to have every kind of node. */
struct sample {
    struct arena a;
    hash32 root;
    slice key;
    struct naive_proof proof;
};

static void sample_init(struct sample *s)
{
    arena_init(&s->a, ARENA_CAP, false);
    struct naive_pair *pairs = random_pairs(&s->a, 99, 40, 32);
    s->root = naive_root(pairs, 40, &pairs[7], &s->a, &s->proof);
    s->key = key_of(&s->a, &pairs[7]);
    assert_true(s->proof.n >= 3);
}

static void refuses_every_flipped_bit_of_a_proof(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    size_t bits = 0;
    for (size_t i = 0; i < s.proof.n; i++) {
        slice node = arena_dup(&s.a, s.proof.node[i]);
        uint8_t *p = arena_alloc(&s.a, node.n);
        assert_non_null(p);
        for (size_t bit = 0; bit < 8 * node.n; bit++, bits++) {
            memcpy(p, node.p, node.n);
            p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            slice good = s.proof.node[i];
            s.proof.node[i] = slice_of(p, node.n);
            slice value;
            assert_status(trie_proof_value(&s.root, s.key, s.proof.node, s.proof.n, &value, NULL),
                          E_MISMATCH);
            s.proof.node[i] = good;
        }
    }
    print_message("%zu flipped bits refused\n", bits);
    arena_done(&s.a);
}

static void refuses_proofs_with_nodes_missing_added_or_swapped(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    slice value;
    for (size_t n = 0; n < s.proof.n; n++)
        assert_status(trie_proof_value(&s.root, s.key, s.proof.node, n, &value, NULL), E_MISSING);
    s.proof.node[s.proof.n] = s.proof.node[0];
    assert_status(trie_proof_value(&s.root, s.key, s.proof.node, s.proof.n + 1, &value, NULL),
                  E_TRAILING);
    slice first = s.proof.node[0];
    s.proof.node[0] = s.proof.node[1];
    s.proof.node[1] = first;
    assert_status(trie_proof_value(&s.root, s.key, s.proof.node, s.proof.n, &value, NULL),
                  E_MISMATCH);
    arena_done(&s.a);
}

static void refuses_truncated_nodes(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s);
    slice value;
    slice root_node = s.proof.node[0];
    for (size_t n = 0; n < root_node.n; n++) {
        s.proof.node[0] = slice_first(root_node, n);
        hash32 root;
        keccak256(s.proof.node[0], &root);
        assert_int_not_equal(trie_proof_value(&root, s.key, s.proof.node, s.proof.n, &value, NULL),
                             OK);
    }
    arena_done(&s.a);
}

static void refuses_keys_longer_than_any(void **state)
{
    (void)state;
    static const uint8_t key[TRIE_KEY_MAX + 1];
    slice value;
    assert_status(
        trie_proof_value(&trie_empty_root, slice_of(key, sizeof key), NULL, 0, &value, NULL),
        E_TOO_LONG);
}

/* --- nodes that hash well but are not canonical ------------------------------------------------
 */

static status verify_nodes(struct arena *a, slice key, slice root_node, const slice *more, size_t n)
{
    slice nodes[3] = {root_node};
    for (size_t i = 0; i < n; i++)
        nodes[1 + i] = more[i];
    hash32 root;
    keccak256(root_node, &root);
    slice value;
    (void)a;
    return trie_proof_value(&root, key, nodes, 1 + n, &value, NULL);
}

static slice two(struct arena *a, slice path, slice second)
{
    return naive_list(a, naive_cat(a, naive_str(a, path), second));
}

static slice long_value(struct arena *a)
{
    return naive_str(a, SLICE_LIT("a value that needs more than thirty-two bytes"));
}

static slice ref_of(struct arena *a, slice node)
{
    hash32 h;
    keccak256(node, &h);
    return naive_str(a, slice_of(h.b, sizeof h.b));
}

/* A branch of empty children but these two. */
static slice branch(struct arena *a, size_t i, slice child_i, slice value)
{
    slice items = SLICE_EMPTY;
    for (size_t k = 0; k < 16; k++)
        items = naive_cat(a, items, k == i ? child_i : SLICE_LIT("\x80"));
    return naive_list(a, naive_cat(a, items, value));
}

static void refuses_wrong_hex_prefixes(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, ARENA_CAP, false);
    slice v = long_value(&a);
    slice key = SLICE_LIT("\x12");
    assert_status(verify_nodes(&a, key, two(&a, SLICE_LIT("\x20\x12"), v), NULL, 0), OK);
    static const char *const bad[] = {"\x40\x12", "\x21\x12", "\x60\x12", "\xf0\x12", ""};
    for (size_t i = 0; i < 5; i++)
        assert_status(verify_nodes(&a, key, two(&a, slice_str(bad[i]), v), NULL, 0),
                      E_NOT_CANONICAL);
    uint8_t path[TRIE_KEY_MAX + 2] = {0x20};
    assert_status(verify_nodes(&a, key, two(&a, slice_of(path, sizeof path), v), NULL, 0),
                  E_NOT_CANONICAL);
    path[0] = 0x31;
    assert_status(verify_nodes(&a, key, two(&a, slice_of(path, TRIE_KEY_MAX + 1), v), NULL, 0),
                  E_NOT_CANONICAL);
    arena_done(&a);
}

static void refuses_empty_leaves_and_thin_branches(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, ARENA_CAP, false);
    slice none = SLICE_LIT("\x80");
    slice key = SLICE_LIT("\x12");
    slice leaf = two(&a, SLICE_LIT("\x32"), naive_str(&a, SLICE_LIT("tiny")));
    assert_status(verify_nodes(&a, key, two(&a, SLICE_LIT("\x20\x12"), none), NULL, 0),
                  E_NOT_CANONICAL);
    assert_status(verify_nodes(&a, key, branch(&a, 1, leaf, none), NULL, 0), E_NOT_CANONICAL);
    assert_status(
        verify_nodes(&a, key, branch(&a, 1, leaf, naive_str(&a, SLICE_LIT("v"))), NULL, 0), OK);
    assert_status(verify_nodes(&a, key, naive_list(&a, SLICE_LIT("\x80\x80\x80")), NULL, 0),
                  E_NOT_CANONICAL);
    arena_done(&a);
}

static void refuses_extensions_that_lead_to_no_branch(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, ARENA_CAP, false);
    slice leaf = two(&a, SLICE_LIT("\x32"), long_value(&a));
    slice ext = two(&a, SLICE_LIT("\x11"), ref_of(&a, leaf));
    assert_status(verify_nodes(&a, SLICE_LIT("\x12"), ext, &leaf, 1), E_NOT_CANONICAL);
    slice b = branch(&a, 2, naive_str(&a, SLICE_EMPTY), SLICE_LIT("\x80"));
    slice empty_path = two(&a, SLICE_LIT("\x00"), ref_of(&a, b));
    assert_int_not_equal(verify_nodes(&a, SLICE_LIT("\x12"), empty_path, &b, 1), OK);
    arena_done(&a);
}

static void refuses_embedding_that_does_not_follow_the_size(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, ARENA_CAP, false);
    slice v = naive_str(&a, SLICE_LIT("v"));
    slice small = two(&a, SLICE_LIT("\x32"), v);
    slice large = two(&a, SLICE_LIT("\x32"), long_value(&a));
    slice key = SLICE_LIT("\x12");
    assert_status(verify_nodes(&a, key, branch(&a, 1, small, v), NULL, 0), OK);
    assert_status(verify_nodes(&a, key, branch(&a, 1, ref_of(&a, large), v), &large, 1), OK);
    assert_status(verify_nodes(&a, key, branch(&a, 1, ref_of(&a, small), v), &small, 1),
                  E_NOT_CANONICAL);
    assert_status(verify_nodes(&a, key, branch(&a, 1, large, v), NULL, 0), E_NOT_CANONICAL);
    /* a sibling that is no reference */
    assert_status(verify_nodes(&a, key, branch(&a, 3, naive_str(&a, SLICE_LIT("no")), v), NULL, 0),
                  E_NOT_CANONICAL);
    arena_done(&a);
}

/* --- leaves --------------------------------------------------------------------------------------
 */

static void reads_account_and_storage_leaves(void **state)
{
    (void)state;
    struct arena a;
    struct err err;
    arena_init(&a, ARENA_CAP, false);
    slice items = naive_cat(&a, SLICE_LIT("\x05"), SLICE_LIT("\x82\x01\x00"));
    items = naive_cat(&a, items, naive_str(&a, slice_of(trie_empty_root.b, 32)));
    items = naive_cat(&a, items, naive_str(&a, slice_of(trie_empty_code.b, 32)));
    struct trie_account acc;
    assert_ok(trie_account_read(naive_list(&a, items), &acc, &err), &err);
    assert_int_equal(acc.nonce, 5);
    assert_true(u256_eq(acc.balance, u256_from_u64(256)));
    assert_true(hash32_eq(acc.code_hash, trie_empty_code));
    slice more = naive_list(&a, naive_cat(&a, items, SLICE_LIT("\x01")));
    assert_status(trie_account_read(more, &acc, &err), E_TRAILING);
    u256 w;
    assert_ok(trie_word_read(SLICE_LIT("\x82\x12\x34"), &w, &err), &err);
    assert_true(u256_eq(w, u256_from_u64(0x1234)));
    static const char *const bad[] = {"\x80", "\x82\x00\x01", "\xc0", "\x81\x05", ""};
    for (size_t i = 0; i < 5; i++)
        assert_int_not_equal(
            trie_word_read(slice_of(bad[i], strlen(bad[i]) + (i == 1 ? 2 : 0)), &w, &err), OK);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_naive_trie_on_present_and_absent_keys),
        cmocka_unit_test(finds_values_in_branches_when_keys_are_prefixes),
        cmocka_unit_test(proves_everything_absent_in_the_empty_trie),
        cmocka_unit_test(knows_the_hashes_of_nothing),
        cmocka_unit_test(refuses_every_flipped_bit_of_a_proof),
        cmocka_unit_test(refuses_proofs_with_nodes_missing_added_or_swapped),
        cmocka_unit_test(refuses_truncated_nodes),
        cmocka_unit_test(refuses_keys_longer_than_any),
        cmocka_unit_test(refuses_wrong_hex_prefixes),
        cmocka_unit_test(refuses_empty_leaves_and_thin_branches),
        cmocka_unit_test(refuses_extensions_that_lead_to_no_branch),
        cmocka_unit_test(refuses_embedding_that_does_not_follow_the_size),
        cmocka_unit_test(reads_account_and_storage_leaves),
    };
    return cmocka_run_group_tests_name("trie proof", tests, NULL, NULL);
}
