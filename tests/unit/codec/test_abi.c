/* SPDX-License-Identifier: Apache-2.0 */
/* ABI: the official cases, calldata made with ethers 6, hostile offsets and lengths. */
#include "vectors.h"

#include "codec/abi.h"

#define ARCHIVE "vectors/ethereum/ethereum-tests-ABITests.tar.xz"

/* execute((address,address,uint256,uint256,uint48,bytes,bytes)) */
static const char execute_hex[] =
    "df905caf00000000000000000000000000000000000000000000000000000000000000200000000000000000"
    "0000000011111111111111111111111111111111111111110000000000000000000000002222222222222222"
    "2222222222222222222222220000000000000000000000000000000000000000000000000000000000000005"
    "00000000000000000000000000000000000000000000000000000000000186a0000000000000000000000000"
    "00000000000000000000000000000000499602d2000000000000000000000000000000000000000000000000"
    "00000000000000e0000000000000000000000000000000000000000000000000000000000000012000000000"
    "00000000000000000000000000000000000000000000000000000003aabbcc00000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000004177777777777777777777777777777777777777777777777777777777777777777777777777777777"
    "7777777777777777777777777777777777777777777777777700000000000000000000000000000000000000"
    "000000000000000000000000";
/* multicall(bytes[]) */
static const char multicall_hex[] =
    "ac9650d800000000000000000000000000000000000000000000000000000000000000200000000000000000"
    "0000000000000000000000000000000000000000000000040000000000000000000000000000000000000000"
    "00000000000000000000008000000000000000000000000000000000000000000000000000000000000000a0"
    "00000000000000000000000000000000000000000000000000000000000000e0000000000000000000000000"
    "0000000000000000000000000000000000000120000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000101000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000002002020202020202020202020202020202020202020202020202020202"
    "0202020200000000000000000000000000000000000000000000000000000000000000210303030303030303"
    "0303030303030303030303030303030303030303030303030300000000000000000000000000000000000000"
    "000000000000000000000000";
/* f(bytes26,bool,(uint64,bytes32)[],string,address[]) */
static const char f_hex[] =
    "d8df2a1899999999999999999999999999999999999999999999999999990000000000000000000000000000"
    "0000000000000000000000000000000000000000000000010000000000000000000000000000000000000000"
    "0000000000000000000000a00000000000000000000000000000000000000000000000000000000000000140"
    "0000000000000000000000000000000000000000000000000000000000000180000000000000000000000000"
    "0000000000000000000000000000000000000002000000000000000000000000000000000000000000000000"
    "0000000000000001aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa00000000"
    "00000000000000000000000000000000000000000000000000000002bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb00000000000000000000000000000000000000000000000000000000"
    "0000000668c3a96c6c6f00000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000020000000000000000000000001111111111111111"
    "1111111111111111111111110000000000000000000000002222222222222222222222222222222222222222";

static addr20 addr(int byte)
{
    addr20 a;
    memset(a.b, byte, sizeof a.b);
    return a;
}

static void assert_encodes(const struct buf *b, const char *hex)
{
    struct buf want;
    buf_init(&want, 1 << 16);
    assert_status(hex_read_buf(slice_str(hex), &want), OK);
    assert_slice(buf_slice(b), buf_slice(&want));
    buf_done(&want);
}

/* Write one argument as its type in the suite says. */
static void put_arg(struct abi_enc *e, const char *type, struct json arg)
{
    slice s;
    uint64_t n;
    addr20 a;
    struct abi_enc elems;
    if (strcmp(type, "uint256") == 0) {
        assert_status(json_u64(arg, &n, NULL), OK);
        assert_status(abi_put_u64(e, n), OK);
    } else if (strcmp(type, "address") == 0) {
        assert_status(json_hex_addr(arg, &a, NULL), OK);
        assert_status(abi_put_addr(e, a), OK);
    } else if (strcmp(type, "uint32[]") == 0) {
        assert_status(abi_put_array(e, json_count(arg), 1, &elems), OK);
        for (struct json_iter it = json_iter(arg); json_next(&it);)
            put_arg(&elems, "uint256", it.value);
        assert_status(abi_end(&elems), OK);
    } else if (strcmp(type, "bytes10") == 0) {
        assert_status(json_str(arg, &s, NULL), OK);
        assert_status(abi_put_bytes_n(e, s), OK);
    } else {
        assert_string_equal(type, "bytes");
        assert_status(json_str(arg, &s, NULL), OK);
        assert_status(abi_put_bytes(e, s), OK);
    }
}

