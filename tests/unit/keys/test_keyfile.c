/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: the official suite, files of ethers and eth-keyfile, hostile parameters, own files. */
#include "../codec/vectors.h"

#include "base/limits.h"
#include "keys/keyfile.h"

#define ARCHIVE "vectors/ethereum/ethereum-tests-KeyStoreTests.tar.xz"
#define PASSWORD SLICE_LIT("p\xc3\xa4ssw\xc3\xb6rd")

/* All hold the key 0x46…46. */
static const char ethers_file[] = /* ethers 6, encryptKeystoreJson */
    "{\"address\":\"9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f\",\"id\":\"efde13e9-821e-43ca-a"
    "f81-67d6723a053b\",\"version\":3,\"Crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\""
    "iv\":\"f88542d27a2028d3d850dde5bf97646d\"},\"ciphertext\":\"80265c63371fb8eb82da314958"
    "516030ecfc4c926956e55824a822ca9afa311b\",\"kdf\":\"scrypt\",\"kdfparams\":{\"salt\":\"840a"
    "0b120463b1e335cbe2ebd93e879ee498057ece66ea4b6d0ce3b9bdbc1145\",\"n\":4096,\"dklen\":3"
    "2,\"p\":1,\"r\":8},\"mac\":\"86aa68c187e75699970b3b09515014a6efac979a3580d7f2ba0fff2828"
    "f705e3\"}}";
static const char python_scrypt[] = /* eth-keyfile 0.10 */
    "{\"address\": \"9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\", \"crypto\": {\"cipher\": \"ae"
    "s-128-ctr\", \"cipherparams\": {\"iv\": \"03000bc8ba0f553d6f07c3ab80b64153\"}, \"ciphert"
    "ext\": \"a46f75978bbc185cad36b05ee8ebcf71c93af8f77360d805a8aeee37cda16fd9\", \"kdf\":"
    " \"scrypt\", \"kdfparams\": {\"dklen\": 32, \"n\": 4096, \"r\": 8, \"p\": 1, \"salt\": "
    "\"eb7738"
    "e1075a3c99c07fa80eb3076666\"}, \"mac\": \"51ef5915eee0a809e721ceb309c9bba3d443c2d081"
    "34818aeb954d047478fc9c\"}, \"id\": \"2ed1be72-4a14-42ac-8970-500b104bbb0b\", \"version"
    "\": 3}";
static const char python_pbkdf2[] = /* eth-keyfile 0.10 */
    "{\"address\": \"9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\", \"crypto\": {\"cipher\": \"ae"
    "s-128-ctr\", \"cipherparams\": {\"iv\": \"8cbe25e52981c826756fc19897f8ca98\"}, \"ciphert"
    "ext\": \"941a1ac989738236adb565e13f849d75e9b66318d2adeb0a30d4424268369f0c\", \"kdf\":"
    " \"pbkdf2\", \"kdfparams\": {\"c\": 2000, \"dklen\": 32, \"prf\": \"hmac-sha256\", \"salt\": "
    "\""
    "fe9268e00b5546ba523a3f9082009156\"}, \"mac\": \"b0111a975d44cfb659d3e26344fe060dbbc4"
    "12267a111055e5fcc9d99eabb5dd\"}, \"id\": \"cdb8732d-d5d6-4e8e-b064-629ec67bb529\", \"v"
    "ersion\": 3}";
/* keyfile_put with bytes 0, 1, 2 … as randomness; ethers and eth-keyfile open it. */
static const char own_file[] =
    "{\"address\":\"9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f\",\"crypto\":{\"cipher\":\"aes-12"
    "8-ctr\",\"ciphertext\":\"68e8f6bfbf54e58af243f3b7880e07aeae45ab0eb02f700bdd48b88c8d2"
    "2f0e4\",\"cipherparams\":{\"iv\":\"202122232425262728292a2b2c2d2e2f\"},\"kdf\":\"scrypt\",\""
    "kdfparams\":{\"dklen\":32,\"n\":4096,\"p\":1,\"r\":8,\"salt\":\"000102030405060708090a0b0c0d"
    "0e0f101112131415161718191a1b1c1d1e1f\"},\"mac\":\"01ee0cd444baf6e18a87b4e1be58291b9c"
    "968db24052702c70f0420b625f20f9\"},\"id\":\"30313233-3435-4637-b839-3a3b3c3d3e3f\",\"ve"
    "rsion\":3}";

static struct err err;

static struct secp_key key46(void)
{
    struct secp_key k;
    memset(k.b, 0x46, sizeof k.b);
    return k;
}

static void opens_files_of_other_programs(void **state)
{
    (void)state;
    static const char *const files[] = {ethers_file, python_scrypt, python_pbkdf2, own_file};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct secp_key want = key46();
        struct secp_key got;
        addr20 addr;
        addr20 stated;
        assert_ok(keyfile_read(slice_str(files[i]), PASSWORD, &got, &err), &err);
        assert_memory_equal(got.b, want.b, sizeof want.b);
        assert_ok(keyfile_addr(slice_str(files[i]), &stated, &err), &err);
        assert_status(secp_key_addr(&want, &addr), OK);
        assert_true(addr20_eq(addr, stated));
        secp_key_done(&got);
    }
}

static status count_up(void *ctx, uint8_t *out, size_t n)
{
    uint8_t *next = ctx;
    for (size_t i = 0; i < n; i++)
        out[i] = (*next)++;
    return OK;
}

static void writes_the_file_that_others_open(void **state)
{
    (void)state;
    uint8_t next = 0;
    struct random_src counting = {count_up, &next};
    struct secp_key key = key46();
    struct buf b;
    buf_init(&b, LIMIT_KEYFILE_BYTES);
    assert_ok(keyfile_put(&key, PASSWORD, KEYFILE_LOG_N_LIGHT, &counting, &b, &err), &err);
    assert_string_equal(buf_cstr(&b), own_file);
    buf_done(&b);
}

