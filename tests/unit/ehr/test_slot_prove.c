/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger that cannot answer is not one that says "no". */
#include "test.h"

#include "ehr/slot_prove.h"

struct fake {
    struct ledger base;
    status block; /* of the head */
    status proof;
    status vouch;
    hash32 zero;           /* each slot's word */
    const uint64_t *heads; /* their numbers, one a question; the last stays. NULL: 0 */
    size_t heads_n;
    uint64_t head;
    unsigned waits;
};

static uint64_t next_head(struct fake *f)
{
    if (f->heads != NULL)
        f->head = f->heads[0];
    if (f->heads_n > 1) {
        f->heads++;
        f->heads_n--;
    }
    return f->head;
}

static status fake_run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                       struct err *reterr)
{
    struct fake *f = (struct fake *)l;
    (void)a;
    (void)reterr;
    for (size_t i = 0; i < n; i++) {
        struct ledger_req *q = &reqs[i];
        q->st = q->kind == LEDGER_PROOF ? f->proof : f->block;
        (void)ERR(&q->err, q->st, "as the test says");
        if (q->kind == LEDGER_PROOF)
            q->out.proof = (struct ledger_proof){.address = q->in.proof.address,
                                                 .slots_n = q->in.proof.slots_n,
                                                 .values = &f->zero,
                                                 .block = {.number = f->head}};
        else
            q->out.block = (struct ledger_block){.number = next_head(f)};
    }
    return OK;
}

static status fake_vouch(struct ledger *l, uint64_t number, const hash32 *hash, struct err *reterr)
{
    const struct fake *f = (const struct fake *)l;
    (void)number;
    (void)hash;
    return f->vouch == OK ? OK : ERR(reterr, f->vouch, "as the test says");
}

static void fake_wait(struct ledger *l, uint32_t ms)
{
    struct fake *f = (struct fake *)l;
    assert_true(ms > 0 && ms <= 1000);
    f->waits++;
}

static const struct ledger_ops fake_ops = {.run = fake_run, .vouch = fake_vouch, .wait = fake_wait};

static status prove(struct fake *f, struct registry_grant *ret)
{
    struct arena a;
    struct err err;
    struct ledger_block block;
    bool vouched;
    static const addr20 proxy;
    static const hash32 folder;
    struct proved_grant g = {.holder = {{1}}};
    f->base.ops = &fake_ops;
    arena_init(&a, 65536, false);
    status st = grants_prove(&f->base, &proxy, &folder, &g, 1, &a, &block, &vouched, &err);
    arena_done(&a);
    *ret = g.now;
    return st;
}

static void takes_only_a_proved_zero_for_absent(void **state)
{
    (void)state;
    struct registry_grant now;
    struct fake f = {.block = OK};
    assert_status(prove(&f, &now), OK);
    assert_int_equal(now.status, 0);
}

static void does_not_take_a_missing_block_for_an_absent_slot(void **state)
{
    (void)state;
    struct registry_grant now;
    static const struct {
        status said;
        status want;
    } cases[] = {{E_NOT_FOUND, E_UNAVAILABLE},
                 {E_RANGE, E_UNAVAILABLE},
                 {E_MISMATCH, E_MISMATCH},
                 {E_RATE, E_RATE},
                 {E_TIMEOUT, E_TIMEOUT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake head = {.block = cases[i].said};
        struct fake proof = {.proof = cases[i].said};
        struct fake vouch = {.vouch = cases[i].said};
        assert_status(prove(&head, &now), cases[i].want);
        assert_status(prove(&proof, &now), cases[i].want);
        assert_status(prove(&vouch, &now), cases[i].want);
    }
}

/* An older block that the authority signed, too, shows what was true then. */
static void does_not_go_back_behind_what_was_seen(void **state)
{
    (void)state;
    struct registry_grant now;
    static const uint64_t back[] = {5, 4};
    struct fake f = {.heads = back, .heads_n = 2};
    assert_status(prove(&f, &now), OK);
    assert_status(prove(&f, &now), E_STALE);
    assert_in_range(f.waits, 3, 20);
    struct fake sent = {.heads = back, .heads_n = 1};
    ledger_saw(&sent.base, 6); /* a call was mined in block 6 */
    ledger_saw(&sent.base, 3);
    assert_status(prove(&sent, &now), E_STALE);
}

static void asks_again_where_one_of_several_nodes_is_behind(void **state)
{
    (void)state;
    struct registry_grant now;
    static const uint64_t numbers[] = {5, 3, 4, 5, 9};
    struct fake f = {.heads = numbers, .heads_n = 5};
    assert_status(prove(&f, &now), OK);
    assert_status(prove(&f, &now), OK);
    assert_int_equal(f.waits, 2);
    assert_status(prove(&f, &now), OK);
    assert_int_equal(f.waits, 2);
}

/* What a block shows that nobody vouches for is not kept: it says nothing of the true chain. */
static void does_not_keep_the_number_of_a_block_that_is_refused(void **state)
{
    (void)state;
    struct registry_grant now;
    static const uint64_t far[] = {1000, 5};
    struct fake f = {.heads = far, .heads_n = 2, .vouch = E_MISMATCH};
    assert_status(prove(&f, &now), E_MISMATCH);
    f.vouch = OK;
    assert_status(prove(&f, &now), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_only_a_proved_zero_for_absent),
        cmocka_unit_test(does_not_take_a_missing_block_for_an_absent_slot),
        cmocka_unit_test(does_not_go_back_behind_what_was_seen),
        cmocka_unit_test(asks_again_where_one_of_several_nodes_is_behind),
        cmocka_unit_test(does_not_keep_the_number_of_a_block_that_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