static void official_suite(void **state)
{
    (void)state;
    char archive[4096];
    char dir[32];
    struct vector_file f;
    size_t n = 0;
    fixture_or_skip(ARCHIVE, archive, sizeof archive);
    vectors_unpack(archive, dir, sizeof dir);
    struct json root = vectors_open(&f, dir, "ABITests/basic_abi_tests.json");
    for (struct json_iter it = json_iter(root); json_next(&it); n++) {
        struct buf own;
        struct abi_enc e;
        struct json args = json_get(it.value, "args");
        buf_init(&own, 1 << 16);
        assert_status(abi_begin(&e, &own, NULL, json_count(args)), OK);
        for (size_t i = 0; i < json_count(args); i++) {
            slice type;
            assert_status(json_str(json_at(json_get(it.value, "types"), i), &type, NULL), OK);
            put_arg(&e, arena_cstr(&f.arena, type), json_at(args, i));
        }
        assert_status(abi_end(&e), OK);
        slice want = vectors_str(it.value, "result");
        assert_encodes(&own, arena_cstr(&f.arena, want));
        buf_done(&own);
    }
    print_message("ABITests: %zu cases\n", n);
    assert_int_equal(n, 3);
    vectors_close(&f);
    vectors_remove(dir);
}

static void writes_a_dynamic_tuple(void **state)
{
    (void)state;
    struct buf b;
    struct abi_enc e;
    struct abi_enc t;
    uint8_t selector[4];
    uint8_t sig[65];
    memset(sig, 0x77, sizeof sig);
    buf_init(&b, 1 << 16);
    abi_selector("execute((address,address,uint256,uint256,uint48,bytes,bytes))", selector);
    assert_status(abi_begin(&e, &b, selector, 1), OK);
    assert_status(abi_put_tuple(&e, 7, &t), OK);
    assert_status(abi_put_addr(&t, addr(0x11)), OK);
    assert_status(abi_put_addr(&t, addr(0x22)), OK);
    assert_status(abi_put_u64(&t, 5), OK);
    assert_status(abi_put_u64(&t, 100000), OK);
    assert_status(abi_put_u64(&t, 1234567890), OK);
    assert_status(abi_put_bytes(&t, SLICE_LIT("\xaa\xbb\xcc")), OK);
    assert_status(abi_put_bytes(&t, slice_of(sig, 65)), OK);
    assert_status(abi_end(&t), OK);
    assert_status(abi_end(&e), OK);
    assert_encodes(&b, execute_hex);

    slice members;
    slice data;
    uint64_t deadline;
    addr20 a;
    assert_status(abi_read_tuple(slice_after(buf_slice(&b), 4), 0, &members), OK);
    assert_status(abi_read_addr(members, 1, &a), OK);
    assert_true(addr20_eq(a, addr(0x22)));
    assert_status(abi_read_u64(members, 4, &deadline), OK);
    assert_int_equal(deadline, 1234567890);
    assert_status(abi_read_bytes(members, 6, &data), OK);
    assert_slice(data, slice_of(sig, 65));
    buf_done(&b);
}

static void writes_an_array_of_bytes(void **state)
{
    (void)state;
    struct buf b;
    struct abi_enc e;
    uint8_t selector[4];
    uint8_t two[32];
    uint8_t three[33];
    memset(two, 2, sizeof two);
    memset(three, 3, sizeof three);
    slice items[4] = {SLICE_EMPTY, SLICE_LIT("\x01"), slice_of(two, 32), slice_of(three, 33)};
    buf_init(&b, 1 << 16);
    abi_selector("multicall(bytes[])", selector);
    assert_status(abi_begin(&e, &b, selector, 1), OK);
    assert_status(abi_put_bytes_array(&e, items, 4), OK);
    assert_status(abi_end(&e), OK);
    assert_encodes(&b, multicall_hex);

    size_t n;
    slice elems;
    assert_status(abi_read_array(slice_after(buf_slice(&b), 4), 0, 1, &n, &elems), OK);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        slice got;
        assert_status(abi_read_bytes(elems, i, &got), OK);
        assert_slice(got, items[i]);
    }
    buf_done(&b);
}

static void put_f(struct buf *b)
{
    struct abi_enc e;
    struct abi_enc s;
    struct abi_enc who;
    uint8_t c[26];
    hash32 h;
    uint8_t selector[4];
    memset(c, 0x99, sizeof c);
    abi_selector("f(bytes26,bool,(uint64,bytes32)[],string,address[])", selector);
    assert_status(abi_begin(&e, b, selector, 5), OK);
    assert_status(abi_put_bytes26(&e, c), OK);
    assert_status(abi_put_bool(&e, true), OK);
    assert_status(abi_put_array(&e, 2, 2, &s), OK);
    for (int i = 0; i < 2; i++) {
        memset(h.b, i == 0 ? 0xaa : 0xbb, sizeof h.b);
        assert_status(abi_put_u64(&s, (uint64_t)i + 1), OK);
        assert_status(abi_put_hash(&s, &h), OK);
    }
    assert_status(abi_put_string(&e, SLICE_LIT("h\xc3\xa9llo")), OK);
    assert_status(abi_put_array(&e, 2, 1, &who), OK);
    assert_status(abi_put_addr(&who, addr(0x11)), OK);
    assert_status(abi_put_addr(&who, addr(0x22)), OK);
    assert_status(abi_end(&e), OK);
}

