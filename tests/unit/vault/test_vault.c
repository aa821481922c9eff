/* SPDX-License-Identifier: Apache-2.0 */
/* The vault over LMDB: what is put is got, refused or replaced as the port says. */
#include "vault_test.h"

static void gives_back_a_wrap_after_reopening(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    addr20 holder = addr_of(2);
    struct buf got;
    buf_init(&got, 4096);
    assert_ok(vault_wrap_put(w->vault, &folder, &holder, SLICE_LIT("wrap"), &w->err), &w->err);
    world_reopen(w);
    assert_ok(vault_wrap_get(w->vault, &folder, &holder, &got, &w->err), &w->err);
    assert_slice(buf_slice(&got), SLICE_LIT("wrap"));
    buf_done(&got);
}

static void forgets_a_deleted_wrap(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    addr20 holder = addr_of(2);
    struct buf got;
    buf_init(&got, 4096);
    assert_ok(vault_wrap_put(w->vault, &folder, &holder, SLICE_LIT("wrap"), &w->err), &w->err);
    assert_ok(vault_wrap_delete(w->vault, &folder, &holder, &w->err), &w->err);
    assert_status(vault_wrap_get(w->vault, &folder, &holder, &got, &w->err), E_NOT_FOUND);
    assert_status(vault_wrap_delete(w->vault, &folder, &holder, &w->err), E_NOT_FOUND);
    buf_done(&got);
}

static void counts_versions_of_owner_state(void **state)
{
    struct vault_world *w = *state;
    addr20 account = addr_of(3);
    uint64_t version = 0;
    struct buf got;
    buf_init(&got, 4096);
    assert_status(vault_state_get(w->vault, &account, &version, &got, &w->err), E_NOT_FOUND);
    assert_ok(vault_state_put(w->vault, &account, 0, SLICE_LIT("one"), &version, &w->err), &w->err);
    assert_int_equal(version, 1);
    assert_status(vault_state_put(w->vault, &account, 0, SLICE_LIT("x"), &version, &w->err),
                  E_CONFLICT);
    assert_ok(vault_state_put(w->vault, &account, 1, SLICE_LIT("two"), &version, &w->err), &w->err);
    assert_ok(vault_state_get(w->vault, &account, &version, &got, &w->err), &w->err);
    assert_int_equal(version, 2);
    assert_slice(buf_slice(&got), SLICE_LIT("two"));
    buf_done(&got);
}

static void lists_folder_keys_oldest_first(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    hash32 other = hash_of(2);
    struct vault_fkey *list;
    size_t n;
    assert_ok(vault_fkey_put(w->vault, &folder, 300, SLICE_LIT("c"), &w->err), &w->err);
    assert_ok(vault_fkey_put(w->vault, &folder, 1, SLICE_LIT("a"), &w->err), &w->err);
    assert_ok(vault_fkey_put(w->vault, &folder, 2, SLICE_LIT("b"), &w->err), &w->err);
    assert_ok(vault_fkey_put(w->vault, &other, 1, SLICE_LIT("x"), &w->err), &w->err);
    assert_ok(vault_fkeys(w->vault, &folder, &w->arena, &list, &n, &w->err), &w->err);
    assert_int_equal(n, 3);
    assert_slice(list[0].json, SLICE_LIT("a"));
    assert_int_equal(list[2].epoch, 300);
}

static void stores_all_envelopes_or_none(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_envelope list[] = {envelope_of(1, SLICE_LIT("one")),
                                    envelope_of(2, SLICE_LIT("two"))};
    struct vault_ref ref = {.inner = list[0].inner};
    struct buf got;
    buf_init(&got, 4096);
    list[1].cid = SLICE_LIT("not uploaded");
    assert_ok(vault_lmdb_body_add(w->vault, &folder, list[0].cid, &w->err), &w->err);
    assert_status(vault_envelopes_put(w->vault, &folder, list, 2, &w->err), E_NOT_FOUND);
    assert_status(vault_envelope_get(w->vault, &folder, &ref, &got, &w->err), E_NOT_FOUND);
    list[1].cid = list[0].cid;
    assert_ok(vault_envelopes_put(w->vault, &folder, list, 2, &w->err), &w->err);
    assert_ok(vault_envelope_get(w->vault, &folder, &ref, &got, &w->err), &w->err);
    assert_slice(buf_slice(&got), SLICE_LIT("one"));
    buf_done(&got);
}

static void refuses_another_envelope_under_the_same_inner(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    hash32 inner;
    struct vault_envelope e = envelope_of(1, SLICE_LIT("one"));
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
    e.bytes = SLICE_LIT("other");
    assert_status(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), E_CONFLICT);
    assert_ok(vault_lmdb_inner(w->vault, &folder, e.commitment, &inner, &w->err), &w->err);
    assert_true(hash32_eq(inner, e.inner));
}

