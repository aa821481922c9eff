/* SPDX-License-Identifier: Apache-2.0 */
/* The pool by itself: its limits, its order, and who has to go when it is full. */
#include "test.h"

#include <time.h>

#include "chain/pool.h"
#include "poolmodel.h"

#define RAW_MAX ((size_t)128 << 10)
#define WEI 1000000000u

static uint8_t bytes[RAW_MAX];

/* A transaction as somebody might offer it; what is not set is 0. */
struct offer {
    uint32_t who;
    uint64_t nonce;
    uint64_t state_nonce;
    uint64_t fee;
    uint64_t tip;
    uint64_t wei; /* of the sender */
    uint64_t gas; /* 0: 21,000 */
    size_t size;  /* 0: 110 */
    bool exists;
    bool local;
    uint64_t now_s;
};

struct fixture {
    struct pool pool;
    uint32_t n_offered; /* the last one's is the beginning of its hash */
};

static const struct pool_caps usual = {
    .txs = 64, .per_sender = 40, .queued = 8, .queued_all = 16, .bytes = 1 << 20, .queued_s = 100};

static addr20 address(uint32_t who)
{
    addr20 a = {.b = {1}};
    memcpy(a.b + 16, &who, sizeof who);
    return a;
}

static hash32 hash_of(uint32_t id)
{
    hash32 h = {{0}};
    memcpy(h.b, &id, sizeof id);
    return h;
}

