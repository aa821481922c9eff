/* SPDX-License-Identifier: Apache-2.0 */
/* The state store against a model in arrays: roots, history, proofs, rollback, pruning, loading. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chain/store_priv.h"
#include "crypto/keccak.h"
#include "statemodel.h"
#include "test.h"
#include "tmpdir.h"
#include "trie/commit_node.h"

#define BLOCKS 60u
#define SEED 7u

struct world_under_test {
    char dir[256];
    struct kv *kv;
    struct store store;
    struct err e;
};

static void open_store(struct world_under_test *t)
{
    const struct kv_options o = {.app = "test", .schema = 1, .max_tables = STORE_TABLES};
    assert_ok(kv_open(t->dir, &o, &t->kv, &t->e), &t->e);
    assert_ok(store_open(t->kv, &t->store, &t->e), &t->e);
}

static int setup(void **state)
{
    struct world_under_test *t = calloc(1, sizeof *t);
    if (t == NULL)
        return 1;
    tmpdir_make(t->dir, sizeof t->dir);
    open_store(t);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct world_under_test *t = *state;
    kv_close(t->kv);
    tmpdir_remove(t->dir);
    free(t);
    return 0;
}

static hash32 commit_block(struct world_under_test *t, uint64_t seed, uint64_t block)
{
    struct arena a;
    struct store_change *ch;
    size_t n;
    struct kv_txn *w;
    hash32 root;
    arena_init(&a, (size_t)1 << 24, false);
    model_block(seed, block, &a, &ch, &n);
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(store_commit(&t->store, w, block, ch, n, &root, &t->e), &t->e);
    assert_ok(kv_commit(w, &t->e), &t->e);
    arena_done(&a);
    return root;
}

static void assert_hash(hash32 got, hash32 want)
{
    assert_memory_equal(got.b, want.b, 32);
}

/* The state after block, replayed from nothing. */
static struct model replay(uint64_t seed, uint64_t block)
{
    struct model m = {0};
    for (uint64_t b = 0; b <= block; b++)
        model_apply(&m, seed, b);
    return m;
}

static void commit_blocks(struct world_under_test *t, uint64_t from, uint64_t to)
{
    struct model m = from > 0 ? replay(SEED, from - 1) : (struct model){0};
    for (uint64_t b = from; b <= to; b++) {
        model_apply(&m, SEED, b);
        assert_hash(commit_block(t, SEED, b), model_root(&m));
    }
}

static void check_values(struct world_under_test *t, struct kv_txn *r, uint64_t block,
                         const struct model *m)
{
    struct store_world w;
    assert_ok(store_world_at(&t->store, r, block, &w, &t->e), &t->e);
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++) {
        const struct model_account *ac = &m->account[i];
        addr20 at = model_address(i);
        struct trie_account got;
        bool exists;
        slice code;
        assert_status(w.base.ops->account(&w.base, &at, &exists, &got), OK);
        assert_int_equal(exists, ac->exists);
        assert_true(got.nonce == ac->nonce && u256_eq(got.balance, u256_from_u64(ac->balance)));
        assert_status(w.base.ops->code(&w.base, &got.code_hash, &code), OK);
        assert_slice(code, slice_of(&ac->code, ac->code != 0));
        for (unsigned j = 0; j < MODEL_SLOTS; j++) {
            u256 key = u256_from_u64(j);
            u256 word;
            assert_status(w.base.ops->slot(&w.base, &at, &key, &word), OK);
            assert_true(u256_eq(word, model_word(ac->slot[j])));
        }
    }
}

static void check_slot_proof(struct world_under_test *t, const struct store_proof *p, unsigned i,
                             uint64_t want)
{
    hash32 slot = {{0}};
    u256 word;
    slot.b[31] = (uint8_t)i;
    assert_true(u256_eq(p->slots[i].word, model_word(want)));
    assert_ok(trie_proof_slot(&p->account.storage_root, &slot, p->slots[i].nodes,
                              p->slots[i].nodes_n, &word, &t->e),
              &t->e);
    assert_true(u256_eq(word, model_word(want)));
}