static void refuses_a_nonce_twice_and_after_a_restart(void **state)
{
    struct vault_world *w = *state;
    addr20 signer = addr_of(1);
    hash32 nonce = hash_of(2);
    assert_ok(vault_lmdb_nonce_use(w->vault, &signer, &nonce, w->now + 300, &w->err), &w->err);
    assert_status(vault_lmdb_nonce_use(w->vault, &signer, &nonce, w->now + 300, &w->err), E_REPLAY);
    world_reopen(w);
    assert_status(vault_lmdb_nonce_use(w->vault, &signer, &nonce, w->now + 300, &w->err), E_REPLAY);
}

static void forgets_nonces_that_are_over(void **state)
{
    struct vault_world *w = *state;
    addr20 signer = addr_of(1);
    hash32 first = hash_of(0);
    for (uint8_t i = 0; i < 40; i++) {
        hash32 nonce = hash_of(i);
        assert_ok(vault_lmdb_nonce_use(w->vault, &signer, &nonce, w->now + 300, &w->err), &w->err);
    }
    w->now += 301;
    for (uint8_t i = 100; i < 120; i++) {
        hash32 nonce = hash_of(i);
        assert_ok(vault_lmdb_nonce_use(w->vault, &signer, &nonce, w->now + 300, &w->err), &w->err);
    }
    assert_ok(vault_lmdb_nonce_use(w->vault, &signer, &first, w->now + 300, &w->err), &w->err);
}

static void caps_the_inbox(void **state)
{
    struct vault_world *w = *state;
    addr20 account = addr_of(1);
    hash32 id;
    struct vault_note *list;
    size_t n;
    for (uint32_t i = 0; i < VAULT_NOTES_MAX; i++)
        assert_ok(vault_note_put(w->vault, &account, slice_of(&i, sizeof i), &id, &w->err),
                  &w->err);
    assert_status(vault_note_put(w->vault, &account, SLICE_LIT("full"), &id, &w->err), E_RATE);
    assert_ok(vault_notes(w->vault, &account, &w->arena, &list, &n, &w->err), &w->err);
    assert_int_equal(n, VAULT_NOTES_MAX);
    assert_int_equal(list[0].size, sizeof(uint32_t));
    assert_ok(vault_note_delete(w->vault, &account, &list[7].id, &w->err), &w->err);
    assert_ok(vault_note_put(w->vault, &account, SLICE_LIT("room"), &id, &w->err), &w->err);
}

static void chains_the_access_log(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_log_entry *list;
    struct vault_log_head head;
    size_t n;
    slice two[] = {SLICE_LIT("{\"b\":1}"), SLICE_LIT("{\"c\":1}")};
    assert_ok(vault_lmdb_log_append(w->vault, &folder, &(slice){SLICE_LIT("{}").p, 2}, 1, &w->err),
              &w->err);
    assert_ok(vault_lmdb_log_append(w->vault, &folder, two, 2, &w->err), &w->err);
    assert_ok(vault_log(w->vault, &folder, 1, 10, &w->arena, &list, &n, &head, &w->err), &w->err);
    assert_int_equal(n, 2);
    assert_int_equal(list[0].seq, 2);
    assert_slice(list[1].json, two[1]);
    assert_int_equal(head.seq, 3);
    assert_true(hash32_eq(head.leaf, list[1].leaf));
    assert_ok(vault_log(w->vault, &folder, 3, 10, &w->arena, &list, &n, &head, &w->err), &w->err);
    assert_int_equal(n, 0);
}

static status verdict(void *ctx, const hash32 *folder, const uint8_t commitment[26])
{
    (void)ctx;
    (void)folder;
    return commitment[0] == 1 ? OK : commitment[0] == 2 ? E_NOT_FOUND : E_UNAVAILABLE;
}

