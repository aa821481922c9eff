/* SPDX-License-Identifier: Apache-2.0 */
/* Access requests: digest as viem makes it, texts and links, bounds, signatures. */
#include "test.h"

#include "base/sysio.h"
#include "ehr/access_request.h"

static const struct netid net = {313370,
                                 {{0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0,
                                   0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0}}};
#define NOW 1800000000u

static struct secp_key key_of(uint8_t n)
{
    struct secp_key k = {{0}};
    k.b[31] = n;
    return k;
}

static struct access_request request(void)
{
    struct access_request r = {.folder = "general",
                               .purpose = "Nachsorge \xc3\xbc"
                                          "ber drei Monate",
                               .permissions = 3,
                               .duration = 7776000,
                               .expires = 1893456000};
    memset(r.account.b, 0xa1, sizeof r.account.b);
    memset(r.card_hash.b, 0xca, sizeof r.card_hash.b);
    memset(r.nonce.b, 0x77, sizeof r.nonce.b);
    return r;
}

static void has_the_digest_that_viem_makes(void **state)
{
    (void)state;
    char hex[67];
    hash32 id;
    struct access_request r = request();
    access_request_id(&net, &r, &id);
    assert_string_equal(hex_0x(slice_of(id.b, 32), hex),
                        "0x9a3888c804be610609b8571ff1a2d104b0029c44a68c56e63b38a76b56a7689f");
}

static void is_read_from_a_text_and_from_a_wrapped_link(void **state)
{
    (void)state;
    struct access_request r = request();
    struct access_request got;
    struct secp_key key = key_of(7);
    struct buf text;
    struct buf wrapped;
    struct err e;
    assert_int_equal(secp_key_addr(&key, &r.account), OK);
    assert_ok(access_request_sign(&net, &key, &r, &e), &e);
    for (int link = 0; link < 2; link++) {
        buf_init(&text, ACCESS_REQUEST_TEXT);
        buf_init(&wrapped, 2 * ACCESS_REQUEST_TEXT);
        assert_ok(access_request_text_put(&r, link ? "http://127.0.0.1:8545" : NULL, &text, &e),
                  &e);
        assert_int_equal(slice_has_prefix(buf_slice(&text), SLICE_LIT("http://127.0.0.1:8545/#/")),
                         link);
        for (size_t i = 0; i < text.n; i++) {
            assert_int_equal(buf_put_u8(&wrapped, text.p[i]), OK);
            if (i % 60 == 59)
                assert_int_equal(buf_put_str(&wrapped, "\r\n  "), OK);
        }
        assert_ok(access_request_text_read(buf_slice(&wrapped), &got, &e), &e);
        assert_memory_equal(&got, &r, sizeof r);
        assert_ok(access_request_verify(&net, &got, (addr20){{1}}, NOW, &e), &e);
        buf_done(&text);
        buf_done(&wrapped);
    }
}

static void is_signed_by_the_account_or_its_certifier_only(void **state)
{
    (void)state;
    struct access_request r = request();
    struct secp_key cert = key_of(9);
    struct netid other = {313371, net.proxy};
    addr20 cert_addr;
    struct err e;
    assert_int_equal(secp_key_addr(&cert, &cert_addr), OK);
    assert_ok(access_request_sign(&net, &cert, &r, &e), &e);
    assert_ok(access_request_verify(&net, &r, cert_addr, NOW, &e), &e);
    assert_status(access_request_verify(&net, &r, (addr20){{1}}, NOW, &e), E_SIGNATURE);
    assert_status(access_request_verify(&other, &r, cert_addr, NOW, &e), E_SIGNATURE);
    assert_status(access_request_verify(&net, &r, cert_addr, r.expires, &e), E_EXPIRED);
    r.permissions = 15;
    assert_status(access_request_verify(&net, &r, cert_addr, NOW, &e), E_SIGNATURE);
}

static void refuses_what_is_out_of_bounds(void **state)
{
    (void)state;
    struct secp_key key = key_of(7);
    struct err e;
    struct access_request r = request();
    r.purpose[0] = 0;
    assert_status(access_request_sign(&net, &key, &r, &e), E_RANGE);
    r = request();
    r.permissions = 16;
    assert_status(access_request_sign(&net, &key, &r, &e), E_RANGE);
    r = request();
    r.duration = ACCESS_REQUEST_DURATION + 1;
    assert_status(access_request_sign(&net, &key, &r, &e), E_RANGE);
    r.duration = 0;
    assert_status(access_request_sign(&net, &key, &r, &e), E_RANGE);
}

static void refuses_every_truncation_and_odd_texts(void **state)
{
    (void)state;
    static const char *const odd[] = {"",     "#/request/", "http://x/#/request/",
                                      "AAAA", "a+b/",       "https://node/#/other/AAAA"};
    struct access_request r = request();
    struct access_request got;
    struct buf bytes;
    struct err e;
    buf_init(&bytes, ACCESS_REQUEST_BYTES);
    assert_ok(access_request_put(&r, &bytes, &e), &e);
    assert_ok(access_request_read(buf_slice(&bytes), &got, &e), &e);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_not_equal(access_request_read(slice_of(bytes.p, n), &got, &e), OK);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_not_equal(access_request_text_read(slice_str(odd[i]), &got, &e), OK);
    buf_done(&bytes);
}

static int setup(void **state)
{
    (void)state;
    return secp_init(&random_system) == OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_digest_that_viem_makes),
        cmocka_unit_test(is_read_from_a_text_and_from_a_wrapped_link),
        cmocka_unit_test(is_signed_by_the_account_or_its_certifier_only),
        cmocka_unit_test(refuses_what_is_out_of_bounds),
        cmocka_unit_test(refuses_every_truncation_and_odd_texts),
    };
    return cmocka_run_group_tests_name("access_request", tests, setup, NULL);
}
