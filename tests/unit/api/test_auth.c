/* SPDX-License-Identifier: Apache-2.0 */
/* The Authorization header: one spelling only, bound to all that was signed. */
#include "test.h"

#include "api/auth.h"
#include "crypto/secp256k1.h"

static const struct netid net = {.chain_id = 31337, .proxy = {{0xaa}}};
static const struct auth_target target = {{(const uint8_t *)"http://node", 11},
                                          {(const uint8_t *)"GET", 3},
                                          {(const uint8_t *)"/a?b", 4}};

/* A header signed at 1,000,000 by a key of ones, as text. */
static struct auth_header signed_header(struct buf *text)
{
    struct auth_header h = {.issued = 1000000, .nonce = {{5}}, .body = {{6}}};
    struct secp_key key;
    hash32 digest;
    memset(key.b, 1, sizeof key.b);
    assert_int_equal(secp_init(&random_system), OK);
    assert_int_equal(secp_key_addr(&key, &h.signer), OK);
    auth_digest(&net, &target, &h, &digest);
    assert_int_equal(secp_sign(&key, &digest, h.sig65), OK);
    buf_init(text, 2048);
    assert_int_equal(auth_header_put(&h, text), OK);
    return h;
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    struct buf text;
    struct auth_header got;
    struct err err;
    struct auth_header h = signed_header(&text);
    assert_ok(auth_header_read(buf_slice(&text), &got, &err), &err);
    assert_memory_equal(got.sig65, h.sig65, sizeof h.sig65);
    assert_int_equal(got.issued, h.issued);
    assert_ok(auth_check(&net, &target, &got, 1000000 + AUTH_SKEW_S, &err), &err);
    buf_done(&text);
}

static void refuses_every_truncation_and_every_changed_byte(void **state)
{
    (void)state;
    struct buf text;
    struct auth_header got;
    struct err err;
    (void)signed_header(&text);
    for (size_t n = 0; n < text.n; n++)
        assert_status(auth_header_read(slice_of(text.p, n), &got, &err), E_AUTH);
    for (size_t i = 0; i < text.n; i++) {
        text.p[i] ^= 1;
        if (auth_header_read(buf_slice(&text), &got, &err) == OK)
            assert_int_not_equal(auth_check(&net, &target, &got, 1000000, &err), OK);
        text.p[i] ^= 1;
    }
    buf_done(&text);
}

static void refuses_other_spellings(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "Ehrd ",
        "Bearer x",
        "ehrd signer=0x",
        "Ehrd nonce=0x00",
        "Ehrd signer=1111111111111111111111111111111111111111,nonce=",
        "Ehrd  signer=0x1111111111111111111111111111111111111111",
    };
    struct auth_header got;
    struct err err;
    struct buf text;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_status(auth_header_read(slice_str(texts[i]), &got, &err), E_AUTH);
    (void)signed_header(&text);
    assert_int_equal(buf_put_str(&text, ","), OK);
    assert_status(auth_header_read(buf_slice(&text), &got, &err), E_AUTH);
    buf_done(&text);
}

static void refuses_another_time_target_origin_method_or_chain(void **state)
{
    (void)state;
    struct buf text;
    struct err err;
    struct auth_header h = signed_header(&text);
    struct auth_target t = target;
    struct netid other = net;
    assert_status(auth_check(&net, &t, &h, 1000000 + AUTH_SKEW_S + 1, &err), E_EXPIRED);
    assert_status(auth_check(&net, &t, &h, 1000000 - AUTH_SKEW_S - 1, &err), E_EXPIRED);
    t.target = SLICE_LIT("/a?c");
    assert_status(auth_check(&net, &t, &h, 1000000, &err), E_SIGNATURE);
    t = target;
    t.origin = SLICE_LIT("http://nodf");
    assert_status(auth_check(&net, &t, &h, 1000000, &err), E_SIGNATURE);
    t = target;
    t.method = SLICE_LIT("PUT");
    assert_status(auth_check(&net, &t, &h, 1000000, &err), E_SIGNATURE);
    other.chain_id = 1;
    assert_status(auth_check(&other, &target, &h, 1000000, &err), E_SIGNATURE);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(refuses_every_truncation_and_every_changed_byte),
        cmocka_unit_test(refuses_other_spellings),
        cmocka_unit_test(refuses_another_time_target_origin_method_or_chain),
    };
    return cmocka_run_group_tests_name("api_auth", tests, NULL, NULL);
}