static void sweeps_what_never_reached_the_chain(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_confirm c = {verdict, NULL};
    struct vault_envelope list[] = {envelope_of(1, SLICE_LIT("known")),
                                    envelope_of(2, SLICE_LIT("lost")),
                                    envelope_of(3, SLICE_LIT("not sure"))};
    struct vault_ref refs[] = {
        {.inner = list[0].inner}, {.inner = list[1].inner}, {.inner = list[2].inner}};
    struct vault_envelope *got;
    uint64_t erased = 9;
    size_t n;
    assert_ok(vault_lmdb_body_add(w->vault, &folder, list[0].cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, list, 3, &w->err), &w->err);
    assert_ok(vault_lmdb_sweep(w->vault, w->now, &c, &erased, &w->err), &w->err);
    assert_int_equal(erased, 0);
    assert_ok(vault_lmdb_sweep(w->vault, w->now + 1, &c, &erased, &w->err), &w->err);
    assert_int_equal(erased, 1);
    assert_ok(vault_envelopes_get(w->vault, &folder, refs, 3, &w->arena, &got, &n, &w->err),
              &w->err);
    assert_int_equal(n, 2);
    assert_slice(got[0].bytes, SLICE_LIT("known"));
    assert_slice(got[1].bytes, SLICE_LIT("not sure"));
}

static void an_envelope_sent_again_is_young_again(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_confirm c = {verdict, NULL};
    struct vault_envelope e = envelope_of(2, SLICE_LIT("late"));
    struct vault_ref ref = {.inner = e.inner};
    struct buf got;
    uint64_t erased = 9;
    buf_init(&got, 4096);
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
    w->now += 3540;
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
    assert_ok(vault_lmdb_sweep(w->vault, w->now, &c, &erased, &w->err), &w->err);
    assert_int_equal(erased, 0);
    assert_ok(vault_envelope_get(w->vault, &folder, &ref, &got, &w->err), &w->err);
    assert_ok(vault_lmdb_sweep(w->vault, w->now + 1, &c, &erased, &w->err), &w->err);
    assert_int_equal(erased, 1);
    buf_done(&got);
}

/* Send e, or another one each time, a minute before the sweep takes it, until that is in vain or so
 * many hours are over. */
static unsigned hours_kept(struct vault_world *w, const struct vault_confirm *c,
                           struct vault_envelope *e, bool others, unsigned most)
{
    hash32 folder = hash_of(1);
    struct buf got;
    uint64_t erased = 0;
    unsigned h = 0;
    buf_init(&got, 4096);
    for (; h < most; h++) {
        if (others)
            *e = envelope_of((uint8_t)(h + 2), SLICE_LIT("late"));
        e->commitment[0] = 2; /* the chain has none of them */
        status st = vault_envelopes_put(w->vault, &folder, e, 1, &w->err);
        struct vault_ref ref = {.inner = e->inner};
        buf_clear(&got);
        if (st == E_CONFLICT ||
            vault_envelope_get(w->vault, &folder, &ref, &got, &w->err) == E_NOT_FOUND)
            break;
        assert_ok(st, &w->err);
        w->now += 3540;
        assert_ok(vault_lmdb_sweep(w->vault, w->now - 3600, c, &erased, &w->err), &w->err);
    }
    buf_done(&got);
    return h;
}

static void keeps_a_body_for_a_day(struct vault_world *w, bool others)
{
    hash32 folder = hash_of(1);
    struct vault_confirm c = {verdict, NULL};
    struct vault_envelope e = envelope_of(2, SLICE_LIT("late"));
    struct vault_body *list;
    slice after = SLICE_EMPTY;
    uint64_t erased;
    size_t n;
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_in_range(hours_kept(w, &c, &e, others, 100), 24, 26);
    w->now += 7200;
    assert_ok(vault_lmdb_sweep(w->vault, w->now - 3600, &c, &erased, &w->err), &w->err);
    assert_ok(vault_lmdb_stale_bodies(w->vault, w->now, &after, &w->arena, &list, &n, &w->err),
              &w->err);
    assert_int_equal(n, 1); /* nothing holds it */
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
}

static void an_envelope_sent_again_keeps_a_body_for_a_day(void **state)
{
    keeps_a_body_for_a_day(*state, false);
}

static void one_envelope_after_another_keeps_a_body_for_a_day(void **state)
{
    keeps_a_body_for_a_day(*state, true);
}

static void the_body_of_a_record_on_the_chain_takes_envelopes_later(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_confirm c = {verdict, NULL};
    struct vault_envelope known = envelope_of(1, SLICE_LIT("known"));
    struct vault_envelope e = envelope_of(2, SLICE_LIT("resealed"));
    uint64_t erased;
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &known, 1, &w->err), &w->err);
    w->now += 7200;
    assert_ok(vault_lmdb_sweep(w->vault, w->now - 3600, &c, &erased, &w->err), &w->err);
    w->now += 200000;
    assert_int_equal(hours_kept(w, &c, &e, false, 30), 30);
}

