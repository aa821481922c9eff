/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's views over a ledger that fails: whoever asked the node is not at fault. */
#include "test.h"

#include "api/chain.h"

struct fake {
    struct ledger base;
    status run;  /* of each batch */
    status head; /* of the question for the head */
    status call; /* of each call */
};

static struct fake fake;
static struct chain_reader *reader;

static status on_run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                     struct err *reterr)
{
    const struct fake *f = (struct fake *)l;
    (void)a;
    if (f->run != OK)
        return ERR(reterr, f->run, "no batch");
    for (size_t i = 0; i < n; i++) {
        memset(&reqs[i].out, 0, sizeof reqs[i].out);
        reqs[i].st = OK;
        if (reqs[i].kind == LEDGER_BLOCK && f->head != OK)
            reqs[i].st = ERR(&reqs[i].err, f->head, "no head");
        if (reqs[i].kind == LEDGER_CALL && f->call != OK)
            reqs[i].st = ERR(&reqs[i].err, f->call, "no view");
    }
    return OK;
}

static const struct ledger_ops ops = {.run = on_run};

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    fake = (struct fake){.base = {.ops = &ops, .clock = &clock_system}};
    assert_ok(chain_reader_new(&fake.base, (addr20){{1}}, &clock_system, &reader, &e), &e);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    chain_reader_free(reader);
    return 0;
}

/* What remote.c and the HTTP client make of a ledger's failures. */
static const status theirs[] = {E_NOT_FOUND, E_RANGE, E_RATE,     E_UNSUPPORTED, E_MISMATCH,
                                E_USAGE,     E_AUTH,  E_TOO_LONG, E_REVERTED,    E_CORRUPT};

static status head(struct err *e)
{
    struct chain_head h;
    return chain_head(reader, &h, e);
}

static status view(struct err *e)
{
    const struct chain_head h = {.now = 1};
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT};
    return chain_ask(reader, &h, &ask, 1, e);
}

static void check(status (*ask)(struct err *e), status *place, const char *text)
{
    struct err e = {0};
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        *place = theirs[i];
        assert_status(ask(&e), E_UNAVAILABLE);
        assert_status(e.code, E_UNAVAILABLE);
        assert_non_null(strstr(e.msg, "ledger: "));
        assert_non_null(strstr(e.msg, text));
    }
    *place = E_TIMEOUT;
    assert_status(ask(&e), E_TIMEOUT);
    *place = OK;
}

static void a_head_that_the_ledger_does_not_give_is_no_callers_fault(void **state)
{
    (void)state;
    check(head, &fake.head, "no head");
    check(head, &fake.run, "no batch");
}

static void nor_is_a_view_that_it_does_not_answer(void **state)
{
    struct err e = {0};
    (void)state;
    check(view, &fake.call, "no view");
    check(view, &fake.run, "no batch");
    assert_status(view(&e), E_UNAVAILABLE); /* an answer of no bytes */
    assert_string_equal(e.msg, "ledger: the registry's answer cannot be read");
}

static void damage_of_a_chain_of_our_own_is_told_as_that(void **state)
{
    struct err e = {0};
    (void)state;
    fake.base.is_own = true;
    fake.head = E_CORRUPT;
    assert_status(head(&e), E_CORRUPT);
    fake.call = E_CORRUPT;
    assert_status(view(&e), E_CORRUPT);
    fake.call = E_NOT_FOUND;
    assert_status(view(&e), E_UNAVAILABLE);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_head_that_the_ledger_does_not_give_is_no_callers_fault),
        CASE(nor_is_a_view_that_it_does_not_answer),
        CASE(damage_of_a_chain_of_our_own_is_told_as_that),
    };
    return cmocka_run_group_tests_name("api_chain", tests, NULL, NULL);
}
