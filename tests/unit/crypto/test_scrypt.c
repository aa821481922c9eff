/* SPDX-License-Identifier: Apache-2.0 */
/* The own scrypt against RFC 7914, section 12, and against OpenSSL. */
#include "test.h"

#include "crypto/kdf.h"
#include "crypto/scrypt.h"

static void agrees_with_the_rfc(void **state)
{
    (void)state;
    uint8_t want[64];
    uint8_t got[64];
    assert_status(
        hex_read(SLICE_LIT("77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                           "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"),
                 want, sizeof want),
        OK);
    assert_status(scrypt_plain(slice_of("", 0), slice_of("", 0), 4, 1, 1, got, sizeof got), OK);
    assert_memory_equal(got, want, sizeof want);
    assert_status(
        hex_read(SLICE_LIT("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                           "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"),
                 want, sizeof want),
        OK);
    assert_status(
        scrypt_plain(SLICE_LIT("password"), SLICE_LIT("NaCl"), 10, 8, 16, got, sizeof got), OK);
    assert_memory_equal(got, want, sizeof want);
}

static void agrees_with_openssl(void **state)
{
    (void)state;
    for (uint32_t r = 1; r < 6; r++) {
        uint8_t want[40];
        uint8_t got[40];
        slice pass = SLICE_LIT("correct horse");
        assert_status(
            scrypt_derive(pass, SLICE_LIT("salt"), 7, r, 7 - r, 1 << 24, want, sizeof want), OK);
        assert_status(scrypt_plain(pass, SLICE_LIT("salt"), 7, r, 7 - r, got, sizeof got), OK);
        assert_memory_equal(got, want, sizeof want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_rfc),
        cmocka_unit_test(agrees_with_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
