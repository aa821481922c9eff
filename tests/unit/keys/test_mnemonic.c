/* SPDX-License-Identifier: Apache-2.0 */
/* BIP-39 and BIP-32: the official vectors, MetaMask's addresses, what is refused. */
#include "test.h"

#include "crypto/sha2.h"
#include "keys/bip32.h"
#include "keys/bip39.h"

#include "bip_vectors.h"

#define TREZOR SLICE_LIT("TREZOR")
#define JUNK "test test test test test test test test test test test junk"

static struct err err;

static size_t from_hex(const char *text, uint8_t *out, size_t max)
{
    size_t n = strlen(text) / 2;
    assert_true(n <= max);
    assert_status(hex_read(slice_str(text), out, n), OK);
    return n;
}

static void word_list_is_the_standards(void **state)
{
    (void)state;
    struct sha256_ctx c;
    hash32 got;
    char hex[67];
    assert_status(sha256_init(&c), OK);
    for (size_t i = 0; i < BIP39_WORDS; i++) {
        assert_status(sha256_update(&c, slice_str(bip39_english[i])), OK);
        assert_status(sha256_update(&c, SLICE_LIT("\n")), OK);
        assert_true(i == 0 || strcmp(bip39_english[i - 1], bip39_english[i]) < 0);
    }
    assert_status(sha256_final(&c, &got), OK);
    sha256_done(&c);
    /* of english.txt in bitcoin/bips */
    assert_string_equal(hex_0x(slice_of(got.b, 32), hex),
                        "0x2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

static void official_mnemonics(void **state)
{
    (void)state;
    size_t n = sizeof bip39_vectors / sizeof bip39_vectors[0];
    for (size_t i = 0; i < n; i++) {
        const struct bip39_vector *v = &bip39_vectors[i];
        uint8_t entropy[32];
        uint8_t want[64];
        uint8_t seed[BIP39_SEED];
        struct bip32_key master;
        struct buf text;
        size_t len = from_hex(v->entropy, entropy, sizeof entropy);
        buf_init_secret(&text, BIP39_TEXT);
        assert_status(bip39_put(slice_of(entropy, len), &text), OK);
        assert_string_equal(buf_cstr(&text), v->mnemonic);
        assert_ok(bip39_seed(slice_str(v->mnemonic), TREZOR, seed, &err), &err);
        (void)from_hex(v->seed, want, sizeof want);
        assert_memory_equal(seed, want, sizeof want);
        (void)from_hex(v->master, want, sizeof want);
        assert_status(bip32_master(slice_of(seed, sizeof seed), &master), OK);
        assert_memory_equal(master.key.b, want, 32);
        buf_done(&text);
    }
    assert_int_equal(n, 24);
}

/* "m/0'/1" */
static size_t path_of(const char *text, uint32_t *out, size_t max)
{
    size_t n = 0;
    for (const char *p = strchr(text, '/'); p != NULL; p = strchr(p, '/')) {
        char *end;
        assert_true(n < max);
        out[n] = (uint32_t)strtoul(p + 1, &end, 10);
        if (*end == '\'')
            out[n] |= BIP32_HARDENED;
        n++;
        p = end;
    }
    return n;
}

static void official_trees(void **state)
{
    (void)state;
    size_t n = sizeof bip32_vectors / sizeof bip32_vectors[0];
    for (size_t i = 0; i < n; i++) {
        const struct bip32_vector *v = &bip32_vectors[i];
        uint8_t seed[64];
        uint8_t want[32];
        uint32_t path[8];
        struct bip32_key k;
        size_t seed_n = from_hex(v->seed, seed, sizeof seed);
        size_t steps = path_of(v->path, path, 8);
        assert_status(bip32_master(slice_of(seed, seed_n), &k), OK);
        assert_status(bip32_derive(&k, path, steps, &k), OK);
        (void)from_hex(v->key, want, sizeof want);
        assert_memory_equal(k.key.b, want, sizeof want);
        (void)from_hex(v->chain, want, sizeof want);
        assert_memory_equal(k.chain, want, sizeof want);
    }
    assert_int_equal(n, 17);
}

static void gives_the_addresses_metamask_shows(void **state)
{
    (void)state;
    static const char *const want[] = {
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
        "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc", "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
        "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65", "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
        "0x976ea74026e726554db657fa54763abd0c3a0aa9", "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
        "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f", "0xa0ee7a142d267c1f36714e4a8f75612f20a79720"};
    uint8_t seed[BIP39_SEED];
    assert_ok(bip39_seed(SLICE_LIT(JUNK), SLICE_EMPTY, seed, &err), &err);
    for (uint32_t i = 0; i < 10; i++) {
        struct secp_key key;
        addr20 addr;
        char hex[43];
        assert_status(bip32_ethereum(slice_of(seed, sizeof seed), i, &key), OK);
        assert_status(secp_key_addr(&key, &addr), OK);
        assert_string_equal(hex_0x(slice_of(addr.b, 20), hex), want[i]);
    }
}

static void case_and_white_space_do_not_matter(void **state)
{
    (void)state;
    uint8_t a[BIP39_SEED];
    uint8_t b[BIP39_SEED];
    assert_ok(bip39_seed(SLICE_LIT(JUNK), SLICE_EMPTY, a, &err), &err);
    assert_ok(
        bip39_seed(SLICE_LIT("  TEST test\ttest test test Test\r\n test test test test test\n\n"
                             "junk \n"),
                   SLICE_EMPTY, b, &err),
        &err);
    assert_memory_equal(a, b, sizeof a);
}

#define ELEVEN                                                                                     \
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon"

static void refuses_wrong_mnemonics_without_telling_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } rows[] = {{"", E_RANGE},
                {"about", E_RANGE},
                {ELEVEN, E_RANGE},
                {ELEVEN " abandon", E_MISMATCH},
                {ELEVEN " abou", E_SYNTAX},
                {ELEVEN " aboutt", E_SYNTAX},
                {ELEVEN " abandonabandon", E_SYNTAX},
                {ELEVEN " ab\xc3\xb6ut", E_SYNTAX},
                {ELEVEN " about about", E_RANGE},
                {ELEVEN " " ELEVEN " abandon abandon abandon", E_RANGE},
                {"about " ELEVEN, E_MISMATCH}};
    uint8_t seed[BIP39_SEED];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        err.msg[0] = 0;
        status got = bip39_seed(slice_str(rows[i].text), SLICE_EMPTY, seed, &err);
        if (got != rows[i].want)
            fail_msg("%zu: %s (%s)", i, status_name(got), err.msg);
        assert_null(strstr(err.msg, "ab"));
    }
    assert_status(bip39_seed(SLICE_LIT(ELEVEN " about\0"), SLICE_EMPTY, seed, &err), E_SYNTAX);
    assert_status(bip39_seed(SLICE_LIT(ELEVEN " about\0it"), SLICE_EMPTY, seed, &err), E_SYNTAX);
    assert_status(bip39_seed(SLICE_LIT(JUNK), SLICE_LIT("p\xc3\xa4ss"), seed, &err), E_UNSUPPORTED);
}