static void writes_mixed_arguments(void **state)
{
    (void)state;
    struct buf b;
    size_t n;
    slice s;
    bool flag;
    uint8_t c[26];
    buf_init(&b, 1 << 16);
    put_f(&b);
    assert_encodes(&b, f_hex);
    slice args = slice_after(buf_slice(&b), 4);
    assert_status(abi_read_bytes_n(args, 0, c, 26), OK);
    assert_status(abi_read_bytes_n(args, 0, c, 25), E_NOT_CANONICAL);
    assert_status(abi_read_bool(args, 1, &flag), OK);
    assert_true(flag);
    assert_status(abi_read_bytes(args, 3, &s), OK);
    assert_slice(s, SLICE_LIT("h\xc3\xa9llo"));
    assert_status(abi_read_array(args, 2, 2, &n, &s), OK);
    assert_int_equal(n, 2);
    buf_done(&b);
}

static void writing_beyond_the_head_is_an_error(void **state)
{
    (void)state;
    struct buf b;
    struct abi_enc e;
    buf_init(&b, 1 << 16);
    assert_status(abi_begin(&e, &b, NULL, 2), OK);
    assert_status(abi_put_u64(&e, 1), OK);
    assert_status(abi_end(&e), E_INTERNAL);
    assert_status(abi_put_bytes(&e, SLICE_LIT("x")), OK);
    assert_status(abi_put_u64(&e, 1), E_INTERNAL);
    assert_status(abi_end(&e), OK);
    buf_done(&b);
}

static void refuses_offsets_and_lengths_outside(void **state)
{
    (void)state;
    uint8_t d[96] = {0};
    slice data = slice_of(d, sizeof d);
    slice s;
    size_t n;
    d[31] = 32;
    d[63] = 3;
    memcpy(d + 64, "abc", 3);
    assert_status(abi_read_bytes(data, 0, &s), OK);
    assert_status(abi_read_bytes(slice_first(data, 95), 0, &s), E_TRUNCATED);
    assert_status(abi_read_bytes(slice_first(data, 66), 0, &s), E_RANGE);
    assert_status(abi_read_bytes(slice_first(data, 63), 0, &s), E_TRUNCATED);
    assert_status(abi_read_bytes(slice_first(data, 31), 0, &s), E_TRUNCATED);
    d[95] = 1;
    assert_status(abi_read_bytes(data, 0, &s), E_NOT_CANONICAL);
    d[95] = 0;
    d[63] = 33;
    assert_status(abi_read_bytes(data, 0, &s), E_RANGE);
    memset(d + 32, 0xff, 32);
    assert_status(abi_read_bytes(data, 0, &s), E_RANGE);
    assert_status(abi_read_array(data, 0, 1, &n, &s), E_RANGE);
    memset(d + 32, 0, 24); /* length 2^64 - 1 */
    assert_status(abi_read_bytes(data, 0, &s), E_RANGE);
    assert_status(abi_read_array(data, 0, 4, &n, &s), E_RANGE);
    d[31] = 97;
    assert_status(abi_read_bytes(data, 0, &s), E_RANGE);
    memset(d, 0xff, 32);
    assert_status(abi_read_bytes(data, 0, &s), E_RANGE);
    assert_status(abi_read_tuple(data, 0, &s), E_RANGE);
    assert_status(abi_read_tuple(data, SIZE_MAX, &s), E_TRUNCATED);
}

static void refuses_words_that_are_too_large(void **state)
{
    (void)state;
    uint8_t d[32];
    slice data = slice_of(d, sizeof d);
    addr20 a;
    bool flag;
    uint64_t n;
    memset(d, 0, sizeof d);
    d[11] = 1;
    assert_status(abi_read_addr(data, 0, &a), E_RANGE);
    assert_status(abi_read_u64(data, 0, &n), E_RANGE);
    d[11] = 0;
    d[31] = 2;
    assert_status(abi_read_bool(data, 0, &flag), E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(official_suite),
        cmocka_unit_test(writes_a_dynamic_tuple),
        cmocka_unit_test(writes_an_array_of_bytes),
        cmocka_unit_test(writes_mixed_arguments),
        cmocka_unit_test(writing_beyond_the_head_is_an_error),
        cmocka_unit_test(refuses_offsets_and_lengths_outside),
        cmocka_unit_test(refuses_words_that_are_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
