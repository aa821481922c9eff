/* SPDX-License-Identifier: Apache-2.0 */
/* Which envelopes refer to a body, also in a folder of before, where not all were written down. */
#include "vault_test.h"

#include "codec/rlp.h"
#include "kv/kv.h"

static const hash32 *folder_1(void)
{
    static hash32 h;
    h = hash_of(1);
    return &h;
}

static struct vault_envelope envelope_by(uint8_t inner, uint8_t record, slice bytes)
{
    struct vault_envelope e = envelope_of(inner, bytes);
    e.record = hash_of(record);
    return e;
}

static void put_status(struct vault_world *w, const struct vault_envelope *e, status want)
{
    assert_status(vault_envelopes_put(w->vault, folder_1(), e, 1, &w->err), want);
}

static size_t refs_of(struct vault_world *w, slice cid, struct vault_ref *ret, bool *ret_more)
{
    size_t n = 0;
    assert_ok(vault_lmdb_body_refs(w->vault, folder_1(), cid, ret, &n, ret_more, &w->err), &w->err);
    return n;
}

static void a_body_is_of_one_record(void **state)
{
    struct vault_world *w = *state;
    struct vault_envelope e = envelope_by(1, 7, SLICE_LIT("one"));
    struct vault_envelope other = envelope_by(2, 8, SLICE_LIT("two"));
    struct vault_envelope same = envelope_by(3, 7, SLICE_LIT("three"));
    assert_ok(vault_lmdb_body_add(w->vault, folder_1(), e.cid, &w->err), &w->err);
    put_status(w, &e, OK);
    put_status(w, &other, E_CONFLICT);
    put_status(w, &same, OK);
    put_status(w, &e, OK); /* again */
    other.cid = SLICE_LIT("\x01\x55\x00\x02"
                          "abc"); /* begins like the other */
    assert_ok(vault_lmdb_body_add(w->vault, folder_1(), other.cid, &w->err), &w->err);
    put_status(w, &other, OK);
    put_status(w, &same, OK);
}

static void a_body_takes_so_many_envelopes(void **state)
{
    struct vault_world *w = *state;
    struct vault_ref refs[VAULT_BODY_REFS];
    struct vault_envelope e = envelope_by(0, 7, SLICE_LIT("one"));
    bool more = true;
    assert_ok(vault_lmdb_body_add(w->vault, folder_1(), e.cid, &w->err), &w->err);
    for (uint8_t i = 0; i < VAULT_BODY_REFS; i++) {
        e = envelope_by(i, 7, SLICE_LIT("one"));
        put_status(w, &e, OK);
    }
    assert_int_equal(refs_of(w, e.cid, refs, &more), VAULT_BODY_REFS);
    assert_false(more);
    assert_true(hash32_eq(refs[0].record, hash_of(7)));
    assert_true(hash32_eq(refs[0].inner, hash_of(0)));
    e = envelope_by(VAULT_BODY_REFS, 7, SLICE_LIT("one"));
    put_status(w, &e, E_CONFLICT);
}

/* --- a folder of before ---------------------------------------------------------------------- */

/* Schema 1: no rows in bref, but those given, and only with the record. */
static void make_old(struct vault_world *w, const struct vault_envelope *refs, size_t n)
{
    char dir[512];
    struct kv *kv;
    struct kv_txn *txn;
    struct kv_table t;
    struct kv_iter it;
    const struct kv_options o = {.app = "ehrd-vault", .schema = 3, .map_bytes = (uint64_t)64 << 20};
    vault_close(w->vault);
    w->vault = NULL;
    (void)snprintf(dir, sizeof dir, "%s/vault", w->dir);
    assert_ok(kv_open(dir, &o, &kv, &w->err), &w->err);
    assert_ok(kv_table_open(kv, "bref", &t, &w->err), &w->err);
    assert_ok(kv_write_begin(kv, &txn, &w->err), &w->err);
    assert_ok(kv_iter_init(&it, txn, t, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, &w->err), &w->err);
    while (kv_iter_next(&it, NULL, NULL, NULL) == OK)
        assert_ok(kv_iter_delete(&it, &w->err), &w->err);
    kv_iter_done(&it);
    for (size_t i = 0; i < n; i++) {
        struct buf key;
        buf_init(&key, 256);
        assert_int_equal(buf_put_mem(&key, folder_1()->b, 32), OK);
        assert_int_equal(buf_put(&key, refs[i].cid), OK);
        assert_int_equal(buf_put_mem(&key, refs[i].inner.b, 32), OK);
        assert_ok(kv_put(txn, t, buf_slice(&key), slice_of(refs[i].record.b, 32), &w->err),
                  &w->err);
        buf_done(&key);
    }
    assert_ok(kv_schema_set(kv, txn, 1, &w->err), &w->err);
    assert_ok(kv_commit(txn, &w->err), &w->err);
    kv_close(kv);
    world_reopen(w);
}

