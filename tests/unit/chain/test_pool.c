/* SPDX-License-Identifier: Apache-2.0 */
/* The pool by itself: its limits, its order, and who has to go when it is full. */
#include "test.h"

#include "chain/pool.h"

#define RAW_MAX ((size_t)128 << 10)

static uint8_t bytes[RAW_MAX];

/* A transaction as somebody might offer it; what is not set is 0. */
struct offer {
    uint32_t who;
    uint64_t nonce;
    uint64_t state_nonce;
    uint64_t fee;
    uint64_t tip;
    uint64_t wei; /* of the sender */
    size_t size;  /* 0: 110 */
};

struct fixture {
    struct pool pool;
    uint32_t n_offered;
    hash32 hash; /* of the last offer */
};

static const struct pool_caps usual = {
    .txs = 64, .per_sender = 40, .queued = 8, .bytes = 1 << 20, .queued_s = 100};

static addr20 address(uint32_t who)
{
    addr20 a = {.b = {1}};
    memcpy(a.b + 16, &who, sizeof who);
    return a;
}

static status offer(struct fixture *f, struct offer o, struct err *e)
{
    struct tx t = {.type = TX_FEE_MARKET,
                   .nonce = o.nonce,
                   .gas = 21000,
                   .max_fee = u256_from_u64(o.fee),
                   .max_priority = u256_from_u64(o.tip)};
    struct pool_offer p = {.raw = slice_of(bytes, o.size > 0 ? o.size : 110),
                           .tx = &t,
                           .from = address(o.who),
                           .nonce = o.state_nonce,
                           .balance = u256_from_u64(o.wei),
                           .cost = u256_from_u64(21000 * o.fee)};
    struct pool_tx *ret;
    f->n_offered++;
    f->hash = (hash32){{0}};
    memcpy(f->hash.b, &f->n_offered, sizeof f->n_offered);
    p.hash = f->hash;
    return pool_put(&f->pool, &p, &ret, e);
}

static void put(struct fixture *f, struct offer o)
{
    struct err e = {0};
    assert_ok(offer(f, o, &e), &e);
}

static void refused(struct fixture *f, struct offer o, status want, const char *message)
{
    struct err e = {0};
    assert_status(offer(f, o, &e), want);
    assert_string_equal(e.msg, message);
}

static int up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    pool_init(&f->pool, &usual);
    *state = f;
    return 0;
}

static int down(void **state)
{
    struct fixture *f = *state;
    pool_done(&f->pool);
    free(f);
    return 0;
}

/* --- limits ---------------------------------------------------------------------------------- */

static void a_larger_replacement_counts_against_the_bytes(void **state)
{
    struct fixture *f = *state;
    size_t most = (usual.bytes - 110) / 9;
    for (uint64_t i = 0; i < 9; i++)
        put(f, (struct offer){.who = 1, .nonce = i, .size = most});
    put(f, (struct offer){.who = 2, .wei = 21000});
    refused(f, (struct offer){.who = 2, .fee = 1, .tip = 1, .wei = 21000, .size = most}, E_RATE,
            "txpool is full");
    assert_true(f->pool.bytes <= usual.bytes);
    put(f, (struct offer){.who = 2, .fee = 1, .tip = 1, .wei = 21000, .size = 100});
    refused(f, (struct offer){.who = 3, .size = most}, E_RATE, "txpool is full");
}

/* --- nonces ---------------------------------------------------------------------------------- */

static void a_stale_nonce_leaves_ready_ones_ready(void **state)
{
    struct fixture *f = *state;
    put(f, (struct offer){.who = 1, .nonce = 5, .state_nonce = 5});
    put(f, (struct offer){.who = 1, .nonce = 6, .state_nonce = 5});
    put(f, (struct offer){.who = 1, .nonce = 7, .state_nonce = 4});
    assert_int_equal(f->pool.n_ready, 3);
    refused(f, (struct offer){.who = 1, .nonce = 4, .state_nonce = 4}, E_REPLAY,
            "nonce too low: next nonce 5, tx nonce 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_larger_replacement_counts_against_the_bytes, up, down),
        cmocka_unit_test_setup_teardown(a_stale_nonce_leaves_ready_ones_ready, up, down),
    };
    return cmocka_run_group_tests_name("chain/pool", tests, NULL, NULL);
}
