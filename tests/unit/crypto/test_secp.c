/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak-256, secp256k1 keys and signatures, address text. Constants made with ethers 6. */
#include "test.h"

#include "crypto/addr.h"
#include "crypto/keccak.h"
#include "crypto/secp256k1.h"

static hash32 hash(const char *hex)
{
    hash32 h;
    assert_status(hex_read_hash(slice_str(hex), &h), OK);
    return h;
}

static struct secp_key key46(void)
{
    struct secp_key k;
    memset(k.b, 0x46, sizeof k.b);
    return k;
}

static const char digest_hex[] =
    "0x57314e1df4b20eff99fdfccd891e5472eabab381e61e940601babec134a3f362";
static const char sig_hex[] =
    "0x5b72ce6f2907e8d84d60a121601825404bc9e22b1e20bfdd15c028196b94d7696203206cbc46b4855e82d644afde"
    "424ee5249966458d2c151b431ba85f351d321c";

static void keccak_agrees_around_the_block_size(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        const char *hash;
    } rows[] = {{0, "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
                {1, "0x9823c8dbb431b3225b0c5a4f0093af3af6e4edd8d2432ae9360c4e022f1ce852"},
                {135, "0x3d28d08c3dacab77392064a939f3e7f8d03f2e02e2c664ac08a05f63ac652626"},
                {136, "0xb82d89d96e5575d11a9e1f4cabb2a45e60899e69a19a724cd796bdcf13511018"},
                {137, "0xec8008a74e50bc7d6b22c3ad85402bf10e6d4449f3c8618e36c461b8a44eeafb"},
                {271, "0x4f073300c4baf7a364519ec173f5e70e334c954bd56f2d79a4c4f0d3698c8dce"},
                {272, "0xa657381e5615f539cac71f13c74473a5e77eaa2bd8348422dcac221c8f13da94"},
                {1000, "0xd7bf35851ae6462cce5a6a70fded315bf92997673e2ce92efd545ae9aec2b471"}};
    uint8_t data[1000];
    memset(data, 0xa3, sizeof data);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hash32 got;
        hash32 want = hash(rows[i].hash);
        keccak256(slice_of(data, rows[i].n), &got);
        assert_memory_equal(got.b, want.b, 32);
    }
}

static void keccak_in_pieces_is_keccak_of_the_whole(void **state)
{
    (void)state;
    uint8_t data[700];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    hash32 want;
    keccak256(slice_of(data, sizeof data), &want);
    for (size_t step = 1; step < 300; step += 13) {
        struct keccak256_ctx c;
        hash32 got;
        keccak256_init(&c);
        for (slice s = slice_of(data, sizeof data); s.n > 0; s = slice_after(s, step))
            keccak256_update(&c, slice_first(s, step));
        keccak256_final(&c, &got);
        assert_memory_equal(got.b, want.b, 32);
    }
}

