/* SPDX-License-Identifier: Apache-2.0 */
/* RLP: the official suite both ways, truncation, depth, typed reading. */
#include "vectors.h"

#include "base/limits.h"
#include "codec/rlp.h"

#define ARCHIVE "vectors/ethereum/ethereum-tests-RLPTests.tar.xz"

/* Write the value that a case of the suite describes: text, number, "#decimal" or a list. */
static void put_value(struct buf *b, struct json v)
{
    slice s;
    u256 n;
    size_t mark = 0;
    switch (json_type(v)) {
    case JSON_STRING:
        assert_status(json_str(v, &s, NULL), OK);
        if (s.n > 0 && s.p[0] == '#') {
            if (u256_read_dec(slice_after(s, 1), &n) == OK) {
                assert_status(rlp_put_u256(b, n), OK);
                return;
            }
            uint8_t big[33] = {1}; /* 2^256, the one number of the suite beyond u256 */
            assert_true(slice_eq_str(s,
                                     "#1157920892373161954235709850086879078532699846656405640394"
                                     "57584007913129639936"));
            s = slice_of(big, sizeof big);
            assert_status(rlp_put_bytes(b, s), OK);
            return;
        }
        assert_status(rlp_put_bytes(b, s), OK);
        return;
    case JSON_NUMBER:
        assert_status(json_num(v, &s, NULL), OK);
        assert_status(u256_read_dec(s, &n), OK);
        assert_status(rlp_put_u256(b, n), OK);
        return;
    default:
        assert_status(rlp_put_list_begin(b, &mark), OK);
        for (struct json_iter it = json_iter(v); json_next(&it);)
            put_value(b, it.value);
        assert_status(rlp_put_list_end(b, mark), OK);
    }
}

static size_t run_file(const char *dir, const char *rel)
{
    struct vector_file f;
    size_t n = 0;
    for (struct json_iter it = json_iter(vectors_open(&f, dir, rel)); json_next(&it); n++) {
        struct buf raw;
        struct buf own;
        buf_init(&raw, 1 << 20);
        buf_init(&own, 1 << 20);
        assert_status(hex_read_buf(vectors_str(it.value, "out"), &raw), OK);
        struct json in = json_get(it.value, "in");
        if (json_eq(in, "INVALID")) {
            if (rlp_check(buf_slice(&raw), NULL) == OK)
                fail_msg("%s accepted", (const char *)json_raw(it.key).p);
        } else {
            assert_status(rlp_check(buf_slice(&raw), NULL), OK);
            if (!json_eq(in, "VALID")) {
                put_value(&own, in);
                assert_slice(buf_slice(&own), buf_slice(&raw));
            }
            for (size_t cut = 0; cut < raw.n; cut++)
                assert_int_not_equal(rlp_check(slice_first(buf_slice(&raw), cut), NULL), OK);
        }
        buf_done(&raw);
        buf_done(&own);
    }
    vectors_close(&f);
    return n;
}

static void official_suite(void **state)
{
    (void)state;
    char archive[4096];
    char dir[32];
    fixture_or_skip(ARCHIVE, archive, sizeof archive);
    vectors_unpack(archive, dir, sizeof dir);
    size_t n = run_file(dir, "RLPTests/rlptest.json");
    n += run_file(dir, "RLPTests/invalidRLPTest.json");
    n += run_file(dir, "RLPTests/RandomRLPTests/example.json");
    print_message("RLPTests: %zu cases\n", n);
    assert_int_equal(n, 55);
    vectors_remove(dir);
}

static void refuses_lists_nested_too_deep(void **state)
{
    (void)state;
    for (unsigned depth = LIMIT_RLP_DEPTH; depth <= LIMIT_RLP_DEPTH + 1; depth++) {
        struct buf b;
        size_t mark[LIMIT_RLP_DEPTH + 1];
        buf_init(&b, 4096);
        for (unsigned i = 0; i < depth; i++)
            assert_status(rlp_put_list_begin(&b, &mark[i]), OK);
        for (unsigned i = depth; i > 0; i--)
            assert_status(rlp_put_list_end(&b, mark[i - 1]), OK);
        assert_status(rlp_check(buf_slice(&b), NULL), depth <= LIMIT_RLP_DEPTH ? OK : E_TOO_DEEP);
        buf_done(&b);
    }
}

static void reads_what_it_wrote_by_type(void **state)
{
    (void)state;
    struct buf b;
    size_t mark;
    size_t inner;
    uint8_t word[32];
    memset(word, 7, sizeof word);
    buf_init(&b, 4096);
    assert_status(rlp_put_list_begin(&b, &mark), OK);
    assert_status(rlp_put_u64(&b, UINT64_MAX), OK);
    assert_status(rlp_put_bytes(&b, slice_of(word, 32)), OK);
    assert_status(rlp_put_list_begin(&b, &inner), OK);
    assert_status(rlp_put_list_end(&b, inner), OK);
    assert_status(rlp_put_u256(&b, u256_from_be(word)), OK);
    assert_status(rlp_put_list_end(&b, mark), OK);
    assert_true(b.n > 56); /* the list's header was widened */

    struct rlp_list l;
    struct rlp_list nested;
    uint64_t n;
    uint8_t got[32];
    u256 big;
    assert_status(rlp_read_list(buf_slice(&b), &l, NULL), OK);
    assert_status(rlp_next_list(&l, &nested, NULL), E_TYPE);
    assert_status(rlp_next_u64(&l, &n, NULL), OK);
    assert_true(n == UINT64_MAX);
    assert_status(rlp_next_u64(&l, &n, NULL), E_RANGE);
    assert_status(rlp_next_fixed(&l, got, 31, NULL), E_RANGE);
    assert_status(rlp_next_fixed(&l, got, 32, NULL), OK);
    assert_memory_equal(got, word, 32);
    assert_status(rlp_next_u64(&l, &n, NULL), E_TYPE);
    assert_status(rlp_next_list(&l, &nested, NULL), OK);
    assert_true(rlp_list_is_empty(&nested));
    assert_status(rlp_list_end(&l, NULL), E_TRAILING);
    assert_status(rlp_next_u256(&l, &big, NULL), OK);
    assert_true(u256_eq(big, u256_from_be(word)));
    assert_status(rlp_list_end(&l, NULL), OK);
    assert_status(rlp_next_u64(&l, &n, NULL), E_MISSING);
    buf_done(&b);
}

static void refuses_numbers_with_leading_zeros(void **state)
{
    (void)state;
    struct rlp_list l;
    uint64_t n;
    assert_status(rlp_read_list(SLICE_LIT("\xc1\x00"), &l, NULL), OK);
    assert_status(rlp_next_u64(&l, &n, NULL), E_NOT_CANONICAL);
    assert_status(rlp_read_list(SLICE_LIT("\xc3\x82\x00\x80"), &l, NULL), OK);
    assert_status(rlp_next_u64(&l, &n, NULL), E_NOT_CANONICAL);
    assert_status(rlp_read_list(SLICE_LIT("\xc1\x80"), &l, NULL), OK);
    assert_status(rlp_next_u64(&l, &n, NULL), OK);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(official_suite),
        cmocka_unit_test(refuses_lists_nested_too_deep),
        cmocka_unit_test(reads_what_it_wrote_by_type),
        cmocka_unit_test(refuses_numbers_with_leading_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
