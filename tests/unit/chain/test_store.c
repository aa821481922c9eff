/* SPDX-License-Identifier: Apache-2.0 */
/* The state store against a model in arrays: roots, history, proofs, rollback, pruning, loading. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chain/store_priv.h"
#include "codec/rlp.h"
#include "statemodel.h"
#include "test.h"
#include "tmpdir.h"

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

/* Leaves among the rows of storage nodes; when nothing is history, one per slot. */
static uint64_t leaves(struct world_under_test *t)
{
    struct kv_txn *r;
    struct kv_iter it;
    slice row;
    uint64_t n = 0;
    assert_ok(kv_read_begin(t->kv, &r, &t->e), &t->e);
    assert_ok(kv_iter_init(&it, r, t->store.slot_node, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, &t->e),
              &t->e);
    while (kv_iter_next(&it, NULL, &row, &t->e) == OK) {
        struct rlp_list l;
        struct rlp_item path;
        struct rlp_item value;
        bool is_short = !node_row_is_delta(row) && rlp_read_list(row, &l, &t->e) == OK &&
                        rlp_next(&l, &path, &t->e) == OK && rlp_next(&l, &value, &t->e) == OK &&
                        rlp_list_is_empty(&l);
        n += is_short && path.body.p[0] >> 4 >= 2;
    }
    kv_iter_done(&it);
    kv_abort(r);
    return n;
}

static void rollback_leaves_no_row_and_the_same_blocks_give_the_same_roots(void **state)
{
    struct world_under_test *t = *state;
    commit_blocks(t, 0, 20);
    uint64_t nodes = rows(t, t->store.slot_node);
    uint64_t touched = rows(t, t->store.touched);
    commit_blocks(t, 21, BLOCKS);
    roll_back(t, 20);
    assert_true(rows(t, t->store.slot_node) == nodes);
    assert_true(rows(t, t->store.touched) == touched);
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
    uint64_t accounts = 0;
    uint64_t slots = 0;
    commit_blocks(t, 0, BLOCKS);
    prune_to(t, BLOCKS, 1000);
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++) {
        accounts += m.account[i].exists;
        for (unsigned j = 0; j < MODEL_SLOTS; j++)
            slots += m.account[i].slot[j] != 0;
    }
    assert_true(rows(t, t->store.account) == accounts);
    assert_true(leaves(t) == slots);
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
    uint64_t slots = 0; /* and nothing is left of what makes room in pages */
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++)
        for (unsigned j = 0; j < MODEL_SLOTS; j++)
            slots += m.account[i].slot[j] != 0;
    assert_true(leaves(t) == slots);
    check_blocks(t, 30, 30);
    commit_blocks(t, 31, 50);
    roll_back(t, 30);
    check_blocks(t, 30, 30);
    model_source_init(&src, &m, &a);
    assert_status(store_load(&t->store, 30, &src.base, &root, &t->e), E_CONFLICT);
    arena_done(&a);
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

static void finds_a_damaged_node(void **state)
{
    struct world_under_test *t = *state;
    struct kv_txn *w;
    struct kv_iter it;
    slice key;
    slice value;
    hash32 root;
    uint8_t copy[600];
    struct store_change ch = {.exists = true};
    commit_blocks(t, 0, 0);
    assert_ok(kv_write_begin(t->kv, &w, &t->e), &t->e);
    assert_ok(
        kv_iter_init(&it, w, t->store.account_node, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, &t->e),
        &t->e);
    assert_ok(kv_iter_next(&it, &key, &value, &t->e), &t->e);
    uint8_t path[64];
    size_t path_n = key.n;
    memcpy(path, key.p, path_n);
    size_t n = value.n;
    memcpy(copy, value.p, n);
    kv_iter_done(&it);
    copy[n - 1] ^= 1;
    assert_ok(kv_put(w, t->store.account_node, slice_of(path, path_n), slice_of(copy, n), &t->e),
              &t->e);
    for (size_t i = 0; i + 8 < path_n; i++)
        ch.key.b[i / 2] |= (uint8_t)(i % 2 == 0 ? path[i] << 4 : path[i]);
    assert_status(store_commit(&t->store, w, 1, &ch, 1, &root, &t->e), E_CORRUPT);
    kv_abort(w);
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
        CASE(refuses_what_is_out_of_order),
        CASE(refuses_a_block_that_changes_too_much_and_goes_on),
        CASE(finds_a_damaged_node),
        CASE(a_killed_writer_leaves_the_state_of_a_replay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
