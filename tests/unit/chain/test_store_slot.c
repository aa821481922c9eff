/* SPDX-License-Identifier: Apache-2.0 */
/* Words found by key in tries that no hash would make: keys that share all but their last nibbles,
 * leaves small enough to stand within their branch, tries that fall away and grow again. */
#include "chain/store_priv.h"
#include "crypto/keccak.h"
#include "test.h"
#include "tmpdir.h"

#define KEYS 120u
#define BLOCKS 80u

struct slots {
    char dir[256];
    struct kv *kv;
    struct store store;
    uint64_t word[BLOCKS][KEYS]; /* after each block */
    uint64_t x;
    struct err e;
};

static const hash32 holder = {{1}};

static int setup(void **state)
{
    struct slots *t = calloc(1, sizeof *t);
    const struct kv_options o = {.app = "test", .schema = 1, .max_tables = STORE_TABLES};
    if (t == NULL)
        return 1;
    tmpdir_make(t->dir, sizeof t->dir);
    assert_ok(kv_open(t->dir, &o, &t->kv, &t->e), &t->e);
    assert_ok(store_open(t->kv, &t->store, &t->e), &t->e);
    t->x = 42;
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct slots *t = *state;
    kv_close(t->kv);
    tmpdir_remove(t->dir);
    free(t);
    return 0;
}

static uint64_t random_below(struct slots *t, uint64_t n)
{
    t->x += 0x9e3779b97f4a7c15u;
    uint64_t z = t->x;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    return (z ^ z >> 27) % n;
}

/* Ascending in i: five at the first byte, four ways to part in the middle, six at the very end. */
static hash32 key_of(unsigned i)
{
    static const uint8_t first[5] = {0x00, 0x01, 0x10, 0x7f, 0xff};
    static const uint8_t middle[4] = {0x20, 0x21, 0x2f, 0x30};
    static const uint8_t last[6] = {0x00, 0x01, 0x0f, 0x10, 0xf0, 0xff};
    hash32 k;
    memset(k.b, 0xab, sizeof k.b);
    k.b[0] = first[i / 24];
    k.b[15] = middle[i / 6 % 4];
    k.b[31] = last[i % 6];
    return k;
}

/* Words of one byte make leaves that are embedded; long ones make leaves that are not. */
static u256 word_of(uint64_t v)
{
    u256 w = u256_from_u64(v);
    if (v % 2 == 0 && v != 0)
        w.w[3] = v;
    return w;
}

/* Most of the keys that there are, at most three others: tries grow and fall away. */
static size_t make_block(struct slots *t, uint64_t block, struct store_slot out[KEYS])
{
    size_t n = 0;
    bool falls = block / 10 % 2 == 1;
    for (unsigned i = 0; i < KEYS; i++) {
        uint64_t before = block > 0 ? t->word[block - 1][i] : 0;
        uint64_t after = before;
        if (random_below(t, 12) == 0)
            after = falls && random_below(t, 4) != 0 ? 0 : random_below(t, 100);
        t->word[block][i] = after;
        if (after != before)
            out[n++] = (struct store_slot){key_of(i), word_of(after)};
    }
    return n;
}

static void commit(struct slots *t, uint64_t block)
{
    struct store_slot slots[KEYS];
    struct store_change ch = {.key = holder,
                              .exists = true,
                              .nonce = block + 1,
                              .code_hash = trie_empty_code,
                              .slots = slots,
                              .slots_n = make_block(t, block, slots)};
    struct kv_txn *w;
    hash32 root;
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(store_commit(&t->store, w, block, &ch, 1, &root, &t->e), &t->e);
    assert_ok(kv_commit(w, &t->e), &t->e);
}

static struct trie_top storage_at(struct slots *t, struct kv_txn *txn, uint64_t block,
                                  struct node_store *ns)
{
    struct store_block b;
    struct account_row row;
    assert_ok(store_block_get(&t->store, txn, block, &b, &t->e), &t->e);
    node_store_init(ns, &t->store, txn, 0, NULL);
    assert_ok(account_row_find(ns, &b.top, &holder, &row, &t->e), &t->e);
    return account_storage(&row);
}

static void check(struct slots *t, uint64_t from, uint64_t to)
{
    struct kv_txn *r;
    assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
    for (uint64_t b = from; b <= to; b++) {
        struct node_store ns;
        struct trie_top storage = storage_at(t, r, b, &ns);
        for (unsigned i = 0; i < KEYS; i++) {
            hash32 key = key_of(i);
            hash32 other = key;
            u256 word;
            assert_ok(slot_find(&ns, &storage, &key, &word, &t->e), &t->e);
            assert_true(u256_eq(word, word_of(t->word[b][i])));
            other.b[31] ^= 0x44;
            assert_ok(slot_find(&ns, &storage, &other, &word, &t->e), &t->e);
            assert_true(u256_is_zero(word));
        }
    }
    kv_abort(r);
}

static void words_are_found_at_every_block(void **state)
{
    struct slots *t = *state;
    for (uint64_t b = 0; b < BLOCKS; b++)
        commit(t, b);
    check(t, 0, BLOCKS - 1);
}

static void prune(struct slots *t, uint64_t before)
{
    bool done = false;
    while (!done) {
        struct kv_txn *w;
        assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
        assert_ok(store_prune(&t->store, w, before, 50, &done, &t->e), &t->e);
        assert_ok(kv_commit(w, &t->e), &t->e);
    }
}

static void roll_back(struct slots *t, uint64_t block)
{
    struct kv_txn *w;
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(store_rollback(&t->store, w, block, &t->e), &t->e);
    assert_ok(kv_commit(w, &t->e), &t->e);
}

static void words_are_found_after_pruning_and_rollback(void **state)
{
    struct slots *t = *state;
    for (uint64_t b = 0; b < BLOCKS; b++)
        commit(t, b);
    roll_back(t, 50);
    check(t, 0, 50);
    prune(t, 33);
    check(t, 33, 50);
    for (uint64_t b = 51; b < BLOCKS; b++)
        commit(t, b);
    check(t, 33, BLOCKS - 1);
}

/* A node that others lead to is taken away: no word is made up. */
static void a_missing_leaf_is_damage_and_not_zero(void **state)
{
    struct slots *t = *state;
    struct store_slot slots[2] = {{key_of(0), word_of(2)}, {key_of(119), word_of(4)}};
    struct store_change ch = {
        .key = holder, .exists = true, .code_hash = trie_empty_code, .slots = slots, .slots_n = 2};
    struct kv_txn *w;
    struct node_store ns;
    uint8_t key[8];
    hash32 root;
    u256 word;
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(store_commit(&t->store, w, 0, &ch, 1, &root, &t->e), &t->e);
    assert_ok(kv_delete(w, t->store.node, node_key(1, key), &t->e), &t->e); /* the first leaf */
    struct trie_top storage = storage_at(t, w, 0, &ns);
    assert_status(slot_find(&ns, &storage, &slots[0].key, &word, &t->e), E_CORRUPT);
    assert_ok(slot_find(&ns, &storage, &slots[1].key, &word, &t->e), &t->e);
    assert_true(u256_eq(word, slots[1].word));
    kv_abort(w);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(words_are_found_at_every_block),
        CASE(words_are_found_after_pruning_and_rollback),
        CASE(a_missing_leaf_is_damage_and_not_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