static void key_gives_public_key_and_address(void **state)
{
    (void)state;
    struct secp_key k = key46();
    uint8_t p33[33];
    uint8_t p65[65];
    uint8_t want[33];
    addr20 a;
    addr20 b;
    char text[ADDR_TEXT];
    assert_status(hex_read(SLICE_LIT("024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb4"
                                     "93382"),
                           want, 33),
                  OK);
    assert_status(secp_public33(&k, p33), OK);
    assert_memory_equal(p33, want, 33);
    assert_status(secp_public65(&k, p65), OK);
    assert_status(secp_key_addr(&k, &a), OK);
    assert_string_equal(addr_text(a, text), "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    assert_status(secp_pub_addr(slice_of(p33, 33), &b), OK);
    assert_true(addr20_eq(a, b));
    assert_status(secp_pub_addr(slice_of(p65, 65), &b), OK);
    assert_true(addr20_eq(a, b));
    p65[0] = 6;
    assert_status(secp_pub_addr(slice_of(p65, 65), &b), E_RANGE);
    p33[32] ^= 1;
    p33[0] = 5;
    assert_status(secp_pub_addr(slice_of(p33, 33), &b), E_RANGE);
}

static void signature_is_the_deterministic_one(void **state)
{
    (void)state;
    struct secp_key k = key46();
    hash32 d = hash(digest_hex);
    uint8_t sig[SECP_SIG];
    uint8_t want[SECP_SIG];
    addr20 a;
    addr20 signer;
    assert_status(hex_read(slice_str(sig_hex), want, sizeof want), OK);
    assert_status(secp_sign(&k, &d, sig), OK);
    assert_memory_equal(sig, want, sizeof want);
    assert_status(secp_recover(&d, sig, &a), OK);
    assert_status(secp_key_addr(&k, &signer), OK);
    assert_true(addr20_eq(a, signer));
    assert_status(secp_verify_addr(&d, slice_of(sig, 65), signer), OK);
    assert_status(secp_verify_addr(&d, slice_of(sig, 64), signer), E_SIGNATURE);
    d.b[0] ^= 1;
    assert_status(secp_verify_addr(&d, slice_of(sig, 65), signer), E_SIGNATURE);
}

/* s' = N - s with the other v names the same signer: refused, or signatures would be malleable. */
static void refuses_high_s(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                      0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b,
                                      0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    hash32 d = hash(digest_hex);
    uint8_t sig[SECP_SIG];
    addr20 a;
    addr20 b;
    assert_status(hex_read(slice_str(sig_hex), sig, sizeof sig), OK);
    assert_status(secp_recover(&d, sig, &a), OK);
    int borrow = 0;
    for (int i = 31; i >= 0; i--) {
        int v = order[i] - sig[32 + i] - borrow;
        borrow = v < 0;
        sig[32 + i] = (uint8_t)v;
    }
    sig[64] = (uint8_t)(27 + 28 - sig[64]);
    assert_status(secp_recover(&d, sig, &b), E_SIGNATURE);
    assert_status(secp_recover_parity(&d, sig, sig + 32, sig[64] - 27u, true, &b), OK);
    assert_true(addr20_eq(a, b));
}

static void refuses_other_v_and_zero(void **state)
{
    (void)state;
    hash32 d = hash(digest_hex);
    uint8_t sig[SECP_SIG];
    addr20 a;
    for (unsigned v = 0; v < 256; v++) {
        assert_status(hex_read(slice_str(sig_hex), sig, sizeof sig), OK);
        sig[64] = (uint8_t)v;
        assert_status(secp_recover(&d, sig, &a), v == 27 || v == 28 ? OK : E_SIGNATURE);
    }
    sig[64] = 27;
    memset(sig, 0, 32);
    assert_status(secp_recover(&d, sig, &a), E_SIGNATURE);
    assert_status(hex_read(slice_str(sig_hex), sig, sizeof sig), OK);
    memset(sig + 32, 0, 32);
    assert_status(secp_recover(&d, sig, &a), E_SIGNATURE);
    memset(sig, 0xff, 32);
    assert_status(secp_recover(&d, sig, &a), E_SIGNATURE);
}

static void refuses_invalid_keys(void **state)
{
    (void)state;
    struct secp_key k = {{0}};
    addr20 a;
    uint8_t sig[SECP_SIG];
    hash32 d = hash(digest_hex);
    assert_false(secp_key_is_valid(&k));
    assert_status(secp_key_addr(&k, &a), E_RANGE);
    assert_status(secp_sign(&k, &d, sig), E_RANGE);
    memset(k.b, 0xff, sizeof k.b);
    assert_false(secp_key_is_valid(&k));
    assert_status(secp_key_generate(&random_system, &k), OK);
    assert_true(secp_key_is_valid(&k));
    secp_key_done(&k);
    assert_false(secp_key_is_valid(&k));
}

static status fill_ff(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0xff, n);
    return OK;
}

static void a_broken_source_makes_no_key(void **state)
{
    (void)state;
    struct random_src broken = {fill_ff, NULL};
    struct secp_key k;
    assert_status(secp_key_generate(&broken, &k), E_IO);
}

/* The examples of EIP-55. */
static void address_checksum_is_that_of_eip55(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        addr20 a;
        char text[ADDR_TEXT];
        assert_status(addr_read(slice_str(good[i]), &a), OK);
        assert_string_equal(addr_text(a, text), good[i]);
        for (char *p = text + 2; *p != 0; p++)
            *p = (char)(*p >= 'A' && *p <= 'F' ? *p + 32 : *p);
        assert_status(addr_read(slice_str(text), &a), OK);
    }
}

static void refuses_other_address_texts(void **state)
{
    (void)state;
    addr20 a;
    assert_status(addr_read(SLICE_LIT("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), &a),
                  E_MISMATCH);
    assert_status(addr_read(SLICE_LIT("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), &a), E_SYNTAX);
    assert_status(addr_read(SLICE_LIT("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA"), &a), E_SYNTAX);
    assert_status(addr_read(SLICE_LIT("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"), &a), E_SYNTAX);
    assert_status(addr_read(SLICE_LIT("0x0x5aeb6053F3E94C9b9A09f33669435E7Ef1BeAe"), &a), E_SYNTAX);
}

static int init_context(void **state)
{
    (void)state;
    return secp_init(&random_system) == OK && secp_init(&random_system) == OK ? 0 : -1;
}

static int done_context(void **state)
{
    (void)state;
    secp_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keccak_agrees_around_the_block_size),
        cmocka_unit_test(keccak_in_pieces_is_keccak_of_the_whole),
        cmocka_unit_test(key_gives_public_key_and_address),
        cmocka_unit_test(signature_is_the_deterministic_one),
        cmocka_unit_test(refuses_high_s),
        cmocka_unit_test(refuses_other_v_and_zero),
        cmocka_unit_test(refuses_invalid_keys),
        cmocka_unit_test(a_broken_source_makes_no_key),
        cmocka_unit_test(address_checksum_is_that_of_eip55),
        cmocka_unit_test(refuses_other_address_texts),
    };
    return cmocka_run_group_tests(tests, init_context, done_context);
}
