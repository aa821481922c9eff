/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of varints, multibase and CIDs. */
#include "test.h"

#include "codec/cid.h"
#include "codec/multibase.h"
#include "codec/varint.h"

#define V0 "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"
#define EMPTY_RAW "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"

static void varints_take_only_the_shortest_form(void **state)
{
    (void)state;
    uint64_t v = 0;
    slice rest;
    uint8_t out[VARINT_MAX];
    const uint64_t values[] = {0, 127, 128, 300, INT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        slice in = slice_of(out, varint_write(values[i], out));
        assert_status(varint_read(in, &v, &rest), OK);
        assert_true(v == values[i] && rest.n == 0);
        for (size_t n = 0; n < in.n; n++)
            assert_status(varint_read(slice_first(in, n), &v, &rest), E_TRUNCATED);
    }
    assert_status(varint_read(SLICE_LIT("\x80\x00"), &v, &rest), E_NOT_CANONICAL);
    assert_status(varint_read(SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), &v, &rest),
                  E_RANGE);
}

/* Each line of a vector file is name, "text"; the first gives the content. fold: letters of either
 * case, so that only reading is compared. */
static void run_multibase(const char *path, const char *content, bool fold)
{
    struct buf file;
    struct buf got;
    struct err e;
    size_t n = 0;
    buf_init(&file, 1 << 20);
    buf_init(&got, 1 << 10);
    assert_ok(file_read(path, &file, &e), &e);
    char *save = NULL;
    assert_non_null(buf_cstr(&file));
    (void)strtok_r((char *)file.p, "\n", &save);
    for (char *line; (line = strtok_r(NULL, "\n", &save)) != NULL; n++) {
        char *text = strchr(line, '"') + 1;
        *strrchr(text, '"') = 0;
        buf_clear(&got);
        assert_status(multibase_read(slice_str(text), &got), OK);
        assert_slice(buf_slice(&got), slice_str(content));
        buf_clear(&got);
        assert_status(multibase_put(&got, (uint8_t)text[0], slice_str(content)), OK);
        if (!fold)
            assert_slice(buf_slice(&got), slice_str(text));
    }
    assert_true(n >= 12);
    buf_done(&file);
    buf_done(&got);
}

static void multibase_agrees_with_the_basic_vectors(void **state)
{
    (void)state;
    char path[512];
    fixture_or_skip("vectors/ipfs/multibase/basic.csv", path, sizeof path);
    run_multibase(path, "yes mani !", false);
}

static void multibase_agrees_with_the_case_vectors(void **state)
{
    (void)state;
    char path[512];
    fixture_or_skip("vectors/ipfs/multibase/case_insensitivity.csv", path, sizeof path);
    run_multibase(path, "hello world", true);
}

static void every_base_keeps_every_length(void **state)
{
    (void)state;
    const char *prefixes = "079fFbBcCvVtThkKzZmMuU";
    uint8_t in[40];
    struct buf text;
    struct buf back;
    buf_init(&text, 1 << 12);
    buf_init(&back, 1 << 12);
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = i < 2 ? 0 : (uint8_t)(i * 37);
    for (const char *p = prefixes; *p != 0; p++) {
        for (size_t n = 0; n <= sizeof in; n++) {
            buf_clear(&text);
            buf_clear(&back);
            assert_status(multibase_put(&text, (uint8_t)*p, slice_of(in, n)), OK);
            assert_status(multibase_read(buf_slice(&text), &back), OK);
            assert_slice(buf_slice(&back), slice_of(in, n));
        }
    }
    buf_done(&text);
    buf_done(&back);
}

static void multibase_refuses_what_has_another_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } cases[] = {
        {"", E_TRUNCATED},          {"!abc", E_UNSUPPORTED},
        {"bmf", E_NOT_CANONICAL},   {"baaaa1", E_SYNTAX},
        {"baaa", E_SYNTAX},         {"cpfsxg", E_SYNTAX},
        {"c========", E_SYNTAX},    {"MeQ==", OK},
        {"MeQ=", E_SYNTAX},         {"meQ==", E_SYNTAX},
        {"MeR==", E_NOT_CANONICAL}, {"z0", E_SYNTAX},
        {"f1", E_SYNTAX},           {"01", E_SYNTAX},
        {"M====", E_SYNTAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 100);
        status got = multibase_read(slice_str(cases[i].text), &b);
        if (got != cases[i].want)
            fail_msg("%s: %s", cases[i].text, status_name(got));
        buf_done(&b);
    }
}