static void refuses_sizes_outside_the_standards(void **state)
{
    (void)state;
    static const uint8_t zero[65];
    struct bip32_key k;
    struct secp_key key;
    struct buf text;
    buf_init_secret(&text, BIP39_TEXT);
    for (size_t n = 0; n <= 40; n++) {
        bool fine = n >= 16 && n <= 32 && n % 4 == 0;
        buf_clear(&text);
        assert_status(bip39_put(slice_of(zero, n), &text), fine ? OK : E_RANGE);
    }
    assert_status(bip32_master(slice_of(zero, 15), &k), E_RANGE);
    assert_status(bip32_master(slice_of(zero, 65), &k), E_RANGE);
    assert_status(bip32_ethereum(slice_of(zero, 64), BIP32_HARDENED, &key), E_RANGE);
    buf_done(&text);
}

static int set_up(void **state)
{
    (void)state;
    return secp_init(&random_system) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    secp_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_list_is_the_standards),
        cmocka_unit_test(official_mnemonics),
        cmocka_unit_test(official_trees),
        cmocka_unit_test(gives_the_addresses_metamask_shows),
        cmocka_unit_test(case_and_white_space_do_not_matter),
        cmocka_unit_test(refuses_wrong_mnemonics_without_telling_words),
        cmocka_unit_test(refuses_sizes_outside_the_standards),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
