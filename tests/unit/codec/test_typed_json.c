/* SPDX-License-Identifier: Apache-2.0 */
/* Typed data as JSON against hashes made with ethers 6. */
#include "test.h"

#include "codec/eip712_json.h"

/* clang-format off */
static const char *const good[][2] = {
    {"{\"types\":{\"EIP712Domain\":[{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"version\",\"type\":\"string\"},{\"name\":\"chainId\",\"type\":\"uint256\"},{\"name\":\"verifyingContract\",\"type\":\"address\"}],\"Person\":[{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"wallet\",\"type\":\"address\"}],\"Mail\":[{\"name\":\"from\",\"type\":\"Person\"},{\"name\":\"to\",\"type\":\"Person\"},{\"name\":\"contents\",\"type\":\"string\"}]},\"primaryType\":\"Mail\",\"domain\":{\"name\":\"Ether Mail\",\"version\":\"1\",\"chainId\":1,\"verifyingContract\":\"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC\"},\"message\":{\"from\":{\"name\":\"Cow\",\"wallet\":\"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826\"},\"to\":{\"name\":\"Bob\",\"wallet\":\"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB\"},\"contents\":\"Hello, Bob!\"}}",
     "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"},
    {"{\"types\":{\"Permit\":[{\"name\":\"owner\",\"type\":\"address\"},{\"name\":\"value\",\"type\":\"uint256\"},{\"name\":\"nonce\",\"type\":\"uint256\"},{\"name\":\"deadline\",\"type\":\"uint256\"}]},\"primaryType\":\"Permit\",\"domain\":{\"name\":\"Token\",\"version\":\"1\",\"chainId\":31337,\"verifyingContract\":\"0x5FbDB2315678afecb367f032d93F642f64180aa3\"},\"message\":{\"owner\":\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\",\"value\":\"115792089237316195423570985008687907853269984665640564039457584007913129639935\",\"nonce\":\"0x0\",\"deadline\":1700000000}}",
     "0x395e20fd04bc50528f277c0f5f5b719206d5242ac4c42e9a956c1fca9b8e6036"},
    {"{\"types\":{\"Z\":[{\"name\":\"a\",\"type\":\"int8\"},{\"name\":\"b\",\"type\":\"int256\"},{\"name\":\"c\",\"type\":\"bytes4\"},{\"name\":\"d\",\"type\":\"bytes\"},{\"name\":\"e\",\"type\":\"bool\"},{\"name\":\"f\",\"type\":\"uint8[]\"},{\"name\":\"g\",\"type\":\"A[2]\"},{\"name\":\"h\",\"type\":\"string[][]\"},{\"name\":\"i\",\"type\":\"int16\"}],\"A\":[{\"name\":\"x\",\"type\":\"B\"},{\"name\":\"y\",\"type\":\"uint64\"}],\"B\":[{\"name\":\"t\",\"type\":\"string\"}]},\"primaryType\":\"Z\",\"domain\":{\"name\":\"x\",\"salt\":\"0xabababababababababababababababababababababababababababababababab\"},\"message\":{\"a\":-128,\"b\":\"-57896044618658097711785492504343953926634992332820282019728792003956564819968\",\"c\":\"0x01020304\",\"d\":\"0x\",\"e\":true,\"f\":[1,2,255],\"g\":[{\"x\":{\"t\":\"é\"},\"y\":1},{\"x\":{\"t\":\"\"},\"y\":\"18446744073709551615\"}],\"h\":[[],[\"a\",\"b\"]],\"i\":32767}}",
     "0x1948b0df3898002060613219aa1d7ebd915ddd3ab02f68635ca0aaacc123154f"},
};
/* clang-format on */

static status digest(const char *text, hash32 *ret)
{
    struct arena a;
    struct json_doc doc;
    struct err e = {0};
    arena_init(&a, 1 << 20, false);
    status st = json_read(slice_str(text), &a, &doc, &e);
    if (st == OK)
        st = eip712_json_digest(json_root(&doc), &a, ret, &e);
    arena_done(&a);
    return st;
}

static void hashes_as_ethers_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char hex[2 * 32 + 3];
        hash32 h;
        assert_status(digest(good[i][0], &h), OK);
        assert_string_equal(hex_0x(slice_of(h.b, 32), hex), good[i][1]);
    }
}

#define WITH(type, value)                                                                          \
    "{\"types\":{\"T\":[{\"name\":\"v\",\"type\":\"" type                                          \
    "\"}]},\"primaryType\":\"T\",\"domain\":{},\"message\":{\"v\":" value "}}"

static void refuses_what_a_type_cannot_hold(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } bad[] = {
        {WITH("uint8", "256"), E_RANGE},
        {WITH("uint8", "-1"), E_RANGE},
        {WITH("int8", "128"), E_RANGE},
        {WITH("int8", "-129"), E_RANGE},
        {WITH("int16", "32768"), E_RANGE},
        {WITH("uint256", "\"0x10000000000000000000000000000000000000000000000000000000000000000\""),
         E_RANGE},
        {WITH("uint256", "1.5"), E_SYNTAX},
        {WITH("uint256", "true"), E_TYPE},
        {WITH("uint7", "1"), E_UNSUPPORTED},
        {WITH("bytes2", "\"0x010203\""), E_RANGE},
        {WITH("bytes33", "\"0x01\""), E_UNSUPPORTED},
        {WITH("bytes", "\"0x1\""), E_RANGE},
        {WITH("address", "\"0x01\""), E_RANGE},
        {WITH("bool", "1"), E_TYPE},
        {WITH("Nobody", "{}"), E_UNSUPPORTED},
        {WITH("uint8[2]", "[1]"), E_RANGE},
        {WITH("uint8[]", "1"), E_TYPE},
        {WITH("T", "{}"), E_MISSING},
        {"{\"types\":{},\"primaryType\":\"T\",\"domain\":{},\"message\":{}}", E_MISSING},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hash32 h;
        assert_status(digest(bad[i].text, &h), bad[i].want);
    }
}

static void bounds_nesting(void **state)
{
    (void)state;
    struct buf b;
    hash32 h;
    buf_init(&b, 1 << 16);
    assert_int_equal(buf_put_str(&b, "{\"types\":{\"T\":[{\"name\":\"v\",\"type\":\"T\"}]},"
                                     "\"primaryType\":\"T\",\"domain\":{},\"message\":"),
                     OK);
    for (unsigned i = 0; i < EIP712_DEPTH + 2; i++)
        assert_int_equal(buf_put_str(&b, "{\"v\":"), OK);
    assert_int_equal(buf_put_str(&b, "null"), OK);
    for (unsigned i = 0; i < EIP712_DEPTH + 3; i++)
        assert_int_equal(buf_put_str(&b, "}"), OK);
    assert_status(digest(buf_cstr(&b), &h), E_TOO_DEEP);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_ethers_does),
        cmocka_unit_test(refuses_what_a_type_cannot_hold),
        cmocka_unit_test(bounds_nesting),
    };
    return cmocka_run_group_tests_name("typed_json", tests, NULL, NULL);
}
