/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and files of keys; bech32 and base 64 below them. */
#include "age_test.h"

#include "base/wipe.h"
#include "codec/base64.h"
#include "codec/bech32.h"

/* The example of C2SP age.md: 32 bytes of 0x42. */
#define SPEC_IDENTITY "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
#define SPEC_RECIPIENT "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

static void base64_gives_rfc4648_examples(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"", "", ""},
        {"f", "Zg", "Zg=="},
        {"fo", "Zm8", "Zm8="},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg", "Zm9vYg=="},
        {"fooba", "Zm9vYmE", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int pad = BASE64_RAW; pad <= BASE64_PADDED; pad++) {
            struct buf b;
            buf_init(&b, 64);
            assert_status(base64_put(&b, slice_str(rows[i][0]), (enum base64_pad)pad), OK);
            assert_slice(buf_slice(&b), slice_str(rows[i][1 + pad]));
            buf_clear(&b);
            assert_status(base64_read_buf(slice_str(rows[i][1 + pad]), (enum base64_pad)pad, &b),
                          OK);
            assert_slice(buf_slice(&b), slice_str(rows[i][0]));
            buf_done(&b);
        }
    }
}

static void base64_takes_every_byte_there_and_back(void **state)
{
    (void)state;
    uint8_t all[256];
    uint8_t back[256];
    char text[344];
    for (unsigned i = 0; i < 256; i++)
        all[i] = (uint8_t)(i * 167 + 13);
    base64_write(slice_of(all, 256), BASE64_PADDED, text);
    assert_status(base64_read_exact(slice_of(text, 344), BASE64_PADDED, back, 256), OK);
    assert_memory_equal(all, back, 256);
    assert_status(base64_read_exact(slice_of(text, 344), BASE64_PADDED, back, 255), E_RANGE);
}

