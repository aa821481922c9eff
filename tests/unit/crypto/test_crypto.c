/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenSSL wrappers against the examples of their RFCs. */
#include "test.h"

#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/sha2.h"
#include "crypto/x25519.h"

static void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
    struct buf b;
    buf_init(&b, 4096);
    assert_status(hex_read_buf(slice_str(hex), &b), OK);
    assert_slice(slice_of(p, n), buf_slice(&b));
    buf_done(&b);
}

static void hkdf_gives_rfc5869_case_1_and_3(void **state)
{
    (void)state;
    uint8_t ikm[22], salt[13], info[10], out[42];
    memset(ikm, 0x0b, sizeof ikm);
    for (uint8_t i = 0; i < 13; i++)
        salt[i] = i;
    for (uint8_t i = 0; i < 10; i++)
        info[i] = (uint8_t)(0xf0 + i);
    assert_status(hkdf_sha256(slice_of(ikm, 22), slice_of(salt, 13), slice_of(info, 10), out, 42),
                  OK);
    assert_hex(
        out, 42,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    assert_status(hkdf_sha256(slice_of(ikm, 22), SLICE_EMPTY, SLICE_EMPTY, out, 42), OK);
    assert_hex(
        out, 42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void scrypt_gives_rfc7914_example(void **state)
{
    (void)state;
    uint8_t out[64];
    assert_status(
        scrypt_derive(SLICE_LIT("password"), SLICE_LIT("NaCl"), 10, 8, 16, 1u << 24, out, 64), OK);
    assert_hex(out, 64,
               "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff"
               "109279d9830da"
               "c727afb94a83ee6d8360cbdfa2cc0640");
    assert_status(scrypt_derive(SLICE_LIT("p"), SLICE_LIT("s"), 20, 8, 1, 1u << 24, out, 64),
                  E_RANGE);
}

static void x25519_gives_rfc7748_shared_secret(void **state)
{
    (void)state;
    uint8_t a[32], pub[32], shared[32];
    assert_status(
        hex_read(SLICE_LIT("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"), a,
                 32),
        OK);
    uint8_t b_pub[32];
    assert_status(
        hex_read(SLICE_LIT("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
                 b_pub, 32),
        OK);
    assert_status(x25519_public(a, pub), OK);
    assert_hex(pub, 32, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assert_status(x25519_shared(a, b_pub, shared), OK);
    assert_hex(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    const uint8_t low[32] = {0};
    assert_status(x25519_shared(a, low, shared), E_RANGE);
}

static void aead_refuses_every_flipped_bit(void **state)
{
    (void)state;
    const uint8_t key[32] = {1}, nonce[12] = {2};
    uint8_t box[5 + AEAD_TAG], out[5];
    struct aead a;
    assert_status(aead_init(&a, key), OK);
    assert_status(aead_seal(&a, nonce, SLICE_LIT("hello"), box), OK);
    for (size_t i = 0; i < sizeof box * 8; i++) {
        box[i / 8] ^= (uint8_t)(1u << (i % 8));
        assert_status(aead_open(&a, nonce, slice_of(box, sizeof box), out), E_DECRYPT);
        box[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
    assert_status(aead_open(&a, nonce, slice_of(box, sizeof box), out), OK);
    assert_memory_equal(out, "hello", 5);
    aead_done(&a);
}

static void sha256_in_steps_equals_at_once(void **state)
{
    (void)state;
    struct sha256_ctx c;
    hash32 once, steps;
    assert_status(sha256(SLICE_LIT("abc"), &once), OK);
    assert_hex(once.b, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_status(sha256_init(&c), OK);
    for (int i = 0; i < 2; i++) {
        assert_status(sha256_update(&c, SLICE_LIT("a")), OK);
        assert_status(sha256_update(&c, SLICE_LIT("bc")), OK);
        assert_status(sha256_final(&c, &steps), OK);
        assert_true(hash32_eq(once, steps));
        assert_status(sha256_reset(&c), OK);
    }
    sha256_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hkdf_gives_rfc5869_case_1_and_3),
        cmocka_unit_test(scrypt_gives_rfc7914_example),
        cmocka_unit_test(x25519_gives_rfc7748_shared_secret),
        cmocka_unit_test(aead_refuses_every_flipped_bit),
        cmocka_unit_test(sha256_in_steps_equals_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