/* The first parts of a real one. */
static slice envelope_bytes(uint8_t record, struct buf *b)
{
    size_t mark;
    hash32 r = hash_of(record);
    buf_init(b, 512);
    assert_int_equal(rlp_put_list_begin(b, &mark), OK);
    assert_int_equal(rlp_put_bytes(b, SLICE_LIT("ehrd/envelope/v1")), OK);
    assert_int_equal(rlp_put_bytes(b, slice_of(folder_1()->b, 32)), OK);
    assert_int_equal(rlp_put_bytes(b, slice_of(r.b, 32)), OK);
    assert_int_equal(rlp_put_list_end(b, mark), OK);
    return buf_slice(b);
}

static void an_older_folder_learns_whose_bodies_are(void **state)
{
    struct vault_world *w = *state;
    struct vault_ref refs[VAULT_BODY_REFS];
    struct buf a;
    struct buf b;
    struct buf c;
    bool more;
    struct vault_envelope one = envelope_by(1, 7, envelope_bytes(7, &a));
    struct vault_envelope two = envelope_by(2, 7, envelope_bytes(7, &b));
    struct vault_envelope other = envelope_by(3, 8, envelope_bytes(8, &c));
    struct vault_envelope spoilt = envelope_by(4, 9, SLICE_LIT("no envelope at all"));
    spoilt.cid = SLICE_LIT("\x01\x55\x00\x02"
                           "cd");
    assert_ok(vault_lmdb_body_add(w->vault, folder_1(), one.cid, &w->err), &w->err);
    assert_ok(vault_lmdb_body_add(w->vault, folder_1(), spoilt.cid, &w->err), &w->err);
    put_status(w, &one, OK);
    put_status(w, &two, OK);
    put_status(w, &spoilt, OK);
    make_old(w, &two, 1);
    assert_int_equal(refs_of(w, one.cid, refs, &more), 2);
    assert_true(hash32_eq(refs[0].record, hash_of(7)));
    assert_true(hash32_eq(refs[1].inner, hash_of(2)));
    put_status(w, &other, E_CONFLICT);
    buf_done(&a);
    buf_done(&b);
    buf_done(&c);
}

/* Two records of an older folder have one body: the erased one still says whose it was. */
static void an_erased_record_is_remembered_while_another_has_its_body(void **state)
{
    struct vault_world *w = *state;
    struct vault_ref refs[VAULT_BODY_REFS];
    struct buf a;
    struct buf b;
    bool more;
    struct vault_envelope one = envelope_by(1, 7, envelope_bytes(7, &a));
    struct vault_envelope thief = envelope_by(2, 7, envelope_bytes(8, &b));
    assert_ok(vault_lmdb_body_add(w->vault, folder_1(), one.cid, &w->err), &w->err);
    put_status(w, &one, OK);
    put_status(w, &thief, OK);
    make_old(w, NULL, 0);
    assert_ok(vault_lmdb_envelope_erase(w->vault, folder_1(), &one.inner, one.commitment, &w->err),
              &w->err);
    assert_status(vault_lmdb_body_drop(w->vault, folder_1(), one.cid, UINT64_MAX, &w->err),
                  E_CONFLICT);
    assert_int_equal(refs_of(w, one.cid, refs, &more), 2);
    assert_true(hash32_eq(refs[0].record, hash_of(7)));
    assert_true(hash32_eq(refs[1].record, hash_of(8)));
    assert_ok(
        vault_lmdb_envelope_erase(w->vault, folder_1(), &thief.inner, thief.commitment, &w->err),
        &w->err);
    assert_ok(vault_lmdb_body_drop(w->vault, folder_1(), one.cid, UINT64_MAX, &w->err), &w->err);
    assert_ok(vault_lmdb_body_add(w->vault, folder_1(), one.cid, &w->err), &w->err);
    assert_int_equal(refs_of(w, one.cid, refs, &more), 0);
    buf_done(&a);
    buf_done(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_is_of_one_record),
        TEST(a_body_takes_so_many_envelopes),
        TEST(an_older_folder_learns_whose_bodies_are),
        TEST(an_erased_record_is_remembered_while_another_has_its_body),
    };
    return cmocka_run_group_tests_name("vault_refs", tests, NULL, NULL);
}