static void check_proofs(struct world_under_test *t, struct kv_txn *r, uint64_t block,
                         const struct model *m)
{
    hash32 root;
    u256 slots[MODEL_SLOTS];
    for (unsigned j = 0; j < MODEL_SLOTS; j++)
        slots[j] = u256_from_u64(j);
    assert_ok(store_root(&t->store, r, block, &root, &t->e), &t->e);
    assert_hash(root, model_root(m));
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++) {
        struct arena a;
        struct store_proof p;
        struct trie_account got;
        bool exists;
        addr20 at = model_address(i);
        arena_init(&a, (size_t)1 << 24, false);
        assert_ok(store_prove(&t->store, r, block, &at, slots, MODEL_SLOTS, &a, &p, &t->e), &t->e);
        assert_ok(trie_proof_account(&root, &at, p.nodes, p.nodes_n, &exists, &got, &t->e), &t->e);
        assert_true(exists == m->account[i].exists && p.exists == exists);
        assert_memory_equal(got.storage_root.b, p.account.storage_root.b, 32);
        assert_true(got.nonce == m->account[i].nonce);
        for (unsigned j = 0; j < MODEL_SLOTS; j++)
            check_slot_proof(t, &p, j, m->account[i].slot[j]);
        arena_done(&a);
    }
}

static void check_blocks(struct world_under_test *t, uint64_t from, uint64_t to)
{
    struct model m = from > 0 ? replay(SEED, from - 1) : (struct model){0};
    struct kv_txn *r;
    assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
    for (uint64_t b = from; b <= to; b++) {
        model_apply(&m, SEED, b);
        check_values(t, r, b, &m);
        check_proofs(t, r, b, &m);
    }
    kv_abort(r);
}

static void roots_values_and_proofs_hold_at_every_block(void **state)
{
    struct world_under_test *t = *state;
    commit_blocks(t, 0, BLOCKS);
    check_blocks(t, 0, BLOCKS);
}

static void roll_back(struct world_under_test *t, uint64_t block)
{
    struct kv_txn *w;
    struct store_span span;
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(store_rollback(&t->store, w, block, &t->e), &t->e);
    assert_ok(store_span(&t->store, w, &span, &t->e), &t->e);
    assert_true(span.head == block);
    assert_ok(kv_commit(w, &t->e), &t->e);
}

static uint64_t rows(struct world_under_test *t, struct kv_table table)
{
    struct kv_txn *r;
    uint64_t n;
    assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
    assert_ok(kv_count(r, table, &n, &t->e), &t->e);
    kv_abort(r);
    return n;
}

/* What a version leads to. */
struct reached {
    uint64_t rows;
    uint64_t accounts;
    uint64_t slots;
};

static void reach(struct node_store *ns, uint64_t place, uint64_t *leaves, struct reached *ret)
{
    struct node n;
    slice rlp;
    struct err e;
    assert_ok(row_load(&ns->base, place, &n, &rlp, &e), &e);
    ret->rows += n.kind == NODE_BRANCH && n.whole != n.row ? 2 : 1;
    size_t kids = n.kind == NODE_BRANCH ? 16 : n.kind == NODE_EXT ? 1 : 0;
    for (size_t i = 0; i < kids; i++)
        if (n.child[i].n > 0)
            reach(ns, n.child[i].place, leaves, ret);
    *leaves += n.kind == NODE_LEAF;
    if (n.kind == NODE_LEAF && n.value_place != 0)
        reach(ns, n.value_place, &ret->slots, ret);
}

static struct reached reached(struct world_under_test *t, uint64_t block)
{
    struct reached all = {0};
    struct kv_txn *r;
    struct store_block b;
    struct node_store ns;
    assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
    assert_ok(store_block_get(&t->store, r, block, &b, &t->e), &t->e);
    node_store_init(&ns, &t->store, r, 0, NULL);
    reach(&ns, b.top.place, &all.accounts, &all);
    kv_abort(r);
    return all;
}

