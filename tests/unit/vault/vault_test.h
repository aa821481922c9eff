/* SPDX-License-Identifier: Apache-2.0 */
/* A vault in a folder of its own with a clock that the test sets. */
#ifndef EHRD_TESTS_VAULT_TEST_H
#define EHRD_TESTS_VAULT_TEST_H

#include "test.h"

#include "tmpdir.h"
#include "vault/lmdb.h"

struct vault_world {
    char dir[256];
    uint64_t now;
    struct clock_src clock;
    struct vault *vault;
    struct arena arena;
    struct err err;
};

static inline uint64_t world_now(void *ctx)
{
    return ((struct vault_world *)ctx)->now;
}

static inline void world_reopen(struct vault_world *w)
{
    struct vault_lmdb_config cfg = {.dir = w->dir,
                                    .net = {.chain_id = 31337, .proxy = {{0x11}}},
                                    .map_bytes = (uint64_t)64 << 20,
                                    .clock = &w->clock,
                                    .random = &random_system};
    vault_close(w->vault);
    w->vault = NULL;
    assert_ok(vault_lmdb_open(&cfg, &w->vault, &w->err), &w->err);
}

static inline int world_setup(void **state)
{
    struct vault_world *w = test_calloc(1, sizeof *w);
    tmpdir_make(w->dir, sizeof w->dir);
    w->now = 1700000000;
    w->clock = (struct clock_src){world_now, world_now, w};
    arena_init(&w->arena, (size_t)64 << 20, false);
    world_reopen(w);
    *state = w;
    return 0;
}

static inline int world_teardown(void **state)
{
    struct vault_world *w = *state;
    vault_close(w->vault);
    arena_done(&w->arena);
    tmpdir_remove(w->dir);
    test_free(w);
    return 0;
}

static inline hash32 hash_of(uint8_t fill)
{
    hash32 h;
    memset(h.b, fill, sizeof h.b);
    return h;
}

static inline addr20 addr_of(uint8_t fill)
{
    addr20 a;
    memset(a.b, fill, sizeof a.b);
    return a;
}

/* An envelope whose body was uploaded to the folder. */
static inline struct vault_envelope envelope_of(uint8_t fill, slice bytes)
{
    struct vault_envelope e = {.inner = hash_of(fill),
                               .bytes = bytes,
                               .cid = SLICE_LIT("\x01\x55\x00\x02"
                                                "ab")};
    memset(e.commitment, fill, sizeof e.commitment);
    return e;
}

#endif
