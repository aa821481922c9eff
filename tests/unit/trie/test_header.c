/* SPDX-License-Identifier: Apache-2.0 */
/* Block headers: round trip per fork, strictness, and the hash of QBFT chains. */
#include "test.h"

#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "trie/header.h"

static struct block_header sample(enum header_fields fields)
{
    struct block_header h = {.fields = fields,
                             .difficulty = u256_from_u64(1),
                             .number = 7,
                             .gas_limit = 30000000,
                             .gas_used = 21000,
                             .timestamp = 1700000000,
                             .extra = SLICE_LIT("extra"),
                             .base_fee = u256_from_u64(7),
                             .blob_gas_used = 131072};
    memset(h.state_root.b, 0x11, 32);
    memset(h.bloom, 0x22, sizeof h.bloom);
    h.requests_hash.b[31] = 1;
    return h;
}

static void reads_what_it_writes_for_every_fork(void **state)
{
    (void)state;
    static const enum header_fields forks[] = {HEADER_FRONTIER, HEADER_LONDON, HEADER_SHANGHAI,
                                               HEADER_CANCUN, HEADER_PRAGUE};
    for (size_t i = 0; i < 5; i++) {
        struct block_header h = sample(forks[i]);
        struct block_header got;
        struct err err;
        struct buf b;
        struct buf again;
        buf_init(&b, 1 << 16);
        buf_init(&again, 1 << 16);
        assert_ok(header_put(&h, &b), &err);
        assert_ok(header_read(buf_slice(&b), &got, &err), &err);
        assert_int_equal(got.fields, forks[i]);
        assert_ok(header_put(&got, &again), &err);
        assert_slice(buf_slice(&again), buf_slice(&b));
        for (size_t n = 0; n < b.n; n++)
            assert_int_not_equal(header_read(slice_first(buf_slice(&b), n), &got, NULL), OK);
        assert_ok(buf_put_u8(&b, 0), &err);
        assert_status(header_read(buf_slice(&b), &got, NULL), E_TRAILING);
        buf_done(&b);
        buf_done(&again);
    }
}

static void refuses_headers_with_other_numbers_of_fields(void **state)
{
    (void)state;
    struct block_header h = sample(HEADER_PRAGUE);
    struct buf b;
    struct buf list;
    struct err err;
    struct rlp_list items;
    struct rlp_item item;
    buf_init(&b, 1 << 16);
    assert_ok(header_put(&h, &b), &err);
    for (size_t keep = 0; keep <= 22; keep++) {
        size_t mark = 0;
        buf_init(&list, 1 << 16);
        assert_ok(rlp_read_list(buf_slice(&b), &items, &err), &err);
        assert_ok(rlp_put_list_begin(&list, &mark), &err);
        for (size_t i = 0; i < keep && rlp_next(&items, &item, NULL) == OK; i++)
            assert_ok(buf_put(&list, item.raw), &err);
        if (keep == 22)
            assert_ok(rlp_put_u64(&list, 1), &err);
        assert_ok(rlp_put_list_end(&list, mark), &err);
        bool good = keep == 15 || keep == 16 || keep == 17 || keep == 20 || keep == 21;
        assert_int_equal(header_read(buf_slice(&list), &h, NULL) == OK, good);
        buf_done(&list);
    }
    buf_done(&b);
}

static void every_field_counts_in_the_hash(void **state)
{
    (void)state;
    struct block_header h = sample(HEADER_PRAGUE);
    struct buf b;
    struct err err;
    hash32 want;
    buf_init(&b, 1 << 16);
    assert_ok(header_hash(&h, &want), &err);
    assert_ok(header_put(&h, &b), &err);
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        struct block_header got;
        hash32 hash;
        b.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        if (header_read(buf_slice(&b), &got, NULL) == OK) {
            assert_ok(header_hash(&got, &hash), &err);
            assert_false(hash32_eq(hash, want));
        }
        b.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    buf_done(&b);
}

static slice qbft_extra(struct buf *b, uint64_t round, size_t seals)
{
    static const uint8_t vanity[32];
    static const uint8_t seal[65] = {9};
    size_t outer = 0;
    size_t inner = 0;
    assert_int_equal(rlp_put_list_begin(b, &outer), OK);
    assert_int_equal(rlp_put_bytes(b, slice_of(vanity, 32)), OK);
    assert_int_equal(rlp_put_list_begin(b, &inner), OK);
    assert_int_equal(rlp_put_bytes(b, slice_of(vanity, 20)), OK);
    assert_int_equal(rlp_put_list_end(b, inner), OK);
    assert_int_equal(rlp_put_list_begin(b, &inner), OK);
    assert_int_equal(rlp_put_list_end(b, inner), OK);
    assert_int_equal(rlp_put_u64(b, round), OK);
    assert_int_equal(rlp_put_list_begin(b, &inner), OK);
    for (size_t i = 0; i < seals; i++)
        assert_int_equal(rlp_put_bytes(b, slice_of(seal, sizeof seal)), OK);
    assert_int_equal(rlp_put_list_end(b, inner), OK);
    assert_int_equal(rlp_put_list_end(b, outer), OK);
    return buf_slice(b);
}

static void leaves_round_and_seals_out_of_the_qbft_hash(void **state)
{
    (void)state;
    struct block_header h = sample(HEADER_SHANGHAI);
    struct buf bare;
    struct buf sealed;
    hash32 want;
    hash32 got;
    buf_init(&bare, 1 << 16);
    buf_init(&sealed, 1 << 16);
    memcpy(h.mix.b, "ctical byzantine fault tolerance", 32);
    h.extra = qbft_extra(&bare, 0, 0);
    assert_int_equal(header_hash(&h, &want), OK);
    h.extra = qbft_extra(&sealed, 2, 4);
    assert_int_equal(header_hash(&h, &got), OK);
    assert_false(hash32_eq(got, want));
    assert_int_equal(header_hash_qbft(&h, &got), OK);
    assert_true(hash32_eq(got, want));
    h.extra = SLICE_LIT("no list");
    assert_status(header_hash_qbft(&h, &got), E_UNSUPPORTED);
    h.mix.b[0] = 0;
    assert_status(header_hash_qbft(&h, &got), E_UNSUPPORTED);
    buf_done(&bare);
    buf_done(&sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes_for_every_fork),
        cmocka_unit_test(refuses_headers_with_other_numbers_of_fields),
        cmocka_unit_test(every_field_counts_in_the_hash),
        cmocka_unit_test(leaves_round_and_seals_out_of_the_qbft_hash),
    };
    return cmocka_run_group_tests_name("block header", tests, NULL, NULL);
}