static void text_and_binary_agree(void **state)
{
    (void)state;
    const char *texts[] = {V0, EMPTY_RAW, "bafkqabiaaebagba", "bafkqaaa"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cid c;
        struct cid d;
        struct err e;
        uint8_t bin[CID_BIN_MAX];
        char text[CID_TEXT_MAX];
        assert_ok(cid_read_text(slice_str(texts[i]), &c, &e), &e);
        assert_string_equal(cid_text(&c, text), texts[i]);
        slice b = slice_of(bin, cid_write(&c, bin));
        assert_ok(cid_read(b, &d, NULL, &e), &e);
        assert_true(cid_eq(&c, &d));
        for (size_t n = 0; n < b.n; n++)
            assert_status(cid_read(slice_first(b, n), &d, NULL, &e),
                          n == 1 && c.version == 0 ? E_UNSUPPORTED : E_TRUNCATED);
    }
}

static void names_content_and_checks_it(void **state)
{
    (void)state;
    struct cid c;
    struct err e;
    char text[CID_TEXT_MAX];
    assert_status(cid_of_content(CID_RAW, SLICE_EMPTY, &c), OK);
    assert_string_equal(cid_text(&c, text), EMPTY_RAW);
    assert_ok(cid_verify(&c, SLICE_EMPTY, &e), &e);
    assert_status(cid_verify(&c, SLICE_LIT("x"), &e), E_MISMATCH);
    assert_ok(cid_read_text(SLICE_LIT("bafkqabiaaebagba"), &c, &e), &e);
    assert_ok(cid_verify(&c, SLICE_LIT("\x00\x01\x02\x03\x04"), &e), &e);
    assert_status(cid_verify(&c, SLICE_LIT("\x00\x01\x02\x03\x05"), &e), E_MISMATCH);
}

static void other_bases_name_the_same_cid(void **state)
{
    (void)state;
    struct cid a;
    struct cid b;
    struct err e;
    struct buf t;
    uint8_t bin[CID_BIN_MAX];
    buf_init(&t, 1000);
    assert_ok(cid_read_text(SLICE_LIT(EMPTY_RAW), &a, &e), &e);
    slice bytes = slice_of(bin, cid_write(&a, bin));
    for (const char *p = "fBkzu"; *p != 0; p++) {
        buf_clear(&t);
        assert_status(multibase_put(&t, (uint8_t)*p, bytes), OK);
        assert_ok(cid_read_text(buf_slice(&t), &b, &e), &e);
        assert_true(cid_eq(&a, &b));
    }
    buf_done(&t);
}

static void refuses_malformed_cids(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        status want;
    } cases[] = {
        {"00700000", E_UNSUPPORTED},     {"02550000", E_UNSUPPORTED},
        {"01d5000000", E_NOT_CANONICAL}, {"0155130400112233", E_UNSUPPORTED},
        {"01551200", E_RANGE},           {"0155000100ff", E_TRAILING},
        {"0155008101", E_RANGE},         {"01ffffffffffffffffff010000", E_RANGE},
        {"015500", E_TRUNCATED},         {"1220aa", E_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        struct cid c;
        struct err e;
        buf_init(&b, 100);
        assert_status(hex_read_buf(slice_str(cases[i].hex), &b), OK);
        status got = cid_read(buf_slice(&b), &c, NULL, &e);
        if (got != cases[i].want)
            fail_msg("%s: %s", cases[i].hex, status_name(got));
        buf_done(&b);
    }
}

static void refuses_malformed_texts(void **state)
{
    (void)state;
    struct cid c;
    struct err e;
    char v0_in_base[] = "z" V0;
    const char *texts[] = {
        "",         "Qm",           "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR10",
        v0_in_base, EMPTY_RAW "/x", "/ipfs/" EMPTY_RAW,
        "hello"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_not_equal(cid_read_text(slice_str(texts[i]), &c, &e), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_take_only_the_shortest_form),
        cmocka_unit_test(multibase_agrees_with_the_basic_vectors),
        cmocka_unit_test(multibase_agrees_with_the_case_vectors),
        cmocka_unit_test(every_base_keeps_every_length),
        cmocka_unit_test(multibase_refuses_what_has_another_spelling),
        cmocka_unit_test(text_and_binary_agree),
        cmocka_unit_test(names_content_and_checks_it),
        cmocka_unit_test(other_bases_name_the_same_cid),
        cmocka_unit_test(refuses_malformed_cids),
        cmocka_unit_test(refuses_malformed_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
