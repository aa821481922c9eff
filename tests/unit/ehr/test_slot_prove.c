/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger that cannot answer is not one that says "no". */
#include "test.h"

#include "ehr/slot_prove.h"

struct fake {
    struct ledger base;
    status block; /* of the head */
    status proof;
    status vouch;
    hash32 zero; /* each slot's word */
};

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
            q->out.proof = (struct ledger_proof){
                .address = q->in.proof.address, .slots_n = q->in.proof.slots_n, .values = &f->zero};
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

static const struct ledger_ops fake_ops = {.run = fake_run, .vouch = fake_vouch};

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_only_a_proved_zero_for_absent),
        cmocka_unit_test(does_not_take_a_missing_block_for_an_absent_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