/* The store holds what lives after block, and no more. */
static void assert_no_history(struct world_under_test *t, uint64_t block, const struct model *m)
{
    struct reached all = reached(t, block);
    uint64_t accounts = 0;
    uint64_t slots = 0;
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++) {
        accounts += m->account[i].exists;
        for (unsigned j = 0; j < MODEL_SLOTS; j++)
            slots += m->account[i].slot[j] != 0;
    }
    assert_true(all.accounts == accounts && all.slots == slots);
    assert_true(rows(t, t->store.node) == all.rows);
    assert_true(rows(t, t->store.block) == 1);
}

static void rollback_leaves_no_row_and_the_same_blocks_give_the_same_roots(void **state)
{
    struct world_under_test *t = *state;
    commit_blocks(t, 0, 20);
    uint64_t nodes = rows(t, t->store.node);
    uint64_t blocks = rows(t, t->store.block);
    commit_blocks(t, 21, BLOCKS);
    roll_back(t, 20);
    assert_true(rows(t, t->store.node) == nodes);
    assert_true(rows(t, t->store.block) == blocks);
    check_blocks(t, 0, 20);
    commit_blocks(t, 21, BLOCKS);
    check_blocks(t, 15, 40);
}

static void another_branch_may_follow_a_rollback(void **state)
{
    struct world_under_test *t = *state;
    commit_blocks(t, 0, 30);
    struct model m = replay(SEED, 12);
    roll_back(t, 12);
    for (uint64_t b = 13; b < 40; b++) {
        model_apply(&m, SEED + 1, b);
        assert_hash(commit_block(t, SEED + 1, b), model_root(&m));
    }
    check_blocks(t, 0, 12);
}

static void prune_to(struct world_under_test *t, uint64_t before, size_t max_rows)
{
    bool done = false;
    while (!done) {
        struct kv_txn *w;
        assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
        assert_ok(store_prune(&t->store, w, before, max_rows, &done, &t->e), &t->e);
        assert_ok(kv_commit(w, &t->e), &t->e);
    }
}

static void pruned_history_is_gone_and_the_rest_stays_right(void **state)
{
    struct world_under_test *t = *state;
    struct kv_txn *r;
    struct store_world w;
    struct store_span span;
    commit_blocks(t, 0, 40);
    prune_to(t, 25, 37);
    check_blocks(t, 25, 40);
    commit_blocks(t, 41, 50);
    roll_back(t, 25);
    check_blocks(t, 25, 25);
    commit_blocks(t, 26, 50);
    prune_to(t, 45, 1000000);
    check_blocks(t, 45, 50);
    assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
    assert_ok(store_span(&t->store, r, &span, &t->e), &t->e);
    assert_true(span.first == 45 && span.head == 50);
    assert_status(store_world_at(&t->store, r, 44, &w, &t->e), E_REMOVED);
    assert_status(store_world_at(&t->store, r, 51, &w, &t->e), E_NOT_FOUND);
    kv_abort(r);
    assert_ok(kv_write_begin(t->kv, &r, &t->e), &t->e);
    assert_status(store_rollback(&t->store, r, 44, &t->e), E_RANGE);
    kv_abort(r);
}

static void a_store_pruned_to_the_head_holds_what_lives_and_no_more(void **state)
{
    struct world_under_test *t = *state;
    struct model m = replay(SEED, BLOCKS);
    commit_blocks(t, 0, BLOCKS);
    prune_to(t, BLOCKS, 11);
    assert_no_history(t, BLOCKS, &m);
    check_blocks(t, BLOCKS, BLOCKS);
    commit_blocks(t, BLOCKS + 1, BLOCKS + 10);
}