static void a_body_that_is_kept_for_longer_takes_envelopes_for_longer(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_envelope e = envelope_of(2, SLICE_LIT("late"));
    struct vault_lmdb_config cfg = {.dir = w->dir,
                                    .net = {.chain_id = 31337, .proxy = {{0x11}}},
                                    .map_bytes = (uint64_t)64 << 20,
                                    .uncommitted_s = 5 * 86400,
                                    .clock = &w->clock,
                                    .random = &random_system};
    vault_close(w->vault);
    assert_ok(vault_lmdb_open(&cfg, &w->vault, &w->err), &w->err);
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    w->now += 4 * 86400;
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
    e = envelope_of(3, SLICE_LIT("too late"));
    w->now += 86400;
    assert_status(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), E_CONFLICT);
}

static void a_body_that_is_going_takes_no_envelope(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_envelope e = envelope_of(1, SLICE_LIT("one"));
    struct vault_body *list;
    slice after = SLICE_EMPTY;
    size_t n;
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
    assert_ok(vault_lmdb_envelope_erase(w->vault, &folder, &e.inner, e.commitment, &w->err),
              &w->err);
    assert_status(vault_lmdb_body_has(w->vault, &folder, e.cid, &w->err), E_NOT_FOUND);
    assert_status(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), E_NOT_FOUND);
    assert_ok(vault_lmdb_stale_bodies(w->vault, 1, &after, &w->arena, &list, &n, &w->err), &w->err);
    assert_int_equal(n, 1);
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
}

static void drops_a_body_once_nothing_refers_to_it(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    struct vault_confirm c = {verdict, NULL};
    struct vault_envelope e = envelope_of(2, SLICE_LIT("lost"));
    struct vault_body *list;
    slice after = SLICE_EMPTY;
    uint64_t erased;
    size_t n;
    assert_ok(vault_lmdb_body_add(w->vault, &folder, e.cid, &w->err), &w->err);
    assert_ok(vault_envelopes_put(w->vault, &folder, &e, 1, &w->err), &w->err);
    assert_status(vault_lmdb_body_drop(w->vault, &folder, e.cid, w->now + 1, &w->err), E_CONFLICT);
    assert_ok(vault_lmdb_sweep(w->vault, w->now + 1, &c, &erased, &w->err), &w->err);
    assert_ok(vault_lmdb_stale_bodies(w->vault, w->now + 1, &after, &w->arena, &list, &n, &w->err),
              &w->err);
    assert_int_equal(n, 1);
    assert_slice(list[0].cid, e.cid);
    assert_ok(vault_lmdb_body_drop(w->vault, &folder, e.cid, w->now + 1, &w->err), &w->err);
    assert_status(vault_lmdb_body_has(w->vault, &folder, e.cid, &w->err), E_NOT_FOUND);
}

static void is_open_in_one_process_only(void **state)
{
    struct vault_world *w = *state;
    struct vault *second = NULL;
    struct vault_lmdb_config cfg = {
        .dir = w->dir, .clock = &w->clock, .random = &random_system, .map_bytes = 1 << 24};
    assert_status(vault_lmdb_open(&cfg, &second, &w->err), E_BUSY);
}

static void tells_when_the_disk_is_nearly_full(void **state)
{
    struct vault_world *w = *state;
    vault_lmdb_reserve(w->vault, 1);
    assert_ok(vault_lmdb_room(w->vault, 1, &w->err), &w->err);
    vault_lmdb_reserve(w->vault, UINT64_MAX);
    assert_status(vault_lmdb_room(w->vault, 1, &w->err), E_NO_SPACE);
    assert_status(vault_lmdb_room(w->vault, 2, &w->err), E_NO_SPACE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_back_a_wrap_after_reopening),
        TEST(forgets_a_deleted_wrap),
        TEST(counts_versions_of_owner_state),
        TEST(lists_folder_keys_oldest_first),
        TEST(stores_all_envelopes_or_none),
        TEST(refuses_another_envelope_under_the_same_inner),
        TEST(refuses_a_nonce_twice_and_after_a_restart),
        TEST(forgets_nonces_that_are_over),
        TEST(caps_the_inbox),
        TEST(chains_the_access_log),
        TEST(sweeps_what_never_reached_the_chain),
        TEST(drops_a_body_once_nothing_refers_to_it),
        TEST(an_envelope_sent_again_is_young_again),
        TEST(an_envelope_sent_again_keeps_a_body_for_a_day),
        TEST(one_envelope_after_another_keeps_a_body_for_a_day),
        TEST(the_body_of_a_record_on_the_chain_takes_envelopes_later),
        TEST(a_body_that_is_kept_for_longer_takes_envelopes_for_longer),
        TEST(a_body_that_is_going_takes_no_envelope),
        TEST(is_open_in_one_process_only),
        TEST(tells_when_the_disk_is_nearly_full),
    };
    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