static void opens_what_it_wrote(void **state)
{
    (void)state;
    struct secp_key key;
    struct secp_key got;
    struct buf b;
    unsigned log_n;
    buf_init(&b, LIMIT_KEYFILE_BYTES);
    assert_status(secp_key_generate(&random_system, &key), OK);
    assert_ok(keyfile_put(&key, SLICE_EMPTY, 4, &random_system, &b, &err), &err);
    assert_ok(keyfile_read(buf_slice(&b), SLICE_EMPTY, &got, &err), &err);
    assert_memory_equal(got.b, key.b, sizeof key.b);
    assert_status(keyfile_read(buf_slice(&b), SLICE_LIT("x"), &got, &err), E_DECRYPT);
    assert_ok(keyfile_log_n(buf_slice(&b), &log_n, &err), &err);
    assert_int_equal(log_n, 4);
    assert_ok(keyfile_log_n(slice_str(python_pbkdf2), &log_n, &err), &err);
    assert_int_equal(log_n, 0);
    buf_done(&b);
}

static void a_wrong_password_or_a_flipped_digit_opens_nothing(void **state)
{
    (void)state;
    struct secp_key got = {{0}};
    char text[sizeof own_file];
    memcpy(text, own_file, sizeof text);
    char *digit = strstr(text, "ciphertext\":\"") + strlen("ciphertext\":\"");
    *digit = *digit == '0' ? '1' : '0';
    assert_status(keyfile_read(slice_str(text), PASSWORD, &got, &err), E_DECRYPT);
    assert_status(keyfile_read(slice_str(own_file), SLICE_LIT("password"), &got, &err), E_DECRYPT);
    assert_null(memchr(got.b, 0x46, sizeof got.b));
}

/* own_file with the first from replaced by to. */
static status read_changed(const char *from, const char *to)
{
    char text[sizeof own_file + 64];
    struct secp_key got;
    const char *at = strstr(own_file, from);
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - own_file), own_file, to,
                   at + strlen(from));
    return keyfile_read(slice_str(text), PASSWORD, &got, &err);
}

static void refuses_fields_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
        status want;
    } rows[] = {{"\"version\":3", "\"version\":1", E_UNSUPPORTED},
                {"aes-128-ctr", "aes-128-cbc", E_UNSUPPORTED},
                {"\"kdf\":\"scrypt\"", "\"kdf\":\"argon2\"", E_UNSUPPORTED},
                {"\"dklen\":32", "\"dklen\":16", E_UNSUPPORTED},
                {"\"n\":4096", "\"n\":4095", E_RANGE},
                {"\"n\":4096", "\"n\":0", E_RANGE},
                {"\"n\":4096", "\"n\":1", E_RANGE},
                {"\"n\":4096", "\"n\":-4096", E_RANGE},
                {"\"n\":4096", "\"n\":9223372036854775808", E_RANGE},
                {"\"n\":4096", "\"n\":2097152", E_RANGE},
                {"\"p\":1", "\"p\":1024", E_RANGE},
                {"\"p\":1", "\"p\":0", E_RANGE},
                {"\"r\":8", "\"r\":1025", E_RANGE},
                {"\"mac\":\"", "\"mac\":\"00", E_RANGE},
                {"\"mac\":\"", "\"mac\":\"zz", E_RANGE},
                {"\"iv\":\"", "\"vi\":\"", E_MISSING},
                {"\"crypto\"", "\"cryptic\"", E_MISSING},
                {"\"address\":\"9d", "\"address\":\"9e", E_MISMATCH}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        status got = read_changed(rows[i].from, rows[i].to);
        if (got != rows[i].want)
            fail_msg("%s: %s (%s)", rows[i].to, status_name(got), err.msg);
    }
    assert_status(read_changed("\"mac\":\"", "\"mac\":7,\"x\":\""), E_TYPE);
    assert_string_equal(err.msg, "key file: crypto.mac: a number where a string must be");
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct secp_key got;
    for (size_t n = 0; n < sizeof own_file - 1; n++)
        assert_int_not_equal(keyfile_read(slice_of(own_file, n), PASSWORD, &got, NULL), OK);
}

/* geth's form: hex without 0x, no address in some cases. */
static void official_suite(void **state)
{
    (void)state;
    char archive[4096];
    char dir[32];
    struct vector_file f;
    size_t n = 0;
    fixture_or_skip(ARCHIVE, archive, sizeof archive);
    vectors_unpack(archive, dir, sizeof dir);
    struct json root = vectors_open(&f, dir, "KeyStoreTests/basic_tests.json");
    for (struct json_iter it = json_iter(root); json_next(&it); n++) {
        struct secp_key got;
        struct secp_key want;
        slice file = json_raw(json_get(it.value, "json"));
        assert_status(hex_read(vectors_str(it.value, "priv"), want.b, sizeof want.b), OK);
        assert_ok(keyfile_read(file, vectors_str(it.value, "password"), &got, &err), &err);
        assert_memory_equal(got.b, want.b, sizeof want.b);
    }
    print_message("KeyStoreTests: %zu cases\n", n);
    assert_int_equal(n, 5);
    vectors_close(&f);
    vectors_remove(dir);
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
        cmocka_unit_test(opens_files_of_other_programs),
        cmocka_unit_test(writes_the_file_that_others_open),
        cmocka_unit_test(opens_what_it_wrote),
        cmocka_unit_test(a_wrong_password_or_a_flipped_digit_opens_nothing),
        cmocka_unit_test(refuses_fields_by_name),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(official_suite),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