static void loads_a_whole_state_and_goes_on_from_it(void **state)
{
    struct world_under_test *t = *state;
    struct model m = replay(SEED, 30);
    struct model_source src;
    struct arena a;
    hash32 root;
    arena_init(&a, (size_t)1 << 24, false);
    model_source_init(&src, &m, &a);
    assert_ok(store_load(&t->store, 30, &src.base, &root, &t->e), &t->e);
    assert_hash(root, model_root(&m));
    assert_no_history(t, 30, &m);
    check_blocks(t, 30, 30);
    commit_blocks(t, 31, 50);
    roll_back(t, 30);
    check_blocks(t, 30, 30);
    model_source_init(&src, &m, &a);
    assert_status(store_load(&t->store, 30, &src.base, &root, &t->e), E_CONFLICT);
    arena_done(&a);
}

/* A storage with the root that it had has rows of its own all the same: the account follows. */
static void a_word_may_be_set_to_what_it_is(void **state)
{
    struct world_under_test *t = *state;
    struct kv_txn *w;
    struct store_world world;
    hash32 root[2];
    u256 word;
    const addr20 who = model_address(0);
    const u256 number = u256_from_u64(1);
    struct store_slot slot = {.word = u256_from_u64(5)};
    struct store_change ch = {
        .exists = true, .nonce = 1, .code_hash = trie_empty_code, .slots = &slot, .slots_n = 1};
    uint8_t be[32];
    u256_to_be(number, be);
    keccak256(slice_of(be, sizeof be), &slot.key);
    keccak256(slice_of(who.b, sizeof who.b), &ch.key);
    for (uint64_t b = 0; b < 2; b++) {
        assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
        assert_ok(store_commit(&t->store, w, b, &ch, 1, &root[b], &t->e), &t->e);
        assert_ok(kv_commit(w, &t->e), &t->e);
    }
    assert_hash(root[1], root[0]);
    prune_to(t, 1, 100);
    assert_ok(kv_read_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(store_world_at(&t->store, w, 1, &world, &t->e), &t->e);
    assert_status(world.base.ops->slot(&world.base, &who, &number, &word), OK);
    assert_true(u256_eq(word, slot.word));
    kv_abort(w);
    assert_true(rows(t, t->store.node) == reached(t, 1).rows);
}

static void refuses_what_is_out_of_order(void **state)
{
    struct world_under_test *t = *state;
    struct kv_txn *w;
    hash32 root;
    struct store_change ch[2] = {{.key = {{2}}, .exists = true}, {.key = {{1}}, .exists = true}};
    struct store_slot slots[2] = {{{{1}}, {{1}}}, {{{1}}, {{2}}}};
    commit_blocks(t, 0, 3);
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_status(store_commit(&t->store, w, 4, ch, 2, &root, &t->e), E_RANGE);
    ch[0].slots = slots;
    ch[0].slots_n = 2;
    assert_status(store_commit(&t->store, w, 4, ch, 1, &root, &t->e), E_RANGE);
    assert_status(store_commit(&t->store, w, 3, ch, 0, &root, &t->e), E_RANGE);
    assert_status(store_commit(&t->store, w, 5, ch, 0, &root, &t->e), E_RANGE);
    kv_abort(w);
}

static void refuses_a_block_that_changes_too_much_and_goes_on(void **state)
{
    struct world_under_test *t = *state;
    struct kv_txn *w;
    hash32 root;
    struct store_slot none;
    struct store_change ch = {.exists = true, .slots = &none, .slots_n = STORE_CHANGES_MAX};
    commit_blocks(t, 0, 3);
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_status(store_commit(&t->store, w, 4, &ch, 1, &root, &t->e), E_TOO_LONG);
    ch.slots_n = SIZE_MAX;
    assert_status(store_commit(&t->store, w, 4, &ch, 1, &root, &t->e), E_TOO_LONG);
    assert_ok(kv_commit(w, &t->e), &t->e);
    commit_blocks(t, 4, 6);
    check_blocks(t, 0, 6);
}

/* Block 1 on a root whose row has n bytes at from set to zero, or, with n 0, one bit turned there.
 */
static status commit_on_damage(struct world_under_test *t, size_t from, size_t n, size_t *ret_size,
                               size_t *ret_places)
{
    struct kv_txn *w;
    struct store_block b;
    slice row;
    hash32 root;
    uint8_t key[8];
    uint8_t copy[700];
    struct store_change ch = {.key = {{0x12, 0x34}}, .exists = true, .code_hash = trie_empty_code};
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(store_block_get(&t->store, w, 0, &b, &t->e), &t->e);
    slice k = node_key(b.top.place, key);
    assert_ok(kv_get(w, t->store.node, k, &row, &t->e), &t->e);
    *ret_size = row.n;
    *ret_places = row.p[0];
    assert_true(row.n <= sizeof copy);
    memcpy(copy, row.p, row.n);
    memset(copy + from, 0, n);
    copy[from] ^= n == 0;
    assert_ok(kv_put(w, t->store.node, k, slice_of(copy, row.n), &t->e), &t->e);
    status s = store_commit(&t->store, w, 1, &ch, 1, &root, &t->e);
    kv_abort(w);
    return s;
}

static void finds_a_damaged_node(void **state)
{
    struct world_under_test *t = *state;
    size_t size = 1;
    size_t places = 1;
    commit_blocks(t, 0, 0);
    for (size_t i = 0; i < size; i++) {
        status s = commit_on_damage(t, i, 0, &size, &places);
        bool of_place = i > 0 && i <= 6 * places; /* where no change goes: seen when one does */
        assert_true(s == E_CORRUPT || (of_place && s == OK));
    }
    for (size_t i = 0; i < places; i++)
        assert_status(commit_on_damage(t, 1 + 6 * i, 6, &size, &places), E_CORRUPT);
}

/* --- kill -9 --------------------------------------------------------------------------------- */

static void commit_for_ever(struct world_under_test *t)
{
    struct kv_txn *r;
    struct store_span span;
    open_store(t);
    assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
    uint64_t b = store_span(&t->store, r, &span, &t->e) == OK ? span.head + 1 : 0;
    kv_abort(r);
    for (;; b++)
        (void)commit_block(t, SEED, b);
}

static void kill_a_writer(struct world_under_test *t, long ms)
{
    const struct timespec pause = {0, ms * 1000000};
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        commit_for_ever(t);
        _exit(0);
    }
    (void)nanosleep(&pause, NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_killed_writer_leaves_the_state_of_a_replay(void **state)
{
    struct world_under_test *t = *state;
    uint64_t head = 0;
    for (long i = 0; i < 12; i++) {
        struct kv_txn *r;
        struct store_span span = {0, 0};
        hash32 root;
        kv_close(t->kv);
        kill_a_writer(t, 30 + 7 * i);
        open_store(t);
        assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
        if (store_span(&t->store, r, &span, &t->e) == OK) {
            struct model m = replay(SEED, span.head);
            assert_ok(store_root(&t->store, r, span.head, &root, &t->e), &t->e);
            assert_hash(root, model_root(&m));
            check_values(t, r, span.head, &m);
        }
        kv_abort(r);
        assert_true(span.head >= head);
        head = span.head;
    }
    assert_true(head > 0);
    print_message("killed 12 times up to block %llu\n", (unsigned long long)head);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(roots_values_and_proofs_hold_at_every_block),
        CASE(rollback_leaves_no_row_and_the_same_blocks_give_the_same_roots),
        CASE(another_branch_may_follow_a_rollback),
        CASE(pruned_history_is_gone_and_the_rest_stays_right),
        CASE(a_store_pruned_to_the_head_holds_what_lives_and_no_more),
        CASE(loads_a_whole_state_and_goes_on_from_it),
        CASE(a_word_may_be_set_to_what_it_is),
        CASE(refuses_what_is_out_of_order),
        CASE(refuses_a_block_that_changes_too_much_and_goes_on),
        CASE(finds_a_damaged_node),
        CASE(a_killed_writer_leaves_the_state_of_a_replay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
