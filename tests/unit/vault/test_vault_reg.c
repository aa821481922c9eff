/* SPDX-License-Identifier: Apache-2.0 */
/* Registration requests: who waits, and who makes room when too many do. */
#include "vault_test.h"

#include "base/checked.h"
#include "kv/kv.h"
#include "vault/lmdb_rows.h"

static addr20 account_of(unsigned n)
{
    return (addr20){{(uint8_t)(n >> 8), (uint8_t)n, 1}};
}

static struct vault_reg_from from_of(uint8_t network, uint8_t host)
{
    return (struct vault_reg_from){.sender = {network, host}, .network = {network}};
}

static status put(struct vault_world *w, unsigned n, uint8_t network, uint8_t host, unsigned most)
{
    uint64_t time;
    addr20 account = account_of(n);
    struct vault_reg_from from = from_of(network, host);
    return vault_lmdb_reg_put(w->vault, &account, SLICE_LIT("{\"name\":\"N\"}"), &from, most, &time,
                              &w->err);
}

static bool waits(struct vault_world *w, unsigned n)
{
    struct vault_reg r;
    addr20 account = account_of(n);
    status st = vault_lmdb_reg_get(w->vault, &account, &w->arena, &r, &w->err);
    assert_true(st == OK || st == E_NOT_FOUND);
    assert_true(st != OK || slice_eq_str(r.json, "{\"name\":\"N\"}"));
    return st == OK;
}

static void so_many_of_one_sender_wait_and_no_more(void **state)
{
    struct vault_world *w = *state;
    for (unsigned i = 0; i < 3; i++)
        assert_status(put(w, i, 1, 1, 3), OK);
    assert_status(put(w, 3, 1, 1, 3), E_RATE);
    assert_status(put(w, 2, 1, 1, 3), OK); /* its own again */
    assert_status(put(w, 4, 1, 2, 3), OK); /* a neighbour */
    assert_status(put(w, 5, 1, 1, 0), OK); /* where all have one address */
    addr20 first = account_of(0);
    assert_ok(vault_lmdb_reg_delete(w->vault, &first, &w->err), &w->err);
    assert_ok(vault_lmdb_reg_delete(w->vault, &(addr20){{0, 5, 1}}, &w->err), &w->err);
    assert_status(put(w, 6, 1, 1, 3), OK);
}

/* A folder of before schema 3, with a request as a program of before wrote it. */
static void make_old(struct vault_world *w, unsigned n)
{
    struct vtxn t;
    struct buf row;
    uint8_t time[8];
    addr20 account = account_of(n);
    be64_write(time, w->now);
    buf_init(&row, 256);
    assert_int_equal(buf_put_mem(&row, time, sizeof time), OK);
    assert_int_equal(buf_put_str(&row, "{\"name\":\"N\"}"), OK);
    assert_ok(vtxn_begin(vault_lmdb_of(w->vault), &t, &w->err), &w->err);
    assert_ok(vtxn_put_sealed(&t, T_REG, slice_of(account.b, 20), buf_slice(&row), &w->err),
              &w->err);
    assert_ok(kv_schema_set(vault_lmdb_of(w->vault)->kv, t.txn, 2, &w->err), &w->err);
    assert_ok(vtxn_commit(&t, &w->err), &w->err);
    buf_done(&row);
    world_reopen(w);
}

static void the_oldest_of_the_network_that_has_most_makes_room(void **state)
{
    struct vault_world *w = *state;
    unsigned n = 0;
    assert_status(put(w, n++, 9, 1, 0), OK); /* the oldest of all, alone in its network */
    for (uint8_t i = 0; i < 4; i++, w->now++)
        assert_status(put(w, n++, (uint8_t)(10 + i), 1, 0), OK);
    unsigned flood = n;
    for (; n < VAULT_REGS_MAX; n++, w->now++)
        assert_status(put(w, n, 1, (uint8_t)n, 0), OK);
    assert_status(put(w, n++, 20, 1, 0), OK); /* somebody new */
    assert_false(waits(w, flood));
    assert_status(put(w, n++, 1, 1, 0), OK); /* one more of the flood */
    assert_false(waits(w, flood + 1));
    for (unsigned i = 0; i < flood; i++)
        assert_true(waits(w, i));
    assert_true(waits(w, flood + 2));
    assert_true(waits(w, n - 1));
    assert_true(waits(w, n - 2));
    struct vault_reg *list;
    size_t all;
    assert_ok(vault_lmdb_regs(w->vault, &w->arena, &list, &all, &w->err), &w->err);
    assert_int_equal(all, VAULT_REGS_MAX);
}

static void a_folder_of_before_opens(void **state)
{
    struct vault_world *w = *state;
    make_old(w, 1);
    make_old(w, 2);
    assert_int_equal(kv_schema(vault_lmdb_of(w->vault)->kv), 3);
    assert_true(waits(w, 1));
    for (unsigned i = 3; i <= VAULT_REGS_MAX; i++)
        assert_status(put(w, i, i % 2 == 0 ? 1 : 2, 1, 0), OK);
    w->now++;
    assert_status(put(w, VAULT_REGS_MAX + 1, 3, 1, 0), OK);
    assert_true(waits(w, 1)); /* nobody knows where they came from: each is alone */
    assert_true(waits(w, 2));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        CASE(so_many_of_one_sender_wait_and_no_more),
        CASE(the_oldest_of_the_network_that_has_most_makes_room),
        CASE(a_folder_of_before_opens),
    };
    return cmocka_run_group_tests_name("vault_reg", tests, NULL, NULL);
}
