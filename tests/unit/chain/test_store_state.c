/* SPDX-License-Identifier: Apache-2.0 */
/* A state over the store: blocks executed on it and committed give the root of a state that is all
 * in memory and saw the same. */
#include "chain/store.h"
#include "test.h"
#include "tmpdir.h"

#define ADDRESSES 16u
#define SLOTS 12u
#define BLOCKS 80u

static uint64_t next(uint64_t *x)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return *x >> 33;
}

static addr20 address(uint64_t i)
{
    addr20 a = {{0xab, (uint8_t)i}};
    return a;
}

static void one_step(struct state *st, uint64_t r)
{
    addr20 at = address(r % ADDRESSES);
    struct account *a = state_account(st, &at);
    u256 key = u256_from_u64(r / 64 % SLOTS);
    u256 value = u256_from_u64(r / 1024 % 4);
    uint8_t code = (uint8_t)(r / 4096);
    switch (r / 16 % 8) {
    case 0:
        (void)state_set_destructed(st, a);
        break;
    case 1:
        state_set_code(st, a, slice_of(&code, 1));
        break;
    case 2:
        state_set_nonce(st, a, r / 1024);
        break;
    case 3:
        state_add_balance(st, a, value);
        break;
    case 4:
        state_touch(st, a);
        break;
    default:
        if (!account_is_empty(a))
            state_set_slot(st, a, state_slot(st, a, &key), &value);
    }
}

/* Four transactions, some parts of which are reverted; the same for every state. */
static void execute(struct state *st, uint64_t block)
{
    uint64_t x = block;
    for (unsigned tx = 0; tx < 4; tx++) {
        state_begin_tx(st);
        for (unsigned i = 0; i < 12; i++) {
            struct state_mark m = state_mark(st);
            one_step(st, next(&x));
            one_step(st, next(&x));
            if (next(&x) % 4 == 0)
                state_revert(st, m);
        }
        state_end_tx(st, true);
    }
}

struct fixture {
    char dir[256];
    struct kv *kv;
    struct store store;
    struct code_cache codes;
    struct err e;
};

static hash32 commit(struct fixture *f, struct kv_txn *w, struct state *st, uint64_t block)
{
    struct arena a;
    struct store_change *ch;
    size_t n;
    hash32 root;
    arena_init(&a, (size_t)1 << 24, false);
    assert_ok(store_changes(st, &a, &ch, &n, &f->e), &f->e);
    assert_ok(store_commit(&f->store, w, block, ch, n, &root, &f->e), &f->e);
    arena_done(&a);
    return root;
}

/* Block 0 has no world below it. */
static hash32 run_block(struct fixture *f, uint64_t block)
{
    struct kv_txn *w;
    struct store_world world;
    struct state st;
    code_cache_done(&f->codes); /* so that code is read from the store */
    code_cache_init(&f->codes);
    assert_ok(kv_write_begin(f->kv, &w, &f->e), &f->e);
    if (block > 0)
        assert_ok(store_world_at(&f->store, w, block - 1, &world, &f->e), &f->e);
    state_init(&st, block > 0 ? &world.base : NULL, &f->codes);
    execute(&st, block);
    hash32 before;
    assert_status(block > 0 ? state_root(&st, &before) : OK, OK);
    hash32 root = commit(f, w, &st, block);
    if (block > 0) /* the root that was told is the one that was stored */
        assert_memory_equal(before.b, root.b, 32);
    state_done(&st);
    assert_ok(kv_commit(w, &f->e), &f->e);
    return root;
}

static void committed_blocks_have_the_roots_of_a_state_in_memory(void **unused)
{
    struct fixture f = {0};
    const struct kv_options o = {.app = "test", .schema = 1, .max_tables = STORE_TABLES};
    struct state all;
    struct code_cache codes;
    (void)unused;
    tmpdir_make(f.dir, sizeof f.dir);
    assert_ok(kv_open(f.dir, &o, &f.kv, &f.e), &f.e);
    assert_ok(store_open(f.kv, &f.store, &f.e), &f.e);
    code_cache_init(&f.codes);
    code_cache_init(&codes);
    state_init(&all, NULL, &codes);
    for (uint64_t b = 0; b < BLOCKS; b++) {
        hash32 want;
        hash32 got = run_block(&f, b);
        execute(&all, b);
        state_keep(&all);
        assert_status(state_root(&all, &want), OK);
        assert_memory_equal(got.b, want.b, 32);
    }
    state_done(&all);
    code_cache_done(&codes);
    code_cache_done(&f.codes);
    kv_close(f.kv);
    tmpdir_remove(f.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_blocks_have_the_roots_of_a_state_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