static void base64_refuses_what_is_not_canonical(void **state)
{
    (void)state;
    uint8_t out[16];
    size_t n;
    static const struct {
        const char *text;
        enum base64_pad pad;
        status want;
    } rows[] = {
        {"Zg==", BASE64_RAW, E_SYNTAX},        {"Zg", BASE64_PADDED, E_SYNTAX},
        {"Zh", BASE64_RAW, E_NOT_CANONICAL},   {"Zm9=", BASE64_PADDED, E_NOT_CANONICAL},
        {"Z", BASE64_RAW, E_SYNTAX},           {"Z===", BASE64_PADDED, E_SYNTAX},
        {"Zm9v\n", BASE64_RAW, E_SYNTAX},      {"Zm-v", BASE64_RAW, E_SYNTAX},
        {"Zm_v", BASE64_RAW, E_SYNTAX},        {"====", BASE64_PADDED, E_SYNTAX},
        {"Zg==Zg==", BASE64_PADDED, E_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_status(base64_read(slice_str(rows[i].text), rows[i].pad, out, sizeof out, &n),
                      rows[i].want);
}

static void bech32_gives_bip173_and_age_texts(void **state)
{
    (void)state;
    struct buf b;
    uint8_t key[32];
    uint8_t none;
    buf_init(&b, 128);
    assert_status(bech32_put(&b, "a", SLICE_EMPTY, true), OK);
    assert_slice(buf_slice(&b), SLICE_LIT("A12UEL5L"));
    assert_status(bech32_read(SLICE_LIT("a12uel5l"), "a", &none, 0), OK);
    buf_clear(&b);
    memset(key, 0x42, sizeof key);
    assert_status(bech32_put(&b, "age-secret-key-", slice_of(key, 32), true), OK);
    assert_slice(buf_slice(&b), SLICE_LIT(SPEC_IDENTITY));
    buf_done(&b);
}

static void bech32_round_trips_every_length(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 70; n++) {
        struct buf plain;
        struct buf text;
        uint8_t back[70];
        test_plain(&plain, n);
        buf_init(&text, 256);
        assert_status(bech32_put(&text, "x1y", buf_slice(&plain), false), OK);
        assert_status(bech32_read(buf_slice(&text), "x1y", back, n), OK);
        assert_slice(slice_of(back, n), buf_slice(&plain));
        for (size_t cut = 0; cut < text.n; cut++)
            assert_status(bech32_read(slice_of(text.p, cut), "x1y", back, n) == OK ? OK : E_SYNTAX,
                          E_SYNTAX);
        buf_done(&text);
        buf_done(&plain);
    }
}

static void bech32_tells_what_is_wrong(void **state)
{
    (void)state;
    uint8_t k[32];
    assert_status(bech32_read(SLICE_LIT(SPEC_RECIPIENT), "agf", k, 32), E_TYPE);
    assert_status(bech32_read(SLICE_LIT(SPEC_RECIPIENT), "age", k, 31), E_RANGE);
    assert_status(bech32_read(SLICE_LIT("pzry9x0s0muk"), "age", k, 32), E_SYNTAX);
    assert_status(bech32_read(SLICE_LIT("1pzry9x0s0muk"), "age", k, 32), E_SYNTAX);
    assert_status(bech32_read(SLICE_LIT("A12uEL5L"), "a", k, 0), E_SYNTAX);
    assert_status(bech32_read(SLICE_LIT("a12uel5m"), "a", k, 0), E_MISMATCH);
    assert_status(bech32_put(&(struct buf){.cap = 100}, "Age", SLICE_EMPTY, false), E_RANGE);
    assert_status(bech32_put(&(struct buf){.cap = 100}, "", SLICE_EMPTY, false), E_RANGE);
}

static void keys_have_the_texts_of_the_specification(void **state)
{
    (void)state;
    struct err e;
    struct age_identity id;
    struct age_recipient r;
    char secret[AGE_IDENTITY_TEXT];
    char text[AGE_RECIPIENT_TEXT];
    assert_ok(age_identity_read(SLICE_LIT(SPEC_IDENTITY), &id, &e), &e);
    assert_status(age_recipient_write(&id.recipient, text), OK);
    assert_string_equal(text, SPEC_RECIPIENT);
    assert_status(age_identity_write(&id, secret), OK);
    assert_string_equal(secret, SPEC_IDENTITY);
    assert_ok(age_recipient_read(SLICE_LIT(SPEC_RECIPIENT), &r, &e), &e);
    assert_true(age_recipient_eq(&r, &id.recipient));
    age_identity_done(&id);
    static const struct age_identity wiped;
    assert_memory_equal(&id, &wiped, sizeof id);
}

static void any_changed_character_is_refused(void **state)
{
    (void)state;
    char text[] = SPEC_RECIPIENT;
    struct age_recipient r;
    for (size_t i = 0; i < sizeof text - 1; i++) {
        char keep = text[i];
        for (int c = 0; c < 256; c++) {
            text[i] = (char)c;
            if (text[i] != keep)
                assert_true(age_recipient_read(slice_of(text, sizeof text - 1), &r, NULL) != OK);
        }
        text[i] = keep;
    }
}

static void keys_of_other_kinds_are_named(void **state)
{
    (void)state;
    struct err e;
    struct age_recipient r;
    struct age_identity id;
    assert_status(age_recipient_read(SLICE_LIT("age1pq1xyz"), &r, &e), E_UNSUPPORTED);
    assert_status(age_recipient_read(SLICE_LIT("ssh-ed25519 AAAA"), &r, &e), E_UNSUPPORTED);
    assert_status(
        age_recipient_read(
            SLICE_LIT("age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e"), &r,
            &e),
        E_UNSUPPORTED);
    assert_status(age_identity_read(SLICE_LIT("AGE-SECRET-KEY-PQ-1XX"), &id, &e), E_UNSUPPORTED);
    assert_status(age_identity_read(SLICE_LIT("AGE-PLUGIN-X-1XX"), &id, &e), E_UNSUPPORTED);
    assert_status(age_identity_read(SLICE_LIT("age-secret-key-1xx"), &id, &e), E_SYNTAX);
    assert_status(age_identity_read(SLICE_LIT(SPEC_RECIPIENT), &id, &e), E_SYNTAX);
    assert_status(age_recipient_read(SLICE_LIT("AGE1ZVKYG2"), &r, &e), E_SYNTAX);
    assert_null(strstr(e.msg, "ZVKYG2"));
}

static void key_files_have_comments_and_any_line_end(void **state)
{
    (void)state;
    struct err e;
    struct age_identity ids[3];
    struct age_recipient r[3];
    size_t n;
    assert_ok(
        age_identities_read(SLICE_LIT("# made\r\n\r\n" SPEC_IDENTITY "\r\n#x\n" SPEC_IDENTITY), ids,
                            3, &n, &e),
        &e);
    assert_int_equal(n, 2);
    assert_ok(age_recipients_read(SLICE_LIT("\n" SPEC_RECIPIENT "\n"), r, 3, &n, &e), &e);
    assert_int_equal(n, 1);
    assert_true(age_recipient_eq(&r[0], &ids[1].recipient));
}

static void bad_key_files_are_refused_and_leave_no_secret(void **state)
{
    (void)state;
    struct err e;
    struct age_identity ids[2];
    static const struct age_identity wiped[2];
    size_t n;
    assert_status(age_identities_read(SLICE_LIT("# only\n"), ids, 2, &n, &e), E_MISSING);
    assert_status(
        age_identities_read(SLICE_LIT(SPEC_IDENTITY "\n" SPEC_IDENTITY "\n" SPEC_IDENTITY), ids, 2,
                            &n, &e),
        E_TOO_LONG);
    assert_memory_equal(ids, wiped, sizeof ids);
    assert_status(
        age_identities_read(SLICE_LIT(SPEC_IDENTITY "\n\nAGE-SECRET-KEY-1QQ\n"), ids, 2, &n, &e),
        E_SYNTAX);
    assert_non_null(strstr(e.msg, "line 3"));
    assert_memory_equal(ids, wiped, sizeof ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_gives_rfc4648_examples),
        cmocka_unit_test(base64_takes_every_byte_there_and_back),
        cmocka_unit_test(base64_refuses_what_is_not_canonical),
        cmocka_unit_test(bech32_gives_bip173_and_age_texts),
        cmocka_unit_test(bech32_round_trips_every_length),
        cmocka_unit_test(bech32_tells_what_is_wrong),
        cmocka_unit_test(keys_have_the_texts_of_the_specification),
        cmocka_unit_test(any_changed_character_is_refused),
        cmocka_unit_test(keys_of_other_kinds_are_named),
        cmocka_unit_test(key_files_have_comments_and_any_line_end),
        cmocka_unit_test(bad_key_files_are_refused_and_leave_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