static status offer(struct fixture *f, struct offer o, struct err *e)
{
    struct tx t = {.type = TX_FEE_MARKET,
                   .nonce = o.nonce,
                   .gas = o.gas > 0 ? o.gas : 21000,
                   .max_fee = u256_from_u64(o.fee),
                   .max_priority = u256_from_u64(o.tip)};
    struct pool_offer p = {.raw = slice_of(bytes, o.size > 0 ? o.size : 110),
                           .tx = &t,
                           .hash = hash_of(++f->n_offered),
                           .from = address(o.who),
                           .nonce = o.state_nonce,
                           .balance = u256_from_u64(o.wei),
                           .exists = o.exists || o.wei > 0 || o.state_nonce > 0,
                           .local = o.local,
                           .cost = u256_from_u64(t.gas * o.fee),
                           .now_s = o.now_s};
    struct pool_tx *ret;
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
    pool_init(&f->pool, &usual, 1);
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

static bool waits(const struct fixture *f, uint32_t who, uint64_t nonce)
{
    addr20 a = address(who);
    const struct pool_sender *s = pool_sender_find(&f->pool, &a);
    for (size_t i = 0; s != NULL && i < s->n; i++)
        if (s->tx[i]->tx.nonce == nonce)
            return true;
    return false;
}

/* Strangers from `first` on, one transaction each. */
static void fill(struct fixture *f, uint32_t first, size_t n, struct offer o)
{
    for (uint32_t i = 0; i < n; i++) {
        o.who = first + i;
        put(f, o);
    }
}

#define FULL "txpool is full"

/* --- limits ---------------------------------------------------------------------------------- */

static void a_larger_replacement_counts_against_the_bytes(void **state)
{
    struct fixture *f = *state;
    size_t most = (usual.bytes - 110) / 9;
    for (uint64_t i = 0; i < 9; i++)
        put(f, (struct offer){.who = 1, .nonce = i, .size = most, .fee = 9, .tip = 9, .wei = WEI});
    put(f, (struct offer){.who = 2, .wei = WEI});
    refused(f, (struct offer){.who = 2, .fee = 1, .tip = 1, .wei = WEI, .size = most}, E_RATE,
            FULL);
    assert_true(f->pool.bytes <= usual.bytes && waits(f, 2, 0));
    put(f, (struct offer){.who = 2, .fee = 1, .tip = 1, .wei = WEI, .size = 100});
    refused(f, (struct offer){.who = 3, .size = most}, E_RATE, FULL);
}

/* --- who gives way --------------------------------------------------------------------------- */

static void nobody_without_funds_keeps_out_who_has_some(void **state)
{
    struct fixture *f = *state;
    fill(f, 100, usual.txs, (struct offer){0});
    refused(f, (struct offer){.who = 1}, E_RATE, FULL);
    put(f, (struct offer){.who = 2, .wei = 1});
    put(f, (struct offer){.who = 3, .wei = WEI, .fee = 1, .tip = 1});
    assert_true(waits(f, 2, 0) && waits(f, 3, 0) && f->pool.n == usual.txs);
    for (uint32_t i = 0; i < 100; i++) {
        struct err e = {0};
        (void)!offer(f, (struct offer){.who = 1000 + i, .exists = i % 2 == 0}, &e);
    }
    assert_true(waits(f, 2, 0) && waits(f, 3, 0));
}

static void accounts_that_exist_come_before_those_that_do_not(void **state)
{
    struct fixture *f = *state;
    fill(f, 100, usual.txs, (struct offer){0});
    for (uint64_t i = 0; i < 16; i++)
        put(f, (struct offer){.who = 1, .nonce = i, .exists = true});
    refused(f, (struct offer){.who = 1, .nonce = 16, .exists = true}, E_RATE, FULL);
    refused(f, (struct offer){.who = 2}, E_RATE, FULL);
    assert_true(waits(f, 1, 15));
}

static void who_has_many_gives_way_to_who_has_few(void **state)
{
    struct fixture *f = *state;
    for (uint32_t who = 1; who <= 2; who++)
        for (uint64_t i = 0; i < 32; i++)
            put(f, (struct offer){.who = who, .nonce = i, .exists = true});
    fill(f, 100, 32, (struct offer){0});
    assert_true(waits(f, 1, 15) && waits(f, 2, 15) && !waits(f, 1, 16) && !waits(f, 2, 16));
    refused(f, (struct offer){.who = 3}, E_RATE, FULL);
}

static void what_takes_much_room_or_gas_counts_as_many(void **state)
{
    struct fixture *f = *state;
    fill(f, 100, usual.txs - 2, (struct offer){0});
    put(f, (struct offer){.who = 1, .exists = true, .gas = 16777216});
    put(f, (struct offer){.who = 2, .exists = true, .size = RAW_MAX});
    put(f, (struct offer){.who = 3});
    put(f, (struct offer){.who = 4});
    assert_true(!waits(f, 1, 0) && !waits(f, 2, 0) && waits(f, 100, 0));
    refused(f, (struct offer){.who = 5, .gas = 16777216}, E_RATE, FULL);
}

static void the_nodes_own_gives_way_to_nobody(void **state)
{
    struct fixture *f = *state;
    fill(f, 100, usual.txs, (struct offer){.wei = WEI, .fee = 50, .tip = 50});
    for (uint64_t i = 0; i < 20; i++)
        put(f, (struct offer){.who = 1, .nonce = i, .local = true});
    fill(f, 200, usual.txs - 20, (struct offer){.wei = WEI, .fee = 60, .tip = 60});
    refused(f, (struct offer){.who = 2, .wei = WEI, .fee = 60, .tip = 60}, E_RATE, FULL);
    assert_true(waits(f, 1, 19) && !waits(f, 163, 0));
}

/* Those who have most are taken; what is too large for the block is not. */
static void what_no_block_takes_makes_room_while_one_is_made(void **state)
{
    struct fixture *f = *state;
    struct pool_tx *taken[64];
    const struct pool_room room = {.gas = 60000000, .txs = 64, .bytes = 100000};
    fill(f, 100, 7, (struct offer){.size = RAW_MAX});
    for (uint64_t i = 0; i < 2; i++)
        put(f, (struct offer){.who = 200, .nonce = i, .gas = 16777216});
    fill(f, 300, usual.txs - 9, (struct offer){0});
    (void)!offer(f, (struct offer){.who = 1, .gas = 16777216 * 4}, &(struct err){0}); /* in order */
    size_t n = pool_take(&f->pool, &room, taken);
    assert_int_equal(n, usual.txs - 7);
    put(f, (struct offer){.who = 2, .local = true});
    put(f, (struct offer){.who = 3, .wei = 1});
    put(f, (struct offer){.who = 4});
    refused(f, (struct offer){.who = 5, .gas = 16777216 * 4}, E_RATE, FULL);
    assert_true(waits(f, 200, 1) && waits(f, 103, 0) && !waits(f, 104, 0));
    pool_untake(&f->pool, taken, n);
    put(f, (struct offer){.who = 6});
    assert_true(!waits(f, 200, 1) && waits(f, 200, 0) && f->pool.n == usual.txs);
}

static void the_nodes_own_is_taken_in_though_all_others_are_in_a_block(void **state)
{
    struct fixture *f = *state;
    struct pool_tx *taken[64];
    const struct pool_room room = {.gas = 60000000, .txs = 64, .bytes = usual.bytes};
    fill(f, 100, usual.txs, (struct offer){0});
    assert_int_equal(pool_take(&f->pool, &room, taken), usual.txs);
    for (uint64_t i = 0; i < 2; i++)
        put(f, (struct offer){.who = 1, .nonce = i, .local = true});
    put(f, (struct offer){.who = 1, .fee = 1, .tip = 1, .wei = WEI, .local = true, .size = 200});
    refused(f, (struct offer){.who = 2, .wei = 1}, E_RATE, FULL);
    pool_untake(&f->pool, taken, usual.txs);
    put(f, (struct offer){.who = 2, .wei = 1});
    assert_true(waits(f, 1, 1) && waits(f, 2, 0) && f->pool.n == usual.txs);
}

static void what_is_queued_or_unpayable_goes_first(void **state)
{
    struct fixture *f = *state;
    pool_set_base_fee(&f->pool, u256_from_u64(10));
    fill(f, 100, 16, (struct offer){.nonce = 1, .wei = WEI, .fee = 90, .tip = 90});
    fill(f, 200, 24, (struct offer){.wei = WEI, .fee = 9, .tip = 9});
    fill(f, 300, 24, (struct offer){.wei = WEI, .fee = 11});
    fill(f, 400, 16, (struct offer){.wei = WEI, .fee = 11});
    assert_int_equal(f->pool.n_ready, usual.txs);
    fill(f, 500, 24, (struct offer){.wei = WEI, .fee = 11});
    refused(f, (struct offer){.who = 1, .wei = WEI, .fee = 9, .tip = 9}, E_RATE, FULL);
    refused(f, (struct offer){.who = 1, .wei = WEI, .fee = 11}, E_RATE, FULL);
    put(f, (struct offer){.who = 2, .wei = WEI, .fee = 12, .tip = 1});
    pool_set_base_fee(&f->pool, u256_from_u64(12));
    put(f, (struct offer){.who = 3, .wei = WEI, .fee = 13, .tip = 1});
    pool_set_base_fee(&f->pool, u256_from_u64(0));
    refused(f, (struct offer){.who = 4, .wei = WEI, .fee = 13}, E_RATE, FULL);
    assert_true(waits(f, 2, 0) && waits(f, 3, 0) && !waits(f, 200, 0));
}

static void few_places_are_for_what_is_behind_a_gap(void **state)
{
    struct fixture *f = *state;
    fill(f, 100, usual.queued_all, (struct offer){.nonce = 1});
    refused(f, (struct offer){.who = 1, .nonce = 1}, E_RATE, FULL);
    put(f, (struct offer){.who = 2, .nonce = 1, .exists = true});
    put(f, (struct offer){.who = 3});
    put(f, (struct offer){.who = 100}); /* its gap is closed: that is no queued one more */
    assert_int_equal(f->pool.n - f->pool.n_ready, usual.queued_all - 1);
}

static void a_dear_one_behind_a_cheap_one_is_cheap(void **state)
{
    struct fixture *f = *state;
    put(f, (struct offer){.who = 1, .wei = WEI});
    for (uint64_t i = 1; i < 8; i++)
        put(f, (struct offer){.who = 1, .nonce = i, .fee = 90, .tip = 90, .wei = WEI});
    fill(f, 100, usual.txs, (struct offer){.fee = 1, .tip = 1, .wei = WEI});
    assert_false(waits(f, 1, 0));
    fill(f, 100, 8, (struct offer){.fee = 2, .tip = 2, .wei = WEI});
    assert_int_equal(f->pool.n, usual.txs);
}

static void who_spent_it_elsewhere_loses_the_last_ones(void **state)
{
    struct fixture *f = *state;
    addr20 a = address(1);
    for (uint64_t i = 0; i < 4; i++)
        put(f, (struct offer){.who = 1, .nonce = i, .fee = 1, .wei = 84000});
    pool_set_account(&f->pool, &a, true, 0, u256_from_u64(42000));
    assert_true(waits(f, 1, 1) && !waits(f, 1, 2));
    pool_set_account(&f->pool, &a, true, 0, u256_from_u64(0));
    assert_int_equal(f->pool.n_senders, 0);
}

static void what_cannot_be_paid_expires(void **state)
{
    struct fixture *f = *state;
    put(f, (struct offer){.who = 1, .fee = 1, .wei = WEI, .now_s = 5});
    put(f, (struct offer){.who = 2, .fee = 2, .wei = WEI, .now_s = 5});
    pool_set_base_fee(&f->pool, u256_from_u64(2));
    pool_expire(&f->pool, 5);
    assert_int_equal(f->pool.n, 2);
    pool_expire(&f->pool, 6);
    assert_true(!waits(f, 1, 0) && waits(f, 2, 0));
}

/* --- filling a block ------------------------------------------------------------------------- */

static size_t take(struct fixture *f, struct pool_room room, uint32_t *who)
{
    struct pool_tx *out[256];
    room.txs = room.txs > 0 ? room.txs : 256;
    room.bytes = room.bytes > 0 ? room.bytes : usual.bytes;
    size_t n = pool_take(&f->pool, &room, out);
    for (size_t i = 0; i < n; i++)
        memcpy(&who[i], out[i]->from.b + 16, sizeof who[i]);
    pool_untake(&f->pool, out, n);
    return n;
}

static void what_fits_comes_in_the_order_of_arrival(void **state)
{
    struct fixture *f = *state;
    uint32_t who[256];
    put(f, (struct offer){.who = 1, .nonce = 1});
    put(f, (struct offer){.who = 2});
    put(f, (struct offer){.who = 1});
    put(f, (struct offer){.who = 3, .fee = 9, .tip = 9, .wei = WEI});
    put(f, (struct offer){.who = 2, .nonce = 1});
    assert_int_equal(take(f, (struct pool_room){.gas = 5 * 21000}, who), 5);
    static const uint32_t want[] = {2, 1, 1, 3, 2};
    assert_memory_equal(who, want, sizeof want);
}

static void strangers_do_not_fill_the_block_before_others(void **state)
{
    struct fixture *f = *state;
    uint32_t who[256];
    fill(f, 100, 40, (struct offer){.gas = 16777216});
    put(f, (struct offer){.who = 4, .gas = 100000});
    put(f, (struct offer){.who = 3, .exists = true});
    put(f, (struct offer){.who = 2, .wei = 1});
    put(f, (struct offer){.who = 1, .local = true, .gas = 3000000});
    assert_int_equal(take(f, (struct pool_room){.gas = 4000000}, who), 44);
    static const uint32_t want[] = {4, 3, 2, 1, 100}; /* the four fit, so by their arrival */
    assert_memory_equal(who, want, sizeof want);
    assert_int_equal(take(f, (struct pool_room){.gas = 4000000, .txs = 2}, who), 2);
    assert_int_equal(who[0], 2);
    assert_int_equal(who[1], 1);
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

/* --- against the model ----------------------------------------------------------------------- */

struct twins {
    struct fixture f;
    struct model m;
    uint64_t random;
    struct pool_tx *taken[MODEL_TXS];
    size_t n_taken;
    uint64_t now_s;
};

static uint64_t draw(struct twins *t, uint64_t below)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return (t->random >> 11) % below;
}

static void check_sender(const struct pool *p, const struct pool_sender *s)
{
    size_t i = s->place;
    u256 fee = s->tx[0]->tx.max_fee;
    u256 tip = s->tx[0]->tx.max_priority;
    uint64_t weight = 0;
    assert_ptr_equal(p->heap[i], s);
    for (size_t k = 0; k < s->n; k++) {
        const struct pool_tx *x = s->tx[k];
        fee = u256_cmp(x->tx.max_fee, fee) < 0 ? x->tx.max_fee : fee;
        tip = u256_cmp(x->tx.max_priority, tip) < 0 ? x->tx.max_priority : tip;
        assert_true(u256_eq(x->low_fee, fee) && u256_eq(x->low_tip, tip));
        weight += x->weight;
    }
    assert_int_equal(s->weight, weight);
}

/* But for the node's own. */
static void assert_within_caps(const struct twins *t)
{
    size_t n = 0;
    size_t n_bytes = 0;
    for (size_t i = 0; i < t->m.n; i++)
        if (!t->m.sender[t->m.tx[i].who].local) {
            n++;
            n_bytes += t->m.tx[i].size;
        }
    assert_true(n <= t->m.caps.txs && n_bytes <= t->m.caps.bytes);
}

/* They hold the same, and the pool's own books agree. */
static void compare(const struct twins *t)
{
    const struct pool *p = &t->f.pool;
    assert_int_equal(p->n, t->m.n);
    assert_int_equal(p->bytes, model_bytes(&t->m));
    assert_int_equal(p->n - p->n_ready, model_queued(&t->m));
    assert_within_caps(t);
    for (size_t i = 0; i < t->m.n; i++) {
        hash32 h = hash_of(t->m.tx[i].id);
        const struct pool_tx *x = pool_find(p, &h);
        assert_non_null(x);
        assert_int_equal(pool_is_ready(x), model_is_ready(&t->m, &t->m.tx[i]));
        assert_int_equal(x->taken, t->m.tx[i].taken);
    }
    for (size_t i = 0; i < p->n_senders; i++)
        check_sender(p, p->heap[i]);
}

static void step_put(struct twins *t)
{
    static const uint64_t gas[] = {21000, 21000, 100000, 3000000, 16777216};
    static const size_t size[] = {110, 110, 120, 5000, 30000};
    uint32_t who = (uint32_t)draw(t, MODEL_SENDERS);
    struct model_sender *s = &t->m.sender[who];
    struct offer o = {.who = who,
                      .nonce = s->nonce + draw(t, 7),
                      .state_nonce = s->nonce,
                      .fee = s->wei > 0 || draw(t, 8) == 0 ? draw(t, 5) : 0,
                      .wei = s->wei,
                      .gas = gas[draw(t, 5)],
                      .size = size[draw(t, 5)],
                      .exists = s->exists,
                      .now_s = t->now_s};
    struct err e = {0};
    o.tip = o.fee > 0 ? draw(t, o.fee + 1) : 0;
    o.local = s->local = who == 0;
    status got = offer(&t->f, o, &e);
    status want = model_put(&t->m, (struct model_tx){.id = t->f.n_offered,
                                                     .who = who,
                                                     .nonce = o.nonce,
                                                     .fee = o.fee,
                                                     .tip = o.tip,
                                                     .gas = o.gas,
                                                     .size = o.size,
                                                     .since_s = o.now_s});
    assert_status(got, want);
}

static void step_account(struct twins *t, uint32_t who, uint64_t nonce)
{
    static const uint64_t wei[] = {0, 1, 100000, WEI, WEI};
    struct model_sender *s = &t->m.sender[who];
    addr20 a = address(who);
    s->nonce = nonce;
    s->wei = who % 4 >= 2 ? wei[draw(t, 5)] : s->wei;
    s->exists = s->exists || nonce > 0 || s->wei > 0;
    pool_set_account(&t->f.pool, &a, s->exists, nonce, u256_from_u64(s->wei));
    model_set_account(&t->m, who);
}

static void step_take(struct twins *t)
{
    uint32_t want[MODEL_TXS];
    struct pool_room room = {.base_fee = t->f.pool.base_fee,
                             .gas = draw(t, 2) == 0 ? 400000 : 30000000,
                             .txs = 1 + draw(t, 12),
                             .bytes = draw(t, 2) == 0 ? 40000 : 10000};
    t->n_taken = pool_take(&t->f.pool, &room, t->taken);
    assert_int_equal(t->n_taken, model_take(&t->m, &room, want));
    for (size_t i = 0; i < t->n_taken; i++) {
        hash32 h = hash_of(want[i]);
        assert_memory_equal(t->taken[i]->hash.b, h.b, sizeof h.b);
    }
}

/* What was taken is in a block, or not. */
static void step_settle(struct twins *t)
{
    uint64_t next[MODEL_SENDERS] = {0};
    bool mined = draw(t, 3) > 0;
    for (size_t i = 0; i < t->n_taken; i++)
        next[t->taken[i]->from.b[16]] = t->taken[i]->tx.nonce + 1;
    pool_untake(&t->f.pool, t->taken, t->n_taken);
    model_untake(&t->m);
    t->n_taken = 0;
    for (uint32_t who = 0; who < MODEL_SENDERS && mined; who++)
        if (next[who] > 0)
            step_account(t, who, next[who]);
}

static void step(struct twins *t)
{
    uint64_t what = draw(t, 100);
    t->now_s += draw(t, 2);
    if (what < 80) {
        step_put(t);
    } else if (t->n_taken > 0) {
        step_settle(t);
    } else if (what < 90) {
        step_take(t);
    } else if (what < 95) {
        uint32_t who = (uint32_t)draw(t, MODEL_SENDERS);
        uint64_t nonce = t->m.sender[who].nonce;
        step_account(t, who, draw(t, 4) == 0 && nonce > 0 ? nonce - 1 : nonce + draw(t, 2));
    } else if (what < 98) {
        t->m.base_fee = draw(t, 3);
        pool_set_base_fee(&t->f.pool, u256_from_u64(t->m.base_fee));
    } else {
        pool_expire(&t->f.pool, t->now_s - t->now_s / 2);
        model_expire(&t->m, t->now_s - t->now_s / 2);
    }
    compare(t);
}

static void it_does_what_the_model_does(void **state)
{
    static const struct pool_caps caps[] = {
        {.txs = 24, .per_sender = 12, .queued = 4, .queued_all = 6, .bytes = 1 << 20},
        {.txs = 200, .per_sender = 12, .queued = 4, .queued_all = 9, .bytes = 60000},
        {.txs = 8, .per_sender = 40, .queued = 40, .queued_all = 40, .bytes = 200000},
    };
    (void)state;
    for (size_t i = 0; i < 24; i++) {
        struct twins *t = calloc(1, sizeof *t);
        t->random = 0x9e3779b97f4a7c15u * (i + 1);
        t->m.caps = caps[i % 3];
        pool_init(&t->f.pool, &t->m.caps, i);
        for (size_t k = 0; k < 3000; k++)
            step(t);
        pool_done(&t->f.pool);
        free(t);
    }
}

/* --- cost ------------------------------------------------------------------------------------ */

static void a_full_pool_costs_no_search(void **state)
{
    const struct pool_caps caps = {.txs = 65536,
                                   .per_sender = 16384,
                                   .queued = 1024,
                                   .queued_all = 8192,
                                   .bytes = (size_t)256 << 20};
    struct fixture *f = *state;
    pool_done(&f->pool);
    pool_init(&f->pool, &caps, 1);
    fill(f, 1, caps.txs, (struct offer){0});
    clock_t begun = clock();
    fill(f, 100000, caps.txs, (struct offer){.exists = true});
    for (uint32_t i = 0; i < caps.txs; i++) {
        struct err e = {0};
        assert_status(offer(f, (struct offer){.who = 200000 + i}, &e), E_RATE);
    }
    double s = (double)(clock() - begun) / CLOCKS_PER_SEC;
    print_message("131,072 offers to a full pool: %.2f s\n", s);
    assert_true(s < 5); /* a search for each took minutes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_larger_replacement_counts_against_the_bytes, up, down),
        cmocka_unit_test_setup_teardown(nobody_without_funds_keeps_out_who_has_some, up, down),
        cmocka_unit_test_setup_teardown(accounts_that_exist_come_before_those_that_do_not, up,
                                        down),
        cmocka_unit_test_setup_teardown(who_has_many_gives_way_to_who_has_few, up, down),
        cmocka_unit_test_setup_teardown(what_takes_much_room_or_gas_counts_as_many, up, down),
        cmocka_unit_test_setup_teardown(the_nodes_own_gives_way_to_nobody, up, down),
        cmocka_unit_test_setup_teardown(what_no_block_takes_makes_room_while_one_is_made, up, down),
        cmocka_unit_test_setup_teardown(the_nodes_own_is_taken_in_though_all_others_are_in_a_block,
                                        up, down),
        cmocka_unit_test_setup_teardown(what_is_queued_or_unpayable_goes_first, up, down),
        cmocka_unit_test_setup_teardown(few_places_are_for_what_is_behind_a_gap, up, down),
        cmocka_unit_test_setup_teardown(a_dear_one_behind_a_cheap_one_is_cheap, up, down),
        cmocka_unit_test_setup_teardown(who_spent_it_elsewhere_loses_the_last_ones, up, down),
        cmocka_unit_test_setup_teardown(what_cannot_be_paid_expires, up, down),
        cmocka_unit_test_setup_teardown(what_fits_comes_in_the_order_of_arrival, up, down),
        cmocka_unit_test_setup_teardown(strangers_do_not_fill_the_block_before_others, up, down),
        cmocka_unit_test_setup_teardown(a_stale_nonce_leaves_ready_ones_ready, up, down),
        cmocka_unit_test_setup_teardown(it_does_what_the_model_does, up, down),
        cmocka_unit_test_setup_teardown(a_full_pool_costs_no_search, up, down),
    };
    return cmocka_run_group_tests_name("chain/pool", tests, NULL, NULL);
}
